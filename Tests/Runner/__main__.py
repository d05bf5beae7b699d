"""Installs what the tests need, runs them, and counts.

The closing line is 'N passed, N failed', over all parts that ran; the status is not 0 when
anything failed, or when a part had nothing to run.
"""
import argparse
import os
import signal
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(1, os.path.join(TOP, "nginx-example", "demo"))

import machine
from console import Stop, paint, say, title
from fuzzing import fuzz
from mutants import mutants
from parts import PARTS, Tally

PART_HELP = """\
parts:
  all                     every part below but quick, abi and reloads (the default)
  quick                   for every save: swift, vectors, a short simulation, the journey in nginx
  swift [FILTER]          Swift tests of all targets, or of those that the filter names
  vectors [FILE…]         records of test vectors: of the project, or of any file of that form
  simulation [--seeds N] [--from S]
                          the engine under random delays, errors and crashes (2,000 seeds from 1)
  chost [PYTEST OPTION…]  C programs that use the library, and the README's examples
  abi [--write]           the C interface against the last release's, also part of chost; --write keeps
                          the present one for later, as that of the header's version: for a release
  sanitizers [NAME…]      C programs and library under the sanitizers: address (with undefined), thread
  nginx [PYTEST OPTION…]  real nginx with providers, glewlwyd among them
  browser [PYTEST OPTION…]
                          headless Chromium goes through the page
  bench [PART…]           what Cloakroom costs: instructions, library, nginx (not part of all, but for
                          the instruction counts; --write takes them for the new limits)
  fuzz [--minutes N] [TARGET…]
                          parsers under libFuzzer (5 minutes together, half a minute in all; see --help)
  reloads                 200 reloads of nginx under load, with what they cost (minutes)
  mutants [NAME…]         breaks one promise at a time, in a copy, and sees a test fail (half an hour;
                          all has --check only, which sees that each can still be broken).  A name is
                          that of a mutant, or of a file in Tests/Mutants
"""
PARTS = {**PARTS, "fuzz": fuzz, "mutants": mutants}
QUICK = [("swift", []), ("vectors", []), ("simulation", ["--seeds", "200"]), ("nginx", ["test_journey.py"])]
EVERYTHING = [
    ("mutants", ["--check"]),
    *((name, []) for name in ("swift", "vectors", "simulation", "chost", "sanitizers", "nginx", "browser")),
    ("bench", ["instructions"]),
    ("fuzz", ["--minutes", "0.5"]),
]


def main():
    parser = argparse.ArgumentParser(
        prog="Tests/run", description=__doc__, epilog=PART_HELP, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", default="all", choices=["all", "quick", *PARTS], metavar="PART")
    parser.add_argument("rest", nargs=argparse.REMAINDER, metavar="…")
    options = parser.parse_args()
    if options.rest and options.part in ("all", "quick"):
        parser.error(f"{options.part} takes no more words")
    chosen = {"all": EVERYTHING, "quick": QUICK}.get(options.part, [(options.part, options.rest)])
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        machine.check_system()
        machine.check_swift()
        return run(chosen)
    except Stop as stop:
        print(f"Tests/run: {stop}", file=sys.stderr)
        return stop.status
    except KeyboardInterrupt:
        return 130


def run(chosen):
    total = Tally()
    for name, words in chosen:
        title(f"{name} {' '.join(words)}".rstrip())
        begun = time.monotonic()
        try:
            tally = PARTS[name](words)
        except Stop as stop:
            say(str(stop))
            tally = Tally(failed=1)
        if tally.passed + tally.failed == 0:
            say(f"{name} ran nothing: that counts as a failure.")
            tally.failed = 1
        total += tally
        colour = "bad" if tally.failed else "good"
        say(paint(f"{name}: {tally.passed} passed, {tally.failed} failed in {time.monotonic() - begun:.0f} s", colour))
    say(f"\n{total.passed} passed, {total.failed} failed")
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
