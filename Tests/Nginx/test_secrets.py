"""Canaries: tokens, codes, the client's secret and cookie values are looked for wherever they must not be."""
import json
import os
import re

import pytest
from client import send
from harness import Person, log_in
from provider import Answer, CutAfter, Gate
from provider.openid import CLIENT_SECRET
from test_refresh import expired_session


def canaries(provider, cookies):
    """Everything secret, and the longest parts of it that would still be of use to a thief."""
    whole = [*provider.issued, CLIENT_SECRET, *cookies]
    parts = [part for token in whole for part in token.split(".") if len(part) >= 40]
    return {text for text in whole + parts if len(text) >= 20} | {"canary-"}


def assert_absent(text, secrets, where):
    text = text if isinstance(text, bytes) else text.encode("latin-1", "replace")
    for secret in secrets:
        assert secret.encode() not in text, f"{secret[:24]}… stands in {where}"


def everything_goes_wrong(site, provider):
    """A journey past every error that writes a log line; returns the cookie values and the answers."""
    answers, cookies = [], []
    person = Person(site.origin)
    answers += [person.call(), person.visit("/auth/login")]
    cookies += person.cookies.values()
    for bend in ({"nonce": "another"}, {"aud": "another"}, {"iss": "https://evil.example"}):
        provider.bend_id = lambda header, claims, bend=bend: (header, {**claims, **bend})
        answers.append(person.log_in())
        cookies += person.cookies.values()
    provider.bend_id = lambda header, claims: (header, claims)
    provider.at("token", Answer(400, '{"error":"invalid_request","error_description":"canary-description"}'))
    answers.append(person.log_in())
    for fault in (Answer(500, "canary-body"), Answer(200, '{"access_token":"canary-token"}'), CutAfter(),
                  Answer(400, "canary <html>", "text/html")):
        signed_in = expired_session(site, provider)
        cookies += signed_in.cookies.values()
        provider.at("token", fault)
        answers += [signed_in.call(), signed_in.call(), signed_in.ask("/auth/session")]
        answers.append(signed_in.ask("/api/x", "POST", [("Sec-Fetch-Site", "cross-site")], b"",
                                     cookies=dict(signed_in.cookies)))
    for token in (provider.access_token(aud="other"), provider.access_token(exp=1), provider.access_token() + "x",
                  "canary-opaque-token-that-is-no-jwt"):
        answers.append(send(site.origin + "/bearer/x", fields=[("Authorization", "Bearer " + token)]))
    last = log_in(site)
    cookies += last.cookies.values()
    answers += [last.call(), last.ask("/auth/session")]
    kept = dict(last.cookies)
    answers += [last.ask("/auth/logout?csrf=wrong", "POST", [], b"")]
    last.log_out()                  # its answer carries the id_token_hint to the provider, and only there
    answers += [last.call(cookies=kept), last.visit("/auth/callback?code=canary-x&state=canary-y")]
    return cookies, answers


@pytest.mark.parametrize("level", ["info", "debug"])
def test_no_canary_stands_in_logs_answers_or_the_database(make_site, provider, level):
    """HYG-05 OUT-04"""
    site = make_site(level=level)
    cookies, answers = everything_goes_wrong(site, provider)
    secrets = canaries(provider, cookies)
    for answer in answers:
        assert_absent(answer.body, secrets, f"the body of {answer.url.split('?')[0]}")
        fields = [(name, value) for name, value in answer.fields if name.lower() not in ("set-cookie", "location")]
        assert_absent(json.dumps(fields), secrets, f"a field of {answer.url.split('?')[0]}")
    site.stop()
    lines = site.log().splitlines()
    if level == "debug":
        # nginx itself logs every header field at this level; the lines of ours must not.
        lines = [line for line in lines if re.match(r"\S+ \S+ \[\w+\] \d+#\d+: (\*\d+ )?cloakroom\b", line)]
        assert len(lines) > 5
    assert_absent("\n".join(lines), secrets | {"canary"}, "the error log")
    assert_absent(site.read("access.log"), secrets, "the access log")
    for name in os.listdir(os.path.dirname(site.store)):
        with open(os.path.join(os.path.dirname(site.store), name), "rb") as file:
            assert_absent(file.read(), secrets, name)


def test_neither_store_nor_key_file_opens_to_others(site):
    """CLI-05"""
    log_in(site)
    folder = os.path.dirname(site.store)
    for name in os.listdir(folder):
        assert os.stat(os.path.join(folder, name)).st_mode & 0o077 == 0, name


def test_after_a_logout_the_database_holds_nothing_of_the_session(make_site, provider):
    """OUT-01"""
    site = make_site()
    person = log_in(site)
    size = os.path.getsize(site.store)
    person.log_out()
    site.stop()
    assert os.path.getsize(site.store) <= size + 65_536
    with open(site.store, "rb") as file:
        assert_absent(file.read(), canaries(provider, []), "the database")


def test_the_tokens_reach_nobody_but_provider_and_upstream(site, provider, upstream):
    """IDT-13 REF-11 UPS-08"""
    person = expired_session(site, provider)
    gate = Gate()
    gate.open()
    provider.at("token", gate)
    person.call()
    shown = json.dumps([[arrival.fields, arrival.target] for arrival in upstream.arrivals])
    for token in provider.issued:
        if token.startswith(("canary-refresh-", "canary-code-")):
            assert token not in shown
    told = json.dumps(person.session())
    assert not [token for token in provider.issued if token in told or token.split(".")[-1] in told]
