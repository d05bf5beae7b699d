"""Valgrind, over every promise of the interface and over whole sessions: no error, no leak."""
import pytest
from building import HERE, PROMISES, compile_c, run
from hosts import Host, log_in

# What is only possibly lost are the caches of Swift's runtime: it points into the middle of them.
MEMCHECK = ["valgrind", "--quiet", "--leak-check=full", "--show-leak-kinds=definite,indirect",
            "--errors-for-leak-kinds=definite,indirect", f"--suppressions={HERE}/memcheck.supp", "--error-exitcode=99"]
# Valgrind must be able to interrupt every thread, whatever the program blocks; and it takes its time.
NOT_UNDER_VALGRIND = {"threads_block_all_signals", "an_engine_is_there_in_10_ms"}


def test_it_finds_nothing_where_promises_are_kept(interface, tmp_path):
    promises = [promise for promise in PROMISES if promise not in NOT_UNDER_VALGRIND]
    assert run([*MEMCHECK, interface, str(tmp_path), *promises]) == [f"ok {promise}" for promise in promises]


def test_it_finds_nothing_in_logins_refreshes_and_refusals(program, settings, provider):
    provider.access_seconds = 1
    with Host(program, settings.path, "--show", "--explain", "--claim", "sub", under=MEMCHECK) as host:
        guest = log_in(host)
        for _ in range(3):
            guest.call()
            assert guest.report.reason == "ok"
        assert guest.session()["authenticated"]
        for token, reason in ((provider.access_token(), "ok"), ("garbage", "token_malformed"),
                              (provider.access_token(aud="another"), "wrong_audience")):
            assert host.do("bearer", token).reason == reason
        guest.log_out()
        assert guest.report.reason == "logged_out"
        assert guest.call().status == 401


def test_it_would_find_a_leak(tmp_path):
    misuse = compile_c("cc", "misuse.c", tmp_path / "misuse", "-pthread")
    with pytest.raises(AssertionError, match="status 99"):
        run([*MEMCHECK, misuse, "leak"])
