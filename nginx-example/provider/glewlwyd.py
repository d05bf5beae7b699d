"""Debian's glewlwyd as the OpenID provider of the demo: on 127.0.0.1, with one user and one client.

A folder holds all of it: settings, database, key, log.  It is furnished once, over glewlwyd's own
administration interface, and serves as it is from then on; other settings mean a new furnishing.
"""
import gzip
import http.cookiejar
import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import urllib.error
import urllib.request

import keys

SCHEMA = "/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz"
WEB_PAGES = "/usr/share/glewlwyd/webapp"
WEB_SETTINGS = "/etc/glewlwyd/config-2.7.json"
ADMINISTRATOR = {"username": "admin", "password": "password"}      # of Debian's SQL script
SCOPES = ["openid", "profile", "email", "offline_access"]
MIME_TYPES = {
    ".html": "text/html", ".css": "text/css", ".js": "application/javascript", ".json": "application/json",
    ".png": "image/png", ".ico": "image/x-icon", ".woff": "font/woff", ".woff2": "font/woff2", ".ttf": "font/ttf",
}


class ProviderError(Exception):
    """Says in one sentence what went wrong, and where to look."""


class Glewlwyd:
    """One instance: `prepare()`, start `command()`, wait until it `answers()`, then `furnish()`."""

    def __init__(self, folder, port, *, client_id, redirect_uri, after_logout, audience,
                 user="alice", password="password", access_seconds=15, refresh_seconds=86_400):
        self.folder = folder
        self.port = port
        self.client_id = client_id
        self.user, self.password = user, password
        self.settings = {
            "port": port, "client_id": client_id, "redirect_uri": redirect_uri, "after_logout": after_logout,
            "audience": audience, "user": user, "password": password, "access_seconds": access_seconds,
            "refresh_seconds": refresh_seconds, "furnishing": 1,
        }
        self.database = self._path("glewlwyd.db")
        self.log = self._path("glewlwyd.log")
        self.secret_file = self._path("client.secret")
        self._furnished = self._path("furnished.json")

    @property
    def base(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def issuer(self):
        return self.base + "/api/oidc"

    @property
    def scope(self):
        return " ".join(SCOPES)

    def is_furnished(self):
        try:
            with open(self._furnished) as file:
                return json.load(file) == self.settings
        except (OSError, ValueError):
            return False

    def prepare(self, schema=SCHEMA):
        """Writes the files that glewlwyd starts from; an instance of other settings is thrown away."""
        if self.is_furnished():
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder, mode=0o700)
        self._make_database(schema)
        self._copy_pages()
        with open(self._path("glewlwyd.conf"), "w") as file:
            file.write(self._configuration())
        with open(os.open(self.secret_file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))

    def command(self):
        return ["glewlwyd", "--config-file", self._path("glewlwyd.conf")]

    def answers(self):
        try:
            urllib.request.urlopen(self.base + "/config", timeout=2).read()
            return True
        except (urllib.error.URLError, OSError):
            return False

    def furnish(self):
        """Adds what the demo needs to a running, empty instance."""
        if self.is_furnished():
            return
        administrator = _Interface(self.base)
        administrator.ask("POST", "/auth/", ADMINISTRATOR)
        self._add_scopes(administrator)
        administrator.ask("POST", "/mod/plugin/", self._plugin())
        administrator.ask("POST", "/user/", {
            "username": self.user, "password": self.password, "enabled": True,
            "name": self.user.capitalize() + " Example", "email": self.user + "@example.org",
            "scope": [*SCOPES, "g_profile"],
        })
        administrator.ask("POST", "/client/", self._client())
        # Consent is given beforehand: a demo's user has nothing to think over.
        user = _Interface(self.base)
        user.ask("POST", "/auth/", {"username": self.user, "password": self.password})
        user.ask("PUT", "/auth/grant/" + self.client_id, {"scope": self.scope})
        with open(self._furnished, "w") as file:
            json.dump(self.settings, file)

    def rotate(self, added, keeps=True):
        """Signs with the first of these private keys from now on; those that were there are published still, if kept."""
        administrator = _Interface(self.base)
        administrator.ask("POST", "/auth/", ADMINISTRATOR)
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=5) as connection:
            (parameters,) = connection.execute(
                "SELECT gpmi_parameters FROM g_plugin_module_instance WHERE gpmi_name = 'oidc'").fetchone()
        known = json.loads(json.loads(parameters)["jwks-private"])["keys"]
        administrator.ask("PUT", "/mod/plugin/oidc", self._plugin([*added, *(known if keeps else [])]))
        # It reads its keys when it begins.
        for action in ("disable", "enable"):
            administrator.ask("PUT", "/mod/plugin/oidc/" + action, {})

    def live_refresh_tokens(self):
        """How many refresh tokens of the client would be honoured now, read from glewlwyd's database."""
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=5) as connection:
            return connection.execute(
                "SELECT count(*) FROM gpo_refresh_token WHERE gpor_client_id = ? AND gpor_enabled = 1",
                (self.client_id,)).fetchone()[0]

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _make_database(self, schema):
        if not os.path.exists(schema):
            raise ProviderError(f"glewlwyd's SQL script is missing: {schema}")
        connection = sqlite3.connect(self.database)
        with gzip.open(schema, "rt") as script:
            connection.executescript(script.read())
        # Client properties that Debian's script does not declare, without which they are dropped silently.
        row = connection.execute("SELECT gcmi_parameters FROM g_client_module_instance").fetchone()
        parameters = json.loads(row[0])
        for name, multiple in (("post_logout_redirect_uris", True), ("resource", True)):
            parameters["data-format"][name] = {"multiple": multiple, "read": True, "write": True}
        connection.execute("UPDATE g_client_module_instance SET gcmi_parameters = ?", (json.dumps(parameters),))
        connection.commit()
        connection.close()

    def _copy_pages(self):
        # Debian's config.json of the pages is a link that leads to a folder, and glewlwyd follows no
        # link out of its pages: hence a copy without links, with the file put in its place.
        def unusable(folder, names):
            return [name for name in names
                    if (folder, name) == (WEB_PAGES, "config.json") or not os.path.exists(os.path.join(folder, name))]

        pages = self._path("pages")
        shutil.copytree(WEB_PAGES, pages, ignore=unusable)
        settings = WEB_SETTINGS
        if os.path.isdir(settings):
            settings = os.path.join(settings, "config.json")
        shutil.copyfile(settings, os.path.join(pages, "config.json"))

    def _configuration(self):
        types = ",\n".join(f'  {{ extension="{suffix}" mime_type="{kind}" }}' for suffix, kind in MIME_TYPES.items())
        return f"""\
port={self.port}
bind_address="127.0.0.1"
external_url="{self.base}"
login_url="login.html"
api_prefix="api"
static_files_path="{self._path('pages')}"
static_files_mime_types=(
{types}
)
log_mode="file"
log_level="WARNING"
log_file="{self.log}"
cookie_secure=false
session_expiration=86400
session_key="GLEWLWYD2_SESSION_ID"
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="/usr/lib/glewlwyd/user"
client_module_path="/usr/lib/glewlwyd/client"
user_auth_scheme_module_path="/usr/lib/glewlwyd/scheme"
plugin_module_path="/usr/lib/glewlwyd/plugin"
hash_algorithm="SHA512"
database={{ type="sqlite3"; path="{self.database}"; }};
"""

    def _add_scopes(self, administrator):
        for name, text in (("profile", "Your name"), ("email", "Your e-mail address"),
                           ("offline_access", "Stay signed in")):
            administrator.ask("POST", "/scope/", {
                "name": name, "display_name": text, "description": text,
                "password_required": False, "password_max_age": 0, "scheme": {},
            })

    def _client(self):
        with open(self.secret_file) as file:
            secret = file.read()
        return {
            "client_id": self.client_id, "client_secret": secret, "confidential": True, "enabled": True,
            "name": "Cloakroom demo", "scope": [],
            "redirect_uri": [self.settings["redirect_uri"]],
            "post_logout_redirect_uris": [self.settings["after_logout"]],
            "authorization_type": ["code", "refresh_token", "delete_token"],
            "token_endpoint_auth_method": ["client_secret_basic"],
            "resource": [self.settings["audience"]],
        }

    def _plugin(self, signing=None):
        parameters = {
            "iss": self.issuer, "subject-type": "public",
            "jwks-private": json.dumps({"keys": signing or [keys.rsa("first"), keys.elliptic("second")]}),
            "jwks-show": True,
            "access-token-duration": self.settings["access_seconds"],
            "refresh-token-duration": self.settings["refresh_seconds"], "refresh-token-rolling": True,
            # Each refresh token works once; one that comes again ends its whole family.
            "refresh-token-one-use": "always", "code-duration": 60, "auth-type-code-revoke-replayed": True,
            "allow-non-oidc": True, "auth-type-code-enabled": True, "auth-type-refresh-enabled": True,
            "auth-type-token-enabled": False, "auth-type-implicit-enabled": False,
            "auth-type-password-enabled": False, "auth-type-client-enabled": False,
            "auth-type-device-enabled": False,
            "allowed-scope": SCOPES, "scope": [], "additional-parameters": [], "claims": [],
            "name-claim": "on-demand", "name-claim-scope": ["profile"],
            "email-claim": "on-demand", "email-claim-scope": ["email"],
            "scope-claim": "no", "scope-claim-scope": [], "address-claim": {"type": "no"},
            "pkce-allowed": True, "pkce-required": True, "pkce-method-plain-allowed": False,
            "pkce-required-public-client": True,
            "introspection-revocation-allowed": True, "introspection-revocation-allow-target-client": True,
            "introspection-revocation-auth-scope": [],
            "session-management-allowed": True, "session-cookie-name": "GLEWLWYD2_OIDC_SID",
            "session-cookie-expiration": 86_400,
            "front-channel-logout-allowed": False, "back-channel-logout-allowed": False,
            "oauth-par-allowed": False, "oauth-as-iss-id": True, "oauth-dpop-allowed": False,
            "request-parameter-allow": False, "register-client-allowed": False, "encrypt-out-token-allow": False,
            # Without a resource (RFC 8707), glewlwyd writes the scopes into "aud", as one text.
            "resource-allowed": True, "resource-client-property": "resource", "resource-change-allowed": False,
            "resource-scope": {},
        }
        return {"module": "oidc", "name": "oidc", "display_name": "OpenID Connect", "enabled": True,
                "parameters": parameters}


class _Interface:
    """A signed-in user of glewlwyd's administration interface."""

    def __init__(self, base):
        self.base = base
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def ask(self, method, path, body):
        request = urllib.request.Request(
            self.base + "/api" + path, method=method, data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"})
        try:
            with self.opener.open(request, timeout=15) as answer:
                answer.read()
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")[:400]
            raise ProviderError(f"glewlwyd refused {method} {path}: {error.code} {text}") from None
