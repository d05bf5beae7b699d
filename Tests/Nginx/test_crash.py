"""kill -9 of the worker that refreshes: before it sends, between, and after it has committed."""
import signal
import threading
import time

import pytest
from harness import Person, log_in
from provider import Gate
from test_refresh import expired_session, refreshes


# A dead owner's lease ends 15 seconds after its exchange would have.
BRIEF = {"exchange_timeout": "2s"}


def call_and_forget(person):
    """A request that waits in a worker which is about to die."""
    def run():
        try:
            person.call(cookies=dict([person.ticket]))
        except OSError:
            pass

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def kill_the_only_worker(site):
    (worker,) = site.worker_ids()
    site.kill_worker(worker)


@pytest.fixture
def lone(make_site):
    """One worker: it is the one that refreshes."""
    return make_site(workers=1, provider_settings=BRIEF)


@pytest.mark.parametrize("forgives", [True, False])
def test_killed_before_the_provider_has_worked_the_session_lives_on(lone, provider, forgives):
    provider.forgives = forgives
    person = expired_session(lone, provider)
    gate = Gate(patience=5)
    provider.at("token", gate)
    call_and_forget(person)
    gate.wait()
    kill_the_only_worker(lone)
    lone.wait_until(lambda: person.call().status == 200, "the session did not live on", 90)
    assert person.generation == 2


def test_killed_before_it_could_send_the_session_lives_on(make_site, provider_tls, ca_file):
    provider, context = provider_tls
    site = make_site(provider=provider, workers=1, provider_settings={**BRIEF, "ca_file": ca_file})
    provider.access_seconds = 1
    person = log_in(site, context=context)
    provider.access_seconds = 300
    site.stop()                      # so that no connection to the provider stands any more
    site.start()
    time.sleep(1.2)
    gate = Gate(patience=3)
    provider.connection_gate = gate  # the handshake waits: nothing of the request can have left
    call_and_forget(person)
    gate.wait()
    kill_the_only_worker(site)
    provider.connection_gate = None
    assert refreshes(provider) == 0
    site.wait_until(lambda: person.call().status == 200, "the session did not live on", 90)
    assert refreshes(provider) == 1 and person.generation == 2


def test_killed_after_the_provider_rotated_it_lives_on_where_reuse_is_forgiven(lone, provider):
    provider.forgives = True
    person = rotated_and_killed(lone, provider)
    lone.wait_until(lambda: person.call().status == 200, "the session did not live on", 90)
    assert refreshes(provider) == 2


def test_killed_after_the_provider_rotated_it_ends_cleanly_elsewhere(lone, provider):
    person = rotated_and_killed(lone, provider)
    lone.wait_until(lambda: person.call().status == 401, "the session is stuck", 90)
    assert refreshes(provider) == 2, "the spent token was presented more than once more"
    assert not person.cookies
    page = Person(lone.origin).ask("/api/x", fields=Person.NAVIGATION)
    assert page.status == 303 and "/auth/login" in page.location or provider.origin in page.location
    assert person.log_in().status == 303 and person.call().status == 200


def rotated_and_killed(site, provider):
    person = expired_session(site, provider)
    gate = Gate(late=True, patience=5)
    provider.at("token", gate)
    call_and_forget(person)
    gate.wait()
    kill_the_only_worker(site)
    return person


def test_killed_after_the_commit_the_session_lives_on_with_one_refresh(lone, provider):
    person = expired_session(lone, provider)
    assert person.call().status == 200
    kill_the_only_worker(lone)
    assert person.call().status == 200
    assert refreshes(provider) == 1 and person.generation == 2


def test_other_workers_wait_for_one_that_is_alive_and_take_over_from_one_that_is_dead(make_site, provider):
    site = make_site(workers=4, provider_settings=BRIEF)
    person = expired_session(site, provider)
    gate = Gate(patience=30)
    provider.at("token", gate)
    waiting = [call_and_forget(person) for _ in range(20)]
    gate.wait()
    assert refreshes(provider) == 1
    for worker in site.worker_ids():
        site.kill_worker(worker)
    site.wait_until(lambda: person.call().status == 200, "nobody took over", 90)
    for thread in waiting:
        thread.join(15)
    assert person.generation == 2


def test_a_killed_worker_breaks_no_other_session(make_site, provider):
    site = make_site(workers=2)
    people = [log_in(site) for _ in range(5)]
    for worker in site.worker_ids():
        site.kill_worker(worker)
    assert [person.call().status for person in people] == [200] * 5


def test_a_graceful_stop_lets_the_answer_arrive_and_be_kept(lone, provider):
    person = expired_session(lone, provider)
    gate = Gate(late=True)
    provider.at("token", gate)
    waiting = call_and_forget(person)
    gate.wait()
    threading.Timer(1, gate.open).start()
    lone.stop(signal.SIGQUIT)
    waiting.join(10)
    lone.start()
    assert person.call().status == 200 and refreshes(provider) == 1
