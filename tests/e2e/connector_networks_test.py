"""Connectors through real networks and proxies: nothing goes out of the partner's but to its proxy. spec/connector.md, spec/end-to-end.md"""
import json
import pathlib
import statistics
import sys
import tempfile
import time
import unittest

import connector_world as world
from connector_world import CONNECTOR, PDF, PROGRAM, wait_until
import clients
import networks

MISSING = not (PROGRAM.exists() and CONNECTOR.exists())
MARKERS = 200


class Networked(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="flikvakt-net-")
        cls.addClassCleanup(folder.cleanup)
        cls.where = pathlib.Path(folder.name)
        cls.where.chmod(0o755)
        cls.nets = networks.Networks() if networks.may_namespaces() else None
        if cls.nets:
            cls.addClassCleanup(cls.nets.close)
        else:
            print("network namespaces are not permitted here: the same tests run over loopback", flush=True)
        address, name = ("10.91.2.2", networks.GATEWAY_NAME) if cls.nets else ("127.0.0.1", "localhost")
        cls.world = world.World(cls.where, address=address, names=(name, "localhost", "127.0.0.1"))
        cls.addClassCleanup(cls.world.stop)
        if cls.nets:
            cls.move_gateway_inside()
        cls.world.begin()
        cls.made = 0

    @classmethod
    def move_gateway_inside(cls):
        """The gateway's program runs in its own network; the admin socket is a file, and reached all the same."""
        program = cls.where / "flikvakt-in-its-network"
        program.write_text(f"#!/bin/sh\n[ \"$1\" = serve ] || exec {PROGRAM} \"$@\"\nexec ip netns exec {cls.nets.gateway} {PROGRAM} \"$@\"\n")
        program.chmod(0o755)
        cls.world.gateway.program = str(program)

    def partner(self):
        return self.nets.inside(self.nets.partner) if self.nets else []

    def proxied(self):
        """(before, host) of where a proxy runs."""
        return (self.nets.inside(self.nets.proxy), "10.91.1.1") if self.nets else ([], "127.0.0.1")

    def connector(self, more="", end_to_end=False, enrolled=True):
        type(self).made += 1
        one = world.Connector(self.world, self.where / f"connector-{self.made}", end_to_end=end_to_end, more=more, before=self.partner(), witness=False)
        self.addCleanup(one.stop)
        return one.must_enrol(end_to_end=end_to_end) if enrolled else one

    def proxy(self, make, *how, **more):
        before, host = self.proxied()
        port = world.free_port()
        one = make(before, self.where / f"proxy-{port}", host, port, *how, **more)
        self.addCleanup(one.close)
        return f"http://{host}:{port}"

    def inspecting(self, idle=60, page=False):
        before, host = self.proxied()
        port = world.free_port()
        folder = self.where / f"inspecting-{port}"
        folder.mkdir()
        names = [f"{networks.GATEWAY_NAME}=10.91.2.2"] if self.nets else []
        words = [sys.executable, str(world.ROOT / "demo" / "inspecting.py"), str(folder), host, str(port), str(idle), "page" if page else "-", *names]
        one = networks.Program(before, words, port, host, folder)
        self.addCleanup(one.close)
        return f"http://{host}:{port}", folder

    def must_work(self, one):
        one.start()
        listed = self.world.connectors()[one.id]
        self.assertTrue(listed["present"], one.said())


