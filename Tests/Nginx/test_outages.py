"""Things that are down, broken or in the way: a clear answer, and nothing lost."""
import hashlib
import os
import shutil
import sqlite3
import threading
import time

import pytest
from client import send
from harness import Person, log_in
from harness.people import NAVIGATION
from provider import Answer, Delay


def assert_try_again(answer):
    assert answer.status == 503, f"{answer.status} {answer.text[:200]}"
    assert 0 < int(answer.field("Retry-After")) <= 120


def test_a_provider_that_is_down_at_start_does_not_stop_nginx(make_site, provider, upstream):
    """MET-09"""
    token = provider.access_token()
    provider.stop()
    site = make_site()
    assert send(site.origin + "/").status == 200
    assert_try_again(Person(site.origin).visit("/auth/login"))
    assert_try_again(send(site.origin + "/bearer/x", fields=[("Authorization", "Bearer " + token)]))
    assert Person(site.origin).call().status == 401, "a stranger's script needs no provider"
    assert Person(site.origin).session()["authenticated"] is False
    assert not upstream.arrivals
    provider.restart()
    person = Person(site.origin)
    site.wait_until(lambda: person.visit("/auth/login").status == 303, "the login never came back", 40)
    # Each worker comes back by itself, in its own time.
    site.wait_until(lambda: site.log().count("reached again") == site.workers, "a worker stayed behind", 40)
    assert log_in(site).call().status == 200


def test_a_session_whose_token_serves_needs_no_provider(site, provider):
    person = log_in(site)
    provider.stop()
    assert person.call().status == 200 and person.is_signed_in()
    provider.restart()


def test_a_session_outlives_a_provider_that_is_down_at_its_refresh(site, provider, upstream):
    provider.access_seconds = 1
    person = log_in(site)
    provider.access_seconds = 300
    provider.stop()
    time.sleep(1.5)
    answer = person.call()
    assert_try_again(answer)
    assert not answer.all("Set-Cookie") and person.is_signed_in() and not upstream.arrivals
    assert person.ask("/api/x", fields=NAVIGATION).status == 503, "a page is sent to a login that cannot work"
    provider.restart()
    site.wait_until(lambda: person.call().status == 200, "the session did not live on", 40)


def test_a_slow_provider_does_not_slow_others_down(make_site, provider):
    site = make_site(workers=1)
    person = log_in(site)
    provider.always("openid-configuration", Delay(3))
    provider.always("token", Delay(3))
    Person(site.origin).begin()
    slow = Person(site.origin)
    callback = slow.at_provider(slow.begin())
    thread = threading.Thread(target=slow.visit, args=(callback,))
    thread.start()
    time.sleep(0.3)
    begun = time.monotonic()
    assert person.call().status == 200 and send(site.origin + "/").status == 200
    assert time.monotonic() - begun < 1
    thread.join()
    assert slow.is_signed_in()


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def broken_store(kind, path):
    if kind == "garbage":
        content = b"this is no database, and somebody may want it back\n" * 100
    elif kind == "a foreign database":
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE invoices (id INTEGER PRIMARY KEY, text TEXT)")
            connection.execute("INSERT INTO invoices (text) VALUES ('precious')")
        return
    elif kind == "a half database":
        with sqlite3.connect(path + ".whole") as connection:
            connection.execute("CREATE TABLE a (b)")
            connection.executemany("INSERT INTO a VALUES (?)", [("x" * 500,)] * 100)
        with open(path + ".whole", "rb") as file:
            content = file.read()[:9_000] + b"\xff" * 4_000
        os.unlink(path + ".whole")
    with open(path, "wb") as file:
        file.write(content)


@pytest.mark.parametrize("kind", ["garbage", "a foreign database", "a half database"])
def test_a_store_that_is_not_ours_is_reported_at_start_and_never_overwritten(make_site, provider, kind):
    site = make_site(start=False)
    broken_store(kind, site.store)
    if site.account:
        shutil.chown(site.store, site.account, site.account)
    before = digest(site.store)
    site.start()
    site.wait_for_log(r"\[(error|emerg|crit)\].*sessions\.db")
    assert send(site.origin + "/").status == 200
    person = Person(site.origin)
    answer = person.visit("/auth/login")
    if answer.status == 303:
        answer = person.visit(person.at_provider(answer.location))
    assert_try_again(answer)
    assert_try_again(Person(site.origin).call(cookies={"cloakroom": "A" * 43}))
    token = provider.access_token()
    assert send(site.origin + "/bearer/x", fields=[("Authorization", "Bearer " + token)]).status == 200
    site.stop()
    assert digest(site.store) == before


