"""The library beside the bare check of a signature, jansson and cjose, in one process and in turns:
see turns/turns.c.  Ratios are medians over the rounds, with quartiles."""
import glob
import json
import os
import statistics
import subprocess
import tempfile
import time

from cryptography.hazmat.primitives import serialization
from provider import Provider
from provider.keys import SigningKey
from world import HERE, RELEASE, TOP

ALGORITHMS = ["RS256", "ES256", "EdDSA"]
# As long as Keycloak makes them.
KID = "{}-3jUv0pCq7wXk2rTnLz9aBdEfGhYsMo4Q7Zt1u"
AUDIENCE = "https://api.example.com"
LIBRARY = os.path.join(RELEASE, "libcloakroom.so.0")


class Turns:
    """A provider with a key of each algorithm, and the program."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="cloakroom-turns-")
        self.keys = {name: SigningKey(name, KID.format(name)) for name in ALGORITHMS}
        self.provider = Provider().__enter__()
        self.provider.keys = list(self.keys.values())
        self.program = build()
        self.settings = self._path("settings")
        with open(self.settings, "w") as file:
            file.write("\n".join([
                "- development on", f"provider/idp issuer {self.provider.issuer}",
                "provider/idp require_access_token_type off", "provider/idp required_claims sub iat jti",
                "policy/api mode bearer",
                "policy/api provider idp", f"policy/api audience {AUDIENCE}", ""]))
        return self

    def __exit__(self, *_):
        self.provider.__exit__(None, None, None)
        self.folder.cleanup()

    def _path(self, name):
        return os.path.join(self.folder.name, name)

    def command(self, mode, algorithm, count, tokens, threads, libraries=(LIBRARY,)):
        key = self.keys[algorithm]
        pem = self._path(algorithm)
        with open(pem, "wb") as file:
            file.write(key.key.private_key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return [self.program, mode, self.settings, pem, algorithm, key.kid, self.provider.issuer, AUDIENCE,
                str(count), str(tokens), str(threads), *libraries]

    def verify(self, algorithm, rounds=400, tokens=3000, threads=1, libraries=(LIBRARY,)):
        """Yields (name, [ratio's quartiles], [microseconds' quartiles], mallocs a check)."""
        jwk = json.dumps(self.keys[algorithm].public())
        out = subprocess.run(
            self.command("verify", algorithm, rounds, tokens, threads, libraries), check=True,
            stdout=subprocess.PIPE, text=True, env={**os.environ, "CJOSE_JWK": jwk}).stdout
        for line in out.splitlines():
            name, *numbers = line.split()
            if len(numbers) == 7:
                numbers = [float(number) for number in numbers]
                yield name, numbers[:3], numbers[3:6], int(numbers[6])

    def heap(self, algorithm, count, tokens=3000):
        """Yields (name, growth of the heap in bytes, resident KiB)."""
        out = subprocess.run(
            self.command("heap", algorithm, count, tokens, 1), check=True, stdout=subprocess.PIPE,
            text=True).stdout
        for line in out.splitlines():
            name, growth, resident = line.split()
            yield name, int(growth), int(resident)

    def load(self, times=21):
        """Milliseconds of dlopen (median), and KiB that it makes resident."""
        runs = [subprocess.run([self.program, "load", LIBRARY], check=True, stdout=subprocess.PIPE, text=True)
                .stdout.split() for _ in range(times)]
        return statistics.median(int(run[0]) for run in runs) / 1000, statistics.median(int(run[1]) for run in runs)


def build():
    """The program; with cjose where Debian's libcjose-dev is installed."""
    program = os.path.join(TOP, ".build", "turns")
    has_cjose = subprocess.run(["pkg-config", "--exists", "cjose"]).returncode == 0
    subprocess.run(
        ["cc", "-O2", "-Wall", "-Wextra", "-Werror", *sorted(glob.glob(os.path.join(HERE, "turns", "*.c"))), "-I" + os.path.join(TOP, "Include"),
         *(["-DWITH_CJOSE", "-lcjose"] if has_cjose else []), "-ldl", "-lpthread", "-ljansson", "-lcrypto",
         "-o", program], check=True)
    return program
