"""A stream of deposits while the line is cut, the connector killed and the gateway killed: one document for one file, whole, and no
other. Short here; FLIKVAKT_LONG=1 plays 1,000 deposits, 500 cuts, 100 kills of the connector and 50 of the gateway. SPEC CONN-34, CONN-35"""
import contextlib
import hashlib
import os
import pathlib
import random
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

import connector_world as world
from connector_world import CONNECTOR, PDF, PROGRAM, wait_until

MISSING = not (PROGRAM.exists() and CONNECTOR.exists())
LONG = os.environ.get("FLIKVAKT_LONG") == "1"
DEPOSITS, CUTS, KILLS, GATEWAY_KILLS = (1000, 500, 100, 50) if LONG else (40, 25, 4, 2)


class Line:
    """Passes bytes on, and cuts at a random byte as often as it is told to."""

    def __init__(self, to, seed):
        self.to, self.random, self.cuts, self.lock = to, random.Random(seed), 0, threading.Lock()
        self.wanted = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.to), 5)
            except OSError:
                client.close()
                continue
            budget = [None]
            with self.lock:
                if self.cuts < self.wanted:
                    budget[0] = self.random.randrange(1, self.random.choice((3000, 60_000, 600_000)))  # a handshake, a document, many
            for a, b in ((client, server), (server, client)):
                threading.Thread(target=self.pump, args=(a, b, client, server, budget), daemon=True).start()

    def pump(self, a, b, client, server, budget):
        try:
            while got := a.recv(4096):
                if budget[0] is not None:
                    if len(got) >= budget[0]:
                        b.sendall(got[:budget[0]])
                        with self.lock:
                            self.cuts += 1
                        for one in (client, server):  # a reset, not an orderly end
                            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                        return
                    budget[0] -= len(got)
                b.sendall(got)
        except OSError:
            pass
        finally:
            for one in (client, server):
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                one.close()