def test_a_store_that_cannot_be_written_is_reported_and_gives_503(make_site):
    site = make_site()
    person = log_in(site)
    site.stop()
    for name in os.listdir(os.path.dirname(site.store)):
        os.chmod(os.path.join(os.path.dirname(site.store), name), 0o444)
    os.chmod(os.path.dirname(site.store), 0o555)
    if site.account:
        shutil.chown(os.path.dirname(site.store), "root", "root")
    site.start()
    site.wait_for_log(r"\[(error|emerg|crit|warn)\].*sessions\.db")
    fresh = Person(site.origin)
    answer = fresh.visit("/auth/login")
    if answer.status == 303:
        answer = fresh.visit(fresh.at_provider(answer.location))
    assert_try_again(answer)
    answer = person.call()
    assert answer.status in (200, 503), "what cannot be known is taken for a logout"
    assert not answer.all("Set-Cookie")
    site.stop()
    os.chmod(os.path.dirname(site.store), 0o755)
    for name in os.listdir(os.path.dirname(site.store)):
        os.chmod(os.path.join(os.path.dirname(site.store), name), 0o644)
    if site.account:
        shutil.chown(os.path.dirname(site.store), site.account, site.account)
    site.start()
    assert person.call().status == 200


def test_a_row_that_was_tampered_with_is_no_session_and_no_crash(make_site, upstream):
    site = make_site()
    person = log_in(site)
    site.stop()
    with sqlite3.connect(site.store) as connection:
        (sealed,) = connection.execute("SELECT sealed FROM session").fetchone()
        turned = sealed[:-20] + bytes([sealed[-20] ^ 1]) + sealed[-19:]
        connection.execute("UPDATE session SET sealed = ?", (turned,))
    site.start()
    answer = person.call()
    assert answer.status in (401, 503) and not upstream.arrivals


def test_rows_swapped_between_two_sessions_open_neither(make_site, upstream):
    """COK-17"""
    site = make_site()
    first, second = log_in(site), log_in(site)
    site.stop()
    with sqlite3.connect(site.store) as connection:
        (one, sealed_one), (two, sealed_two) = connection.execute("SELECT row_key, sealed FROM session").fetchall()
        for key, sealed in ((one, sealed_two), (two, sealed_one)):
            connection.execute("UPDATE session SET sealed = ? WHERE row_key = ?", (sealed, key))
    site.start()
    assert {first.call().status, second.call().status} <= {401, 503}
    assert not upstream.arrivals


def test_another_key_file_ends_sessions_without_an_error(make_site):
    site = make_site()
    person = log_in(site)
    site.stop()
    os.unlink(site.keys)
    site._make_files()
    site.start()
    assert person.call().status == 401
    assert log_in(site).call().status == 200


def test_a_new_key_before_the_old_one_keeps_all_sessions(make_site):
    site = make_site()
    person = log_in(site)
    with open(site.keys) as file:
        old = file.read()
    os.unlink(site.keys)
    site._make_files()
    with open(site.keys) as file:
        new = file.read().replace("k1 ", "k2 ")
    with open(site.keys, "w") as file:
        file.write(new + old)
    site.reload()
    assert person.call().status == 200 and log_in(site).call().status == 200


def test_reloads_under_load_lose_no_session_and_no_request(make_site):
    site = make_site(workers=2)
    person = log_in(site)
    for _ in range(10):
        site.reload()
        # A worker's first moments: its threads start while it answers already.
        Person(site.origin).begin()
        for _ in range(10):
            assert person.call().status == 200


def test_metadata_that_failed_once_is_asked_for_again(make_site, provider):
    """MET-09"""
    provider.at("openid-configuration", *[Answer(500, b"")] * 3)
    site = make_site(workers=1)
    person = Person(site.origin)
    site.wait_until(lambda: person.visit("/auth/login").status == 303, "metadata is never asked for again", 60)
