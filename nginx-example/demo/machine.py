"""What the demo needs of the machine: Debian 12, root, a Swift toolchain, some packages."""
import contextlib
import os
import re
import shutil
import socket
import subprocess

from console import Stop, say

NOT_DEBIAN, NOT_ROOT, NO_SWIFT, OLD_SWIFT, NO_PACKAGES, NO_BUILD, PORT_TAKEN, NO_PROVIDER, NO_NGINX = range(10, 19)

os.environ["PATH"] += ":/usr/sbin:/sbin"          # a shell of su has them not

SWIFT_WANTED = (6, 2)
SWIFT_ADVICE = "https://www.swift.org/install/linux/ has it for Debian 12 (with swiftly, or as an archive)."

TOOLCHAIN_PACKAGES = [
    ("libncurses6", "loaded by the programs of the Swift toolchain"),
    ("libsqlite3-0", "loaded by them too"),
    ("libcurl4", "loaded by them too"),
    ("libxml2", "loaded by them too"),
]
PACKAGES = TOOLCHAIN_PACKAGES + [
    ("build-essential", "the C compiler that builds the nginx module"),
    ("pkg-config", "tells the build where libraries lie"),
    ("libssl-dev", "all cryptography: OpenSSL 3"),
    ("libjansson-dev", "JSON"),
    ("libsqlite3-dev", "the session store"),
    ("libcurl4-openssl-dev", "requests to the provider"),
    ("ca-certificates", "which certificates of providers to trust"),
    ("patchelf", "gives the built library its final form"),
    ("nginx", "the host that loads the library"),
    ("nginx-dev", "headers and flags of Debian's nginx, to build a module for it"),
]
PROVIDER_PACKAGES = [
    ("glewlwyd", "the identity provider"),
    ("dbconfig-sqlite3", "glewlwyd's setup wants it"),
    ("openssl", "makes the provider's keys"),
]
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
POLICY = "/usr/sbin/policy-rc.d"


def check_system():
    release = {}
    with contextlib.suppress(OSError), open("/etc/os-release") as file:
        release = dict(line.rstrip().replace('"', "").split("=", 1) for line in file if "=" in line)
    if (release.get("ID"), release.get("VERSION_ID")) != ("debian", "12"):
        name = release.get("PRETTY_NAME", "an unknown system")
        raise Stop(NOT_DEBIAN, f"This is for Debian 12, and the system here is {name}.")
    if os.geteuid() != 0:
        raise Stop(NOT_ROOT, "This installs Debian packages: run it as root, for example with sudo.")


def check_swift():
    wanted = ".".join(map(str, SWIFT_WANTED))
    swift = shutil.which("swift")
    if swift is None:
        raise Stop(NO_SWIFT, f"There is no 'swift' on PATH; the library needs Swift {wanted} or later.\n{SWIFT_ADVICE}")
    told = _swift_version(swift)
    if "error while loading shared libraries" in told:
        # An archive unpacked on a bare machine: what it loads are Debian packages.
        install_packages(TOOLCHAIN_PACKAGES)
        told = _swift_version(swift)
    found = re.search(r"Swift version (\d+)\.(\d+)[.\d]*", told)
    if not found:
        raise Stop(NO_SWIFT, f"'swift --version' does not name a version; the library needs {wanted} or later.\n"
                             f"{SWIFT_ADVICE}\nWhat it says is: {told.strip()[-1000:] or 'nothing'}")
    if (int(found[1]), int(found[2])) < SWIFT_WANTED:
        raise Stop(OLD_SWIFT, f"This is {found[0]}; the library needs Swift {wanted} or later.\n{SWIFT_ADVICE}")
    return found[0]


def _swift_version(swift):
    try:
        told = subprocess.run([swift, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except OSError as error:
        return str(error)
    return told.stdout + told.stderr


def install_packages(wanted):
    missing = [(name, why) for name, why in wanted if not _is_installed(name)]
    if not missing:
        return
    say("Installing Debian packages:")
    for name, why in missing:
        say(f"  {name:22} {why}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0"]
    with _no_services():
        for command in (["apt-get", "update", "-qq"], install + [name for name, _ in missing]):
            done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
            if done.returncode != 0:
                raise Stop(NO_PACKAGES, f"'{' '.join(command)}' failed:\n{(done.stderr or done.stdout)[-2000:]}")
    if os.path.isdir("/run/systemd/system"):
        say("  (nginx and glewlwyd would start as services at the next boot; the demo does not need that:\n"
            "   systemctl disable nginx glewlwyd)")


def _is_installed(name):
    told = subprocess.run(["dpkg-query", "-W", "-f=${db:Status-Status}", name], capture_output=True, text=True)
    return told.stdout == "installed"


@contextlib.contextmanager
def _no_services():
    """Keeps packages from starting their services: the demo starts its own and nothing else.

    - Source: Debian's invoke-rc.d(8); 101 means "not allowed".
    """
    if os.path.lexists(POLICY):
        yield
        return
    with open(os.open(POLICY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o755), "w") as file:
        file.write("#!/bin/sh\nexit 101\n")
    try:
        yield
    finally:
        os.unlink(POLICY)


def build():
    """Builds the library and the nginx module; what they print is shown as it comes."""
    for command in (["build"], ["build-module", ".build/nginx", ".build/release"]):
        done = subprocess.run([os.path.join(TOP, "nginx-example", command[0]), *command[1:]], cwd=TOP)
        if done.returncode != 0:
            raise Stop(NO_BUILD, f"nginx-example/{command[0]} failed; what it said stands above.")


def check_ports(ports):
    """`ports`: what each is for, and its number."""
    seen = {}
    for purpose, port in ports.items():
        if port in seen:
            raise Stop(PORT_TAKEN, f"Port {port} is meant for {seen[port]} and for {purpose}.")
        seen[port] = purpose
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise Stop(PORT_TAKEN, f"Port {port}, for {purpose}, cannot be had: {error.strerror}. "
                                       "Another program has it; --help names the options for other ports.") from None


def installed_file(path, package, folder):
    """`path`, or a copy of it out of the package: images that are kept small drop /usr/share/doc."""
    if os.path.exists(path):
        return path
    copy = os.path.join(folder, os.path.basename(path))
    if os.path.exists(copy):
        return copy
    say(f"Fetching {package} once more: this machine keeps no documentation, and {path} lies there.")
    fetched = os.path.join(folder, "package")
    shutil.rmtree(fetched, ignore_errors=True)
    os.makedirs(fetched)
    shutil.chown(fetched, "_apt")
    command = f"apt-get download -qq {package} && dpkg-deb --extract ./*.deb tree"
    done = subprocess.run(["sh", "-c", command], cwd=fetched, capture_output=True, text=True)
    if done.returncode != 0 or not os.path.exists(fetched + "/tree" + path):
        raise Stop(NO_PACKAGES, f"{path} could not be had from the package {package}:\n{done.stderr[-2000:]}")
    shutil.copyfile(fetched + "/tree" + path, copy)
    shutil.rmtree(fetched)
    return copy
