"""Benchmarks: what Cloakroom costs, as ratios within one run.  See --help."""
import argparse
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(TOP, "Tests", "Nginx"), os.path.join(TOP, "nginx-example", "demo"), HERE]

import allocations
import instructions
import proxied
from turns import ALGORITHMS, Turns
from world import RELEASE, World


def main():
    parser = argparse.ArgumentParser(
        prog="Tests/run bench", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measures what Cloakroom costs.\n\n"
        "  instructions   in the library, a request; compared with Tests/Benchmarks/instructions.json (± 3 %)\n"
        "  library        CPU time of a request in the library; of tokens never seen before as ratios to the bare\n"
        "                 check of their signatures, beside jansson and cjose; size, loading, memory\n"
        "  nginx          bare, with bearer tokens, with session cookies; beside it what a sidecar costs, and nginx that\n"
        "                 makes the same header fields by itself: static and proxied")
    parser.add_argument("parts", nargs="*", metavar="PART", help="instructions, library, nginx; all by default")
    parser.add_argument("--rounds", type=int, default=15, help="of the nginx benchmark (15)")
    parser.add_argument("--turns", type=int, default=400, help="of each candidate in the library benchmark (400)")
    parser.add_argument("--heap", type=int, default=100_000,
                        help="checks over which the heap must not grow (100000)")
    parser.add_argument("--write", action="store_true", help="take the instruction counts for the new limits")
    options = parser.parse_args()
    parts = options.parts or ["instructions", "library", "nginx"]
    passed = failed = 0
    if "instructions" in parts or "library" in parts:
        with World() as world, Turns() as turns:
            if "instructions" in parts:
                if options.write:
                    instructions.write(world, turns)
                for what, number, limit, is_good in instructions.check(world, turns, progress):
                    print(f"{what:13} {number:8.0f} instructions, limit {limit} ± 3 %: {'ok' if is_good else 'NOT OK'}")
                    passed, failed = passed + is_good, failed + (not is_good)
                for what, number, limit, is_good in allocations.check(world, progress):
                    print(f"{what:8} {number:8.2f} allocations, limit {limit}: {'ok' if is_good else 'NOT OK'}")
                    passed, failed = passed + is_good, failed + (not is_good)
            if "library" in parts:
                library(world)
                is_good = unknown_tokens(turns, options.turns) & weight(turns, options.heap)
                passed, failed = passed + is_good, failed + (not is_good)
    if "nginx" in parts:
        for line in proxied.measure(options.rounds, report=progress):
            print(line, flush=True)
        passed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def library(world):
    for what in world.fields:
        progress(f"timing: {what}")
        out = subprocess.run(world.command(what, 2000, 101), check=True, capture_output=True, text=True).stdout
        median, best = out.split()
        print(f"{what:8} {median} ns from start to free (best of 101 rounds {best})")


def unknown_tokens(turns, rounds):
    """As ratios to `bare`, with quartiles; two threads share one engine."""
    for threads in (1, 2):
        for algorithm in ALGORITHMS:
            progress(f"taking turns: {algorithm}, {threads} thread{'s' * (threads > 1)}")
            for name, ratio, micros, mallocs in turns.verify(algorithm, rounds, threads=threads):
                print(f"{algorithm} x{threads} {name:15} {ratio[1]:.3f} ({ratio[0]:.3f}-{ratio[2]:.3f}) of bare, "
                      f"{micros[1]:6.2f} µs ({micros[0]:.2f}-{micros[2]:.2f}), {mallocs} mallocs", flush=True)
    return True


def weight(turns, count):
    """Size, loading, memory; false where the heap has grown."""
    is_good = True
    for name, growth, resident in turns.heap("ES256", count):
        print(f"{name}: the heap grew by {growth} bytes over {count} checks; {resident / 1024:.1f} MB resident")
        is_good = is_good and growth <= 0
    milliseconds, resident = turns.load()
    size = os.path.getsize(os.path.join(RELEASE, "libcloakroom.so.0"))
    print(f"library: {size / 1e6:.1f} MB, loaded in {milliseconds:.1f} ms, then {resident / 1024:.1f} MB resident")
    return is_good


def progress(text):
    print(text, file=sys.stderr, flush=True)


sys.exit(main())
