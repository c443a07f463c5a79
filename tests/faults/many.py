"""Many TLS connections on one thread, and of each answer what an observer sees: its bytes in the clear and on the wire, the
number and size of the pieces it came in, and the kernel's time of their arrival.

A request is made when it is due and answered through a callback; nothing here waits for one connection.
"""
import heapq
import itertools
import selectors
import socket
import ssl
import struct
import time

STAMPS = 35  # SO_TIMESTAMPNS: the kernel says when it took a piece, whatever else this process was doing then
TIMESPEC = struct.Struct("qq")
PIECE = 1 << 16


def wall_to_steady():
    """Nanoseconds to add to the kernel's stamps: they are wall time, the gateway's ticks are of the steady clock."""
    tries = []
    for _ in range(50):
        before, wall, after = time.monotonic_ns(), time.time_ns(), time.monotonic_ns()
        tries.append((after - before, (before + after) // 2 - wall))
    return min(tries)[1]


def request(method, target, fields=(), body=None):
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in fields)]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")


class Seen:
    """One answer. Times are nanoseconds of the steady clock; `due` when the request should have been sent."""

    def __init__(self, due):
        self.due = due
        self.sent = self.first_at = self.last_at = 0
        self.wire = self.first_piece = self.pieces = 0
        self.head, self.body = b"", b""

    @property
    def status(self):
        return int(self.head[9:12])

    def closes(self):
        return b"\r\nconnection: close" in self.head.lower()

    def milliseconds(self):
        return (self.last_at - self.due) / 1e6


class Line:
    """One connection. `lost`: set with the reason when it ended; the callback of the open request then gets None."""

    def __init__(self, loop, port, context=None, source=None, stamps=True):
        self.loop, self.lost, self.answered, self.seen = loop, None, None, None
        self.plain, self.length = b"", None
        self.socket = socket.socket()
        self.socket.settimeout(20)
        if source:
            self.socket.bind((source, 0))
        if stamps:
            self.socket.setsockopt(socket.SOL_SOCKET, STAMPS, 1)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.coming, self.going = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.coming, self.going, server_hostname="localhost")
        self.handshake()
        self.socket.setblocking(False)
        loop.watch(self.socket, self.readable)

    def handshake(self):
        while True:
            try:
                self.tls.do_handshake()
                return self.socket.sendall(self.going.read())
            except ssl.SSLWantReadError:
                self.socket.sendall(self.going.read())
                got = self.socket.recv(PIECE)
                if not got:
                    raise ConnectionError("closed during the handshake") from None
                self.coming.write(got)

    def ask(self, data, answered, due=None):
        self.answered, self.seen, self.plain, self.length = answered, Seen(due or time.monotonic_ns()), b"", None
        try:
            self.tls.write(data)
            self.socket.sendall(self.going.read())
        except OSError as error:
            return self.lose(str(error))
        self.seen.sent = time.monotonic_ns()

    def readable(self):
        try:
            got, notes, _, _ = self.socket.recvmsg(PIECE, 64)
        except BlockingIOError:
            return
        except OSError as error:
            return self.lose(str(error))
        if not got:
            return self.lose("closed")
        self.coming.write(got)
        if self.seen:
            self.note(len(got), self.loop.stamp(notes))
        self.decrypt()

    def note(self, size, at):
        seen = self.seen
        if not seen.pieces:
            seen.first_at, seen.first_piece = at, size
        seen.last_at, seen.wire, seen.pieces = at, seen.wire + size, seen.pieces + 1

    def decrypt(self):
        ended = None
        try:
            while got := self.tls.read(PIECE):
                self.plain += got
            ended = "ended"
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            ended = str(error)
        if self.seen and self.is_whole():
            seen, answered = self.seen, self.answered
            self.seen = self.answered = None
            answered(seen)
        if ended:
            self.lose(ended)

    def is_whole(self):
        if self.length is None:
            head, found, rest = self.plain.partition(b"\r\n\r\n")
            if not found:
                return False
            self.seen.head, self.plain = head, rest
            self.length = content_length(head)
        if len(self.plain) < self.length:
            return False
        self.seen.body = self.plain
        return True

    def lose(self, why):
        if self.lost is None:
            self.lost = why
            self.loop.forget(self.socket)
            self.socket.close()
            if self.answered:
                answered, self.answered, self.seen = self.answered, None, None
                answered(None)

    def close(self):
        self.answered = None
        self.lose("closed by us")


def content_length(head):
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


class Loop:
    def __init__(self):
        self.selector, self.timers, self.order = selectors.EpollSelector(), [], itertools.count()
        self.to_steady, self.ended = wall_to_steady(), False

    def stamp(self, notes):
        for _, kind, data in notes:
            if kind == STAMPS:
                seconds, nanoseconds = TIMESPEC.unpack(data[:16])
                return seconds * 10**9 + nanoseconds + self.to_steady
        return time.monotonic_ns()

    def watch(self, what, readable):
        self.selector.register(what, selectors.EVENT_READ, readable)

    def forget(self, what):
        self.selector.unregister(what)

    def close(self):
        """Every connection that is still open."""
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        self.selector.close()

    def at(self, when, call):
        heapq.heappush(self.timers, (when, next(self.order), call))

    def every(self, seconds, call, first=None):
        """From now on at even distances, late or not: who is late does not shift those behind."""
        due = first or time.monotonic_ns()

        def again():
            nonlocal due
            now, due = due, due + int(seconds * 1e9)
            self.at(due, again)
            call(now)
        self.at(due, again)

    def run(self, seconds=None):
        end = None if seconds is None else time.monotonic_ns() + int(seconds * 1e9)
        self.ended = False
        while not self.ended and (end is None or time.monotonic_ns() < end):
            self.step(end)

    def step(self, end):
        now = time.monotonic_ns()
        while self.timers and self.timers[0][0] <= now and not self.ended:
            heapq.heappop(self.timers)[2]()
        until = min([when for when, _, _ in self.timers[:1]] + ([end] if end else []), default=now + 10**8)
        for key, _ in self.selector.select(max(0, (until - time.monotonic_ns()) / 1e9)):
            key.data()
