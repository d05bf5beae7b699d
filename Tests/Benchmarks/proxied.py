"""nginx bare, with bearer tokens and with session cookies: CPU time a request, and requests a second.

Rounds of all candidates take turns, so that what else the machine does hits all alike; figures are
medians of the ratios within a round, to bare nginx with the very same requests.  One worker on core
0, wrk and the upstream on core 1.  On a busy machine only the CPU time tells.

Bare nginx is one without any module of ours.  Beside it stand two yardsticks: `sidecar` asks another
server about each request (auth_request) that answers 204 without a look, `by itself` is nginx that
makes the header fields of the cookie's answer out of its configuration.
"""
import collections
import os
import re
import statistics
import subprocess
import tempfile
import time

from harness import Site, Upstream, log_in
from provider import Provider

TOKENS = 10_000
HTTP = """
    upstream fast { server 127.0.0.1:@PORT@; keepalive 64; keepalive_requests 1000000000; }
    client_header_buffer_size  4k;
    keepalive_requests         1000000000;
    open_file_cache            max=10;
"""
POLICIES = {"bearer": "cloakroom bearer idp audience=api;", "cookie": "cloakroom session idp;"}
# One directive for both paths: each is a policy of its own.
LOCATION = """
        location /bench/{what}/ {{
            {more}
            location /bench/{what}/static/  {{ access_log off; alias @FOLDER@/; }}
            location /bench/{what}/proxied/ {{ access_log off; proxy_pass http://fast/; }}
        }}
"""
LOCATIONS = "".join(LOCATION.format(what=what, more=policy) for what, policy in POLICIES.items())
BARE = """
worker_processes 1;
daemon off;
pid @FOLDER@/bare.pid;
error_log /dev/null;
events { worker_connections 2048; }
http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    underscores_in_headers on;
    large_client_header_buffers 4 32k;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
""" + HTTP + """
    server {
        listen 127.0.0.1:@BARE@;
        location = /ask { internal; proxy_pass http://fast/ask; proxy_pass_request_body off; }
""" + LOCATION.format(what="bare", more="") + LOCATION.format(
    what="sidecar", more="auth_request /ask;") + LOCATION.format(
    what="by-itself", more='add_header Cache-Control private; add_header Vary Cookie; '
    'proxy_set_header Connection ""; proxy_set_header Authorization "Bearer @TOKEN@"; '
    'proxy_set_header Cookie theme=dark;') + """
    }
}
"""
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
    server { listen 127.0.0.1:@PORT@; root @FOLDER@; location = /ask { return 204; } }
}
"""


# - field: a header field; `many`: each of the tokens in turn
# - worker: whose CPU time counts
# - bare: the candidate with the same requests that it is compared with
Candidate = collections.namedtuple("Candidate", "name origin location field worker bare")


def measure(rounds=7, seconds=1.0, report=print):
    """Yields lines of a table."""
    with Provider() as provider, Fast() as fast, Upstream() as upstream:
        provider.access_seconds = 36_000
        tokens = [provider.access_token() for _ in range(TOKENS)]
        with Site(provider, upstream, workers=1, level="error", locations=fast.fill(LOCATIONS),
                  providers=fast.fill(HTTP), settings={"token_cache_size": str(TOKENS)}) as site, \
             Site(provider, upstream, workers=1, level="error", locations=fast.fill(LOCATIONS),
                  providers=fast.fill(HTTP), settings={"token_cache_size": "0"}) as forgetful, \
             Bare(fast, tokens[0]) as bare:
            name, value = log_in(site).ticket
            cookie = f"Cookie: theme=dark; {name}={value}"
            token = "Authorization: Bearer " + tokens[0]
            guarded, other, plain = (pin(pid) for pid in (site.worker_ids()[0], forgetful.worker_ids()[0], bare.pid))
            candidates = [
                Candidate("bare, token", bare.origin, "bare", token, plain, None),
                Candidate("bearer, one token", site.origin, "bearer", token, guarded, "bare, token"),
                Candidate("bearer, never cached", forgetful.origin, "bearer", token, other, "bare, token"),
                Candidate("sidecar", bare.origin, "sidecar", token, plain, "bare, token"),
                Candidate(f"bare, {TOKENS} tokens", bare.origin, "bare", "many", plain, None),
                Candidate(f"bearer, {TOKENS} tokens", site.origin, "bearer", "many", guarded, f"bare, {TOKENS} tokens"),
                Candidate("bare, cookie", bare.origin, "bare", cookie, plain, None),
                Candidate("cookie swap", site.origin, "cookie", cookie, guarded, "bare, cookie"),
                Candidate("by itself", bare.origin, "by-itself", cookie, plain, "bare, cookie"),
            ]
            script = fast.folder + "/many.lua"
            with open(script, "w") as file:
                file.write(SCRIPT % ", ".join(f'"{token}"' for token in tokens))
            runs = {}
            for number in range(-1, rounds):        # the first, longer one fills the tables and is not counted
                report(f"round {number + 1} of {rounds}")
                for path in ("static", "proxied"):
                    for candidate in candidates:
                        run = _load(candidate, path, script, seconds if number >= 0 else 3 * seconds)
                        if number >= 0:
                            runs.setdefault((candidate.name, path), []).append(run)
            yield "path     candidate              CPU µs   added  CPU ratio  req/s ratio"
            for path in ("static", "proxied"):
                for candidate in candidates:
                    own = runs[candidate.name, path]
                    bare_runs = runs[candidate.bare or candidate.name, path]
                    cpu, added, ratio, rate = (statistics.median(values) for values in zip(*(
                        (mine[1], mine[1] - theirs[1], theirs[1] / mine[1], mine[0] / theirs[0])
                        for mine, theirs in zip(own, bare_runs))))
                    yield f"{path:8} {candidate.name:21} {cpu:7.2f} {added:+7.2f} {ratio:10.3f} {rate:12.3f}"
            yield ", ".join(f"{what} {_resident(pid):.1f} MB" for what, pid in (
                ("resident: bare", plain), (f"with {TOKENS} tokens", guarded), ("without", other)))


SCRIPT = """
local tokens = { %s }
local requests, turn = {}, 0
function init()
    for index, token in ipairs(tokens) do
        wrk.headers["Authorization"] = "Bearer " .. token
        requests[index] = wrk.format("GET")
    end
