"""Requests of every form of HTTP, before, while and after they wait for a decision."""
import json
import ssl

import pytest
from client import send
from harness import Parking, Person, Wire, log_in
from harness.http2 import HTTP2
from harness.people import SCRIPT
from harness.wire import head
from provider import Gate
from test_refresh import expired_session

BEARER = "cloakroom bearer idp audience=api; proxy_pass http://behind;"
PLACES = f"""
    location /unbuffered/ {{ proxy_request_buffering off; {BEARER} }}
    location /pages/ {{ cloakroom bearer idp audience=api; ssi on; alias @RUN@/site/; }}
    location /file {{ cloakroom bearer idp audience=api; alias @RUN@/site/index.html; }}
"""
SIZES = [1, 9_000, 300_000]


@pytest.fixture
def parking(make_site, provider, tls):
    made = Parking(make_site, provider, PLACES, servers=tls.server(
        f"location / {{ {BEARER} }} location /free/ {{ proxy_pass http://behind; }}"))
    yield made
    made.open()


def chunked(body):
    pieces = [body[start:start + 7_000] for start in range(0, len(body), 7_000)]
    return "".join(f"{len(piece):x}\r\n{piece}\r\n" for piece in pieces) + "0\r\n\r\n"


def body_of(size, form):
    """A body; the field that announces it; how it goes over the wire."""
    body = "".join(chr(97 + number % 26) for number in range(size))
    if form == "chunked":
        return body, ("Transfer-Encoding", "chunked"), chunked(body)
    return body, ("Content-Length", str(size)), body


# HTTP/1.1


