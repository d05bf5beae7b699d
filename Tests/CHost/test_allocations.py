"""Memory that cannot be had by the C libraries that work for us: an error, and no request let through for it."""
import os
import signal
import subprocess

import pytest
from building import HERE, TOP, run_line
from hosts import Host, log_in
from provider.openid import AUDIENCE

# So many of them are tried; all with CLOAKROOM_ALL_ALLOCATIONS=1.
TRIED = 60
TRAP, FAULT = -signal.SIGILL, -signal.SIGSEGV


@pytest.fixture(scope="module")
def failing(tmp_path_factory):
    library = tmp_path_factory.mktemp("failing") / "failing.so"
    run_line(f"cc -std=gnu99 -Wall -Wextra -Werror -shared -fPIC -O1 failing.c -o {library}", HERE)
    return str(library)


def test_our_own_c_allocates_nothing(tmp_path):
    """CShims are one-line calls: what they call is this, and no more."""
    (tmp_path / "all.c").write_text('#include "CShims.h"\n')
    run_line(f"gcc -c -O0 -fkeep-static-functions -fkeep-inline-functions -I{TOP}/Sources/CShims/include all.c -o all.o", tmp_path)
    undefined = set(run_line("nm -u all.o", tmp_path).split()) - {"U"}
    assert {name for name in undefined if not name.startswith(("_", "cshims_"))} == {
        "curl_easy_setopt", "curl_easy_getinfo", "curl_multi_setopt", "eventfd", "prctl"}


@pytest.mark.parametrize("libraries, ends", [
    ("libcurl libjansson libsqlite3", ()),
    # OpenSSL's own start crashes without memory; of ours, a digest has no other answer, as Swift has none.
    ("libcrypto libssl", (TRAP, FAULT)),
], ids=["curl, jansson, SQLite", "OpenSSL"])
def test_an_allocation_that_fails_lets_nothing_through(failing, program, settings, provider, tmp_path, libraries, ends):
    with Host(program, settings.path, "--show") as host:
        cookie = "=".join(log_in(host).ticket)
    bad = provider.access_token(aud="another than " + AUDIENCE)
    script = "\n".join([f"bearer {provider.access_token()}", f"bearer {bad}", f"cookie {cookie}",
                        f"cookie cloakroom={'A' * 43}", "request GET /auth/login", ""])
    expected = [f"decision {word}" for word in ("forward", "respond", "forward", "respond", "respond")]
    seen = tmp_path / "seen"

    def run(number):
        environment = {**os.environ, "LD_PRELOAD": failing, "FAIL_NTH": str(number), "FAIL_COUNT": str(seen),
                       "FAIL_IN": libraries}
        done = subprocess.run([program, "--config", settings.path, "--timeout", "3000"], input=script, env=environment,
                              capture_output=True, text=True, timeout=60)
        answers = [answer.strip().splitlines()[0] for answer in done.stdout.split("\n\n") if answer.strip()]
        return done.returncode, answers, f"allocation {number}: status {done.returncode}\n{done.stdout}{done.stderr[-2000:]}"

    status, answers, told = run(0)
    assert (status, answers) == (0, expected), told
    count = int(seen.read_text())
    assert count > 200
    step = 1 if os.environ.get("CLOAKROOM_ALL_ALLOCATIONS") else max(1, count // TRIED)
    refused = 0
    for number in range(1, count + 1, step):
        status, answers, told = run(number)
        assert status in (0, 1, 3, *ends), told
        assert status in ends or len(answers) == len(expected) or (not answers and "chost: no engine" in told), told
        for answer, usual in zip(answers, expected):
            assert answer in (usual, "decision respond") or answer.startswith("failed "), told
        refused += answers != expected
    assert refused > 0, "no allocation that failed made any difference"
