"""One nginx with Cloakroom, in a folder of its own."""
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from children import die_with_parent
from client import send
from keyfile import make_key_file
from provider.openid import CLIENT_ID, CLIENT_SECRET

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
MODULE = os.environ.get("CLOAKROOM_MODULE", TOP + "/.build/nginx/ngx_http_cloakroom_module.so")
NGINX = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin") or "nginx"


class Site:
    """- provider_settings, settings: replace or add settings; a value of None leaves one out
    - locations, providers, servers, main: more text for the configuration, where `@RUN@` and the like may stand
    - preload: a library whose functions come before those of the system"""

    def __init__(self, provider, upstream, workers=2, level="info", port=None, folder=None, settings=(),
                 provider_settings=(), locations="", providers="", servers="", main="", module=MODULE, preload=None):
        self.folder = folder or tempfile.mkdtemp(prefix="cloakroom-test-")
        os.chmod(self.folder, 0o755)
        self.port = port or free_port()
        self.origin = f"http://localhost:{self.port}"
        self.workers = workers
        self.error_log, self.access_log = self.path("error.log"), self.path("access.log")
        self.store, self.keys = self.path("store/sessions.db"), self.path("session.keys")
        self.account = "www-data" if os.geteuid() == 0 else None
        self._make_files()
        shared = {"store": "sqlite:" + self.store, "key_file": self.keys, "development": "on", **dict(settings)}
        provided = {
            "issuer": provider.issuer, "client_id": f'"{CLIENT_ID}"', "client_secret_file": self.path("client.secret"),
            "scope": '"openid profile email offline_access"', "origin": self.origin, "refresh_window": "0s",
            **dict(provider_settings),
        }
        self.values = {
            "SETTINGS": _directives(shared), "PROVIDER": _directives(provided),
            "MORE_PROVIDERS": providers, "MORE_LOCATIONS": locations, "MORE_SERVERS": servers,
            "MORE_MAIN": main,
            # After those: they may name these.
            "MODULE": module, "WORKERS": workers, "RUN": self.folder, "LEVEL": level, "PORT": self.port,
            "UPSTREAM_PORT": upstream.port,
        }
        self._write_configuration()
        self._environment = {**os.environ, "LD_PRELOAD": preload} if preload else None
        self._master = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, *_):
        self.stop()
        if kind is None:
            shutil.rmtree(self.folder, ignore_errors=True)

    # Its life

    def test(self):
        """What `nginx -t` says, and its status."""
        done = subprocess.run([*self._command(), "-t"], capture_output=True, text=True)
        return done.stderr, done.returncode

    def start(self):
        with open(self.path("output"), "ab") as output:
            self._master = subprocess.Popen(self._command(), stdout=output, stderr=output, start_new_session=True,
                                            preexec_fn=die_with_parent, env=self._environment)
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            if self._master.poll() is not None:
                break
            try:
                if send(self.origin + "/", timeout=5).status == 200 and len(self.worker_ids()) == self.workers:
                    return
            except OSError:
                pass
            time.sleep(0.03)
        raise AssertionError(f"nginx did not start:\n{self.read('output')}{self.log()}")

    def stop(self, number=signal.SIGTERM):
        if self._master is None:
            return
        self._master.send_signal(number)
        try:
            self._master.wait(40)
        finally:
            for left in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(self._master.pid, left)
                except ProcessLookupError:
                    break
        self._master = None

    def reload(self):
        """Returns when new workers stand; the old ones may still be ending."""
        old = set(self.worker_ids())
        os.kill(self.master, signal.SIGHUP)
        self.wait_until(lambda: len(set(self.worker_ids()) - old) == self.workers, "no new workers after a reload")

    def kill_worker(self, number):
        """kill -9, and waits until the master has put another in its place."""
        os.kill(number, signal.SIGKILL)
        self.wait_until(lambda: number not in self.worker_ids() and len(self.worker_ids()) == self.workers,
                   "no new worker after kill -9")

    def worker_ids(self):
        return self.children("worker process")

    def children(self, title):
        """Processes of the master with this title: "worker process", "cache manager process"."""
        try:
            with open(f"/proc/{self.master}/task/{self.master}/children") as file:
                children = [int(word) for word in file.read().split()]
        except OSError:
            return []
        return [child for child in children if _title(child) == "nginx: " + title]

    @property
    def master(self):
        return self._master and self._master.pid

    # What it wrote

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        with open(self.path(name), errors="replace") as file:
            return file.read()

    def log(self):
        return self.read("error.log") if os.path.exists(self.error_log) else ""

    def wait_for_log(self, pattern, seconds=10):
        self.wait_until(lambda: re.search(pattern, self.log()), f"the error log never said {pattern!r}", seconds)

    def wait_until(self, condition, complaint, seconds=20):
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, complaint + ":\n" + self.log()[-3000:]
            time.sleep(0.02)

    # Its files

    def _make_files(self):
        os.makedirs(self.path("site"), exist_ok=True)
        os.makedirs(os.path.dirname(self.store), exist_ok=True)
        if self.account:
            shutil.chown(os.path.dirname(self.store), self.account, self.account)
        with open(self.path("site/index.html"), "w") as file:
            file.write("<!doctype html><title>Page</title>")
        with open(self.path("client.secret"), "w") as file:
            file.write(CLIENT_SECRET)
        os.chmod(self.path("client.secret"), 0o600)
        make_key_file(self.keys)

    def _write_configuration(self):
        with open(os.path.join(HERE, "nginx.conf.in")) as file:
            text = file.read()
        for name, value in self.values.items():
            text = text.replace(f"@{name}@", str(value))
        with open(self.path("nginx.conf"), "w") as file:
            file.write(text)

    def _command(self):
        also = f" user {self.account};" if self.account else ""
        return [NGINX, "-c", self.path("nginx.conf"), "-e", self.error_log, "-g", "daemon off;" + also]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _directives(settings):
    return "\n        ".join(f"{name} {value};" for name, value in settings.items() if value is not None)


def _title(process):
    try:
        with open(f"/proc/{process}/cmdline", "rb") as file:
            return file.read().rstrip(b"\0 ").decode(errors="replace")
    except OSError:
        return ""
