"""Runs the parsers under libFuzzer: Tests/Fuzz has what they promise, and what they begin with.

The package is built once more in .build-fuzz, with libFuzzer's instrumentation, which is part of the Swift
toolchain.  What a run learns stays there (.build-fuzz/work/TARGET/corpus) and the next goes on from it.
"""
import argparse
import concurrent.futures
import json
import os
import re
import shlex
import shutil
import subprocess
import time

import machine
from console import Stop, paint, say
from parts import TOP, Tally

BUILD = os.path.join(TOP, ".build-fuzz")
KEPT = os.path.join(TOP, "Tests", "Fuzz", "Corpus")
HOST = os.path.join(TOP, "Tests", "Fuzz", "Host", "request_start.c")
# The C interface has a program of its own: a C host of the library as it ships.
HOST_TARGET = ("c-interface", 8 << 10, "cloakroom_request_start with slices that end where memory does")
PROGRESS = 30
HELP = """\
examples:
  Tests/run fuzz --minutes 30             all targets, half an hour in all
  Tests/run fuzz --minutes 10 json url    two of them
  Tests/run fuzz --list                   what there is
  Tests/run fuzz --replay url FILE        one input again, in a plain build: with Swift's own message
  Tests/run fuzz --keep json              writes what was learned to Tests/Fuzz/Corpus, as little as will do
"""


def fuzz(words):
    options = _options(words)
    machine.install_packages(machine.PACKAGES)
    if options.list:
        return _list()
    if options.replay:
        return _replay(options)
    runs = _Runs(options)
    return runs.keep() if options.keep else runs.run()


