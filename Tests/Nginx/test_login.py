"""Login: what goes out, what may come back, and what is turned away."""
import json
import time
import urllib.parse

import pytest
from client import send
from harness import Person, at_once, log_in
from harness.people import new_cookies
from provider import Answer, Cut, SigningKey
from provider.keys import symmetric, unsigned
from provider.openid import CLIENT_ID, CLIENT_SECRET

STRANGER = SigningKey("ES256", "of a stranger")


def begin(site):
    """A person at the point where the provider has sent the browser back."""
    person = Person(site.origin)
    return person, person.at_provider(person.begin())


def assert_no_session(person, answer):
    """The login failed, said so, and left nothing behind."""
    assert answer.status in (400, 403, 502, 503), f"{answer.status} {answer.location} {answer.text[:300]}"
    assert not new_cookies(answer)
    assert not person.is_signed_in() and person.call().status == 401


def changed(name, value):
    def bend(header, claims):
        claims = {**claims, name: value}
        return header, {key: kept for key, kept in claims.items() if kept is not None}
    return bend


LIES = {
    "another nonce": changed("nonce", "another"), "no nonce": changed("nonce", None),
    "another issuer": changed("iss", "https://evil.example"), "the issuer with a slash": None,
    "no issuer": changed("iss", None),
    "another audience": changed("aud", "another"), "no audience": changed("aud", None),
    "an audience too many": changed("aud", [CLIENT_ID, "another"]), "audience []": changed("aud", []),
    "another azp": changed("azp", "another"),
    "no sub": changed("sub", None), "an empty sub": changed("sub", ""), "a number as sub": changed("sub", 5),
    "a long sub": changed("sub", "a" * 256), "a list as sub": changed("sub", ["alice"]),
    "another at_hash": changed("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), "a number as at_hash": changed("at_hash", 5),
    "expired": changed("exp", int(time.time()) - 3600), "no exp": changed("exp", None),
    "exp as text": changed("exp", "9999999999"),
    "no iat": changed("iat", None), "from the future": changed("iat", int(time.time()) + 86_400),
    "typ at+jwt": lambda header, claims: ({**header, "typ": "at+jwt"}, claims),
    "typ logout+jwt": lambda header, claims: ({**header, "typ": "logout+jwt"}, claims),
    "events": changed("events", {"http://schemas.openid.net/event/backchannel-logout": {}}),
    "an unknown critical header": lambda header, claims: ({**header, "crit": ["x"], "x": 1}, claims),
}


@pytest.mark.parametrize("lie", LIES)
def test_an_id_token_that_lies_makes_no_session(site, provider, lie):
    """IDT-03 IDT-04 IDT-05 IDT-06 IDT-07 IDT-08"""
    provider.bend_id = LIES[lie] or changed("iss", provider.issuer + "/")
    person, callback = begin(site)
    assert_no_session(person, person.visit(callback))


@pytest.mark.parametrize("forgery", [
    lambda header, claims: unsigned(claims), lambda header, claims: unsigned(claims, typ="JWT"),
    lambda header, claims: symmetric(CLIENT_SECRET, claims, **header),
    lambda header, claims: STRANGER.sign(claims, **header), lambda header, claims: STRANGER.sign(claims, kid="first"),
    lambda header, claims: "not a token", lambda header, claims: "",
], ids=["alg none", "alg none with typ", "HS256 with the client secret", "a key of a stranger",
        "a key of a stranger under a known name", "no token", "empty"])
def test_an_id_token_that_is_forged_makes_no_session(site, provider, forgery):
    """IDT-02"""
    provider.sign_id = forgery
    person, callback = begin(site)
    assert_no_session(person, person.visit(callback))


def test_the_public_key_as_hmac_secret_makes_no_session(site, provider):
    """ALG-04 IDT-02"""
    provider.keys = [SigningKey("RS256", "rsa")]
    public = provider.keys[0].key.as_pem(private=False)
    provider.sign_id = lambda header, claims: symmetric(public, claims, kid="rsa", **header)
    person, callback = begin(site)
    assert_no_session(person, person.visit(callback))


@pytest.mark.parametrize("algorithm", ["RS256", "RS512", "PS256", "PS384", "ES256", "ES384", "ES512", "EdDSA"])
def test_every_algorithm_that_exists_here_makes_a_session(site, provider, algorithm):
    provider.keys = [SigningKey(algorithm, "of " + algorithm)]
    assert log_in(site).call().status == 200


@pytest.mark.parametrize("bend", [
    lambda answer: {**answer, "token_type": "mac"},
    lambda answer: {name: value for name, value in answer.items() if name != "token_type"},
    lambda answer: {name: value for name, value in answer.items() if name != "access_token"},
    lambda answer: {name: value for name, value in answer.items() if name != "id_token"},
    lambda answer: {**answer, "access_token": 5}, lambda answer: {**answer, "access_token": ""},
    lambda answer: {**answer, "access_token": "a b\r\nX-Evil: 1"},
    lambda answer: {**answer, "expires_in": "soon"}, lambda answer: [answer],
], ids=["token_type mac", "no token_type", "no access_token", "no id_token", "a number as token", "an empty token",
        "a token with a line end", "expires_in as a word", "a list"])
def test_a_token_answer_that_is_no_such_thing_makes_no_session(site, provider, bend):
    provider.bend_answer = bend
    person, callback = begin(site)
    assert_no_session(person, person.visit(callback))


@pytest.mark.parametrize("fault", [Answer(500, b""), Answer(200, "<html>", "text/html"), Answer(200, "{"), Cut(),
                                   Answer(400, '{"error":"invalid_grant"}'), Answer(200, "{}" * 400_000)],
                         ids=["500", "HTML", "half an object", "cut", "invalid_grant", "a megabyte"])
def test_a_failing_token_endpoint_makes_no_session_and_gets_the_code_once(site, provider, fault):
    person, callback = begin(site)
    provider.at("token", fault)
    assert_no_session(person, person.visit(callback))
    person.visit(callback)
    assert provider.count("token") == 1, "the code was sent again"


def change_query(url, **changes):
    parts = urllib.parse.urlsplit(url)
    query = dict(urllib.parse.parse_qsl(parts.query))
    query.update(changes)
    return parts._replace(query=urllib.parse.urlencode({k: v for k, v in query.items() if v is not None})).geturl()


@pytest.mark.parametrize("changes", [
    {"state": None}, {"state": "A" * 43}, {"state": ""}, {"iss": "https://evil.example"}, {"iss": None},
    {"code": None}, {"code": ""}, {"error": "access_denied", "code": None},
], ids=str)
def test_a_callback_that_does_not_fit_makes_no_session_and_sends_no_code(site, provider, changes):
    person, callback = begin(site)
    assert_no_session(person, person.visit(change_query(callback, **changes)))
    assert provider.count("token") == 0


@pytest.mark.parametrize("name", ["code", "state", "iss"])
def test_a_parameter_given_twice_is_refused(site, provider, name):
    """CB-02"""
    person, callback = begin(site)
    value = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(callback).query))[name]
    assert_no_session(person, person.visit(f"{callback}&{name}={urllib.parse.quote(value)}"))
    assert provider.count("token") == 0


