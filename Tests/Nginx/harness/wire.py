"""HTTP/1 byte by byte: what a client of the standard library would not send, or not yet."""
import http.client
import socket
import struct

from client import Answer


class Wire:
    """One connection to a site; each call of `answer` reads one answer."""

    def __init__(self, port, context=None, patience=30):
        self._socket = socket.create_connection(("127.0.0.1", port), patience)
        if context:
            self._socket = context.wrap_socket(self._socket, server_hostname="127.0.0.1")
        # One for the whole connection: answers that come together must not get lost in a buffer.
        self._stream = _Stream(self._socket)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, text, flags=0):
        self._socket.sendall(text if isinstance(text, bytes) else text.encode("latin-1"), flags)

    def send_and_finish(self, text):
        """The end comes in the same segment as the text."""
        self.send(text, socket.MSG_MORE)
        self.finish()

    def ask(self, path, method="GET", fields=(), body=""):
        self.send(head(path, method, fields) + body)

    def answer(self, method="GET"):
        reader = http.client.HTTPResponse(self._stream, method=method)
        reader.begin()
        return Answer("", reader.status, reader.getheaders(), reader.read())

    def line(self):
        """The next line as it stands: of "100 Continue", say."""
        return self._stream.file.readline().decode("latin-1").rstrip("\r\n")

    def is_silent(self, seconds=0.3):
        """Whether nothing comes for so long."""
        kept = self._socket.gettimeout()
        self._socket.settimeout(seconds)
        try:
            self._socket.recv(1, socket.MSG_PEEK)
            return False
        except TimeoutError:
            return True
        except ConnectionResetError:
            return False
        finally:
            self._socket.settimeout(kept)

    def is_closed(self):
        """Whether the other side ends it, within the patience."""
        try:
            return self._socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def finish(self):
        """Sends no more, but still reads: a half-close."""
        self._socket.shutdown(socket.SHUT_WR)

    def reset(self):
        """Goes away with an RST."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self):
        self._stream.file.close()
        self._socket.close()


def head(path, method="GET", fields=()):
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in fields)]
    return "\r\n".join(lines) + "\r\n\r\n"


class _Stream:
    """What http.client takes for a socket: it closes its file after each answer, this one stays."""

    def __init__(self, connection):
        self.file = connection.makefile("rb")

    def makefile(self, _):
        return _Kept(self.file)


class _Kept:
    def __init__(self, file):
        self._file = file

    def close(self):
        pass

    def flush(self):
        pass

    def __getattr__(self, name):
        return getattr(self._file, name)
