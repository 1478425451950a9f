"""Servers of tests that play in an asyncio event loop of their own, in a thread of its own: `with Server(...) as server`."""

import asyncio
import threading


class LoopServer:
    """A server's own: `sockets`, which are closed at the end, and start(), which begins to serve and gives an asyncio server."""

    sockets = ()

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, daemon=True)

    async def start(self):
        raise NotImplementedError

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        for each in self.sockets:
            each.close()

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.set_exception_handler(lambda *_: None)  # clients that hang up are part of the test
        server = self.loop.run_until_complete(self.start())
        self.loop.run_forever()
        server.close()
        pending = asyncio.all_tasks(self.loop)
        for task in pending:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        self.loop.close()
