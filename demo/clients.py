"""The parties' systems: staff of an organisation over mutual TLS, and persons with a device key."""
import hashlib
import json
import socket
import ssl
import time

from cryptography.hazmat.primitives import serialization
from cryptography import x509
from OpenSSL import SSL

import wire

JSON = ("Content-Type", "application/json")
LONGEST_IDLE = 30  # seconds: the gateway ends a connection that nobody uses (limits.h), and machines are slow at times


class Refused(RuntimeError):
    """The gateway said no where the story needs a yes."""


def expect(answer, what, statuses=(200, 201)):
    if answer.status not in statuses:
        raise Refused(f"{what}: {answer.status_line}: {answer.body[:400].decode('utf-8', 'replace')}")
    return answer.json() if answer.body else {}


class Caller:
    """Keeps one connection and makes a new one when it has ended, or when the gateway was started anew."""

    def __init__(self, gateway):
        self.gateway, self.connection, self.run, self.used = gateway, None, None, 0

    def http(self):
        if self.connection is None or self.run != self.gateway.runs or time.monotonic() > self.used + LONGEST_IDLE:
            self.close()
            self.connection, self.run = wire.Http(self.connect(), "localhost"), self.gateway.runs
        self.used = time.monotonic()
        return self.connection

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def ask(self, method, target, fields=(), body=None):
        if isinstance(body, dict):
            fields, body = [*fields, JSON], json.dumps(body).encode("utf-8")
        try:
            answer = self.http().ask(method, target, [*self.credentials(), *fields], body)
        except OSError:
            self.close()
            raise
        self.used = time.monotonic()
        if (answer.field("Connection") or "").lower() == "close" or not answer.complete:
            self.close()
        return answer

    def credentials(self):
        return []