@unittest.skipIf(MISSING, "the programs are missing: run ./dev build")
class Chaos(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="flikvakt-chaos-")
        self.addCleanup(folder.cleanup)
        self.where = pathlib.Path(folder.name)
        self.world = world.World(self.where, "requests_per_second = 2000\nrequest_burst = 4000\n")
        self.addCleanup(self.world.stop)
        self.world.begin().people()

    def documents(self):
        jorun, milo = self.world.cast.jorun, self.world.cast.milo
        listing = world.clients.expect(jorun.list(milo.number, "konsultation"), "listing")
        return {one["title"]: one["id"] for flik in listing["flikar"] for one in flik["documents"]}, [
            one["title"] for flik in listing["flikar"] for one in flik["documents"]]

    def play(self, end_to_end):
        seed = random.randrange(1 << 32)
        print(f"seed {seed}: chaos, {'end to end' if end_to_end else 'direct'}", flush=True)
        dice = random.Random(seed)
        line = Line(self.world.portal if end_to_end else self.world.api, seed)
        one = world.Connector(self.world, self.where / "connector", end_to_end=end_to_end, witness=False).must_enrol(end_to_end=end_to_end)
        self.addCleanup(one.stop)
        through = f"https://localhost:{line.port}"
        if end_to_end:
            one.configure(end_to_end=True, gateway=through, more="poll_seconds = 2\nchunk_kib = 16\n", witness=False)
        else:
            one.configure(more=f'direct = "{through}"\npoll_seconds = 2\nchunk_kib = 16\n', witness=False)
        one.start()
        contents = {}
        kills, gateway_kills, line.wanted = 0, 0, CUTS
        began = time.monotonic()
        for number in range(DEPOSITS):
            content = PDF + bytes([dice.randrange(256)]) * dice.randrange(1, 40_000) + str(number).encode()
            contents[f"dokument {number}"] = content
            one.put(f"d{number}.pdf", content, title=f"dokument {number}")
            if dice.random() < KILLS / DEPOSITS * 1.3 and kills < KILLS:
                one.stop(signal.SIGKILL)
                kills += 1
                one.start(wait=False)
            if dice.random() < GATEWAY_KILLS / DEPOSITS * 1.3 and gateway_kills < GATEWAY_KILLS:
                self.world.gateway.stop(signal.SIGKILL)
                gateway_kills += 1
                self.world.gateway.must_start()
            time.sleep(0.02)
        during = f"{kills} and {gateway_kills} of them while files were dropped, the others while the queue drained"
        while kills < KILLS or gateway_kills < GATEWAY_KILLS:
            if kills < KILLS:
                one.stop(signal.SIGKILL)
                kills += 1
                one.start(wait=False)
            if gateway_kills < GATEWAY_KILLS:
                self.world.gateway.stop(signal.SIGKILL)
                gateway_kills += 1
                self.world.gateway.must_start()
            time.sleep(dice.random())
        patience = 3600 if LONG else 240
        wait_until("every receipt: " + one.said(), lambda: len(list((one.drop / "done" / "journal").glob("*.receipt.json"))) >= DEPOSITS, patience, 0.2)
        wait_until("the cuts", lambda: line.cuts >= CUTS or self.more(one, contents, dice), patience, 0.2)
        wait_until("an empty queue", lambda: not list((one.folder / "state" / "outbox").iterdir()), patience, 0.2)
        by_title, titles = self.documents()
        mine = [title for title in titles if title.startswith("dokument ")]
        self.assertEqual(sorted(mine), sorted(contents), "each once, none missing")
        for title, content in contents.items():
            body = world.fetch(self.world.cast.jorun, by_title[title]).body
            self.assertEqual(hashlib.sha256(body).hexdigest(), hashlib.sha256(content).hexdigest(), title)
        self.assertFalse((one.drop / "refused").exists(), "nothing was refused: " + one.said())
        print(f"counts: chaos: {len(contents)} documents, none twice, none damaged; {line.cuts} cuts, {kills} kills of the connector, {gateway_kills} of the gateway"
              f" ({during});"
              f" {time.monotonic() - began:.0f} s", flush=True)

    def more(self, one, contents, dice):
        """Until there were as many cuts as wanted something goes over the line."""
        number = len(contents)
        content = PDF + bytes([dice.randrange(256)]) * dice.randrange(1, 40_000) + str(number).encode()
        contents[f"dokument {number}"] = content
        one.put(f"d{number}.pdf", content, title=f"dokument {number}")
        wait_until("a receipt: " + one.said(), lambda: one.receipt(f"d{number}.pdf"), 60)
        return False

    def test_direct(self):
        self.play(end_to_end=False)

    def test_end_to_end(self):
        self.play(end_to_end=True)

    def test_a_full_disk_leaves_the_file_where_it_is(self):  # SPEC CONN-35
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(self.mountpoint())], capture_output=True).returncode != 0:
            self.skipTest("a small disk cannot be mounted here")
        self.addCleanup(lambda: subprocess.run(["umount", "-l", str(self.mountpoint())], capture_output=True))
        one = world.Connector(self.world, self.where / "connector", witness=False)
        os.symlink(self.mountpoint(), one.folder / "state")
        os.chmod(self.mountpoint(), 0o700)
        self.addCleanup(one.stop)
        one.must_enrol().start()
        filler = self.mountpoint() / "filler"
        with open(filler, "wb", buffering=0) as out, contextlib.suppress(OSError):
            while True:
                out.write(b"x" * 4096)
        one.put("full.pdf", PDF + b"y" * 1000)
        wait_until("it is said: " + one.said(), lambda: "stays where it is" in one.said())
        self.assertEqual((one.drop / "journal" / "full.pdf").read_bytes(), PDF + b"y" * 1000)
        filler.unlink()
        self.assertTrue(wait_until("a receipt: " + one.said(), lambda: one.receipt("full.pdf")))

    def mountpoint(self):
        folder = self.where / "small"
        folder.mkdir(exist_ok=True)
        return folder


if __name__ == "__main__":
    unittest.main()
