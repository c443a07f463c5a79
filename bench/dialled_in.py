"""--connectors: what connectors that dialled in cost one gateway. Each is a TLS connection with a certificate of its own, whose question
waits as a real one's does, and who cosigns the log each minute. With --sealed they are in end-to-end mode: the connection shows no
certificate, and each question, each answer is a message sealed for the gateway and signed (spec/end-to-end.md). They are played by one
program on CPU 1; the gateway has CPU 0."""
import asyncio
import base64
import concurrent.futures
import contextlib
import hashlib
import http.client
import io
import json
import os
import pathlib
import ssl
import struct
import sys
import time

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import figures
import servers
from figures import Goal

sys.path.insert(0, str(servers.ROOT / "tests" / "e2e"))
import end_to_end
import story
import wire

WAIT, OF_ONE_SOURCE = 25, 15  # seconds that a question waits; connectors of one address, since enrolling is limited by address
FEW, BUSY = 50, 0.8  # what the first ones cost is not each one's; a load above this share of its CPU may be what was measured
AT_ONCE = 16  # that enrol together
PEM, RAW = serialization.Encoding.PEM, serialization.Encoding.Raw


def address(number):
    """A source of its own for a few of them: every 127.x is this machine."""
    place = number // OF_ONE_SOURCE
    return f"127.0.{1 + place // 250}.{1 + place % 250}"


class Cosigner:
    """spec/cosignature.md."""

    def __init__(self, name):
        self.name, self.key = name, Ed25519PrivateKey.generate()
        kind = b"\x04" + end_to_end.raw(self.key.public_key())
        self.id = hashlib.sha256(name.encode() + b"\n" + kind).digest()[:4]
        self.verifier = f"{name}+{self.id.hex()}+{base64.b64encode(kind).decode()}"

    def answer(self, asked):
        text = asked.split("\n\n", 1)[1].split("\n\n", 1)[0] + "\n"  # behind the old size and the proof, before the signatures
        now = int(time.time())
        signature = self.key.sign(f"cosignature/v1\ntime {now}\n{text}".encode())
        return f"\u2014 {self.name} {base64.b64encode(self.id + struct.pack('>Q', now) + signature).decode()}\n"


