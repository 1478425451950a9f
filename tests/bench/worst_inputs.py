#!/usr/bin/env python3
"""What the worst input of each kind costs the release program: CPU time and peak memory.

    worst_inputs.py PROGRAM [KIND]...

Each input goes up to a limit of maildiag(7) or just beyond it. Prints a table, with the row of the manual that the kind belongs
to and what it took of the row's cost ("!": more); fails where a run ends by a signal, takes much more than its row says (processor time of a
machine that is busy varies, memory hardly), more than a minute of CPU, or more than 1 GiB. The figures of maildiag(7) are these, rounded up.
"""

import base64
import gzip
import os
import re
import socketserver
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/support"))
from test_ca import TestCa  # noqa: E402

MIB = 1 << 20
MOST_SECONDS, MOST_MIB = 60, 1024
MOST_OF_SECONDS, MOST_OF_MEMORY = 4, 1.25  # of what the row says
SOA = "$TTL 300\n. SOA ns.example. admin.example. 1 3600 600 86400 300\n. NS ns.example.\n"
# Passes its self-test, and has everybody else.
LIST_OF_ALL = f"""$ORIGIN list.example.
* A 127.0.0.2
* TXT "{'x' * 250}"
1.0.0.127 TXT "no such entry"
2.0.0.127 A 127.0.0.2
"""
NOBODY = ["--nameserver", "127.0.0.1#9", "--timeout", "0.1", "--tries", "1"]  # what is saved is for answers from the network
HEAD = b"From: MAILER-DAEMON@mx.example\nTo: a@b.example\nSubject: failure\nMIME-Version: 1.0\n"


