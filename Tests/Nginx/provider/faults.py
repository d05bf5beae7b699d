"""What can go wrong with one request to the provider."""
import threading
import time


class Delay:
    """Answers late, but does what it was asked to at once."""

    def __init__(self, seconds):
        self.seconds = seconds

    def before(self, _):
        pass

    def after(self, answer):
        time.sleep(self.seconds)
        return answer


class Answer:
    """Answers this instead, and does nothing of what it was asked to."""

    def __init__(self, status, body=b"", kind="application/json", **fields):
        body = body.encode() if isinstance(body, str) else body
        self.answer = (status, {"Content-Type": kind, **fields}, body)

    def before(self, _):
        return self.answer

    def after(self, answer):
        return answer


class Cut:
    """Closes the connection: nothing was done."""

    def before(self, _):
        raise ConnectionAbortedError

    def after(self, answer):
        return answer


class CutAfter:
    """Does what it was asked to, and closes the connection: the answer is lost."""

    def before(self, _):
        pass

    def after(self, _):
        raise ConnectionAbortedError


class Gate:
    """Holds a request until the test opens it: before it is worked on, or (`late`) before the answer.

    `arrived` is set when a request stands at it.
    """

    def __init__(self, late=False, patience=60):
        self.late, self.patience = late, patience
        self.arrived, self._open = threading.Event(), threading.Event()

    def open(self):
        self._open.set()

    def wait(self, seconds=10):
        """Until a request stands at the gate."""
        assert self.arrived.wait(seconds), f"no request came to the gate within {seconds} s"

    def before(self, _):
        if not self.late:
            self._hold()

    def after(self, answer):
        if self.late:
            self._hold()
        return answer

    def _hold(self):
        self.arrived.set()
        if not self._open.wait(self.patience):
            raise ConnectionAbortedError
