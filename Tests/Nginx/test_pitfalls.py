"""What goes wrong when a module edits header fields that nginx remembers in many places: pitfalls 1 to 5 of a trial of
this design, each by its number there, and the proof that the mistake is not made here.  The rest: test_pitfalls_of_life.py."""
import signal

import pytest
from client import send
from harness import log_in


# 1 A parked request has no timer, so a quitting worker leaves at once


def test_01_a_quitting_worker_stays_for_the_requests_that_are_parked(parking):
    clients = parking.park(3)
    parking.open(after=2)          # longer than one round of the timer that holds the worker
    parking.site.stop(signal.SIGQUIT)
    assert [client.answer().status for client in clients] == [200] * 3


# 2 `hash = 0` does not keep a field from the upstream; an empty part of the list breaks the proxy


@pytest.mark.parametrize("before", [0, 17, 18, 19, 20, 38, 39, 60])
def test_02_removed_fields_are_gone_wherever_they_stood_in_nginxs_list(site, upstream, before):
    """nginx keeps 20 fields in a part: the removed ones also stand alone in one, or end or begin it."""
    person = log_in(site)
    name, value = person.ticket
    others = [(f"X-Field-{number}", str(number)) for number in range(before)]
    ours = [("Cookie", f"{name}={value}"), ("Authorization", "Basic Zm9yZ2VkOng=")]
    assert send(site.origin + "/api/x", fields=[*others, *ours]).status == 200
    assert [field for field in upstream.last.fields if field[0].startswith("X-Field")] == others
    assert upstream.last.all("Cookie") == [] and upstream.last.token


def test_02_what_nginx_remembers_of_removed_fields_is_forgotten(make_site, upstream):
    site = make_site(locations="""location /remembered/ {
        cloakroom session idp;
        proxy_set_header X-Shown "$remote_user|$http_cookie|$cookie_theme|$http_user_agent|$host";
        proxy_pass http://behind;
    }""")
    name, value = log_in(site).ticket
    send(site.origin + "/remembered/", fields=[
        ("Authorization", "Basic Zm9yZ2VkOng="), ("Cookie", f"{name}={value}"), ("User-Agent", "tests"),
        ("Cookie", "theme=dark")])
    assert upstream.last.all("X-Shown") == ["|theme=dark|dark|tests|localhost"]


# 3 Variables that were read before are stale


def test_03_variables_read_before_the_decision_show_the_edited_fields_after_it(make_site, upstream):
    site = make_site(locations="""location /stale/ {
        cloakroom session idp;
        set $copied "$http_cookie|$cookie_cloakroom|$http_authorization|$remote_user";
        if ($http_cookie ~ never) { return 418; }
        proxy_set_header X-Now "$http_cookie|$cookie_cloakroom|$remote_user";
        proxy_set_header X-Token $http_authorization;
        proxy_set_header X-Copied $copied;
        proxy_pass http://behind;
    }""")
    person = log_in(site)
    name, value = person.ticket
    assert name == "cloakroom"
    answer = person.call("/stale/", fields=[("Authorization", "Basic Zm9yZ2VkOng=")])
    assert answer.status == 200
    assert upstream.last.all("X-Now") == ["||"]
    assert upstream.last.all("X-Token") == ["Bearer " + upstream.last.token]
    # What "set" copied is a text of the operator's own: documented.
    assert upstream.last.all("X-Copied") == [f"{name}={value}|{value}|Basic Zm9yZ2VkOng=|forged"]


# 4 Internal redirects zero the context and run the access phase again


REDIRECTS = """
    location /again/ {
        cloakroom session idp;
        proxy_pass http://behind;
        proxy_intercept_errors on;
        error_page 404 = /silent/second;
        error_page 405 = /open/second;
        error_page 406 = /bearer/second;
        error_page 410 = /api/second;
        error_page 411 = @named;
        error_page 412 = /named-user/second;
        proxy_set_header X-Remote "-$remote_user";
    }
    location /named-user/ { cloakroom off; proxy_set_header X-Remote "-$remote_user"; proxy_pass http://behind; }
    location /silent/ { proxy_pass http://behind; }
    location @named { proxy_pass http://behind/named$uri; }
    location /tried/ { cloakroom session idp; root @RUN@/site; try_files /none @named; }
    location /indexed/ { cloakroom session idp; alias @RUN@/site/; index none /api/index; }
"""


@pytest.fixture
def redirecting(make_site):
    return make_site(locations=REDIRECTS)


@pytest.mark.parametrize("code, second, target", [
    (404, "ours", "/silent/second"), (405, "the client's", "/open/second"), (410, "ours", "/api/second"),
    (411, "ours", "/named/again/x"),
])
def test_04_after_an_internal_redirect_the_right_fields_go_on(redirecting, upstream, code, second, target):
    person = log_in(redirecting)
    name, value = person.ticket
    upstream.status = code
    person.call("/again/x", fields=[("Authorization", "Basic Zm9yZ2VkOng=")])
    first, again = upstream.arrivals
    assert first.token and first.all("Cookie") == [] and again.target == target
    if second == "ours":
        assert again.token == first.token and again.all("Cookie") == []
    else:
        assert again.all("Authorization") == ["Basic Zm9yZ2VkOng="]
        assert again.all("Cookie") == [f"{name}={value}"]


def test_04_whom_the_clients_own_fields_name_is_known_again(redirecting, upstream):
    upstream.status = 412
    log_in(redirecting).call("/again/x", fields=[("Authorization", "Basic Zm9yZ2VkOng=")])
    assert [arrival.all("X-Remote") for arrival in upstream.arrivals] == [["-"], ["-forged"]]


def test_04_another_policy_decides_on_what_the_client_sent(redirecting, upstream):
    upstream.status = 406
    assert log_in(redirecting).call("/again/x").status == 401, "the swapped token was taken for the client's"
    assert len(upstream.arrivals) == 1


@pytest.mark.parametrize("path, target", [("/tried/x", "/named/tried/x"), ("/indexed/", "/api/index")])
def test_04_redirects_before_the_content_keep_the_decision(redirecting, upstream, path, target):
    assert log_in(redirecting).call(path).status == 200
    assert upstream.last.target == target
    assert upstream.last.token and upstream.last.all("Cookie") == []


# 5 Subrequests inherit the edited fields and skip the access phase


def test_05_mirror_and_ssi_carry_what_the_upstream_gets(make_site, upstream):
    site = make_site(locations="""
        location /mirrored/ { cloakroom session idp; mirror /copy; proxy_pass http://behind; }
        location = /copy { internal; proxy_pass http://behind/copy; }
        location /page/ { cloakroom session idp; ssi on; ssi_types *; alias @RUN@/site/; }
        location /part/ { proxy_pass http://behind; }
    """)
    with open(site.path("site/page.html"), "w") as file:
        file.write('<!--#include virtual="/part/x" -->')
    person = log_in(site)
    assert person.call("/mirrored/x").status == 200
    site.wait_until(lambda: len(upstream.arrivals) == 2, "nothing was mirrored")
    assert person.call("/page/page.html").status == 200
    assert sorted(arrival.target for arrival in upstream.arrivals) == ["/copy", "/mirrored/x", "/part/x"]
    for arrival in upstream.arrivals:
        assert arrival.token and arrival.all("Cookie") == []
