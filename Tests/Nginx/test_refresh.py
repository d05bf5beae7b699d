"""One refresh, whatever happens to those who wait for it."""
import socket
import threading
import time

import pytest
from harness import Person, at_once, log_in
from harness.people import SCRIPT
from provider import Answer, Cut, CutAfter, Delay, Gate
from provider.keys import verify

CROWD = 200


def refreshes(provider):
    return provider.count("token", grant_type="refresh_token")


def expired_session(site, provider):
    """A person whose access token has just run out; the next one lasts."""
    provider.access_seconds = 1
    person = log_in(site)
    provider.access_seconds = 300
    site.wait_until(lambda: person.session()["token"]["expires_in"] == 0, "the token never expired", 5)
    time.sleep(0.2)
    return person


def statuses(answers):
    return {getattr(answer, "status", answer) for answer in answers}


@pytest.fixture
def crowded(make_site):
    return make_site(workers=4)


def crowd(person, count=CROWD):
    cookies = dict([person.ticket])
    return at_once(count, lambda number: Person(person.origin).call(f"/api/{number}", cookies=cookies))


def new_token_everywhere(upstream, provider):
    tokens = {arrival.token for arrival in upstream.arrivals}
    assert len(tokens) == 1, f"{len(tokens)} access tokens reached the upstream"
    assert verify(tokens.pop(), provider.keys)["exp"] > time.time() + 60


def test_200_requests_over_4_workers_cause_exactly_one_refresh(crowded, provider, upstream):
    person = expired_session(crowded, provider)
    assert statuses(crowd(person)) == {200}
    assert refreshes(provider) == 1 and len(upstream.arrivals) == CROWD
    new_token_everywhere(upstream, provider)
    assert person.generation == 2


def test_also_when_the_provider_takes_four_seconds(crowded, provider, upstream):
    person = expired_session(crowded, provider)
    provider.at("token", Delay(4))
    assert statuses(crowd(person)) == {200}
    assert refreshes(provider) == 1
    new_token_everywhere(upstream, provider)


def test_also_when_the_first_client_hangs_up(crowded, provider, upstream):
    person = expired_session(crowded, provider)
    gate = Gate()
    provider.at("token", gate)
    hang_up_once(person, gate)
    threading.Timer(1, gate.open).start()
    assert statuses(crowd(person, CROWD - 1)) == {200}
    assert refreshes(provider) == 1
    new_token_everywhere(upstream, provider)


def test_also_when_nginx_is_reloaded_meanwhile(crowded, provider, upstream):
    person = expired_session(crowded, provider)
    gate = Gate()
    provider.at("token", gate)
    early = threading.Thread(target=lambda: early_answers.extend(crowd(person, 50)))
    early_answers = []
    early.start()
    gate.wait()
    crowded.reload()
    threading.Timer(1, gate.open).start()
    assert statuses(crowd(person, CROWD - 50)) == {200}
    early.join(30)
    assert len(early_answers) == 50 and statuses(early_answers) == {200}
    assert refreshes(provider) == 1
    new_token_everywhere(upstream, provider)


def test_a_refresh_that_everyone_gave_up_on_is_kept(site, provider, upstream):
    person = expired_session(site, provider)
    gate = Gate(late=True)
    provider.at("token", gate)
    hang_up_once(person, gate)
    gate.open()
    site.wait_until(lambda: person.generation == 2, "the refresh went with its client")
    assert person.call().status == 200 and refreshes(provider) == 1


def hang_up_once(person, gate):
    """A request that waits for a refresh, and whose client goes away."""
    name, value = person.ticket
    host, port = person.origin.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        fields = "".join(f"{key}: {text}\r\n" for key, text in SCRIPT)
        head = f"GET /api/first HTTP/1.1\r\nHost: {host}\r\nCookie: {name}={value}\r\n{fields}\r\n"
        connection.sendall(head.encode())
        gate.wait()


def test_within_the_window_nobody_waits(make_site, provider, upstream):
    provider.access_seconds = 9
    site = make_site(provider_settings={"refresh_window": "9s"})
    person = log_in(site)
    gate = Gate()
    provider.at("token", gate)
    site.wait_until(lambda: person.call().status == 200 and gate.arrived.is_set(), "no refresh began in the window", 20)
    begun = time.monotonic()
    assert person.call().status == 200 and time.monotonic() - begun < 1
    assert person.generation == 1
    gate.open()
    site.wait_until(lambda: person.generation == 2, "the refresh behind the requests never ended")
    assert refreshes(provider) == 1


def test_a_request_waits_five_seconds_at_most_and_gets_503(make_site, provider, upstream):
    site = make_site(provider_settings={"request_patience": "1s"})
    person = expired_session(site, provider)
    gate = Gate()
    provider.at("token", gate)
    begun = time.monotonic()
    answer = person.call()
    assert answer.status == 503 and answer.field("Retry-After") and time.monotonic() - begun < 3
    assert not upstream.arrivals
    gate.open()
    site.wait_until(lambda: person.generation == 2, "the refresh ended with the patience of its client")
    assert person.call().status == 200 and refreshes(provider) == 1


