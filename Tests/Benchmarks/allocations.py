"""How often a request that is recalled asks for memory: a limit that does not depend on the machine."""
import subprocess

LIMIT = 1
COUNT = 1000


def check(world, report):
    """Yields (what, allocations a request, limit, whether they are within it)."""
    for what in world.fields:
        report(f"counting allocations: {what}")
        out = subprocess.run(world.command(what, COUNT, 0, "-DCOUNT_ALLOCATIONS"), check=True, capture_output=True,
                             text=True).stdout
        number = int(out) / COUNT
        yield what, number, LIMIT, number <= LIMIT
