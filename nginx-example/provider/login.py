#!/usr/bin/env python3
"""Signs in at glewlwyd without a browser, as its login page does.

    login.py [--user NAME] [--password WORD] AUTHORIZE_URL

Prints the redirect that leads back to the client, and nothing else.
"""
import argparse
import http.cookiejar
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

LONGEST_WAY = 12


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments):
        return None


class Visitor:
    """Keeps the provider's cookies: a second visit finds the user signed in."""

    def __init__(self):
        self.opener = urllib.request.build_opener(
            _Stay, urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def ask(self, url, method="GET", body=None):
        """The status, the absolute place that the answer points to (or None), the text."""
        request = urllib.request.Request(url, method=method)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            answer = self.opener.open(request, timeout=15)
        except urllib.error.HTTPError as error:
            answer = error
        text = answer.read().decode(errors="replace")
        place = answer.headers.get("Location")
        return answer.status, urllib.parse.urljoin(url, place) if place else None, text

    def sign_in(self, authorize_url, user, password):
        """Follows the provider until it sends the browser away; returns that URL."""
        provider = urllib.parse.urlsplit(authorize_url)[:2]
        url, asked = authorize_url, False
        for _ in range(LONGEST_WAY):
            status, place, text = self.ask(url)
            if place is None:
                raise SystemExit(f"{status} without a redirect: {text[:300]}")
            if urllib.parse.urlsplit(place)[:2] != provider:
                return place
            if "/login.html?" not in place:
                url = place
                continue
            if asked:
                raise SystemExit("the provider shows its login page again")
            asked = True
            url = self._answer_login_page(place, user, password)
        raise SystemExit("the provider redirects without end")

    def _answer_login_page(self, page, user, password):
        base = page.split("/login.html?")[0]
        fields = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(page).query))
        if "callback_url" not in fields:
            raise SystemExit(f"the provider shows an error: {page}")
        self._need(base + "/api/auth/", "POST", {"username": user, "password": password})
        self._need(f"{base}/api/auth/grant/{fields['client_id']}", "PUT", {"scope": fields["scope"]})
        back = fields["callback_url"]
        return back + ("&" if "?" in back else "?") + "g_continue"

    def _need(self, url, method, body):
        status, _, text = self.ask(url, method, body)
        if status != 200:
            raise SystemExit(f"{method} {urllib.parse.urlsplit(url).path}: {status} {text[:200]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--user", default="alice")
    parser.add_argument("--password", default="password")
    parser.add_argument("authorize_url", metavar="AUTHORIZE_URL")
    options = parser.parse_args()
    print(Visitor().sign_in(options.authorize_url, options.user, options.password))


if __name__ == "__main__":
    sys.exit(main())
