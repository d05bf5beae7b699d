"""Browsers in the hands of people, and many requests at once."""
import threading
import urllib.parse

from client import Browser, Cookie, send

NAVIGATION, SCRIPT = Browser.NAVIGATION, Browser.SCRIPT


class Person(Browser):
    """A browser that can sign in at a provider of the tests, which asks no questions."""

    def begin(self, return_to="/"):
        """Starts a login; returns the provider's authorize URL."""
        answer = self.visit("/auth/login?" + urllib.parse.urlencode({"return_to": return_to}))
        assert answer.status == 303, f"{answer.status} {answer.text[:300]}"
        return answer.location

    def at_provider(self, authorize_url, context=None):
        """What the provider does; returns the callback's URL."""
        answer = send(authorize_url, context=context)
        assert answer.status == 302, f"the provider answers {answer.status} {answer.text[:300]}"
        return answer.location

    def log_in(self, return_to="/", context=None):
        """The whole way; returns the answer to the callback, whatever it is."""
        return self.visit(self.at_provider(self.begin(return_to), context))

    def session(self, cookies=None):
        """What /auth/session says."""
        answer = self.ask("/auth/session", cookies=cookies)
        assert answer.status == 200, f"{answer.status} {answer.text[:300]}"
        return answer.json()

    def is_signed_in(self, cookies=None):
        return self.session(cookies)["authenticated"]

    @property
    def generation(self):
        return self.session()["token"]["generation"]

    def call(self, path="/api/x", method="GET", fields=(), body=None, cookies=None):
        """A request by a script of the page."""
        proof = [("Origin", self.origin)] if method not in ("GET", "HEAD") else []
        return self.ask(path, method, [*SCRIPT, *proof, *fields], body, cookies)

    def log_out(self):
        told = self.session()["logout"]
        return self.ask(told["url"], told["method"], [*NAVIGATION, ("Origin", self.origin)], b"")

    @property
    def ticket(self):
        """Name and value of the one cookie of a signed-in browser."""
        assert len(self.cookies) == 1, f"it keeps {sorted(self.cookies)}"
        return next(iter(self.cookies.items()))


def log_in(site, return_to="/", context=None):
    """A person who has signed in, for certain."""
    person = Person(site.origin)
    answer = person.log_in(return_to, context)
    assert answer.status == 303 and len(person.cookies) == 1, (
        f"login failed: {answer.status} {answer.text[:300]} {person.cookies}\n{site.log()[-3000:]}")
    return person


def new_cookies(answer):
    """The cookies that an answer sets, deletions left out."""
    return [cookie for cookie in map(Cookie, answer.all("Set-Cookie")) if not cookie.is_deletion]


def at_once(count, work, patience=60):
    """Runs `work(number)` on as many threads, begun together; returns the results in order."""
    results, start = [None] * count, threading.Barrier(count)

    def run(number):
        start.wait(patience)
        try:
            results[number] = work(number)
        except Exception as error:          # the test sees it among the results
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(patience)
    return results
