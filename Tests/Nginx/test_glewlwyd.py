"""A provider written by others: glewlwyd, in the set-up of the demo."""
import os
import sqlite3
import subprocess
import sys
import time

import pytest
from conftest import TOP
from harness import Person
from harness.site import free_port

sys.path.append(os.path.join(TOP, "nginx-example", "provider"))
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
    child = subprocess.Popen(made.command(), cwd=made.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 15
    while not made.answers():
        assert child.poll() is None and time.monotonic() < deadline, "glewlwyd did not start"
        time.sleep(0.05)
    made.furnish()
    yield made
    child.terminate()
    child.wait(10)


@pytest.fixture
def demo(make_site, glewlwyd, ports):
    return make_site(provider=glewlwyd, port=ports[0], workers=2, provider_settings={
        "client_id": "tests", "client_secret_file": glewlwyd.secret_file, "refresh_window": "2s",
        "refresh_refusals": "400-empty", "authorization_parameters": "resource=" + AUDIENCE},
        locations=f"location /own/ {{ cloakroom bearer idp audience={AUDIENCE}; proxy_pass http://behind; }}")


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
