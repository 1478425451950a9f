"""What each output of ours holds, whatever strangers wrote: functions that raise where it does not."""

import html.parser
import json
import re


class Page(html.parser.HTMLParser):
    """Finds what a page of ours never has."""

    ALLOWED_LINKS = re.compile(r"(#[\w-]+|https://[\w./?=&%#:-]+|mailto:[\w.@+-]+)\Z")

    def __init__(self, text):
        super().__init__()
        self.faults = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag in ("script", "img", "iframe", "object", "embed", "form", "base", "link"):
            self.faults.append(f"<{tag}>")
        for name, value in attributes:
            if name.startswith("on") or (name in ("href", "src") and not self.ALLOWED_LINKS.match(value or "")):
                self.faults.append(f"{name}={value!r}")


def check_characters(text, colors=False):
    """Nothing but visible characters, blanks and line ends; with `colors` our own SGR sequences, too."""
    if colors:
        text = re.sub(r"\x1b\[[\d;]*m", "", text)
    bad = re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]", text)
    assert not bad, f"{bad.group()!r} in {text[max(0, bad.start() - 60):bad.end() + 20]!r}"
    for line in text.splitlines():
        assert not re.match("(FORGED|MAILDIAG FORGED|maildiag_forged)", line), line


def check_text(text):
    check_characters(text)


def check_colored(text):
    check_characters(text, colors=True)
    assert "\x1b[31m\x1b]" not in text


def check_json(text):
    assert text.isascii(), "JSON of ours is ASCII"
    check_characters(text)
    for line in text.splitlines():
        assert isinstance(json.loads(line, parse_constant=lambda word: 1 / 0), dict), line


def check_nagios(text):
    check_characters(text)
    assert text.count("\n") == 1 and text.count("|") == 1, text
    said, data = text.rstrip("\n").split("|")
    assert not re.search(r"[<>$`\"\\&;{}]", said), said
    for word in data.split():
        assert re.fullmatch(r"(targets|critical|warning|unknown|listed|answered|queried|time)=[\d.]+s?(;[\d.]*){1,4}", word), word


def check_prometheus(text):
    check_characters(text)
    label = r'[a-z_]+="([^"\\\n]|\\\\|\\"|\\n)*"'
    for line in text.splitlines():
        assert re.fullmatch(r"# (HELP|TYPE) maildiag_\w+ [\w ,.:-]+|maildiag_\w+\{" + f"({label}(,{label})*)?" + r"\} [\d.e+]+", line), line


def check_html(text):
    check_characters(text)
    assert not Page(text).faults, Page(text).faults
