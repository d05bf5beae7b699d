import os
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(TOP, "Tests", "Nginx"), os.path.join(TOP, "nginx-example", "demo")]

import contextlib
import shutil
import ssl
import tempfile

import pytest

from building import COMPILERS, INTERFACE, SANITIZER, compile_c
from harness import Upstream
from harness.certificates import make_certificates
from hosts import Host, Settings
from provider import Provider

collect_ignore = [] if SANITIZER else ["test_sanitizers.py"]


@pytest.fixture
def provider():
    with Provider() as made:
        yield made
        assert not made.complaints, f"the provider complains: {made.complaints}"


@pytest.fixture(scope="session")
def certificates():
    # The workers of nginx have an account of their own, and pytest closes its folders to others whenever it starts,
    # also for somebody else's run.
    with tempfile.TemporaryDirectory(prefix="cloakroom-test-") as folder:
        os.chmod(folder, 0o755)
        yield make_certificates(folder)


@pytest.fixture
def provider_tls(certificates):
    """A provider over TLS, the file that its clients trust, and what a browser trusts it with."""
    with Provider(certificates[1:]) as made:
        yield made, certificates[0], ssl.create_default_context(cafile=certificates[0])
        assert not made.complaints, f"the provider complains: {made.complaints}"


@pytest.fixture
def upstream():
    with Upstream() as made:
        yield made


@pytest.fixture(scope="session", params=COMPILERS)
def compiler(request):
    if not shutil.which(request.param):
        pytest.skip(f"there is no {request.param}")
    return request.param


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    """The C program, as one `cc` line makes it."""
    return compile_c("cc", "main.c", tmp_path_factory.mktemp("program") / "chost")


@pytest.fixture(scope="session")
def interface(tmp_path_factory):
    """The program that checks what cloakroom.h promises."""
    first, *others = INTERFACE
    return compile_c("cc", first, tmp_path_factory.mktemp("interface") / "interface", f"-g -pthread {' '.join(others)}")


@pytest.fixture
def settings(provider, tmp_path):
    """A file of settings for `provider`, and a store, both of this test alone."""
    return Settings(provider, tmp_path)


@pytest.fixture(params=["poll", "wait"])
def loop(request):
    """The two ways in which a C program gets its decisions."""
    return request.param


@pytest.fixture
def make_host(program, settings, loop):
    """Starts the C program; all of them end with the test, in good order."""
    with contextlib.ExitStack() as stack:
        yield lambda *options: stack.enter_context(Host(program, settings.path, "--loop", loop, *options))


@pytest.fixture
def host(make_host):
    return make_host("--show")
