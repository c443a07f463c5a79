"""Connections that ask little and stay: silent ones, strangers, half a handshake, half a head, half a body, vanished peers."""
import resource
import socket
import ssl
import time

import many
from flooding import FORK, Worker

TCP_REPAIR = 19


class Crowd(Worker):
    """`count` connections to a listener, from many addresses, each silent after one answer."""

    def __init__(self, made, listener, count, base, per_source=200):
        super().__init__()
        self.made, self.listener, self.count, self.base, self.per_source = made, listener, count, base, per_source
        self.opened, self.refused = FORK.Value("i", 0), FORK.Value("i", 0)

    def context(self):
        gateway = self.made.gateway
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(gateway.pki / "ca.pem")
        if self.listener == "api":
            context.load_cert_chain(gateway.pki / "kommun.pem", gateway.pki / "kommun.key")
        return context

    def work(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
        loop, context, lines = many.Loop(), self.context(), []
        port, answered = self.made.gateway.ports[self.listener], []
        for n in range(self.count):
            source = f"127.0.{self.base}.{1 + n // self.per_source}"
            try:
                lines.append(many.Line(loop, port, context, source, stamps=False))
                lines[-1].ask(many.request("GET", "/v1/log/checkpoint"), answered.append)
                self.opened.value += 1
            except OSError:
                self.refused.value += 1
            if n % 50 == 0:
                loop.run(0)
        self.on.set()  # all are there
        while not self.end.is_set():
            loop.run(0.2)
        loop.close()
        closed = sum(bool(one.lost) for one in lines)
        return {"opened": self.opened.value, "turned away": self.refused.value, "closed by the gateway": closed}


class Strangers(Worker):
    """Nobody's requests while `on` is set: without a session, with broken framing, with a broken handshake."""

    def __init__(self, made, connections, sources):
        super().__init__()
        self.made, self.connections, self.sources, self.got = made, connections, sources, {}

    def work(self):
        loop = many.Loop()
        crowd = Crowd(self.made, "portal", 0, 0)
        self.port, self.context, self.loop = self.made.gateway.ports["portal"], crowd.context(), loop
        for n in range(self.connections):
            self.ask(f"127.0.4.{1 + n % self.sources}", None, n)
        loop.every(0.05, lambda due: self.garbage() if self.on.is_set() else None)
        while not self.end.is_set():
            loop.run(0.1)
        loop.close()
        return self.got

    def count(self, what):
        self.got[what] = self.got.get(what, 0) + 1

    def ask(self, source, line, n):
        """On and on: 401 on one connection, or a request that no two readers read alike on a new one each time."""
        if not self.on.is_set():
            return self.loop.at(time.monotonic_ns() + 10**8, lambda: self.ask(source, line, n))
        try:
            line = line if line and line.lost is None else many.Line(self.loop, self.port, self.context, source)
        except OSError:
            self.count("turned away")
            return self.loop.at(time.monotonic_ns() + 10**8, lambda: self.ask(source, None, n))
        data = many.request("GET", "/v1/me") if n % 4 else b"GET /v1/me HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n"
        line.ask(data, lambda seen: self.answered(source, line, n, seen))

    def answered(self, source, line, n, seen):
        self.count(seen.status if seen else "lost")
        if seen is None or seen.closes():
            line.close()
        self.loop.at(time.monotonic_ns() + 10**6, lambda: self.ask(source, line, n))

    def garbage(self):
        stalled(self.made.gateway.ports["api"], 1, "127.0.4.1", b"GET / HTTP/1.1\r\n\r\n")[0].close()
        self.count("no handshake")


def stalled(port, count, source, say=b""):
    """Connections that the gateway has taken and that send nothing of a handshake, or only `say`."""
    out = []
    for _ in range(count):
        one = socket.socket()
        one.bind((source, 0))
        one.settimeout(20)
        one.connect(("127.0.0.1", port))
        if say:
            one.sendall(say)
        out.append(one)
    return out


def vanish(line):
    """Gone without a word: no FIN, no RST. Needs rights over the network; False without."""
    try:
        line.socket.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    except PermissionError:
        return False
    line.close()
    return True


class Slow:
    """Every kind of slow connection, `count` of each."""

    def __init__(self, made, count):
        self.made, self.loop, ports = made, many.Loop(), made.gateway.ports
        context = Crowd(made, "portal", 0, 0).context()
        line = lambda: many.Line(self.loop, ports["portal"], context, "127.0.7.1", stamps=False)
        self.silent = [one for port in ("api", "portal") for one in stalled(ports[port], count, "127.0.7.2")]
        self.half = stalled(ports["portal"], count, "127.0.7.3", b"\x16\x03\x01\x02\x00\x01")
        self.heads, self.bodies = [line() for _ in range(count)], [line() for _ in range(count)]
        for one in self.heads:
            one.ask(b"GET /v1/me HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", lambda seen: None)
        for one in self.bodies:
            one.ask(many.request("POST", "/v1/acts", body=bytes(60000))[:-59999], lambda seen: None)
        self.vanished = sum(vanish(line()) for _ in range(count))
        self.loop.every(1, lambda due: self.drip())

    def drip(self):
        for one in (*self.heads, *self.bodies):
            if one.lost is None and one.seen:
                one.ask(b"a", one.answered)

    def close(self):
        self.loop.close()
        for one in (*self.silent, *self.half):
            one.close()

    def left(self):
        return {"heads": sum(one.lost is None for one in self.heads), "bodies": sum(one.lost is None for one in self.bodies),
                "silent": sum(is_open(one) for one in self.silent), "half a handshake": sum(is_open(one) for one in self.half)}


def is_open(one):
    one.setblocking(False)
    try:
        return bool(one.recv(1))
    except BlockingIOError:
        return True
    except OSError:
        return False
