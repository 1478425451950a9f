"""A page of the manual as its tests see it: sections, what is tagged in its lists, and the commands of its examples."""

import re

ESCAPES = (("\\e", "\\"), ("\\-", "-"), ("\\&", ""), ("\\(dq", '"'), ("\\(aq", "'"))


def plain(line):
    """A line of literal text as a terminal shows it."""
    result, at = "", 0
    while at < len(line):
        for escape, shown in ESCAPES:
            if line.startswith(escape, at):
                result, at = result + shown, at + len(escape)
                break
        else:
            result, at = result + line[at], at + 1
    return result


def sections(text):
    """[(title, lines)] in the order of the page."""
    found = []
    for line in text.splitlines():
        if line.startswith(".Sh "):
            found.append((line[4:].strip(), []))
        elif found:
            found[-1][1].append(line)
    return found


def section(text, title):
    return next((lines for name, lines in sections(text) if name == title), [])


def tagged(lines, macro):
    """What the items of lists name by a macro, in order: tagged(lines, "Fl") of `.It Fl q , -quiet` is ["q , -quiet"];
    arguments, which are translated, are left out."""
    items = []
    for line in lines:
        if line.startswith(f".It {macro} "):
            items.append(re.split(r" (?:Ar|Ns|Op|Pq|Cm|No) ", line[5 + len(macro):] + " ")[0].strip())
    return items


def literal_blocks(lines):
    """Each display of literal text: a `.Bd -literal`, or `.Dl` lines that follow each other."""
    blocks, literal, one_line = [], None, False
    for line in lines:
        if line.startswith(".Bd -literal"):
            literal = []
        elif line == ".Ed" and literal is not None:
            blocks.append(literal)
            literal = None
        elif literal is not None:
            literal.append(plain(line))
        elif line.startswith(".Dl "):
            if not one_line:
                blocks.append([])
            blocks[-1].append(plain(line[4:]))
        one_line = line.startswith(".Dl ")
    return blocks


def examples(text):
    """(commands, fragments) of EXAMPLES: what stands behind "$ ", with the lines that continue it; and lines that call
    the program from elsewhere (a crontab, a mail reader). Displays without a call, such as files, are neither."""
    commands, fragments = [], []
    for block in literal_blocks(section(text, "EXAMPLES")):
        if not block or not block[0].startswith("$ "):
            fragments += [line for line in block if re.search(r"\bmaildiag [a-z]", line)]
            continue
        for line in block:
            if line.startswith("$ "):
                commands.append(line[2:])
            else:
                commands[-1] += "\n" + line
    return commands, fragments


def self_test():
    """What is wrong with the functions above."""
    page = ('.Sh NAME\nx\n.Sh EXAMPLES\n.Dl $ maildiag a \\-b\n.Dl 1 * * * * maildiag watch\n.Pp\n.Bd -literal -offset indent\n'
            '$ maildiag c \\e\n    --d | cat\n$ maildiag e\n.Ed\n.Bd -literal\n17 *  maildiag f\n[table]\n.Ed\n.Sh LAST\n'
            '.Dl $ maildiag g\n')
    cases = [
        (examples(page), (["maildiag a -b\n1 * * * * maildiag watch", "maildiag c \\\n    --d | cat", "maildiag e"], ["17 *  maildiag f"])),
        (sections(page)[0], ("NAME", ["x"])),
        (section(page, "NONE"), []),
        (tagged([".It Fl q , -quiet", ".It Fl -ip Ar address", ".It Ev A , B", ".It 0"], "Fl"), ["q , -quiet", "-ip"]),
        (tagged([".It Pa ~/x"], "Pa"), ["~/x"]),
        (plain(r"\e($t) \(dqa\(dq \&."), r'\($t) "a" .'),
    ]
    return [f"expected {expected!r}, got {got!r}" for got, expected in cases if got != expected]
