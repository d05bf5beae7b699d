import os
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.join(TOP, "nginx-example", "demo")]

import shutil
import ssl
import tempfile

import pytest

from harness import Parking, Site, Upstream
from harness.certificates import make_certificates
from harness.site import free_port
from provider import Provider


@pytest.fixture
def provider():
    with Provider() as made:
        yield made
        assert not made.complaints, f"the provider complains: {made.complaints}"


@pytest.fixture(scope="session")
def certificates():
    folder = tempfile.mkdtemp(prefix="cloakroom-certificates-")
    os.chmod(folder, 0o755)
    yield make_certificates(folder)
    shutil.rmtree(folder)


@pytest.fixture
def ca_file(certificates):
    return certificates[0]


@pytest.fixture
def provider_tls(certificates):
    """A provider over TLS, and the context with which a browser trusts it."""
    with Provider(certificates[1:]) as made:
        yield made, ssl.create_default_context(cafile=certificates[0])


class TLSServer:
    """A second server for a site: TLS, with HTTP/2 for those who ask for it."""

    def __init__(self, certificates):
        self.authority, self._certificate, self._key = certificates
        self.port = free_port()
        self.context = ssl.create_default_context(cafile=self.authority)

    def server(self, locations):
        return f"""server {{
            listen               127.0.0.1:{self.port} ssl http2 backlog=2048;
            ssl_certificate      {self._certificate};
            ssl_certificate_key  {self._key};
            {locations}
        }}"""


@pytest.fixture
def tls(certificates):
    return TLSServer(certificates)


@pytest.fixture
def parking(make_site, provider):
    """Of one site of the usual settings; whatever still waits at the end may go on."""
    made = Parking(make_site, provider)
    yield made
    made.open()


@pytest.fixture
def upstream():
    with Upstream() as made:
        yield made


@pytest.fixture
def site(make_site):
    """One site of the usual settings."""
    return make_site()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call":
        item.failed = report.failed
    return report


@pytest.fixture
def make_site(provider, upstream, request):
    """Makes sites; all are stopped at the end.  A test that failed shows their logs, and leaves them."""
    made = []

    def make(start=True, **options):
        site = Site(options.pop("provider", provider), upstream, **options)
        made.append(site)
        if start:
            site.start()
        return site

    yield make
    failed = getattr(request.node, "failed", False)
    for site in made:
        site.stop()
        if failed:
            print(f"{site.folder}:\n{site.log()[-4000:]}")
        else:
            assert_calm(site)
            shutil.rmtree(site.folder, ignore_errors=True)


def assert_calm(site):
    """No worker died of itself, and none complained of itself."""
    for word in ("exited on signal 11", "exited on signal 6", "exited on signal 4", "exited on signal 5", "[alert]"):
        lines = [line for line in site.log().splitlines() if word in line and "signal 9" not in line]
        assert not lines, "\n".join(lines)
