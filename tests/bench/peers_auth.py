"""SPF and DKIM: pyspf, libspf2's spfquery and opendkim-testmsg beside maildiag, all asking one nsd on 127.0.0.1:53."""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
import servers  # noqa: E402
import spf_rate  # noqa: E402
from dkim_sign import Signer  # noqa: E402
from side_by_side import Comparison, run, wall_of  # noqa: E402

DOMAINS = 3_000
SINGLE_RUNS = 10
MESSAGE = """From: Sender <sender@signed.example>\r
To: Receiver <receiver@own.example>\r
Subject: A signed message\r
Date: Fri, 20 Nov 2026 09:30:00 +0000\r
Message-ID: <1@signed.example>\r
\r
""" + "A line of a message that nobody will read again.\r\n" * 60


def spf(program, rounds):
    """The record of a usual company: a, mx, two includes, networks."""
    peers = {name: f"pyspf, {name}" for name in spf_rate.LIBRARIES}
    many = {name: Comparison("SPF evaluations", "domains/s", peer, target=">= 50") for name, peer in peers.items()}
    work = {name: Comparison("SPF evaluations", "domains/s of processor", peer) for name, peer in peers.items()}
    one = Comparison("one SPF evaluation", "ms", "spfquery", lower=True)
    with tempfile.TemporaryDirectory() as name:
        server = spf_rate.start_server(Path(name), DOMAINS)
        try:
            for each in spf_rate.rounds_of(program, DOMAINS, rounds):
                for name in peers:
                    many[name].add(each["ours"], each[name])
                    work[name].add(each["ours_cpu"], each[name + "_cpu"])
                one.add(1000 * each["one"], 1000 * each["spfquery"])
        finally:
            server.terminate()
            server.wait()
    return [*many.values(), *work.values(), one]


class NsdOfAll(servers.Nsd):
    wanted_port = 53


def dkim(program, rounds):
    """One signed message of 4 KB, its key by DNS: whole processes."""
    row = Comparison("DKIM of one message", "ms", "opendkim-testmsg", lower=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        signer, message = Signer(folder), folder / "message.eml"
        signed = signer.sign(MESSAGE.encode(), domain="signed.example", selector="s1")
        message.write_bytes(signed)
        zone = ("$TTL 300\n@ SOA ns hostmaster 1 1h 1h 1w 5m\n@ NS ns\nns A 127.0.0.1\n"
                f"s1._domainkey TXT {signer.record()}\n")
        ours = [program, "--nameserver", "127.0.0.1", "--format", "json", "dkimcheck", "--message", str(message)]
        theirs = ["opendkim-testmsg", "-C"]
        with NsdOfAll({"signed.example": zone}):
            if '"result":"pass"' not in (output := run(ours).output):
                raise RuntimeError(f"the signature is not verified: {output[:2000]}")
            text = signed.decode()
            run(theirs, stdin=text, status=0)
            for _ in range(rounds):
                row.add(1000 * wall_of(ours, SINGLE_RUNS), 1000 * wall_of(theirs, SINGLE_RUNS, stdin=text))
    return [row]
