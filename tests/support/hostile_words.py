"""What strangers may write: one text with everything that a reader of it must not believe, in names, records, bounces, logs."""

# One text for all: a terminal's controls (C0, C1 as one octet and as UTF-8, OSC), bidi and invisible characters, line ends
# of all kinds with a line that looks like ours behind them, what ends a string, a label, an element or the text of a plugin,
# a shell's and Nagios's own words, and octets that are no UTF-8.
INVISIBLE = "\u009b\u202e\u2066\u200b\u2060\ufeff\u2028\u2029\U000e0041"
TEXT = (b"\x1b[31m\x1b]0;owned\x07\x9b2J" + INVISIBLE.encode() + b"\r\nFORGED ok\n"
        b"maildiag_forged{target=\"x\"} 0\nMAILDIAG FORGED OK | forged=1;;;0 \"\\\"} 1\\n"
        b"</script><script>x()</script><img src=x onerror=x()>'\"><a href=\"javascript:x()\" onclick=x()>&lt;"
        b"$HOSTNAME$ $(id) `id` ;id \xff\xc0\xaf\xed\xa0\x80\x00\x7f.")
# The same for places that end with a line.
LINE = TEXT.replace(b"\r\n", b" ").replace(b"\n", b" ").replace(b"\x00", b" ")
LABELS = [b"\x1b[31mred\x07", b"a\r\nFORGED ok", b"x | forged=1;;;0", b"<script>x()</script>", b"\"><img src=x onerror=x()>",
          b"\"} 1\\n$(id)`id`", INVISIBLE.encode()[:60], b"\xff\xc0\xaf\x00"]


def presented(octets):
    return "".join(f"\\{octet:03d}" for octet in octets)


def txt(octets):
    return " ".join(f'"{presented(octets[i:i + 200])}"' for i in range(0, len(octets), 200))


def names(parent):
    return [f"{presented(label)}.{parent}" for label in LABELS]


HOSTS = names("hostile.example")
ZONE = "\n".join([
    "$TTL 300", ". SOA ns.example. admin.example. 1 3600 600 86400 300", ". NS ns.example.",
    f"hostile.example. TXT {txt(b'v=spf1 include:' + LINE + b' exp=' + TEXT + b' -all')}",
    f"told.example. TXT {txt(b'v=spf1 exp=why.example -all')}", f"why.example. TXT {txt(b'because %{s} ' + TEXT)}",
    f"_dmarc.hostile.example. TXT {txt(b'v=DMARC1; p=reject; rua=mailto:' + TEXT + b'; x=' + TEXT)}",
    f"s._domainkey.hostile.example. TXT {txt(b'v=DKIM1; k=rsa; n=' + TEXT + b'; p=' + TEXT)}",
    f"_mta-sts.hostile.example. TXT {txt(b'v=STSv1; id=' + TEXT)}", f"_smtp._tls.hostile.example. TXT {txt(b'v=TLSRPTv1; rua=' + TEXT)}",
    f"default._bimi.hostile.example. TXT {txt(b'v=BIMI1; l=' + TEXT + b'; a=' + TEXT)}",
    *(f"hostile.example. MX {i} {host}." for i, host in enumerate(HOSTS)), *(f"hostile.example. NS {host}." for host in HOSTS),
    *(f"{host}. A 198.51.100.{i + 1}" for i, host in enumerate(HOSTS)),
    *(f"9.100.51.198.in-addr.arpa. PTR {host}." for host in HOSTS), f"alias.example. CNAME {HOSTS[0]}.",
    *(f"*.{zone}. A 127.0.0.2\n*.{zone}. TXT {txt(TEXT)}\n{zone}. NS ns.example." for zone in ["list.example"]),
    "1.0.0.127.list.example. TXT \"not listed\"",
    "mx.example. A 127.0.0.1", "mail.example. MX 0 mx.example.", "25.1.0.127.in-addr.arpa. PTR mx.example.",
    "whois.verisign-grs.com. A 198.41.0.4", "rdap.verisign.com. A 198.41.0.4", "data.iana.org. A 198.41.0.4",
    "whois.iana.org. A 198.41.0.4", "mta-sts.mail.example. A 198.51.100.77",
    "_mta-sts.mail.example. TXT \"v=STSv1; id=1\"", ""])
BOUNCE = b"""From: MAILER-DAEMON@mx.example
To: alice@hostile.example
Subject: =?utf-8?q?Undelivered_=1B[31m=0AFORGED?= """ + LINE + b"""
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain; charset=utf-8

""" + TEXT.replace(b"\x00", b"") + b"""
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; """ + LINE + b"""

Final-Recipient: rfc822; <""" + LINE + b"""@mx.example>
Action: failed
Status: 5.7.1
Remote-MTA: dns; """ + LINE + b"""
Diagnostic-Code: smtp; 550 5.7.1 """ + LINE + b"""

--b--
"""
LOG = (b"Nov 20 10:00:00 mx postfix/smtp[1]: 4ABCDE: to=<" + LINE + b"@mx.example>, relay=" + LINE + b"[198.51.100.9]:25, delay=1, "
       b"delays=0/0/0/1, dsn=5.7.1, status=bounced (host " + LINE + b" said: 550 5.7.1 " + LINE + b")\n")
