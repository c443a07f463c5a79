"""Those who load the gateway, each in a process of its own so that they do not slow down who measures: an organisation that asks
too much, and persons who take back what they gave.

Each is started, switched on and off, and says at the end what it got.
"""
import collections
import multiprocessing
import socket
import time

import many
import refusing
import world  # says where the demo's modules lie
import clients
import wire
from cast import recipient
from OpenSSL import SSL

FORK = multiprocessing.get_context("fork")
QUOTA = 50  # requests a second of one organisation (gateway/server.h)


class Worker:
    """`work()` runs in the process until `end` is set; what it returns comes out of `finish()`."""

    def __init__(self):
        self.on, self.end, self.said = FORK.Event(), FORK.Event(), FORK.Queue()
        self.process = FORK.Process(target=self.run, daemon=True)

    def start(self):
        self.process.start()
        return self

    def run(self):
        try:
            self.said.put(self.work())
        except Exception as error:  # the parent must hear of it
            self.said.put(error)

    def finish(self, patience=60):
        self.end.set()
        said = self.said.get(timeout=patience)
        self.process.join(10)
        if isinstance(said, Exception):
            raise said
        return said


class Pool:
    """The connections of one desk. Whoever finds none idle waits, and is measured from when it was due."""

    def __init__(self, desk):
        self.desk, self.idle, self.waiting = desk, desk.connect(), collections.deque()

    def ask(self, make, done, due):
        self.waiting.append((make, done, due))
        self.go_on()

    def go_on(self):
        while self.waiting and self.idle:
            line, (make, done, due) = self.idle.pop(), self.waiting.popleft()
            line.ask(make(), lambda seen, line=line, done=done: self.answered(line, seen, done), due)

    def answered(self, line, seen, done):
        if line.lost is None and seen and not seen.closes():
            self.idle.append(line)
        else:
            line.close()
            self.replace()
        done(seen)
        self.go_on()

    def replace(self):
        """Another connection; when the gateway takes none, a later try."""
        try:
            self.idle.append(self.desk.connect(1)[0])
        except OSError:
            self.desk.loop.at(time.monotonic_ns() + 2 * 10**8, self.replace)
        self.go_on()


class Flood(Worker):
    """One organisation that asks `rate` times a second while `on` is set. `kinds`: names of methods below, in turn."""

    def __init__(self, made, key, rate, kinds, connections=64):
        super().__init__()
        self.made, self.key, self.rate, self.kinds, self.connections = made, key, rate, kinds, connections
        self.limited = FORK.Event()  # it was more than the quota

    def work(self):
        loop, got = many.Loop(), collections.Counter()
        self.desk = refusing.Desk(self.made, loop, self.key, self.connections)
        pool, turn = Pool(self.desk), 0

        def take(kind, status):
            got[kind, status] += 1
            if status == 429:
                self.limited.set()

        def ask(due):
            nonlocal turn
            if self.end.is_set():
                loop.ended = True
            if not self.on.is_set():
                return
            turn += 1
            kind = self.kinds[turn % len(self.kinds)]
            if len(pool.waiting) > 500:
                got["not sent"] += 1
            else:
                pool.ask(getattr(self, kind), lambda seen: take(kind, seen.status if seen else "lost"), due)
        loop.every(1 / self.rate, ask)
        loop.run()
        loop.close()
        return dict(got)

    def permitted(self):
        return self.desk.open(self.made.documents["running"])

    def refused(self):
        return self.desk.open(wire.new_id())

    def narrowing(self):
        return self.desk.narrow("nobody", False)


class Device(clients.Person):
    """A person's device that has no session: a signed act counts by itself."""

    def connect(self):
        portal = clients.Anyone.connect(self)
        portal.stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # head and body go out in two calls
        return portal


class Revoking(Worker):
    """Persons who sign and take back, again and again; milliseconds from signing the revocation to its answer."""

    def __init__(self, made, keys=("robin", "love"), pause=0.1):
        super().__init__()
        self.made, self.keys, self.pause = made, keys, pause

    def work(self):
        named = [getattr(self.made.cast, key) for key in self.keys]
        people = [[Device(self.made.gateway, who.number, who.key), None] for who in named]
        out = []
        while not self.end.is_set():
            for one in people:
                fullmakt = self.sign(one)
                is_new = len(out) % 4 == 0
                if is_new:
                    one[0].close()
                out.append((self.on.is_set(), "new connection" if is_new else "kept connection", *self.revoke(one[0], fullmakt)))
                if one[1] is not None:
                    one[1] += 1
                time.sleep(self.pause)
        for one, _ in people:
            one.close()
        return out

    def sign(self, one):
        """A new fullmakt; its id also when signing was turned away for a moment: taking back then changes nothing."""
        person, version = one
        if version is None:
            with_session = clients.Person(self.made.gateway, person.number, person.key)
            version = with_session.overview()["consent_version"]
            with_session.close()
        text, id, cast = "Jag låter kommunen läsa min plan.", wire.new_id(), self.made.cast
        terms = cast.terms(text, ["region"], recipient("organisation", cast.id("kommun")), ["rehabplan"], world.REHAB)
        answer = person.try_act({"kind": "sign_fullmakt", "id": id, "text": text, "terms": terms}, seen_version=version)
        one[1] = version + 1 if answer.status == 200 else None if answer.status == 409 else version
        return id if answer.status == 200 else None

    def revoke(self, person, fullmakt):
        stands = "short" if person.number == self.made.cast.robin.number else "given"
        act = {"kind": "revoke_fullmakt", "id": fullmakt or self.made.fullmakter[stands]}
        started = time.monotonic()
        try:
            status = person.try_act(act).status
        except (OSError, SSL.Error) as error:
            person.connection, status = None, type(error).__name__
        return status, (time.monotonic() - started) * 1000
