"""Connectors through real networks and proxies: nothing goes out of the partner's but to its proxy. spec/connector.md, spec/end-to-end.md"""
import base64
import hashlib
import itertools
import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import unittest

import connector_world as world
from connector_world import CONNECTOR, PDF, PROGRAM, wait_until
import markers
import networks

sys.path.append(str(world.ROOT / "tests" / "faults"))
from refusing import numbers_of_the_dead

MISSING = not (PROGRAM.exists() and CONNECTOR.exists())
MARKERS, FLIKAR, TOKEN = 200, ("journal", "lakarutlatande"), "t" * 40


def planted(kind, count):
    return [f"{kind} {number:02d} {world.wire.new_id()[:12]}" for number in range(count)]


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
            print("counts: network namespaces are not permitted here: the same tests run over loopback", flush=True)
        address, name = ("10.91.2.2", networks.GATEWAY_NAME) if cls.nets else ("127.0.0.1", "localhost")
        cls.world = world.World(cls.where, address=address, names=(name, "localhost", "127.0.0.1"))
        cls.addClassCleanup(cls.world.stop)
        if cls.nets:
            cls.move_gateway_inside()
        cls.world.begin()
        cls.made = 0
        if cls.nets:
            cls.reach_gateway()
        cls.world.people()

    @classmethod
    def reach_gateway(cls):
        """The tests' own clients act from within the gateway's network: a forwarder of bytes, from loopback here to there."""
        for port in (cls.world.api, cls.world.portal):
            words = [sys.executable, "-c", FORWARDER, str(port), cls.nets.gateway]
            process = subprocess.Popen(words, start_new_session=True)
            cls.addClassCleanup(lambda process=process: (process.kill(), process.wait()))
        wait_until("forwarding", lambda: can_connect(cls.world.api) and can_connect(cls.world.portal))

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

    def must_carry(self, one):
        """It is there, and a file goes through, of more than one piece."""
        self.must_work(one)
        content = PDF + os.urandom(40_000)
        one.put("genom.pdf", content)
        receipt = wait_until("a receipt: " + one.said(), lambda: one.receipt("genom.pdf"))
        self.assertEqual(hashlib.sha256(world.fetch(self.world.cast.jorun, receipt["document"]).body).digest(), hashlib.sha256(content).digest())


