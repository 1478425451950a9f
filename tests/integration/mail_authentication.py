#!/usr/bin/env python3
"""spfcheck, dkimcheck --message with an ARC chain, bimicheck and dmarccheck --bulk, each on zone files.

    mail_authentication.py PROGRAM SOURCE_ROOT
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ZONE = """$ORIGIN example.com.
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
@ MX 10 mail
@ TXT "v=spf1 ip4:192.0.2.1 -all"
ns A 192.0.2.53
mail A 192.0.2.1
_dmarc TXT "v=DMARC1; p=reject"
signed._domainkey TXT "v=DKIM1; k=ed25519; p=kiLUVcEdCU/m7jD54nvLXh0V3e9T0xxtSIGhlMwFijE="
default._bimi TXT "v=BIMI1; l=https://example.com/logo.svg; a=https://example.com/logo.pem"
off._bimi TXT "v=BIMI1; l=; a="
http._bimi TXT "v=BIMI1; l=http://example.com/logo.svg"
"""
REVERSE = """$ORIGIN 2.0.192.in-addr.arpa.
$TTL 300
@ SOA ns.example.com. hostmaster.example.com. 1 3600 600 86400 300
@ NS ns.example.com.
1 PTR mail.example.com.
"""
SVG = """<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 9 9">
<title>Example</title><path d="M0 0h9v9z" fill="#123"/>{}</svg>
"""
SAMPLE = """Return-Path: <news@example.com>
Received: from mail.example.com (mail.example.com [192.0.2.1]) by mx.example.net with {} id 1; Fri, 20 Nov 2026 10:00:00 +0900
From: Alice <news@example.com>
To: bob@example.net
Subject: News
Date: Fri, 20 Nov 2026 10:00:00 +0900
Message-ID: <1@example.com>

News.
"""
# Signed on 10 November 2025 with x= seven days later, as Gmail does.
SIGNED = """DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/simple; d=example.com; s=signed;
 h=from:subject:date; t=1762768800; x=1763373600;
 bh=yZQq1c8wjBl0fZ4Wc/oraMCAG1mZJv5v/hlvyFy+t6A=;
 b=sn1GOUJ9sZpxAXaReN1hgmeTWihr8g9Kj6D61EhWCU+xGffexOHFNDrPJlqLgzDmp9d0X0SNUWyD0CZnMPV7AQ==
From: Alice <alice@example.com>
Subject: Hello
Date: Mon, 10 Nov 2025 10:00:00 +0000

