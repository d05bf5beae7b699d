"""The parts of the tests: each installs what it needs, runs, and counts."""
import collections
import dataclasses
import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys

import machine
from console import Stop, say

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VENV = os.path.join(TOP, ".build-venv")
TEST_PACKAGES = [("python3-venv", "keeps the tests' Python packages apart from the system's")]
SWIFT_TEST_PACKAGES = [("openssl", "makes the certificates of the tests' servers")]
CHOST_PACKAGES = [
    ("valgrind", "sees what C programs read, write or leak that they must not"),
    ("abigail-tools", "compares the C interface with the last release"),
]
BENCH_PACKAGES = [("valgrind", "counts instructions"), ("wrk", "puts nginx under load")]
BROWSER_PACKAGES = [("chromium", "the browser that goes through the page")]


@dataclasses.dataclass
class Tally:
    passed: int = 0
    failed: int = 0

    def __iadd__(self, other):
        self.passed += other.passed
        self.failed += other.failed
        return self


def swift(words):
    machine.install_packages(machine.PACKAGES + SWIFT_TEST_PACKAGES)
    filters = [word for name in words for word in ("--filter", name)]
    tally, last = Tally(), collections.deque(maxlen=40)
    begun = finished = False

    def read(line):
        nonlocal begun, finished
        last.append(line)
        begun = begun or line.endswith(" Test run started.")
        # One line for each test, one for the run; the cases of a parametrised test are part of it.
        if re.match(r"\S+ Test (?!run |case )\S.* passed after ", line):
            tally.passed += 1
        if re.match(r"\S+ Test (?!run |case )\S.* failed after ", line):
            tally.failed += 1
        ends = re.match(r"\S+ Test run with \d+ tests?.* (passed|failed) after ", line) is not None
        finished = finished or ends
        return ends or not begun or line.startswith(("\u2718", "\u21b3"))       # crosses, and what belongs to them

    status = _stream(["swift", "test", *filters], read)
    if not finished or (status != 0 and tally.failed == 0):
        say("\n".join(last))
        say(f"'swift test' ended with status {status}" + ("." if finished else " before its tests did."))
        tally.failed += 1
    return tally


def vectors(words):
    machine.install_packages(machine.PACKAGES)
    files = [os.path.abspath(word) for word in words]
    files = files or sorted(glob.glob(os.path.join(TOP, "Tests", "Vectors", "*.jsonl")))
    return _swift_program("VectorRunner", files)


def simulation(words):
    machine.install_packages(machine.PACKAGES)
    return _swift_program("Simulation", words or ["--seeds", "2000", "--from", "1"])


def chost(words):
    return _pytest("CHost", [], words, machine.PACKAGES + CHOST_PACKAGES)


def abi(words):
    """The C interface against the last release; `--write`: what this one promises from now on."""
    if words == ["--write"]:
        machine.install_packages(machine.PACKAGES + CHOST_PACKAGES)
        say(subprocess.run([sys.executable, "abi.py"], cwd=os.path.join(TOP, "Tests", "CHost"), check=True,
                           capture_output=True, text=True).stdout.rstrip() + " is written: commit it with the release")
        return Tally(passed=1)
    return chost(["test_abi.py", *words])


SANITIZED = {
    # All promises in one process: the sanitizer for threads has a thread of its own from the first one on.
    "address": ["test_sanitizers.py", "test_threads.py", "test_host.py", "test_interface.py::test_they_hold_with_another_compiler"],
    "thread": ["test_sanitizers.py", "test_threads.py", "test_interface.py::test_they_hold_with_another_compiler"],
}


def sanitizers(words):
    """Library and C programs built for each sanitizer; undefined behaviour is looked for with addresses."""
    machine.install_packages(machine.PACKAGES)
    tally = Tally()
    for name in dict.fromkeys(word.replace("undefined", "address") for word in words or SANITIZED):
        if name not in SANITIZED:
            raise Stop(2, f"no such sanitizer: {name}")
        folder = os.path.join(TOP, f".build-{name}")
        command = ["swift", "build", "--sanitize", name, "--build-path", folder, "--product", "cloakroom"]
        if _stream(command, lambda line: "error:" in line or "warning:" in line or "complete" in line) != 0:
            return Tally(failed=1)
        built = os.path.join(folder, "debug", "libcloakroom.so")
        shutil.copyfile(built, built + ".0")
        tally += _run_pytest("CHost", [*SANITIZED[name], "-k", "not one_cc_line and not clang"], {"CLOAKROOM_SANITIZER": name})
    return tally


