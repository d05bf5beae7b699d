"""The whole way of one person through one site."""
import re
import time

from harness import Person, log_in
from harness.people import new_cookies
from provider.keys import verify


def test_a_person_signs_in_calls_the_api_is_renewed_and_signs_out(site, provider, upstream):
    provider.access_seconds = 2
    person = Person(site.origin)
    assert person.session() == {"authenticated": False, "login": "/auth/login"}

    refused = person.call()
    assert refused.status == 401 and refused.json()["login"].startswith("/auth/login")
    assert not upstream.arrivals, "a stranger's request reached the upstream"

    answer = person.log_in("/index.html?a=b")
    assert (answer.status, answer.location) == (303, site.origin + "/index.html?a=b")
    (ticket,) = new_cookies(answer)
    assert re.fullmatch(r"[\w-]{43}", ticket.value)
    assert "httponly" in ticket.attributes and ticket.attributes["samesite"].lower() == "lax"
    assert ticket.attributes["path"] == "/" and "domain" not in ticket.attributes

    assert person.call().status == 200
    first = verify(upstream.last.token, provider.keys)
    assert (first["sub"], first["aud"]) == ("alice", "api")

    told = person.session()
    assert told["claims"] == {"sub": "alice", "name": "Alice Example", "email": "alice@example.org"}
    assert told["token"]["generation"] == 1 and 0 <= told["token"]["expires_in"] <= 2

    provider.access_seconds = 300
    site.wait_until(lambda: person.session()["token"]["expires_in"] == 0, "the token never expired")
    assert person.call().status == 200
    assert verify(upstream.last.token, provider.keys)["jti"] != first["jti"]
    assert person.generation == 2 and person.ticket == (ticket.name, ticket.value)

    left = person.log_out()
    assert left.status == 303 and left.location.startswith(provider.origin + "/logout?")
    assert not person.cookies
    assert person.call(cookies={ticket.name: ticket.value}).status == 401
    site.wait_until(lambda: provider.count("revoke") > 0, "the refresh token was never revoked")
    _, second_refresh = [token for token in provider.issued if token.startswith("canary-refresh-")]
    assert provider.entries("revoke")[0].form["token"] == second_refresh


def test_what_is_asked_of_the_provider_at_login(site, provider):
    log_in(site)
    asked = provider.entries("authorize")[0].query
    assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
    assert asked["client_id"] == "cloakroom test & client"
    assert asked["redirect_uri"] == site.origin + "/auth/callback"
    assert asked["scope"].split() == ["openid", "profile", "email", "offline_access"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[name]) >= 43, f"{name} is short: {asked[name]}"
    form = provider.entries("token")[0].form
    assert form["redirect_uri"] == asked["redirect_uri"] and 43 <= len(form["code_verifier"]) <= 128


def test_each_login_has_its_own_state_nonce_and_challenge(site, provider):
    for _ in range(5):
        person = Person(site.origin)
        person.at_provider(person.begin())
    for name in ("state", "nonce", "code_challenge"):
        assert len({entry.query[name] for entry in provider.entries("authorize")}) == 5


def test_a_new_login_gives_a_new_cookie_whatever_came(site):
    person = log_in(site)
    name, value = person.ticket
    assert person.log_in().status == 303
    assert person.ticket[0] == name and person.ticket[1] != value
    planted = Person(site.origin)
    planted.cookies = {name: "A" * 43}
    planted.log_in()
    assert planted.ticket[1] != "A" * 43


def test_asking_for_the_session_does_not_prolong_it(make_site):
    site = make_site(provider_settings={"idle_timeout": "3s"})
    person = log_in(site)
    site.wait_until(lambda: not person.is_signed_in(), "a session that is only asked for goes on", 8)


def test_an_idle_session_ends_and_its_tokens_are_gone(make_site):
    site = make_site(provider_settings={"idle_timeout": "2s"})
    person = log_in(site)
    for _ in range(4):
        time.sleep(0.8)
        assert person.call().status == 200, "a session in use ended"
    time.sleep(3)
    assert person.call().status == 401


def test_a_session_ends_after_its_absolute_lifetime_however_much_it_is_used(make_site):
    site = make_site(provider_settings={"absolute_timeout": "2s", "idle_timeout": "2s"})
    person = log_in(site)
    site.wait_until(lambda: person.call().status == 401, "a session in use never ends", 6)


def test_sessions_outlive_a_restart_of_nginx(site):
    person = log_in(site)
    site.stop()
    site.start()
    assert person.call().status == 200


def test_every_worker_knows_the_session(make_site):
    site = make_site(workers=4)
    person = log_in(site)
    assert {person.call().status for _ in range(60)} == {200}
    assert len({line.split()[1] for line in site.read("access.log").splitlines() if "/api/x" in line}) > 1
