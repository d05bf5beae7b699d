"""What reaches the upstream and what comes back: nothing of a client's may pass for ours, and
nothing of ours may reach who it is not for."""
import pytest
from client import send
from harness import Person, log_in
from harness.people import SCRIPT, new_cookies

FORGED = [
    ("Authorization", "Bearer forged"),
    ("X-User", "admin"), ("x_user", "admin"), ("X_USER", "admin"), ("x-Mail", "admin@example.org"),
    ("X-User", "root"),
]


def forged_values(arrival):
    return [value for name, value in arrival.fields
            if name.lower().replace("_", "-") in ("authorization", "x-user", "x-mail")
            and ("forged" in value.lower() or "Zm9y" in value or "admin" in value or value == "root")]


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "HEAD", "DELETE"])
def test_forged_fields_never_reach_the_upstream_of_a_session(site, upstream, method):
    """UPS-01 UPS-02 UPS-03"""
    person = log_in(site)
    answer = person.call("/claims/x", method, FORGED)
    assert answer.status == 200
    assert not forged_values(upstream.last)
    assert upstream.last.token and upstream.last.all("X-User") == ["alice"]
    assert upstream.last.all("X-Mail") == ["alice@example.org"]


def test_two_authorizations_pass_neither(site, upstream):
    """nginx itself says so, before any module is asked."""
    fields = [("Authorization", "Bearer forged"), ("authorization", "Basic Zm9yZ2VkOmZvcmdlZA==")]
    for path in ("/api/x", "/any/x", "/open/x"):
        assert log_in(site).call(path, fields=fields).status == 400
    assert not upstream.arrivals


def test_a_removed_authorization_names_no_user(make_site, upstream):
    site = make_site(locations="""location /nameless/ {
        cloakroom         session idp forward_token=off;
        proxy_set_header  X-Shown "$remote_user|$http_authorization";
        proxy_pass        http://behind;
    }""")
    log_in(site).call("/nameless/x", fields=[("Authorization", "Basic Zm9yZ2VkOmZvcmdlZA==")])
    assert upstream.last.all("X-Shown") == ["|"] and upstream.last.all("Authorization") == []


def test_forged_fields_never_reach_the_upstream_under_satisfy_any(site, upstream):
    for person in (log_in(site), Person(site.origin)):
        for method in ("GET", "OPTIONS", "POST"):
            upstream.arrivals.clear()
            assert person.call("/any/x", method, FORGED).status == 200
            assert not forged_values(upstream.last), f"{method}: {upstream.last.fields}"


def test_satisfy_any_lets_a_stranger_in_without_an_identity(site, upstream):
    answer = Person(site.origin).call("/any/x", fields=FORGED)
    assert answer.status == 200, "another rule admitted the request"
    assert upstream.last.all("Authorization") == [] and upstream.last.all("X-User") == []


def test_a_connection_field_does_not_bring_our_fields_down(site, upstream):
    """UPS-03"""
    person = log_in(site)
    person.call("/claims/x", fields=[("Connection", "Authorization, X-User")])
    assert upstream.last.token and upstream.last.all("X-User") == ["alice"]


def test_our_cookies_stay_behind_and_the_others_pass_untouched(site, upstream):
    """COK-14"""
    person = log_in(site)
    name, value = person.ticket
    answer = person.call(cookies={"theme": "dark", name: value, "cart": "7", name + "x": "near", "x" + name: "miss"})
    assert answer.status == 200
    assert upstream.last.all("Cookie") == [f"theme=dark; cart=7; {name}x=near; x{name}=miss"]


def test_no_cookie_field_arrives_where_ours_was_alone(site, upstream):
    assert log_in(site).call().status == 200
    assert upstream.last.all("Cookie") == []


def test_cookies_of_open_logins_stay_behind_too(site, upstream):
    person = log_in(site)
    person.begin()
    person.begin()
    assert len(person.cookies) == 3
    assert person.call().status == 200
    assert upstream.last.all("Cookie") == []


def test_the_cookie_in_a_second_cookie_line_counts(site, upstream):
    """COK-06"""
    person = log_in(site)
    name, value = person.ticket
    answer = send(site.origin + "/api/x", fields=[*SCRIPT, ("Cookie", "a=1"), ("Cookie", f"{name}={value}; b=2")])
    assert answer.status == 200
    assert [word for line in upstream.last.all("Cookie") for word in line.split("; ")] == ["a=1", "b=2"]


