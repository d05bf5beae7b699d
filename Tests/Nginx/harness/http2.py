"""An HTTP/2 client over TLS: many requests on one connection, each of which may be given up."""
import collections
import socket
import struct

import h2.config
import h2.connection
import h2.errors
import h2.events
from client import Answer


GOAWAY, NO_ERROR = 7, bytes(4)


class HTTP2:
    def __init__(self, port, context, patience=30):
        context.set_alpn_protocols(["h2"])
        plain = socket.create_connection(("127.0.0.1", port), patience)
        self._socket = context.wrap_socket(plain, server_hostname="127.0.0.1")
        assert self._socket.selected_alpn_protocol() == "h2", "nginx does not speak HTTP/2 here"
        self._machine = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        self._machine.initiate_connection()
        self._authority = f"localhost:{port}"
        self._fields, self._bodies = {}, collections.defaultdict(bytes)
        self._ended, self.broken = set(), {}
        self._pending = b""
        self._flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def ask(self, path, method="GET", fields=(), body=None, ends=True):
        """Begins a request; returns its number."""
        number = self._machine.get_next_available_stream_id()
        pseudo = [(":method", method), (":scheme", "https"), (":authority", self._authority), (":path", path)]
        lower = [(name.lower(), value) for name, value in fields]
        self._machine.send_headers(number, pseudo + lower, end_stream=body is None and ends)
        self._flush()
        if body is not None:
            self.more(number, body, ends)
        return number

    def more(self, number, body, ends=True):
        """More of a body, as the other side's window allows."""
        while body:
            room = min(self._machine.local_flow_control_window(number), self._machine.max_outbound_frame_size)
            if room <= 0:
                self._read()
                continue
            piece, body = body[:room], body[room:]
            self._machine.send_data(number, piece)
            self._flush()
        if ends:
            self._machine.end_stream(number)
            self._flush()

    def answer(self, number):
        while number not in self._ended:
            assert number not in self.broken, f"stream {number} was reset: {self.broken[number]}"
            self._read()
        fields = [(name, value) for name, value in self._fields[number] if not name.startswith(":")]
        return Answer("", int(dict(self._fields[number])[":status"]), fields, self._bodies.pop(number, b""))

    def give_up(self, number):
        self._machine.reset_stream(number, h2.errors.ErrorCodes.CANCEL)
        self._flush()

    def ping(self):
        """Returns when all that was sent before has been read by the other side."""
        self._pong = False
        self._machine.ping(b"12345678")
        self._flush()
        while not self._pong:
            self._read()

    def reset(self):
        """Goes away with an RST, and all requests with it."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def _read(self):
        data = self._socket.recv(65_536)
        if not data:
            raise ConnectionError("the connection was closed")
        for event in self._events(data):
            if isinstance(event, h2.events.ResponseReceived):
                self._fields[event.stream_id] = event.headers
            elif isinstance(event, h2.events.DataReceived):
                self._bodies[event.stream_id] += event.data
                self._machine.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                self._ended.add(event.stream_id)
            elif isinstance(event, h2.events.StreamReset):
                self.broken[event.stream_id] = event.error_code
            elif isinstance(event, h2.events.PingAckReceived):
                self._pong = True
        self._flush()

    def _events(self, data):
        """What the frames say.  The library takes GOAWAY for the end at once, and would refuse what comes after it:
        a graceful one is kept from it, and streams that stand go on to their ends.

        - Source: RFC 9113, section 6.8
        """
        self._pending += data
        while len(self._pending) >= 9:
            end = 9 + int.from_bytes(self._pending[:3], "big")
            if len(self._pending) < end:
                return
            frame, self._pending = self._pending[:end], self._pending[end:]
            if frame[3] != GOAWAY or frame[13:17] != NO_ERROR:
                yield from self._machine.receive_data(frame)

    def _flush(self):
        self._socket.sendall(self._machine.data_to_send())
