"""A browser as far as `--check` needs one: requests, cookies, no redirects followed by itself."""
import http.client
import json
import ssl
import urllib.parse


class Answer:
    def __init__(self, url, status, fields, body):
        self.url, self.status, self.fields, self.body = url, status, fields, body

    def field(self, name):
        return next((value for key, value in self.fields if key.lower() == name.lower()), None)

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    @property
    def location(self):
        place = self.field("Location")
        return place and urllib.parse.urljoin(self.url, place)

    @property
    def text(self):
        return self.body.decode(errors="replace")

    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def send(url, method="GET", fields=(), body=None, context=None, timeout=30):
    """One request on a connection of its own; `fields`: names and values, repeated names as given."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=timeout, context=context)
    else:
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    try:
        target = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
        connection.putrequest(method, target, skip_accept_encoding=True)
        for name, value in fields:
            connection.putheader(name, value)
        if body is not None or method in ("POST", "PUT"):
            connection.putheader("Content-Length", str(len(body or b"")))
        connection.endheaders(body)
        answer = connection.getresponse()
        return Answer(url, answer.status, answer.getheaders(), answer.read())
    finally:
        connection.close()


class Cookie:
    def __init__(self, line):
        pair, *attributes = [part.strip() for part in line.split(";")]
        self.name, _, self.value = pair.partition("=")
        self.attributes = {name.lower(): value for name, _, value in (part.partition("=") for part in attributes)}

    @property
    def is_deletion(self):
        return self.attributes.get("max-age") == "0" or not self.value


class Browser:
    """Keeps the cookies of one origin."""

    NAVIGATION = [("Accept", "text/html,application/xhtml+xml"), ("Sec-Fetch-Mode", "navigate"),
                  ("Sec-Fetch-Dest", "document"), ("Sec-Fetch-Site", "same-origin")]
    SCRIPT = [("Accept", "application/json"), ("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Dest", "empty"),
              ("Sec-Fetch-Site", "same-origin")]

    def __init__(self, origin):
        self.origin = origin
        self.cookies = {}

    def ask(self, path, method="GET", fields=SCRIPT, body=None, cookies=None):
        """`path` may be a whole URL of the origin; `cookies` replace the ones that are kept."""
        url = urllib.parse.urljoin(self.origin, path)
        held = self.cookies if cookies is None else cookies
        fields = list(fields)
        if held:
            fields.append(("Cookie", "; ".join(f"{name}={value}" for name, value in held.items())))
        answer = send(url, method, fields, body)
        if cookies is None:
            self._keep(answer)
        return answer

    def visit(self, path):
        return self.ask(path, fields=self.NAVIGATION)

    def _keep(self, answer):
        for line in answer.all("Set-Cookie"):
            cookie = Cookie(line)
            if cookie.is_deletion:
                self.cookies.pop(cookie.name, None)
            else:
                self.cookies[cookie.name] = cookie.value
