"""A name server on loopback that knows the truth and seldom just tells it.

    with HostileDns(zone, random.Random(seed), faults=["forged_id", "late"], tcp_faults=["half"]) as server:
        run([..., "--nameserver", server.endpoint])

`zone`: {name: {type number: [RDATA, ...]}}. RECOVERABLE faults keep no answer away; whatever the faults, nothing that it
sends can be told from the truth and is none.
"""

import asyncio
import socket
import struct

from loop_server import LoopServer

A, CNAME, SOA, PTR, MX, TXT = 1, 5, 6, 12, 15, 16
RECOVERABLE = ["late", "twice", "forged_id", "forged_question", "forged_bare", "forged_port", "forged_address", "forged_query",
               "flood", "truncated", "truncated_forged"]
FAILING = ["lost", "too_late", "cut", "damaged", "refusal", "loop", "counts", "strings", "nonsense", "tiny"]
TCP_RECOVERABLE = ["drip", "split"]
TCP_FAILING = ["closed", "half", "half_closed", "reset", "silent", "giant", "endless", "forged", "truncated", "nonsense", "zero"]
SOA_RDATA = b"\0\0" + struct.pack(">5I", 1, 3600, 600, 86400, 60)


def wire(name):
    return b"".join(bytes([len(label)]) + label for label in name.encode().split(b".") if label) + b"\0"


def txt(text):
    return b"".join(bytes([len(text[i:i + 255])]) + text[i:i + 255].encode() for i in range(0, len(text), 255))


class Query:
    def __init__(self, packet):
        self.id, end, labels = packet[:2], 12, []
        while packet[end]:
            labels.append(packet[end + 1:end + 1 + packet[end]].decode("latin-1").lower())
            end += packet[end] + 1
        self.question, self.name = packet[12:end + 5], ".".join(labels)
        self.type = int.from_bytes(packet[end + 1:end + 3], "big")
        self.edns = packet[11] != 0

    def reply(self, records, rcode=0, flags=0x8500, question=None, identifier=None, counts=None):
        """`records`: [(type, RDATA)] about the question's name; without, an SOA says that there are none."""
        question = self.question if question is None else question
        answer = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data for kind, data in records)
        authority = b"" if records or rcode not in (0, 3) else b"\0" + struct.pack(">HHIH", SOA, 1, 60, len(SOA_RDATA)) + SOA_RDATA
        counts = counts or (1 if question else 0, len(records), 1 if authority else 0, 0)
        return (identifier or self.id) + struct.pack(">H4H", flags | rcode, *counts) + question + answer + authority


