"""A provider written by others: glewlwyd, in the set-up of the demo."""
import base64
import hashlib
import json
import os
import secrets
import sqlite3
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import pytest
from conftest import TOP
from client import send
from harness import Person
from harness.load import Load
from harness.site import free_port
from joserfc.jwk import ECKey, OKPKey, RSAKey

sys.path.append(os.path.join(TOP, "nginx-example", "provider"))
import keys as new_keys                              # noqa: E402
from glewlwyd import Glewlwyd                        # noqa: E402
from login import Visitor                            # noqa: E402

# glewlwyd makes a token for an audience where it is asked for one, as a URL.
AUDIENCE = "http://localhost/api"
pytestmark = pytest.mark.glewlwyd


@pytest.fixture(scope="module")
def ports():
    return free_port(), free_port()


@pytest.fixture(scope="module")
def glewlwyd(ports, tmp_path_factory):
    site, own = ports
    origin = f"http://localhost:{site}"
    made = Glewlwyd(str(tmp_path_factory.mktemp("glewlwyd") / "provider"), own, client_id="tests",
                    redirect_uri=origin + "/auth/callback", after_logout=origin + "/", audience=AUDIENCE,
                    access_seconds=6)
    made.prepare()
    run(made)
    made.furnish()
    yield made
    halt(made)


