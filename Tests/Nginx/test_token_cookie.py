"""Tokens that an application keeps in a cookie of its own, and what challenges look like in nginx."""
import re

import pytest
from client import send
from harness import Site, Upstream, log_in
from harness.http2 import HTTP2
from provider import Answer, Provider

OURS = [("Sec-Fetch-Site", "same-origin")]
NAVIGATION = [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")]
LOCATIONS = """
    location /shop/ {
        cloakroom   bearer idp audience=api token_cookie=__Host-jwt claim_headers=X-User=sub;
        proxy_pass  http://behind;
    }
    location /claims-only/ {
        cloakroom   bearer idp audience=api token_cookie=__Host-jwt claim_headers=X-User=sub forward_token=off;
        proxy_pass  http://behind;
    }"""


@pytest.fixture(scope="module")
def issuer():
    with Provider() as made:
        yield made


@pytest.fixture(scope="module")
def behind():
    with Upstream() as made:
        yield made


@pytest.fixture(scope="module")
def shop(issuer, behind):
    with Site(issuer, behind, locations=LOCATIONS) as made:
        yield made


def ask(site, token=None, fields=OURS, method="GET", path="/shop/x", cookies="a=1; __Host-jwt={}; b=2"):
    cookie = [] if token is None else [("Cookie", cookies.replace("{}", token))]
    return send(site.origin + path, method, cookie + list(fields), b"x" if method == "POST" else None)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_token_in_the_cookie_goes_on_as_authorization(shop, issuer, behind, method):
    """COK-14, UPS-06, BRW-12"""
    token = issuer.access_token()
    for _ in range(2):
        answer = ask(shop, token, method=method, fields=OURS + [("X-User", "admin"), ("Authorization", "Basic eDp5")])
        assert answer.status == 200
        assert behind.last.all("Authorization") == ["Bearer " + token]
        assert behind.last.all("Cookie") == ["a=1; b=2"] and behind.last.all("X-User") == ["alice"]
        assert "private" in answer.field("Cache-Control") and "Cookie" in answer.field("Vary")


def test_the_header_counts_as_before(shop, issuer, behind):
    token = issuer.access_token()
    assert send(shop.origin + "/shop/x", fields=[("Authorization", "Bearer " + token), ("Cookie", "a=1")]).status == 200
    assert behind.last.token == token and behind.last.all("Cookie") == ["a=1"]


def test_without_forward_token_no_token_goes_on(shop, issuer, behind):
    """UPS-07"""
    token = issuer.access_token()
    for fields in (OURS, OURS + [("Authorization", "Basic eDp5")]):
        assert ask(shop, token, fields, path="/claims-only/x").status == 200
        assert not behind.last.all("Authorization") and behind.last.all("X-User") == ["alice"]
        assert behind.last.all("Cookie") == ["a=1; b=2"]
    assert send(shop.origin + "/claims-only/x", fields=[("Authorization", "Bearer " + token)]).status == 200
    assert not behind.last.all("Authorization")


@pytest.mark.parametrize("fields, cookies", [
    (OURS + [("Authorization", "Bearer {}")], "__Host-jwt={}"), (OURS + [("Authorization", "Bearer x")], "__Host-jwt={}"),
    (OURS, "__Host-jwt={}; __Host-jwt={}"), (OURS, "__Host-jwt={}; a=1; __Host-jwt=planted"),
], ids=["in both places", "one of them bad", "twice", "one planted"])
def test_more_than_one_token_is_a_bad_request(shop, issuer, behind, fields, cookies):
    """BEA-03, COK-07"""
    token = issuer.access_token()
    assert ask(shop, token).status == 200
    behind.arrivals.clear()
    fields = [(name, value.replace("{}", token)) for name, value in fields]
    answer = ask(shop, token, fields, cookies=cookies)
    assert answer.status == 400 and 'error="invalid_request"' in answer.field("WWW-Authenticate")
    assert not behind.arrivals


@pytest.mark.parametrize("method, fields, status", [
    ("POST", [("Sec-Fetch-Site", "cross-site")], 403), ("POST", [("Sec-Fetch-Site", "same-site")], 403),
    ("POST", [], 403), ("POST", [("Origin", "null")], 403), ("POST", [("Origin", "https://evil.example")], 403),
    ("POST", OURS, 200), ("POST", [("Origin", "{origin}")], 200), ("POST", [("X-Requested-With", "x")], 200),
    ("GET", [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "image")], 403),
    ("GET", [("Sec-Fetch-Site", "cross-site"), *NAVIGATION], 200), ("GET", [], 200),
    ("GET", [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Origin", "https://evil.example")], 403),
], ids=str)
def test_other_sites_cause_nothing(shop, issuer, behind, method, fields, status):
    """BRW-01, BRW-03, BRW-04"""
    token = issuer.access_token()
    assert ask(shop, token).status == 200
    behind.arrivals.clear()
    fields = [(name, value.replace("{origin}", shop.origin)) for name, value in fields]
    for text in (token, issuer.access_token()):
        answer = ask(shop, text, fields, method)
        assert answer.status == status and bool(behind.arrivals) == (status == 200)


def test_a_bad_token_in_the_cookie_is_401_and_the_cookie_stays(shop, issuer, behind):
    behind.arrivals.clear()
    for token in ("x", "a.b.c", issuer.access_token(aud="other"), '"' + issuer.access_token() + '"'):
        answer = ask(shop, token)
        assert answer.status == 401 and 'error="invalid_token"' in answer.field("WWW-Authenticate")
        assert not answer.all("Set-Cookie")
    assert not behind.arrivals


def test_a_person_gets_a_page_and_a_script_json(shop):
    """LOG-12, BEA-05"""
    page = send(shop.origin + "/shop/x", fields=[("Sec-Fetch-Site", "none"), *NAVIGATION])
    assert page.status == 401 and page.field("Content-Type").startswith("text/html")
    assert page.field("WWW-Authenticate") == 'Bearer realm="api"'
    script = ask(shop)
    assert script.status == 401 and script.field("Content-Type").startswith("application/problem+json")


def test_the_application_may_set_its_cookie_through_us(make_site, provider, upstream):
    """COK-15 is about our own cookies only."""
    site = make_site(locations=LOCATIONS)
    own = "__Host-jwt=new; Path=/; Secure"
    upstream.fields = [("Set-Cookie", own), ("Set-Cookie", "cloakroom=forged; Path=/")]
    assert ask(site, provider.access_token()).all("Set-Cookie") == [own]


def test_a_token_cookie_is_none_elsewhere(shop, issuer, behind):
    behind.arrivals.clear()
    assert ask(shop, issuer.access_token(), path="/bearer/x").status == 401
    assert ask(shop, issuer.access_token(), path="/api/x").status == 401
    assert not behind.arrivals


def test_a_session_of_another_provider_goes_to_no_upstream(make_site, provider, upstream):
    """COK-14, COK-16: on one host"""
    with Provider() as partner:
        site = make_site(
            locations="location /partner/ { cloakroom bearer partner audience=api; proxy_pass http://behind; }",
            providers=f"cloakroom_provider partner {{ issuer {partner.issuer}; }}")
        person = log_in(site)
        name, value = person.ticket
        token = ("Authorization", "Bearer " + partner.access_token())
        for _ in range(2):
            answer = send(site.origin + "/partner/x", fields=[token, ("Cookie", f"{name}={value}; a=1")])
            assert answer.status == 200 and upstream.last.all("Cookie") == ["a=1"]


# Challenges

CHALLENGE = re.compile(r'Bearer [a-z_]+="[ !#-\[\]-~]*"(, [a-z_]+="[ !#-\[\]-~]*")*')


def bad_requests(issuer):
    return [
        ([], 401, None), ([("Authorization", "")], 400, "invalid_request"),
        ([("Authorization", "Bearer a b")], 400, "invalid_request"), ([("Authorization", "Bearer x")], 401, "invalid_token"),
        ([("Authorization", "Bearer " + issuer.access_token(scope="none"))], 403, "insufficient_scope"),
    ]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
def test_challenges_follow_the_grammar_whatever_the_method(shop, issuer, method):
    """BEA-08, BEA-10, BEA-11, BEA-15"""
    for fields, status, error in bad_requests(issuer):
        answer = send(shop.origin + "/scoped/x", method, fields)
        (challenge,) = answer.all("WWW-Authenticate")
        assert answer.status == status and CHALLENGE.fullmatch(challenge), f"{fields}: {answer.status} {challenge}"
        assert re.findall('error="([^"]*)"', challenge) == ([error] if error else [])
        assert ("scope=" in challenge) == (error in (None, "insufficient_scope"))
        assert answer.field("Cache-Control") == "no-store" and (not answer.body if method == "HEAD" else answer.body)


def test_http2_is_checked_alike(make_site, provider, upstream, tls):
    """BEA-15, COK-06"""
    site = make_site(servers=tls.server("""
        location /shop/ { cloakroom bearer idp audience=api token_cookie=__Host-jwt; proxy_pass http://behind; }
        location /scoped/ { cloakroom bearer idp audience=api "scope=read write"; proxy_pass http://behind; }"""))
    token = provider.access_token()
    with HTTP2(tls.port, tls.context) as connection:
        for fields, status, error in bad_requests(provider):
            answer = connection.answer(connection.ask("/scoped/x", fields=[(n.lower(), v) for n, v in fields]))
            assert answer.status == status
            assert (f'error="{error}"' in answer.field("WWW-Authenticate")) == bool(error)
        own = [("sec-fetch-site", "same-origin")]
        crumbs = [("cookie", "a=1"), ("cookie", "__Host-jwt=" + token)]
        assert connection.answer(connection.ask("/shop/x", "POST", own + crumbs, b"x")).status == 200
        assert upstream.last.token == token and upstream.last.all("Cookie") == ["a=1"]
        assert connection.answer(connection.ask("/shop/x", "POST", crumbs, b"x")).status == 403
        twice = [*own, *crumbs, ("cookie", "__Host-jwt=x")]
        assert connection.answer(connection.ask("/shop/x", "GET", twice)).status == 400


def test_unreachable_keys_are_503_with_retry_after_for_a_cookie_too(make_site, provider):
    """BEA-12"""
    provider.always("jwks", Answer(500, b""))
    site = make_site(workers=1, locations=LOCATIONS)
    answer = ask(site, provider.access_token())
    assert answer.status == 503 and answer.field("Retry-After") and not answer.field("WWW-Authenticate")
    provider.always("jwks", None)


def test_a_wrong_token_cookie_is_found_by_nginx_t(make_site):
    for setting, words in [
        ("token_cookie=a;b", ""), ("token_cookie=a/b", "token_cookie"), ("token_cookie=cloakroom", "token_cookie"),
        ("origin=https://x.example", "token_cookie"), ("cross_site_reads=on", "token_cookie"),
    ]:
        site = make_site(start=False, locations=f"location /x/ {{ cloakroom bearer idp audience=api {setting}; }}")
        said, status = site.test()
        assert status != 0 and words in said, said
