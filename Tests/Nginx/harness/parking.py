"""Requests that wait in a site for what the provider does not say yet."""
import re
import threading
import time

from client import send
from provider import Gate

from .wire import Wire

# So long that only the tests end the waiting.
PATIENT = {"request_patience": "60s"}
STATUS = "location = /status { access_log off; stub_status; }"


class Parking:
    """Bearer requests that wait for the keys: any number, in all workers.

    Opening it ends the waiting for good: the keys are known then.
    """

    def __init__(self, make_site, provider, locations="", **options):
        self._gate = Gate()
        provider.always("jwks", self._gate)
        self.site = make_site(provider_settings=PATIENT, locations=STATUS + locations, **options)
        self.token = ("Authorization", "Bearer " + provider.access_token())

    def park(self, count, path="/bearer/x"):
        """As many more clients, whose requests wait."""
        before, clients = self._settled(), []
        for _ in range(count):
            client = Wire(self.site.port)
            client.ask(path, fields=[self.token])
            clients.append(client)
        self.wait_for(before + count)
        return clients

    @property
    def count(self):
        """How many requests are parked: what nginx works on, but for the question itself."""
        return busy(self.site) - 1

    def _settled(self):
        """The count without requests that are answered and not put away yet."""
        counts = []
        for _ in range(3):
            counts.append(self.count)
            time.sleep(0.01)
        return min(counts)

    def wait_for(self, count, seconds=20):
        self.site.wait_until(lambda: self.count == count, f"never just {count} requests were parked", seconds)

    def open(self, after=0.0):
        """Lets the keys come; with `after`, by and by."""
        threading.Timer(after, self._gate.open).start() if after else self._gate.open()


def busy(site):
    told = send(site.origin + "/status").text
    return int(re.search(r"Writing: (\d+)", told)[1])
