"""nginx-example/run on a machine that it cannot use: a clear sentence, and a status of its own."""
import os
import shutil
import socket
import subprocess
import sys
import tempfile

import pytest

DEMO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "nginx-example")
TOOLS = ["bash", "dirname", "id", "mount", "unshare"]


@pytest.fixture
def machine():
    """A copy of the demo that any account may read, and a PATH with no Swift on it."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        for name in ("demo", "provider", "run"):
            path = os.path.join(DEMO, name)
            (shutil.copytree if os.path.isdir(path) else shutil.copy)(path, os.path.join(folder, name))
        os.mkdir(os.path.join(folder, "bin"))
        for name in TOOLS:
            os.symlink(shutil.which(name), os.path.join(folder, "bin", name))
        os.symlink(shutil.which("python3", path="/usr/bin") or sys.executable, os.path.join(folder, "bin", "python3"))
        yield folder


def run(machine, *words, account=None):
    return subprocess.run(
        [*words, os.path.join(machine, "run"), "--check"], env={"PATH": os.path.join(machine, "bin")}, timeout=60,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, user=account, group=account and "nogroup",
        extra_groups=[] if account else None)


def swift(machine, script):
    path = os.path.join(machine, "bin", "swift")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o755), "w") as file:
        file.write("#!/bin/sh\n" + script)


@pytest.mark.parametrize("release, name", [
    ('ID=ubuntu\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04"\n', "Ubuntu 24.04"),
    ('ID=debian\nVERSION_ID="13"\nPRETTY_NAME="Debian 13"\n', "Debian 13"),
])
@pytest.mark.parametrize("python", [True, False])
def test_another_system_is_named(machine, release, name, python):
    path = os.path.join(machine, "os-release")
    with open(path, "w") as file:
        file.write(release)
    if not python:
        os.unlink(os.path.join(machine, "bin", "python3"))
    done = run(machine, "unshare", "--mount", "--propagation", "private", "bash", "-c",
               f'mount --bind {path} {os.path.realpath("/etc/os-release")} && exec "$@"', "bash")
    assert (done.returncode, done.stdout) == (10, "")
    assert "for Debian 12" in done.stderr and (name in done.stderr or not python)


@pytest.mark.parametrize("python", [True, False])
def test_another_account_than_root_is_told_so(machine, python):
    if not python:
        os.unlink(os.path.join(machine, "bin", "python3"))
    done = run(machine, account="nobody")
    assert (done.returncode, done.stdout) == (11, "")
    assert "as root" in done.stderr


@pytest.mark.parametrize("script, status, sentence", [
    (None, 12, "There is no 'swift' on PATH"),
    ("echo no licence >&2; exit 3", 12, "What it says is: no licence"),
    ("echo 'Swift version 5.10.1 (swift-5.10.1-RELEASE)'", 13, "This is Swift version 5.10.1"),
    ("echo 'Swift version 6.1.3 (swift-6.1.3-RELEASE)'", 13, "This is Swift version 6.1.3"),
])
def test_a_swift_that_is_missing_broken_or_too_old_is_refused(machine, script, status, sentence):
    if script:
        swift(machine, script)
    done = run(machine)
    assert (done.returncode, done.stdout) == (status, "")
    assert sentence in done.stderr and "6.2 or later" in done.stderr
    assert "https://www.swift.org/install/linux/" in done.stderr


def test_a_taken_port_is_found_before_anything_starts(machine):
    swift(machine, "echo 'Swift version 6.2 (swift-6.2-RELEASE)'")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        done = subprocess.run(
            [os.path.join(machine, "run"), "--check", "--port", port], env={"PATH": os.path.join(machine, "bin")},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (16, "")
    assert f"Port {port}, for the page, cannot be had" in done.stderr