class Staff(Caller):
    """One staff member, through the system of their organisation."""

    sealed = {}  # document: SHA-256 of what is sealed, of those that any of them deposited

    def __init__(self, gateway, label, organisation, staff):
        super().__init__(gateway)
        self.label, self.organisation, self.staff = label, organisation, staff
        self.pem = gateway.pki / f"{label}.pem"
        certificate = x509.load_pem_x509_certificate(self.pem.read_bytes())
        self.fingerprint = hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).digest()
        self.key, self.assertion, self.ends = wire.Key.from_pem(gateway.pki / f"{label}-staff.key"), "", 0

    def connect(self, receive_buffer=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_verify_locations(self.gateway.pki / "ca.pem")
        context.load_cert_chain(self.pem, self.gateway.pki / f"{self.label}.key")
        plain = socket.socket()
        if receive_buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        plain.settimeout(40)
        plain.connect(("127.0.0.1", self.gateway.ports["api"]))
        return context.wrap_socket(plain, server_hostname="localhost")

    def credentials(self):
        now = int(time.time())
        if now > self.ends - 30:
            self.ends = now + 290
            self.assertion = self.key.sign("flikvakt-staff+jws", {
                "aud": self.gateway.name, "cnf": {"x5t#S256": wire.base64url(self.fingerprint)}, "exp": self.ends, "iat": now,
                "iss": self.organisation, "jti": wire.new_id(), "sub": self.staff})
        return [("Authorization", "Bearer " + self.assertion)]

    def handle(self, number):
        return expect(self.ask("POST", "/v1/handles", body={"number": number}), "handle")["handle"]

    def try_act(self, act):
        return self.ask("POST", "/v1/acts", body=wire.envelope(act, self.gateway.name))

    def act(self, act):
        return expect(self.try_act(act), f"{self.label}: {act['kind']}")

    def waiting(self, proposal):
        """What waits under this id, as this staff member would approve it."""
        return expect(self.ask("GET", f"/v1/proposals/{proposal}"), "proposal")["proposals"][0]["act"]

    def list(self, number, purpose):
        return self.ask("POST", "/v1/listings", body={"person": self.handle(number), "purpose": purpose})

    def deposit(self, number, document, content):
        deposit = wire.new_id()
        facts = {name: document[name] for name in ("flik", "title", "author", "date", "media_type")}
        facts.update(size=len(content), sha256=wire.base64url(hashlib.sha256(content).digest()), other_subjects=[])
        self.act({"kind": "begin_deposit", "id": deposit, "person": self.handle(number), "facts": facts, "other_subjects": []})
        answer = self.ask("PUT", f"/v1/deposits/{deposit}/content", [("Content-Type", document["media_type"])], content)
        sealed = expect(answer, "deposit")
        # What was hidden in it is taken out: other bytes are sealed than came.
        self.sealed[sealed["document"]] = sealed.get("sealed", facts)["sha256"]
        return sealed["document"]


class Anyone(Caller):
    """A connection to the portal, without a session: what is public."""

    def connect(self):
        context = SSL.Context(SSL.TLS_CLIENT_METHOD)  # pyOpenSSL: Python's ssl has no exporter for the session
        context.set_min_proto_version(SSL.TLS1_3_VERSION)
        context.load_verify_locations(str(self.gateway.pki / "ca.pem"))
        context.set_verify(SSL.VERIFY_PEER, lambda connection, certificate, error, depth, ok: bool(ok))
        plain = socket.create_connection(("127.0.0.1", self.gateway.ports["portal"]))
        stream = SSL.Connection(context, plain)
        stream.set_tlsext_host_name(b"localhost")
        stream.set_connect_state()
        stream.do_handshake()
        return Portal(stream)

    def checkpoint(self):
        return self.ask("GET", "/v1/log/checkpoint").body.decode("utf-8")


class Portal:
    """A pyOpenSSL connection with the ends of a stream as errors of the operating system."""

    def __init__(self, stream):
        self.stream = stream

    def sendall(self, data):
        try:
            self.stream.sendall(data)
        except SSL.Error as error:
            raise ConnectionError(str(error)) from None

    def recv(self, most):
        try:
            return self.stream.recv(most)
        except SSL.ZeroReturnError:
            return b""
        except SSL.Error as error:
            raise ConnectionError(str(error)) from None

    def close(self):
        self.stream.close()


class Person(Anyone):
    def __init__(self, gateway, number, key=None):
        super().__init__(gateway)
        self.number, self.key = number, key or wire.Key()

    def connect(self):
        portal = super().connect()
        self.connection = wire.Http(portal, "localhost")
        asked = self.connection.ask("POST", "/v1/session-challenges", [JSON], b"{}")
        binding = portal.stream.export_keying_material(b"EXPORTER-Channel-Binding", 32, b"")
        proof = {"audience": self.gateway.name, "binding": wire.base64url(binding),
                 "challenge": expect(asked, "challenge")["challenge"], "issued": wire.rfc3339(time.time())}
        body = json.dumps({"jws": self.key.sign("flikvakt-session+jws", proof)}).encode()
        if self.connection.ask("POST", "/v1/sessions", [JSON], body).status == 201:
            return portal
        portal.close()
        return super().connect()  # a key that only narrows has no session; its signed acts count without one

    def overview(self):
        return expect(self.ask("GET", "/v1/me"), "overview")

    def try_act(self, act, widens=False, seen_version=None):
        if widens:
            seen_version = self.overview()["consent_version"]
        sent = wire.envelope(act, self.gateway.name, seen_version)
        return self.ask("POST", "/v1/acts", body={"jws": self.key.sign("flikvakt-act+jws", sent)})

    def act(self, act, widens=False):
        return expect(self.try_act(act, widens), act["kind"])

    def log(self):
        """Every entry, newest first."""
        out, below = [], ""
        while True:
            got = expect(self.ask("GET", f"/v1/me/log?limit=100{below}"), "own log")
            out += got["entries"]
            if "next" not in got:
                return out
            below = f"&below={got['next']}"