@pytest.mark.parametrize("other", ["A" * 43, "", "same"])
def test_the_same_cookie_name_twice_is_no_session(site, upstream, other):
    """COK-07"""
    person = log_in(site)
    name, value = person.ticket
    other = value if other == "same" else other
    for pair in (f"{name}={value}; {name}={other}", f"{name}={other}; {name}={value}"):
        assert send(site.origin + "/api/x", fields=[*SCRIPT, ("Cookie", pair)]).status == 401
        split = [("Cookie", part) for part in pair.split("; ")]
        assert send(site.origin + "/api/x", fields=[*SCRIPT, *split]).status == 401
    assert not upstream.arrivals


def test_names_and_values_that_only_look_like_ours_are_no_session(site):
    person = log_in(site)
    name, value = person.ticket
    swapped = value[:-1] + ("A" if value[-1] != "A" else "B")
    lookalikes = [f"{name.upper()}={value}", f'{name}="{value}"', f"{name}={value}x", f"{name}={value[:-1]}",
                  f"{name}={swapped}", f"{name}=", f"{name}", f"{name} x={value}", f"{name}={'%41' + value[1:]}",
                  f"{name}={value[:10]}=={value[12:]}", f"{name}={'A' * 4000}"]
    for pair in lookalikes:
        answer = send(site.origin + "/api/x", fields=[*SCRIPT, ("Cookie", pair)])
        assert answer.status == 401, pair


def test_an_upstreams_cookie_with_our_name_is_dropped_and_others_pass(site, upstream):
    """COK-15"""
    person = log_in(site)
    name, _ = person.ticket
    upstream.fields = [("Set-Cookie", f"{name}=planted; Path=/"), ("Set-Cookie", "theme=dark; Path=/"),
                       ("set-cookie", f"{name}=; Max-Age=0; Path=/")]
    answer = person.call()
    assert [cookie.name for cookie in new_cookies(answer)] == ["theme"]
    assert name not in [line.split("=")[0] for line in answer.all("Set-Cookie")]
    assert person.call().status == 200


def test_a_second_pass_through_the_access_phase_decides_on_what_the_client_sent(site, upstream):
    person = log_in(site)
    upstream.status = 404
    answer = person.call("/twice/x")
    assert answer.status == 404
    assert [arrival.target for arrival in upstream.arrivals] == ["/twice/x", "/api/second"]
    for arrival in upstream.arrivals:
        assert arrival.token and arrival.all("Cookie") == []


def test_a_client_token_does_not_open_a_session_route(site, provider, upstream):
    token = provider.access_token()
    answer = send(site.origin + "/api/x", fields=[*SCRIPT, ("Authorization", "Bearer " + token)])
    assert answer.status == 401 and not upstream.arrivals


def test_an_open_location_is_left_as_it_is(site, upstream):
    answer = send(site.origin + "/open/x", fields=[("Authorization", "Basic eDp5"), ("X-User", "me")])
    assert answer.status == 200
    assert upstream.last.all("Authorization") == ["Basic eDp5"] and upstream.last.all("X-User") == ["me"]


def test_bodies_of_every_kind_reach_the_upstream_whole(site, upstream):
    person = log_in(site)
    for size in (0, 1, 9_000, 700_000):
        body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
        assert person.call(method="POST", body=body).status == 200
        assert upstream.last.body == body


def test_answers_with_a_session_stay_out_of_shared_caches(site):
    """BRW-12"""
    person = log_in(site)
    kept = person.call().field("Cache-Control") or ""
    assert "private" in kept or "no-store" in kept
    for path in ("/auth/session", "/auth/login"):
        assert "no-store" in (person.visit(path).field("Cache-Control") or ""), path


def test_hosts_and_forwarded_hosts_change_nothing(site, provider):
    """UPS-11 LOG-07"""
    for fields in ([("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "https"),
                    ("Forwarded", "host=evil.example")],):
        person = Person(site.origin)
        answer = person.ask("/auth/login", fields=[*Person.NAVIGATION, *fields])
        assert answer.status == 303
        person.at_provider(answer.location)
    assert {entry.query["redirect_uri"] for entry in provider.entries("authorize")} == {site.origin + "/auth/callback"}
