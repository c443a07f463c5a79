"""What stands between browsers and the gateway: passes bytes on, TLS and all, each connection from another address of the loopback net,
as if many people came (the gateway slows a source that signs in too often). It can be cut and mended, as a network is."""
import asyncio
import itertools
import threading

CHUNK = 65536


class Relay:
    """`target` says to which port of 127.0.0.1 a connection goes, asked anew for each: the gateway has another one after each start."""

    def __init__(self, target):
        self.target, self.port, self.open = target, None, set()
        self.sources = (f"127.{a}.{b}.{c}" for a, b, c in itertools.product(range(1, 255), range(256), range(1, 255)))
        self.is_cut = False
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="relay", daemon=True)

    def start(self, port=0):
        self.thread.start()
        self.server = self.within(asyncio.start_server(self.serve, "127.0.0.1", port))
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    def within(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout=30)

    def cut(self):
        """Every connection breaks, and none gets through until mend()."""
        self.is_cut = True
        self.within(self.break_all())

    def mend(self):
        self.is_cut = False

    def stop(self):
        self.within(self.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(timeout=30)
        self.loop.close()

    async def close(self):
        self.server.close()
        await self.break_all()
        await self.server.wait_closed()
        tasks = [one for one in asyncio.all_tasks() if one is not asyncio.current_task()]
        await asyncio.gather(*tasks, return_exceptions=True)

    async def break_all(self):
        for writer in list(self.open):
            writer.transport.abort()

    async def serve(self, from_browser, to_browser):
        if self.is_cut:
            to_browser.transport.abort()
            return
        try:
            from_gateway, to_gateway = await asyncio.open_connection("127.0.0.1", self.target(), local_addr=(next(self.sources), 0))
        except OSError:
            to_browser.transport.abort()
            return
        both = {to_browser, to_gateway}
        self.open |= both
        try:
            await asyncio.gather(self.pass_on(from_browser, to_gateway), self.pass_on(from_gateway, to_browser))
        finally:
            self.open -= both
            for writer in both:
                writer.close()

    async def pass_on(self, reader, writer):
        try:
            while data := await reader.read(CHUNK):
                writer.write(data)
                await writer.drain()
            writer.write_eof()
        except (OSError, NotImplementedError):
            writer.transport.abort()
