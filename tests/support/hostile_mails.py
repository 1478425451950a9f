"""hostile_words in mails and logs: bounces with the mails that came back, signed ones, lines of a log."""

from hostile_words import LINE, TEXT, WORD, said

# What others wrote about a mail, and what its sender wrote.
HEADER = b"\r\n".join([
    b"Authentication-Results: mx.example; spf=fail (" + said("results", LINE) + b") smtp.mailfrom=" + WORD + b"; dkim=fail reason=\"" + LINE + b"\"",
    b"ARC-Authentication-Results: i=1; " + said("arc", WORD) + b"; spf=pass " + LINE,
    b"ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=" + said("arc-signer", WORD) + b"; s=" + WORD + b"; h=from; bh=AAAA; b=AAAA",
    b"ARC-Seal: i=1; a=rsa-sha256; t=1; cv=none; d=" + said("arc-sealer", WORD) + b"; s=" + WORD + b"; b=AAAA",
    # Only what a field may hold
    b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=<b>|`$(id)`&{0}\"'\\n.example; s=<i>|\"} 1; h=from; bh=AAAA; b=AAAA",
    b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=hostile.example; s=s; i=" + said("identity", WORD) +
    b"@hostile.example; h=from; bh=AAAA; b=AAAA",
    b"DKIM-Signature: v=1; a=" + said("algorithm", WORD) + b"; d=" + said("signer", WORD) + b"; s=" + said("selector", WORD) +
    b"; h=" + said("field", WORD) + b"; bh=" + WORD + b"; b=" + WORD,
    b"Received: from " + said("greeted", WORD) + b" (" + said("received", LINE) + b" [192.0.2.1]) by mx.example with ESMTP id 1;"
    b" Fri, 20 Nov 2026 10:00:00 +0900",
    b"List-Unsubscribe: <javascript:x()>, <https://evil.example/" + said("unsubscribe", WORD) + b">, " + LINE,
    b"List-Unsubscribe-Post: " + LINE, b"List-Id: " + LINE, b"X-Mailer: " + LINE,
    b"Message-ID: <" + said("id", WORD) + b"@" + WORD + b">", b""])
CONTENT = (b"From: \"" + said("from", LINE).replace(b'"', b"") + b"\" <alice@hostile.example>\r\nTo: " + LINE + b"\r\nSubject: =?utf-8?q?=1B[8m=0AFORGED?= " + said("subject", LINE) +
           b"\r\nDate: Fri, 20 Nov 2026 10:00:00 +0900\r\n\r\n" + LINE + b"\r\n")
BOUNCE = b"""From: MAILER-DAEMON@mx.example
To: alice@hostile.example
Subject: =?utf-8?q?Undelivered_=1B[8m=0AFORGED?= """ + LINE + b"""
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain; charset=utf-8

""" + TEXT.replace(b"\x00", b"") + b"""
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; """ + said("reporting", LINE) + b"""

Final-Recipient: rfc822; <""" + said("recipient", LINE) + b"""@mx.example>
Action: failed
Status: 5.7.1
Remote-MTA: dns; """ + said("remote", LINE) + b"""
Diagnostic-Code: smtp; 550 5.7.1 """ + said("reply", LINE) + b"""

--b
Content-Type: message/rfc822

""" + (HEADER + CONTENT).replace(b"\r\n", b"\n") + b"""
--b--
"""
# Of a receiver whom explain then asks himself.
REFUSED = b"""From: MAILER-DAEMON@signed.example
To: alice@signed.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.signed.example

Final-Recipient: rfc822; bob@mail.example
Action: failed
Status: 4.4.1
Remote-MTA: dns; mx.example
Diagnostic-Code: smtp; 450 4.4.1 Connection refused

--b--
"""
LOG = (b"Nov 20 10:00:00 mx postfix/smtp[1]: 4ABCDE: to=<" + said("recipient", LINE) + b"@mx.example>, relay=" + said("relay", LINE) + b"[198.51.100.9]:25, delay=1, "
       b"delays=0/0/0/1, dsn=5.7.1, status=bounced (host " + LINE + b" said: 550 5.7.1 " + said("reply", LINE) + b")\n"
       b"2026-11-20 10:00:01 1abcde-000001-AB ** " + WORD + b"@mx.example R=" + WORD + b" T=" + WORD + b" H=" + WORD +
       b" [198.51.100.9]: SMTP error from remote mail server after RCPT TO:<" + WORD + b">: 550 5.7.1 " + LINE + b"\n")


def received(signer):
    """A mail as it arrived: one good signature over hostile fields, and all that is bad above it."""
    return b"Return-Path: <" + said("sender", WORD) + b"@told.example>\r\n" + HEADER + signer.sign(CONTENT, domain="signed.example", selector="s")