end
function request()
    turn = turn %% #requests + 1
    return requests[turn]
end
"""


def pin(process):
    """Puts all threads of a process on core 0."""
    for thread in os.listdir(f"/proc/{process}/task"):
        os.sched_setaffinity(int(thread), {0})
    return process


def _load(candidate, path, script, seconds):
    """- Returns: requests a second, and the worker's CPU µs a request."""
    url = f"{candidate.origin}/bench/{candidate.location}/{path}/file.txt"
    sent = ["-s", script] if candidate.field == "many" else ["-H", candidate.field]
    before = _cpu(candidate.worker)
    out = subprocess.run(
        ["taskset", "-c", "1", "wrk", "-t1", "-c32", f"-d{seconds:.0f}s", *sent, "-H", "Accept: application/json",
         url], capture_output=True, text=True).stdout
    count = int(re.search(r"(\d+) requests in", out)[1])
    if "Non-2xx" in out:
        raise AssertionError(f"{candidate.name}: {url}: {out}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]), (_cpu(candidate.worker) - before) / count * 1e6


def _resident(process):
    with open(f"/proc/{process}/status") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1]) / 1024


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


class Bare:
    """nginx without a module of ours."""

    def __init__(self, fast, token):
        from harness.site import NGINX, free_port
        port = free_port()
        conf = fast.folder + "/bare.conf"
        with open(conf, "w") as file:
            file.write(fast.fill(BARE).replace("@BARE@", str(port)).replace("@TOKEN@", token))
        self.origin = f"http://localhost:{port}"
        # In a session of its own, as the others are: some kernels share out time by session.
        self.process = subprocess.Popen([NGINX, "-c", conf], stderr=subprocess.DEVNULL, start_new_session=True)
        time.sleep(0.5)
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
            self.pid = int(file.read())         # the worker

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
