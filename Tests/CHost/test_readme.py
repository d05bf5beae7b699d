"""The README's examples, as they stand there: compiled, loaded, run.

What is put in place of the README's own values: folders, ports and the issuer.  The provider of the tests has a
certificate of its own authority, so that `ca_file` is set as well.
"""
import os
import re
import subprocess
import time

import pytest
from building import ENVIRONMENT, TOP, run_line
from harness import Person, Site
from provider import openid


def blocks(language):
    with open(os.path.join(TOP, "README.md")) as file:
        return re.findall(rf"^```{language}\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL)


def block(language):
    found = blocks(language)
    assert len(found) == 1, f"the README has {len(found)} blocks of {language}"
    return found[0]


def shell_line(start):
    found = [line for text in blocks("sh") for line in text.splitlines() if line.startswith(start)]
    assert len(found) == 1, f"the README has {len(found)} lines that begin with {start!r}"
    return found[0]


def replaced(text, changes):
    for old, new in changes.items():
        assert old in text, f"the README no longer says {old!r}"
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("language", ["c", "nginx"])
def test_an_example_fits_on_a_screen(language):
    lines = block(language).splitlines()
    assert len(lines) <= 29 and max(map(len, lines)) <= 114


# In C

def test_the_c_example_compiles_with_the_line_that_stands_there(compiler, tmp_path):
    (tmp_path / "example.c").write_text(block("c"))
    line = shell_line("cc ").replace("cc ", f"{compiler} -std=c99 -Wall -Wextra -pedantic -Werror ", 1)
    run_line(shell_line("cc "), tmp_path)
    run_line(line, tmp_path)


@pytest.fixture
def example(provider_tls, tmp_path):
    """Runs the C example with a token; returns what it prints, and its status."""
    _, ca_file, _ = provider_tls
    issuer = 'SET("provider/idp", "issuer", argv[1])'
    (tmp_path / "example.c").write_text(replaced(block("c"), {
        issuer: f'{issuer} || SET("provider/idp", "ca_file", "{ca_file}")'}))
    run_line(shell_line("cc "), tmp_path)

    def run(*words):
        done = subprocess.run([str(tmp_path / "example"), *words], capture_output=True, text=True, timeout=30)
        return done.stdout + done.stderr, done.returncode

    return run


def test_the_c_example_verifies_tokens(example, provider_tls):
    provider = provider_tls[0]
    credentials = shell_line("./example ").split()[3:]
    assert credentials == ['"Bearer', '$TOKEN"'], "the README passes the credentials in another way now"
    audience = shell_line("./example ").split()[2]
    good = provider.access_token(aud=audience)
    assert example(provider.issuer, audience, "Bearer " + good) == ("ok\n", 0)
    expired = provider.access_token(aud=audience, exp=int(time.time()) - 120)
    assert example(provider.issuer, audience, "Bearer " + expired) == ("token_expired\n", 1)
    assert example(provider.issuer, "another api", "Bearer " + good) == ("wrong_audience\n", 1)
    assert example(provider.issuer, audience, good) == ("token_missing\n", 1)


def test_the_c_example_tells_what_is_wrong(example, provider_tls):
    said, status = example("http://idp.example.com", "my-api", "Bearer x")
    assert status == 2 and "issuer" in said and "https" in said
    assert example() == ("usage: example ISSUER AUDIENCE CREDENTIALS\n", 2)
    provider_tls[0].stop()
    assert example(provider_tls[0].issuer, "my-api", "Bearer " + provider_tls[0].access_token(aud="my-api")) == (
        "keys_unavailable\n", 1)


# In nginx

class ReadmeSite(Site):
    """nginx with the README's configuration."""

    def __init__(self, provider, ca_file, upstream):
        self.certificate, self.issuer, self.upstream = ca_file, provider.issuer, upstream
        super().__init__(provider, upstream, workers=1)

    def _make_files(self):
        super()._make_files()
        os.unlink(self.keys)
        subprocess.run(["sh", "-c", replaced(shell_line("umask "), {"/etc/cloakroom/keys": self.keys})], check=True)

    def _write_configuration(self):
        temporary = "".join(f" {kind}_temp_path {self.path(kind)};" for kind in (
            "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        with open(self.path("nginx.conf"), "w") as file:
            file.write(replaced(block("nginx"), {
                "modules/ngx_http_cloakroom_module.so": self.values["MODULE"],
                "http {": "http { access_log off;" + temporary,
                "/var/lib/cloakroom/sessions.db": self.store,
                "/etc/cloakroom/keys": self.keys,
                "/etc/cloakroom/client-secret": self.path("client.secret"),
                "https://idp.example.com;": f"{self.issuer}; ca_file {self.certificate};",
                "listen 80;": f"listen 127.0.0.1:{self.port};",
                "/srv/app": self.path("site"),
                "http://127.0.0.1:9000": f"http://127.0.0.1:{self.upstream.port}",
            }))

    def _command(self):
        *words, directives = super()._command()
        return [*words, f"{directives} pid {self.path('nginx.pid')};"]


class Visitor(Person):
    """Comes through the TLS of a proxy that is not there."""

    def at_provider(self, authorize_url, context=None):
        return super().at_provider(authorize_url, context).replace("https://app.example.com", self.origin)


@pytest.fixture
def site(provider_tls, upstream, monkeypatch):
    provider, ca_file, _ = provider_tls
    monkeypatch.setattr(openid, "CLIENT_ID", "my-app")
    with ReadmeSite(provider, ca_file, upstream) as made:
        yield made


def test_nginx_takes_the_configuration(provider_tls, upstream):
    made = ReadmeSite(provider_tls[0], provider_tls[1], upstream)
    said, status = made.test()
    assert status == 0 and "warn" not in said and "emerg" not in said, said


def test_the_page_is_public_and_the_rest_is_not(site, upstream):
    stranger = Visitor(site.origin)
    assert "Page" in stranger.visit("/").text
    answer = stranger.visit("/api/x")
    assert answer.status in (302, 303) and "/auth/login?" in answer.location
    assert stranger.call("/api/x").status == 401
    assert stranger.ask("/v1/x").status == 401
    assert not upstream.arrivals


def test_v1_takes_bearer_tokens(site, provider_tls, upstream):
    token = provider_tls[0].access_token(aud="my-api")
    visitor = Visitor(site.origin)
    assert visitor.ask("/v1/x", fields=[("Authorization", "Bearer " + token)]).status == 200
    assert upstream.last.token == token
    other = provider_tls[0].access_token(aud="another api")
    assert visitor.ask("/v1/x", fields=[("Authorization", "Bearer " + other)]).status == 401


def test_api_takes_the_session_of_a_login(site, provider_tls, upstream):
    visitor = Visitor(site.origin)
    answer = visitor.log_in("/api/x", provider_tls[2])
    assert answer.status == 303 and list(visitor.cookies) == ["__Host-cloakroom"], f"{answer.text}{site.log()[-2000:]}"
    assert answer.location.endswith("/api/x")
    assert visitor.call("/api/x").status == 200
    assert upstream.last.token in provider_tls[0].issued
    assert visitor.session()["authenticated"]


def test_the_build_line_is_the_build(tmp_path):
    """Run by whoever runs these tests; here only that it is still what they run."""
    line = shell_line("nginx-example/build ")
    assert line == "nginx-example/build && export PKG_CONFIG_PATH=$PWD/.build/release"
    assert os.path.join(TOP, ".build/release") == ENVIRONMENT["PKG_CONFIG_PATH"]
    assert subprocess.run(["sh", "-c", f"cd {TOP} && nginx-example/build --help"], capture_output=True).returncode == 0
