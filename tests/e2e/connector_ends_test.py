"""How a connector ends and what it says: each exit code of spec/connector.md that needs a gateway which is wrong in some way, a log that
forked, got another key or is another one. The real program; in the gateway's place stands the test where a gateway would not do it."""
import datetime
import http.server
import json
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import unittest
import urllib.parse

import connector_world as world
from connector_test import Connected, MISSING
from connector_world import CONNECTOR, ROOT, wait_until
import wire

sys.path[:0] = [str(ROOT / "tests" / "faults")]
import tlog

UNAVAILABLE = 25


class Stand:
    """In the gateway's place, under a certificate of its own: answers each path as it is told, [status, body, content type]."""

    def __init__(self, certificate, key):
        self.answers, self.asked, self.date = {}, [], None
        stand = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                path, _, query = self.path.partition("?")
                stand.asked.append((path, body))
                give = stand.answers.get(path, (404, {}))
                status, said, *kind = give(body, dict(urllib.parse.parse_qsl(query))) if callable(give) else give
                said = said if isinstance(said, bytes) else json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", kind[0] if kind else "application/json")
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            do_GET = do_POST = answer

            def date_time_string(self, timestamp=None):
                return stand.date or super().date_time_string(timestamp)

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"https://localhost:{self.server.server_address[1]}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def now(**off):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**off)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def work(calls=(), time=None):
    """An answer to a question for work; without `time` the gateway does not say what time it is."""
    said = {"requests": [], "calls": list(calls)}
    return said if time is None else {**said, "time": time}


class InTheGatewaysPlace(Connected):
    def stand(self, certificate=None, key=None):
        pki = self.world.gateway.pki
        one = Stand(certificate or pki / "server.pem", key or pki / "server.key")
        self.addCleanup(one.close)
        one.answers["/v1/health"] = (200, {"status": "pass"})
        one.answers["/v1/source-requests"] = (200, {"source_requests": []})
        one.answers["/v1/connector/replies"] = (204, b"")
        return one

    def at(self, stand, more="", **how):
        """One that enrolled at the real gateway and asks this one."""
        one = self.enrolled(**how)
        one.configure(more=f'direct = "{stand.address}"\npoll_seconds = 1\n' + more)
        return one

    def change_identity(self, one, **members):
        file = one.folder / "state" / "identity.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), **members}))

    def quiet(self, given):
        """Answers a question for work at once with `given` first, then after a while with nothing."""
        left = [given]

        def answer(*_):
            if left:
                return 200, left.pop()
            time.sleep(0.2)
            return 200, work(time=now())
        return answer


