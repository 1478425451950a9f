"""Servers that say hostile_words: SMTP, whois, RDAP and an MTA-STS policy."""

import json
import socketserver
import ssl
import threading

from hostile_words import LINE, TEXT, WORD, said


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # clients that hang up are part of the test


class Smtp(socketserver.BaseRequestHandler):
    """Greets, offers STARTTLS, and refuses, all in hostile words."""

    context = None

    def handle(self):
        try:
            self.talk(self.request, b"220-" + said("greeting", LINE) + b"\r\n220 " + LINE + b"\r\n", False)
        except (OSError, ssl.SSLError):
            pass

    def talk(self, peer, greeting, in_tls):
        peer.sendall(greeting)
        with peer.makefile("rb") as lines:
            for line in lines:
                verb = line[:4].upper()
                if verb == b"EHLO":
                    starttls = b"" if in_tls else b"250-STARTTLS\r\n"
                    peer.sendall(b"250-" + LINE + b"\r\n" + starttls + b"250-SIZE " + LINE + b"\r\n250 " + said("extension", LINE) + b"\r\n")
                elif verb == b"STAR":
                    peer.sendall(b"220 " + LINE + b"\r\n")
                    with self.context.wrap_socket(peer, server_side=True) as inside:
                        return self.talk(inside, b"", True)
                else:
                    peer.sendall(b"550 5.7.1 " + LINE + b"\r\n")


class Odd(socketserver.BaseRequestHandler):
    """Greets with no reply code."""

    def handle(self):
        self.request.sendall(said("odd", LINE) + b"\r\n")
        self.request.recv(1000)


class Registry(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.recv(1000)
        self.request.sendall(b"Registrar: " + LINE + b"\r\nRegistrar URL: javascript:x()\r\nRegistrar Abuse Contact Email: " + WORD +
                             b"\r\nName Server: " + WORD + b"\r\nRegistrant Name: " + LINE +
                             b"\r\nDomain Status: " + LINE + b"\r\nRegistry Expiry Date: 2199-01-01T00:00:00Z\r\n")


class Web(socketserver.BaseRequestHandler):
    """RDAP for everybody, an MTA-STS policy, and fields that lookup https shows."""

    context = None

    def handle(self):
        try:
            with self.context.wrap_socket(self.request, server_side=True) as peer:
                host, kind, body = peer.recv(4000), b"application/rdap+json", rdap()
                if b"mta-sts" in host:
                    kind, body = b"text/plain", b"version: STSv1\nmode: " + said("policy", LINE) + b"\nmx: " + LINE + b"\nmax_age: 1\n" + LINE + b"\n"
                elif b"www" in host:
                    kind = LINE
                fields = b"".join(name + b": " + value + b"\r\n" for name, value in (
                    (b"Content-Type", kind), (b"Server", LINE), (b"Strict-Transport-Security", LINE), (b"Retry-After", LINE),
                    (b"Connection", b"close"), (b"Content-Length", str(len(body)).encode())))
                status = b"302 " + LINE + b"\r\nLocation: javascript:x()" + LINE if b"www" in host else b"200 " + LINE
                peer.sendall(b"HTTP/1.1 " + status + b"\r\n" + fields + b"\r\n" + body)
        except (OSError, ssl.SSLError):
            pass


def rdap():
    words = TEXT.decode("utf-8", "replace")
    card = ["vcard", [["fn", {}, "text", words], ["email", {}, "text", words]]]
    return json.dumps({"objectClassName": "domain", "ldhName": words, "status": [words],
                       "events": [{"eventAction": words, "eventDate": words}], "nameservers": [{"ldhName": words}],
                       "entities": [{"roles": ["registrar", "registrant"], "vcardArray": card}],
                       "links": [{"href": "javascript:x()", "value": words}]}).encode()
