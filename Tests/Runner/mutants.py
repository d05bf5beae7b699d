"""Breaks one promise at a time, in a copy of the tree, and sees that a test notices.

What to break stands in Tests/Mutants, one table a mutant:

    [name]
    promise = "IDT-08 What no longer holds, with the requirement where there is one"
    file = "Sources/…"
    find = "what stands there once; white space counts as one space"
    replace = "what stands there instead"
    test = "swift REGEX…", of tests as 'swift test list' names them
        or "simulation OPTION…", or "nginx PYTEST OPTION…"
"""
import contextlib
import dataclasses
import fcntl
import glob
import os
import re
import shlex
import shutil
import signal
import subprocess
import time
import tomllib

import machine
from console import Stop, paint, say
from parts import TEST_PACKAGES, TOP, Tally, make_python

COPY = os.path.join(TOP, ".build-mutants")
FOLDER = os.path.join(TOP, "Tests", "Mutants")
BUILT = os.path.join(COPY, ".build", "debug")
LONGEST_BUILD, LONGEST_TEST = 3600, 600
PARTS = ("swift", "simulation", "nginx")


@dataclasses.dataclass
class Mutant:
    name: str
    area: str
    promise: str
    file: str
    find: str
    replace: str
    test: str

    @property
    def path(self):
        return os.path.join(COPY, self.file)

    @property
    def part(self):
        return self.test.partition(" ")[0]

    @property
    def words(self):
        return shlex.split(self.test)[1:]

    def broken(self, text):
        """The text with the promise broken; a complaint where the mutant does not apply."""
        pattern = r"\s+".join(re.escape(word) for word in self.find.split())
        found = list(re.finditer(pattern, text))
        if len(found) != 1:
            raise Stop(1, f"what it looks for stands {len(found)} times in {self.file}")
        begin, end = found[0].span()
        return text[:begin] + self.replace.strip() + text[end:]


def mutants(words):
    """`--check`, or names of mutants or of files in Tests/Mutants; all without any."""
    everything = _read()
    wanted = [word for word in words if word != "--check"]
    chosen = [mutant for mutant in everything if not wanted or {mutant.name, mutant.area} & set(wanted)]
    unknown = set(wanted) - {name for mutant in everything for name in (mutant.name, mutant.area)}
    if unknown:
        raise Stop(2, f"no such mutant: {', '.join(sorted(unknown))}")
    if "--check" in words:
        return _check(chosen)
    if _check(chosen).failed:
        return Tally(failed=1)
    return _hunt(chosen)


def _read():
    found = []
    for path in sorted(glob.glob(os.path.join(FOLDER, "*.toml"))):
        area = os.path.basename(path).removesuffix(".toml")
        try:
            with open(path, "rb") as file:
                found += [Mutant(name=name, area=area, **members) for name, members in tomllib.load(file).items()]
        except (tomllib.TOMLDecodeError, TypeError) as error:
            raise Stop(2, f"{os.path.relpath(path, TOP)}: {error}") from None
    return found


def _check(chosen):
    """Every mutant still applies: what it breaks stands where it did, once."""
    tally = Tally()
    for mutant in chosen:
        try:
            if mutant.part not in PARTS or not mutant.words:
                raise Stop(1, f"its test is none: {mutant.test}")
            if not mutant.promise.strip():
                raise Stop(1, "it names no promise")
            with open(os.path.join(TOP, mutant.file)) as file:
                text = file.read()
            if mutant.broken(text) == text:
                raise Stop(1, "it changes nothing")
            tally.passed += 1
        except (Stop, OSError) as problem:
            say(f"{mutant.area}/{mutant.name}: {problem}")
            tally.failed += 1
    names = [mutant.name for mutant in chosen]
    for name in sorted({name for name in names if names.count(name) > 1}):
        say(f"{name}: two mutants have this name")
        tally.failed += 1
    say(f"{tally.passed} of {len(chosen)} mutants apply")
    return tally