@pytest.mark.parametrize("fault", [
    Answer(500, "{}"), Answer(503, '{"error":"temporarily_unavailable"}'), Answer(400, b""),
    Answer(400, "<h1>Bad</h1>", "text/html"), Answer(400, '{"error":"invalid_client"}'), Answer(401, b""),
    Answer(400, '{"error":"invalid_grantx"}'), Answer(500, '{"error":"invalid_grant"}'), Answer(429, b""),
    Answer(400, '{"error":"invalid_request","error_description":"invalid_grant"}'), Answer(200, "{}"),
    Answer(200, "<html>", "text/html"), Answer(302, b"", Location="/elsewhere"),
], ids=lambda fault: f"{fault.answer[0]} {fault.answer[2][:60].decode()}")
def test_what_is_no_clear_refusal_keeps_the_session(site, provider, upstream, fault):
    person = expired_session(site, provider)
    provider.always("token", fault)
    answer = person.call()
    assert answer.status == 503 and answer.field("Retry-After"), f"{answer.status} {answer.text}"
    assert not upstream.arrivals, "a request passed without a token that serves"
    assert person.is_signed_in(), "the session ended by an error"
    assert not answer.all("Set-Cookie")
    provider.always("token", None)
    site.wait_until(lambda: person.call().status == 200, "the session never came back to life", 40)


def test_invalid_grant_ends_the_session_and_takes_the_cookie_back(site, provider, upstream):
    person = expired_session(site, provider)
    provider.at("token", Answer(400, '{"error":"invalid_grant"}'))
    kept = dict(person.cookies)
    answer = person.call()
    assert answer.status == 401 and answer.json()["login"].startswith("/auth/login")
    assert not person.cookies, "the cookie stays with the browser"
    assert person.call(cookies=kept).status == 401 and not upstream.arrivals
    assert refreshes(provider) == 1, "a refused token was presented again"


def test_a_bare_400_ends_the_session_where_a_setting_names_it(make_site, provider):
    site = make_site(provider_settings={"refresh_refusals": "400-empty"})
    person = expired_session(site, provider)
    provider.always("token", Answer(400, b""))
    assert person.call().status == 401 and not person.cookies


def test_a_cut_connection_presents_the_token_once_more_and_no_more(site, provider):
    person = expired_session(site, provider)
    provider.always("token", Cut())
    for _ in range(8):
        person.call()
        time.sleep(0.3)
    assert refreshes(provider) <= 2


def test_a_lost_answer_of_a_forgiving_provider_costs_nothing(site, provider):
    provider.forgives = True
    person = expired_session(site, provider)
    provider.at("token", CutAfter())
    site.wait_until(lambda: person.call().status == 200, "the session did not live on")
    assert refreshes(provider) == 2


def test_a_lost_answer_of_a_strict_provider_ends_the_session_cleanly(site, provider):
    person = expired_session(site, provider)
    provider.at("token", CutAfter())
    site.wait_until(lambda: person.call().status == 401, "the session is stuck")
    assert refreshes(provider) == 2 and not person.cookies
    assert person.log_in().status == 303 and person.call().status == 200


def test_no_refresh_token_in_the_answer_keeps_the_old_one(site, provider):
    provider.rotates = False
    person = expired_session(site, provider)
    provider.access_seconds = 1
    assert person.call().status == 200
    time.sleep(1.3)
    assert person.call().status == 200
    assert refreshes(provider) == 2 and person.generation == 3


def test_no_id_token_in_the_answer_is_no_fault(site, provider):
    provider.refresh_gives_id_token = False
    person = expired_session(site, provider)
    assert person.call().status == 200 and person.session()["claims"]["name"] == "Alice Example"


def test_no_expires_in_in_the_answer_means_the_default(make_site, provider):
    provider.says_expiry = False
    site = make_site(provider_settings={"token_lifetime": "2m"})
    person = log_in(site)
    assert 100 < person.session()["token"]["expires_in"] <= 120


@pytest.mark.parametrize("claim, value", [("sub", "mallory"), ("iss", "https://evil.example"), ("aud", "another"),
                                          ("nonce", "another")])
def test_a_refreshed_id_token_of_somebody_else_ends_the_session(site, provider, upstream, claim, value):
    person = expired_session(site, provider)
    provider.bend_id = lambda header, claims: (header, {**claims, claim: value})
    assert person.call().status == 401
    assert not upstream.arrivals, "the new token was used before its ID token was looked at"
    assert not person.is_signed_in()


def test_a_dead_provider_is_not_stormed(site, provider):
    person = expired_session(site, provider)
    provider.always("token", Answer(503, b""))
    begun = time.monotonic()
    while time.monotonic() - begun < 4:
        at_once(10, lambda _: person.call())
    assert refreshes(provider) <= 10, f"{refreshes(provider)} in four seconds"
    assert person.is_signed_in()


def test_many_sessions_are_refreshed_side_by_side(crowded, provider, upstream):
    provider.access_seconds = 1
    people = [log_in(crowded) for _ in range(20)]
    provider.access_seconds = 300
    time.sleep(1.5)
    provider.always("token", Delay(0.5))
    begun = time.monotonic()
    assert statuses(at_once(20, lambda number: people[number].call())) == {200}
    assert refreshes(provider) == 20 and time.monotonic() - begun < 4.5
