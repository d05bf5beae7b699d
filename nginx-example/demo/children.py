"""The programs that the demo starts, and their end."""
import ctypes
import os
import signal
import subprocess
import time

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class Children:
    """Ends what it started, last first, when the `with` block is left; nothing else is touched.

    Each child leads a session of its own: Ctrl-C at the terminal reaches the demo alone, which then
    ends them in order.  Should the demo be killed outright, the kernel ends them.
    """

    def __init__(self):
        self._running = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        while self._running:
            self._end(self._running.pop())

    def start(self, name, command, log, folder, account=None):
        with open(log, "ab") as output:
            child = subprocess.Popen(
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True, preexec_fn=die_with_parent,
                user=account, group=account, extra_groups=[] if account else None)
        child.name = name
        self._running.append(child)
        return child

    def dead(self):
        """The first child that has ended by itself, if one has."""
        return next((child for child in self._running if child.poll() is not None), None)

    def _end(self, child):
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                pass
        # What is left of its session: workers of a master that died.
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(child.pid, number)
            except (ProcessLookupError, PermissionError):
                break
            time.sleep(0.2)
        child.wait()


def die_with_parent():
    """For a child, before it becomes the program: should this process be killed, so is the child."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def wait_for(condition, child, seconds):
    """True as soon as `condition()` holds; False when the child ends or the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        if child.poll() is not None:
            return False
        time.sleep(0.05)
    return False