class Direct:
    """The certificate that enrolling gave it is shown in the handshake, on the organisations' listener."""

    listener, end_to_end, mode = "api", False, "direct"

    def __init__(self, folder, number, id, secret):
        self.folder, self.number, self.id, self.secret = folder, number, id, secret
        self.cosigner = Cosigner(f"w{number}.example/1")
        self.questions = self.calls = self.failures = 0

    def enrol(self, gateway, trust, seal_key):
        tls = ec.generate_private_key(ec.SECP256R1())

        def post(message):
            connection = http.client.HTTPSConnection("localhost", gateway.ports["portal"], context=trust, timeout=60,
                                                     source_address=(address(self.number), 0))
            try:
                connection.request("POST", "/v1/sealed", message, {"Content-Type": end_to_end.TYPE})
                answer = connection.getresponse()
                return answer.status, answer.read()
            finally:
                connection.close()
        self.sealing = made = end_to_end.Connector(post, seal_key, self.id)
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": wire.base64url(end_to_end.raw(made.key.public_key()))}
        public_key = tls.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
        body = {"code": wire.base64url(self.secret), "jwk": jwk, "public_key": public_key,
                "proof": wire.base64url(end_to_end.key_proof(tls, self.id, public_key))}
        sealed = made.seal("POST", "/v1/connector/enrolment", {"content-type": "application/json"}, json.dumps(body).encode(), session="", number=0)
        status, answer = post(sealed.message)
        head, said = sealed.open(answer) if status == 200 else ({"status": status}, answer)
        if head["status"] != 201:
            raise RuntimeError(f"enrolling a connector: {head['status']}: {said[:300]}")
        self.keep(json.loads(said)["certificate"], tls)

    def keep(self, certificate, tls):
        self.identity = self.folder / f"{self.number}.pem"
        self.identity.write_bytes(certificate.encode() + tls.private_bytes(
            PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))

    def context(self, ca):
        context = ssl.create_default_context(cafile=ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(self.identity)
        return context

    async def post(self, path, kind, body):
        self.writer.write(f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        await self.writer.drain()
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = next((int(line.split(":")[1]) for line in head.lower().split("\r\n") if line.startswith("content-length:")), 0)
        return int(head.split(" ")[1]), await self.reader.readexactly(length)

    async def ask(self, path, body):
        return await self.post(path, "application/json", json.dumps(body).encode())

    async def connect(self, port, ca):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port, ssl=self.context(ca), server_hostname="localhost",
                                                                 local_addr=(address(self.number), 0), limit=1 << 17)

    async def work(self, wait):
        status = {"version": "bench", "queued": 0, "refused": 0, "witness": self.cosigner.verifier}
        code, said = await self.ask("/v1/connector/poll", {"status": status, "known": [], "wait_seconds": wait})
        self.questions += 1
        if code != 200:
            self.failures += 1
            await asyncio.sleep(1)
            return
        for call in json.loads(said)["calls"]:
            answer = {"call": call["id"], "status": 200, "body": self.cosigner.answer(call["body"])}
            code, _ = await self.ask("/v1/connector/replies", answer)
            self.calls += 1
            self.failures += code != 204


class EndToEnd(Direct):
    """End to end: nobody in the handshake, on the persons' listener; the messages say who asks."""

    listener, end_to_end, mode = "portal", True, "end-to-end"

    def keep(self, certificate, tls):
        self.fingerprint = hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate)).hexdigest()

    def context(self, ca):
        return ssl.create_default_context(cafile=ca)

    async def connect(self, port, ca):
        await super().connect(port, ca)
        said = await self.session_step(200, b"")
        said = await self.session_step(201, json.dumps({"nonce": said["nonce"]}).encode())
        self.sealing.session = said["session"]

    async def session_step(self, wanted, body):
        status, said = await self.exchange(self.sealing.seal("POST", "/v1/connector/session", body=body, session="", number=0))
        if status != wanted:
            raise RuntimeError(f"opening a session of sealed messages: {status}: {said[:300]}")
        return json.loads(said)

    async def ask(self, path, body):
        self.sealing.number += 1
        headers = {"content-type": "application/json", "flikvakt-certificate": self.fingerprint}
        return await self.exchange(self.sealing.seal("POST", path, headers, json.dumps(body).encode()))

    async def exchange(self, sealed):
        status, answer = await self.post("/v1/sealed", end_to_end.TYPE, sealed.message)
        if status != 200:
            return status, answer
        head, body = sealed.open(answer)
        return head["status"], body


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_kib(pid):
    line = next(line for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1])


def made_gateway(folder, stack):
    """Serving, with connectors that cosign each minute."""
    with contextlib.redirect_stdout(io.StringIO()):
        gateway, ids = story.begin(story.program(), folder, connected=True)
    stack.callback(gateway.end)
    gateway.stop()
    config = folder / "flikvakt.toml"
    text = config.read_text().replace("connector_witness_seconds = 1\n", "connector_witness_seconds = 60\n")
    config.write_text("threads = 1\n" + text)
    gateway.environment.update(servers.ENVIRONMENT)
    gateway.must_start()
    servers.pin(gateway.process.pid, {0})
    return gateway, ids


def invited(gateway, ids, kind, count, folder):
    out, acts, ends = [], [], wire.rfc3339(time.time() + 6 * 3600)
    for number in range(count):
        one = kind(folder, number, wire.new_id(), os.urandom(20))
        out.append(one)
        acts.append({"kind": "invite_connector", "id": one.id, "organisation": ids["$region"], "staff": ids["$maja"], "name": f"Bench {number}",
                     "end_to_end": kind.end_to_end, "code": wire.base64url(hashlib.sha256(one.secret).digest()), "code_expires": ends})
    for at in range(0, count, 100):
        gateway.apply(f"connectors-{at}.json", acts[at:at + 100])
    return out


def seal_key_of(gateway, trust):
    connection = http.client.HTTPSConnection("localhost", gateway.ports["portal"], context=trust, timeout=60)
    connection.request("GET", "/v1/seal-keys")
    return base64.urlsafe_b64decode(json.loads(connection.getresponse().read())["keys"][0] + "=")


