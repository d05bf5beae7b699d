"""The provider of the tests itself: what it promises the other tests, and nothing of the product."""
import base64
import hashlib
import json
import urllib.parse

import pytest
from client import send
from provider import Answer, Cut, CutAfter, Delay, Provider
from provider.keys import half_hash, verify
from provider.openid import CLIENT_ID, CLIENT_SECRET

REDIRECT = "http://localhost:1/auth/callback"
VERIFIER = "v" * 43


@pytest.fixture
def provider():
    with Provider() as made:
        yield made


def authorize(provider):
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
    query = {"response_type": "code", "client_id": CLIENT_ID, "redirect_uri": REDIRECT, "scope": "openid", "state": "s",
             "nonce": "n", "code_challenge": challenge, "code_challenge_method": "S256"}
    back = send(provider.origin + "/authorize?" + urllib.parse.urlencode(query)).location
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(back).query))


def token(provider, **form):
    pair = f"{urllib.parse.quote_plus(CLIENT_ID)}:{urllib.parse.quote_plus(CLIENT_SECRET)}"
    fields = [("Authorization", "Basic " + base64.b64encode(pair.encode()).decode()),
              ("Content-Type", "application/x-www-form-urlencoded")]
    return send(provider.origin + "/token", "POST", fields, urllib.parse.urlencode(form).encode())


def redeem(provider, **changes):
    form = {"grant_type": "authorization_code", "code": authorize(provider)["code"], "redirect_uri": REDIRECT,
            "code_verifier": VERIFIER, **changes}
    return token(provider, **form)


def refresh(provider, given):
    return token(provider, grant_type="refresh_token", refresh_token=given["refresh_token"])


def test_a_login_gives_tokens_that_another_library_verifies(provider):
    assert authorize(provider)["iss"] == provider.issuer
    given = redeem(provider).json()
    claims = verify(given["id_token"], provider.keys)
    assert (claims["nonce"], claims["aud"]) == ("n", CLIENT_ID)
    assert claims["at_hash"] == half_hash("ES256", given["access_token"])
    assert verify(given["access_token"], provider.keys)["aud"] == "api"
    assert provider.count("token", grant_type="authorization_code") == 1 and not provider.complaints


def test_a_wrong_verifier_redirect_or_secret_is_refused_and_complained_about(provider):
    assert redeem(provider, code_verifier="w" * 43).status == 400
    assert redeem(provider, redirect_uri=REDIRECT + "/").status == 400
    assert send(provider.origin + "/token", "POST", [("Authorization", "Basic eDp5")], b"").status == 401
    assert len(provider.complaints) == 3


def test_a_spent_refresh_token_ends_its_family(provider):
    first = redeem(provider).json()
    second = refresh(provider, first).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert refresh(provider, first).json()["error"] == "invalid_grant"
    assert refresh(provider, second).json()["error"] == "invalid_grant"


def test_a_forgiving_provider_takes_a_spent_refresh_token(provider):
    provider.forgives = True
    first = redeem(provider).json()
    assert refresh(provider, first).status == refresh(provider, first).status == 200


def test_a_provider_that_does_not_rotate_gives_no_refresh_token(provider):
    provider.rotates = False
    first = redeem(provider).json()
    assert "refresh_token" not in refresh(provider, first).json()
    assert refresh(provider, first).status == 200


def test_faults_meet_one_request_each(provider):
    first = redeem(provider).json()
    provider.at("token", Answer(503, "busy"), Cut())
    assert refresh(provider, first).status == 503
    with pytest.raises(OSError):
        refresh(provider, first)
    assert refresh(provider, first).status == 200


def test_a_cut_after_the_work_spends_the_token(provider):
    first = redeem(provider).json()
    provider.at("token", CutAfter())
    with pytest.raises(OSError):
        refresh(provider, first)
    assert refresh(provider, first).status == 400


def test_a_stopped_provider_refuses_and_a_restarted_one_answers(provider):
    provider.stop()
    with pytest.raises(OSError):
        send(provider.origin + "/jwks")
    provider.restart()
    provider.at("jwks", Delay(0.2))
    keys = json.loads(send(provider.origin + "/jwks").body)["keys"]
    assert [key["kid"] for key in keys] == ["first"] and "d" not in keys[0]