@unittest.skipIf(MISSING, "the programs are missing: run ./dev build")
class WaysThrough(Networked):
    def test_direct(self):  # SPEC CONN-1
        if self.nets:
            self.nets.routed(True)
            self.addCleanup(self.nets.routed, False)
        one = self.connector()
        self.must_work(one)
        listening = world.subprocess.run([*self.partner(), "ss", "-ltnpH"], capture_output=True, text=True).stdout
        self.assertNotIn("flikvakt-connec", listening, "nothing listens at the partner")

    def test_nothing_goes_out_without_the_proxy(self):
        if not self.nets:
            self.skipTest("network namespaces are not permitted here")
        self.nets.routed(False)
        one = self.connector(enrolled=False)
        ran = one.enrol(self.world.code()["code"])
        self.assertIn(ran.returncode, (world.ROUTE, world.NAME), ran.stderr)
        code, layers = one.doctor()
        self.assertEqual((code, layers["route"]["health"]), (world.ROUTE, "failed"))
        self.assertIn("be om utgående HTTPS", layers["route"]["ask_swedish"])
        self.assertLess(one.doctor_seconds, 5)

    def test_squid_and_tinyproxy_without_and_with_a_password(self):  # SPEC CONN-2
        for make in (networks.squid, networks.tinyproxy):
            with self.subTest(proxy=make.__name__):
                address = self.proxy(make)
                self.must_work(self.connector(more=f'[proxy]\naddress = "{address}"\n'))
                address = self.proxy(make, login=("region", "hemligt"))
                one = self.connector(more=f'[proxy]\naddress = "{address}"\n', enrolled=False)
                ran = one.enrol(self.world.code()["code"])
                self.assertEqual(ran.returncode, world.PROXY_LOGIN, ran.stderr)
                code, layers = one.doctor()
                self.assertEqual((code, layers["proxy_login"]["health"]), (world.PROXY_LOGIN, "failed"), layers)
                login = one.folder / "login"
                login.touch(mode=0o600)
                login.write_text("region:hemligt\n")
                one.configure(more=f'[proxy]\naddress = "{address}"\nlogin_file = "login"\n', witness=False)
                one.must_enrol()
                self.must_work(one)

    def test_the_proxy_of_the_environment(self):  # SPEC CONN-2
        address = self.proxy(networks.tinyproxy)
        one = self.connector(enrolled=False)
        one.environment = {"https_proxy": address, "HTTPS_PROXY": address}
        one.must_enrol()
        self.must_work(one)

    def test_a_proxy_that_opens_tls_is_named_and_direct_mode_stops(self):  # SPEC CONN-3, CONN-73
        address, folder = self.inspecting()
        one = self.connector(more=f'[proxy]\naddress = "{address}"\n')  # enrolling is sealed, whoever listens
        code, layers = one.doctor()
        self.assertEqual((code, layers["inspection"]["health"]), (world.NOT_THE_GATEWAY, "failed"), layers)
        self.assertIn("Natets inspektion", layers["inspection"]["english"])
        one.start(wait=False)
        self.assertEqual(one.ends(10), world.NOT_THE_GATEWAY, one.said())
        one.configure(more=f'ca_bundle = "{folder / "inspection-ca.pem"}"\n[proxy]\naddress = "{address}"\n', witness=False)
        one.start(wait=False)
        self.assertEqual(one.ends(10), world.NOT_THE_GATEWAY, "its root vouches for nobody: " + one.said())

    def test_a_page_in_the_gateways_place(self):  # SPEC E2E-21
        address, _ = self.inspecting()
        one = self.connector(more=f'[proxy]\naddress = "{address}"\n', end_to_end=True)
        address, _ = self.inspecting(page=True)
        one.configure(end_to_end=True, more=f'[proxy]\naddress = "{address}"\n', witness=False)
        code, layers = one.doctor()
        self.assertEqual((code, layers["authorisation"]["health"]), (world.CAPTIVE, "failed"), layers)
        one.put("kvar.pdf", PDF, person="198001019999")
        one.start(wait=False)
        wait_until("it says so: " + one.said(), lambda: "in the gateway's place" in one.said())
        time.sleep(1)
        self.assertIsNone(one.process.poll(), "it goes on trying")
        self.assertTrue(list((one.folder / "state" / "outbox").glob("*.data")) or (one.drop / "journal" / "kvar.pdf").exists(), "the file is kept")


