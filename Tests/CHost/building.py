"""How C programs are compiled against the library: one line, with pkg-config.

With CLOAKROOM_SANITIZER, `address` or `thread`, against the library that `Tests/run sanitizers` has built, and by the
compiler that belongs to it.
"""
import os
import re
import shlex
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
RELEASE = os.path.join(TOP, ".build", "release")
LIBRARY = os.path.join(RELEASE, "libcloakroom.so.0")
HEADER = os.path.join(TOP, "Include", "cloakroom.h")
INTERFACE = ["interface.c", "contract.c", "slices.c", "life.c", "requests.c"]
with open(os.path.join(HERE, INTERFACE[0])) as source:
    PROMISES = re.findall(r'^    \{ "(\w+)",', source.read(), re.MULTILINE)
COMPILERS = ["gcc", "clang"]
ENVIRONMENT = {**os.environ, "PKG_CONFIG_PATH": RELEASE}
STRICT = "-std=c99 -Wall -Wextra -Werror -pedantic"

SANITIZER = os.environ.get("CLOAKROOM_SANITIZER")
SANITIZED = os.path.join(TOP, f".build-{SANITIZER}", "debug")
# A C compiler has both at once; the library's own part of undefined behaviour is what Swift traps on.
CHECKS = {"address": "-fsanitize=address,undefined -fno-sanitize-recover=undefined", "thread": "-fsanitize=thread"}
REPORTS = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1", "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": f"suppressions={HERE}/thread.supp:halt_on_error=0:second_deadlock_stack=1",
}
if SANITIZER:
    os.environ.update(REPORTS)
    ENVIRONMENT.update(REPORTS)


def compile_c(compiler, source, output, more=""):
    """- source: a file of this folder"""
    libraries = "$(pkg-config --cflags --libs cloakroom)"
    if SANITIZER:
        compiler, libraries = _sanitizing()
    run_line(f"{compiler} {STRICT} {more} {shlex.quote(source)} {libraries} -o {shlex.quote(str(output))}", HERE)
    return str(output)


def _sanitizing():
    toolchain = os.path.dirname(os.path.realpath(shutil.which("swift")))
    swift = os.path.join(os.path.dirname(toolchain), "lib", "swift", "linux")
    # The sanitizer for threads knows libdispatch, and wants it.
    dispatch = f"-L{swift} -Wl,-rpath,{swift} -ldispatch -lBlocksRuntime" if SANITIZER == "thread" else ""
    return (f"{toolchain}/clang -g -fuse-ld=lld {CHECKS[SANITIZER]} -fno-omit-frame-pointer -DLONG_SLICE=1048576",
            f"-I{os.path.dirname(HEADER)} -L{SANITIZED} -Wl,-rpath,{SANITIZED} -lcloakroom -pthread {dispatch}")


def run_line(line, folder):
    """A line of shell; returns what it printed."""
    done = subprocess.run(["sh", "-c", line], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout


def run(command):
    """Lines that a program of ours prints; it must end well."""
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"status {done.returncode}\n{done.stdout}{done.stderr[-8000:]}"
    return done.stdout.splitlines()