def test_a_callback_of_another_browser_is_refused(site, provider):
    """Login CSRF: the attacker's callback in the victim's browser."""
    _, callback = begin(site)
    victim = Person(site.origin)
    assert_no_session(victim, victim.visit(callback))
    victim, _ = begin(site)
    assert_no_session(victim, victim.visit(callback))
    assert provider.count("token") == 0


def test_an_error_of_the_provider_is_shown_without_its_text(site):
    """CB-05 BRW-09"""
    person, callback = begin(site)
    answer = person.visit(change_query(callback, code=None, error="access_denied",
                                       error_description="<script>alert(1)</script>"))
    assert answer.status == 400 or answer.status == 403
    assert "<script" not in answer.text and "alert(1)" not in answer.text
    assert "default-src 'none'" in (answer.field("Content-Security-Policy") or "")
    assert answer.field("X-Content-Type-Options") == "nosniff"


def test_a_callback_delivered_twice_sends_one_code(make_site, provider):
    """CB-01 CB-07"""
    site = make_site(workers=4)
    person, callback = begin(site)
    held = dict(person.cookies)
    answers = at_once(10, lambda _: Person(site.origin).ask(callback, fields=Person.NAVIGATION, cookies=held))
    assert provider.count("token", grant_type="authorization_code") == 1
    assert sum(len(new_cookies(answer)) for answer in answers) >= 1
    for answer in answers:
        assert answer.status in (303, 400, 409, 503), answer.status


