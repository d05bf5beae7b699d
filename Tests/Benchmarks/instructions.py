"""Instructions of a request in the library, counted by callgrind: the same on every machine of a
kind, whatever else runs there.  OpenSSL's own are left out; the hash seed is fixed."""
import json
import os
import re
import subprocess
import tempfile

from world import HERE

LIMITS = os.path.join(HERE, "instructions.json")
TOLERANCE = 0.03
FEW, MANY = 200, 1200
# Tokens that were never seen before, by algorithm.
UNKNOWN = "unknown "


def count(world, turns, what):
    """Instructions a request: the difference of a long and a short run."""
    def command(number):
        if what.startswith(UNKNOWN):
            return turns.command("check", what.removeprefix(UNKNOWN), number, 8, 1)
        return world.command(what, number, 1)

    few, many = (_total(command(number)) for number in (FEW, MANY))
    return (many - few) / (MANY - FEW)


def _total(command):
    """Of the thread that calls: what the library's own threads do meanwhile is not a request's."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["valgrind", "--tool=callgrind", "--separate-threads=yes",
             "--callgrind-out-file=" + os.path.join(folder, "out"), *command], check=True,
            capture_output=True, env={**os.environ, "SWIFT_DETERMINISTIC_HASHING": "1"})
        with open(os.path.join(folder, "out-01")) as file:
            return _own_cost(file)


def _own_cost(lines):
    """The sum of all costs outside libcrypto.  See callgrind's format: `ob=` names the object of the
    cost lines that follow; the line after `calls=` is what the callee cost, and is counted there."""
    names, total, counts, skip = {}, 0, True, False
    for line in lines:
        if match := re.match(r"ob=\((\d+)\)(?: (.*))?", line):
            if match[2]:
                names[match[1]] = match[2]
            counts = "libcrypto" not in names.get(match[1], "")
        elif match := re.match(r"cob=\((\d+)\) (.*)", line):
            names[match[1]] = match[2]
        elif line.startswith("calls="):
            skip = True
        elif match := re.match(r"(?:\+\d+|-\d+|\*|\d+) (\d+)$", line):
            if counts and not skip:
                total += int(match[1])
            skip = False
    return total


def check(world, turns, report):
    """Yields (what, count, limit, whether it is within the tolerance)."""
    with open(LIMITS) as file:
        limits = json.load(file)
    for what, limit in limits.items():
        report(f"counting instructions: {what}")
        number = count(world, turns, what)
        yield what, number, limit, abs(number / limit - 1) <= TOLERANCE


def write(world, turns):
    kinds = [*world.fields, *(UNKNOWN + name for name in turns.keys)]
    numbers = {what: round(count(world, turns, what)) for what in kinds}
    with open(LIMITS, "w") as file:
        json.dump(numbers, file, indent=1)
        file.write("\n")
    return numbers