def nginx(words):
    return _pytest("Nginx", ["-m", "not browser and not reloads"], words,
                   machine.PACKAGES + machine.PROVIDER_PACKAGES)


def reloads(words):
    return _pytest("Nginx", ["-m", "reloads", "--capture=no"], words, machine.PACKAGES)


def bench(words):
    machine.install_packages(machine.PACKAGES + machine.PROVIDER_PACKAGES + BENCH_PACKAGES)
    machine.build()
    return _counting([make_python(), os.path.join(TOP, "Tests", "Benchmarks"), *words])


def browser(words):
    return _pytest("Nginx", ["-m", "browser"], words, machine.PACKAGES + machine.PROVIDER_PACKAGES + BROWSER_PACKAGES)


PARTS = {"swift": swift, "vectors": vectors, "simulation": simulation, "chost": chost, "abi": abi,
         "sanitizers": sanitizers, "nginx": nginx, "browser": browser, "reloads": reloads, "bench": bench}


def _pytest(folder, marks, words, packages):
    machine.install_packages(packages)
    machine.build()
    return _run_pytest(folder, [*marks, *words])


def _run_pytest(folder, words, environment=None):
    tally = Tally()

    def read(line):
        # "3 failed, 40 passed, 2 errors in 61.20s"
        if re.search(r"\b(passed|failed|errors?|no tests ran)\b.* in [\d.]+s", line):
            for number, word in re.findall(r"(\d+) (passed|failed|errors?)\b", line):
                if word == "passed":
                    tally.passed += int(number)
                else:
                    tally.failed += int(number)

    command = [make_python(), "-m", "pytest", "--color=no", *words]
    status = _stream(command, read, os.path.join(TOP, "Tests", folder), environment)
    if status != 0 and tally.failed == 0 and tally.passed > 0:
        tally.failed = 1
    return tally


def _swift_program(name, words):
    """A program of the package, built for release: what is tested is what ships."""
    if _stream(["swift", "build", "-c", "release", "--product", name]) != 0:
        return Tally(failed=1)
    return _counting([os.path.join(TOP, ".build", "release", name), *words])


def _counting(command):
    """Runs what closes with 'N passed, N failed'."""
    tally, told = Tally(), False

    def read(line):
        nonlocal told
        found = re.fullmatch(r"(\d+) passed, (\d+) failed\s*", line)
        if found:
            tally.passed, tally.failed, told = int(found[1]), int(found[2]), True

    status = _stream(command, read)
    if not told or (status != 0 and tally.failed == 0):
        say(f"{os.path.basename(command[0])} ended with status {status}" + ("" if told else " and without a count."))
        tally.failed += 1
    return tally


def _stream(command, read=None, folder=TOP, environment=None):
    """Shows what the command prints as it comes, but for lines that `read` answers with False."""
    try:
        child = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                 errors="replace", env={**os.environ, **(environment or {})})
    except OSError as error:
        say(f"{command[0]}: {error.strerror}")
        return 127
    with child:
        for line in child.stdout:
            if read is None or read(line.rstrip("\n")) is not False:
                sys.stdout.write(line)
                sys.stdout.flush()
    return child.returncode


def make_python():
    """The interpreter of the tests' own environment, made and filled where it is missing or stale."""
    with open(os.path.join(TOP, "Tests", "requirements.txt"), "rb") as file:
        wanted = hashlib.sha256(file.read()).hexdigest()
    mark = os.path.join(VENV, "filled")
    interpreter = os.path.join(VENV, "bin", "python")
    if os.path.exists(mark):
        with open(mark) as file:
            if file.read() == wanted:
                return interpreter
    if subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True).returncode != 0:
        machine.install_packages(TEST_PACKAGES)
    say("Filling .build-venv with the packages of Tests/requirements.txt")
    subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
    subprocess.run([interpreter, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r",
                    os.path.join(TOP, "Tests", "requirements.txt")], check=True)
    with open(mark, "w") as file:
        file.write(wanted)
    return interpreter
