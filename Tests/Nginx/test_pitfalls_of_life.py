"""What goes wrong between a module, its library and nginx's processes: pitfalls 6 to 16 of a trial of this design, each
by its number there, and the proof that the mistake is not made here.  The first five: test_pitfalls.py."""
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import time

from client import send
from harness import Parking, Person, Wire, log_in
from harness.http2 import HTTP2
from harness.load import Load
from harness.people import SCRIPT
from harness.processes import status, threads
from harness.site import MODULE, NGINX, TOP, free_port
from harness.wire import head
from provider import Gate
from reloads import LIBRARY, copy_product, libraries_of


# 6 init_process also runs in the cache manager and loader


def test_06_cache_manager_and_loader_get_no_engine(make_site):
    site = make_site(servers="proxy_cache_path @RUN@/cache keys_zone=kept:1m;")
    others = site.children("cache manager process") + site.children("cache loader process")
    assert len(others) == 2
    for process in others:
        assert threads(process) == []
    for process in site.worker_ids():
        assert [name for name in threads(process) if name.startswith("cloakroom")] == threads(process) != []


# 7 `_next` in batches


def test_07_streams_that_end_while_their_neighbours_resume_do_no_harm(make_site, provider, upstream, tls):
    """Only the library itself can be asked the exact thing (a host frees a request that is decided but not fetched,
    and `_next` is silent about it).  Here connections break while their streams are resumed one by one."""
    parking = Parking(make_site, provider, workers=1, servers=tls.server(
        "location / { cloakroom bearer idp audience=api; proxy_pass http://behind; }"))
    worker = parking.site.worker_ids()
    connections = [HTTP2(tls.port, tls.context) for _ in range(6)]
    for number, connection in enumerate(connections):
        for stream in range(40):
            connection.ask(f"/{number}/{stream}", fields=[parking.token])
        connection.ping()
    parking.wait_for(240)
    parking.open()
    for connection in connections:
        connection.reset()
        time.sleep(0.002)
    parking.wait_for(0)
    targets = [arrival.target for arrival in upstream.arrivals]
    assert len(set(targets)) == len(targets), "a request was resumed twice"
    assert parking.site.worker_ids() == worker
    assert send(parking.site.origin + "/bearer/x", fields=[parking.token]).status == 200


# 8 engine_new stalls the worker


