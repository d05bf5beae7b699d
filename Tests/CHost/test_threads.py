"""One engine, used by eight threads at once, in both ways in which a host gets its decisions."""
import subprocess
import threading
import time

import pytest
from building import compile_c
from hosts import Host, log_in
from provider import Delay, Gate

ROUNDS = 150


@pytest.fixture(scope="session")
def threads(tmp_path_factory):
    return compile_c("cc", "threads.c", tmp_path_factory.mktemp("threads") / "threads", "-pthread")


def job(policy, decision, target="/", name="Accept", value="*/*"):
    return "\t".join((policy, decision, target, name, value))


def test_eight_threads_share_an_engine_that_ends_before_their_requests(threads, program, settings, provider):
    settings.add("shutdown_timeout 300ms", "[provider/idp] request_patience 20s", "[provider/idp] unknown_key_pause 1s")
    provider.access_seconds = 1
    with Host(program, settings.path, "--show") as host:
        tickets = ["=".join(log_in(host).ticket) for _ in range(4)]
    good, strange = provider.access_token(), provider.access_token()
    strange = strange[:-8] + ("A" * 8 if strange[-8:] != "A" * 8 else "B" * 8)
    jobs = [
        job("bearer", "forward", name="Authorization", value="Bearer " + good),
        job("bearer", "respond", name="Authorization", value="Bearer " + strange),
        job("bearer", "respond", name="Authorization", value="Bearer garbage"),
        *(job("session", "forward", "/api/x", "Cookie", ticket) for ticket in tickets),
        job("session", "respond", "/api/x", "Cookie", "cloakroom=" + "A" * 43),
        job("session", "respond", "/auth/login"),
        job("session", "respond", "/auth/session", "Cookie", tickets[0]),
        job("nobody's", "respond"),
    ]
    time.sleep(1.2)                  # the access tokens run out: each session refreshes, while it is asked for
    provider.always("jwks", Delay(0.2))
    provider.always("token", Delay(0.05))
    child = subprocess.Popen([threads, "--config", settings.path, str(ROUNDS), *jobs], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    limit = threading.Timer(120, child.kill)
    limit.start()
    try:
        assert child.stdout.readline() == "ready\n", child.communicate()[1]
        refreshes = provider.count("token", grant_type="refresh_token")
        gate = Gate()
        provider.always("token", gate)
        time.sleep(2)                # the access tokens run out
        out, complaints = child.communicate("go\n")
        gate.open()
    finally:
        limit.cancel()
        child.kill()
    assert child.returncode == 0, complaints[-8000:]
    word, pended, abandoned = out.split()
    assert word == "ok" and refreshes >= 4
    assert int(pended) > 8, "hardly a request had to wait"
    assert int(abandoned) >= 8, "hardly a request was left when the engine ended"
