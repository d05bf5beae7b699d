"""Reloads, stops, deaths and upgrades of nginx, and clients that go away, while requests wait."""
import os
import signal
import subprocess
import time

import pytest
from client import send
from harness import Parking, Person, Wire, log_in
from harness.http2 import HTTP2
from harness.load import CLIENTS
from harness.processes import descriptors, is_alive, resident_kilobytes
from harness.site import free_port
from reloads import reload_under_load, upgrade_under_load

CROWD = 300


def ends(site):
    """How many workers ended well; none may end otherwise."""
    return site.log().count("exited with code 0")


# Stops and reloads


@pytest.mark.parametrize("number", [signal.SIGQUIT, signal.SIGHUP], ids=["QUIT", "HUP"])
def test_300_parked_requests_are_all_answered_by_workers_that_leave(parking, upstream, number):
    clients = parking.park(CROWD)
    old = parking.site.worker_ids()
    parking.open(after=1.5)
    if number == signal.SIGQUIT:
        parking.site.stop(number)
    else:
        parking.site.reload()
        assert [process for process in old if is_alive(process)] == old, "a worker left its requests"
    answers = [client.answer() for client in clients]
    assert {answer.status for answer in answers} == {200} and len(upstream.arrivals) == CROWD
    parking.site.wait_until(lambda: ends(parking.site) >= len(old), "a worker does not end")


def test_parked_http2_streams_are_answered_by_a_worker_that_leaves(make_site, provider, tls):
    parking = Parking(make_site, provider, workers=1, servers=tls.server(
        "location / { cloakroom bearer idp audience=api; proxy_pass http://behind; }"))
    connections = [HTTP2(tls.port, tls.context) for _ in range(3)]
    streams = [[connection.ask(f"/{number}", fields=[parking.token]) for number in range(100)]
               for connection in connections]
    parking.wait_for(300)
    parking.open(after=1.5)
    parking.site.reload()
    for connection, numbers in zip(connections, streams, strict=True):
        assert {connection.answer(number).status for number in numbers} == {200}


def test_a_stop_at_once_leaves_nobody_behind(parking):
    clients = parking.park(50)
    begun = time.monotonic()
    parking.site.stop(signal.SIGTERM)
    assert time.monotonic() - begun < 5
    assert all(client.is_closed() for client in clients)


def test_a_worker_that_is_killed_takes_only_its_own_requests(make_site, provider, upstream):
    port = free_port()
    parking = Parking(make_site, provider, servers=f"""server {{
        listen 127.0.0.1:{port} reuseport;          # the kernel deals connections out to both
        location / {{ cloakroom bearer idp audience=api; proxy_pass http://behind; }}
    }}""")
    first, second = parking.site.worker_ids()
    before = descriptors(first)
    clients = [Wire(port) for _ in range(40)]
    for number, client in enumerate(clients):
        client.ask(f"/{number}", fields=[parking.token])
    parking.wait_for(40)
    own = descriptors(first) - before
    parking.site.kill_worker(first)
    gone = [client for client in clients if not client.is_silent(0.02)]
    assert all(client.is_closed() for client in gone)
    assert abs(len(gone) - own) <= 2 and 0 < len(gone) < 40, "not only its own"
    parking.open()
    assert {client.answer().status for client in clients if client not in gone} == {200}
    assert len(upstream.arrivals) == 40 - len(gone) and second in parking.site.worker_ids()
    assert send(parking.site.origin + "/bearer/x", fields=[parking.token]).status == 200


# Clients that go away


def test_1000_clients_that_go_away_while_parked_leave_nothing_behind(make_site, provider, upstream, tls):
    parking = Parking(make_site, provider, workers=1, servers=tls.server(
        "location / { cloakroom bearer idp audience=api; proxy_pass http://behind; }"))
    (worker,) = parking.site.worker_ids()
    figures = []
    for turn in range(7):
        clients = parking.park(200) if turn % 3 < 2 else park_streams(parking, tls)
        for client in clients:
            client.close() if turn % 3 == 0 else client.reset()
        parking.wait_for(0)
        time.sleep(0.1)                           # the connection that asked for the count ends as well
        figures.append((descriptors(worker), resident_kilobytes(worker)))
    settled, last = figures[2], figures[-1]       # all three ways have been gone once
    assert last[0] == settled[0], f"descriptors: {figures}"
    assert last[1] - settled[1] < 1_500, f"resident kilobytes: {figures}"
    parking.open()
    assert send(parking.site.origin + "/bearer/x", fields=[parking.token]).status == 200
    assert len(upstream.arrivals) == 1, "a request went on without its client"
    assert parking.site.worker_ids() == [worker]
    parking.site.reload()
    parking.site.wait_until(lambda: not is_alive(worker), "it waits for requests that are gone", 5)
    print(f"descriptors and resident kB after each 200 clients: {figures}")


