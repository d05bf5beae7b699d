"""What the provider does as an OpenID provider: discovery, login, tokens, revocation, logout."""
import base64
import hashlib
import json
import secrets
import threading
import time
import urllib.parse

from .keys import SigningKey, half_hash
from .server import Server

CLIENT_ID = "cloakroom test & client"        # must be form-encoded wherever it goes
CLIENT_SECRET = "canary secret: +/&=%ä"
AUDIENCE = "api"


class Refused(Exception):
    """An error of RFC 6749, section 5.2."""

    def __init__(self, error, why):
        super().__init__(why)
        self.error = error


class Provider(Server):
    def __init__(self, certificate=None, keys=None):
        super().__init__({
            "/.well-known/openid-configuration": self._discovery, "/jwks": self._jwks,
            "/authorize": self._authorize, "/token": self._token, "/revoke": self._revoke,
            "/logout": self._logout,
        }, certificate)
        self.issuer = self.origin
        self.keys = keys or [SigningKey()]           # the first signs, all are published
        self.subject, self.claims = "alice", {"name": "Alice Example", "email": "alice@example.org"}
        self.access_seconds, self.says_expiry = 300, True
        self.rotates = True                          # a refresh gives a new refresh token …
        self.forgives = False                        # … and the old one may come again
        self.refresh_gives_id_token = True
        self.jwks_fields = {}                        # as Cache-Control
        # What a test may bend; each gets the honest thing and returns what goes out.
        self.bend_discovery = self.bend_answer = lambda document: document
        self.bend_access = lambda header, claims: (header, claims)
        self.bend_id = lambda header, claims: (header, claims)
        self.sign_id = lambda header, claims: self.keys[0].sign(claims, **header)
        self.complaints = []
        self.issued = []                             # all that must never be seen: codes, tokens
        self.sessions = {}
        self._codes, self._refresh = {}, {}
        self._state = threading.RLock()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    # Endpoints

    def _discovery(self, _):
        self._document = {
            "issuer": self.issuer,
            "authorization_endpoint": self.origin + "/authorize", "token_endpoint": self.origin + "/token",
            "jwks_uri": self.origin + "/jwks", "revocation_endpoint": self.origin + "/revoke",
            "end_session_endpoint": self.origin + "/logout",
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": sorted({key.algorithm for key in self.keys}),
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "authorization_response_iss_parameter_supported": True,
        }
        return _json(200, self.bend_discovery(self._document))

    def _jwks(self, _):
        return _json(200, {"keys": [key.public() for key in self.keys]}, **self.jwks_fields)

    def _authorize(self, entry):
        """Signs the user in without a word, and sends the browser back."""
        asked = entry.query
        with self._state:
            code = "canary-code-" + secrets.token_urlsafe(24)
            self.issued.append(code)
            self._codes[code] = asked
        back = {"code": code, "state": asked.get("state", ""), "iss": self.issuer}
        joint = "&" if "?" in asked["redirect_uri"] else "?"
        return 302, {"Location": asked["redirect_uri"] + joint + urllib.parse.urlencode(back)}, b""

    def _token(self, entry):
        try:
            with self._state:
                self._authenticate(entry)
                if entry.method != "POST":
                    raise Refused("invalid_request", "the token endpoint was asked with " + entry.method)
                kind = entry.form.get("grant_type")
                if kind == "authorization_code":
                    answer = self._redeem_code(entry.form)
                elif kind == "refresh_token":
                    answer = self._refresh_tokens(entry.form)
                else:
                    raise Refused("unsupported_grant_type", f"grant type {kind}")
                return _json(200, self.bend_answer(answer), **{"Cache-Control": "no-store"})
        except Refused as refusal:
            return _json(401 if refusal.error == "invalid_client" else 400,
                         {"error": refusal.error, "error_description": str(refusal)})

    def _revoke(self, entry):
        try:
            with self._state:
                self._authenticate(entry)
                family = self._refresh.get(entry.form.get("token"))
                if family:
                    family["alive"] = False
        except Refused as refusal:
            return _json(401, {"error": refusal.error})
        return 200, {}, b""

    def _logout(self, _):
        return 200, {"Content-Type": "text/html"}, b"<!doctype html><title>Signed out</title><h1>Signed out</h1>"

    # Grants

    def _redeem_code(self, form):
        asked = self._codes.pop(form.get("code"), None)
        if asked is None:
            self.complaints.append("a code came twice, or was never given")
            raise Refused("invalid_grant", "unknown code")
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if asked.get("code_challenge_method") != "S256" or asked.get("code_challenge") != _text(challenge):
            self.complaints.append("the code verifier does not fit")
            raise Refused("invalid_grant", "code verifier")
        if form.get("redirect_uri") != asked.get("redirect_uri"):
            self.complaints.append("another redirect_uri than at the authorization endpoint")
            raise Refused("invalid_grant", "redirect_uri")
        family = {"alive": True, "nonce": asked.get("nonce"), "scope": asked.get("scope", ""), "current": None,
                  "subject": self.subject, "signed_in": int(time.time())}
        return self._answer(family, self._new_refresh_token(family), with_id=True)

    def _refresh_tokens(self, form):
        token = form.get("refresh_token")
        family = self._refresh.get(token)
        if family is None or not family["alive"]:
            raise Refused("invalid_grant", "unknown or revoked refresh token")
        if token != family["current"] and not self.forgives:
            family["alive"] = False
            raise Refused("invalid_grant", "a spent refresh token came again")
        fresh = self._new_refresh_token(family) if self.rotates else None
        return self._answer(family, fresh, with_id=self.refresh_gives_id_token)

    def _new_refresh_token(self, family):
        token = "canary-refresh-" + secrets.token_urlsafe(32)
        self._refresh[token] = family
        family["current"] = token
        self.issued.append(token)
        return token

    def _answer(self, family, refresh_token, with_id):
        access = self.access_token(subject=family["subject"], scope=family["scope"])
        answer = {"access_token": access, "token_type": "Bearer", "scope": family["scope"]}
        if self.says_expiry:
            answer["expires_in"] = self.access_seconds
        if refresh_token:
            answer["refresh_token"] = refresh_token
        if with_id:
            answer["id_token"] = self._id_token(family, access)
        return answer

    # Tokens

    def access_token(self, subject=None, scope="openid", **changes):
        now = int(time.time())
        claims = {
            "iss": self.issuer, "sub": subject or self.subject, "aud": AUDIENCE, "client_id": CLIENT_ID,
            "iat": now, "exp": now + self.access_seconds, "jti": secrets.token_hex(8), "scope": scope, **changes,
        }
        header, claims = self.bend_access({"typ": "at+jwt"}, claims)
        token = self.keys[0].sign(claims, **header)
        self.issued.append(token)
        return token

    def _id_token(self, family, access):
        now = int(time.time())
        claims = {
            "iss": self.issuer, "sub": family["subject"], "aud": CLIENT_ID, "iat": now, "exp": now + 300,
            "auth_time": family["signed_in"], "at_hash": half_hash(self.keys[0].algorithm, access), **self.claims,
        }
        if family["nonce"] is not None:
            claims["nonce"] = family["nonce"]
        token = self.sign_id(*self.bend_id({"typ": "JWT"}, claims))
        self.issued.append(token)
        return token

    def _authenticate(self, entry):
        scheme, _, given = entry.fields.get("authorization", "").partition(" ")
        try:
            pair = base64.b64decode(given, validate=True).decode().split(":", 1)
        except ValueError:
            pair = []
        # RFC 6749, 2.3.1: both halves are form-encoded before they are joined.
        pair = [urllib.parse.unquote_plus(half) for half in pair]
        if scheme.lower() != "basic" or pair != [CLIENT_ID, CLIENT_SECRET]:
            self.complaints.append("wrong client authentication")
            raise Refused("invalid_client", "client authentication")


def _json(status, document, **fields):
    return status, {"Content-Type": "application/json", **fields}, json.dumps(document).encode()


def _text(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
