"""What strangers may write: one text with everything that a reader of it must not believe, and the zones that hold it."""

# One text for all: a terminal's controls (C0, C1 as one octet and as UTF-8, OSC), bidi and invisible characters, line ends
# of all kinds with a line that looks like ours behind them, what ends a string, a label, an element or the text of a plugin,
# a shell's and Nagios's own words, a spreadsheet's, a format string's, links, and octets that are no UTF-8.
ESCAPE = b"\x1b[8m"  # text behind it is concealed; ours never is
INVISIBLE = "\u009b\u202e\u2066\u200b\u2060\ufeff\u2028\u2029\u00ad\u2800\u3164\ufe0f\U000e0041"
TEXT = (ESCAPE + b"\x1b]0;owned\x07\x9b2J" + INVISIBLE.encode() + b"\r\nFORGED ok\n"
        b"maildiag_forged{target=\"x\"} 0\nMAILDIAG FORGED OK | forged=1;;;0 \"\\\"} 1\\n"
        b"</script><script>x()</script></td></body><img src=x onerror=x()>'\"><a href=\"javascript:x()\" onclick=x()>&lt;&#x3c;<!--"
        b"javascript:x() <https://evil.example/?x> $HOSTNAME$ $(id) `id` ;id %s%n {ip} {0} ,=cmd|'/C x'!A1,+1,@SUM(1)\t"
        b"\xff\xc0\xaf\xed\xa0\x80\xef\xbf\xbf\x00\x7f.")


def said(by, text=TEXT):
    """The same of one who can be told from the others in an output that shows many; output_checks.shows() finds him."""
    return text.replace(b"]0;owned", b"]0;" + by.encode())


# The same for places that end with a line.
LINE = TEXT.replace(b"\r\n", b" ").replace(b"\n", b" ").replace(b"\x00", b" ")
# No argument can hold a NUL.
ARGUMENT = TEXT.replace(b"\x00", b"")
# Where nothing but a word fits.
WORD = ESCAPE + b"\x1b]0;owned\x07\"'><script>x()</script>|`$(id)`;{}" + INVISIBLE.encode() + b"\xff"
LABELS = [ESCAPE + b"red\x07", b"a\r\nFORGED ok", b"x | forged=1;;;0", b"<script>x()</script>", b"\"><img src=x onerror=x()>",
          b"\"} 1\\n$(id)`id`", INVISIBLE.encode()[:60], b"\xff\xc0\xaf\x00", b"=cmd|'/C x'!A1"]
# Words that an output must never hold as they are, by the outputs that they would break out of.
EVERYWHERE = ["\x1b[8m", "\x1b]0;owned\x07", "\x9b2J", "\x00", "\x07", "\x7f", "\r", *INVISIBLE, "\nFORGED ok", "\nmaildiag_forged 0\n",
              "\nMAILDIAG FORGED OK"]
BREAKOUTS = {
    "text": [], "colors": ["\x1b[34m", "\x1b[1m\x1b[2J"], "json": ['"', "\\", "\n", "\ud55c", '","status":"ok", "', "\t"],
    "nagios": ["|", "| forged=1;;;0", "$HOSTNAME$", "$(id)", "`id`", ";id", "\n", "<b>", '"', "\\n", "{0}", "&lt;"],
    "prometheus": ['"', '"} 1', "\n", "\\", "\\x", '",forged="1'],
    "html": ["<script>x()</script>", "<img src='x'/>", "<a href=\"javascript:x()\">x</a>", "<a href=\"https://evil.example/\">x</a>",
             "<b onclick=\"x()\">x</b>", "</p></body>", "&", "<", "<!--", "<meta http-equiv=\"refresh\" content=\"0;url=//evil.example\"/>",
             "<i style=\"background:url(//evil.example)\">x</i>"]}


def presented(octets):
    return "".join(f"\\{octet:03d}" for octet in octets)


def txt(octets):
    return " ".join(f'"{presented(octets[i:i + 200])}"' for i in range(0, len(octets), 200))


def names(parent):
    return [f"{presented(label)}.{parent}" for label in LABELS]


HOSTS = names("hostile.example")
ZONE = "\n".join([
    "$TTL 300", ". SOA ns.example. admin.example. 1 3600 600 86400 300", ". NS ns.example.",
    f"hostile.example. TXT {txt(b'v=spf1 include:' + LINE + b' exp=' + said('spf') + b' -all')}",
    f"told.example. TXT {txt(b'v=spf1 exists:%{l}.lists.example exp=why.example -all')}",
    f"why.example. TXT {txt(b'because %{s} ' + said('explanation').replace(b'%', b''))}",
    f"_dmarc.hostile.example. TXT {txt(b'v=DMARC1; p=reject; rua=mailto:' + said('dmarc') + b'; x=' + TEXT)}",
    f"s._domainkey.hostile.example. TXT {txt(b'v=DKIM1; k=rsa; n=' + said('dkim') + b'; p=' + TEXT)}",
    f"_mta-sts.hostile.example. TXT {txt(b'v=STSv1; id=' + said('mta-sts'))}",
    f"_smtp._tls.hostile.example. TXT {txt(b'v=TLSRPTv1; rua=javascript:x(),https://evil.example/' + said('tls-rpt'))}",
    f"default._bimi.hostile.example. TXT {txt(b'v=BIMI1; l=javascript:x()' + said('bimi') + b'; a=https://evil.example/' + TEXT)}",
    *(f"hostile.example. MX {i} {host}." for i, host in enumerate(HOSTS)),
    f"hostile.example. CAA 0 issue {txt(WORD)}", f"_25._tcp.hostile.example. SRV 0 0 25 {HOSTS[0]}.",
    *(f"{host}. A 198.41.0.{i + 26}" for i, host in enumerate(HOSTS)),
    *(f"9.100.51.198.in-addr.arpa. PTR {host}." for host in HOSTS), f"alias.example. CNAME {HOSTS[0]}.",
    f"*.list.example. A 127.0.0.2\n*.list.example. TXT {txt(said('list'))}",
    "1.0.0.127.list.example. TXT \"not listed\"", f"2.0.0.127.list.example. A 127.0.0.2\n2.0.0.127.list.example. TXT {txt(TEXT)}",
    "mx.example. A 198.41.0.25", "mail.example. MX 0 mx.example.", "odd.example. A 198.41.0.99", f"25.0.41.198.in-addr.arpa. PTR {HOSTS[0]}.",
    f"26.0.41.198.in-addr.arpa. PTR {HOSTS[0]}.",
    "whois.verisign-grs.com. A 198.41.0.4", "rdap.verisign.com. A 198.41.0.4", "data.iana.org. A 198.41.0.4",
    "whois.iana.org. A 198.41.0.4", "mta-sts.mail.example. A 198.51.100.77",
    "_mta-sts.mail.example. TXT \"v=STSv1; id=1\"", ""])
# A zone of its own: name servers inside a zone make a zone cut, below which the zone file has nothing to say.
SERVED_ZONE = "\n".join([
    "$TTL 300", f"served.example. SOA {HOSTS[0]}. {presented(LABELS[0])}.admin.example. 1 3600 600 86400 300",
    *(f"served.example. NS {host}." for host in HOSTS), ""])