def run(made):
    made.child = subprocess.Popen(made.command(), cwd=made.folder, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 15
    while not made.answers():
        assert made.child.poll() is None and time.monotonic() < deadline, "glewlwyd did not start"
        time.sleep(0.05)


def halt(made):
    made.child.terminate()
    made.child.wait(10)


@pytest.fixture
def demo(make_site, glewlwyd, provider, ports):
    return make_site(provider=glewlwyd, port=ports[0], workers=2, provider_settings={
        "client_id": "tests", "client_secret_file": glewlwyd.secret_file, "refresh_window": "2s",
        "refresh_refusals": "400-empty", "authorization_parameters": "resource=" + AUDIENCE},
        providers=f"cloakroom_provider other {{ issuer {provider.issuer}; audience api; }}",
        locations=f"""
        location /own/ {{ cloakroom bearer idp audience={AUDIENCE}; proxy_pass http://behind; }}
        location /both/ {{ cloakroom bearer idp,other audience={AUDIENCE}; proxy_pass http://behind; }}""")


def sign_in(site):
    person = Person(site.origin)
    callback = Visitor().sign_in(person.begin(), "alice", "password")
    answer = person.visit(callback)
    assert answer.status == 303, f"{answer.status} {answer.text}\n{site.log()[-2000:]}"
    return person


def test_login_swap_renewal_and_logout(demo, glewlwyd, upstream):
    person = sign_in(demo)
    ticket = person.ticket
    assert person.session()["claims"]["name"] == "Alice Example"
    assert person.call().status == 200
    assert person.call("/own/x", cookies={}).status == 401
    first = upstream.last.token
    demo.wait_until(lambda: person.call().status == 200 and person.generation >= 3, "the token is not renewed", 40)
    assert person.ticket == ticket and upstream.last.token != first
    live = glewlwyd.live_refresh_tokens()
    answer = person.log_out()
    assert answer.status == 303 and answer.location.startswith(glewlwyd.issuer + "/end_session?")
    demo.wait_until(lambda: glewlwyd.live_refresh_tokens() == live - 1, "the refresh token was not revoked", 10)
    assert person.call(cookies=dict([ticket])).status == 401


def test_its_access_token_opens_the_api(demo, upstream):
    person = sign_in(demo)
    person.call()
    token = upstream.last.token
    assert person.call("/own/x", fields=[("Authorization", "Bearer " + token)], cookies={}).status == 200


def test_its_bare_refusal_ends_the_session(demo, glewlwyd):
    person = sign_in(demo)
    connection = sqlite3.connect(glewlwyd.database, timeout=5)
    with connection:
        connection.execute("UPDATE gpo_refresh_token SET gpor_enabled = 0")
    connection.close()
    demo.wait_until(lambda: person.call().status == 401, "the session never ended", 30)
    assert not person.cookies


def access_token(site, upstream):
    person = sign_in(site)
    assert person.call("/api/whose").status == 200
    # A load may be coming in beside it.
    return next(arrival.token for arrival in reversed(upstream.arrivals) if arrival.target.endswith("/whose"))


def header_of(token):
    part = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def key_of(token):
    return header_of(token)["kid"]


def call(site, path, token):
    return send(site.origin + path, fields=[("Authorization", "Bearer " + token)]).status


def test_its_keys_rotate_under_load(demo, glewlwyd, upstream):
    """KEY-15: tokens of before and after verify on both sides of the switch."""
    before = access_token(demo, upstream)
    load = Load(demo.port, [f"GET /own/x HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {before}\r\n"
                            "Connection: close\r\n\r\n".encode()])
    time.sleep(1)
    name = f"rotated-{time.monotonic_ns()}"
    glewlwyd.rotate([new_keys.rsa(name)])
    after = access_token(demo, upstream)
    assert key_of(after) == name != key_of(before)
    assert [call(demo, "/own/x", after) for _ in range(10)] == [200] * 10
    time.sleep(1)
    count = load.end()
    assert count.answered > 50 and not count.failed, count


def signing_key(algorithm, kid):
    kinds = {"ES256": (ECKey, "P-256"), "ES384": (ECKey, "P-384"), "ES512": (ECKey, "P-521"), "EdDSA": (OKPKey, "Ed25519")}
    kind, size = kinds.get(algorithm, (RSAKey, 2048))
    return kind.generate_key(size, {"kid": kid, "alg": algorithm, "use": "sig"}).as_dict(private=True)


@pytest.fixture
def algorithm(request, glewlwyd):
    """What glewlwyd signs with from now on; before nginx begins, which would find it between two keys."""
    key = signing_key(request.param, f"{request.param}-{time.monotonic_ns()}")
    # It has no room for ten.
    glewlwyd.rotate([key], keeps=False)
    yield request.param
    glewlwyd.rotate([new_keys.rsa("after")], keeps=False)


def check_at_the_api(site, token, algorithm):
    assert header_of(token)["alg"] == algorithm
    assert call(site, "/own/x", token) == 200
    signed, signature = token.rsplit(".", 1)
    bent = ("B" if signature[0] == "A" else "A") + signature[1:]
    assert call(site, "/own/x", signed + "." + bent) == 401
    site.wait_for_log("a bearer token is refused: bad_signature")


@pytest.mark.parametrize("algorithm", [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"], indirect=True)
def test_whatever_it_signs_with_is_verified(algorithm, demo, upstream):
    """ALG-02: the ID token at the login, the access token at the API; a bent signature is refused."""
    check_at_the_api(demo, access_token(demo, upstream), algorithm)


@pytest.mark.parametrize("algorithm", ["EdDSA"], indirect=True)
def test_its_eddsa_serves_apis_but_no_logins(algorithm, demo, glewlwyd):
    """ALG-08 IDT-09: beside EdDSA glewlwyd 2.7.5 hashes the access token with SHA-256, where Ed25519's is SHA-512."""
    check_at_the_api(demo, token_without_nginx(glewlwyd, demo.origin), algorithm)
    person = Person(demo.origin)
    answer = person.visit(Visitor().sign_in(person.begin(), "alice", "password"))
    assert answer.status == 403
    demo.wait_for_log("an ID token of idp is refused: wrong_access_token")


def token_without_nginx(glewlwyd, origin):
    """An access token by the code flow, asked for by another client program."""
    proof = secrets.token_urlsafe(40)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(proof.encode()).digest()).rstrip(b"=").decode()
    begin = glewlwyd.issuer + "/auth?" + urllib.parse.urlencode({
        "response_type": "code", "client_id": "tests", "redirect_uri": origin + "/auth/callback", "scope": "openid",
        "state": secrets.token_hex(16), "nonce": secrets.token_hex(16), "code_challenge": challenge,
        "code_challenge_method": "S256", "resource": AUDIENCE})
    callback = urllib.parse.urlsplit(Visitor().sign_in(begin, "alice", "password"))
    with open(glewlwyd.secret_file) as file:
        credentials = base64.b64encode(f"tests:{file.read()}".encode()).decode()
    request = urllib.request.Request(
        glewlwyd.issuer + "/token", headers={"Authorization": "Basic " + credentials},
        data=urllib.parse.urlencode({
            "grant_type": "authorization_code", "code": urllib.parse.parse_qs(callback.query)["code"][0],
            "redirect_uri": origin + "/auth/callback", "code_verifier": proof}).encode())
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["access_token"]


def test_its_keys_outlive_it_and_a_restart_of_nginx(demo, glewlwyd, upstream):
    """KEY-16: tokens verify at once, though nobody can be asked; then new keys are taken."""
    token = access_token(demo, upstream)
    assert call(demo, "/own/x", token) == 200
    halt(glewlwyd)
    try:
        assert call(demo, "/own/x", token) == 200
        demo.stop()
        demo.start()
        assert [call(demo, "/own/x", token) for _ in range(20)] == [200] * 20
    finally:
        run(glewlwyd)
    name = f"rotated-{time.monotonic_ns()}"
    glewlwyd.rotate([new_keys.rsa(name)])
    fresh = access_token(demo, upstream)
    assert key_of(fresh) == name
    demo.wait_until(lambda: [call(demo, "/own/x", fresh) for _ in range(10)] == [200] * 10, "no new keys", 40)


def test_another_issuer_beside_it_may_be_sick(demo, glewlwyd, provider, upstream):
    """KEY-13: two issuers in one policy, each by its own rules."""
    mine, other = access_token(demo, upstream), provider.access_token()
    assert call(demo, "/both/x", mine) == 200 and call(demo, "/both/x", other) == 200
    assert call(demo, "/own/x", other) == 401
    provider.stop()
    demo.stop()
    # What the other has is forgotten with the store, what this one has is fetched anew.
    os.unlink(demo.store)
    demo.start()
    begun = time.monotonic()
    assert [call(demo, "/both/x", mine) for _ in range(20)] == [200] * 20
    assert time.monotonic() - begun < 3
    assert call(demo, "/both/x", other) == 503
    provider.restart()
    demo.wait_until(lambda: call(demo, "/both/x", other) == 200, "the other issuer never came back", 40)