def _hunt(chosen):
    machine.install_packages(machine.PACKAGES)
    os.makedirs(COPY, exist_ok=True)
    with open(os.path.join(COPY, ".build-lock"), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Stop(1, "Mutants are being tried in .build-mutants already") from None
        return _hunt_alone(chosen)


def _hunt_alone(chosen):
    _copy_tree()
    useless = _see_tests_pass(chosen)
    tally, survivors = Tally(), []
    begun = time.monotonic()
    for number, mutant in enumerate(chosen, 1):
        start = time.monotonic()
        verdict = Verdict(text="not tried: its test fails anyway") if mutant.test in useless else _try(mutant)
        took, spent = time.monotonic() - start, time.monotonic() - begun
        left = spent / number * (len(chosen) - number)
        if verdict.killer:
            tally.passed += 1
            text = f"killed by {verdict.killer}"
        else:
            tally.failed += 1
            survivors.append((mutant, verdict.text))
            text = paint(verdict.text.upper(), "bad")
        say(f"[{number}/{len(chosen)}] {mutant.area}/{mutant.name}: {text} "
            f"({took:.0f} s; {left / 60:.0f} min left)")
    for mutant, text in survivors:
        say(f"\n{mutant.area}/{mutant.name} {text}\n"
            f"  promise: {mutant.promise}\n  broken in: {mutant.file}\n  should have failed: {mutant.test}")
    return tally


@dataclasses.dataclass
class Verdict:
    killer: str = ""
    text: str = "survived"


def _try(mutant):
    with open(mutant.path) as file:
        whole = file.read()
    try:
        with open(mutant.path, "w") as file:
            file.write(mutant.broken(whole))
        built = _build({mutant.part})
        if built.status != 0:
            say(_last_lines(built.output))
            return Verdict(text="does not compile")
        done = _test(mutant.part, [mutant])
        return Verdict(_killer(done)) if done.status != 0 else Verdict()
    finally:
        with open(mutant.path, "w") as file:
            file.write(whole)


def _killer(done):
    """The first test that failed, or how the run ended."""
    name = r'("(?:[^"\\]|\\.)*"|\w+\(\))'
    failed = re.search(rf"^\S+ Test {name}(?: with \d+ test cases?)? failed after ", done.output, re.M)
    failed = failed or re.search(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", done.output, re.M)
    failed = failed or re.search(r"^world \d+ fails:\n  (.*)$", done.output, re.M)
    if failed:
        return failed[1]
    if done.status == TIMED_OUT:
        return "not ending"
    if done.status < 0 or "Fatal error" in done.output or "signal code" in done.output:
        return "a crash"
    return next((line for line in reversed(done.output.splitlines()) if line.strip()), "its status")


# The copy


def _copy_tree():
    """Makes the copy what the tree is, touching only what differs: the rest need not be built again."""
    wanted = {}
    for folder, names, files in os.walk(TOP):
        names[:] = [name for name in names if not _is_left_out(name)]
        for name in files:
            path = os.path.join(folder, name)
            wanted[os.path.relpath(path, TOP)] = path
    for folder, names, files in os.walk(COPY):
        names[:] = [name for name in names if not _is_left_out(name)]
        for name in files:
            path = os.path.join(folder, name)
            if os.path.relpath(path, COPY) not in wanted:
                os.unlink(path)
    for name, path in wanted.items():
        target = os.path.join(COPY, name)
        with open(path, "rb") as file:
            content = file.read()
        if name == "Package.swift":
            # A variable that nobody reads any more is no reason not to run the tests.
            content = content.replace(b".treatAllWarnings(as: .error),", b"")
        with contextlib.suppress(FileNotFoundError), open(target, "rb") as file:
            if file.read() == content:
                continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(content)
        shutil.copymode(path, target)


def _is_left_out(name):
    return name in (".git", ".run", "__pycache__", "Package.resolved") or name.startswith(".build")


# Building and testing


def _see_tests_pass(chosen):
    """Each test that must fail later passes now: else its failing would say nothing.

    Answers with the tests of which that is not true."""
    parts = {mutant.part for mutant in chosen}
    say("Building the tests in .build-mutants")
    built = _build(parts)
    if built.status != 0:
        raise Stop(1, "The unbroken tree does not build:\n" + _last_lines(built.output))
    if "swift" in parts:
        listed = _run(["swift", "test", "list", "--skip-build"], LONGEST_TEST).output
        for word in {word for mutant in chosen if mutant.part == "swift" for word in mutant.words}:
            if not re.search(word, listed):
                raise Stop(1, f"'swift test list' has nothing like {word}")
    useless = set()
    for part in PARTS:
        of_part = list({mutant.test: mutant for mutant in chosen if mutant.part == part}.values())
        for batch in ([of_part] if part == "swift" and of_part else [[mutant] for mutant in of_part]):
            say("Unbroken: " + (batch[0].test if len(batch) == 1 else f"{len(batch)} sets of tests in Swift"))
            done = _test(part, batch)
            if done.status != 0:
                done = _test(part, batch)
            if done.status != 0:
                say(_last_lines(done.output))
                useless |= {mutant.test for mutant in batch}
    return useless


def _build(parts):
    commands = []
    if "swift" in parts:
        commands.append(["swift", "build", "--product", "CloakroomPackageTests"])
    if "simulation" in parts:
        commands.append(["swift", "build", "--product", "Simulation"])
    if "nginx" in parts:
        library = os.path.join(BUILT, "libcloakroom.so")
        commands += [["swift", "build", "--product", "cloakroom"], ["cp", library, library + ".0"],
                     ["nginx-example/build-module", ".build/nginx", BUILT]]
    for command in commands:
        done = _run(command, LONGEST_BUILD)
        if done.status != 0:
            break
    return done


def _test(part, of_part):
    if part == "swift":
        words = sorted({word for mutant in of_part for word in mutant.words})
        filters = [option for word in words for option in ("--filter", word)]
        return _run(["swift", "test", "--skip-build", *filters], LONGEST_TEST)
    mutant, = of_part
    if part == "simulation":
        return _run([os.path.join(BUILT, "Simulation"), *mutant.words], LONGEST_TEST)
    machine.install_packages(machine.PROVIDER_PACKAGES + TEST_PACKAGES)
    command = [make_python(), "-m", "pytest", "--color=no", "-x", "-q", *mutant.words]
    return _run(command, LONGEST_TEST, os.path.join(COPY, "Tests", "Nginx"))


@dataclasses.dataclass
class Done:
    status: int
    output: str


TIMED_OUT = 124


def _run(command, seconds, folder=COPY):
    """In a group of its own, so that nothing is left of what takes too long."""
    child = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True)
    try:
        output, _ = child.communicate(timeout=seconds)
        return Done(child.returncode, output)
    except BaseException as problem:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        output, _ = child.communicate()
        if isinstance(problem, subprocess.TimeoutExpired):
            return Done(TIMED_OUT, output)
        raise


def _last_lines(output):
    return "\n".join(output.splitlines()[-30:])