@unittest.skipIf(MISSING, "the programs are missing: run ./dev build")
class SealedThroughAnInspectingProxy(Networked):
    """End-to-end mode where TLS is opened: what it saw, and how fast heta linjen is through what buffers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.nets:
            cls.reach_gateway()
        cls.world.people()

    @classmethod
    def reach_gateway(cls):
        """The tests' own clients act from within the gateway's network: a forwarder of bytes, from loopback here to there."""
        for name, port in (("api", cls.world.api), ("portal", cls.world.portal)):
            words = [sys.executable, "-c", FORWARDER, str(port), cls.nets.gateway]
            process = world.subprocess.Popen(words, start_new_session=True)
            cls.addClassCleanup(lambda process=process: (process.kill(), process.wait()))
        wait_until("forwarding", lambda: can_connect(cls.world.api) and can_connect(cls.world.portal))

    def test_planted_markers_never_appear_and_deposits_arrive(self):  # SPEC E2E-10, E2E-21
        address, folder = self.inspecting()
        one = self.connector(more=f'chunk_kib = 16\n[proxy]\naddress = "{address}"\n', end_to_end=True)
        one.start()
        markers = [self.world.cast.milo.number, "journal", "Markör Fiktelius", "lakarutlatande"]
        text = []
        while len(markers) < MARKERS:
            text.append(f"planterad-{len(markers):03d}-{world.wire.new_id()[:12]}")
            markers.append(text[-1])
        per = 20
        for number in range(0, len(text), per):
            content = PDF + "\n".join(text[number:number + per]).encode() + b"\n" * 20_000
            one.put(f"doc-{number}.pdf", content, title=text[number], flik="journal" if number % 2 else "lakarutlatande",
                    sidecar={"person": self.world.cast.milo.number, "title": text[number], "author": "Markör Fiktelius", "date": "2026-11-20"})
        for number in range(0, len(text), per):
            flik = "journal" if number % 2 else "lakarutlatande"
            receipt = wait_until("a receipt: " + one.said(), lambda number=number, flik=flik: one.receipt(f"doc-{number}.pdf", flik), 60)
            body = world.fetch(self.world.cast.jorun, receipt["document"]).body
            self.assertIn(text[number].encode(), body)
        seen = (folder / "seen").read_bytes()
        self.assertGreater(len(seen), 100_000)
        self.assertIn(b"/v1/sealed", seen, "it did see what passed")
        for marker in markers:
            self.assertNotIn(marker.encode(), seen, marker)
        for inner in (b"/v1/acts", b"/v1/handles", b"Bearer", b"begin_deposit"):
            self.assertNotIn(inner, seen)

    def test_heta_linjen_through_a_proxy_that_buffers(self):  # SPEC CONN-21
        address, _ = self.inspecting()
        one = self.connector(more=f'[proxy]\naddress = "{address}"\n', end_to_end=True)
        program = one.folder / "find"
        program.write_text(f"#!/bin/sh\nread line\ndate +%s.%N >> {one.folder}/arrived\nexit 3\n")
        program.chmod(0o700)
        with (one.folder / "connector.toml").open("a") as config:
            config.write(f'\n[answer]\nprogram = ["{program}"]\n')
        one.start()
        took = []
        for number in range(5):
            time.sleep(1.2)
            asked = time.time()
            world.ask_source(self.world, self.world.cast.jorun)
            arrived = wait_until("it arrives: " + one.said(), lambda number=number: (one.folder / "arrived").exists() and
                                 len(lines := (one.folder / "arrived").read_text().splitlines()) > number and lines)
            took.append(float(arrived[-1]) - asked)
        print(f"heta linjen, end to end through a proxy that opens TLS and buffers: median {statistics.median(took) * 1000:.0f} ms", flush=True)
        self.assertLess(statistics.median(took), 1)

    def test_idle_connections_that_are_cut(self):
        address, _ = self.inspecting(idle=3)
        one = self.connector(more=f'poll_seconds = 2\n[proxy]\naddress = "{address}"\n', end_to_end=True)
        one.start()
        time.sleep(8)
        self.assertTrue(self.world.connectors()[one.id]["present"], one.said())
        one.put("efter.pdf", PDF)
        self.assertTrue(wait_until("a receipt: " + one.said(), lambda: one.receipt("efter.pdf")))


def can_connect(port):
    try:
        world.socket.create_connection(("127.0.0.1", port), 0.5).close()
        return True
    except OSError:
        return False


# Listens here, connects in that network: the descriptor of a socket belongs to the network in which it was made.
FORWARDER = """
import ctypes, os, select, socket, sys, threading
port, name = int(sys.argv[1]), sys.argv[2]
listener = socket.create_server(("127.0.0.1", port))
libc = ctypes.CDLL(None, use_errno=True)
if libc.setns(os.open("/run/netns/" + name, os.O_RDONLY), 0x40000000) != 0:
    raise OSError(ctypes.get_errno(), "setns")
def pump(a, b):
    try:
        while True:
            for one in select.select([a, b], [], [])[0]:
                got = one.recv(65536)
                if not got:
                    return
                (b if one is a else a).sendall(got)
    except OSError:
        pass
    finally:
        a.close(); b.close()
while True:
    client, _ = listener.accept()
    try:
        server = socket.create_connection(("10.91.2.2", port))
    except OSError:
        client.close()
        continue
    threading.Thread(target=pump, args=(client, server), daemon=True).start()
"""

if __name__ == "__main__":
    unittest.main()