@pytest.mark.parametrize("moment", ["before", "during", "after", "halves"])
@pytest.mark.parametrize("form", ["counted", "chunked"])
@pytest.mark.parametrize("path", ["/bearer/x", "/unbuffered/x"])
def test_a_body_arrives_whole_whenever_it_is_sent(parking, upstream, moment, form, path):
    clients, bodies = [], []
    for size in SIZES:
        body, announcement, sent = body_of(size, form)
        early = {"before": len(sent), "during": 0, "after": 0, "halves": len(sent) // 2}[moment]
        client = Wire(parking.site.port)
        client.ask(path, "POST", [parking.token, announcement], sent[:early] if size < 100_000 else "")
        clients.append((client, sent[early:] if size < 100_000 else sent))
        bodies.append(body)
    parking.wait_for(len(SIZES))
    if moment == "during":
        for client, rest in clients[:2]:          # what fits into the kernel's buffers
            client.send(rest)
    parking.open()
    if moment == "after":
        assert all(client.is_silent(0.1) for client, _ in clients)
    for number, (client, rest) in enumerate(clients):
        if moment != "during" or number == 2:
            client.send(rest)
    answers = [client.answer() for client, _ in clients]
    assert [answer.status for answer in answers] == [200] * len(SIZES)
    assert [answer.json()["body"] == body for answer, body in zip(answers, bodies, strict=True)] == [True] * len(SIZES)


def test_100_continue_is_said_after_the_decision_and_not_before(parking, upstream):
    client = Wire(parking.site.port)
    client.ask("/bearer/x", "POST", [parking.token, ("Expect", "100-continue"), ("Content-Length", "5")])
    parking.wait_for(1)
    assert client.is_silent()
    parking.open()
    assert client.line() == "HTTP/1.1 100 Continue" and client.line() == ""
    client.send("hello")
    assert client.answer().json()["body"] == "hello"


def test_a_refusal_asks_for_no_body(parking):
    client = Wire(parking.site.port)
    client.ask("/bearer/x", "POST", [("Expect", "100-continue"), ("Content-Length", "5")])
    assert client.line().startswith("HTTP/1.1 401 ")


def test_after_a_refusal_the_connection_goes_on_behind_the_body(parking, upstream):
    with Wire(parking.site.port) as client:
        for form in ("counted", "chunked"):
            _, announcement, sent = body_of(9_000, form)
            client.ask("/bearer/x", "POST", [announcement], sent)
            assert client.answer().status == 401
        client.ask("/open/x")
        assert client.answer().json()["target"] == "/open/x"
    assert [arrival.target for arrival in upstream.arrivals] == ["/open/x"]


def test_a_kept_connection_carries_all_kinds_of_answers(parking):
    with Wire(parking.site.port) as client:
        client.ask("/bearer/0")
        assert client.answer().status == 401
        client.ask("/bearer/1", fields=[parking.token])
        parking.wait_for(1)
        parking.open()
        assert client.answer().json()["target"] == "/bearer/1"
        for number in range(2, 20):
            client.ask(f"/bearer/{number}", "POST", [parking.token, ("Content-Length", "3")], "abc")
            assert client.answer().json()["target"] == f"/bearer/{number}"
            client.ask("/bearer/x")
            assert client.answer().status == 401
            client.ask("/file", "HEAD", [parking.token])
            assert client.answer("HEAD").status == 200


def test_pipelined_requests_are_answered_in_their_order(parking):
    with Wire(parking.site.port) as client:
        client.send(head("/bearer/0", fields=[parking.token]) + head("/bearer/no")
                    + head("/bearer/1", "POST", [parking.token, ("Content-Length", "3")]) + "abc"
                    + head("/") + head("/bearer/2", fields=[parking.token]) + head("/open/3"))
        parking.wait_for(1)
        assert client.is_silent(0.1)
        client.send(head("/bearer/4", fields=[parking.token]))      # more comes while the first is parked
        parking.open()
        answers = [client.answer() for _ in range(7)]
    assert [answer.status for answer in answers] == [200, 401, 200, 200, 200, 200, 200]
    targets = [answer.json() and answer.json()["target"] for answer in answers if answer.status == 200]
    assert targets == ["/bearer/0", "/bearer/1", None, "/bearer/2", "/open/3", "/bearer/4"]


def test_http_1_0_and_head_are_served(parking, upstream):
    client = Wire(parking.site.port)
    client.send(f"GET /bearer/x HTTP/1.0\r\n{parking.token[0]}: {parking.token[1]}\r\n\r\n")
    parking.wait_for(1)
    parking.open()
    assert client.answer().status == 200 and client.is_closed()
    answer = send(parking.site.origin + "/bearer/x", "HEAD", [parking.token])
    assert answer.status == 200 and answer.body == b""


def test_http_1_1_over_tls_parks_and_resumes(parking, tls, upstream):
    context = ssl.create_default_context(cafile=tls.authority)
    with Wire(tls.port, context) as client:
        client.ask("/x", "POST", [parking.token, ("Content-Length", "4")], "ab")
        parking.wait_for(1)
        client.send("cd")
        parking.open()
        assert client.answer().json()["body"] == "abcd"
        client.ask("/y", fields=[parking.token])
        assert client.answer().status == 200


def test_a_page_whose_parts_are_fetched_after_the_wait_is_whole(parking):
    with open(parking.site.path("site/page.html"), "w") as file:
        file.write('<!--#include virtual="/index.html" -->, <!--#include virtual="/index.html" -->')
    with Wire(parking.site.port) as client:
        client.ask("/pages/page.html", fields=[parking.token])
        parking.wait_for(1)
        parking.open()
        assert client.answer().text.count("<title>Page</title>") == 2


# HTTP/2


def test_http2_streams_park_side_by_side_and_others_overtake_them(parking, tls):
    with HTTP2(tls.port, tls.context) as connection:
        waiting = [connection.ask(f"/{number}", fields=[parking.token]) for number in range(100)]
        connection.ping()
        parking.wait_for(100)
        free = [connection.ask(f"/free/{number}") for number in range(10)]
        assert [json.loads(connection.answer(number).body)["target"] for number in free] == [
            f"/free/{number}" for number in range(10)]
        refused = connection.ask("/refused")
        assert connection.answer(refused).status == 401
        parking.open()
        assert [connection.answer(stream).json()["target"] for stream in waiting] == [
            f"/{number}" for number in range(100)]


@pytest.mark.parametrize("moment", ["before", "during", "after"])
@pytest.mark.parametrize("size", [1, 60_000, 300_000])
def test_http2_bodies_arrive_whole_whenever_they_are_sent(parking, tls, moment, size):
    body = bytes(number % 251 for number in range(size))
    early = min(size, 60_000)                               # what nginx takes before it reads a body
    with HTTP2(tls.port, tls.context) as connection:
        if moment == "before" and size <= early:
            stream = connection.ask("/x", "POST", [parking.token], body)
        else:
            stream = connection.ask("/x", "POST", [parking.token], ends=False)
            parking.wait_for(1)
            if moment != "after":
                connection.more(stream, body[:early], ends=False)
                body = body[early:]
        parking.wait_for(1)
        parking.open()
        if moment != "before" or size > early:
            connection.more(stream, body)
        answer = connection.answer(stream)
    assert answer.status == 200
    assert answer.json()["body"].encode("latin-1") == bytes(number % 251 for number in range(size))


def test_http2_streams_that_are_given_up_take_no_other_with_them(parking, tls, upstream):
    with HTTP2(tls.port, tls.context) as connection:
        streams = [connection.ask(f"/{number}", fields=[parking.token]) for number in range(100)]
        connection.ping()
        parking.wait_for(100)
        for stream in streams[::2]:
            connection.give_up(stream)
        parking.wait_for(50)
        parking.open()
        assert [connection.answer(stream).status for stream in streams[1::2]] == [200] * 50
    assert sorted(arrival.target for arrival in upstream.arrivals) == sorted(f"/{number}" for number in range(1, 100, 2))


def test_http2_swaps_cookies_too(make_site, provider, upstream, tls):
    site = make_site(workers=1, servers=tls.server("location / { cloakroom session idp; proxy_pass http://behind; }"))
    person = expired_session(site, provider)
    name, value = person.ticket
    gate = Gate()
    provider.at("token", gate)
    with HTTP2(tls.port, tls.context) as connection:
        streams = [connection.ask(f"/{number}", fields=[*SCRIPT, ("cookie", f"{name}={value}; a=1")])
                   for number in range(20)]
        gate.wait()
        gate.open()
        assert [connection.answer(stream).status for stream in streams] == [200] * 20
    assert {arrival.token for arrival in upstream.arrivals} == {upstream.last.token}
    assert all(arrival.all("Cookie") == ["a=1"] for arrival in upstream.arrivals)


# Neighbours in the access phase


BESIDE = """
    location /beside/ {
        auth_request /check;
        cloakroom session idp;
        proxy_pass http://behind;
    }
    location = /check { internal; proxy_pass http://behind/check; proxy_pass_request_body off;
                        proxy_set_header Content-Length ""; }
    location /either/ {
        satisfy any;
        auth_request /check;
        cloakroom session idp;
        proxy_pass http://behind;
    }
    location /slow/ { limit_req zone=few burst=5; cloakroom session idp; mirror /copy; proxy_pass http://behind; }
    location = /copy { internal; proxy_pass http://behind/copy$request_uri; }
"""


@pytest.fixture
def crowded(make_site):
    return make_site(workers=1, locations=BESIDE, servers="limit_req_zone $binary_remote_addr zone=few:1m rate=10r/s;")


def test_auth_request_is_asked_with_the_clients_fields_and_the_upstream_gets_ours(crowded, provider, upstream):
    person = expired_session(crowded, provider)
    gate = Gate(patience=5)
    provider.at("token", gate)
    name, value = person.ticket
    with Wire(crowded.port) as client:
        client.ask("/beside/x", "POST", [*SCRIPT, ("Origin", crowded.origin), ("Cookie", f"{name}={value}"),
                                         ("Content-Length", "3")], "abc")
        gate.wait()
        gate.open()
        assert client.answer().status == 200
    asked, main = upstream.arrivals
    assert asked.target == "/check" and asked.all("Cookie") == [f"{name}={value}"]
    assert main.target == "/beside/x" and main.body == b"abc" and main.token and main.all("Cookie") == []


@pytest.mark.parametrize("code, expected", [(403, 403), (401, 401)])
def test_what_auth_request_refuses_stays_refused(crowded, upstream, code, expected):
    person = log_in(crowded)
    upstream.status = code
    assert person.call("/beside/x").status == expected
    assert [arrival.target for arrival in upstream.arrivals] == ["/check"]


def test_what_auth_request_admits_still_needs_a_session(crowded, upstream):
    assert Person(crowded.origin).call("/beside/x").status == 401
    assert [arrival.target for arrival in upstream.arrivals] == ["/check"]


def test_satisfy_any_takes_either(crowded, upstream):
    assert Person(crowded.origin).call("/either/x").status == 200 and upstream.last.token is None
    person = log_in(crowded)
    upstream.status = 403
    upstream.arrivals.clear()
    assert person.call("/either/x").status == 403 and upstream.last.target == "/either/x" and upstream.last.token
    assert Person(crowded.origin).call("/either/x").status in (401, 403)
    assert upstream.last.target == "/check"


def test_limits_and_mirrors_around_a_parked_request(crowded, provider, upstream):
    person = expired_session(crowded, provider)
    name, value = person.ticket
    gate = Gate()
    provider.at("token", gate)
    clients = [Wire(crowded.port) for _ in range(4)]
    for number, client in enumerate(clients):
        client.ask(f"/slow/{number}", "POST", [*SCRIPT, ("Origin", crowded.origin), ("Cookie", f"{name}={value}"),
                                               ("Content-Length", "4")], "body")
    gate.wait()
    gate.open()
    assert [client.answer().status for client in clients] == [200] * 4
    crowded.wait_until(lambda: len(upstream.arrivals) == 8, "not all was mirrored")
    assert sorted(arrival.target for arrival in upstream.arrivals) == sorted(
        f"{prefix}/slow/{number}" for number in range(4) for prefix in ("", "/copy"))
    assert all(arrival.token and arrival.body == b"body" for arrival in upstream.arrivals)
