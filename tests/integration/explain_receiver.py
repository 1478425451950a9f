"""What explain asks the receiver itself: its size limit, its TLS, whether it answers, whether it is an exchanger at all.
Against a real Postfix, and against servers of ours that refuse, break off and lie.

usage: explain_receiver.py MAILDIAG [unittest arguments]
"""

import json
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from mail_servers import Postfix, skip_reason  # noqa: E402
from servers import free_port  # noqa: E402

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "maildiag"
ZONE = """$ORIGIN receiver.example.
@ 300 SOA ns hostmaster 1 3600 600 86400 60
@ MX 10 mx
mx A 203.0.113.10
two MX 10 mx
two MX 20 mx2
mx2 A 203.0.113.11
inside MX 10 intranet
intranet A 127.0.0.1
old A 203.0.113.99
alias A 203.0.113.10
$ORIGIN sender.example.
@ 300 SOA ns hostmaster 1 3600 600 86400 60
@ MX 10 mail
mail A 203.0.113.20
relay A 203.0.113.21
"""


def bounce(reply, host="mx.receiver.example", domain="receiver.example", size=None, field=""):
    returned = "From: alice@sender.example\r\nTo: bob@receiver.example\r\nSubject: files\r\n\r\n"
    kind = "text/rfc822-headers"
    if size is not None:
        kind = "message/rfc822"
        returned += ("x" * 70 + "\r\n") * (size // 72 + 1)
        returned = returned[:size]
    status = reply.split()[1]
    return ("From: MAILER-DAEMON@sender.example\r\nTo: alice@sender.example\r\nSubject: Undelivered Mail Returned to Sender\r\n"
            "Date: Fri, 20 Nov 2026 10:00:06 +0900\r\nMIME-Version: 1.0\r\n"
            "Content-Type: multipart/report; report-type=delivery-status; boundary=\"B\"\r\n\r\n"
            "--B\r\nContent-Type: text/plain\r\n\r\nNot delivered.\r\n\r\n"
            "--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.sender.example\r\n\r\n"
            f"Final-Recipient: rfc822; bob@{domain}\r\nAction: failed\r\nStatus: {status}\r\nRemote-MTA: dns; {host}\r\n"
            f"Diagnostic-Code: smtp; {reply}\r\n{field}\r\n"
            f"--B\r\nContent-Type: {kind}\r\n\r\n{returned}\r\n--B--\r\n").encode()


class ScriptedServer:
    """Greets, answers each command by a table, and keeps what it heard."""

    def __init__(self, greeting=b"220 mx.receiver.example ESMTP\r\n", answers=()):
        self.greeting, self.answers, self.heard = greeting, dict(answers), []
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(8)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        client.settimeout(20)
        try:
            client.sendall(self.greeting)
            lines = client.makefile("rb")
            for line in lines:
                self.heard.append(line)
                verb = line.split()[0].upper() if line.split() else b""
                if verb == b"STARTTLS":
                    client.sendall(b"220 go\r\n")
                    lines.read1(4096)  # the handshake begins
                    client.sendall(b"not TLS at all\r\n")
                    return
                if verb == b"EHLO":
                    client.sendall(self.answers.get(b"EHLO", b"250-mx.receiver.example\r\n250 8BITMIME\r\n"))
                elif verb == b"QUIT":
                    client.sendall(b"221 bye\r\n")
                    return
                else:
                    client.sendall(self.answers.get(verb, b"250 ok\r\n"))
        except OSError:
            pass
        finally:
            client.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


class Receiver(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.zone = Path(directory) / "zone"
        cls.zone.write_text(ZONE)

    def explain(self, mail, *options, ports=None):
        command = [PROGRAM, "--format", "json", "explain", "-", "--zone", str(self.zone), *options]
        for host, port in (ports or {}).items():
            command += ["--connect-to", f"{host}:25:127.0.0.1:{port}"]
        done = subprocess.run(command, input=mail, capture_output=True, timeout=120)
        self.assertEqual(done.stderr, b"")
        report = json.loads(done.stdout)
        return report["result"], {finding["id"]: finding for finding in report["findings"]}

    def check(self, explained, cause, verdict, *decided_by):
        result, _ = explained
        self.assertEqual((result["cause"], result["verdict"]), (cause, verdict), json.dumps(result, indent=1))
        if decided_by:
            self.assertEqual(sorted(result["decided_by"]), sorted(decided_by))

    @unittest.skipIf(skip_reason("postfix"), skip_reason("postfix"))
    def test_postfix_says_its_size_limit_and_that_it_has_no_tls(self):
        too_big = "552 5.3.4 Message size exceeds fixed limit"
        with Postfix({"small": {"message_size_limit": "2000"}, "large": {"message_size_limit": "0"}}) as postfix:
            ports = {"mx.receiver.example": postfix.port("small")}
            explained = self.explain(bounce(too_big, size=5000), ports=ports)
            self.check(explained, "message-too-big", "confirmed", "receiver.size-exceeded")
            data = explained[1]["receiver.size-exceeded"]["data"]
            self.assertEqual(data["limit"], 2000)
            self.assertEqual(data["over"], data["octets"] - 2000)
            self.check(self.explain(bounce(too_big, size=500), ports=ports), "message-too-big", "inconclusive",
                       "receiver.size-fits")
            self.check(self.explain(bounce(too_big), ports=ports), "message-too-big", "inconclusive", "receiver.size-limit")
            unlimited = self.explain(bounce(too_big, size=500), ports={"mx.receiver.example": postfix.port("large")})
            self.check(unlimited, "message-too-big", "untestable")
            self.assertIn("receiver.size-unlimited", unlimited[1])
            self.check(self.explain(bounce("530 5.7.4 TLS is required, but was not offered by host"), ports=ports),
                       "tls-failure", "confirmed", "smtp.no-starttls")
            self.check(self.explain(bounce("450 4.4.1 Connection timed out"), ports=ports), "connect-failed", "refuted",
                       "receiver.ready")
            postfix.stop()
            self.assertNotIn("lost connection", postfix.log())
            self.assertNotIn("DATA", postfix.log())

    def test_nobody_is_connected_to_where_that_was_not_wished(self):
        with ScriptedServer() as server:
            ports = {"mx.receiver.example": server.port}
            mail = bounce("552 5.3.4 Message size exceeds fixed limit", size=5000)
            self.check(self.explain(mail, "--passive", ports=ports), "message-too-big", "untestable")
            self.check(self.explain(mail, "--no-checks", ports=ports), "message-too-big", "inconclusive")
            self.check(self.explain(mail), "message-too-big", "untestable")  # --zone, and no --connect-to
            self.assertEqual(server.heard, [])

    def test_a_server_that_is_down(self):
        closed = {"mx.receiver.example": free_port(), "mx2.receiver.example": free_port()}
        self.check(self.explain(bounce("450 4.4.1 Connection refused"), ports=closed), "connect-failed", "confirmed",
                   "receiver.no-service")
        with ScriptedServer() as second:
            ports = {**closed, "mx2.receiver.example": second.port}
            explained = self.explain(bounce("450 4.4.1 Connection refused", domain="two.receiver.example"), ports=ports)
            self.check(explained, "connect-failed", "refuted", "receiver.ready")
            self.assertIn("smtp.refused", explained[1])

    def test_a_server_that_turns_away(self):
        reply = "421 4.7.0 mx.receiver.example Error: too many connections from 203.0.113.20"
        with ScriptedServer(b"421 4.7.0 mx.receiver.example Error: too many connections from 127.0.0.1\r\n") as server:
            explained = self.explain(bounce(reply), ports={"mx.receiver.example": server.port})
            self.check(explained, "too-many-connections", "confirmed", "receiver.too-many-connections")
        with ScriptedServer() as server:
            self.check(self.explain(bounce(reply), ports={"mx.receiver.example": server.port}), "too-many-connections",
                       "inconclusive", "receiver.ready")

    def test_a_handshake_that_breaks(self):
        offer = {b"EHLO": b"250-mx.receiver.example\r\n250 STARTTLS\r\n"}
        with ScriptedServer(answers=offer) as server:
            explained = self.explain(bounce("403 4.7.0 TLS handshake failed."), ports={"mx.receiver.example": server.port})
            self.assertEqual(explained[0]["cause"], "tls-failure")
            self.assertEqual(explained[0]["verdict"], "confirmed", explained)

    def test_relay_denied_and_the_exchangers(self):
        reply = "554 5.7.1 <bob@receiver.example>: Relay access denied"
        self.check(self.explain(bounce(reply, "relay.sender.example")), "relay-denied", "confirmed", "route.not-an-mx")
        # The domain has moved, and the sender has not.
        self.check(self.explain(bounce(reply, "old.receiver.example")), "relay-denied", "confirmed", "route.not-an-mx")
        # Exchange writes the greeting's name: one of the receiver's own may stand for any of its hosts.
        exchange = f"X-Supplementary-Info: <old.receiver.example #5.7.1 smtp;{reply}>\r\n"
        self.check(self.explain(bounce(reply, "old.receiver.example", field=exchange)), "relay-denied", "inconclusive",
                   "route.undecided")
        self.check(self.explain(bounce(reply)), "relay-denied", "inconclusive", "route.is-mx")
        self.check(self.explain(bounce(reply, "alias.receiver.example")), "relay-denied", "inconclusive", "route.is-mx")

    def test_a_receiver_on_this_machine_is_left_alone(self):
        """What a stranger's bounce names must not be knocked at inside the reader's network."""
        with ScriptedServer() as server:
            # No rule for the intranet's host, and no offline DNS that would forbid it anyway.
            explained = self.explain(bounce("450 4.4.1 Connection refused", domain="inside.receiver.example"),
                                     ports={"mx.receiver.example": server.port})
            self.check(explained, "connect-failed", "inconclusive")
            self.assertNotIn("smtp.refused", explained[1])
            self.assertEqual(server.heard, [])

    def test_hostile_words_reach_no_terminal(self):
        with ScriptedServer(b"554 5.7.1 \x1b[2J\x07blocked \xc2\x9b31m\r\n") as server:
            command = [PROGRAM, "explain", "-", "--zone", str(self.zone), "--connect-to",
                       f"mx.receiver.example:25:127.0.0.1:{server.port}", "-v"]
            done = subprocess.run(command, input=bounce("450 4.4.1 Connection timed out"), capture_output=True, timeout=60)
            self.assertNotIn(b"\x1b", done.stdout)
            self.assertNotIn(b"\x07", done.stdout)
            self.assertNotIn(b"\xc2\x9b", done.stdout)
            self.assertIn("blocked", done.stdout.decode())


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
