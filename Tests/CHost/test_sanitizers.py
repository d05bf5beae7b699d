"""The sanitizers see into the library: what they find nothing of elsewhere, they find here."""
import os
import subprocess

import pytest
from building import ENVIRONMENT, SANITIZER, compile_c

SEEN = {
    "address": {"leak": "LeakSanitizer: detected memory leaks", "use-after-free": "heap-use-after-free",
                "overflow": "heap-buffer-overflow", "undefined": "runtime error: signed integer overflow"},
    "thread": {"race": "ThreadSanitizer: Swift access race"},
}[SANITIZER]


@pytest.fixture(scope="module")
def misuse(tmp_path_factory):
    return compile_c("cc", "misuse.c", tmp_path_factory.mktemp("misuse") / "misuse", "-pthread")


@pytest.mark.parametrize("mistake", SEEN)
def test_a_mistake_is_seen(misuse, mistake):
    done = subprocess.run([misuse, mistake], env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and SEEN[mistake] in done.stderr, done.stderr[-4000:]


def test_the_library_is_the_one_that_was_built_for_it(misuse):
    told = subprocess.run(["ldd", misuse], capture_output=True, text=True).stdout
    path = next(line.split()[2] for line in told.splitlines() if "libcloakroom" in line)
    assert os.path.dirname(path).endswith(f".build-{SANITIZER}/debug")


def test_what_is_right_is_silent(misuse):
    done = subprocess.run([misuse, "nothing"], env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "still here\n", "")
