"""Replies in any number, made of the examples in rules/: other addresses and numbers in every one."""

import random
import re
import tomllib
from email.utils import format_datetime
from datetime import datetime, timedelta, timezone
from pathlib import Path

IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
START = datetime(2026, 11, 20, 9, 30, tzinfo=timezone.utc)


def examples(root):
    """The examples of all rules, in the order of the files."""
    found = []
    for path in sorted((Path(root) / "rules/bounce").glob("*.toml")):
        with path.open("rb") as file:
            for rule in tomllib.load(file).get("rule", []):
                found += [example.replace("\n", " ").replace("\t", " ") for example in rule.get("examples", [])]
    return found


class Replies:
    def __init__(self, root, seed=5321):
        self.random = random.Random(seed)
        self.texts = examples(root)

    def line(self):
        pick = self.random
        text = pick.choice(self.texts)
        text = IPV4.sub(lambda _: f"203.0.{pick.randrange(256)}.{pick.randrange(1, 255)}", text)
        return ADDRESS.sub(lambda _: f"user{pick.randrange(100_000)}@d{pick.randrange(500)}.example.org", text)

    def lines(self, count):
        return (self.line() for _ in range(count))


def dsn(number, reply, *, sender, recipient, received=(), time=None, padding=3000):
    """A bounce as Postfix writes it (RFC 3464), of 4-5 KB."""
    time = time or START + timedelta(seconds=number)
    domain = recipient.rpartition("@")[2]
    code = re.match(r"\d{3}", reply)
    hops = "".join(f"Received: {hop}; {format_datetime(time)}\r\n" for hop in received)
    filler = "".join(f"Line {i} of a message that nobody will read again.\r\n" for i in range(padding // 50))
    return (f"From: MAILER-DAEMON@mail.own.example (Mail Delivery System)\r\nTo: {sender}\r\n"
            f"Subject: Undelivered Mail Returned to Sender\r\nDate: {format_datetime(time)}\r\n"
            "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
            f'Content-Type: multipart/report; report-type=delivery-status; boundary="b{number}"\r\n'
            f"Message-Id: <{number}@mail.own.example>\r\n\r\nThis is a MIME-encapsulated message.\r\n\r\n"
            f"--b{number}\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
            "This is the mail system at host mail.own.example.\r\n\r\n"
            f"<{recipient}>: host mx.{domain}[198.51.100.25] said:\r\n    {reply} (in reply to RCPT TO command)\r\n\r\n"
            f"--b{number}\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.own.example\r\n\r\n"
            f"Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: {'4' if code and code[0][0] == '4' else '5'}.0.0\r\n"
            f"Remote-MTA: dns; mx.{domain}\r\nDiagnostic-Code: smtp; {reply}\r\n\r\n"
            f"--b{number}\r\nContent-Type: message/rfc822\r\n\r\nReturn-Path: <{sender}>\r\n{hops}"
            f"From: {sender}\r\nTo: {recipient}\r\nSubject: Hello\r\nDate: {format_datetime(time)}\r\n"
            f"Message-Id: <m{number}@own.example>\r\n\r\n{filler}\r\n--b{number}--\r\n")