def test_08_a_store_that_cannot_be_opened_yet_keeps_no_worker_from_serving(make_site):
    site = make_site(start=False)
    lock = sqlite3.connect(site.store, isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    if site.account:
        shutil.chown(site.store, site.account, site.account)
    site.start()
    with Wire(site.port) as client:
        client.ask("/api/x", fields=[*SCRIPT, ("Cookie", "cloakroom=" + "A" * 43)])
        assert client.is_silent(), "the store is open all the same"
    load = Load(site.port, [head("/", fields=[("Connection", "close")]).encode()])
    for _ in range(3):
        site.reload()
        time.sleep(0.3)               # by now the old workers accept nothing any more
    count = load.end()
    assert not count.failed and count.slowest < 0.5
    lock.execute("ROLLBACK")
    lock.close()
    assert log_in(site).call().status == 200


# 9 HUP never loads a new library or module


def test_09_a_reload_keeps_the_library_that_was_loaded(make_site, tmp_path):
    module, library = copy_product(tmp_path)
    site = make_site(module=module)
    before = os.stat(library).st_ino
    copy_product(tmp_path)
    assert os.stat(library).st_ino != before
    site.reload()
    assert libraries_of(site.worker_ids()) == {before}
    assert log_in(site).call().status == 200


# 10 Cancelled exchanges go on


def test_10_requests_that_went_away_leave_a_bounded_number_of_exchanges(make_site, provider):
    site = make_site(workers=1)
    callbacks = []
    for _ in range(100):
        person = Person(site.origin)
        callbacks.append((person, person.at_provider(person.begin())))
    gate = Gate()
    provider.always("token", gate)
    for person, callback in callbacks:
        cookies = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
        with Wire(site.port) as client:
            client.ask(callback.removeprefix(site.origin), fields=[*Person.NAVIGATION, ("Cookie", cookies)])
    gate.wait()
    time.sleep(0.5)
    assert 0 < len(provider.connections) <= 32
    assert send(site.origin + "/").status == 200
    gate.open()
    provider.always("token", None)
    site.wait_until(lambda: provider.count("token") == 100, "codes were dropped that may be redeemed")
    site.wait_until(lambda: len(provider.connections) <= 8, "more connections stay open than are of use")
    assert log_in(site).call().status == 200


# 11 A FIN that comes with the request is not noticed while parked; a later half-close drops the request


def test_11_a_client_that_says_all_at_once_and_closes_its_half_is_answered(make_site, provider):
    """As far as the content goes: a proxied one ends with `proxy_ignore_client_abort`, as without us."""
    parking = Parking(make_site, provider, "location /file { cloakroom bearer idp audience=api; "
                                           "alias @RUN@/site/index.html; }")
    with Wire(parking.site.port) as client:
        client.send_and_finish(head("/file", fields=[parking.token]))
        parking.wait_for(1)
        parking.open()
        assert client.answer().status == 200


def test_11_a_client_that_closes_its_half_while_parked_has_gone(parking, upstream):
    (client,) = parking.park(1)
    client.finish()
    assert client.is_closed()
    parking.wait_for(0)
    parking.open()
    parking.site.wait_until(lambda: " 499 " in parking.site.read("access.log"), "its end is not in the access log")
    assert not upstream.arrivals


# 12 libcurl's handle belongs to the thread that used it; no signals of its own


def test_12_the_librarys_threads_block_all_signals_and_end_cleanly(make_site, provider):
    site = make_site()
    bare = {signal.SIGPIPE, signal.SIGALRM, signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM, signal.SIGCHLD,
            signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH, signal.SIGIO, signal.SIGINT, signal.SIGSYS}
    person = log_in(site)
    for worker in site.worker_ids():
        for task in sorted(os.listdir(f"/proc/{worker}/task"), key=int)[1:]:
            blocked = int(status(f"{worker}/task/{task}", "SigBlk"), 16)
            assert all(blocked >> (number - 1) & 1 for number in bare), f"{blocked:x}"
    provider._http.cut_all()          # connections that were kept break: SIGPIPE, if anything sends on them
    assert person.call().status == 200 and log_in(site).call().status == 200
    site.reload()
    site.stop(signal.SIGQUIT)
    ends = re.findall(r"worker process \d+ exited (.*)", site.log())
    assert ends == ["with code 0"] * 4


# 13 Several Cookie lines


def test_13_cookie_lines_count_as_one_on_http1(site, upstream):
    name, value = log_in(site).ticket
    lines = ["a=1", f"b=2; {name}={value}", "c=3"]
    assert send(site.origin + "/api/x", fields=[*SCRIPT, *(("Cookie", line) for line in lines)]).status == 200
    assert "; ".join(upstream.last.all("Cookie")) == "a=1; b=2; c=3"


def test_13_cookie_crumbs_count_as_one_on_http2(make_site, upstream, tls):
    site = make_site(servers=tls.server("location / { cloakroom session idp; proxy_pass http://behind; }"))
    name, value = log_in(site).ticket
    with HTTP2(tls.port, tls.context) as connection:
        crumbs = [("cookie", "a=1"), ("cookie", f"{name}={value}"), ("cookie", "b=2")]
        assert connection.answer(connection.ask("/x", fields=[*SCRIPT, *crumbs])).status == 200
    assert "; ".join(upstream.last.all("Cookie")) == "a=1; b=2" and upstream.last.token


# 14 nginx-dev has no .c files and no Makefile


def test_14_the_module_is_built_for_this_nginx_without_touching_its_sources(tmp_path):
    def newest():
        return max(os.stat(os.path.join(folder, name)).st_mtime
                   for folder, _, names in os.walk("/usr/share/nginx/src") for name in names)

    before = newest()
    subprocess.run([os.path.join(TOP, "nginx-example", "build-module"), tmp_path, os.path.dirname(LIBRARY)],
                   check=True, capture_output=True)
    assert newest() == before
    assert signature(tmp_path / "ngx_http_cloakroom_module.so") == signature("/usr/sbin/nginx") != []
    assert signature(MODULE) == signature(NGINX), "the tests run with another nginx than the module was built for"


def signature(path):
    """What nginx compares before it takes a module: sizes and features it was built with."""
    with open(path, "rb") as file:
        return re.findall(rb"\d,\d,\d,[01]{20,}", file.read())


# 15 An answer inside the access phase goes past `satisfy any` and `error_page`


def test_15_our_answers_are_final_and_nginxs_own_503_is_not(make_site):
    site = make_site(locations="""location /final/ {
        cloakroom session idp;
        error_page 401 303 503 =200 /index.html;
        proxy_pass http://behind;
    }""")
    assert Person(site.origin).call("/final/x").status == 401
    assert Person(site.origin).visit("/final/x").status == 303


def test_15_under_satisfy_any_another_module_may_admit_and_a_login_may_too(make_site, upstream):
    site = make_site(locations="""location /either/ {
        satisfy any;
        auth_basic "tests";
        auth_basic_user_file @RUN@/users;
        cloakroom session idp;
        proxy_pass http://behind;
    }""")
    with open(site.path("users"), "w") as file:
        file.write("bob:{PLAIN}secret\n")
    stranger = Person(site.origin)
    assert stranger.call("/either/x").status == 401
    assert stranger.call("/either/x", fields=[("Authorization", "Basic Ym9iOndyb25n")]).status == 401
    assert not upstream.arrivals
    assert stranger.call("/either/x", fields=[("Authorization", "Basic Ym9iOnNlY3JldA==")]).status == 200
    assert upstream.last.all("Authorization") == [], "the other module's password goes to the upstream"
    assert log_in(site).call("/either/x").status == 200 and upstream.last.token


def test_15_endpoints_are_answered_where_another_module_admits_everybody(make_site, upstream):
    port = free_port()
    make_site(servers=f"""server {{
        listen 127.0.0.1:{port};
        location / {{ satisfy any; allow all; cloakroom session idp; proxy_pass http://behind; }}
    }}""")
    assert send(f"http://localhost:{port}/auth/session").json()["authenticated"] is False
    assert not upstream.arrivals


def test_15_a_relative_location_stays_relative(site):
    with Wire(site.port) as client:
        client.send("GET /api/x HTTP/1.1\r\nHost: evil.example\r\nAccept: text/html\r\nSec-Fetch-Mode: navigate\r\n"
                    "Sec-Fetch-Dest: document\r\n\r\n")
        assert client.answer().field("Location").startswith("/auth/login?")


# 16 SwiftPM adds RUNPATH $ORIGIN


def test_16_the_library_searches_no_folder_of_its_own():
    told = subprocess.run(["readelf", "-d", LIBRARY], capture_output=True, text=True, check=True).stdout
    assert "libcloakroom.so.0" in told and not re.search(r"RPATH|RUNPATH", told)
