"""The C program in a test's hands, and a browser whose requests it gets."""
import subprocess
import urllib.parse

from client import Answer
from harness import Person
from keyfile import make_key_file
from provider.openid import AUDIENCE, CLIENT_ID, CLIENT_SECRET

ORIGIN = "http://localhost:9"        # a name only: no one listens there, requests go to the program's hands


class Settings:
    """The file that the C program reads: policies `bearer` and `session` of one provider."""

    def __init__(self, provider, folder):
        self.path, self.store = str(folder / "settings"), str(folder / "sessions.db")
        (folder / "client.secret").write_text(CLIENT_SECRET)
        make_key_file(str(folder / "session.keys"))
        self.lines = f"""\
            # everything on this machine
            development on
            store {self.store}
            key_file {folder}/session.keys
            [provider/idp] issuer {provider.issuer}
            [provider/idp] client_id {CLIENT_ID}
            [provider/idp] client_secret_file {folder}/client.secret
            [provider/idp] scope openid profile email offline_access
            [provider/idp] origin {ORIGIN}
            [provider/idp] refresh_window 0s
            [policy/bearer] mode bearer
            [policy/bearer] provider idp
            [policy/bearer] audience {AUDIENCE}
            [policy/session] mode session
            [policy/session] provider idp
            """.splitlines()
        self.write()

    def add(self, *lines):
        self.lines += lines
        self.write()

    def write(self):
        with open(self.path, "w") as file:
            file.writelines(line.strip() + "\n" for line in self.lines)


class Report:
    """What the program printed about one decision."""

    def __init__(self, lines):
        self.lines = lines
        self.decision = self.status = self.reason = self.session = self.explain = None
        self.body, self.upstream, self.client, self.claims = "", [], [], {}
        for line in lines:
            word, _, rest = line.partition(" ")
            if word in ("upstream", "client"):
                name, _, value = rest.partition(": ")
                getattr(self, word).append((name, None if value == "(removed)" else value))
            elif word == "claim":
                name, _, value = rest.partition(": ")
                self.claims[name] = value
            else:
                setattr(self, word, int(rest) if word == "status" else rest)

    @property
    def edits(self):
        """What becomes of the request's fields; of a name's entries the first one counts."""
        return {name.lower(): value for name, value in reversed(self.upstream)}

    @property
    def token(self):
        """The bearer token that the upstream gets."""
        credentials = self.edits["authorization"]
        assert credentials.startswith("Bearer "), credentials
        return credentials.removeprefix("Bearer ")


class Host:
    """The running program.
    - options: of its command line
    - under: another program's command line, which runs it"""

    def __init__(self, program, settings, *options, under=()):
        self.command = [*under, program, "--config", settings, *options]

    def __enter__(self):
        self._child = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_):
        if self._child.stdin.closed:
            return
        try:
            _, complaints = self._child.communicate(timeout=30)
        finally:
            self._child.kill()
        assert self._child.returncode == 0, f"the program ended with {self._child.returncode}: {complaints}"

    def stop(self):
        """Ends it, in good order."""
        self.__exit__()

    def send(self, *words):
        """Has it begin with something; `receive` tells what came of it."""
        self._child.stdin.write("\t".join(words) + "\n")
        self._child.stdin.flush()

    def receive(self):
        lines = list(iter(lambda: self._child.stdout.readline().rstrip("\n"), ""))
        assert lines, f"no answer; the program's status: {self._child.poll()}"
        return Report(lines)

    def do(self, *words):
        self.send(*words)
        return self.receive()


class Guest(Person):
    """A browser whose requests are decided by the C program.

    The answer to a request that is forwarded has no status; `report` is what the program told of the last one.
    """

    def __init__(self, host):
        super().__init__(ORIGIN)
        self.host, self.report = host, None

    def ask(self, path, method="GET", fields=Person.SCRIPT, body=None, cookies=None):
        held = self.cookies if cookies is None else cookies
        fields = list(fields)
        if held:
            fields.append(("Cookie", "; ".join(f"{name}={value}" for name, value in held.items())))
        url = urllib.parse.urljoin(self.origin, path)
        target = url.removeprefix(self.origin)
        self.report = self.host.do("request", method, target, *(f"{name}: {value}" for name, value in fields))
        answer = Answer(url, self.report.status, self.report.client, self.report.body.encode())
        if cookies is None:
            self._keep(answer)
        return answer


def log_in(host):
    """A guest who has signed in, for certain."""
    guest = Guest(host)
    answer = guest.log_in()
    assert answer.status == 303 and len(guest.cookies) == 1, guest.report.lines
    return guest