def park_streams(parking, tls):
    connections = [HTTP2(tls.port, tls.context) for _ in range(4)]
    for connection in connections:
        for number in range(50):
            connection.ask(f"/{number}", fields=[parking.token])
    parking.wait_for(200)
    return connections


# Engines that cannot start


@pytest.mark.parametrize("refused, why", [("int eventfd", "no descriptor"), ("int pthread_create", "no thread")],
                         ids=["no descriptor", "no thread"])
def test_where_no_engine_can_start_all_but_the_guarded_is_served(make_site, upstream, provider, tmp_path, refused, why):
    site = make_site(start=False, workers=1, preload=refusing(tmp_path, refused), locations="""
        location /page/ { cloakroom session idp; error_page 503 /sorry.html; proxy_pass http://behind; }
        location = /sorry.html { root @RUN@/site; }
    """)
    with open(site.path("site/sorry.html"), "w") as file:
        file.write("later")
    site.start()
    lines = [line for line in site.log().splitlines() if "[emerg]" in line and "cloakroom" in line]
    assert len(lines) == 1, lines
    assert "can not start: " in lines[0] and why in lines[0] and "503" in lines[0], lines
    token = ("Authorization", "Bearer " + provider.access_token())
    assert send(site.origin + "/").status == 200 and send(site.origin + "/open/x").status == 200
    assert send(site.origin + "/bearer/x", fields=[token]).status == 503
    assert Person(site.origin).call().status == 503
    assert send(site.origin + "/auth/login").status == 404
    answer = Person(site.origin).visit("/page/x")
    assert (answer.status, answer.text) == (503, "later"), "error_page does not apply to nginx's own 503"
    assert Person(site.origin).call("/any/x").status == 503, "nothing of the client's may pass for ours"
    assert [arrival.target for arrival in upstream.arrivals] == ["/open/x"]
    assert len(site.worker_ids()) == 1 and "exited" not in site.log()


def refusing(folder, function):
    """A library in which the operating system refuses this."""
    os.chmod(folder, 0o755)
    source, library = folder / "refusing.c", folder / "refusing.so"
    source.write_text(f"{function}(void) {{ return {'-1' if 'eventfd' in function else '11'}; }}\n")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    return str(library)


def test_where_the_store_cannot_be_read_sessions_get_503_and_the_rest_is_served(make_site, provider, upstream):
    site = make_site(start=False, workers=1)
    os.mkdir(site.store)
    site.start()
    assert send(site.origin + "/").status == 200
    answer = Person(site.origin).call(cookies={"cloakroom": "A" * 43})
    assert answer.status == 503 and answer.field("Retry-After")
    lines = [line for line in site.log().splitlines() if site.store in line]
    assert len(lines) == 1 and "[emerg]" in lines[0], lines
    token = ("Authorization", "Bearer " + provider.access_token())
    assert send(site.origin + "/bearer/x", fields=[token]).status == 200 and len(upstream.arrivals) == 1


def test_a_reload_whose_key_file_cannot_be_read_changes_nothing(make_site):
    site = make_site(workers=1)
    person, workers = log_in(site), site.worker_ids()
    os.rename(site.keys, site.keys + ".away")
    os.kill(site.master, signal.SIGHUP)
    site.wait_for_log(r"\[emerg\].*session\.keys.*nginx\.conf:\d+")
    assert site.worker_ids() == workers and person.call().status == 200


# Under load


def test_10_reloads_under_load_fail_no_new_connection(make_site, provider):
    told = reload_under_load(make_site, provider, 10)
    print(told)
    assert not told.count.failed and told.count.answered > 200 and told.refreshes > 0


@pytest.mark.reloads
def test_200_reloads_under_load_fail_no_new_connection_and_leave_nothing_behind(make_site, provider):
    told = reload_under_load(make_site, provider, 200, level="notice")
    print(told)
    assert not told.count.failed and told.count.answered > 10_000 and told.refreshes > 20
    assert told.master.growth()[0] < 512 and told.master.growth()[1] == 0, told.master.growth()
    # A worker's descriptors come and go with the connections of the load.
    assert told.workers.growth()[0] < 512 and told.workers.growth()[1] <= 2 * CLIENTS, told.workers.growth()


def test_an_upgrade_by_usr2_loads_the_new_library_and_fails_no_new_connection(provider, upstream, tmp_path):
    count = upgrade_under_load(provider, upstream, tmp_path)
    print(count)
    assert not count.failed and count.answered > 100