def test_a_spent_callback_in_a_browser_with_a_session_leads_to_its_page(site):
    person = Person(site.origin)
    callback = person.at_provider(person.begin("/index.html?tab=1"))
    assert person.visit(callback).status == 303
    kept = person.ticket
    again = person.visit(callback)
    assert again.status == 303 and again.location.startswith(site.origin + "/") and "/auth/" not in again.location
    assert person.ticket == kept and person.call().status == 200


def test_a_spent_callback_in_a_browser_without_a_session_makes_none(site, provider):
    person, callback = begin(site)
    held = dict(person.cookies)
    assert person.visit(callback).status == 303
    thief = Person(site.origin)
    thief.cookies = held
    assert_no_session(thief, thief.visit(callback))
    assert provider.count("token") == 1


def test_two_tabs_log_in_side_by_side_and_each_finds_its_page(site):
    person = Person(site.origin)
    first, second = person.begin("/one"), person.begin("/two")
    assert len(person.cookies) == 2
    for url, page in ((second, "/two"), (first, "/one")):
        answer = person.visit(person.at_provider(url))
        assert answer.status == 303 and answer.location == site.origin + page
    assert person.call().status == 200


def test_open_logins_are_capped_in_number(make_site):
    """LOG-09 LIM-20"""
    site = make_site(provider_settings={"login_limit": "3"})
    person = Person(site.origin)
    urls = [person.begin() for _ in range(12)]
    assert len(person.cookies) <= 3, sorted(person.cookies)
    assert person.visit(person.at_provider(urls[-1])).status == 303
    assert person.call().status == 200


def test_a_login_that_is_only_begun_writes_nothing(site):
    log_in(site)
    size = sum(len(open_file(site, name)) for name in ("", "-wal"))
    for _ in range(200):
        Person(site.origin).begin()
    assert sum(len(open_file(site, name)) for name in ("", "-wal")) == size