async def play(gateway, fleet, seconds):
    """Connects all, lets them settle for a minute, and looks at the gateway for `seconds`."""
    pid, ca, over = gateway.process.pid, str(gateway.pki / "ca.pem"), asyncio.Event()
    few = fleet[:min(FEW, len(fleet) // 2)]

    tasks = []

    async def stay(one):
        while not over.is_set():
            await one.work(WAIT)

    async def come(one):
        await one.connect(gateway.ports[one.listener], ca)
        await one.work(0)
        tasks.append(asyncio.create_task(stay(one)))

    async def start(some):
        for at in range(0, len(some), 50):
            await asyncio.gather(*(come(one) for one in some[at:at + 50]))
    await start(few)
    await asyncio.sleep(3)
    before = resident_kib(pid)
    await start(fleet[len(few):])
    await asyncio.sleep(65)
    questions, calls = sum(one.questions for one in fleet), sum(one.calls for one in fleet)
    began, cpu, own = time.monotonic(), cpu_seconds(pid), time.process_time()
    await asyncio.sleep(seconds)
    took, spent, after = time.monotonic() - began, cpu_seconds(pid) - cpu, resident_kib(pid)
    found = {"cpu_share": spent / took, "load_share": (time.process_time() - own) / took,
             "kib_each": (after - before) / (len(fleet) - len(few)),
             "questions_per_s": (sum(one.questions for one in fleet) - questions) / took,
             "calls_per_s": (sum(one.calls for one in fleet) - calls) / took}
    loop = asyncio.get_running_loop()
    listed = (await loop.run_in_executor(None, lambda: gateway.must("connector", "list", "--data", gateway.data, sealed=False)))["connectors"]
    found["present"] = sum(one["present"] for one in listed)
    found["cosigned"] = sum(one.get("witnessed_size", 0) > 0 for one in listed)
    over.set()
    ended = [task.exception() for task in tasks if task.done()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    found["failures"] = sum(one.failures for one in fleet) + len(ended)
    return found


def report(found, kind, count):
    """What play() found, judged; goals are the same in both modes."""
    messages = found["questions_per_s"] + found["calls_per_s"]
    each = 1e6 * found["cpu_share"] / messages if messages else None
    out = [figures.judged(f"CPU of {count:,} connectors that wait and cosign, {kind.mode}", 100 * found["cpu_share"], "% of one core", Goal(at_most=10)),
           figures.judged("memory of each", found["kib_each"], "KiB", Goal(at_most=64)),
           figures.judged("questions that came back", found["questions_per_s"], "/s"),
           figures.judged("calls that were answered", found["calls_per_s"], "/s"),
           figures.judged("CPU a question or answer, the gateway's idling in it", each, "µs"),
           figures.judged("CPU of those who play them", 100 * found["load_share"], "% of another core"),
           figures.judged("connectors that are there", found["present"], f"of {count}", Goal(at_least=count)),
           figures.judged("connectors that cosigned", found["cosigned"], f"of {count}", Goal(at_least=count))]
    failed = [f"{found['failures']} questions or calls of connectors failed"] if found["failures"] else []
    if found["load_share"] > BUSY:
        failed.append(f"those who play the connectors had too little CPU: {100 * found['load_share']:.0f} % of theirs was used")
    return {"figures": out, "logs": {}, "failed": failed}


def measure(folder, stack, kind, count, seconds):
    os.sched_setaffinity(0, {1})
    (folder / "fleet").mkdir(mode=0o700)
    (folder / "gateway").mkdir(mode=0o700)
    gateway, ids = made_gateway(folder / "gateway", stack)
    trust = ssl.create_default_context(cafile=str(gateway.pki / "ca.pem"))
    seal_key = seal_key_of(gateway, trust)
    fleet = invited(gateway, ids, kind, count, folder / "fleet")
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as some:  # each waits for the gateway's disk
        list(some.map(lambda one: one.enrol(gateway, trust, seal_key), fleet))
    return report(asyncio.run(play(gateway, fleet, seconds)), kind, count)