@unittest.skipIf(MISSING, "the programs are missing: run ./dev build")
class Ends(InTheGatewaysPlace):
    def test_a_clock_that_is_not_the_gateways(self):  # SPEC CONN-70, CONN-71, CONN-76
        for off, says in (({"hours": -1}, "ahead of"), ({"hours": 1}, "behind")):
            with self.subTest(says=says):
                stand = self.stand()
                stand.answers["/v1/connector/poll"] = (200, work(time=now(**off)))
                one = self.at(stand)
                one.start(wait=False)
                self.assertEqual(one.ends(), world.CLOCK, one.said())
                self.assertIn(says + " the gateway's", one.said())

    def test_a_gateway_that_does_not_say_the_time_ends_nobody(self):  # SPEC CONN-76
        stand = self.stand()
        stand.answers["/v1/connector/poll"] = self.quiet(work())
        one = self.at(stand).start()
        time.sleep(1)
        self.assertIsNone(one.process.poll(), one.said())

    def test_doctor_and_a_clock_that_is_not_the_gateways(self):  # SPEC CONN-72
        stand = self.stand()
        one = self.at(stand)
        self.assertEqual(one.doctor()[0], 0)
        stand.date = "Sun, 22 Nov 2020 08:00:00 GMT"
        code, layers = one.doctor()
        self.assertEqual((code, layers["clock"]["health"], layers["inspection"]["health"]), (world.CLOCK, "failed", "well"), layers)

    def certificate(self, begins, ends):
        """(CA, certificate, key): a server's for localhost, valid between these days from now."""
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
        day = lambda days: datetime.datetime.utcnow() + datetime.timedelta(days=days)
        name = lambda text: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
        ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        pem = serialization.Encoding.PEM
        root = (x509.CertificateBuilder().subject_name(name("Prov-CA")).issuer_name(name("Prov-CA")).public_key(ca_key.public_key())
                .serial_number(x509.random_serial_number()).not_valid_before(day(-900)).not_valid_after(day(900))
                .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
                .add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False, False), critical=True)
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False).sign(ca_key, hashes.SHA256()))
        leaf = (x509.CertificateBuilder().subject_name(name("localhost")).issuer_name(name("Prov-CA")).public_key(key.public_key())
                .serial_number(x509.random_serial_number()).not_valid_before(day(begins)).not_valid_after(day(ends))
                .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
                .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
                .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False).sign(ca_key, hashes.SHA256()))
        folder = self.where / f"pki-{wire.new_id()[:8]}"
        folder.mkdir()
        (folder / "server.pem").write_bytes(leaf.public_bytes(pem))
        (folder / "server.key").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return root.public_bytes(pem).decode(), folder / "server.pem", folder / "server.key"

    def test_a_certificate_of_the_gateways_that_is_not_valid_now(self):  # SPEC CONN-74
        for begins, ends in ((-30, -1), (1, 30)):
            with self.subTest(begins=begins):
                ca, certificate, key = self.certificate(begins, ends)
                stand = self.stand(certificate, key)
                one = self.at(stand)
                self.change_identity(one, trust=ca)
                one.start(wait=False)
                self.assertEqual(one.ends(), world.CLOCK, one.said())
                self.assertIn("not valid at this machine's time", one.said())
                code, layers = one.doctor()
                self.assertEqual((code, layers["inspection"]["health"]), (world.CLOCK, "failed"), layers)
                self.assertIn("signed by the gateway's CA", layers["inspection"]["english"])
                other, _, _ = self.certificate(-1, 30)  # under other roots its days say nothing
                self.change_identity(one, trust=other)
                one.start(wait=False)
                self.assertEqual(one.ends(), world.NOT_THE_GATEWAY, one.said())
                self.assertEqual(one.doctor()[0], world.NOT_THE_GATEWAY)

    def test_enrolling_says_what_is_in_the_way(self):  # SPEC CONN-70, CONN-75
        stand, code = self.stand(), self.world.code()["code"]
        one = self.new()
        for answer, exit in (((503, b"", "text/plain"), UNAVAILABLE), ((200, b"<html>log in</html>", "text/html"), world.CAPTIVE),
                             ((200, {"keys": ["AAAA"]}), world.NOT_THE_GATEWAY)):
            stand.answers["/v1/seal-keys"] = answer
            one.configure(gateway=stand.address)
            self.assertEqual((ran := one.enrol(code)).returncode, exit, ran.stderr)
        self.assertNotIn("/v1/sealed", [path for path, _ in stand.asked], "the code went nowhere")
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        for address in (f"http://127.0.0.1:{silent.getsockname()[1]}", f"http://127.0.0.1:{world.free_port()}"):
            one.configure(more=f'[proxy]\naddress = "{address}"\n')
            self.assertEqual((ran := one.enrol(code)).returncode, world.PROXY, ran.stderr)
            code_, layers = one.doctor()
            self.assertEqual((code_, layers["proxy"]["health"], layers["inspection"]["health"]), (world.PROXY, "failed", "skipped"), layers)
            self.assertLess(one.doctor_seconds, 5)
        at_proxy = f'[proxy]\naddress = "{stand.address}"\n'  # one that is reached by https, and knows no CONNECT
        one.configure(more=at_proxy)
        self.assertEqual((ran := one.enrol(code)).returncode, world.PROXY, ran.stderr)
        self.assertIn("certificate", ran.stderr, "its certificate is under no root of this machine's; that is not the gateway's fault")
        one.configure(more=f'ca_bundle = "{self.world.gateway.pki / "ca.pem"}"\n' + at_proxy)
        self.assertEqual((ran := one.enrol(code)).returncode, world.PROXY, ran.stderr)
        self.assertIn("501", ran.stderr, "under the roots of `ca_bundle` it is heard")
        one.configure(gateway="https://localhost:1")
        self.assertEqual((ran := one.enrol(code)).returncode, world.ROUTE, ran.stderr)
        config = one.folder / "connector.toml"
        config.write_text(config.read_text().replace('state = "state"', 'state = "nowhere/state"'))
        self.assertEqual((ran := one.enrol(code)).returncode, world.DISK, ran.stderr)
        one.configure()
        self.assertEqual((ran := one.enrol(code)).returncode, 0, "after all that the code counts: " + ran.stderr)

    def test_a_second_code_after_the_first_ones_answer_was_lost(self):  # SPEC CONN-5, CONN-6
        invited, one = self.world.code(), self.new()
        (one.folder / "state").mkdir(mode=0o700)
        identity = one.folder / "state" / "identity.json"
        identity.mkdir()  # it enrols, and cannot keep what came
        self.assertNotEqual((ran := one.enrol(invited["code"])).returncode, 0, ran.stderr)
        self.assertTrue((one.folder / "state" / "enrolling.json").exists(), ran.stderr)
        identity.rmdir()
        again = self.world.code(connector=invited["id"])
        self.assertEqual((ran := one.enrol(again["code"])).returncode, 0, ran.stderr)
        self.assertFalse((one.folder / "state" / "enrolling.json").exists())
        one.start()
        one.stop()
        once_more = self.world.code(connector=invited["id"])
        self.assertEqual((ran := one.enrol(once_more["code"], "--anew")).returncode, 0, ran.stderr)
        one.start()

    def test_enrolling_anew_beside_one_that_runs(self):
        one = self.enrolled().start()
        ran = one.enrol(self.world.code(connector=one.id)["code"], "--anew")
        self.assertEqual(ran.returncode, world.USAGE, ran.stderr)
        self.assertIn("stop it first", ran.stderr)
        self.assertEqual(one.enrol("any").returncode, 0, "without --anew nothing is done to it")

    def test_end_to_end_mode_that_is_taken_back(self):  # SPEC CONN-71, E2E-3
        one = self.enrolled(end_to_end=True, more="poll_seconds = 1\n").start()
        self.world.code(connector=one.id)
        self.assertEqual(one.ends(), world.END_TO_END_OFF, one.said())

    def test_an_unknown_command_and_the_one_that_was_meant(self):  # SPEC CONN-70
        ran = subprocess.run([CONNECTOR, "enroll"], capture_output=True, text=True)
        self.assertEqual(ran.returncode, world.USAGE)
        self.assertIn("did you mean `enrol`?", ran.stderr)
        ran = subprocess.run([CONNECTOR, "frobnicate"], capture_output=True, text=True)
        self.assertEqual((ran.returncode, "did you mean" in ran.stderr), (world.USAGE, False))
        told = subprocess.run([CONNECTOR, "--help"], capture_output=True, text=True).stdout
        codes = re.findall(r"\d+", told[told.index("Exit codes:"):])
        self.assertLessEqual({"0", "1", "2", *map(str, range(10, 26))}, set(codes))

    def test_the_example_has_every_key(self):
        keys = set(re.findall(r'(?:root\.|in->)(?:text|path|number|texts|section)\("(\w+)"', (ROOT / "connector" / "config.cpp").read_text()))
        example = subprocess.run([CONNECTOR, "example"], capture_output=True, text=True, check=True).stdout
        self.assertGreater(len(keys), 20)
        for key in keys:
            self.assertRegex(example, rf"(?m)^(?:# )?(?:\[{key}\]|{key} = )")


