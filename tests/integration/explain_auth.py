"""SPF, DKIM and DMARC of returned messages, and of messages as they arrived, against a real name server.

usage: explain_auth.py MAILDIAG [unittest arguments]
"""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from support.dkim_sign import Signer  # noqa: E402
from support.servers import Nsd, SilentServer, skip_unless  # noqa: E402

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "maildiag"
OWN, FOREIGN = "192.0.2.1", "198.51.100.9"
DMARC = "550 5.7.26 Unauthenticated email from sender.example is not accepted due to domain's DMARC policy."
DKIM = "550 5.7.20 rejected: DKIM signature invalid"
SPF = "550 5.7.23 Message rejected due to: SPF fail - not authorized"
NO_AUTH = ("550 5.7.26 This mail is unauthenticated: the message does not have authentication information or fails to "
           "pass authentication checks")
MESSAGE = (b"From: Alice <alice@sender.example>\r\nTo: bob@receiver.example\r\nSubject: Dinner\r\n"
           b"Date: Fri, 20 Nov 2026 10:00:00 +0900\r\nMessage-ID: <1@sender.example>\r\n\r\nHello Bob,\r\nare you hungry?\r\n")


def zones(key):
    root = "$TTL 300\n. SOA ns. hostmaster. 1 3600 600 86400 60\n. NS ns.\nns. A 127.0.0.1\n"
    return {".": root + f"""
sender.example. TXT "v=spf1 ip4:{OWN} -all"
sender.example. MX 10 mail.sender.example.
mail.sender.example. A {OWN}
_dmarc.sender.example. TXT "v=DMARC1; p=reject; rua=mailto:d@sender.example"
s1._domainkey.sender.example. TXT {key}
off._domainkey.sender.example. TXT "v=DKIM1; p="
esp.example. TXT "v=spf1 ip4:{FOREIGN} -all"
k._domainkey.esp.example. TXT {key}
"""}


def received(message, ip=OWN, sender="alice@sender.example"):
    """As the receiving server has it."""
    trace = (f"Return-Path: <{sender}>\r\n"
             f"Received: from mail.sender.example (mail.sender.example [{ip}])\r\n"
             "\tby mx.receiver.example (Postfix) with ESMTPS id 1 for <bob@receiver.example>;\r\n"
             "\tFri, 20 Nov 2026 10:00:05 +0900 (KST)\r\n")
    return trace.encode() + message


def bounce(reply, message, headers_only=False):
    status = reply.split()[1]
    returned = message.split(b"\r\n\r\n", 1)[0] + b"\r\n" if headers_only else message
    kind = b"text/rfc822-headers" if headers_only else b"message/rfc822"
    head = ("From: MAILER-DAEMON@mx.receiver.example\r\nTo: alice@sender.example\r\n"
            "Subject: Undelivered Mail Returned to Sender\r\nDate: Fri, 20 Nov 2026 10:00:06 +0900\r\nMIME-Version: 1.0\r\n"
            "Content-Type: multipart/report; report-type=delivery-status; boundary=\"B\"\r\n\r\n"
            "--B\r\nContent-Type: text/plain\r\n\r\nNot delivered.\r\n\r\n"
            "--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.receiver.example\r\n\r\n"
            f"Final-Recipient: rfc822; bob@receiver.example\r\nAction: failed\r\nStatus: {status}\r\n"
            f"Diagnostic-Code: smtp; {reply}\r\n\r\n").encode()
    return head + b"--B\r\nContent-Type: " + kind + b"\r\n\r\n" + returned + b"\r\n--B--\r\n"


