"""Memory that cannot be had: each allocation of nginx's module fails once, and is answered for."""
import glob
import mmap
import os
import re
import struct
import subprocess

import pytest
from client import send
from harness import Person, log_in
from harness.people import SCRIPT
from harness.site import MODULE

HERE = os.path.dirname(os.path.abspath(__file__))
NGINX_BUILD = os.path.join(os.path.dirname(MODULE), "nginx-build")


class Allocations:
    """The module whose allocations are counted and fail."""

    def __init__(self, folder):
        os.chmod(folder, 0o755)
        self.module, control = os.path.join(folder, "module.so"), os.path.join(folder, "control")
        with open(control, "wb") as file:
            file.write(bytes(16))
        os.chmod(control, 0o666)
        with open(control, "r+b") as file:
            self._numbers = mmap.mmap(file.fileno(), 16)
        objects = glob.glob("objs/addon/module/*.o", root_dir=NGINX_BUILD)
        objects.append("objs/ngx_http_cloakroom_module_modules.o")
        with open(os.path.join(HERE, "failing.c")) as file:
            wrapped = re.findall(r"^WRAP\(\w+, (\w+),", file.read(), re.MULTILINE)
        with open(os.path.join(NGINX_BUILD, "objs", "Makefile")) as file:
            makefile = file.read()
        includes = re.search(r"^ALL_INCS = ((?:.*\\\n)*.*)$", makefile, re.MULTILINE)[1].replace("\\\n", " ").split()
        rpath = os.path.join(os.path.dirname(os.path.dirname(MODULE)), "release")
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", f'-DCONTROL="{control}"', *includes,
                        os.path.join(HERE, "failing.c"), *objects, *(f"-Wl,--wrap={name}" for name in wrapped),
                        f"-L{rpath}", f"-Wl,-rpath,{rpath}", "-lcloakroom", "-o", self.module], cwd=NGINX_BUILD, check=True)

    def fail(self, number):
        """The one after so many others from now on; 0: none."""
        self._numbers[:16] = struct.pack("QQ", number, 0)

    @property
    def count(self):
        return struct.unpack("QQ", self._numbers[:16])[1]


@pytest.fixture
def allocations(tmp_path):
    for place in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        place.chmod(0o755)
    return Allocations(tmp_path)


def test_every_function_of_nginx_that_allocates_for_the_module_can_fail():
    told = subprocess.run(["nm", "-D", "--undefined-only", MODULE], capture_output=True, text=True, check=True).stdout
    used = set(re.findall(r"\b(\w*(?:alloc|push|create|cleanup_add|get_connection|add_variable|list_init)\w*)\b", told))
    with open(os.path.join(HERE, "failing.c")) as file:
        assert used == set(re.findall(r"^WRAP\(\w+, (\w+),", file.read(), re.MULTILINE))


def test_each_allocation_for_a_request_fails_as_an_error(make_site, provider, upstream, allocations):
    site = make_site(module=allocations.module, workers=1)
    person = log_in(site)
    name, value = person.ticket
    worker = site.worker_ids()
    cookies = [*SCRIPT, *((f"X-{number}", "y") for number in range(25)), ("Cookie", f"a=1; {name}={value}"), ("Cookie", "b=2"),
               ("Authorization", "Basic Zm9yZ2VkOng=")]
    requests = {
        "session": lambda: send(site.origin + "/claims/x", fields=cookies),
        "bearer": lambda: send(site.origin + "/bearer/x", fields=[("Authorization", "Bearer " + provider.access_token())]),
        "refused": lambda: send(site.origin + "/api/x", fields=SCRIPT),
        "login": lambda: send(site.origin + "/auth/login", fields=Person.NAVIGATION),
        "again": lambda: send(site.origin + "/any/x", fields=cookies),
    }
    total = 0
    for kind, ask in requests.items():
        allocations.fail(0)
        usual, count = ask().status, allocations.count
        assert usual < 500 and count > 0, kind
        for number in range(1, count + 1):
            allocations.fail(number)
            upstream.arrivals.clear()
            try:
                status = ask().status
            except OSError:
                status = 0           # closed without an answer
            assert status in (0, 500, 503), f"{kind}: allocation {number} of {count} failed, and {status} came"
            # One for the answer's fields fails when the upstream has had the request, as it should be.
            for arrival in upstream.arrivals:
                assert value not in str(arrival.fields) and "Zm9yZ2VkOng=" not in str(arrival.fields), (kind, number)
            total += 1
    allocations.fail(0)
    assert [ask().status for ask in requests.values()][:2] == [200, 200]
    assert site.worker_ids() == worker, "a worker died"
    assert total > 30


def test_each_allocation_for_the_configuration_fails_as_an_error(make_site, allocations):
    site = make_site(module=allocations.module, start=False)
    allocations.fail(0)
    assert site.test()[1] == 0
    count = allocations.count
    assert count > 40
    for number in range(1, count + 1):
        allocations.fail(number)
        said, status = site.test()
        assert status == 1 and "test failed" in said, f"allocation {number} of {count}: {status}, {said}"


def test_a_worker_that_gets_no_connection_for_its_engine_serves_the_rest(make_site, provider, allocations):
    site = make_site(module=allocations.module, start=False, workers=1)
    allocations.fail(0)
    assert site.test()[1] == 0
    allocations.fail(allocations.count + 1)
    site.start()
    assert re.search(r"\[emerg\].*cloakroom", site.log())
    token = ("Authorization", "Bearer " + provider.access_token())
    assert send(site.origin + "/bearer/x", fields=[token]).status == 503
    assert send(site.origin + "/").status == 200
