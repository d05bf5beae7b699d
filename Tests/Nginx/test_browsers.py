"""What browsers say of themselves decides: redirects for pages, 401 for scripts, proofs of origin for
what changes something."""
import base64
import itertools
import os
import urllib.parse

import pytest
from client import send
from harness import Person, Site, Upstream, log_in
from harness.people import new_cookies
from provider import Provider

PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"}
FETCH = {"Accept": "*/*", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin"}


def ask(site, fields, method="GET", path="/api/x"):
    return send(site.origin + path, method, list(fields.items()), b"x" if method == "POST" else None)


@pytest.mark.parametrize("fields", [PAGE, {"Accept": "text/html"}, {**PAGE, "Sec-Fetch-Site": "cross-site"}],
                         ids=["a browser", "an old browser", "a link from elsewhere"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_page_without_a_session_is_sent_to_the_login_and_comes_back(site, upstream, fields, method):
    answer = ask(site, fields, method, "/api/page?a=1&b=2")
    assert answer.status in (302, 303) and not upstream.arrivals
    person = Person(site.origin)
    person._keep(answer)
    place = answer.location
    if place.startswith(site.origin):
        place = person.visit(place).location
    back = person.visit(person.at_provider(place))
    assert back.status == 303 and back.location == site.origin + "/api/page?a=1&b=2"


@pytest.mark.parametrize("fields", [
    FETCH, {"Accept": "application/json"}, {"Accept": "*/*"}, {}, {"X-Requested-With": "XMLHttpRequest"},
    {**PAGE, "Sec-Fetch-Mode": "cors"}, {**PAGE, "Sec-Fetch-Dest": "image", "Sec-Fetch-Mode": "no-cors"},
    {**PAGE, "Sec-Fetch-Dest": "iframe"},
], ids=["fetch", "JSON", "curl", "nothing", "an old script", "fetch of HTML", "an image", "a frame"])
def test_a_script_without_a_session_gets_401_and_the_login(site, upstream, fields):
    answer = ask(site, fields)
    assert answer.status == 401 and answer.field("Content-Type").startswith("application/problem+json")
    assert answer.json()["status"] == 401 and answer.json()["login"].startswith("/auth/login")
    assert not answer.location and not new_cookies(answer) and not upstream.arrivals
    assert "no-store" in answer.field("Cache-Control") and answer.field("WWW-Authenticate")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_what_changes_something_is_never_redirected_to_the_login(site, upstream, method):
    answer = ask(site, PAGE, method)
    assert answer.status in (401, 403) and not answer.location and not upstream.arrivals


def test_a_preflight_is_never_redirected(site, upstream):
    fields = {**PAGE, "Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    answer = ask(site, fields, "OPTIONS")
    assert answer.status in (200, 204, 401, 403) and not answer.location
    assert not answer.field("Access-Control-Allow-Origin")


# Proofs of origin.  The first that is present decides; None stands for a field that is not sent.
FETCH_SITES = {None: None, "same-origin": True, "none": None, "same-site": False, "cross-site": False,
               "nonsense": False}
ORIGINS = {None: None, "own": True, "https://elsewhere.example": False, "null": False, "": False}
OWN_FIELD = {None: None, "1": True}


def decide(fetch_site, origin, own):
    for verdict in (FETCH_SITES[fetch_site], ORIGINS[origin], OWN_FIELD[own]):
        if verdict is not None:
            return verdict
    return False


MATRIX = [case for case in itertools.product(FETCH_SITES, ORIGINS, OWN_FIELD) if case[0] != "none"]


@pytest.mark.parametrize("fetch_site, origin, own", MATRIX, ids=str)
def test_a_post_needs_a_proof_of_origin(shared, upstream_shared, fetch_site, origin, own):
    site, person = shared
    fields = [("Sec-Fetch-Site", fetch_site), ("Origin", site.origin if origin == "own" else origin),
              ("X-Cloakroom", own)]
    upstream_shared.arrivals.clear()
    answer = person.ask("/api/x", "POST", [(name, value) for name, value in fields if value is not None], b"x=1",
                        cookies=dict([person.ticket]))
    if decide(fetch_site, origin, own):
        assert answer.status == 200 and upstream_shared.last.token
    else:
        assert answer.status == 403 and not upstream_shared.arrivals
        assert not answer.all("Set-Cookie"), "a refused request took the session away"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "PROPFIND"])
def test_so_do_the_other_unsafe_methods(shared, method):
    _, person = shared
    foreign = [("Sec-Fetch-Site", "cross-site")]
    assert person.ask("/api/x", method, foreign, b"", cookies=dict([person.ticket])).status == 403
    assert person.ask("/api/x", method, [], b"", cookies=dict([person.ticket])).status == 403


def test_a_method_override_does_not_weaken_it(shared):
    _, person = shared
    fields = [("X-HTTP-Method-Override", "GET"), ("X-Method-Override", "GET"), ("Sec-Fetch-Site", "cross-site")]
    assert person.ask("/api/x", "POST", fields, b"", cookies=dict([person.ticket])).status == 403


def test_origins_that_only_look_like_ours_are_foreign(shared):
    site, person = shared
    for origin in (site.origin + "/", site.origin + ".evil.example", site.origin.upper(), "http://localhost",
                   site.origin.replace("http:", "https:"), f"http://127.0.0.1:{site.port}", site.origin + " x"):
        answer = person.ask("/api/x", "POST", [("Origin", origin)], b"", cookies=dict([person.ticket]))
        assert answer.status == 403, origin


def test_two_origins_are_no_proof(shared):
    site, person = shared
    fields = [("Origin", site.origin), ("Origin", "https://elsewhere.example")]
    assert person.ask("/api/x", "POST", fields, b"", cookies=dict([person.ticket])).status in (400, 403)
    fields = [("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "cross-site")]
    assert person.ask("/api/x", "POST", fields, b"", cookies=dict([person.ticket])).status in (400, 403)


def upgrade(person, *fields):
    key = base64.b64encode(os.urandom(16)).decode()
    return person.ask("/api/socket", fields=[
        ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", key), *fields], cookies=dict([person.ticket]))


def test_a_websocket_needs_a_proof_of_origin(shared):
    site, person = shared
    assert upgrade(person, ("Origin", site.origin)).status == 200
    for fields in ([("Origin", "https://elsewhere.example")], [("Origin", "null")], [],
                   [("Sec-Fetch-Site", "cross-site"), ("Origin", site.origin)]):
        assert upgrade(person, *fields).status == 403, fields


@pytest.mark.parametrize("fields, status", [
    ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200),
    ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, 403),
    ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}, 403),
    ({"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, 200),
    ({"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200),
    ({}, 200),
], ids=str)
def test_reading_from_another_site_takes_a_navigation(shared, fields, status):
    _, person = shared
    assert person.ask("/api/x", fields=list(fields.items()), cookies=dict([person.ticket])).status == status


def test_cross_site_reads_pass_where_a_location_allows_them(make_site):
    site = make_site(locations="location /embed/ { cloakroom session idp cross_site_reads=on; "
                               "proxy_pass http://behind; }")
    person = log_in(site)
    fields = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "image")]
    assert person.ask("/embed/x", fields=fields).status == 200
    assert person.ask("/api/x", fields=fields).status == 403
    assert person.ask("/embed/x", "POST", fields, b"").status == 403


def test_no_answer_opens_the_api_to_another_origin(shared):
    _, person = shared
    foreign = [("Origin", "https://elsewhere.example")]
    answer = person.ask("/auth/session", fields=foreign, cookies=dict([person.ticket]))
    assert not answer.field("Access-Control-Allow-Origin")
    assert answer.field("X-Content-Type-Options") == "nosniff"


def test_a_login_keeps_the_path_and_query_that_was_asked_for(site):
    answer = ask(site, PAGE, path="/api/a%20b?q=%26&r=" + urllib.parse.quote("https://x.example/"))
    person = Person(site.origin)
    person._keep(answer)
    place = answer.location
    if place.startswith(site.origin):
        place = person.visit(place).location
    back = person.visit(person.at_provider(place))
    assert back.location == site.origin + "/api/a%20b?q=%26&r=https%3A//x.example/"


@pytest.fixture(scope="module")
def upstream_shared():
    with Upstream() as made:
        yield made


@pytest.fixture(scope="module")
def shared(upstream_shared):
    """One site and one person for many small questions that change nothing."""
    with Provider() as provider, Site(provider, upstream_shared) as site:
        yield site, log_in(site)