def _options(words):
    parser = argparse.ArgumentParser(
        prog="Tests/run fuzz", description=__doc__, epilog=HELP, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="all without any")
    parser.add_argument("--minutes", type=float, default=5, metavar="N", help="for all targets together (5)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="how many at a time")
    parser.add_argument("--sanitize", action="store_true", help="with the address sanitizer too, in .build-fuzz-asan")
    parser.add_argument("--list", action="store_true", help="the targets, and what they read")
    parser.add_argument("--replay", action="store_true", help="TARGET FILE…: runs these inputs once")
    parser.add_argument("--keep", action="store_true", help="writes what was learned to the repository's corpus")
    return parser.parse_args(words)


class _Builds:
    """The program of the Swift targets, and that of the C interface."""

    def __init__(self, folder, sanitizes):
        self.folder = folder
        self.sanitizes = sanitizes

    @property
    def program(self):
        return os.path.join(self.folder, "release", "Fuzz")

    @property
    def host(self):
        return os.path.join(self.folder, "request_start")

    def make(self, wants_swift, wants_host):
        begun = time.monotonic()
        say(f"Building in {os.path.basename(self.folder)}")
        if wants_swift:
            self._swift("Fuzz", ["-Xlinker", self._runtime(), "-Xlinker", "-lstdc++"])
        if wants_host:
            self._swift("cloakroom", [])
            self._host()
        say(f"Built in {time.monotonic() - begun:.0f} s")

    def _swift(self, product, more):
        # To the compiler alone: the driver would link libFuzzer's own `main`.
        kinds = "address,fuzzer" if self.sanitizes else "fuzzer"
        flags = ["-Xfrontend", f"-sanitize={kinds}", "-DFUZZING"]
        if self.sanitizes:
            flags += ["-DFUZZING_SANITIZED", "-sanitize=address"]
        command = ["swift", "build", "-c", "release", "--scratch-path", self.folder, "--product", product]
        _must([*command, *(word for flag in flags for word in ("-Xswiftc", flag)), *more])

    def _host(self):
        kinds = "fuzzer,address" if self.sanitizes else "fuzzer"
        release = os.path.join(self.folder, "release")
        library = os.path.join(release, "libcloakroom.so")
        shutil.copy(library, library + ".0")
        clang = os.path.join(_resources(), "..", "..", "bin", "clang")
        _must([clang, "-std=c99", "-g", "-O1", "-Wall", "-Wextra", "-Werror", f"-fsanitize={kinds}",
               "-I", os.path.join(TOP, "Include"), HOST, library, f"-Wl,-rpath,{release}", "-o", self.host])

    def _runtime(self):
        architecture = _toolchain()["target"]["triple"].split("-")[0]
        return os.path.join(_resources(), "clang", "lib", "linux", f"libclang_rt.fuzzer_no_main-{architecture}.a")


def _toolchain():
    return json.loads(_must(["swift", "-print-target-info"]))


def _resources():
    """As /opt/swift/usr/lib/swift."""
    return _toolchain()["paths"]["runtimeResourcePath"]


def _must(command):
    done = subprocess.run(command, cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace")
    if done.returncode != 0:
        say(done.stdout)
        raise Stop(1, f"{shlex.join(command)} ended with status {done.returncode}")
    return done.stdout


class _Runs:
    def __init__(self, options):
        self.options = options
        folder = BUILD + "-asan" if options.sanitize else BUILD
        self.builds = _Builds(folder, options.sanitize)
        self.work = os.path.join(folder, "work")
        wants_swift = not options.targets or set(options.targets) != {HOST_TARGET[0]}
        wants_host = os.path.exists(HOST) and (not options.targets or HOST_TARGET[0] in options.targets)
        self.builds.make(wants_swift, wants_host)
        known = _targets(self.builds.program) if wants_swift else []
        known += [HOST_TARGET] if wants_host else []
        names = [name for name, _, _ in known]
        unknown = set(options.targets) - set(names)
        if unknown:
            raise Stop(2, f"no such target: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
        self.targets = [target for target in known if not options.targets or target[0] in options.targets]
        self.done = 0

    def run(self):
        tally = Tally()
        seconds = max(1, round(self.options.minutes * 60 * self.options.jobs / len(self.targets)))
        say(f"{len(self.targets)} targets, {seconds} s each, {self.options.jobs} at a time")
        say(f"{'':9}{'target':16}{'runs':>12}{'a second':>10}{'edges':>8}{'of':>8}{'inputs':>8}{'memory':>9}")
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            for broken in pool.map(lambda target: self._fuzz(target, seconds), self.targets):
                tally.passed += not broken
                tally.failed += bool(broken)
        return tally

    def _fuzz(self, target, seconds):
        name = target[0]
        work = self._prepare(target)
        log = os.path.join(work, "log")
        corpus = os.path.join(work, "corpus")
        findings = os.path.join(work, "findings", "")
        os.makedirs(findings, exist_ok=True)
        os.makedirs(corpus, exist_ok=True)
        command = [*self._command(target), f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048",
                   "-print_final_stats=1", "-use_value_profile=1", f"-artifact_prefix={findings}",
                   *_dictionary(work), corpus, os.path.join(work, "seeds")]
        environment = {**os.environ, "SWIFT_BACKTRACE": "enable=no"}
        with open(log, "wb") as output:
            child = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
            begun = time.monotonic()
            while True:
                try:
                    status = child.wait(PROGRESS)
                    break
                except subprocess.TimeoutExpired:
                    _progress(name, log, time.monotonic() - begun, seconds)
                except BaseException:
                    child.kill()
                    child.wait()
                    raise
        with open(log, errors="replace") as file:
            text = file.read()
        self.done += 1
        say(f"{f'[{self.done}/{len(self.targets)}]':9}" + _figures(name, text))
        if status != 0:
            _tell(name, text, findings)
        return status != 0

    def _prepare(self, target):
        work = os.path.join(self.work, target[0])
        os.makedirs(work, exist_ok=True)
        if target is not HOST_TARGET:
            _must([self.builds.program, "prepare", target[0], work])
            return work
        seeds = os.path.join(work, "seeds")
        shutil.rmtree(seeds, ignore_errors=True)
        os.makedirs(seeds)
        kept = os.path.join(KEPT, target[0] + ".txt")
        with open(kept, "rb") as file:
            for index, line in enumerate(file.read().splitlines()):
                with open(os.path.join(seeds, str(index)), "wb") as seed:
                    seed.write(re.sub(rb"\\x([0-9a-f]{2})", lambda found: bytes([int(found[1], 16)]), line))
        with open(os.path.join(work, "words"), "w") as file:
            file.write('"Cookie"\n"Authorization"\n"Bearer "\n')
        return work

    def _command(self, target):
        if target is HOST_TARGET:
            return [self.builds.host, f"-max_len={target[1]}"]
        return [self.builds.program, "run", target[0]]

    def keep(self):
        """What was learned, reduced to what reaches all that it reaches."""
        tally = Tally()
        for target in self.targets:
            name = target[0]
            work = self._prepare(target)
            least = os.path.join(work, "least")
            shutil.rmtree(least, ignore_errors=True)
            os.makedirs(least)
            _must([*self._command(target), "-merge=1", least,
                   *(os.path.join(work, source) for source in ("seeds", "corpus"))])
            text = _must([self.builds.program, "pack", name, least])
            with open(os.path.join(KEPT, name + ".txt"), "w") as file:
                file.write(text)
            say(f"{name}: {len(text.splitlines())} inputs, {len(text):,} bytes")
            tally.passed += 1
        return tally


def _dictionary(work):
    words = os.path.join(work, "words")
    return [f"-dict={words}"] if os.path.getsize(words) else []


def _targets(program):
    lines = _must([program, "list"]).splitlines()
    return [(name, int(longest), about) for name, longest, about in (line.split("\t") for line in lines)]


def _list():
    for name, longest, about in [*_targets(_plain()), HOST_TARGET]:
        say(f"  {name:16}{longest:>7,} bytes  {about}")
    return Tally(passed=1)


def _replay(options):
    if len(options.targets) < 2:
        raise Stop(2, "Tests/run fuzz --replay wants a target and a file")
    name, *files = options.targets
    files = [os.path.abspath(file) for file in files]
    if name == HOST_TARGET[0]:
        builds = _Builds(BUILD, False)
        builds.make(False, True)
        command = [builds.host, *files]
    else:
        command = [_plain(), "replay", name, *files]
    status = subprocess.run(command).returncode
    if status != 0:
        say(paint(f"{name} still fails with status {status}", "bad"))
    return Tally(passed=int(status == 0), failed=int(status != 0))


def _plain():
    """A debug build, without libFuzzer."""
    _must(["swift", "build", "--product", "Fuzz"])
    return os.path.join(TOP, ".build", "debug", "Fuzz")


def _progress(name, log, spent, seconds):
    with open(log, "rb") as file:
        file.seek(max(0, os.path.getsize(log) - 4096))
        lines = re.findall(r"^#.*cov: .*$", file.read().decode(errors="replace"), re.M)
    say(paint(f"{'':9}{name}: {spent:.0f} of {seconds} s  {lines[-1].strip() if lines else ''}"[:118], "faint"))


def _figures(name, text):
    def stat(word):
        found = re.search(rf"^stat::{word}:\s+(\d+)", text, re.M)
        return int(found[1]) if found else 0

    last = re.findall(r"cov: (\d+) ft: \d+ corp: (\d+)/", text)
    edges, inputs = last[-1] if last else (0, 0)
    counters = re.search(r"Loaded \d+ modules\s+\((\d+) inline 8-bit counters\)", text)
    return (f"{name:16}{stat('number_of_executed_units'):>12,}{stat('average_exec_per_sec'):>10,}{int(edges):>8,}"
            f"{int(counters[1]) if counters else 0:>8,}{int(inputs):>8,}"
            f"{stat('peak_rss_mb'):>6} MB")


def _tell(name, text, findings):
    reason = re.search(r"^BROKEN PROMISE: .*$", text, re.M) or re.search(r"^SUMMARY: .*$|.*ERROR: .*$", text, re.M)
    unit = re.search(r"Test unit written to (\S+)", text)
    say(paint(f"{name}: {reason[0] if reason else 'ended with an error'}", "bad"))
    if unit:
        path = os.path.relpath(unit[1], TOP)
        say(f"  the input: {path}\n  again:     Tests/run fuzz --replay {name} {path}")
    else:
        say("\n".join(text.splitlines()[-15:]) + f"\n  findings go to {os.path.relpath(findings, TOP)}")
