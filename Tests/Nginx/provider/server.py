"""The HTTP side of the provider: connections, the journal, faults."""
import collections
import dataclasses
import http.server
import socket
import ssl
import threading
import time
import urllib.parse


@dataclasses.dataclass
class Entry:
    """One request, as it came, and the status that it got (None: the connection was cut)."""

    at: float
    endpoint: str
    method: str
    query: dict
    form: dict
    fields: dict
    status: int | None = None


class Server:
    """Serves `endpoints` (paths and functions of an `Entry`) on a free port of 127.0.0.1.

    - certificate: PEM files of certificate and key; None: plain HTTP
    """

    def __init__(self, endpoints, certificate=None):
        self.endpoints = endpoints
        self.journal = []
        self.connection_gate = None          # a Gate that new connections stand at, before any TLS
        self._faults = collections.defaultdict(collections.deque)
        self._lasting = {}
        self._lock = threading.Lock()
        self._http = _Listener(("127.0.0.1", 0), _Handler)
        self._http.owner = self
        self.port = self._http.server_address[1]
        self.scheme = "https" if certificate else "http"
        self._http.context = None
        if certificate:
            self._http.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._http.context.load_cert_chain(*certificate)
        self._thread = None

    @property
    def origin(self):
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def start(self):
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def stop(self):
        """Refuses connections from now on, and cuts those that stand."""
        if self._thread:
            self._http.shutdown()
            self._thread.join()
            self._thread = None
        self._http.server_close()
        self._http.cut_all()

    @property
    def connections(self):
        """Those that stand, busy or idle."""
        return self._http.connections

    def restart(self):
        """Listens on the same port again."""
        endpoint = ("127.0.0.1", self.port)
        context = self._http.context
        self._http = _Listener(endpoint, _Handler)
        self._http.owner, self._http.context = self, context
        self.start()

    # What a test says

    def at(self, endpoint, *faults):
        """The next requests there meet these faults, one each."""
        with self._lock:
            self._faults[endpoint].extend(faults)

    def always(self, endpoint, fault):
        """Every request there meets this fault; None ends it."""
        with self._lock:
            self._lasting[endpoint] = fault

    def entries(self, endpoint, **form):
        with self._lock:
            return [entry for entry in self.journal if entry.endpoint == endpoint
                    and all(entry.form.get(name) == value for name, value in form.items())]

    def count(self, endpoint, **form):
        return len(self.entries(endpoint, **form))

    # What the handler asks

    def record(self, entry):
        with self._lock:
            self.journal.append(entry)
            queue = self._faults[entry.endpoint]
            return queue.popleft() if queue else self._lasting.get(entry.endpoint)


class _Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def __init__(self, *arguments):
        self._connections = set()
        self._lock = threading.Lock()
        super().__init__(*arguments)

    def finish_request(self, request, client_address):
        with self._lock:
            self._connections.add(request)
        try:
            gate = self.owner.connection_gate
            if gate:
                gate.before(None)
            if self.context:
                request = self.context.wrap_socket(request, server_side=True)
            super().finish_request(request, client_address)
        finally:
            with self._lock:
                self._connections.discard(request)

    @property
    def connections(self):
        with self._lock:
            return set(self._connections)

    def cut_all(self):
        with self._lock:
            for connection in self._connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def handle_error(self, request, client_address):
        """A peer that went away is part of the tests."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        owner = self.server.owner
        parts = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        work = owner.endpoints.get(parts.path)
        entry = Entry(time.monotonic(), parts.path.rsplit("/", 1)[-1], self.command, _pairs(parts.query),
                      _pairs(body.decode("latin-1")), {name.lower(): value for name, value in self.headers.items()})
        fault = owner.record(entry)
        try:
            answer = fault and fault.before(entry)
            answer = answer or (work(entry) if work else (404, {}, b"no such endpoint"))
            status, fields, content = fault.after(answer) if fault else answer
        except ConnectionAbortedError:
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            return
        entry.status = status
        self.send_response_only(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_PUT = do_DELETE = do_HEAD = do_GET


def _pairs(text):
    return dict(urllib.parse.parse_qsl(text, keep_blank_values=True))
