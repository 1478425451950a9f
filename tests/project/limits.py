#!/usr/bin/env python3
"""The table of limits in maildiag(7) says what the constants beside the parsers say, in both languages, and each limit in lib/ has
a comment with its reason: limits.py SOURCE_TREE

`limits.py --self-test` proves that a wrong number is found.
"""

import re
import sys
from pathlib import Path

# A row of the page by its place: what its numbers are, one after the other.
ROWS = [
    ("lib/bounce/reader.h", "max_message_bytes max_header_bytes max_all_header_bytes max_mime_parts max_mime_depth", "lib/bounce/mime.h",
     "max_text_bytes max_all_text_bytes", "lib/bounce/mime.cc", "max_attached_bytes", "lib/bounce/returned_message.h", "max_returned_bytes",
     "lib/bounce/reader.h", "max_failures"),
    ("lib/bounce/reader.h", "max_reply_bytes", "lib/session/reply_lines.h", "max_line_bytes"),
    ("lib/bounce/log/input.h", "max_line_bytes", "lib/bounce/log/archive.h", "max_unpack_ratio", "lib/bounce/log/open_mails.h",
     "max_open_mails max_deferred_recipients max_recipients_of_mail"),
    ("lib/dns/wire_message.h", "most_records most_strings most_pointers", "lib/dns/reply.h", "most_cnames", "lib/checks/dnsbl_read.cc",
     "max_codes max_txt"),
    ("lib/dns/master_file.cc", "max_file_size max_file_records max_held_octets", "lib/dns/zone_set_builder.cc", "max_name_octets"),
    ("lib/dns/replay_backend.cc", "max_recording_size max_line"),
    ("lib/session/session.cc", "max_resolv_conf", "lib/dns/try_plan.h", "most_servers"),
    ("lib/checks/spf.h", "max_spf_lookups max_spf_void_lookups", "lib/checks/spf_session.h", "max_queries", "lib/checks/spf_macro.h",
     "max_expansion", "lib/checks/spf.h", "max_spf_tree_lookups"),
    ("lib/checks/dkim_message.h", "max_message_octets max_header_octets max_header_fields", "lib/checks/dkim.h",
     "max_dkim_signatures max_dkim_selectors", "lib/checks/dkim_signature.h", "max_signed_fields", "lib/core/tag_list.h", "max_tags",
     "lib/checks/arc.h", "max_arc_sets"),
    ("lib/checks/dmarc_walk.h", "max_walk_queries", "lib/checks/dmarc_record.h", "max_uris", "lib/core/tag_list.h", "max_tags"),
    ("lib/checks/mta_sts_policy.h", "max_policy_octets max_patterns", "lib/checks/tls_rpt_record.h", "max_uris", "lib/net/http.h",
     "max_http_header"),
    ("lib/checks/whois_ask.h", "max_rdap", "lib/core/json_parse.h", "max_json_depth", "lib/checks/whois_fetch.h", "max_redirects",
     "lib/net/whois.h", "max_whois", "lib/checks/whois_text.h", "max_lines"),
    ("lib/session/whois_files.cc", "max_whois_bytes", "lib/session/self_test_file.cc", "max_file_bytes", "lib/checks/whois_servers.h",
     "max_bootstrap"),
    ("lib/net/smtp.h", "max_dialogue max_reply_lines max_reply_line", "lib/net/tls.h", "max_chain", "lib/checks/certificate.h",
     "max_certificate", "lib/checks/dane.h", "max_associations"),
    ("lib/checks/bimi_indicator.h", "max_indicator_octets"),
    ("lib/config/configuration.cc", "max_file_bytes", "lib/rulebook/loader/node.h", "max_line_bytes max_nesting"),
    ("lib/rulebook/loader/node.h", "max_file_bytes", "lib/rulebook/loader/loader.h", "max_files", "lib/rulebook/loader/tables.h", "max_rules"),
    ("lib/session/summary.cc", "max_summary_bytes", "lib/core/json_parse.h", "max_json_depth max_json_values"),
    ("lib/session/targets.cc", "max_line", "lib/session/targets.h", "max_network_addresses"),
    ("lib/session/watch_observe.h", "max_watched", "lib/watch/store.h", "max_events max_queued max_moments", "lib/net/post.h", "max_answer"),
    ("lib/report/prometheus.cc", "max_series max_label"),
]
PAGES = {"man/maildiag.7": ".Ss Limits", "man/ko/maildiag.7": ".Ss 한도"}