class Auth(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.signer = Signer(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.nsd = cls.enterClassContext(Nsd(zones(cls.signer.record())))
        cls.silent = cls.enterClassContext(SilentServer())
        cls.signed = cls.signer.sign(MESSAGE, "sender.example", "s1")

    def run_program(self, *arguments, feed=b"", server=None, format_="json"):
        command = [PROGRAM, "--format", format_, *arguments, "--nameserver", (server or self.nsd).endpoint,
                   "--timeout", "0.5", "--tries", "1"]
        return subprocess.run(command, input=feed, capture_output=True, timeout=120)

    def explain(self, reply, message, headers_only=False, server=None):
        done = self.run_program("explain", "-", feed=bounce(reply, message, headers_only), server=server)
        reports = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(len(reports), 1, done.stderr.decode())
        return reports[0]["result"], {finding["id"]: finding for finding in reports[0]["findings"]}

    def check(self, result, cause, verdict):
        self.assertEqual((result["cause"], result["verdict"]), (cause, verdict),
                         json.dumps(result, indent=1, ensure_ascii=False))

    def test_dmarc_names_what_failed_and_the_records_to_publish(self):
        message = received(self.signer.sign(MESSAGE, "esp.example", "k"), FOREIGN, "b@esp.example")
        result, findings = self.explain(DMARC, message)
        self.check(result, "dmarc-reject", "confirmed")
        self.assertEqual(result["decided_by"], ["auth.dmarc-fail"])
        self.assertIn("spf=pass smtp.mailfrom=esp.example; dkim=pass header.d=esp.example header.s=k",
                      findings["auth.dmarc-fail"]["title"])
        remedy = "\n".join(result["remedy"])
        self.assertIn(f"v=spf1 ip4:{OWN} ip4:{FOREIGN} -all", remedy)
        self.assertIn("k._domainkey.sender.example: v=DKIM1; k=rsa; p=", remedy)
        self.assertRegex(remedy, r"at _dmarc\.sender\.example, [^:]*: v=DMARC1; p=none;")

    def test_dmarc_that_passes_now_is_refuted(self):
        for message in (received(self.signed), received(self.signed, FOREIGN), received(MESSAGE)):
            self.check(self.explain(DMARC, message)[0], "dmarc-reject", "refuted")

    def test_dmarc_spf_alone_failed(self):
        result, findings = self.explain(DMARC, received(MESSAGE, FOREIGN))
        self.check(result, "dmarc-reject", "confirmed")
        self.assertIn(f"sender.example to: v=spf1 ip4:{OWN} ip4:{FOREIGN} -all", "\n".join(result["remedy"]))
        self.assertIn("dkim.no-signature", findings)

    def test_altered_copy_decides_nothing(self):
        result, findings = self.explain(DMARC, received(self.signed + b"--\r\nscanned\r\n", FOREIGN))
        self.check(result, "dmarc-reject", "inconclusive")
        self.assertIn("auth.returned-altered", findings)
        result, findings = self.explain(DKIM, received(self.signed.replace(b"hungry", b"angry")))
        self.check(result, "dkim-fail", "inconclusive")
        self.assertNotIn("dkim.body-changed", findings)

    def test_dkim_key_at_fault_is_named(self):
        result, findings = self.explain(DKIM, received(self.signer.sign(MESSAGE, "sender.example", "old")))
        self.check(result, "dkim-fail", "confirmed")
        self.assertIn("key-missing", findings["auth.dkim-fail"]["title"])
        self.assertIn("old._domainkey.sender.example: v=DKIM1;", "\n".join(result["remedy"]))
        self.assertEqual(result["evidence"][0]["name"], "old._domainkey.sender.example")
        self.check(self.explain(DKIM, received(self.signed))[0], "dkim-fail", "refuted")
        self.check(self.explain(DKIM, received(MESSAGE))[0], "dkim-fail", "confirmed")

    def test_header_alone(self):
        result, findings = self.explain(DKIM, received(self.signed), headers_only=True)
        self.check(result, "dkim-fail", "inconclusive")
        self.assertIn("auth.returned-header-holds", findings)
        revoked = received(self.signer.sign(MESSAGE, "sender.example", "off"))
        result, findings = self.explain(DKIM, revoked, headers_only=True)
        self.check(result, "dkim-fail", "confirmed")
        self.assertIn("dkim.key-revoked", findings)
        # Aligned SPF is enough for DMARC, whatever the body was.
        self.check(self.explain(DMARC, received(self.signed), headers_only=True)[0], "dmarc-reject", "refuted")

    def test_spf_names_the_mechanism_and_the_change(self):
        result, findings = self.explain(SPF, received(self.signed, FOREIGN))
        self.check(result, "spf-fail", "confirmed")
        self.assertEqual(findings["spf.fail"]["data"]["mechanism"], "-all")
        self.assertIn(f"v=spf1 ip4:{OWN} ip4:{FOREIGN} -all", "\n".join(result["remedy"]))

    def test_missing_authentication(self):
        result, _ = self.explain(NO_AUTH, received(MESSAGE, FOREIGN))
        self.check(result, "auth-missing", "confirmed")
        self.assertEqual(result["decided_by"], ["auth.none"])
        remedy = "\n".join(result["remedy"])
        self.assertIn(f"v=spf1 ip4:{OWN} ip4:{FOREIGN} -all", remedy)
        self.assertIn("_domainkey", remedy)
        self.check(self.explain(NO_AUTH, received(self.signed))[0], "auth-missing", "refuted")
        self.check(self.explain(NO_AUTH, received(self.signed, FOREIGN))[0], "auth-missing", "inconclusive")

    def test_silence_decides_nothing(self):
        for reply, cause in ((DMARC, "dmarc-reject"), (DKIM, "dkim-fail"), (NO_AUTH, "auth-missing")):
            result, _ = self.explain(reply, received(self.signed, FOREIGN), server=self.silent)
            self.check(result, cause, "inconclusive")

    def test_replies_without_a_message(self):
        def verdict(reply, *arguments):
            done = self.run_program("explain", "--reply", reply, *arguments)
            return json.loads(done.stdout)["result"]
        self.check(verdict(DKIM), "dkim-fail", "inconclusive")
        self.check(verdict(DMARC, "--ip", OWN, "--sender", "a@sender.example"), "dmarc-reject", "refuted")
        self.check(verdict(DMARC, "--ip", FOREIGN, "--sender", "a@sender.example"), "dmarc-reject", "inconclusive")
        self.check(verdict(DMARC), "dmarc-reject", "inconclusive")
        # That the domain in the reply sent the envelope, too, is an assumption.
        self.check(verdict(DMARC, "--ip", OWN), "dmarc-reject", "inconclusive")

    def judge(self, message, *arguments, server=None):
        done = self.run_program("dmarccheck", "--message", "-", *arguments, feed=message, server=server)
        return [json.loads(line)["result"] for line in done.stdout.splitlines()], done.returncode, done.stderr.decode()

    def test_dmarccheck_judges_a_message(self):
        results, status, _ = self.judge(received(self.signed))
        envelope = results[0]["envelope"]
        self.assertEqual((results[0]["dmarc"], results[0]["disposition"], status), ("pass", "none", 0))
        self.assertEqual((envelope["ip"], envelope["ip_source"], envelope["helo"], envelope["sender_source"]),
                         (OWN, "received", "mail.sender.example", "return-path"))
        results, status, _ = self.judge(received(MESSAGE), "--ip", FOREIGN)
        self.assertEqual((results[0]["dmarc"], results[0]["disposition"], status), ("fail", "reject", 2))
        self.assertEqual(results[0]["envelope"]["ip_source"], "option")
        results, status, _ = self.judge(received(self.signed), server=self.silent)
        self.assertEqual((results[0]["dmarc"], results[0]["disposition"], status), ("temperror", None, 3))

    def test_dmarccheck_text(self):
        for language, word in (("en", "Author domain"), ("ko", "작성자 도메인")):
            done = self.run_program("dmarccheck", "--message", "-", "--lang", language, feed=received(self.signed),
                                    format_="text")
            text = done.stdout.decode()
            for part in (word, "sender.example", OWN, "SPF HELO", "sender.example (s1)", "reject (p, _dmarc.sender.example)"):
                self.assertIn(part, text)

    def test_dmarccheck_says_what_is_wrong_with_its_use(self):
        for arguments, part in (((), "--ip"), (("--ip", OWN), "--sender"), (("--ip", "192.0.2"), "192.0.2"),
                                (("--ip", OWN, "--sender", "alice"), "alice"),
                                (("--ip", OWN, "--sender", "a@b..example"), "b..example"),
                                (("--ip", OWN, "--sender", "<>", "--helo", "a b"), "a b")):
            with self.subTest(arguments):
                results, status, error = self.judge(self.signed, *arguments)
                self.assertEqual((results, status), ([], 64))
                self.assertIn(part, error)
        results, status, error = self.judge(b"\r\nno header\r\n", "--ip", OWN, "--sender", "<>")
        self.assertEqual((results, status), ([], 65))
        done = self.run_program("dmarccheck", "--ip", OWN, "sender.example")
        self.assertEqual(done.returncode, 64)
        self.assertIn(b"--message", done.stderr)


if __name__ == "__main__":
    skip_unless("nsd", "openssl")
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
