"""What stands behind nginx: answers each request with what arrived, and keeps it."""
import dataclasses
import http.server
import json
import threading


@dataclasses.dataclass
class Arrival:
    method: str
    target: str
    fields: list
    body: bytes

    def all(self, name):
        """Values of the fields that a CGI-like program would take for `name`: case and `_` do not count."""
        want = name.lower().replace("_", "-")
        return [value for key, value in self.fields if key.lower().replace("_", "-") == want]

    @property
    def token(self):
        """The one bearer token that arrived; None where there is no such field at all."""
        found = self.all("Authorization")
        if not found:
            return None
        assert len(found) == 1 and found[0].startswith("Bearer "), f"Authorization arrived as {found}"
        return found[0].removeprefix("Bearer ")


class Upstream:
    """- answer: status, fields (a list of pairs) of what it answers"""

    def __init__(self):
        self.arrivals = []
        self.status, self.fields = 200, []
        self._http = _Listener(("127.0.0.1", 0), _Handler)
        self._http.owner = self
        self.port = self._http.server_address[1]

    def __enter__(self):
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._http.shutdown()
        self._http.server_close()

    @property
    def last(self):
        return self.arrivals[-1]


class _Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, request, client_address):
        """nginx goes away in some tests."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        owner = self.server.owner
        if self.headers.get("Transfer-Encoding"):
            body = b"".join(self._chunks())
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        arrival = Arrival(self.command, self.path, self.headers.items(), body)
        owner.arrivals.append(arrival)
        shown = {"target": arrival.target, "body": body.decode("latin-1"), "cookie": arrival.all("Cookie")}
        content = json.dumps(shown).encode()
        self.send_response_only(owner.status)
        for name, value in [("Content-Type", "application/json"), ("Content-Length", str(len(content))), *owner.fields]:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_HEAD = do_GET

    def _chunks(self):
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
