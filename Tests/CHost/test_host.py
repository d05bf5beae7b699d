"""A plain C program does the same as nginx: once with a poll loop, once without any event loop."""
import subprocess
import time

import pytest
from building import HERE, HEADER, RELEASE, TOP, compile_c, run_line
from hosts import Guest, log_in
from provider import Delay, Gate, SigningKey
from provider.keys import unsigned, verify
from provider.openid import CLIENT_ID


def test_one_cc_line_is_enough(compiler, tmp_path):
    output = compile_c(compiler, "main.c", tmp_path / "chost")
    needed = run_line(f"readelf -d {output} | sed -n 's/.*NEEDED.*\\[\\(.*\\)\\]/\\1/p'", tmp_path).split()
    assert needed == ["libcloakroom.so.0", "libc.so.6"]
    assert subprocess.run([output, "--help"], capture_output=True).returncode == 0


def test_it_knows_no_header_but_cloakroom_h_and_those_of_libc(tmp_path):
    rule = run_line("cc -M main.c $(pkg-config --cflags cloakroom)", HERE)
    files = rule.replace("\\\n", " ").split()[1:]
    foreign = [file for file in files if file.startswith("/") and not file.startswith("/usr/")]
    assert [file for file in files if file.startswith(TOP)] == [HEADER] == foreign
    assert RELEASE not in rule


# Bearer

def good(provider):
    return provider.access_token()


def expired(provider):
    return provider.access_token(exp=int(time.time()) - 120)


def of_another_audience(provider):
    return provider.access_token(aud="another api")


def id_token(provider):
    """Good in all else: the audience is ours, too."""
    provider.bend_id = lambda header, claims: (header, {**claims, "aud": ["api", CLIENT_ID]})
    return provider._id_token({"nonce": "n", "subject": "alice", "signed_in": int(time.time())}, "x")


def of_a_strangers_key(provider):
    stranger = SigningKey("ES256", "of a stranger")
    stranger.kid = provider.keys[0].kid
    return stranger.sign({"iss": provider.issuer, "aud": "api", "exp": int(time.time()) + 300, "sub": "alice"},
                         typ="at+jwt")


def without_signature(provider):
    return unsigned({"iss": provider.issuer, "aud": "api", "exp": int(time.time()) + 300}, typ="at+jwt")


def garbage(_):
    return "garbage"


REFUSED = {
    expired: "token_expired", of_another_audience: "wrong_audience", id_token: "token_type_missing",
    of_a_strangers_key: "bad_signature", without_signature: "token_malformed", garbage: "token_malformed",
}


def test_a_good_token_is_forwarded_as_it_was(make_host, provider):
    host = make_host("--show", "--claim", "sub", "--claim", "exp", "--claim", "no such claim")
    token = good(provider)
    for _ in range(3):
        report = host.do("bearer", token)
        assert (report.decision, report.reason, report.session) == ("forward", "ok", None)
        assert report.edits.get("authorization", "Bearer " + token) == "Bearer " + token
        assert report.claims == {"sub": "alice", "exp": str(verify(token, provider.keys)["exp"])}
    assert provider.count("jwks") == 1


@pytest.mark.parametrize("make_token", REFUSED, ids=lambda make: make.__name__)
def test_a_bad_token_is_refused(host, provider, make_token):
    report = host.do("bearer", make_token(provider))
    assert (report.decision, report.status, report.reason) == ("respond", 401, REFUSED[make_token])
    challenge = dict(report.client)["WWW-Authenticate"]
    assert challenge.startswith("Bearer ") and 'error="invalid_token"' in challenge


def test_a_decision_is_explained_without_the_token(make_host, provider):
    host, token = make_host("--explain"), of_another_audience(provider)
    explanation = host.do("bearer", token).explain
    assert explanation.startswith(f"policy bearer: bearer, provider idp; Authorization: one Bearer token of {len(token)} bytes")
    assert "signature good" in explanation and explanation.endswith(": refused 401 wrong_audience")
    assert token not in explanation and "alice" not in explanation
    assert make_host().do("bearer", token).explain is None


def test_an_id_token_stays_refused_where_no_type_is_asked_for(make_host, settings, provider):
    settings.add("[provider/idp] require_access_token_type off")
    assert make_host().do("bearer", id_token(provider)).reason == "not_an_access_token"


def test_a_decision_that_takes_its_time_is_waited_for(host, provider):
    provider.at("jwks", Delay(0.7))
    started = time.monotonic()
    assert host.do("bearer", good(provider)).reason == "ok"
    assert time.monotonic() - started > 0.6


def test_the_wait_ends_in_time_where_no_decision_comes(program, settings, provider, loop):
    gate = Gate()
    provider.at("jwks", gate)
    command = [program, "--config", settings.path, "--loop", loop, "--timeout", "300", "bearer", good(provider)]
    started = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    gate.open()
    assert done.stdout == "failed no decision in 300 ms\n" and done.returncode == 1
    assert 0.3 <= time.monotonic() - started < 3


# Sessions

def test_a_login_gives_one_cookie_that_is_swapped_for_the_access_token(host, provider):
    guest = log_in(host)
    answer = guest.call("/api/x", fields=[("X-Kept", "1"), ("Authorization", "Bearer of-the-client")])
    assert answer.status is None and guest.report.decision == "forward"
    assert (guest.report.reason, guest.report.session) == ("ok", "active")
    assert verify(guest.report.token, provider.keys)["sub"] == "alice"
    assert guest.report.edits["cookie"] is None and "x-kept" not in guest.report.edits


