"""What each output of ours holds, whatever strangers wrote: functions that raise where it does not."""

import html.parser
import json
import re
import unicodedata
import xml.etree.ElementTree

# Of format characters (Cf), those that a reader sees: signs before Arabic, Syriac and Kaithi numbers.
VISIBLE_FORMATS = {*range(0x600, 0x606), 0x6dd, 0x70f, 0x890, 0x891, 0x8e2, 0x110bd, 0x110cd}
# Default_Ignorable_Code_Point of Unicode that is no Cf: fillers, variation selectors, what is kept for more of them. And the
# braille pattern without a dot.
IGNORABLE = {0x34f, 0x115f, 0x1160, 0x17b4, 0x17b5, *range(0x180b, 0x1810), 0x2065, 0x2800, 0x3164, *range(0xfe00, 0xfe10), 0xffa0,
             *range(0xfff0, 0xfff9), *range(0xe0000, 0xe1000)}
# Nor may a page have these: they are no characters of XML.
NO_CHARACTERS = {0xfffe, 0xffff}


def never_shown():
    """Each character that no output may have, but for a line's end: what a terminal obeys and what no reader sees."""
    controls = {point for point in range(0x110000) if unicodedata.category(chr(point)) in ("Cc", "Cf", "Zl", "Zp")}
    return sorted((controls - VISIBLE_FORMATS | IGNORABLE | NO_CHARACTERS) - {0x0a})


def spans(points):
    """[(first, last)] of a sorted list: a regular expression of single characters is slow."""
    edges = [at for at in range(1, len(points)) if points[at] != points[at - 1] + 1]
    return [(points[first], points[last - 1]) for first, last in zip([0, *edges], [*edges, len(points)])]


BAD = re.compile("[" + "".join(rf"\U{first:08x}-\U{last:08x}" for first, last in spans(never_shown())) + "]")
# What lib/report/layout.cc writes.
OUR_COLOR = re.compile(r"\x1b\[(?:0|1|2|32|33|35|36|1;31)m")
# hostile_words.ESCAPE as it may stand in an output: as \x1b, as \027 of DNS, as \u001b of JSON, as \1B of a certificate, with /
# for \ of Nagios; and U+202E, for places where no control character can be.
ESCAPED = re.compile(r"[\\/]+(?:(?:x1b|027|u001b|1B)\[8m|u[{(]?202e)")
FORGED = re.compile(r"(?:FORGED|MAILDIAG FORGED|maildiag_forged)")


SAID = re.compile(r"[\\/]+(?:x1b|027|u001b|1B)\]0[\\/]*;([a-z-]+)[\\/]+(?:x07|007|u0007|07)")


def shows(text):
    """Whether the words of strangers stand in an output at all, wrapped or not: else it proves nothing."""
    return bool(ESCAPED.search(re.sub(r"\s+", "", text)))


def speakers(text):
    """Who of hostile_words.said() is heard."""
    return set(SAID.findall(re.sub(r"\s+", "", text)))


class Page(html.parser.HTMLParser):
    """Finds what a page of ours never has: tags and attributes are those of lib/report/html*.cc, no others."""

    TAGS = set("a article b body br circle code dd defs details div dl dt figure footer g h1 h2 h3 h4 head header html i li main meta "
               "nav ol p path rect section span style summary svg symbol table tbody td text th thead time title tr ul use".split())
    ATTRIBUTES = set("aria-hidden aria-label charset class content cx cy d fill height href http-equiv id lang name "
                     "preserveaspectratio r role rx scope stroke stroke-linecap stroke-linejoin stroke-width style title viewbox "
                     "width x y".split())
    METAS = ({"charset": "utf-8"}, {"name": "viewport", "content": "width=device-width, initial-scale=1"},
             {"name": "referrer", "content": "no-referrer"},
             {"http-equiv": "Content-Security-Policy", "content": "default-src 'none'; style-src 'unsafe-inline'"})
    STYLE = re.compile(r"[a-z-]+:[\w#.%-]+(;[a-z-]+:[\w#.%-]+)*;?\Z")
    # No page of ours leads anywhere but to a place of its own.
    LINK = re.compile(r"#[\w-]+\Z")

    def __init__(self, text):
        super().__init__()
        self.faults = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        if tag not in self.TAGS:
            self.faults.append(f"<{tag}>")
        for name, value in attributes:
            form = {"href": self.LINK, "style": self.STYLE}.get(name)
            if name not in self.ATTRIBUTES or (form and not form.match(value or "")):
                self.faults.append(f"{name}={value!r}")
        if tag == "meta" and dict(attributes) not in self.METAS:
            self.faults.append(f"<meta {attributes!r}>")


def check_characters(text):
    """Nothing but visible characters, blanks and line ends, and no line that looks like one of ours."""
    bad = BAD.search(text)
    assert not bad, f"{bad.group()!r} in {text[max(0, bad.start() - 60):bad.end() + 20]!r}"
    for line in text.split("\n"):
        assert not FORGED.match(line), line


def check_text(text):
    check_characters(text)


def check_colored(text):
    check_characters(OUR_COLOR.sub("", text))


def without_twins(pairs):
    """No stranger's word is a key, or it could replace one of ours."""
    assert len(pairs) == len(dict(pairs)), [key for key, _ in pairs]
    assert all(re.fullmatch(r"[\w.:-]+", key) for key, _ in pairs), [key for key, _ in pairs]
    return dict(pairs)


def check_json(text):
    assert text.isascii(), "JSON of ours is ASCII"
    check_characters(text)
    assert text.endswith("\n"), text[-40:]
    for line in text.splitlines():
        assert isinstance(json.loads(line, parse_constant=lambda word: 1 / 0, object_pairs_hook=without_twins), dict), line


def check_nagios(text):
    check_characters(text)
    assert text.count("\n") == 1 and text.endswith("\n") and text.count("|") == 1, text
    said, data = text.rstrip("\n").split("|")
    assert not re.search(r"[<>$`\"\\&;{}]", said), said
    for word in data.split():
        assert re.fullmatch(r"(targets|critical|warning|unknown|listed|answered|queried|time)=[\d.]+s?(;[\d.]*){1,4}", word), word


def check_prometheus(text):
    check_characters(text)
    assert text.endswith("\n"), text[-40:]
    label = r'(command|target|severity|zone|first_target)="([^"\\\n]|\\\\|\\"|\\n)*"'
    for line in text[:-1].split("\n"):
        assert re.fullmatch(r"# (HELP|TYPE) maildiag_\w+ [\w ,.:-]+|maildiag_\w+\{" + f"({label}(,{label})*)?" + r"\} [\d.e+]+", line), line


def check_html(text):
    check_characters(text)
    assert not Page(text).faults, Page(text).faults
    xml.etree.ElementTree.fromstring(text)  # well-formed, so nothing that is open was closed by others