Hello.
"""


SPF_ZONE = """$ORIGIN example.com.
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
@ MX 10 mail
@ TXT "v=spf1 mx include:inner.example.com -all"
inner TXT "v=spf1 ip4:192.0.2.9 ?all"
broken TXT "v=spf1 ipv4:192.0.2.1 -all"
ns A 192.0.2.53
mail A 192.0.2.1
"""


class Failure(Exception):
    pass


def expect(what, found, wanted):
    if found != wanted:
        raise Failure(f"{what}: {found!r} instead of {wanted!r}")


class Maildiag:
    def __init__(self, program, zones):
        self.program = program
        self.zones = [word for zone in zones for word in ("--zone", str(zone))]

    def run(self, *arguments, status, language="en"):
        done = subprocess.run([self.program, "--lang", language, *self.zones, *arguments],
                              capture_output=True, text=True, timeout=120, check=False)
        expect(f"exit status of {arguments} ({done.stderr.strip()})", done.returncode, status)
        return done.stdout

    def json(self, *arguments, status):
        return json.loads(self.run("--format", "json", *arguments, status=status))


def ids(report):
    return [finding["id"] for finding in report["findings"]]


def check_spf(program, directory):
    zone = directory / "spf.zone"
    zone.write_text(SPF_ZONE)
    maildiag = Maildiag(program, [zone])
    # A DOMAIN may follow any option that takes one value.
    text = maildiag.run("spfcheck", "--tries", "1", "example.com", "--suggest", "198.51.100.7", status=0)
    wanted = "v=spf1 mx include:inner.example.com ip4:198.51.100.7 -all"
    expect("the record to publish", wanted in " ".join(text.split()), True)
    for ip in ("192.0.2.1", "192.0.2.9"):
        report = maildiag.json("spfcheck", "example.com", "--suggest", ip, status=0)
        expect(f"findings of {ip}", "spf.suggest-permitted" in ids(report), True)
        expect(f"change for {ip}", report["result"]["suggestion"]["octets"], 0)
    report = maildiag.json("spfcheck", "broken.example.com", "--suggest", "192.0.2.1", status=2)
    expect("suggestion for a broken record", report["result"]["suggestion"], None)
    expect("its reason", "spf.suggest-after-correction" in ids(report), True)
    report = maildiag.json("spfcheck", "example.org", "--suggest", "192.0.2.1", status=3)
    expect("suggestion without an answer", report["result"]["suggestion"], None)

    trace = maildiag.run("spfcheck", "example.com", "--ip", "192.0.2.9", "--trace", status=0)
    for part in ("example.com: mx -> no match (DNS lookups: 1)", "example.com MX -> 10 mail.example.com", "mail.example.com A -> 192.0.2.1",
                 "inner.example.com TXT ->"):
        expect(f"{part} in {trace}", part in trace, True)
    trace = maildiag.run("spfcheck", "example.com", "--ip", "192.0.2.9", "--trace", status=0, language="ko")
    expect("Korean steps", "mx -> 불일치" in trace, True)
    for wrong in (["--ip", ""], ["--trace"], ["--suggest", ""], ["--ip", "192.0.2.1", "--sender", "a@xn--a"],
                  ["--ip", "192.0.2.1", "--sender", "nobody"], ["--ip", "192.0.2.1", "--sender", "<>"],
                  ["--ip", "192.0.2.1", "--helo", "xn--a.com"], ["--ip", "192.0.2.256"]):
        maildiag.run("spfcheck", "example.com", *wrong, status=64)
    for command in ("spfcheck", "dkimcheck", "dmarccheck", "bimicheck", "mxcheck"):
        maildiag.run(command, "xn--a.com", status=64)
    maildiag.run("dkimcheck", "example.com", "--selector", "a b", status=64)
    for wrong in (["spfcheck", "example.com", "--ip", ""], ["ptrcheck", "192.0.2.1", "--helo", ""],
                  ["dmarccheck", "--bulk", "example.com", "--ip", ""], ["rblcheck", ""]):
        maildiag.run(*wrong, status=64)


def check_arc(program, root):
    data = root / "tests/data/arc"
    maildiag = Maildiag(program, [data / "sealed-by-dkimpy.zone"])
    mail = data / "sealed-by-dkimpy.eml"
    report = maildiag.json("dkimcheck", "--message", str(mail), status=1)
    arc = report["result"]["arc"]
    expect("chain", (arc["chain_validation"], arc["oldest_pass"]), ("pass", 2))
    expect("sealers", [each["sealer"] for each in arc["sets"]],
           ["forwarder.example", "lists.example", "third.example"])
    expect("oldest signature", arc["sets"][0]["message_signature"]["reason"], "dkim.body-changed")
    expect("findings", ids(report), ["dkim.no-signature", "arc.valid", "arc.message-changed"])
    text = maildiag.run("dkimcheck", "--message", str(mail), status=1)
    for part in ("third.example", "body-changed", "The ARC chain is valid"):
        if part not in text:
            raise Failure(f"the text lacks {part!r}:\n{text}")
    broken = mail.read_bytes().replace(b"at ten", b"at two")
    with tempfile.NamedTemporaryFile(suffix=".eml") as file:
        file.write(broken)
        file.flush()
        report = maildiag.json("dkimcheck", "--message", file.name, status=1)
    expect("broken chain", report["result"]["arc"]["reason"], "arc.message-signature-broken")


def check_bimi(maildiag, directory):
    report = maildiag.json("bimicheck", "example.com", status=0)
    expect("BIMI", ids(report), ["bimi.record", "bimi.dmarc-enforcing", "bimi.not-fetched"])
    expect("location", report["result"]["location"], "https://example.com/logo.svg")
    report = maildiag.json("bimicheck", "www.example.com", status=0)
    expect("fallback", report["result"]["found_at"], "example.com")
    expect("declined", ids(maildiag.json("bimicheck", "example.com", "--selector", "off", status=0)),
           ["bimi.declined"])
    expect("plain HTTP", ids(maildiag.json("bimicheck", "example.com", "--selector", "http", status=2))[0],
           "bimi.not-https")
    good, bad = directory / "good.svg", directory / "bad.svg"
    good.write_text(SVG.format(""), encoding="utf-8")
    bad.write_text(SVG.format("<script>1</script>"), encoding="utf-8")
    report = maildiag.json("bimicheck", "example.com", "--indicator", str(good), status=0)
    expect("indicator", report["result"]["indicator"]["title"], "Example")
    report = maildiag.json("bimicheck", "example.com", "--indicator", str(bad), status=2)
    expect("script", ids(report)[-1], "bimi.svg-script")
    maildiag.run("bimicheck", "example.com", "--indicator", str(directory / "none.svg"), status=66)
    maildiag.run("bimicheck", "example.com", "--selector", "a b", status=64)


def check_expiry(maildiag, directory):
    """x= counts at the time of the newest Received field, and hides nothing else."""
    mail = directory / "signed.eml"
    hop = "Received: from a (a [192.0.2.7]) by mx.example.net with ESMTP id 1;\n\t{}\n"
    intime, late = hop.format("Mon, 10 Nov 2025 19:00:05 +0900"), hop.format("Mon, 24 Nov 2025 10:00:00 +0000")
    future = hop.format("Mon, 10 Nov 2200 10:00:00 +0000")
    envelope = ["--sender", "bounce@other.example.com", "--ip", "192.0.2.7"]
    for received, changed, signature, dmarc in (
            (intime, False, ["dkim.signature-valid", "dkim.expired-since"], "pass"),
            (intime + late, False, ["dkim.signature-valid", "dkim.expired-since"], "pass"),
            (intime, True, ["dkim.body-changed", "dkim.expired-since"], "fail"),
            (late + intime, False, ["dkim.expired"], "fail"),
            (late, True, ["dkim.expired", "dkim.body-changed"], "fail"),
            (future, False, ["dkim.expired"], "fail"), ("", False, ["dkim.expired"], "fail")):
        mail.write_text(received + (SIGNED.replace("Hello.", "Bye.") if changed else SIGNED), encoding="utf-8")
        status = 0 if dmarc == "pass" else 2
        report = maildiag.json("dkimcheck", "--message", str(mail), status=status)
        expect(f"signature received {received!r}", [each for each in ids(report) if each.startswith("dkim.")], signature)
        report = maildiag.json("dmarccheck", "--message", str(mail), *envelope, status=1 if status == 0 else status)
        expect(f"DMARC received {received!r}", report["result"]["dmarc"], dmarc)


def states(report):
    return {point["check"]: point["state"] for point in report["result"]["bulk"]["points"]}


def check_bulk(maildiag, directory):
    report = maildiag.json("dmarccheck", "--bulk", "example.com", status=0)
    expect("records", [check for check, state in states(report).items() if state == "met"],
           ["spf-or-dkim", "spf", "dmarc", "fcrdns", "own-from"])
    expect("MX taken", report["result"]["bulk"]["assumed"], True)
    report = maildiag.json("dmarccheck", "--bulk", "--ip", "192.0.2.1", "--ip", "192.0.2.9", "example.com", status=2)
    expect("addresses", [each["fcrdns"] for each in report["result"]["bulk"]["addresses"]], ["pass", "none"])
    for protocol, tls in (("ESMTPS", "met"), ("ESMTP", "failed"), ("local", "untested")):
        sample = directory / "sample.eml"
        sample.write_text(SAMPLE.format(protocol), encoding="utf-8")
        report = maildiag.json("dmarccheck", "--bulk", "example.com", "--message", str(sample), status=2)
        found = states(report)
        expect("sample", [found[check] for check in ("spf", "dkim", "alignment", "format", "one-click", "tls")],
               ["met", "failed", "met", "met", "failed", tls])
    text = maildiag.run("dmarccheck", "--bulk", "example.com", status=0)
    for part in ("gmail", "yahoo", "outlook", "naver", "One-click unsubscribe"):
        if part not in text:
            raise Failure(f"the table lacks {part!r}:\n{text}")
    maildiag.run("dmarccheck", "--bulk", status=64)
    maildiag.run("dmarccheck", "--ip", "192.0.2.1", "example.com", status=64)
    maildiag.run("dmarccheck", "--bulk", "--ip", "192.0.2", "example.com", status=64)


def main():
    program, root = sys.argv[1], Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "example.com.zone").write_text(ZONE, encoding="utf-8")
        (directory / "reverse.zone").write_text(REVERSE, encoding="utf-8")
        maildiag = Maildiag(program, [directory / "example.com.zone", directory / "reverse.zone"])
        try:
            check_spf(program, directory)
            check_arc(program, root)
            check_bimi(maildiag, directory)
            check_expiry(maildiag, directory)
            check_bulk(maildiag, directory)
        except Failure as failure:
            sys.exit(str(failure))
    print("SPF, ARC, BIMI and the demands on bulk senders: as expected")


if __name__ == "__main__":
    main()