@unittest.skipIf(MISSING, "the programs are missing: run ./dev build")
class Witnessing(InTheGatewaysPlace):
    def asks_to_cosign(self, bodies):
        """A gateway that asks for one cosignature after the other, and what was answered."""
        stand, left, replies = self.stand(), list(bodies), []

        def poll(*_):
            if not left:
                time.sleep(0.2)
                return 200, work(time=now())
            return 200, work([{"id": wire.new_id(), "kind": "add-checkpoint", "body": left.pop(0)}], time=now())

        def reply(body, _):
            replies.append(json.loads(body))
            return 204, b""
        stand.answers["/v1/connector/poll"], stand.answers["/v1/connector/replies"] = poll, reply
        return stand, replies, left

    def watch(self, one, log):
        self.change_identity(one, origin=log.origin, log_keys=[log.verifier()], former_log_keys=[], witness_begins=log.origin)

    def test_a_log_that_forks_ends_it_now_and_at_each_start(self):  # SPEC CONN-52, CONN-70, CONN-71
        log = tlog.Log("fork.example/log")
        leaves, others = ([tlog.leaf_hash(bytes([salt, i])) for i in range(4)] for salt in (0, 1))
        stand, replies, _ = self.asks_to_cosign([log.request(0, leaves), log.request(0, others)])
        one = self.at(stand)
        self.watch(one, log)
        one.start(wait=False)
        self.assertEqual(one.ends(), world.LOG_FORKED, one.said())
        self.assertEqual(replies[0]["status"], 200, one.said())
        self.assertIn("ALARM", one.said())
        for _ in range(2):
            one.start(wait=False)
            self.assertEqual(one.ends(5), world.LOG_FORKED, one.said())
        code, layers = one.doctor()
        self.assertEqual((code, layers["witness"]["health"]), (world.LOG_FORKED, "failed"), layers)

    def test_a_duty_that_does_not_open_leaves_the_rest_running(self):  # SPEC CONN-54
        log = tlog.Log("lost.example/log")
        stand, replies, _ = self.asks_to_cosign([log.request(0, [tlog.leaf_hash(b"a")])])
        one = self.at(stand)
        self.watch(one, log)
        self.change_identity(one, witness_begins="another.example/log")  # so nobody said that it may begin
        one.start()
        wait_until("it answers that it knows no such log: " + one.said(), lambda: replies)
        self.assertEqual(replies[0]["status"], 404)
        self.assertIn("NOT cosigned here, all else goes on", one.said())
        question = json.loads(next(body for path, body in stand.asked if path == "/v1/connector/poll"))
        self.assertNotIn("witness", question["status"])
        code, layers = one.doctor()
        self.assertEqual((code, layers["witness"]["health"]), (0, "warned"), layers)

    def test_another_key_of_the_log_is_taken_while_it_runs(self):  # SPEC CONN-53
        before, after, foreign = tlog.Log("keys.example/log"), tlog.Log("keys.example/log"), tlog.Log("keys.example/log")
        leaves = [tlog.leaf_hash(bytes([i])) for i in range(8)]
        stand, replies, left = self.asks_to_cosign([before.request(0, leaves[:2])])
        told = [("current", before)]
        stand.answers["/v1/log/keys"] = lambda *_: (200, {"format": "flikvakt-log-keys/1", "origin": before.origin, "keys": [
            {"generation": number, "key": log.verifier(), "status": status} for number, (status, log) in enumerate(told, 1)]})
        one = self.at(stand)
        self.watch(one, before)
        one.start()

        def reply_to(body):
            """Its status, once that is asked behind all else."""
            count = len(replies)
            left.append(body)
            return wait_until("an answer: " + one.said(), lambda: len(replies) > count and replies[-1])["status"]
        wait_until("cosigned: " + one.said(), lambda: replies and replies[0]["status"] == 200)
        self.assertEqual(reply_to(after.request(2, leaves[:4])), 403, "nobody has said that it is the log's")
        told[:] = [("compromised", before), ("current", after)]
        wait_until("the new key is taken: " + one.said(), lambda: reply_to(after.request(2, leaves[:4])) == 200, 60, 0.5)
        for log in (before, foreign):
            self.assertEqual(reply_to(log.request(4, leaves[:6])), 403)
        self.assertEqual(reply_to(after.request(4, leaves)), 200)
        identity = json.loads((one.folder / "state" / "identity.json").read_text())
        self.assertEqual((identity["log_keys"], identity["former_log_keys"]), ([after.verifier()], [before.verifier()]))
        one.stop()
        one.start()
        self.assertNotIn("NOT cosigned", one.said())

    def test_a_key_that_is_replaced_at_the_gateway(self):  # SPEC CONN-53, LKEY-13
        made = self.world.gateway
        one = self.enrolled().start()
        cosigned = lambda: self.world.connectors()[one.id].get("witnessed_size")  # since the gateway was started
        wait_until("cosigned: " + one.said(), cosigned)
        key = json.loads(one.run("status").stdout)["witness"]
        two = ["--administrator", made.folder / "alice.key", "--second", made.folder / "bo.key"]
        made.stop()
        made.must("keys", "rotate-log-key", "--data", made.data, *two)
        with (made.folder / "flikvakt.toml").open("a") as config:
            config.write(f'witness_quorum = 1\nwitness_interval_seconds = 1\n[[witness]]\nurl = "connector:{one.id}"\nkey = "{key}"\n')
        _, _, said = made.run("keys", "retire-log-key", "--config", made.folder / "flikvakt.toml", *two[:2])
        self.assertIn("goes on signing until", said, "a connector needs no asking, the overlap does")
        made.must("keys", "retire-log-key", "--compromised", "--data", made.data, *two)
        made.must_start()
        wait_until("cosigned under the new key alone: " + one.said(), cosigned, 90, 0.2)
        identity = json.loads((one.folder / "state" / "identity.json").read_text())
        self.assertEqual((len(identity["log_keys"]), identity["former_log_keys"]), (1, [made.log_key]))
        one.stop()
        one.start()
        self.assertNotIn("NOT cosigned", one.said())


