"""Encrypted access tokens at an API, made by joserfc: another implementation than the one that opens them."""
import json
import os

import pytest
from client import send
from harness import Site, Upstream
from joserfc import jwe
from joserfc.jwk import ECKey, OKPKey, RSAKey
from provider import Provider, SigningKey
from provider.keys import encode, unsigned

KEYS = {
    "rsa": RSAKey.generate_key(2048, {"kid": "rsa"}), "p256": ECKey.generate_key("P-256", {"kid": "p256"}),
    "p521": ECKey.generate_key("P-521", {"kid": "p521"}), "x25519": OKPKey.generate_key("X25519", {"kid": "x25519"}),
}
STRANGER = ECKey.generate_key("P-256", {"kid": "p256"})


def encrypt(content, key, alg="ECDH-ES", enc="A256GCM", **header):
    """A compact JWE; a header of None leaves that member out."""
    whole = {"alg": alg, "enc": enc, "cty": "JWT", "kid": key.kid, **header}
    whole = {name: value for name, value in whole.items() if value is not None}
    # Whatever the header is given: joserfc itself would admit registered members only.
    registry = jwe.JWERegistry(algorithms=[alg, enc, "DEF"], strict_check_header=False)
    return jwe.encrypt_compact(whole, content, key, registry=registry)


@pytest.fixture(scope="module")
def key_files(tmp_path_factory):
    """PEM and JWK, as operators keep them; a PEM file's name is its key's `kid`."""
    folder = tmp_path_factory.mktemp("keys")
    paths = []
    for name, key in KEYS.items():
        path = folder / (name + (".pem" if name in ("rsa", "p521") else ".jwk"))
        text = key.as_pem(private=True) if path.suffix == ".pem" else json.dumps(key.as_dict(private=True)).encode()
        path.write_bytes(text)
        os.chmod(path, 0o600)
        paths.append(str(path))
    return paths


@pytest.fixture(scope="module")
def issuer():
    with Provider(keys=[SigningKey("ES256", "of ES256")]) as made:
        yield made


@pytest.fixture(scope="module")
def behind():
    with Upstream() as made:
        yield made


@pytest.fixture(scope="module")
def api(issuer, behind, key_files):
    with Site(issuer, behind, provider_settings={"decryption_key_files": f'"{" ".join(key_files)}"'}) as made:
        yield made


def ask(site, token, path="/bearer/x"):
    return send(site.origin + path, fields=[("Authorization", "Bearer " + token)])


PAIRS = [("rsa", "RSA-OAEP", "A128CBC-HS256"), ("rsa", "RSA-OAEP-256", "A256GCM"), ("p256", "ECDH-ES", "A128GCM"),
         ("p256", "ECDH-ES+A128KW", "A192CBC-HS384"), ("p521", "ECDH-ES+A256KW", "A256CBC-HS512"),
         ("p521", "ECDH-ES", "A256CBC-HS512"), ("x25519", "ECDH-ES", "A192GCM"), ("x25519", "ECDH-ES+A192KW", "A256GCM")]


@pytest.mark.parametrize("name, alg, enc", PAIRS, ids=lambda word: word)
def test_a_good_token_passes_and_goes_on_as_it_came(api, issuer, behind, name, alg, enc):
    """JWE-11 JWE-13"""
    token = encrypt(issuer.access_token(), KEYS[name], alg, enc)
    for _ in range(2):
        assert ask(api, token).status == 200
        assert behind.last.token == token


def test_what_the_signed_token_says_reaches_the_upstream(api, issuer, behind):
    """JWE-11"""
    token = encrypt(issuer.access_token(scope="read write", sub="alice"), KEYS["p256"])
    assert ask(api, token, "/scoped/x").status == 200
    assert behind.last.all("X-User") == ["alice"]


def test_parties_of_the_agreement_count(api, issuer):
    """JWE-04"""
    token = encrypt(issuer.access_token(), KEYS["p256"], apu=encode("provider"), apv=encode("api"))
    assert ask(api, token).status == 200


def test_whatever_is_wrong_the_answer_is_the_same(api, issuer, behind):
    """JWE-01 JWE-09 JWE-11 JWE-12 FMT-12 HDR-10"""
    good, key = issuer.access_token(), KEYS["p256"]
    whole = encrypt(good, key)
    parts = whole.split(".")
    bent = [parts[0], parts[1], parts[2], parts[3], ("B" if parts[4][0] == "A" else "A") + parts[4][1:]]
    claims = {"iss": issuer.issuer, "aud": "api", "sub": "alice", "exp": 4102444800}
    tokens = {
        "token_not_encrypted": good, "decryption_failed": encrypt(good, STRANGER),
        "unknown_decryption_key": encrypt(good, key, kid="another"),
        "token_not_signed": encrypt(json.dumps(claims), key), "token_malformed": encrypt(good, key, zip="DEF"),
        "algorithm_not_allowed": encrypt(unsigned(claims) + "AA", key),
        "replicated_claim_differs": encrypt(good, key, sub="somebody else"),
    }
    bodies = set()
    for reason, token in [*tokens.items(), ("decryption_failed", ".".join(bent)),
                          ("token_not_signed", encrypt(whole, key)), ("token_not_signed", encrypt(good, key, cty=None))]:
        answer = ask(api, token)
        assert answer.status == 401 and 'error="invalid_token"' in answer.field("WWW-Authenticate"), reason
        bodies.add(answer.body)
        api.wait_for_log(f"a bearer token is refused: {reason}\\b")
        assert token not in api.log()
    assert len(bodies) == 1


def test_a_key_is_taken_out_of_use_by_a_reload(issuer, behind, key_files):
    """JWE-13"""
    settings = {"decryption_key_files": f'"{" ".join(key_files)}"'}
    with Site(issuer, behind, provider_settings=settings) as site:
        old, new = encrypt(issuer.access_token(), KEYS["rsa"], "RSA-OAEP"), encrypt(issuer.access_token(), KEYS["p256"])
        assert [ask(site, token).status for token in (old, new)] == [200, 200]
        with open(site.path("nginx.conf")) as file:
            text = file.read()
        with open(site.path("nginx.conf"), "w") as file:
            file.write(text.replace(key_files[0] + " ", ""))
        site.reload()
        site.wait_until(lambda: ask(site, old).status == 401, "the old key still opens tokens")
        assert ask(site, new).status == 200


@pytest.mark.parametrize("name, make, complaint", [
    ("signing.jwk", lambda key: json.dumps({**key.as_dict(private=True), "use": "sig"}), "a key for signing"),
    ("public.jwk", lambda key: json.dumps(key.as_dict(private=False)), "the private one is needed"),
    ("public.pem", lambda key: key.as_pem(private=False).decode(), "no private key"),
    ("secret.jwk", lambda key: '{"kty":"oct","k":"c2VjcmV0"}', "a symmetric key"),
    ("passphrase.pem", lambda key: key.as_pem(private=True, password="hunter2").decode(), "passphrase"),
], ids=lambda word: word if isinstance(word, str) else "")
def test_nginx_names_what_is_wrong_with_a_key_file(make_site, tmp_path, name, make, complaint):
    """JWE-13"""
    path = tmp_path / name
    path.write_text(make(KEYS["p256"]))
    said, status = make_site(start=False, provider_settings={"decryption_key_files": str(path)}).test()
    assert status != 0 and '"decryption_key_files" names' in said and complaint in said, said
    assert "nginx.conf:" in said and KEYS["p256"].as_dict(private=True)["d"] not in said
