"""Logout: at once, everywhere, whatever else is going on."""
import threading
import time
import urllib.parse

import pytest
from harness import Person, at_once, log_in
from harness.people import NAVIGATION
from provider import Answer, Delay, Gate
from test_crash import call_and_forget
from test_refresh import expired_session, refreshes


def test_logout_counts_at_once_in_every_worker(make_site):
    site = make_site(workers=4)
    person = log_in(site)
    kept = dict(person.cookies)
    for _ in range(40):
        assert person.call().status == 200
    assert person.log_out().status == 303
    statuses = {answer.status for answer in at_once(60, lambda _: Person(site.origin).call(cookies=kept))}
    assert statuses == {401}


def test_logout_leads_to_the_providers_end_session_endpoint(site, provider):
    answer = log_in(site).log_out()
    assert answer.status == 303 and answer.location.split("?")[0] == provider.origin + "/logout"
    asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.location).query))
    assert asked["client_id"] == "cloakroom test & client"
    assert asked["post_logout_redirect_uri"].startswith(site.origin + "/")
    assert "evil" not in answer.location


def test_logout_takes_the_cookie_back_with_its_attributes(site):
    person = log_in(site)
    name, _ = person.ticket
    (line,) = [line for line in person.log_out().all("Set-Cookie") if line.startswith(name + "=")]
    words = [word.strip().lower() for word in line.split(";")]
    assert words[0] == name.lower() + "=" and "max-age=0" in words and "path=/" in words and "httponly" in words


def test_logout_works_while_the_provider_is_down(site, provider):
    person = log_in(site)
    kept = dict(person.cookies)
    out = person.session()["logout"]
    provider.stop()
    answer = person.ask(out["url"], "POST", [*NAVIGATION, ("Origin", site.origin)], b"")
    assert answer.status == 303 and not person.cookies
    assert person.call(cookies=kept).status == 401
    provider.restart()


def test_logout_does_not_wait_for_the_revocation(site, provider):
    person = log_in(site)
    provider.at("revoke", Delay(3))
    begun = time.monotonic()
    assert person.log_out().status == 303 and time.monotonic() - begun < 2


def test_a_revocation_that_the_provider_is_too_busy_for_is_tried_again_or_given_up(site, provider):
    person = log_in(site)
    provider.at("revoke", Answer(503, b"", **{"Retry-After": "1"}))
    assert person.log_out().status == 303
    site.wait_until(lambda: provider.count("revoke") >= 1, "nothing was revoked")


def test_logout_during_a_refresh_wins(site, provider, upstream):
    person = expired_session(site, provider)
    kept, out = dict(person.cookies), person.session()["logout"]
    gate = Gate(late=True)
    provider.at("token", gate)
    waiting = call_and_forget(person)
    gate.wait()
    assert person.ask(out["url"], "POST", [*NAVIGATION, ("Origin", site.origin)], b"").status == 303
    gate.open()
    waiting.join(10)
    time.sleep(1)
    assert person.call(cookies=kept).status == 401, "the refresh brought the session back"
    assert not person.is_signed_in(kept)
    fresh = [token for token in provider.issued if token.startswith("canary-refresh-")][-1]
    site.wait_until(lambda: fresh in [entry.form.get("token") for entry in provider.entries("revoke")],
                    "the late refresh token was not revoked")
    assert refreshes(provider) == 1


def test_logout_by_get_does_nothing(site):
    person = log_in(site)
    url = person.session()["logout"]["url"]
    assert person.visit(url).status == 405
    assert person.call().status == 200


def test_the_csrf_value_alone_is_a_proof_where_the_browser_sends_none(site):
    person = log_in(site)
    assert person.ask(person.session()["logout"]["url"], "POST", [], b"").status == 303
    assert not person.cookies


@pytest.mark.parametrize("csrf", ["", "A" * 43, "of another"])
def test_a_wrong_csrf_value_is_refused_whatever_else_proves(site, csrf):
    person = log_in(site)
    wrong = log_in(site).session()["logout"]["url"] if csrf == "of another" else "/auth/logout?csrf=" + csrf
    assert person.ask(wrong, "POST", [*NAVIGATION, ("Origin", site.origin)], b"").status == 403
    assert person.call().status == 200


@pytest.mark.parametrize("csrf", ["", "A" * 43, None, "of another"])
def test_logout_with_a_wrong_csrf_value_does_nothing(site, csrf):
    person = log_in(site)
    url = person.session()["logout"]["url"]
    if csrf == "of another":
        wrong = log_in(site).session()["logout"]["url"]
    else:
        wrong = url.split("?")[0] + ("" if csrf is None else "?csrf=" + csrf)
    answer = person.ask(wrong, "POST", [], b"")
    assert answer.status == 403 and person.call().status == 200


def test_logout_without_a_session_is_harmless(site):
    answer = Person(site.origin).ask("/auth/logout", "POST", [*NAVIGATION, ("Origin", site.origin)], b"")
    assert answer.status in (303, 401, 403) and "evil" not in (answer.location or "")


def test_logout_twice_is_harmless(site, provider):
    person = log_in(site)
    kept, url = dict(person.cookies), person.session()["logout"]["url"]
    fields = [*NAVIGATION, ("Origin", site.origin)]
    assert person.ask(url, "POST", fields, b"", cookies=kept).status == 303
    assert person.ask(url, "POST", fields, b"", cookies=kept).status in (303, 401, 403)
    time.sleep(0.5)
    assert provider.count("revoke") <= 2


def test_logout_of_one_session_leaves_the_others(site):
    first, second = log_in(site), log_in(site)
    first.log_out()
    assert second.call().status == 200


def test_logout_in_one_tab_ends_the_call_of_the_other(site, provider):
    person = log_in(site)
    other = Person(site.origin)
    other.cookies = dict(person.cookies)
    ended = []
    thread = threading.Thread(target=lambda: ended.append(person.log_out().status))
    thread.start()
    thread.join()
    answer = other.call()
    assert ended == [303] and answer.status == 401 and not other.cookies