@unittest.skipIf(MISSING, "the programs are missing: run ./dev build")
class LogAsAStream(InTheGatewaysPlace):
    def acts(self, *entries):
        return [{"entry": entry, "time": now(), "kind": "seal_deposit", "staff": "0" * 32} for entry in entries]

    def told(self, one):
        file = one.folder / "log.jsonl"
        return [(line["entry"], line.get("log")) for line in map(json.loads, file.read_text().splitlines())] if file.exists() else []

    def streaming(self, log):
        """`log`: {"origin", "acts"}, as the gateway would tell it now."""
        stand = self.stand()
        stand.answers["/v1/connector/poll"] = self.quiet(work(time=now()))

        def page(_, query):
            above = int(query["above"])
            last = max((act["entry"] for act in log["acts"]), default=0)
            if log.get("strict") and above > last:
                return 422, {"status": 422}
            said = {"acts": [act for act in log["acts"] if act["entry"] > above]}
            return 200, {**said, "origin": log["origin"]} if log["origin"] else said
        stand.answers["/v1/organisation-log"] = page
        return self.at(stand, more=f'[siem]\nstaff = "{self.world.ids["$tuva"]}"\njson_lines = "log.jsonl"\ninterval_seconds = 1\n')

    def test_of_a_log_that_was_restored_all_is_told_once(self):  # SPEC CONN-64
        for strict in (False, True):
            with self.subTest(strict=strict):
                log = {"origin": "a.example/log", "acts": self.acts(10, 11), "strict": strict}
                one = self.streaming(log).start()
                first = [(10, "a.example/log"), (11, "a.example/log")]
                wait_until("the first log: " + one.said(), lambda: self.told(one) == first)
                log.update(origin="b.example/log", acts=self.acts(1, 2))
                both = first + [(1, "b.example/log"), (2, "b.example/log")]
                wait_until("the other one: " + one.said(), lambda: self.told(one) == both)
                self.assertIn("keeps another log now", one.said())
                one.stop()
                shutil.copy(one.folder / "state" / "siem-cursor-lines", one.folder / "cursor")
                self.assertEqual((one.folder / "cursor").read_text(), "b.example/log 2\n")
                log["acts"] = self.acts(1, 2, 3)
                one.start()
                wait_until("what is new: " + one.said(), lambda: self.told(one) == both + [(3, "b.example/log")])
                time.sleep(2.5)
                self.assertEqual(self.told(one), both + [(3, "b.example/log")], "each once")

    def test_a_gateway_that_does_not_say_which_log_it_is_goes_on_with_the_one(self):  # SPEC CONN-64
        log = {"origin": "", "acts": self.acts(10, 11)}
        one = self.streaming(log).start()
        wait_until("told: " + one.said(), lambda: self.told(one) == [(10, None), (11, None)])
        log.update(origin="a.example/log", acts=self.acts(10, 11, 12))
        wait_until("what is new: " + one.said(), lambda: self.told(one)[2:] == [(12, "a.example/log")])
        time.sleep(1.5)
        self.assertEqual(len(self.told(one)), 3, "nothing again: " + one.said())


if __name__ == "__main__":
    unittest.main()
