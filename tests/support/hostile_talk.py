"""A TCP server on loopback that plays scripts, however wrong, in clear and in TLS.

    with HostileTalk([[b"220 mail.test\\r\\n", LINE, b"250 hal", RESET]], context) as server: ...

A script is octets to send and the steps below; each connection has the next of the scripts, at last always the last one,
and ends with it.
"""

import asyncio
import logging
import socket
import ssl
import struct

from loop_server import LoopServer

logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # it warns of what is no fault

LINE, PAGE = "waits for a line", "waits for an empty line"
TLS = "a handshake"
RESET, HALF_CLOSE, SILENCE = "RST", "sends no more, and waits", "waits"


class Endless:
    def __init__(self, octets):
        self.octets = octets * (16384 // len(octets) + 1)


class Drip:
    def __init__(self, octets, step=1):
        self.octets, self.step = octets, step


class HostileTalk(LoopServer):
    def __init__(self, scripts, context=None):
        super().__init__()
        self.scripts, self.context = scripts, context
        self.heard, self.connections = b"", 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.sockets = (self.listener,)
        self.port = self.listener.getsockname()[1]

    async def start(self):
        return await asyncio.start_server(self._serve, sock=self.listener)

    async def _serve(self, reader, writer):
        script = self.scripts[min(self.connections, len(self.scripts) - 1)]
        self.connections += 1
        try:
            for step in script:
                await self._perform(step, reader, writer)
        except (OSError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _perform(self, step, reader, writer):
        if step in (LINE, PAGE):
            self.heard += await reader.readuntil(b"\n" if step is LINE else b"\r\n\r\n")
        elif step is TLS:
            await writer.start_tls(self.context)
        elif step is RESET:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            raise ConnectionResetError
        elif step is HALF_CLOSE:
            writer.get_extra_info("socket").shutdown(socket.SHUT_WR)
            await reader.read()
        elif step is SILENCE:
            await reader.read()
        elif isinstance(step, Endless):
            while not reader.at_eof() and not reader.exception():
                writer.write(step.octets)
                await writer.drain()
                await asyncio.sleep(0)  # drain() need not wait, and TLS that is over takes everything
        elif isinstance(step, Drip):
            for at in range(0, len(step.octets), step.step):
                writer.write(step.octets[at:at + step.step])
                await writer.drain()
                await asyncio.sleep(0.001)
        else:
            writer.write(step)
            await writer.drain()
