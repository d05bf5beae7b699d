/// A server for the tests, in Python: plain, with several certificates, and a proxy.  Each
/// connection has a thread; the path says how the answer misbehaves.  Prints its ports as one line
/// of JSON and ends with its standard input.
let serverScript = #"""
import json, os, shutil, socket, ssl, subprocess, sys, threading, time

directory = sys.argv[1]
counts, lock = {}, threading.Lock()

def read_request(connection, buffer):
    while b"\r\n\r\n" not in buffer:
        data = connection.recv(65536)
        if not data:
            return None, None, b"", buffer
        buffer += data
    head, rest = buffer.split(b"\r\n\r\n", 1)
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, value = line.split(b":", 1)
        if name.lower() == b"content-length":
            length = int(value)
    while len(rest) < length:
        data = connection.recv(65536)
        if not data:
            return None, None, b"", rest
        rest += data
    return head.split(b" ")[1].decode(), head.decode("latin-1"), rest[:length], rest[length:]

def send(connection, body, status="200 OK", headers=""):
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    connection.sendall(head.encode() + body)

def serve(connection):
    buffer, number = b"", 0
    while True:
        path, head, body, buffer = read_request(connection, buffer)
        if path is None:
            return
        number += 1
        with lock:
            counts[path] = counts.get(path, 0) + 1
        if path == "/counts":
            send(connection, json.dumps(counts).encode())
        elif path == "/echo":
            send(connection, json.dumps({"head": head, "body": body.decode("latin-1")}).encode(),
                 headers="X-Kind:  Echo \r\nContent-Type: application/json\r\n")
        elif path == "/redirect":
            send(connection, b"", "302 Found", "Location: /followed\r\n")
        elif path == "/slow":
            time.sleep(5)
        elif path == "/drip":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
            for _ in range(100):
                connection.sendall(b"x")
                time.sleep(0.1)
        elif path == "/announced":
            send(connection, b"x" * 5000)
        elif path == "/chunked":
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in range(50):
                connection.sendall(b"64\r\n" + b"x" * 100 + b"\r\n")
            connection.sendall(b"0\r\n\r\n")
        elif path == "/packed":
            import zlib
            packer = zlib.compressobj(9, zlib.DEFLATED, 31)
            packed = packer.compress(b"\0" * 10_000_000) + packer.flush()
            send(connection, packed[:1000], headers="Content-Encoding: gzip\r\n")
        elif path == "/heads":
            send(connection, b"", headers="".join(f"X-{i}: y\r\n" for i in range(200)))
        elif path == "/longhead":
            send(connection, b"", headers="".join(f"X-{i}: {'y' * 8000}\r\n" for i in range(10)))
        elif path == "/odd":
            connection.sendall(
                b"HTTP/1.1 103 Early Hints\r\nX-Interim: yes\r\n\r\n"
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Kept: yes\r\n\r\n"
                b"2\r\nok\r\n0\r\nCache-Control: max-age=999\r\n\r\n")
        elif path == "/cut":
            return
        elif path == "/half":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            return
        elif path == "/once" and number > 1:
            return
        else:
            send(connection, b"{}", headers="Set-Cookie: a=b; Path=/\r\n")

def proxy(connection):
    path, head, _, _ = read_request(connection, b"")
    if path is None:
        return
    with lock:
        counts["proxy " + path] = counts.get("proxy " + path, 0) + 1
        counts["proxy head"] = head
    if path.startswith("refused"):
        send(connection, b"", "403 Forbidden")
        return
    host, port = path.rsplit(":", 1)
    target = socket.create_connection(("127.0.0.1", int(port)))
    connection.sendall(b"HTTP/1.1 200 Connected\r\nX-Proxy: yes\r\n\r\n")
    def copy(a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass
    threading.Thread(target=copy, args=(target, connection), daemon=True).start()
    copy(connection, target)
    time.sleep(0.1)

def guarded(function, connection, context):
    try:
        if context:
            connection = context.wrap_socket(connection, server_side=True)
        function(connection)
    except (OSError, ssl.SSLError):
        pass
    finally:
        connection.close()

def listen(function, context=None):
    listener = socket.create_server(("127.0.0.1", 0), backlog=50)
    def accept():
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=guarded, args=(function, connection, context),
                             daemon=True).start()
    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]

def openssl(*arguments):
    subprocess.run(("openssl",) + arguments, cwd=directory, check=True, capture_output=True)

def certificate(name, subject, days, issuer=None):
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
    with open(os.path.join(directory, f"{name}.ext"), "w") as file:
        file.write(subject)
    signer = ("-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key", "-CAcreateserial") \
        if issuer else ("-signkey", f"{name}.key")
    openssl("x509", "-req", "-in", f"{name}.csr", "-out", f"{name}.pem", "-days", str(days),
            "-extfile", f"{name}.ext", *signer)

def context(name, newest=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    path = os.path.join(directory, name)
    if newest:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = newest
    context.load_cert_chain(path + ".pem", path + ".key")
    return context

here = "subjectAltName=IP:127.0.0.1,DNS:localhost"
certificate("ca", "basicConstraints=critical,CA:TRUE", 10)
certificate("good", here, 10, "ca")
certificate("elsewhere", "subjectAltName=DNS:idp.example", 10, "ca")
certificate("expired", here, -1, "ca")
certificate("selfsigned", here, 10)
ports = {name: listen(serve, context(name))
         for name in ("good", "elsewhere", "expired", "selfsigned")}
ports["old"] = listen(serve, context("good", ssl.TLSVersion.TLSv1_1))
ports["plain"] = listen(serve)
ports["proxy"] = listen(proxy)
silent = socket.create_server(("127.0.0.1", 0))
ports["silent"] = silent.getsockname()[1]
print(json.dumps(ports), flush=True)
sys.stdin.read()
shutil.rmtree(directory)
"""#
