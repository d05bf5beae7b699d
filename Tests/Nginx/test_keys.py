"""Keys that last: over restarts, out of files, from several issuers, and under a flood."""
import base64
import json
import os
import shutil
import tempfile
import time

import pytest
from client import send
from keyfile import make_key_file
from provider import Answer, Gate, Provider
from provider.keys import SigningKey


def call(site, path, token):
    return send(site.origin + path, fields=[("Authorization", "Bearer " + token)]).status


def put(path, text):
    """In place of what was there, at once."""
    with open(path + ".new", "w") as file:
        file.write(text)
    os.chmod(path + ".new", 0o644)
    os.rename(path + ".new", path)


def key_set(*keys):
    return json.dumps({"keys": [key.public() for key in keys]})


@pytest.fixture
def partner():
    with Provider(keys=[SigningKey(kid="first", algorithm="ES384")]) as made:
        yield made


def both(partner):
    return {
        "providers": f"cloakroom_provider partner {{ issuer {partner.issuer}; audience api; }}",
        "locations": "location /both/ { cloakroom bearer idp,partner audience=api; proxy_pass http://behind; }",
    }


def test_tokens_verify_at_once_after_a_restart_without_the_provider(make_site, provider, upstream):
    """KEY-16, MET-09"""
    site = make_site()
    token = provider.access_token()
    assert call(site, "/bearer/x", token) == 200
    site.stop()
    provider.stop()
    site.start()
    asked = len(provider.journal)
    # Connections go to either worker: all of them know the keys.
    assert [call(site, "/bearer/x", provider.access_token()) for _ in range(20)] == [200] * 20
    assert "ago are in the store" in site.log()
    assert len(provider.journal) == asked
    provider.keys = [SigningKey(kid="second")]
    provider.restart()
    site.wait_until(lambda: call(site, "/bearer/x", provider.access_token()) == 200, "no new keys", 40)


def test_what_is_kept_is_of_no_use_without_the_key_file(make_site, provider):
    """COK-17: who can write the store cannot plant keys, nor can another key file read them."""
    site = make_site()
    token = provider.access_token()
    assert call(site, "/bearer/x", token) == 200
    site.stop()
    provider.stop()
    with open(site.store, "rb") as file:
        assert b"jwks_uri" not in file.read()
    os.unlink(site.keys)
    make_key_file(site.keys)
    site.start()
    assert call(site, "/bearer/x", token) == 503
    provider.restart()
    site.wait_until(lambda: call(site, "/bearer/x", token) == 200, "the keys never came", 40)


def test_a_sick_issuer_neither_slows_nor_fails_another(make_site, provider, partner):
    """KEY-13, MET-09"""
    gate = Gate()
    partner.always("jwks", gate)
    site = make_site(**both(partner))
    mine, other = provider.access_token(), partner.access_token()
    begun = time.monotonic()
    assert [call(site, "/both/x", provider.access_token()) for _ in range(20)] == [200] * 20
    assert time.monotonic() - begun < 2
    gate.open()
    partner.always("jwks", None)
    site.wait_until(lambda: call(site, "/both/x", other) == 200, "the other issuer never came", 40)
    partner.stop()
    assert call(site, "/both/x", mine) == 200 and call(site, "/both/x", other) == 200
    # A key of one issuer is none of another's, though both have one name.
    forged = partner.keys[0].sign(claims(mine), typ="at+jwt")
    assert call(site, "/both/x", forged) == 401
    partner.restart()


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_a_flood_of_unknown_keys_costs_a_fetch_a_minute_in_each_worker(make_site, provider):
    """KEY-14"""
    site = make_site()
    assert call(site, "/bearer/x", provider.access_token()) == 200
    good = provider.access_token()
    stray = SigningKey(kid="stray")
    for number in range(200):
        forged = stray.sign(claims(good), typ="at+jwt", kid=f"stray-{number}")
        assert call(site, "/bearer/x", forged) == 401
        assert call(site, "/bearer/x", good) == 200
    assert len(provider.entries("jwks")) <= 2 * site.workers, "at its start, and then once"


@pytest.mark.parametrize("bad", [
    Answer(200, "{}"), Answer(200, '{"keys":[]}'), Answer(200, "<html>", "text/html"), Answer(500, "oops")],
    ids=["no set", "empty", "page", "error"])
def test_a_bad_answer_replaces_no_good_keys(make_site, provider, bad):
    """KEY-16, KEY-17"""
    site = make_site(provider_settings={"keys_min_age": "1s", "keys_max_age": "1s"})
    assert call(site, "/bearer/x", provider.access_token()) == 200
    provider.always("jwks", bad)
    site.wait_for_log("its key set is not usable", 20)
    assert [call(site, "/bearer/x", provider.access_token()) for _ in range(10)] == [200] * 10
    site.stop()
    site.start()
    assert [call(site, "/bearer/x", provider.access_token()) for _ in range(10)] == [200] * 10


@pytest.fixture
def folder():
    """Open to the workers."""
    made = tempfile.mkdtemp(prefix="cloakroom-keys-")
    os.chmod(made, 0o755)
    yield made
    shutil.rmtree(made)


def test_a_key_file_counts_within_seconds_and_a_bad_one_changes_nothing(make_site, provider, folder):
    """KEY-15, KEY-17: without a reload."""
    path = os.path.join(folder, "jwks.json")
    old, new = SigningKey(kid="first"), SigningKey(kid="second")
    put(path, key_set(old))
    issuer = "https://files.example"
    site = make_site(
        providers=f"cloakroom_provider files {{ issuer {issuer}; jwks_file {path}; }}",
        locations="location /files/ { cloakroom bearer files audience=api; proxy_pass http://behind; }")

    def token(key):
        return key.sign({**claims(provider.access_token()), "iss": issuer}, typ="at+jwt")

    assert call(site, "/files/x", token(old)) == 200
    assert call(site, "/files/x", token(new)) == 401
    put(path, key_set(old, new))
    begun = time.monotonic()
    site.wait_until(lambda: [call(site, "/files/x", token(new)) for _ in range(8)] == [200] * 8,
                    "the new key never came", 10)
    assert time.monotonic() - begun < 5
    time.sleep(2.5)                              # all those may have come to one worker
    put(path, "{")
    site.wait_until(lambda: site.log().count("its key file holds no usable keys") == site.workers, "not told", 10)
    time.sleep(3)
    assert site.log().count("its key file holds no usable keys") == site.workers, "told more than once"
    assert [call(site, "/files/x", token(key)) for key in (old, new) * 4] == [200] * 8
    put(path, new.key.as_pem(private=False).decode())
    site.wait_until(lambda: [call(site, "/files/x", token(old)) for _ in range(8)] == [401] * 8,
                    "the old key was never withdrawn", 10)
    assert call(site, "/files/x", token(new)) == 200
    os.unlink(path)
    site.wait_for_log("does not exist; the old keys stay", 10)
    assert call(site, "/files/x", token(new)) == 200


def test_keys_from_an_address_need_no_discovery(make_site, provider):
    """MET-06"""
    issuer = "https://nowhere.example"
    site = make_site(
        providers=f"cloakroom_provider direct {{ issuer {issuer}; jwks_url {provider.origin}/jwks; }}",
        locations="location /direct/ { cloakroom bearer direct audience=api; proxy_pass http://behind; }")
    token = provider.keys[0].sign({**claims(provider.access_token()), "iss": issuer}, typ="at+jwt")
    assert call(site, "/direct/x", token) == 200
    site.stop()
    provider.stop()
    site.start()
    assert call(site, "/direct/x", token) == 200
    provider.restart()