class Server(socketserver.ThreadingTCPServer):
    """Sends its octets to whoever connects, behind a line of his if `wait`."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, octets, context=None, wait=True):
        super().__init__(("127.0.0.1", 0), None)
        self.octets, self.context, self.wait, self.port = octets, context, wait, self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request, client_address):
        try:
            if self.context:
                request = self.context.wrap_socket(request, server_side=True)
            if self.wait:
                request.recv(4000)
            request.sendall(self.octets)
            while not self.wait and request.recv(4000):
                request.sendall(self.octets)
        except OSError:
            pass

    def handle_error(self, request, client_address):
        pass


class Dns(socketserver.ThreadingTCPServer):
    """Truncates over UDP; 64 KB of addresses over TCP."""

    allow_reuse_address = daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), None)
        self.port = self.server_address[1]
        outer = self

        class Udp(socketserver.ThreadingUDPServer):
            def finish_request(self, request, client_address):
                packet, socket = request
                socket.sendto(outer.answer(packet, False), client_address)
        self.udp = Udp(("127.0.0.1", self.port), None)
        for server in (self, self.udp):
            threading.Thread(target=server.serve_forever, daemon=True).start()

    @staticmethod
    def answer(packet, whole):
        end = packet.index(b"\0", 12) + 5
        records = b"".join(b"\xc0\x0c\0\1\0\1\0\0\1\x2c\0\4" + i.to_bytes(4, "big") for i in range(4080)) if whole else b""
        flags = b"\x84\0" if whole else b"\x86\0"
        return packet[:2] + flags + b"\0\1" + (4080 if whole else 0).to_bytes(2, "big") + b"\0\0\0\0" + packet[12:end] + records

    def finish_request(self, request, client_address):
        size = int.from_bytes(request.recv(2), "big")
        message = self.answer(request.recv(size), True)
        request.sendall(len(message).to_bytes(2, "big") + message)


def txt(text):
    return " ".join(f'"{text[i:i + 250]}"' for i in range(0, len(text), 250))


class Inputs:
    """One method a kind: writes the input and returns the arguments of the program."""

    def __init__(self, folder, ca, program):
        self.folder, self.ca, self.program = folder, ca, program
        chain, key = ca.issue("mta-sts.a.example", "rdap.verisign.com", "data.iana.org")
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(chain, key)

    def file(self, name, octets):
        path = self.folder / name
        path.write_bytes(octets if isinstance(octets, bytes) else octets.encode())
        return str(path)

    def zone(self, text):
        return ["--zone", self.file("zone", SOA + text)]

    def led(self, server, *hosts):
        return [part for host in hosts for part in ("--connect-to", f"{host}::127.0.0.1:{server.port}")] + ["--ca-file", self.ca.file]

    def message(self):
        line = b"550 5.1.1 <user@example.com>: no such user here, says mx.example[192.0.2.1]\n"
        return ["explain", "--no-checks", self.file("mail", HEAD + b"\n" + line * (64 * MIB // len(line) - 2))]

    def mime_depth(self):
        parts = b"".join(b"--%d\nContent-Type: multipart/mixed; boundary=%d\n\n" % (i, i + 1) for i in range(20_000))
        return ["explain", "--no-checks", self.file("mail", HEAD + b"Content-Type: multipart/mixed; boundary=0\n\n" + parts)]

    def mime_parts(self):
        part = b"--b\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n" + base64.b64encode(b"550 user unknown\n") + b"\n"
        return ["explain", "--no-checks", self.file("mail", HEAD + b"Content-Type: multipart/report; boundary=b\n\n" + part * 200_000)]

    def mime_folded(self):
        """A boundary that a reader of lines does not see."""
        kind = b"Content-Type: multipart/mixed; x=" + b"a" * 1200 + b";\n boundary\n =(c)\"\\b\"\n\n"
        return ["explain", "--no-checks", self.file("mail", HEAD + kind + b"--b\n\nx\n" * 1_500_000 + b"--b--\n")]

    def mime_prologue(self):
        """GMime copies what stands in front of the first part."""
        line = b"550 5.1.1 <user@example.com>: no such user here\n"
        kind = b"Content-Type: multipart/mixed; boundary=b\n\n"
        return ["explain", "--no-checks", self.file("mail", HEAD + kind + line * (64 * MIB // len(line) - 20) + b"--b--\n")]

    def mime_boundaries(self):
        """As many lines as may be compared with boundaries, and as many boundaries."""
        deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(200))
        return ["explain", "--no-checks", self.file("mail", HEAD + deep + b"\n" + b"--\n" * 99_000)]

    def mime_fields(self):
        """As many fields as all headers may hold."""
        part = b"--b\n" + b"a:\n" * 83_000 + b"\n550 user unknown\n"
        kind = b"Content-Type: multipart/mixed; boundary=b\n\n"
        return ["explain", "--no-checks", self.file("mail", HEAD + kind + part * 2 + b"--b\n\n" + b"x" * (60 * MIB) + b"\n--b--\n")]

    def mime_addresses(self):
        """As many fields as GMime may read the addresses of, and one of those that it may not."""
        read = (b"Cc: " + b"a," * 120 + b"\n") * 976
        dear = b"To: " + b"a," * 10_000 + b"\n"
        kind = b"Content-Type: message/rfc822\n\n"
        return ["explain", "--no-checks", self.file("mail", read + dear + HEAD + kind + read + b"\n550 user unknown\n" + b"x" * (60 * MIB))]

    def mime_forwards(self):
        """Mails in mails, each of which is read like a mail of its own, and as many lines as may be."""
        return ["explain", "--no-checks", self.file("mail", b"Content-Type: message/rfc822\nTo: a\n\n" * 4 + b"\n" * (64 * MIB - 200))]

    def mime_texts(self):
        """As much text in each part as may be, and as many failures."""
        text = b"--b\nContent-Type: text/plain; charset=euc-kr\n\n" + b"\xff" * 250_000 + b"\n"
        block = b"Final-Recipient: rfc822; a%d@b.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.7.1 "
        failures = b"".join(block % i + b"a 192.0.2.1 blocked " * 380 + b"\n\n" for i in range(30))
        report = b"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\n" + failures
        kind = b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        return ["explain", "--no-checks", self.file("mail", HEAD + kind + report * 100 + text * 120 + b"--b--\n")]

    def text_replies(self):
        """Replies without a form, and below each what may be the fields of a mail."""
        return ["explain", "--no-checks", self.file("mail", HEAD + b"\n" + b"field:\n550:" * 95_000)]

    def headers(self):
        fields = b"".join(b"Received: from a.example ([192.0.2.1]) by b.example; %d\n" % i for i in range(100_000))
        return ["explain", "--no-checks", self.file("mail", HEAD + fields + b"\n550 user unknown\n")]

    def failures(self):
        block = b"Final-Recipient: rfc822; a%d@b.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no\n\n"
        report = b"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\n" + b"".join(block % i for i in range(50_000))
        kind = b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        return ["explain", "--no-checks", self.file("mail", HEAD + kind + report + b"--b--\n")]

    def encoded_words(self):
        """Words that take a look at what they are, under a label that is often wrong."""
        words = b"=?utf-16?b?rACwmLLk?= =?utf-8?q?a?= " * 215
        block = b"Final-Recipient: rfc822; a%d@b.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 " + words + b"\n\n"
        report = b"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\n" + b"".join(block % i for i in range(1000))
        kind = b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        return ["explain", "--no-checks", self.file("mail", HEAD + b"X-A: " + words * 30 + b"\n" + kind + report + b"--b--\n")]

    def reply(self):
        return ["explain", "--no-checks", "--reply-lines", self.file("replies", (b"550 5.7.1 " + b"a 192.0.2.1 blocked " * 800 + b"\n") * 1000)]

    def log(self):
        line = b"Nov 20 10:00:00 mx postfix/smtp[1]: 4ABCDE: to=<a@b.example>, relay=c[192.0.2.1]:25, dsn=5.1.1, status=bounced ("
        return ["explain", "--no-checks", "--year", "2026", "--log", self.file("log", (line + b"x" * (250 << 10) + b")\n") * 200)]

    def log_recipients(self):
        """One status for as many recipients as a row may have."""
        row = b"2026-11-21T04:00:03.300Z,FAIL," + b";" * 4999 + b"," + b"550 5.7.1 {LED=x 192.0.2.1 blocked " * 7000 + b"\n"
        return ["explain", "--no-checks", "--log", self.file("log", b"#Fields: date-time,event-id,recipient-address,recipient-status\n" + row)]

    def log_bomb(self):
        path = self.folder / "log.gz"
        with gzip.open(path, "wb", 9) as packed:
            for _ in range(256):
                packed.write(b"\0" * MIB)
        return ["explain", "--no-checks", "--log", str(path)]

    def zone_file(self):
        record = "n%d A 192.0.2.1\n"
        text = "$ORIGIN example.\n" + "".join(record % i for i in range(990_000))
        return ["lookup", "a", "n1.example", *self.zone(text)]

    def zone_names(self):
        """Names of three octets that take 240, thrice in each record."""
        origin = ".".join(["x" * 60] * 4)[:240]
        text = f"$ORIGIN {origin}.\n" + "".join(f"{i:x} SOA @ @ 1 1 1 1 1\n" for i in range(180_000))
        return ["lookup", "a", "n1.example", "--zone", self.file("zone", text)]

    def recording(self):
        line = ('{"question":{"name":"n%d.example","type":"A"},"outcome":"nxdomain","rcode":3,"records":[],"cname_chain":[],"ttl":300,'
                '"server":"","ms":0.0,"ad":false,"detail":""}\n')
        return ["lookup", "a", "n1.example", "--replay", self.file("recording", "".join(line % i for i in range(390_000)))]

    def dns_message(self):
        return ["lookup", "a", "a.example", "--nameserver", f"127.0.0.1#{Dns().port}"]

    def spf(self):
        names = [f"n{i}" for i in range(400)]
        includes = "".join(f"{name}.example. TXT {txt('v=spf1 ' + ' '.join(f'include:{other}.example' for other in names[:20]) + ' -all')}\n"
                           for name in names)
        return ["spfcheck", "n0.example", *self.zone(includes)]

    def spf_macros(self):
        text = "v=spf1 " + " ".join(f"exists:{'%{l1r-}' * 30}.{i}.a.example" for i in range(200)) + " exp=b.example -all"
        zone = f"a.example. TXT {txt(text)}\nb.example. TXT {txt('%{s}' * 3000)}\n"
        return ["spfcheck", "a.example", "--ip", "192.0.2.1", "--sender", "-".join("x" * 20) + "@a.example", *self.zone(zone)]

    def dkim_signatures(self):
        signature = "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=a.example; s=s; h=from:to:subject; bh={0}; b={0}\n"
        fields = signature.format(base64.b64encode(b"x" * 32).decode()) * 400
        line = "A line of a body that was signed by somebody else, and that wants   its blanks squeezed.\n"
        return ["dkimcheck", "--message", self.file("mail", HEAD + fields.encode() + b"\n" + line.encode() * (48 * MIB // len(line))),
                *self.zone(f"s._domainkey.a.example. TXT {txt('v=DKIM1; p=' + 'A' * 60_000)}\n")]

    def dkim_keys(self):
        """Where the first letters of a private key stand everywhere, and none is there."""
        selectors = [part for i in range(500) for part in ("--selector", f"s{i}")]
        return ["dkimcheck", "a.example", *selectors, *self.zone(f"*._domainkey.a.example. TXT {txt('MI' * 30_000)}\n")]

    def signed(self, tags, body):
        """Twenty signatures, the i-th with tags(i), by a key that is none of theirs."""
        key = subprocess.run("openssl genrsa 2048 | openssl rsa -pubout -outform DER", shell=True, check=True, capture_output=True).stdout
        head = "From: a@a.example\nTo: b@b.example\nSubject: x\n"
        ends = f"d=a.example; s=s; h=from:to; bh={base64.b64encode(b'x' * 32).decode()}; b={base64.b64encode(b'x' * 256).decode()}\n"
        forms = "simple", "relaxed"
        fields = "".join(f"DKIM-Signature: v=1; a=rsa-sha256; c={forms[i % 2]}/{forms[i // 2 % 2]}; {tags(i)}{ends}" for i in range(20))
        return ["dkimcheck", "--message", self.file("mail", head + fields + "\n" + body),
                *self.zone(f"s._domainkey.a.example. TXT {txt('v=DKIM1; k=rsa; p=' + base64.b64encode(key).decode())}\n")]

    def dkim_lengths(self):
        """A hash of its own for each signature."""
        return self.signed(lambda i: f"l={40 * MIB - i}; ", "A line  of a body \t that wants its blanks   squeezed.  \n" * (60 * MIB // 56))

    def dkim_empty_lines(self):
        return self.signed(lambda _: "", "\n" * (60 * MIB) + "x\n")

    def dkim_blanks(self):
        return self.signed(lambda _: "", " " * (60 * MIB) + "x\n")

    def dmarc(self):
        record = "v=DMARC1; p=reject; rua=" + ",".join(f"mailto:a{i}@b{i}.example" for i in range(1500)) + "; x=1" * 500
        return ["dmarccheck", "a.example", *self.zone(f"_dmarc.a.example. TXT {txt(record)}\n")]

    def mta_sts(self):
        body = b"version: STSv1\nmode: enforce\nmax_age: 86400\n" + b"mx: *.a.example\n" * 4090
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
        zone = 'a.example. MX 1 mx.a.example.\nmx.a.example. A 192.0.2.1\n_mta-sts.a.example. TXT "v=STSv1; id=1"\nmta-sts.a.example. A 192.0.2.1\n'
        return ["tlscheck", "a.example", *self.zone(zone), *self.led(Server(head + body, self.context), "mta-sts.a.example")]

    def rdap(self):
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/rdap+json\r\nConnection: close\r\n\r\n"
        body = b'{"a":' + b"[" * 500_000 + b"]" * 500_000 + b"}"
        server = Server(head + body, self.context)
        return ["whois", "a.com", *self.zone("rdap.verisign.com. A 198.41.0.4\nwhois.verisign-grs.com. A 198.41.0.4\ndata.iana.org. A 198.41.0.4\n"),
                *self.led(server, "rdap.verisign.com", "data.iana.org")]

    def whois(self):
        server = Server(b"Registrar: " + b"x" * 900 + b"\r\n" + b"Name Server: ns.example\r\n" * 20_000)
        return ["whois", "a.com", *self.zone("rdap.verisign.com. A 198.41.0.4\nwhois.verisign-grs.com. A 198.41.0.4\ndata.iana.org. A 198.41.0.4\n"),
                *self.led(server, "whois.verisign-grs.com")]

    def saved_answers(self):
        cache = self.folder / "maildiag"
        cache.mkdir(mode=0o700)
        values = '{"key":"a.com","asked":"2026-11-20T00:00:00Z","found":true,"registration":[' + "0," * 1_990_000 + "0]}\n"
        (cache / "registrations.jsonl").write_text(values * 2)
        for file in ("dns", "ipv4", "ipv6", "asn"):
            (cache / f"rdap-{file}.json").write_text('{"services":[' + '[["a"],["https://a/"]],' * 45_000 + "[]]}")
        return ["/usr/bin/env", f"XDG_CACHE_HOME={self.folder}", self.program, "whois", "a.com", *NOBODY]

    def self_tests(self):
        cache = self.folder / "maildiag"
        cache.mkdir(mode=0o700)
        (cache / "self-tests.jsonl").write_text('{"list":[' + "0," * 1_990_000 + "0]}\n")
        return ["/usr/bin/env", f"XDG_CACHE_HOME={self.folder}", self.program, "rblcheck", "192.0.2.1", "--list", "list.example", *NOBODY]

    def smtp(self):
        server = Server(b"".join(b"250-X%d " % i + b"y" * 1900 + b"\r\n" for i in range(200)), wait=False)
        return ["smtpcheck", "mx.a.example", *self.zone("mx.a.example. A 127.0.0.1\n"), *self.led(server, "mx.a.example")]

    def configuration(self):
        return ["ptrcheck", "192.0.2.1", "--config", self.file("config.toml", "a = " + "[" * (MIB - 100))]

    def rule_files(self):
        rules = self.folder / "rules"
        rules.mkdir(exist_ok=True)
        (rules / "deep.toml").write_text("a = " + "[" * 4_000_000)
        (rules / "long.toml").write_text("".join(f"[[rule]]\nid = 'x.{i}'\nmatch = '(a|b|c){{1,9}}x{i}'\n" for i in range(60_000)))
        return ["rules", "list", "--rules", str(rules)]

    def summaries(self):
        rows = '{"a":"' + "x" * 50 + '"},'  # as many values as there may be, in as many octets
        return ["summary", "merge", self.file("summary", '{"schema":"maildiag.summary/1","rows":[' + rows * 999_900 + "0]}")]

    def targets(self):
        return ["rblcheck", "-f", self.file("targets", "11.0.0.0/16\n"), "--list", "list.example", "--self-test", "never", "--hide-clean",
                *self.zone(LIST_OF_ALL)]

    def resolver_file(self):
        """The program reads /etc/resolv.conf: in a mount namespace of its own, for which it takes root."""
        file = self.file("resolv.conf", "".join(f"nameserver 127.0.{i >> 8}.{i & 255}\n" for i in range(3400)))
        within = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
        return ["/usr/bin/unshare", "--mount", "sh", "-c", within, file, self.program, "lookup", "a", "a.example", "--tries", "1"]

    def watch(self):
        zone = self.zone(LIST_OF_ALL)
        return ["watch", "--targets", self.file("watch.toml", '[[target]]\nname = "11.0.0.0/20"\nlists = ["list.example"]\nchecks = ["dnsbl"]\n'),
                "--state", str(self.folder / "watch.db"), *zone]

    def watch_history(self):
        """A history of more than is shown."""
        state = str(self.folder / "watch.db")
        subprocess.run([self.program, "watch", "192.0.2.1", "--state", state, *self.zone("")], capture_output=True, check=False)
        with sqlite3.connect(state) as database:
            event = (1_700_000_000, 1_700_000_000, "appeared", "192.0.2.1", "dnsbl", "list.example", 0, 0, "", 1, 2, "listed", "x" * 400)
            columns = ("time, since, change, target, kind, subject, from_bad, from_severity, from_value, to_bad, to_severity, to_value, "
                       "detail")
            database.executemany(f"INSERT INTO event ({columns}) VALUES ({', '.join('?' * len(event))})", [event] * 12_000)
            database.executemany("INSERT INTO run VALUES (?, '192.0.2.1', 0, 20, 20)", [(1_700_000_000 + i,) for i in range(60_000)])
        return ["watch", "history", "--state", state, "--format", "json"]

    def monitoring(self):
        everything = self.zone(LIST_OF_ALL)
        return ["rblcheck", "-f", self.file("targets", "11.0.0.0/16\n"), "--list", "list.example", *everything, "--format", "prometheus"]

    def indicator(self):
        body = '<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps">' + "<g>" * 340_000
        return ["bimicheck", "a.example", "--indicator", self.file("a.svg", body[:MIB - 10]), *self.zone("")]


# A process begins with the peak memory of who starts it, so that has to be a small one.
STARTER = """import os, sys
output = os.open(sys.argv[1], os.O_RDWR)
child = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, output, 1), (os.POSIX_SPAWN_DUP2, output, 2)])
_, status, usage = os.wait4(child, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
"""


# Which row of the manual's table a kind belongs to.
ROWS = {"message": "bounce, mail", "mime_depth": "bounce, mail", "mime_parts": "bounce, mail", "mime_folded": "bounce, mail", "mime_prologue": "bounce, mail",
        "mime_boundaries": "bounce, mail", "mime_fields": "bounce, mail", "mime_texts": "bounce, mail", "mime_addresses": "bounce, mail", "mime_forwards": "bounce, mail", "text_replies": "bounce, mail", "headers": "bounce, mail",
        "failures": "bounce, mail", "encoded_words": "bounce, mail",
        "reply": "reply", "log": "log of a mail server", "log_recipients": "log of a mail server", "log_bomb": "log of a mail server",
        "zone_file": "zone file", "zone_names": "zone file", "recording": "recording", "dns_message": "DNS message", "spf": "SPF", "spf_macros": "SPF",
        "dkim_signatures": "DKIM, ARC", "dkim_keys": "DKIM, ARC", "dkim_lengths": "DKIM, ARC", "dkim_empty_lines": "DKIM, ARC",
        "dkim_blanks": "DKIM, ARC", "dmarc": "DMARC", "mta_sts": "MTA-STS, TLS-RPT", "rdap": "RDAP, whois", "whois": "RDAP, whois",
        "smtp": "SMTP, certificates", "configuration": "configuration", "rule_files": "rules", "summaries": "summary", "targets": "targets",
        "resolver_file": "resolv.conf", "watch": "history of watch", "watch_history": "history of watch", "monitoring": "Prometheus",
        "indicator": "BIMI indicator", "saved_answers": "saved answers", "self_tests": "saved answers"}


def told_costs(page):
    """{row: (MiB, seconds)} of the table of maildiag(7)."""
    table = page.split(".Ss Limits")[1].split("\n.El")[0]
    costs = {}
    for entry in table.split("\n.It ")[1:]:
        cost = re.search(r"^Cost: ([\d,]+) MiB, ([\d.]+) s", entry, re.MULTILINE)
        assert cost, f"no cost in {entry!r}"
        costs[entry.splitlines()[0]] = int(cost[1].replace(",", "")), float(cost[2])
    return costs


def measure(program, arguments):
    if arguments[0].startswith("/"):  # by way of another program
        program, *arguments = arguments
    with tempfile.NamedTemporaryFile() as output:
        run = subprocess.run([sys.executable, "-S", "-c", STARTER, output.name, program, *arguments], check=True, capture_output=True,
                             text=True, stdin=subprocess.DEVNULL, env={**os.environ, "XDG_CACHE_HOME": "/nonexistent"})
        status, seconds, memory = run.stdout.split()
        return int(status), float(seconds), float(memory), output.read(200)


def main():
    program, wanted = sys.argv[1], sys.argv[2:]
    kinds = [name for name, value in vars(Inputs).items() if callable(value) and not name.startswith("_") and name not in ("file", "zone", "led", "signed")]
    told = told_costs((ROOT / "man/maildiag.7").read_text())
    assert set(ROWS) == set(kinds) and set(ROWS.values()) == set(told), "each kind has a row, and each row a kind"
    failed = False
    print(f"{'kind':<18}{'CPU s':>8}{'MiB':>8}  {'of the row':<22}{'CPU':>6}{'MiB':>6}  exit")
    for kind in wanted or kinds:
        if kind == "resolver_file" and os.geteuid() != 0:
            print(f"{kind:<18}not measured: it takes root", flush=True)
            continue
        with tempfile.TemporaryDirectory() as folder, TestCa() as ca:
            arguments = getattr(Inputs(Path(folder), ca, program), kind)()
            status, seconds, memory, said = measure(program, arguments)
        most_memory, most_seconds = told[ROWS[kind]]
        ratios = seconds / most_seconds, memory / most_memory
        shown = "".join(f"{ratio:>5.2f}{'!' if ratio > 1 else ' '}" for ratio in ratios)
        print(f"{kind:<18}{seconds:>8.2f}{memory:>8.0f}  {ROWS[kind]:<22}{shown}  {status}", flush=True)
        beyond = seconds > MOST_SECONDS or memory > MOST_MIB or ratios[0] > MOST_OF_SECONDS or ratios[1] > MOST_OF_MEMORY
        if status < 0 or status in (64, 70) or (kind == "resolver_file" and status == 1) or beyond:
            failed = True
            print(f"  {said!r}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