def test_the_cookies_of_others_go_on(host):
    guest = log_in(host)
    guest.call(cookies={**guest.cookies, "theme": "dark"})
    assert guest.report.edits["cookie"] == "theme=dark"


def test_without_a_session_there_is_no_token(host):
    stranger = Guest(host)
    answer = stranger.call()
    assert (answer.status, stranger.report.reason) == (401, "session_missing")
    assert stranger.report.edits["authorization"] is None
    forged = stranger.call(cookies={"cloakroom": "A" * 43})
    assert forged.status == 401 and stranger.report.edits["authorization"] is None
    assert stranger.visit("/api/x").status in (302, 303)


def expired_session(host, provider):
    """A guest whose access token has just run out; the next one lasts."""
    provider.access_seconds = 1
    guest = log_in(host)
    guest.call()
    old = guest.report.token
    provider.access_seconds = 300
    # Where the machine was slow, it had run out before that call, and was refreshed for it.
    provider.bygone = provider.count("token", grant_type="refresh_token")
    deadline = time.monotonic() + 5
    while guest.session()["token"]["expires_in"] > 0:
        assert time.monotonic() < deadline, "the token never expired"
        time.sleep(0.05)
    time.sleep(0.2)
    return guest, old


def refreshes(provider):
    """Since the session expired."""
    return provider.count("token", grant_type="refresh_token") - provider.bygone


def test_an_expired_token_is_refreshed_once_and_the_new_one_presented(host, provider):
    guest, old = expired_session(host, provider)
    tokens = set()
    for _ in range(3):
        guest.call()
        assert guest.report.reason == "ok"
        tokens.add(guest.report.token)
    assert len(tokens) == 1 and old not in tokens
    assert verify(tokens.pop(), provider.keys)["exp"] > time.time() + 60
    assert refreshes(provider) == 1
    assert guest.generation == 2 + provider.bygone


def test_two_programs_on_one_store_refresh_once(make_host, provider):
    one, other = make_host("--show"), make_host("--show")
    guest, _ = expired_session(one, provider)
    provider.at("token", Delay(1))
    fields = [f"{name}: {value}" for name, value in Guest.SCRIPT]
    fields.append("Cookie: " + "=".join(guest.ticket))
    for host in (one, other):
        host.send("request", "GET", "/api/x", *fields)
    reports = [host.receive() for host in (one, other)]
    assert [report.reason for report in reports] == ["ok", "ok"]
    assert reports[0].token == reports[1].token
    assert refreshes(provider) == 1


def test_a_logout_ends_the_session_in_every_program_at_once(make_host, provider):
    one, other = make_host("--show"), make_host("--show")
    guest = log_in(one)
    ticket = dict([guest.ticket])
    elsewhere = Guest(other)
    elsewhere.call(cookies=ticket)
    assert elsewhere.report.decision == "forward"

    answer = guest.log_out()
    assert answer.status in (302, 303) and answer.location.startswith(provider.origin + "/logout?")
    assert guest.report.reason == "logged_out" and not guest.cookies
    for visitor in (elsewhere, Guest(one)):
        assert visitor.call(cookies=ticket).status == 401
        assert visitor.report.decision == "respond" and visitor.report.edits["authorization"] is None
    deadline = time.monotonic() + 5
    while provider.count("revoke") == 0:
        assert time.monotonic() < deadline, "the refresh token was never revoked"
        time.sleep(0.02)


def test_a_session_outlives_the_program(make_host):
    first = make_host("--show")
    ticket = dict([log_in(first).ticket])
    first.stop()
    later = Guest(make_host("--show"))
    later.call(cookies=ticket)
    assert later.report.decision == "forward"


def test_the_host_learns_which_paths_are_answered(host):
    assert host.do("answers", "/auth/login?return_to=/").answers == "1"
    assert host.do("answers", "/api/x").answers == "0"


# What it shows

def test_tokens_and_cookies_are_told_by_their_length_alone(make_host, provider, settings):
    told = make_host("--show")
    ticket = "=".join(log_in(told).ticket)
    silent = make_host("--log")
    reports = [silent.do("bearer", good(provider)), silent.do("cookie", ticket)]
    assert [report.decision for report in reports] == ["forward", "forward"]
    shown = "\n".join(line for report in reports for line in report.lines)
    assert "Authorization: Bearer (" in shown
    for secret in [*provider.issued, ticket.partition("=")[2]]:
        assert secret not in shown


@pytest.mark.parametrize("line, complaint", [
    ("[provider/idp] colour blue", "colour"), ("[policy/bearer] mode sideways", "mode"), ("development on", "twice"),
])
def test_a_wrong_setting_is_named_with_its_line(program, settings, line, complaint):
    settings.add(line)
    done = subprocess.run([program, "--config", settings.path], input="", capture_output=True, text=True)
    assert done.returncode == 3 and not done.stdout
    assert done.stderr.startswith(f"{settings.path}:{len(settings.lines)}: ") and complaint in done.stderr, done.stderr


def test_wrong_usage_has_its_own_status(program):
    for words in ([], ["--loop", "sideways"], ["--config"]):
        assert subprocess.run([program, *words], capture_output=True).returncode == 2
