"""nginx bare, with bearer tokens and with session cookies: requests a second and CPU time a request.

Rounds of all candidates take turns, so that what else the machine does hits all alike; the figures
are medians of the ratios within a round.  One worker on core 0, wrk and the upstream on core 1.
"""
import os
import re
import statistics
import subprocess
import tempfile

from harness import Site, Upstream, log_in
from provider import Provider

TICKS = os.sysconf("SC_CLK_TCK")
HTTP = """
    upstream fast { server 127.0.0.1:@PORT@; keepalive 64; keepalive_requests 1000000000; }
    client_header_buffer_size  4k;
    keepalive_requests         1000000000;
    open_file_cache            max=10;
"""
POLICIES = {"bare": "", "bearer": "cloakroom bearer idp audience=api;", "cookie": "cloakroom session idp;"}
LOCATIONS = "".join(f"""
        location /{what}/static/  {{ access_log off; {policy} alias @FOLDER@/; }}
        location /{what}/proxied/ {{ access_log off; {policy} proxy_pass http://fast/; }}
""" for what, policy in POLICIES.items())
UPSTREAM = """
worker_processes 1;
daemon off;
pid @FOLDER@/pid;
error_log /dev/null;
events { worker_connections 512; }
http {
    access_log off;
    client_header_buffer_size 4k;
    keepalive_requests 1000000000;
    open_file_cache max=10;
    server { listen 127.0.0.1:@PORT@; root @FOLDER@; }
}
"""


def measure(rounds=7, seconds=1.0, report=print):
    """Yields (what, path, ratio to bare, CPU µs, CPU µs more than bare)."""
    with Provider() as provider, Fast() as fast, Upstream() as upstream:
        provider.access_seconds = 3600
        with Site(provider, upstream, workers=1, level="error", locations=fast.fill(LOCATIONS),
                  providers=fast.fill(HTTP)) as site:
            person = log_in(site)
            name, value = person.ticket
            fields = {
                "bare": "X-Padding: " + "x" * 400,
                "bearer": "Authorization: Bearer " + provider.access_token(),
                "cookie": f"Cookie: theme=dark; {name}={value}",
            }
            worker = site.worker_ids()[0]
            os.sched_setaffinity(worker, {0})
            for thread in os.listdir(f"/proc/{worker}/task"):
                os.sched_setaffinity(int(thread), {0})
            results = {}
            for number in range(rounds):
                report(f"round {number + 1} of {rounds}")
                for path in ("static", "proxied"):
                    for what in fields:
                        url = f"{site.origin}/{what}/{path}/file.txt"
                        results.setdefault((what, path), []).append(
                            _load(url, fields[what], worker, seconds))
    for (what, path), runs in results.items():
        bare = results["bare", path]
        yield (what, path, statistics.median(r[0] / b[0] for r, b in zip(runs, bare)),
               statistics.median(r[1] for r in runs),
               statistics.median(r[1] - b[1] for r, b in zip(runs, bare)))


def _load(url, field, worker, seconds):
    before = _cpu(worker)
    out = subprocess.run(
        ["taskset", "-c", "1", "wrk", "-t1", "-c32", f"-d{seconds:.0f}s", "-H", field,
         "-H", "Accept: application/json", url], capture_output=True, text=True).stdout
    count = int(re.search(r"(\d+) requests in", out)[1])
    if "Non-2xx" in out:
        raise AssertionError(f"{url}: {out}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]), (_cpu(worker) - before) / count * 1e6


def _cpu(process):
    """CPU seconds of all threads, to the nanosecond where the kernel tells."""
    total = 0
    for thread in os.listdir(f"/proc/{process}/task"):
        with open(f"/proc/{process}/task/{thread}/schedstat") as file:
            total += int(file.read().split()[0])
    return total / 1e9


class Fast:
    """A second nginx that answers from memory, as an upstream that costs little."""

    def __enter__(self):
        from harness.site import NGINX, free_port
        self.folder = tempfile.mkdtemp(prefix="cloakroom-bench-", dir="/dev/shm")
        os.chmod(self.folder, 0o755)
        self.port = free_port()
        with open(self.folder + "/file.txt", "w") as file:
            file.write("x" * 200)
        conf = self.folder + "/nginx.conf"
        with open(conf, "w") as file:
            file.write(self.fill(UPSTREAM))
        self.process = subprocess.Popen(["taskset", "-c", "1", NGINX, "-c", conf])
        return self

    def fill(self, text):
        return text.replace("@PORT@", str(self.port)).replace("@FOLDER@", self.folder)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


