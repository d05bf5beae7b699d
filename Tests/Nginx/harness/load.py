"""A load on one site: every request on a connection of its own, as no kept one outlives a reload.

    load = Load(site.port, requests)      # requests: bytes each, with "Connection: close"
    ...
    count = load.end()

Runs as a program of its own, so that it does not share an interpreter with provider and upstream.
It ends by itself after ten minutes.
"""
import dataclasses
import json
import socket
import subprocess
import sys
import threading
import time

CLIENTS = 4
LONGEST = 600
PAUSE = 0.002             # after each request of a client: the machine is shared


@dataclasses.dataclass
class Count:
    answered: int
    failed: dict
    slowest: float


class Load:
    def __init__(self, port, requests):
        self._program = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         text=True)
        self._program.stdin.write(json.dumps([port, [text.decode("latin-1") for text in requests]]) + "\n")
        self._program.stdin.flush()

    def end(self):
        told, _ = self._program.communicate(timeout=60)
        return Count(**json.loads(told))


class Client(threading.Thread):
    def __init__(self, port, requests, number):
        super().__init__(daemon=True)
        self.port, self.requests, self.number = port, requests, number
        self.ends, self.answered, self.failed, self.slowest = threading.Event(), 0, {}, 0.0

    def run(self):
        deadline = time.monotonic() + LONGEST
        while not self.ends.is_set() and time.monotonic() < deadline:
            self.number += 1
            begun = time.monotonic()
            result = self.ask(self.requests[self.number % len(self.requests)])
            self.slowest = max(self.slowest, time.monotonic() - begun)
            if result == "200":
                self.answered += 1
            else:
                self.failed[result] = self.failed.get(result, 0) + 1
            time.sleep(PAUSE)

    def ask(self, request):
        """The status, or what went wrong."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 30) as connection:
                connection.sendall(request)
                answer = b""
                while piece := connection.recv(65_536):
                    answer += piece
            return answer[9:12].decode("latin-1") or "no answer"
        except OSError as error:
            return type(error).__name__


def main():
    port, requests = json.loads(sys.stdin.readline())
    requests = [text.encode("latin-1") for text in requests]
    clients = [Client(port, requests, number) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    sys.stdin.read()
    for client in clients:
        client.ends.set()
    for client in clients:
        client.join(40)
    failed = {}
    for client in clients:
        for name, count in client.failed.items():
            failed[name] = failed.get(name, 0) + count
    print(json.dumps({"answered": sum(client.answered for client in clients), "failed": failed,
                      "slowest": max(client.slowest for client in clients)}))


if __name__ == "__main__":
    main()
