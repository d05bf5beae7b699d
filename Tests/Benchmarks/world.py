"""A provider, a signed-in browser and a settings file, for benchmarks of the library alone."""
import os
import shutil
import subprocess
import tempfile

from harness import Site, Upstream, log_in
from provider import Provider
from provider.openid import AUDIENCE, CLIENT_ID

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
RELEASE = os.path.join(TOP, ".build", "release")


class World:
    """Settings of the library, and the header fields of a token and of a session in the store."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="cloakroom-bench-")
        self.provider = Provider().__enter__()
        self.provider.access_seconds = 3600
        with Upstream() as upstream, Site(
                self.provider, upstream, workers=1,
                provider_settings={"refresh_window": "60s"}.items()) as site:
            name, value = log_in(site).ticket
            site.stop()
            # The session outlives nginx: the benchmark finds it in the store, as another worker would.
            folder = shutil.copytree(site.folder, os.path.join(self.folder, "site"))
            keys, secret, store = (
                os.path.join(folder, os.path.relpath(path, site.folder))
                for path in (site.keys, site.path("client.secret"), site.store))
            origin = site.origin
        self.settings = os.path.join(self.folder, "settings")
        with open(self.settings, "w") as file:
            file.write("\n".join([
                "- development on", f"- store sqlite:{store}", f"- key_file {keys}",
                f"provider/idp issuer {self.provider.issuer}", f"provider/idp client_id {CLIENT_ID}",
                f"provider/idp client_secret_file {secret}", f"provider/idp origin {origin}",
                "provider/idp scope openid profile email offline_access",
                "policy/api mode bearer", "policy/api provider idp", f"policy/api audience {AUDIENCE}",
                "policy/web mode session", "policy/web provider idp", ""]))
        self.fields = {
            "bearer": ("api", "Authorization: Bearer " + self.provider.access_token()),
            "cookie": ("web", f"Cookie: theme=dark; {name}={value}"),
        }
        return self

    def __exit__(self, *_):
        self.provider.__exit__(None, None, None)
        shutil.rmtree(self.folder, ignore_errors=True)

    def command(self, what, count, rounds, *flags):
        policy, field = self.fields[what]
        return [build(*flags), self.settings, policy, str(count), str(rounds), field]


def build(*flags):
    """The benchmark program, compiled against the library of the last build."""
    program = os.path.join(TOP, ".build", "inprocess" + "".join(flags))
    source = os.path.join(HERE, "inprocess.c")
    subprocess.run(
        ["cc", *flags, "-O2", "-Wall", "-Wextra", "-Werror", source, "-I" + os.path.join(TOP, "Include"), "-L" + RELEASE,
         "-lcloakroom", "-Wl,-rpath," + RELEASE, "-o", program], check=True)
    return program