class HostileDns(LoopServer):
    def __init__(self, zone, dice, faults=(), tcp_faults=(), percent=100):
        super().__init__()
        self.zone, self.dice, self.percent = zone, dice, percent
        self.faults, self.tcp_faults = list(faults), list(tcp_faults)
        self.asked = 0
        self.udp, self.other_port, self.other_address = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3))
        self.tcp = socket.socket()
        self._bind()
        self.endpoint = f"127.0.0.1#{self.port}"

    def _bind(self):
        """The same port four times; another process may have one of them."""
        for _ in range(100):
            self.udp.bind(("127.0.0.1", 0))
            self.port = self.udp.getsockname()[1]
            try:
                self.tcp.bind(("127.0.0.1", self.port))
                self.other_address.bind(("127.0.0.66", self.port))
                self.other_port.bind(("127.0.0.1", 0))
                break
            except OSError:
                for each in (self.udp, self.tcp, self.other_address):
                    each.close()
                self.udp, self.other_address = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
                self.tcp = socket.socket()
        else:
            raise RuntimeError("no port is free")
        self.tcp.listen(64)
        self.sockets = (self.udp, self.other_port, self.other_address, self.tcp)
        for each in self.sockets:
            each.setblocking(False)

    async def start(self):
        self.loop.add_reader(self.udp, self._receive)
        return await asyncio.start_server(self._serve, sock=self.tcp)

    # ---- what it knows, and what a forger would like to be believed

    def truth(self, query):
        records = self.zone.get(query.name, {})
        if CNAME in records and query.type != CNAME:
            return query.reply([(CNAME, records[CNAME][0])])
        exists = records or any(name.endswith("." + query.name) for name in self.zone)
        return query.reply([(query.type, data) for data in records.get(query.type, [])], 0 if exists else 3)

    def lie(self, query, **more):
        lies = {A: [b"\x7f\0\0\x02", b"\x7f\0\0\x0a"], TXT: [txt("v=spf1 +all")], MX: [b"\0\0\0"], PTR: [wire("liar.example")]}
        if query.type not in lies or self.dice.random() < 0.4:
            return query.reply([], self.dice.choice([0, 3]), **more)
        return query.reply([(query.type, self.dice.choice(lies[query.type]))], **more)

    def forged(self, query, fault):
        if fault == "forged_id":
            return self.lie(query, identifier=bytes([query.id[0] ^ self.dice.randrange(1, 256), query.id[1]]))
        if fault == "forged_question":
            name = query.question[:1] + bytes([query.question[1] ^ 1]) + query.question[2:-4]
            other = self.dice.choice([name + query.question[-4:], query.question[:-4] + b"\0\x63\0\1", query.question[:-2] + b"\0\3"])
            return self.lie(query, question=other)
        if fault == "forged_bare":
            return self.lie(query, question=b"", counts=(0, 0, 0, 0))
        if fault == "forged_query":
            return self.lie(query, flags=0x0500)
        if fault == "truncated_forged":
            return self.lie(query, flags=0x8700)
        return self.lie(query)  # from elsewhere

    def spoiled(self, query, fault):
        truth = self.truth(query)
        if fault == "cut":
            return truth[:self.dice.randrange(len(truth))]
        if fault == "tiny":
            return truth[:self.dice.randrange(12)]
        if fault == "damaged":  # in the id or the question's type and class
            place = self.dice.choice([0, 1, *range(12 + len(query.question) - 4, 12 + len(query.question))])
            return truth[:place] + bytes([truth[place] ^ 1 << self.dice.randrange(8)]) + truth[place + 1:]
        if fault == "refusal":
            return query.reply([], self.dice.choice([1, 2, 4, 5, 9, 15]))
        if fault == "counts":
            return truth[:6] + bytes([self.dice.randrange(1, 256)]) + truth[7:]
        if fault == "strings":
            return query.reply([(TXT, bytes(self.dice.randrange(600, 1100)))])
        if fault == "loop":
            start = 12 + len(query.question)
            pointer = struct.pack(">H", 0xc000 | self.dice.choice([start, start + 2, 0x3fff]))
            return query.reply([], flags=0x8500, counts=(1, 1, 0, 0))[:start] + pointer + struct.pack(">HHIH", A, 1, 60, 4) + b"\x7f\0\0\x02"
        return query.reply([], counts=(1, 1, 0, 0))[:12 + len(query.question)] + self.dice.randbytes(self.dice.randrange(1000))

    # ---- UDP

    def _receive(self):
        while True:
            try:
                packet, peer = self.udp.recvfrom(4096)
            except OSError:
                return
            if len(packet) > 12:
                self.asked += 1
                self._answer(Query(packet), peer)

    def _send(self, message, peer, delay=0.0, source=None):
        def now():
            try:
                (source or self.udp).sendto(message, peer)
            except OSError:
                pass  # who asked is gone
        if delay:
            self.loop.call_later(delay, now)
        else:
            now()

    def _answer(self, query, peer):
        soon = self.dice.uniform(0.001, 0.03)
        fault = self.dice.choice(self.faults) if self.faults and self.dice.randrange(100) < self.percent else "none"
        if fault == "none":
            self._send(self.truth(query), peer)
        elif fault in ("late", "twice"):  # and in another order than asked
            self._send(self.truth(query), peer, soon)
            if fault == "twice":
                self._send(self.truth(query), peer)
        elif fault == "truncated":
            self._send(query.reply([], flags=0x8700, counts=(1, 0, 0, 0))[:12 + len(query.question)], peer)
        elif fault == "truncated_forged":
            self._send(self.forged(query, fault), peer)
        elif fault == "flood":
            for _ in range(40):
                self._send(self.forged(query, self.dice.choice(["forged_id", "forged_question", "forged_bare"])), peer)
            self._send(self.truth(query), peer, soon)
        elif fault.startswith("forged"):
            source = {"forged_port": self.other_port, "forged_address": self.other_address}.get(fault)
            self._send(self.forged(query, fault), peer, source=source)
            self._send(self.truth(query), peer, soon)
        elif fault == "too_late":
            self._send(self.truth(query), peer, self.dice.uniform(0.5, 2))
        elif fault != "lost":
            self._send(self.spoiled(query, fault), peer)

    # ---- TCP

    async def _serve(self, reader, writer):
        try:
            size = int.from_bytes(await reader.readexactly(2), "big")
            await self._reply(Query(await reader.readexactly(size)), writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _reply(self, query, writer):
        fault = self.dice.choice(self.tcp_faults) if self.tcp_faults and self.dice.randrange(100) < self.percent else "none"
        message = {"forged": lambda: self.forged(query, self.dice.choice(["forged_id", "forged_question", "forged_bare", "forged_query"])),
                   "truncated": lambda: self.forged(query, "truncated_forged"), "zero": lambda: b"",
                   "nonsense": lambda: self.spoiled(query, self.dice.choice(["nonsense", "loop", "counts", "strings"])),
                   "giant": lambda: bytes(65535), "endless": lambda: bytes(65535)}.get(fault, lambda: self.truth(query))()
        octets = len(message).to_bytes(2, "big") + message
        if fault == "closed":
            return
        if fault == "reset":
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            return
        if fault == "half_closed":
            writer.write(octets[:1])
            writer.write_eof()
            await asyncio.sleep(60)
        if fault == "silent":
            await asyncio.sleep(60)
        if fault == "half":
            octets = octets[:self.dice.randrange(len(octets))]
        step = {"drip": 7, "split": len(octets) // 2 + 1}.get(fault, len(octets) or 1)
        for at in range(0, len(octets), step):
            writer.write(octets[at:at + step])
            await writer.drain()
            if step < len(octets):
                await asyncio.sleep(0.001)
        while fault == "endless":
            writer.write(octets)
            await writer.drain()
            await asyncio.sleep(0)  # drain() need not wait
