"""An HTTP(S) receiver of `maildiag watch --webhook` on loopback that behaves and misbehaves, and certificates for it."""

import json
import socketserver
import ssl
import subprocess
import threading
from pathlib import Path

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Receiver(socketserver.ThreadingTCPServer):
    """Answers each POST with the next of `answers` (octets, or a function of the socket), at last always with OK."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, certificate=None, port=0, answers=()):
        self.posts, self.answers, self.ended = [], list(answers), threading.Event()
        self.answer_to = lambda body: OK
        super().__init__(("127.0.0.1", port), Exchange)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            # Not at accept: a client that refuses the certificate must not hold up the next one.
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.scheme = "https" if certificate else "http"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address):
        pass  # clients that hang up are part of the test

    @property
    def port(self):
        return self.server_address[1]

    def url(self, path="/hook", login=""):
        return f"{self.scheme}://{login}127.0.0.1:{self.port}{path}"


class Exchange(socketserver.StreamRequestHandler):
    def handle(self):
        request = self.rfile.readline().decode().split()
        fields = {}
        while line := self.rfile.readline().decode().strip():
            name, value = line.split(":", 1)
            fields[name.lower()] = value.strip()
        body = self.rfile.read(int(fields.get("content-length", 0)))
        server = self.server
        server.posts.append((request, fields, json.loads(body)))
        answer = server.answers.pop(0) if server.answers else server.answer_to(json.loads(body))
        if callable(answer):
            answer(self.wfile, server.ended)
        else:
            self.wfile.write(answer)


def endless_body(stream, _):
    stream.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        stream.write(b"x" * 65536)


def endless_head(stream, _):
    stream.write(b"HTTP/1.1 503 No\r\n")
    while True:
        stream.write(b"X-Filler: " + b"x" * 1000 + b"\r\n")


def slow_drip(stream, ended):
    for octet in b"HTTP/1.1 200 OK" + b" " * 4096:
        if ended.wait(0.2):
            return
        stream.write(bytes([octet]))
        stream.flush()


def make_certificate(directory, name):
    """A private CA (NAME.ca) and a certificate of it for 127.0.0.1 with its key (NAME.pem)."""
    path = directory / name
    def openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-x509", *key, "-keyout", f"{path}.ca-key", "-out", f"{path}.ca", "-subj", f"/CN={name} CA", "-days", "2")
    openssl("req", *key, "-keyout", f"{path}.key", "-out", f"{path}.csr", "-subj", "/CN=hook")
    Path(f"{path}.ext").write_text("subjectAltName=IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", f"{path}.csr", "-CA", f"{path}.ca", "-CAkey", f"{path}.ca-key", "-CAcreateserial",
            "-out", f"{path}.crt", "-days", "2", "-extfile", f"{path}.ext")
    Path(f"{path}.pem").write_text(Path(f"{path}.crt").read_text() + Path(f"{path}.key").read_text())
    return Path(f"{path}.ca"), Path(f"{path}.pem")
