"""Bearer tokens at an API: which are let in, and what is said to the others."""
import json
import threading
import time

import pytest
from client import send
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from harness import Site, Upstream, at_once, log_in
from provider import Answer, Gate, Provider, SigningKey
from provider.keys import decode, encode, symmetric, unsigned
from provider.openid import CLIENT_ID

STRANGER = SigningKey("ES256", "of a stranger")
NOW = int(time.time())


@pytest.fixture(scope="module")
def behind():
    with Upstream() as made:
        yield made


@pytest.fixture(scope="module")
def issuer():
    algorithms = ["ES256", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES384", "ES512", "EdDSA"]
    with Provider(keys=[SigningKey(algorithm, "of " + algorithm) for algorithm in algorithms]) as made:
        yield made


@pytest.fixture(scope="module")
def api(issuer, behind):
    with Site(issuer, behind) as made:
        yield made


def ask(site, *authorizations, path="/bearer/x", method="GET", fields=()):
    return send(site.origin + path, method, [("Authorization", value) for value in authorizations] + list(fields))


def with_token(site, token, **more):
    return ask(site, "Bearer " + token, **more)


def assert_refused(answer, status=401, error="invalid_token"):
    challenge = answer.field("WWW-Authenticate") or ""
    assert answer.status == status and challenge.startswith("Bearer"), f"{answer.status} {challenge}"
    assert (f'error="{error}"' in challenge) if error else ("error" not in challenge), challenge
    assert challenge.isascii() and challenge.isprintable() and challenge.count("error=") <= 1


def test_a_good_token_passes_and_stays_as_it_was(api, issuer, behind):
    """BEA-02"""
    token = issuer.access_token()
    assert with_token(api, token).status == 200
    assert behind.last.token == token


def test_the_debug_log_explains_a_refusal_without_the_token(issuer, behind):
    """HYG-05"""
    with Site(issuer, behind, level="debug") as site:
        token = issuer.access_token(aud="other")
        assert_refused(with_token(site, token))
        line = next(line for line in site.log().splitlines() if " cloakroom decision: " in line)
        assert f"one Bearer token of {len(token)} bytes; header: alg ES256" in line
        assert 'aud ["other"] has none of' in line and line.endswith(": refused 401 wrong_audience")
    with Site(issuer, behind) as site:
        assert_refused(with_token(site, token))
        assert "cloakroom decision" not in site.log() and "decision: wrong_audience" not in site.log()


@pytest.mark.parametrize("number", range(10), ids=lambda number: ["ES256", "RS256", "RS384", "RS512", "PS256", "PS384",
                                                                  "PS512", "ES384", "ES512", "EdDSA"][number])
def test_every_algorithm_of_the_list_passes(api, issuer, number):
    """ALG-05 ALG-06"""
    claims = json.loads(claims_text(issuer.access_token()))
    assert with_token(api, issuer.keys[number].sign(claims, typ="at+jwt")).status == 200


def claims_text(token):
    return decode(token.split(".")[1])


@pytest.mark.parametrize("changes", [
    {"aud": ["other", "api"]}, {"exp": time.time() + 300.5}, {"nbf": NOW - 5}, {"extra": {"a": [1, None, True]}},
    {"iat": NOW - 86_400}, {"sub": "ü ✓ \" \\"}, {"scope": "openid read write"},
], ids=str)
def test_unusual_claims_that_are_right_pass(api, issuer, changes):
    """CLM-02 CLM-11"""
    assert with_token(api, issuer.access_token(**changes)).status == 200


@pytest.mark.parametrize("changes", [
    {"iss": "https://evil.example"}, {"iss": None}, {"iss": 5}, {"iss": ["x"]},
    {"aud": "other"}, {"aud": []}, {"aud": None}, {"aud": "API"}, {"aud": "api/"}, {"aud": "api other"},
    {"aud": {"api": 1}},
    {"aud": [["api"]]}, {"exp": NOW - 3600}, {"exp": None}, {"exp": "9999999999"}, {"exp": True}, {"exp": [NOW + 300]},
    {"exp": -1}, {"exp": 0}, {"nbf": NOW + 3600}, {"nbf": "1"}, {"nbf": True}, {"sub": 5}, {"sub": ["alice"]},
    {"iat": "1"}, {"jti": 5}, {"client_id": 7}, {"scope": ["read"]},
], ids=str)
def test_wrong_claims_are_refused(api, issuer, behind, changes):
    """CLM-01 CLM-02 CLM-03 CLM-04 CLM-05 CLM-09"""
    behind.arrivals.clear()
    issuer.bend_access = lambda header, claims: (
        header, {name: value for name, value in claims.items() if name not in changes or value is not None})
    try:
        assert_refused(with_token(api, issuer.access_token(**changes)))
    finally:
        issuer.bend_access = lambda header, claims: (header, claims)
    assert not behind.arrivals


@pytest.mark.parametrize("header", [
    {"typ": "JWT"}, {"typ": None}, {"typ": "logout+jwt"}, {"typ": ""}, {"kid": "unknown"}, {"kid": ""}, {"kid": 5},
    {"crit": ["exp"]}, {"crit": []}, {"crit": ["x"], "x": 1}, {"b64": False, "crit": ["b64"]},
    {"kid": "of RS256"}, {"kid": "of ES384"},
], ids=str)
def test_wrong_headers_are_refused(api, issuer, header):
    """CLM-08 HDR-04 HDR-05 HDR-07"""
    claims = json.loads(claims_text(issuer.access_token()))
    whole = {"alg": "ES256", "kid": issuer.keys[0].kid, "typ": "at+jwt", **header}
    whole = {name: value for name, value in whole.items() if value is not None}
    # Signed by hand: joserfc does not make what is not allowed.
    assert_refused(with_token(api, sign_raw(issuer.keys[0], whole, claims)))


def sign_raw(key, header, claims):
    text = encode(json.dumps(header)) + "." + encode(json.dumps(claims))
    private = key.key.private_key
    r, s = utils.decode_dss_signature(private.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
    return text + "." + encode(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def test_a_raw_signature_of_these_tests_is_a_good_one(api, issuer):
    claims = json.loads(claims_text(issuer.access_token()))
    header = {"alg": "ES256", "kid": issuer.keys[0].kid, "typ": "application/at+jwt"}
    assert with_token(api, sign_raw(issuer.keys[0], header, claims)).status == 200


def test_forgeries_are_refused(api, issuer, behind):
    """ALG-03 ALG-04 FMT-01 FMT-03 HDR-06 SIG-09 LIM-01"""
    behind.arrivals.clear()
    claims = json.loads(claims_text(issuer.access_token()))
    good = issuer.access_token()
    head, body, signature = good.split(".")
    public = issuer.keys[1].key.as_pem(private=False)
    for token in [
        unsigned(claims, typ="at+jwt"), unsigned(claims, typ="at+jwt", kid=issuer.keys[0].kid),
        head + "." + body + ".", head + "." + body, good + ".", "." + good, good + "=", good.replace(".", ".."),
        head + "." + encode(json.dumps({**claims, "sub": "root"})) + "." + signature,
        f"{head}.{body}.{'A' * len(signature)}", f"{head}.{body}.{signature[:-4]}",
        STRANGER.sign(claims, typ="at+jwt"), STRANGER.sign(claims, typ="at+jwt", kid=issuer.keys[0].kid),
        STRANGER.sign(claims, typ="at+jwt", jwk=STRANGER.public()),
        symmetric(public, claims, typ="at+jwt", kid=issuer.keys[1].kid),
        "x", "a.b.c", "A" * 20_000 + ".b.c", encode(b"\xff\xfe") + "." + body + "." + signature,
        encode("[" * 5000) + "." + body + "." + signature,
    ]:
        answer = with_token(api, token)
        assert answer.status in (400, 401) and answer.field("WWW-Authenticate"), f"{token[:60]}: {answer.status}"
    assert not behind.arrivals


def test_what_a_forger_reads_tells_nothing(api, issuer):
    """BEA-09 HYG-08"""
    claims = json.loads(claims_text(issuer.access_token()))
    wrong = with_token(api, STRANGER.sign(claims, typ="at+jwt", kid=issuer.keys[0].kid))
    unknown = with_token(api, STRANGER.sign(claims, typ="at+jwt"))
    assert wrong.field("WWW-Authenticate") == unknown.field("WWW-Authenticate") and wrong.body == unknown.body


def test_an_id_token_is_no_access_token(api, issuer):
    """CLM-13 HDR-09"""
    family = {"nonce": "n", "subject": "alice", "signed_in": NOW}
    issuer.bend_id = lambda header, claims: (header, {**claims, "aud": ["api", CLIENT_ID]})
    try:
        assert_refused(with_token(api, issuer._id_token(family, "x")))
    finally:
        issuer.bend_id = lambda header, claims: (header, claims)


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "bEaReR"])
def test_the_scheme_is_read_without_case_and_more_spaces_are_fine(api, issuer, scheme):
    """BEA-02"""
    assert ask(api, f"{scheme} {issuer.access_token()}").status == 200
    assert ask(api, f"{scheme}   {issuer.access_token()}").status == 200


@pytest.mark.parametrize("value", ["Bearer", "Bearer ", "Bearer a b", "Bearer a,b", "Bearer: x", "Bearer\tx",
                                   "Bearer {}é", ""])
def test_a_malformed_field_is_a_bad_request(api, value):
    """BEA-02 BEA-15"""
    answer = send(api.origin + "/bearer/x", fields=[("Authorization", value.encode("latin-1"))])
    assert answer.status in (400, 401)
    if answer.status == 400 and answer.field("WWW-Authenticate"):
        assert_refused(answer, 400, "invalid_request")


@pytest.mark.parametrize("value", ["Basic eDp5", "Negotiate x", "DPoP x", "Bearerx y"])
def test_another_scheme_is_no_credential(api, behind, value):
    """BEA-14"""
    behind.arrivals.clear()
    assert_refused(ask(api, value), 401, None)
    assert not behind.arrivals


def test_no_token_gets_a_challenge_without_an_error(api):
    """BEA-05 BEA-10"""
    assert_refused(ask(api), 401, None)


def test_two_tokens_are_a_bad_request(api, issuer, behind):
    """nginx itself says so, before any module is asked."""
    behind.arrivals.clear()
    token = "Bearer " + issuer.access_token()
    assert ask(api, token, token).status == 400 and not behind.arrivals


def test_a_token_in_the_query_or_the_body_is_none(api, issuer):
    """BEA-01"""
    token = issuer.access_token()
    answer = ask(api, path="/bearer/x?access_token=" + token)
    assert answer.status in (400, 401)
    form = send(api.origin + "/bearer/x", "POST", [("Content-Type", "application/x-www-form-urlencoded")],
                ("access_token=" + token).encode())
    assert_refused(form, 401, None)


def test_too_little_scope_is_403_and_says_what_is_needed(api, issuer, behind):
    """BEA-07 CLM-10"""
    assert with_token(api, issuer.access_token(scope="write read openid"), path="/scoped/x").status == 200
    for scope in ("read", "readwrite", "read writes", "Read Write", "read,write", "", "read\twrite"):
        answer = with_token(api, issuer.access_token(scope=scope), path="/scoped/x")
        assert_refused(answer, 403, "insufficient_scope")
        assert 'scope="read write"' in answer.field("WWW-Authenticate")


def test_claims_reach_the_upstream_in_fields_and_a_clients_own_do_not(api, issuer, behind):
    """UPS-01"""
    token = issuer.access_token(scope="read write")
    with_token(api, token, path="/scoped/x", fields=[("X-User", "admin"), ("x_user", "admin")])
    assert behind.last.all("X-User") == ["alice"]


@pytest.mark.parametrize("subject", ["a\r\nX-Admin: 1", "a\nb", "a\0b", "ü", "a,b", "\x7f", "x" * 9_000])
def test_a_hostile_claim_cannot_break_out_of_its_field(api, issuer, behind, subject):
    """UPS-04 CLM-16"""
    behind.arrivals.clear()
    answer = with_token(api, issuer.access_token(sub=subject, scope="read write"), path="/scoped/x")
    for arrival in behind.arrivals:
        assert not arrival.all("X-Admin")
        (value,) = arrival.all("X-User") or [""]
        assert value.isascii() and "\r" not in value and "\n" not in value and "\0" not in value
    assert answer.status in (200, 400, 401, 403, 502)


def test_a_claim_comes_through_whole_in_a_variable(make_site, provider, upstream):
    site = make_site(locations="""
        location /told/ {
            cloakroom         bearer idp audience=api;
            proxy_set_header  X-Note $cloakroom_claim_note;
            proxy_set_header  X-Roles $cloakroom_claim_roles;
            proxy_pass        http://behind;
        }""")
    note = "n" * 3_000 + "."
    token = provider.access_token(note=note, roles=["reader", "writer"])
    assert with_token(site, token, path="/told/x").status == 200
    assert upstream.last.all("X-Note") == [note]
    assert json.loads(*upstream.last.all("X-Roles")) == ["reader", "writer"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE"])
def test_every_method_is_checked(api, issuer, method):
    """BEA-15"""
    assert ask(api, method=method).status == 401
    assert with_token(api, issuer.access_token(), method=method).status == 200


def test_a_session_cookie_is_no_bearer_token(make_site, provider):
    site = make_site()
    person = log_in(site)
    assert person.call("/bearer/x").status in (400, 401)


def test_keys_are_fetched_once_for_many_requests(make_site, provider):
    """KEY-14 MET-09"""
    site = make_site(workers=1)
    token = provider.access_token()
    answers = at_once(100, lambda _: with_token(site, token).status)
    assert set(answers) == {200}
    assert provider.count("openid-configuration") == 1 and provider.count("jwks") == 1


def test_a_new_key_is_found_when_a_token_names_it(make_site, provider):
    """KEY-15"""
    site = make_site(workers=1)
    assert with_token(site, provider.access_token()).status == 200
    provider.keys = [SigningKey("RS256", "second"), *provider.keys]
    assert with_token(site, provider.access_token()).status == 200
    assert provider.count("jwks") == 2


def test_a_flood_of_unknown_keys_fetches_once(make_site, provider):
    """KEY-14"""
    site = make_site(workers=1)
    assert with_token(site, provider.access_token()).status == 200
    for number in range(50):
        key = SigningKey("ES256", "of a stranger")
        assert with_token(site, key.sign({"iss": provider.issuer}, typ="at+jwt", kid=f"unknown {number}")).status == 401
    assert provider.count("jwks") <= 2


def test_known_keys_go_on_while_the_provider_is_down(make_site, provider):
    """KEY-16"""
    site = make_site(workers=1)
    token = provider.access_token()
    assert with_token(site, token).status == 200
    provider.stop()
    assert with_token(site, token).status == 200
    assert with_token(site, provider.access_token()).status == 200
    provider.restart()


def test_without_keys_the_answer_is_503_and_never_401(make_site, provider):
    """BEA-12"""
    provider.always("jwks", Answer(500, b""))
    site = make_site(workers=1)
    answer = with_token(site, provider.access_token())
    assert answer.status == 503 and answer.field("Retry-After")
    provider.always("jwks", None)
    site.wait_until(lambda: with_token(site, provider.access_token()).status == 200, "the keys never came", 40)


@pytest.mark.parametrize("fault", [Answer(200, '{"keys":[]}'), Answer(200, "[]"), Answer(200, "<html>", "text/html"),
                                   Answer(404, b"")], ids=["an empty set", "a list", "HTML", "404"])
def test_a_bad_key_set_never_replaces_a_good_one(make_site, provider, fault):
    """KEY-17"""
    site = make_site(workers=1, provider_settings={"keys_max_age": "1s", "keys_min_age": "1s"})
    token = provider.access_token()
    assert with_token(site, token).status == 200
    provider.always("jwks", fault)
    time.sleep(2.2)
    assert with_token(site, token).status == 200
    time.sleep(0.5)
    assert with_token(site, token).status == 200


def test_requests_that_wait_for_keys_do_not_block_the_worker(make_site, provider):
    gate = Gate()
    provider.always("jwks", gate)
    site = make_site(workers=1)
    waiting = threading.Thread(target=with_token, args=(site, provider.access_token()), daemon=True)
    waiting.start()
    gate.wait()
    begun = time.monotonic()
    assert send(site.origin + "/").status == 200 and time.monotonic() - begun < 0.5
    gate.open()
    waiting.join(10)


def test_a_token_refused_for_its_type_names_the_setting_in_the_log(make_site, provider):
    site = make_site(workers=1)
    provider.bend_access = lambda header, claims: ({"typ": "JWT"}, claims)
    assert with_token(site, provider.access_token()).status == 401
    site.wait_for_log("require_access_token_type")


def test_the_setting_admits_it(make_site, provider):
    """CLM-08"""
    site = make_site(workers=1, provider_settings={"require_access_token_type": "off"})
    for kind in ("JWT", None):
        claims = json.loads(claims_text(provider.access_token()))
        assert with_token(site, provider.keys[0].sign(claims, typ=kind)).status == 200
    assert with_token(site, provider.keys[0].sign(claims, typ="logout+jwt")).status == 401