@unittest.skipIf(MISSING, "the programs are missing: run ./dev build")
class WaysThrough(Networked):
    def test_direct(self):  # SPEC CONN-1
        if self.nets:
            self.nets.routed(True)
            self.addCleanup(self.nets.routed, False)
        one = self.connector()
        self.must_work(one)
        listening = subprocess.run([*self.partner(), "ss", "-ltnpH"], capture_output=True, text=True).stdout
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

    def drops(self):
        if not self.nets:
            self.skipTest("network namespaces are not permitted here")
        if not self.nets.dropped(True):
            self.skipTest("`ip neigh` cannot make a way here that drops what goes it")
        self.addCleanup(self.nets.dropped, False)

    def must_say(self, one, layer, code):
        """`doctor` names the layer in which nobody answers, and says of none behind it that it is well."""
        got, layers = one.doctor()
        self.assertEqual((got, layers[layer]["health"]), (code, "failed"), layers)
        self.assertTrue(layers[layer]["ask_swedish"], "and says what to ask for")
        names = list(layers)
        behind = [name for name in names[names.index(layer) + 1:] if name in ("proxy", "proxy_login", "tls", "inspection", "authorisation", "end_to_end")]
        self.assertEqual([name for name in behind if layers[name]["health"] == "well"], [], layers)
        print(f"counts: doctor, where packets are dropped ({layer}): {one.doctor_seconds:.1f} s", flush=True)

    def test_a_firewall_that_drops_what_goes_to_the_gateway(self):  # SPEC CONN-70, CONN-72
        self.drops()
        one = self.connector(enrolled=False)
        ran = one.enrol(self.world.code()["code"])
        self.assertEqual(ran.returncode, world.ROUTE, ran.stderr)
        self.must_say(one, "route", world.ROUTE)

    def test_a_proxy_that_never_answers(self):  # SPEC CONN-70, CONN-72
        self.drops()
        one = self.connector(more='[proxy]\naddress = "http://10.91.1.250:3128"\n', enrolled=False)
        ran = one.enrol(self.world.code()["code"])
        self.assertEqual(ran.returncode, world.PROXY, ran.stderr)
        self.must_say(one, "proxy", world.PROXY)

    def test_names_that_nobody_resolves(self):  # SPEC CONN-70, CONN-72
        self.drops()
        self.nets.ask_names_of("10.91.1.250")
        one = self.connector(enrolled=False)
        one.configure(gateway=f"https://okand.flikvakt.test:{self.world.portal}", witness=False)
        ran = one.enrol(self.world.code()["code"])
        self.assertEqual(ran.returncode, world.NAME, ran.stderr)
        self.must_say(one, "name", world.NAME)

    def test_squid_and_tinyproxy_without_and_with_a_password(self):  # SPEC CONN-2
        for make in (networks.squid, networks.tinyproxy):
            with self.subTest(proxy=make.__name__):
                address = self.proxy(make)
                self.must_carry(self.connector(more=f'chunk_kib = 16\n[proxy]\naddress = "{address}"\n'))
                address = self.proxy(make, login=("region", "hemligt"))
                one = self.connector(more=f'[proxy]\naddress = "{address}"\n', enrolled=False)
                ran = one.enrol(self.world.code()["code"])
                self.assertEqual(ran.returncode, world.PROXY_LOGIN, ran.stderr)
                code, layers = one.doctor()
                self.assertEqual((code, layers["proxy_login"]["health"]), (world.PROXY_LOGIN, "failed"), layers)
                login = one.folder / "login"
                login.touch(mode=0o600)
                login.write_text("region:hemligt\n")
                one.configure(more=f'chunk_kib = 16\n[proxy]\naddress = "{address}"\nlogin_file = "login"\n', witness=False)
                one.must_enrol()
                self.must_carry(one)

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
        one.put("kvar.pdf", PDF, person="191212121212")
        one.start(wait=False)
        wait_until("it says so: " + one.said(), lambda: "in the gateway's place" in one.said())
        time.sleep(1)
        self.assertIsNone(one.process.poll(), "it goes on trying")
        self.assertTrue(list((one.folder / "state" / "outbox").glob("*.data")) or (one.drop / "journal" / "kvar.pdf").exists(), "the file is kept")


