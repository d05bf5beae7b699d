"""Attacks on bearer tokens by name, against a whole nginx: nobody gets in, and nobody is asked anything."""
import hmac
import json

import pytest
from client import send
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from harness import Site, Upstream
from provider import Provider, SigningKey
from provider.keys import decode, encode

STRANGER = SigningKey("ES256", "of a stranger")


@pytest.fixture(scope="module")
def behind():
    with Upstream() as made:
        yield made


@pytest.fixture(scope="module")
def issuer():
    with Provider(keys=[SigningKey("RS256", "of RS256"), SigningKey("ES256", "of ES256")]) as made:
        yield made


@pytest.fixture(scope="module")
def api(issuer, behind):
    with Site(issuer, behind, workers=1) as made:
        yield made


@pytest.fixture
def refuse(api, issuer, behind):
    """Sends a token that must be refused, with no request to upstream or provider."""
    assert ask(api, issuer.access_token()).status == 200
    # One fetch of newer keys is what any unknown name may cause.
    ask(api, STRANGER.sign(claims(issuer), typ="at+jwt"))
    behind.arrivals.clear()
    before = issuer.count("jwks"), issuer.count("openid-configuration")

    def refuse(token):
        answer = ask(api, token)
        assert answer.status == 401 and 'error="invalid_token"' in answer.field("WWW-Authenticate"), token[:80]
        assert not behind.arrivals
        assert (issuer.count("jwks"), issuer.count("openid-configuration")) == before
    return refuse


def ask(site, token):
    return send(site.origin + "/bearer/x", "GET", [("Authorization", "Bearer " + token)])


def claims(issuer, **changes):
    return {**json.loads(decode(issuer.access_token().split(".")[1])), **changes}


def by_hand(header, payload, sign):
    text = encode(json.dumps(header) if isinstance(header, dict) else header) + "." + encode(payload)
    return text + "." + encode(sign(text.encode()))


@pytest.mark.parametrize("number", [0, 1], ids=["RSA", "EC"])
@pytest.mark.parametrize("size", ["256", "384", "512"])
def test_hmac_with_the_public_key_in_every_form(refuse, issuer, number, size):
    """ALG-04: algorithm confusion."""
    key = issuer.keys[number]
    public = key.key.as_pem(private=False).strip()
    raw = key.key.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    forms = [
        public, public + b"\n", public.replace(b"\n", b"\r\n") + b"\r\n", raw, json.dumps(key.public()).encode(),
        json.dumps({"keys": [key.public()]}).encode(), decode(key.public().get("n") or key.public()["x"]), b"", b"\0",
    ]
    payload = json.dumps(claims(issuer))
    for secret in forms:
        for kid in ({"kid": key.kid}, {}):
            header = {"alg": "HS" + size, "typ": "at+jwt", **kid}
            refuse(by_hand(header, payload, lambda text: hmac.new(secret, text, "sha" + size).digest()))


@pytest.mark.parametrize("member", ["jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256"])
def test_a_key_that_a_token_brings_or_points_to(refuse, issuer, upstream, member):
    """HDR-06 MET-07: neither used nor fetched."""
    evil = f"http://127.0.0.1:{upstream.port}"
    value = {"jwk": STRANGER.public(), "jku": evil + "/jwks", "x5u": evil + "/x5u", "x5c": ["MIIB"], "x5t": "AAAA",
             "x5t#S256": "AAAA"}[member]
    for kid in (issuer.keys[1].kid, STRANGER.kid, None):
        refuse(STRANGER.sign(claims(issuer), typ="at+jwt", kid=kid, **{member: value}))
    assert not upstream.arrivals


@pytest.mark.parametrize("kid", [
    "../../../../dev/null", "/etc/passwd", "' OR '1'='1", "of ES256' --", "$(id)", "of ES256\r\nX-User: root", "%00",
    "of ES256\x00", "http://127.0.0.1/", "OF ES256", "of ES256 ", "x" * 513,
])
def test_an_injection_by_kid(refuse, issuer, kid):
    """HDR-07 LIM-13"""
    refuse(STRANGER.sign(claims(issuer), typ="at+jwt", kid=kid))


@pytest.mark.parametrize("header", [
    '{"alg":"none","alg":"ES256","typ":"at+jwt","kid":"of ES256"}',
    '{"alg":"ES256","alg":"none","typ":"at+jwt","kid":"of ES256"}',
    '{"alg":"none","\\u0061lg":"ES256","typ":"at+jwt","kid":"of ES256"}',
    '{"alg":"ES256","typ":"JWT","typ":"at+jwt","kid":"of ES256"}',
])
def test_a_member_that_stands_twice_in_a_header(refuse, issuer, header):
    """HDR-02: two readers of one token."""
    refuse(by_hand(header, json.dumps(claims(issuer)), raw_signature(issuer.keys[1])))


@pytest.mark.parametrize("member", ['"sub":"root"', '"aud":"other"', '"exp":1', '"iss":"https://evil.example"'])
def test_a_claim_that_stands_twice(refuse, issuer, member):
    """JSN-03: two readers of one token."""
    whole = json.dumps(claims(issuer))
    header = {"alg": "ES256", "typ": "at+jwt", "kid": "of ES256"}
    for payload in ("{" + member + "," + whole[1:], whole[:-1] + "," + member + "}"):
        refuse(by_hand(header, payload, raw_signature(issuer.keys[1])))


@pytest.mark.parametrize("bend", [
    lambda name: name + "/", lambda name: name.upper(), lambda name: name.replace("http:", "https:"),
    lambda name: name + ".evil.example", lambda name: "http://evil.example#" + name, lambda name: name + "?",
    lambda name: name + "@evil.example", lambda name: " " + name, lambda name: [name], lambda name: {name: 1},
    lambda name: name.replace("127.0.0.1", "127.0.0.1.") + "\n", lambda name: None,
])
def test_an_issuer_that_only_looks_like_ours(refuse, issuer, bend):
    """CLM-01 KEY-13: signed with the right key, so nothing but the name tells."""
    refuse(issuer.keys[1].sign(claims(issuer, iss=bend(issuer.issuer)), typ="at+jwt"))


def test_an_issuer_with_our_kid_and_another_key(refuse, issuer):
    """KEY-13"""
    refuse(SigningKey("ES256", "another").sign(claims(issuer), typ="at+jwt", kid=issuer.keys[1].kid))


def raw_signature(key):
    """ES256, of a header that joserfc would not write."""
    def sign(text):
        r, s = utils.decode_dss_signature(key.key.private_key.sign(text, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return sign


def test_the_forgeries_of_these_tests_are_good_but_for_the_forgery(api, issuer):
    header = {"alg": "ES256", "typ": "at+jwt", "kid": "of ES256"}
    assert ask(api, by_hand(header, json.dumps(claims(issuer)), raw_signature(issuer.keys[1]))).status == 200