def open_file(site, suffix):
    try:
        with open(site.store + suffix, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def test_an_expired_login_is_refused(make_site, provider):
    site = make_site(provider_settings={"login_lifetime": "1s"})
    person, callback = begin(site)
    time.sleep(2.2)
    assert_no_session(person, person.visit(callback))
    assert provider.count("token") == 0


def test_a_login_cookie_is_no_session_cookie_and_the_other_way_round(site):
    person, callback = begin(site)
    attempt = next(iter(person.cookies.values()))
    ticket = log_in(site).ticket
    assert person.call(cookies={ticket[0]: attempt}).status == 401
    assert person.call(cookies={ticket[0]: attempt[:43]}).status == 401


def test_a_begun_and_cancelled_login_leaves_a_session_as_it_was(site):
    person = log_in(site)
    kept = person.ticket
    callback = person.at_provider(person.begin())
    person.visit(change_query(callback, code=None, error="access_denied"))
    assert person.call().status == 200 and kept[1] in person.cookies.values()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_callback_takes_get_only(site, provider, method):
    """CB-06"""
    person, callback = begin(site)
    assert person.ask(callback, method, Person.NAVIGATION, b"").status in (403, 405)
    assert provider.count("token") == 0


@pytest.mark.parametrize("place", [
    "//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "https:evil.example",
    "https:/evil.example", "/\t/evil.example", "\t//evil.example", "/%09/evil.example", "/%5cevil.example",
    "///evil.example", "javascript:alert(1)", "data:text/html,x", "http://localhost@evil.example/", "evil.example",
    "/ok\r\nX-Evil: 1", "/a" * 3000, "/auth/login", "/auth/logout", "/auth/callback?code=1", "/auth", "",
    "/./auth/logout",
    "/x/../auth/logout", "/%61uth/logout", "/auth%2flogout", " /x", "/x\0y", "/\u2028//evil.example",
    "/;@evil.example", "/@evil.example//",
])
def test_a_return_path_never_leaves_this_origin_nor_leads_to_the_endpoints(site, place):
    """LOG-08"""
    person = Person(site.origin)
    answer = person.ask("/auth/login?" + urllib.parse.urlencode({"return_to": place}), fields=Person.NAVIGATION)
    if answer.status != 303:
        assert answer.status == 400
        return
    answer = person.visit(person.at_provider(answer.location))
    assert answer.status == 303
    raw = answer.field("Location")
    assert raw.isascii() and "\r" not in raw and "\n" not in raw and not answer.field("X-Evil")
    assert "\\" not in raw and "\t" not in raw and " " not in raw
    landed = urllib.parse.urlsplit(urllib.parse.urljoin(site.origin, raw))
    assert f"{landed.scheme}://{landed.netloc}" == site.origin, raw
    decoded = urllib.parse.unquote(landed.path)
    assert not decoded.startswith(("//", "/\\", "/\t")), raw
    walked = urllib.parse.urljoin(site.origin + "/", decoded.replace("\\", "/"))
    assert not urllib.parse.urlsplit(walked).path.startswith("/auth"), raw
    assert len(raw) < 4_200


@pytest.mark.parametrize("place", ["/", "/index.html", "/a/b?c=d&e=%20f", "/%C3%BC", "/authors",
                                   "/x?u=https://y.example/"])
def test_a_return_path_of_this_origin_is_kept(site, place):
    person = Person(site.origin)
    answer = person.log_in(place)
    assert answer.status == 303 and answer.location == site.origin + place


def test_the_callback_answer_gives_nothing_away(site):
    person, callback = begin(site)
    answer = person.visit(callback)
    assert answer.field("Referrer-Policy") == "no-referrer" and "no-store" in answer.field("Cache-Control")
    assert "canary" not in json.dumps(answer.fields) + answer.text


def test_a_provider_over_tls_needs_its_certificate_trusted(make_site, provider_tls, ca_file):
    """MET-04"""
    provider, context = provider_tls
    trusting = make_site(provider=provider, provider_settings={"ca_file": ca_file})
    assert log_in(trusting, context=context).call().status == 200
    wary = make_site(provider=provider)
    answer = Person(wary.origin).visit("/auth/login")
    assert answer.status == 503 and answer.field("Retry-After")


@pytest.mark.parametrize("bend", [
    lambda document: {**document, "issuer": document["issuer"] + "/"},
    lambda document: {**document, "issuer": "https://evil.example"},
    lambda document: {**document, "token_endpoint": "http://evil.example/token"},
    lambda document: {**document, "authorization_endpoint": "javascript:alert(1)"},
    lambda document: {**document, "jwks_uri": "file:///etc/passwd"},
    lambda document: {**document, "token_endpoint": 5}, lambda document: [document],
    lambda document: {key: value for key, value in document.items() if key != "token_endpoint"},
], ids=["issuer with a slash", "issuer of another", "plain http elsewhere", "javascript", "file", "a number", "a list",
        "no token endpoint"])
def test_metadata_that_lies_starts_no_login(make_site, provider, bend):
    """MET-01 MET-05 MET-10"""
    provider.bend_discovery = bend
    site = make_site()
    answer = Person(site.origin).visit("/auth/login")
    assert answer.status == 503 and answer.field("Retry-After"), f"{answer.status} {answer.location}"


def test_a_page_that_embeds_the_login_does_not_start_it(site, provider):
    for destination in ("image", "iframe", "script", "empty"):
        fields = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Dest", destination),
                  ("Sec-Fetch-Mode", "navigate" if destination == "iframe" else "no-cors")]
        answer = send(site.origin + "/auth/login", fields=fields)
        assert answer.status in (401, 403) and not new_cookies(answer), f"{destination}: {answer.status}"