@unittest.skipIf(MISSING, "the programs are missing: run ./dev build")
class SealedThroughAnInspectingProxy(Networked):
    """End-to-end mode where TLS is opened: what it saw, and how fast heta linjen is through what buffers."""

    def local_api(self, one, asked):
        """What its local API answers to each of [method, path, body], asked from within its network: [(status, bytes)]."""
        port = json.loads((one.folder / "ready").read_text())["local_api"]
        ran = subprocess.run([*self.partner(), sys.executable, "-c", ASKER, str(port), TOKEN], input=json.dumps(asked), capture_output=True,
                                   text=True, timeout=120)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return [(status, base64.b64decode(body)) for status, body in json.loads(ran.stdout)]

    def test_planted_markers_never_appear_and_both_directions_work(self):  # SPEC E2E-10, E2E-21
        address, folder = self.inspecting()
        ids, milo = self.world.ids, self.world.cast.milo
        through = f'chunk_kib = 16\n[proxy]\naddress = "{address}"\n'
        one = self.connector(more=through, end_to_end=True)  # the region's: deposits, heta linjen, the log as a stream
        program = one.folder / "find"
        program.write_text(f"#!/bin/sh\nhead -n1 >> {one.folder}/asked\nexit 3\n")
        program.chmod(0o700)
        with (one.folder / "connector.toml").open("a") as config:
            config.write(f'\n[answer]\nprogram = ["{program}"]\n\n[siem]\nstaff = "{ids["$tuva"]}"\njson_lines = "log.jsonl"\n'
                         "interval_seconds = 1\n")
        one.start()
        type(self).made += 1
        reader = world.Connector(self.world, self.where / f"connector-{self.made}", end_to_end=True, more=through, before=self.partner(), witness=False)
        self.addCleanup(reader.stop)
        reader.must_enrol(end_to_end=True, organisation="forsakringskassan", staff="jorun")
        (reader.folder / "token").touch(mode=0o600)
        (reader.folder / "token").write_text(TOKEN)
        with (reader.folder / "connector.toml").open("a") as config:
            config.write('\n[local_api]\nlisten = "127.0.0.1:0"\ntoken_file = "token"\n')
        reader.start()

        titles, authors, question = planted("Titel", 40), planted("Fiktiv forfattare", 40), planted("Fraga", 1)[0]
        numbers = [milo.number, *itertools.islice(numbers_of_the_dead(0), 19)]
        texts = planted("stycke", MARKERS - len(titles) - len(authors) - len(numbers) - len(FLIKAR) - 1)
        marked = [*titles, *authors, *numbers, *texts, question]
        self.assertEqual(len(marked) + len(FLIKAR), MARKERS)
        clear = []  # the same in the clear, as it goes in and comes out: what the proxy may not have
        for number, (title, author) in enumerate(zip(titles, authors)):
            content = PDF + "\n".join(texts[number::len(titles)]).encode() + b"\n" * 20_000
            sidecar = json.dumps({"person": milo.number, "title": title, "author": author, "date": "2026-11-20"})
            one.put(f"doc-{number}.pdf", content, flik=FLIKAR[number % 2], sidecar=sidecar)
            clear += [content, sidecar.encode()]
        receipts = {}
        for number in range(len(titles)):
            receipts[number] = wait_until("a receipt: " + one.said(), lambda number=number: one.receipt(f"doc-{number}.pdf", FLIKAR[number % 2]), 120)

        world.ask_source(self.world, self.world.cast.jorun, message=question)
        asked = wait_until("heta linjen: " + one.said(), lambda: (one.folder / "asked").exists() and (one.folder / "asked").read_text())
        self.assertIn(question, asked)
        self.assertIn(milo.number, asked)
        log = wait_until("the log: " + one.said(), lambda: (one.folder / "log.jsonl").exists() and '"seal_deposit"' in (
            one.folder / "log.jsonl").read_text() and (one.folder / "log.jsonl").read_text())
        self.assertNotIn(milo.number, log)
        handles = self.local_api(reader, [["POST", f"/v1/handles?staff={ids['$jorun']}", {"number": number}] for number in numbers])
        self.assertEqual([status for status, _ in handles], [200] * len(numbers), handles[-1])
        handle = json.loads(handles[0][1])["handle"]
        listing, *read = self.local_api(reader, [
            ["POST", f"/v1/listings?staff={ids['$jorun']}", {"person": handle, "purpose": "konsultation"}],
            *(["GET", f"/v1/documents/{receipts[number]['document']}/content?purpose=konsultation&staff={ids['$jorun']}", None] for number in range(3))])
        self.assertEqual(listing[0], 200, listing)
        self.assertTrue(any(title.encode() in listing[1] for title in titles), "titles came back")
        for number, (status, body) in enumerate(read):
            self.assertEqual((status, hashlib.sha256(body).digest()), (200, hashlib.sha256(clear[2 * number]).digest()), number)
        clear += [asked.encode(), listing[1], *(json.dumps(number).encode() for number in numbers)]

        seen = (folder / "seen").read_bytes()
        self.assertGreater(len(seen), 100_000)
        self.assertIn(b"/v1/sealed", seen, "it did see what passed")
        self.must_scan(marked, clear, folder / "seen")
        for marker in [*FLIKAR, "/v1/acts", "/v1/handles", "/v1/listings", "/v1/documents", "Bearer", "begin_deposit", "seal_deposit"]:
            for name, data in markers.encodings(marker.encode()).items():
                if len(data) >= 7:  # a few characters of base64 come by chance
                    self.assertNotIn(data, seen, f"{marker}, {name}")
        print(f"counts: {MARKERS} markers (40 titles, 40 authors, {len(numbers)} numbers, {len(FLIKAR)} flik names, {len(texts) + 1} texts) in none of"
              f" {len(seen):,} bytes that the proxy saw", flush=True)

    def must_scan(self, marked, clear, seen):
        """None of `marked` is in the file `seen`, in any spelling; and the same scanner finds each of them where it may be."""
        scanner = markers.Scanner([one.encode() for one in marked], self.where / "scanner")
        planted_as, found_as = scanner.control()
        self.assertEqual(sorted(planted_as), sorted(found_as), "every spelling is found")
        control = self.where / "in-the-clear"
        control.mkdir()
        for number, marker in enumerate(marked):
            (control / str(number)).write_bytes(b"\n".join(piece for piece in clear if marker.encode() in piece))
        self.assertEqual(len(scanner.scan([control])["hits"]), len(marked), "each marker was on its way")
        self.assertEqual(scanner.scan([seen])["hits"], [])

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
        print(f"counts: heta linjen, end to end through a proxy that opens TLS and buffers: median {statistics.median(took) * 1000:.0f} ms", flush=True)
        self.assertLess(statistics.median(took), 1)

    def test_a_question_that_is_cut_while_it_waits(self):  # SPEC CONN-20
        address, folder = self.inspecting(idle=3)
        one = self.connector(more=f'poll_seconds = 25\n[proxy]\naddress = "{address}"\n', end_to_end=True)
        program = one.folder / "find"
        program.write_text(f"#!/bin/sh\nhead -n1 >> {one.folder}/asked\nexit 3\n")
        program.chmod(0o700)
        with (one.folder / "connector.toml").open("a") as config:
            config.write(f'\n[answer]\nprogram = ["{program}"]\n')
        one.start()
        wait_until("its question is cut, and the next one: " + one.said(), lambda: len((folder / "cut").read_bytes()) >= 2)
        wait_until("it is there again: " + one.said(), lambda: self.world.connectors()[one.id]["present"])
        self.assertIsNone(one.process.poll(), one.said())
        asked, _ = world.ask_source(self.world, self.world.cast.jorun, message="Efter avbrottet")
        wait_until("heta linjen: " + one.said(), lambda: (one.folder / "asked").exists() and "Efter avbrottet" in (one.folder / "asked").read_text(), 90)
        wait_until("it said that there is none: " + one.said(), lambda: world.source_requests(self.world.cast.jorun)[asked]["status"] == "declined", 90)
        one.put("efter.pdf", PDF)
        self.assertTrue(wait_until("a receipt: " + one.said(), lambda: one.receipt("efter.pdf"), 90))


def can_connect(port):
    try:
        socket.create_connection(("127.0.0.1", port), 0.5).close()
        return True
    except OSError:
        return False


# Asks a local API: [[method, path, body]] comes in, [[status, base64 of the body]] goes out.
ASKER = """
import base64, json, sys, urllib.error, urllib.request
def ask(method, path, body):
    request = urllib.request.Request(f"http://127.0.0.1:{sys.argv[1]}{path}", method=method, data=body and json.dumps(body).encode(),
                                     headers={"Authorization": "Bearer " + sys.argv[2], "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
answers = [ask(*one) for one in json.load(sys.stdin)]
json.dump([[status, base64.b64encode(body).decode()] for status, body in answers], sys.stdout)
"""

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
