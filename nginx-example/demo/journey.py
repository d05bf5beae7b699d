"""`--check`: the way of a browser through the demo, step by step, each with what was seen."""
import re
import subprocess
import time
import urllib.parse

from client import Browser, Cookie, send
from console import paint, say

API = "/api/me"
LONGEST_WAIT = 60          # seconds that a renewal is waited for
TOKEN = re.compile(rb"eyJ[\w-]{8,}\.[\w-]+\.|\"(access|refresh|id)_token\"")


class Failed(Exception):
    """A step that did not show what it should."""


def expect(holds, what):
    if not holds:
        raise Failed(what)


class Journey:
    """- login: turns an authorize URL into the redirect back to the client
    - api_verifies: None where it is yet to be seen whether the API can verify the access tokens
    - live_refresh_tokens: counts them at the provider; None where nobody can tell"""

    def __init__(self, origin, issuer, api_port, login, context=None, api_verifies=True, live_refresh_tokens=None):
        self.browser = Browser(origin)
        self.stranger = Browser(origin)
        self.origin, self.issuer, self.api_port = origin, issuer, api_port
        self.login, self.context = login, context
        self.api_verifies = api_verifies
        self.live_refresh_tokens = live_refresh_tokens
        self.skipped = 0

    def run(self):
        """True when all steps held; stops at the first that did not."""
        steps = [
            ("The page", self.page),
            ("/auth/session of a stranger", self.stranger_session),
            ("The API without a session", self.stranger_call),
            ("The API with a forged token", self.forged_token),
            ("Login begins", self.begin_login),
            ("The provider sends the browser back", self.visit_provider),
            ("The callback", self.callback),
            ("The cookie", self.cookie),
            ("/auth/session of the person", self.session),
            ("The API with the cookie", self.call),
            ("What reaches the API", self.upstream),
            ("The renewal", self.renewal),
            ("A POST from another site", self.cross_site),
            ("The callback once more", self.callback_again),
            ("Logout", self.logout),
            ("The old cookie", self.old_cookie),
            ("The refresh token at the provider", self.refresh_token),
            ("The provider's logout page", self.provider_logout),
        ]
        for number, (name, step) in enumerate(steps, 1):
            try:
                seen = step()
            except (Failed, OSError) as error:
                say(f"{paint('✗', 'bad')} {number:2}. {name}: {error}")
                say(f"\n{number - 1 - self.skipped} passed, 1 failed")
                return False
            if seen is None:
                self.skipped += 1
            else:
                say(f"{paint('✓', 'good')} {number:2}. {name}: {seen}")
        say(f"\n{len(steps) - self.skipped} passed, 0 failed")
        return True

    # Before the login

    def page(self):
        answer = self.browser.visit("/")
        expect(answer.status == 200 and "<title>Cloakroom" in answer.text, f"{answer.status} {answer.text[:80]!r}")
        expect(not answer.all("Set-Cookie"), f"it sets {answer.all('Set-Cookie')}")
        return f"200, {len(answer.body)} bytes of {answer.field('Content-Type')}, no cookie"

    def stranger_session(self):
        answer = self.browser.ask("/auth/session")
        told = answer.json() or {}
        expect(answer.status == 200 and told.get("authenticated") is False and told.get("login"),
               f"{answer.status} {answer.text[:200]}")
        return answer.text.strip()

    def stranger_call(self):
        answer = self.browser.ask(API)
        expect(answer.status == 401, f"{answer.status} instead of 401")
        kind = answer.field("Content-Type") or ""
        expect(kind.startswith("application/problem+json"), f"the answer is {kind or 'without a type'}")
        expect("login" in (answer.json() or {}), f"the problem names no login: {answer.text[:200]}")
        return f"401, {kind}, login at {answer.json()['login']}"

    def forged_token(self):
        fields = [*Browser.SCRIPT, ("Authorization", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.")]
        through = self.browser.ask(API, fields=fields)
        expect(through.status == 401, f"{through.status} through the site: a client's own token counts")
        direct = send(f"http://127.0.0.1:{self.api_port}/me", fields=fields)
        challenge = direct.field("WWW-Authenticate") or ""
        expect(direct.status == 401 and "invalid_token" in challenge, f"{direct.status} {challenge} at the API itself")
        return f"401 through the site, 401 at the API itself with {challenge}"

    # The login

    def begin_login(self):
        answer = self.browser.visit("/auth/login?return_to=/")
        expect(answer.status == 303, f"{answer.status} {answer.text[:200]}")
        self.authorize_url = answer.location
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.authorize_url).query))
        for name, want in (("response_type", "code"), ("code_challenge_method", "S256"),
                           ("redirect_uri", self.origin + "/auth/callback")):
            expect(asked.get(name) == want, f"{name} is {asked.get(name)!r}")
        for name in ("state", "nonce", "code_challenge"):
            expect(len(asked.get(name, "")) >= 43, f"{name} is {asked.get(name)!r}")
        again = self.stranger.visit("/auth/login").location
        expect(again != self.authorize_url, "two logins have the same state")
        return f"303 to {self.authorize_url.split('?')[0]} with code, S256, state and nonce"

    def visit_provider(self):
        done = subprocess.run([*self.login, self.authorize_url], capture_output=True, text=True, timeout=120)
        self.callback_url = done.stdout.strip().split("\n")[-1]
        expect(done.returncode == 0, f"{self.login[0]}: {done.stderr.strip()[-300:]}")
        expect(self.callback_url.startswith(self.origin + "/auth/callback?"),
               f"it leads to {self.callback_url[:100]!r}")
        names = [name for name, _ in urllib.parse.parse_qsl(urllib.parse.urlsplit(self.callback_url).query)]
        expect("code" in names, f"it answers {self.callback_url}")
        return f"{self.callback_url.split('?')[0]} with {', '.join(names)}"

    def callback(self):
        foreign = self.stranger.visit(self.callback_url)
        expect(foreign.status != 303 or "auth" in foreign.location, "another browser got in with this callback")
        answer = self.browser.visit(self.callback_url)
        expect(answer.status == 303, f"{answer.status} {answer.text[:200]}")
        expect(answer.location == self.origin + "/", f"it leads to {answer.location}")
        self.cookie_lines = [Cookie(line) for line in answer.all("Set-Cookie")]
        return f"303 to /; a browser that did not begin this login got {foreign.status}"

    def cookie(self):
        made = [cookie for cookie in self.cookie_lines if not cookie.is_deletion]
        expect(len(made) == 1, f"{len(made)} cookies were set: {[cookie.name for cookie in made]}")
        self.session_cookie = made[0]
        attributes = made[0].attributes
        expect("httponly" in attributes, "it is not HttpOnly")
        expect(attributes.get("samesite", "").lower() in ("lax", "strict"), "it has no SameSite")
        expect("domain" not in attributes and attributes.get("path") == "/", f"its attributes are {attributes}")
        expect(re.fullmatch(r"[\w-]{43}", made[0].value), f"its value has {len(made[0].value)} characters")
        expect(set(self.browser.cookies) == {made[0].name}, f"the browser keeps {sorted(self.browser.cookies)}")
        return f"one, {made[0].name}: 43 characters, HttpOnly, SameSite={attributes['samesite']}"

    # The session

    def session(self):
        self.told = self._session()
        claims = self.told["claims"]
        expect("sub" in claims, f"no sub among the claims {sorted(claims)}")
        token = self.told["token"]
        return (f"{claims.get('name') or claims['sub']}, token no. {token['generation']} with "
                f"{token['expires_in']} s left, session with {self.told['session']['expires_in']} s")

    def call(self):
        answer = self.browser.ask(API)
        if self.api_verifies is None:
            # Its own refusal, not the session's: the token arrived there and is no JWT for this API.
            challenge = answer.field("WWW-Authenticate") or ""
            self.api_verifies = not (answer.status == 401 and "invalid_token" in challenge)
        if not self.api_verifies:
            say(f"- skipped: The API with the cookie: {answer.status}, the API cannot verify this provider's access "
                "tokens (opaque, or made for another audience)")
            return None
        expect(answer.status == 200, f"{answer.status} {answer.text[:200]}")
        claims = answer.json() or {}
        expect(claims.get("iss") == self.issuer and claims.get("sub"), f"it answers {answer.text[:200]}")
        expect(not TOKEN.search(answer.body), "the answer holds a token")
        return answer.text.strip()

    def upstream(self):
        if not self.api_verifies:
            say("- skipped: What reaches the API: it answers 401 to this provider's tokens")
            return None
        cookies = {"theme": "dark", **self.browser.cookies, "cart": "7"}
        fields = [*Browser.SCRIPT, ("Authorization", "Bearer forged")]
        answer = self.browser.ask(API, fields=fields, cookies=cookies)
        expect(answer.status == 200, f"{answer.status} {answer.text[:200]}")
        arrived = (answer.json() or {}).get("cookie")
        expect(arrived == "theme=dark; cart=7", f"the cookies {arrived!r}")
        return f"Cookie: {arrived}; the session's cookie and a forged Authorization do not"

    def renewal(self):
        first = self.told["token"]
        if first["expires_in"] > LONGEST_WAIT * 2:
            say(f"- skipped: The renewal: the token lasts {first['expires_in']} s")
            return None
        begun = time.monotonic()
        expected = 200 if self.api_verifies else 401
        while time.monotonic() - begun < LONGEST_WAIT:
            answer = self.browser.ask(API)
            expect(answer.status == expected, f"{answer.status} {answer.text[:200]} while waiting")
            token = self._session()["token"]
            if token["generation"] > first["generation"]:
                value = self.browser.cookies.get(self.session_cookie.name)
                expect(value == self.session_cookie.value, "the cookie changed")
                return (f"no. {first['generation']} became no. {token['generation']} after "
                        f"{time.monotonic() - begun:.0f} s, {token['expires_in']} s left; the cookie is the same")
            time.sleep(1)
        raise Failed(f"still no. {first['generation']} after {LONGEST_WAIT} s")

    def cross_site(self):
        foreign = [("Origin", "https://elsewhere.example"), ("Sec-Fetch-Site", "cross-site"),
                   ("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "empty")]
        refused = self.browser.ask(API, "POST", foreign, b"x=1")
        expect(refused.status == 403, f"{refused.status} instead of 403")
        silent = self.browser.ask(API, "POST", [], b"x=1")
        expect(silent.status == 403, f"{silent.status} for one that proves nothing")
        logout = self.browser.ask(self._session()["logout"]["url"], "POST", foreign)
        expect(logout.status == 403, f"{logout.status} for a logout from there")
        return "403, also for a logout, and for a POST that proves nothing"

    def callback_again(self):
        answer = self.browser.visit(self.callback_url)
        expect(answer.status == 303 and answer.location == self.origin + "/",
               f"{answer.status} {answer.location} instead of the page")
        expect(not [line for line in answer.all("Set-Cookie") if not Cookie(line).is_deletion], "it sets a cookie")
        return "303 to /, the session is as it was"

    # The logout

    def logout(self):
        out = self._session()["logout"]
        self.live_before = self.live_refresh_tokens and self.live_refresh_tokens()
        fields = [("Origin", self.origin), *Browser.NAVIGATION]
        answer = self.browser.ask(out["url"], out["method"], fields, b"")
        expect(answer.status == 303, f"{answer.status} {answer.text[:200]}")
        self.end_url = answer.location
        expect(self.session_cookie.name not in self.browser.cookies, "the browser keeps the cookie")
        return f"303 to {self.end_url.split('?')[0]}, the cookie is taken back"

    def old_cookie(self):
        kept = {self.session_cookie.name: self.session_cookie.value}
        answer = self.browser.ask(API, cookies=kept)
        expect(answer.status == 401, f"{answer.status} from the API")
        told = self.browser.ask("/auth/session", cookies=kept).json() or {}
        expect(told.get("authenticated") is False, f"/auth/session says {told}")
        return "401; /auth/session knows nobody"

    def refresh_token(self):
        if self.live_refresh_tokens is None:
            say("- skipped: The refresh token at the provider: this provider's books are closed to the demo")
            return None
        deadline = time.monotonic() + 10
        while self.live_refresh_tokens() >= self.live_before and time.monotonic() < deadline:
            time.sleep(0.2)
        left = self.live_refresh_tokens()
        expect(left == self.live_before - 1, f"{self.live_before} were honoured before, {left} are now")
        return f"revoked; {self.live_before} honoured before the logout, {left} after"

    def provider_logout(self):
        discovery = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
        document = send(discovery, context=self.context).json() or {}
        end = document.get("end_session_endpoint")
        if end is None:
            expect(self.end_url == self.origin + "/", f"it leads to {self.end_url}")
            return "the provider has none; back to the page"
        expect(self.end_url.split("?")[0] == end, f"it leads to {self.end_url.split('?')[0]}")
        answer = send(self.end_url, context=self.context)
        expect(answer.status < 400, f"the provider answers {answer.status} {answer.text[:200]}")
        return f"{end} answers {answer.status}"

    def _session(self):
        answer = self.browser.ask("/auth/session")
        told = answer.json() or {}
        expect(answer.status == 200 and told.get("authenticated") is True, f"/auth/session: {answer.status} "
                                                                           f"{answer.text[:200]}")
        expect(not TOKEN.search(answer.body), "/auth/session shows a token")
        return told
