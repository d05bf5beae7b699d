/// A provider on plain http and loopback: discovery, a key set, and a token endpoint that takes as
/// long as the refresh token says (`DELAY-anything`, in milliseconds).  Prints its port and ends
/// with its standard input; writes each refresh token that it sees to the file it is given.
let providerScript = #"""
import http.server, json, os, sys, threading, time, urllib.parse


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        base = f"http://127.0.0.1:{self.server.server_port}"
        if self.path == "/keys":
            self.answer({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k", "alg": "EdDSA",
                                   "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})
        else:
            self.answer({"issuer": base, "authorization_endpoint": base + "/authorize",
                         "token_endpoint": base + "/token", "jwks_uri": base + "/keys"})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        token = urllib.parse.parse_qs(body)["refresh_token"][0]
        with open(sys.argv[1], "a") as file:
            file.write(token + "\n")
        time.sleep(int(token.split("-")[0]) / 1000)
        self.answer({"access_token": "new", "token_type": "Bearer", "expires_in": 300,
                     "refresh_token": "0-next"})

    def log_message(self, *arguments):
        pass

class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, address):
        pass

server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
if os.path.exists(sys.argv[1]):
    os.remove(sys.argv[1])
"""#