def value_of(text, name):
    # Of several on one line, too: "constexpr int a = 1, b = 2;"
    found = re.search(rf"constexpr [\w: ]*?(?:\w+ = [^,;]+, )*\b{name} =\s*([^,;]+)[,;]", text)
    assert found, f"no constant {name}"
    expression = re.sub(r"std::size_t\{(\d+)\}", r"\1", found.group(1))
    expression = re.sub(r"(?<=\d)(?:UL|U|L)\b", "", expression.replace("'", "")).strip()
    assert re.fullmatch(r"[\d<*+ ()]+", expression), f"{name} = {expression}"
    return eval(expression)  # noqa: S307, digits and operators only


def shown(name, value):
    """As the page writes it: sizes in KiB and MiB, all else with commas."""
    if re.search(r"bytes|octets|size|rdap|whois|dialogue|http_header|resolv_conf|certificate|recording|bootstrap|answer$|line$", name):
        for unit, octets in (("MiB", 1 << 20), ("KiB", 1 << 10)):
            if value % octets == 0:
                return f"{value // octets} {unit}"
    return f"{value:,}"


def expected(tree):
    rows = []
    for row in ROWS:
        numbers = []
        for file, names in zip(row[::2], row[1::2]):
            text = (tree / file).read_text()
            numbers += [shown(name, value_of(text, name)) for name in names.split()]
        rows.append(numbers)
    return rows


def written(text, heading):
    """The numbers of each entry's limits, and those of its costs."""
    limits, costs = [], []
    for entry in text.split(heading)[1].split("\n.El")[0].split("\n.It ")[1:]:
        words = " ".join(entry.splitlines()[1:])
        limit, beyond = re.split("Beyond:|초과 시:", words)
        limits.append([number.rstrip(",") for number in re.findall(r"\d[\d,]*(?: [KM]iB)?", limit)])
        costs.append(re.findall(r"[\d.,]*\d", beyond))
    return limits, costs


def faults(tree, pages):
    found, costs = [], []
    numbers = expected(tree)
    for page, heading in PAGES.items():
        rows, cost = written(pages[page], heading)
        costs.append(cost)
        if len(rows) != len(numbers):
            found.append(f"{page}: {len(rows)} rows, and {len(numbers)} are known here")
        found += [f"{page}, row {number}: {there}, and the sources say {here}"
                  for number, (there, here) in enumerate(zip(rows, numbers), 1) if there != here]
    if costs[0] != costs[1]:
        found.append(f"the measured figures differ between the languages: {costs}")
    return found


def is_constant(line):
    return re.match(r"\s*(?:inline |static )*constexpr ", line) is not None


def without_reason(text):
    """The limits that no comment explains: above it, beside it, or above the constants that it stands among."""
    lines = text.splitlines()
    found = []
    for number, line in enumerate(lines):
        name = re.search(r"\b(?:max|most)_\w+(?= =)", line)
        if not name or not is_constant(line) or "//" in line:
            continue
        above = number - 1
        while above >= 0 and is_constant(lines[above]) and "//" not in lines[above]:
            above -= 1
        if above < 0 or "//" not in lines[above]:
            found.append(name[0])
    return found


def unexplained(tree):
    return [f"{file.relative_to(tree)}: {name} has no reason beside it" for file in sorted((tree / "lib").rglob("*.[ch]*"))
            for name in without_reason(file.read_text())]


def self_test(tree, pages):
    assert without_reason("constexpr int max_a = 1;\n") == ["max_a"]
    assert without_reason("int x;\n\nconstexpr int max_a = 1;\nconstexpr int max_b = 2;\n") == ["max_a", "max_b"]
    assert not without_reason("/// Why.\nconstexpr int max_a = 1;\nconstexpr int most_b = 2;\nconstexpr int max_c = 3;  // why\n")
    assert not faults(tree, pages), faults(tree, pages)
    for page in PAGES:
        for old, new in (("64 MiB", "63 MiB"), ("1,000,000", "2,000,000")):
            assert old in pages[page]
            assert faults(tree, {**pages, page: pages[page].replace(old, new, 1)}), f"{old} -> {new} in {page} was not found"
    assert shown("max_line_bytes", 16 << 10) == "16 KiB" and shown("max_files", 1024) == "1,024"


def main():
    tree = Path(__file__).resolve().parent.parent.parent if sys.argv[1] == "--self-test" else Path(sys.argv[1])
    pages = {page: (tree / page).read_text() for page in PAGES}
    if sys.argv[1] == "--self-test":
        self_test(tree, pages)
        return 0
    found = faults(tree, pages) + unexplained(tree)
    if found:
        print(*found, sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
