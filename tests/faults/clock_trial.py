"""One trial of clock.py: the wall clock of the real program goes wrong, and what holds then and after it was put right."""
import contextlib
import json
import os
import socket
import time

import bend as bending
import world  # says where the demo's modules lie
import clients
import wire
from cast import recipient

HOUR, DAY = 3600, 86400
ACT = DAY  # how long a signed act lasts, as with the tool
LATER_THAN_ANY = 3000 * DAY  # no trial sets the clock so far ahead


class Timed(world.World):
    """Also a fullmakt that ends within the hour, and one that begins in two hours."""

    def build(self):
        super().build()
        people = self.cast
        self.began = time.time()
        self.short_ends, self.later_begins = self.began + HOUR, self.began + 2 * HOUR
        self.give("short", "rehab", valid_to=wire.rfc3339(self.short_ends))
        self.give("later", "start", valid_from=wire.rfc3339(self.later_begins))
        self.reads = {"short": ("nils", "utlatande", "rehab"), "later": ("nils", "utlatande", "start")}
        assert people.nils.organisation == people.id("kommun")

    def give(self, name, purpose, **more):
        cast, id, text = self.cast, wire.new_id(), f"Jag låter kommunen läsa mitt utlåtande ({name})."
        terms = cast.terms(text, ["region"], recipient("organisation", cast.id("kommun")), ["lakarutlatande"], purpose, **more)
        cast.milo.act({"kind": "sign_fullmakt", "id": id, "text": text, "terms": terms}, widens=True)
        self.fullmakter[name] = id


class Device(clients.Person):
    """A person's device: its clock is right, and a signed act counts by itself, without a session."""

    connect = clients.Anyone.connect

    def try_act(self, act):
        now = time.time()  # the right one
        sent = {**wire.envelope(act, self.gateway.name), "issued": wire.rfc3339(now), "expires": wire.rfc3339(now + ACT)}
        return self.ask("POST", "/v1/acts", body={"jws": self.key.sign("flikvakt-act+jws", sent)})


class Trial:
    def __init__(self, made, bend, name, start, moves, doubted):
        self.made, self.bend, self.name, self.start, self.moves, self.doubted = made, bend, name, start, moves, doubted
        self.wrong = []

    def expect(self, holds, what):
        if not holds:
            self.wrong.append(what)

    def run(self):
        made, gateway = self.made, self.made.gateway
        made.restore()
        gateway.environment = self.bend.environment()
        self.bend.clock(self.start)
        with self.clients_follow():
            gateway.must_start()
            if abs(self.start) < 20 * DAY:  # further away no certificate counts
                self.settle()
            offset = self.start
            for move in self.moves:
                offset += move
                self.bend.clock(offset)
                self.let_it_be_seen(move)
            self.while_wrong()
            self.put_right()
        made.end()
        self.bend.clock(LATER_THAN_ANY)  # what the gateway wrote when its clock was ahead is no finding here (LVR-3)
        with self.bend.commands_follow():
            code, said = made.verify()
        self.expect(code == 0, f"log verify: {code}, {said}")
        return self.wrong

    def let_it_be_seen(self, move):
        """The sequencer looks at the clock every quarter of a second, and later on a busy machine: what is doubted by itself is waited for,
        so that the next move does not undo it unseen."""
        time.sleep(0.3)
        end = time.monotonic() + 60
        while abs(move) > 5 and self.status()["clock"]["doubt"] == "none" and time.monotonic() < end:
            time.sleep(0.1)

    @contextlib.contextmanager
    def clients_follow(self):
        moved = bending.MovedTime(self.bend)
        before, clients.time, wire.time = (clients.time, wire.time), moved, moved
        for one in vars(self.made.cast).values():
            if isinstance(one, clients.Staff):
                one.ends = 0
        try:
            yield
        finally:
            clients.time, wire.time = before

    def settle(self):
        """Until the revocation list was applied; with certificates out of date it never lets anybody in."""
        end = time.monotonic() + 60
        self.made.cast.kim.close()
        while time.monotonic() < end and self.made.cast.kim.ask("GET", "/v1/catalogue").status != 200:
            time.sleep(0.05)

    def status(self):
        stream = socket.socket(socket.AF_UNIX)
        stream.connect(self.made.gateway.ports["admin"])
        http = wire.Http(stream, "localhost")
        out = http.ask("GET", "/v1/status").json()
        http.close()
        return out

    def in_doubt(self):
        """As of the last act; so that there is one, Milo takes back what is taken back already."""
        device = Device(self.made.gateway, self.made.cast.milo.number, self.made.cast.milo.key)
        answer = device.try_act({"kind": "revoke_fullmakt", "id": self.made.fullmakter["kommun"]})
        self.expect(answer.status == 200, f"revoking again: {answer.status}")
        device.close()
        return self.status()["clock"]["doubt"] != "none"

    def opens(self, who, name, purpose):
        """Whether every byte came; refused and unauthenticated are both no."""
        try:
            return self.made.opens(who, name, purpose)
        except RuntimeError as error:
            if ": HTTP/1.1 401" in str(error):
                return False
            raise
        except OSError:
            getattr(self.made.cast, who).close()
            return False

    def nothing_taken_back_opens(self, when):
        for name, one in world.TAKEN_BACK.items():
            self.expect(not self.opens(*one), f"{when}: {name} opens")

    def while_wrong(self):
        made, wall = self.made, self.bend.wall()
        doubt = self.in_doubt()
        self.expect(doubt == self.doubted, f"while wrong: doubt is {doubt}")
        open_now = {name: self.opens(*one) for name, one in {**made.reads, "coach": world.ALLOWED["coach"]}.items()}
        within = {"short": wall < made.short_ends, "later": wall >= made.later_begins, "coach": True}
        for name, opens in open_now.items():
            self.expect(opens == (within[name] and not self.doubted), f"while wrong: {name} opens: {opens}")
        self.nothing_taken_back_opens("while wrong")
        self.take_back()

    def take_back(self):
        """A person and an administrator narrow; in doubt at the time of the last entry."""
        made = self.made
        last = self.status()["log"]["last_entry"]
        device = Device(made.gateway, made.cast.milo.number, made.cast.milo.key)
        answer = device.try_act({"kind": "revoke_fullmakt", "id": made.fullmakter["coach"]})
        device.close()
        self.expect(answer.status == 200, f"revocation: {answer.status_line}")
        if answer.status == 200 and self.doubted:
            self.expect(answer.json()["time"] == last, f"revoked at {answer.json()['time']}, the last entry was at {last}")
        self.expect(not self.opens(*world.ALLOWED["coach"]), "what was just taken back opens")
        act = {"kind": "suspend", "noun": "staff", "id": made.cast.id("saga")}
        path = made.gateway.write("clock-act.json", json.dumps({"acts": [act]}))
        code = self.administrator("apply", path, "--ids", made.gateway.folder / "ids.json")
        # Also when it was signed by a clock so far behind the log that it has run out by the log's time (SPEC ACT-56).
        self.expect(code == 0, f"an administrator's suspension: exit code {code}")

    def administrator(self, *words):
        """Exit code of the tool on the gateway's machine, whose clock it sees."""
        gateway = self.made.gateway
        environment, before = self.bend.environment(), dict(os.environ)
        os.environ.update(environment)
        try:
            return gateway.run(*words, "--administrator", gateway.folder / "alice.key", "--data", gateway.data)[0]
        finally:
            for name in environment:
                os.environ.pop(name)
                if name in before:
                    os.environ[name] = before[name]

    def put_right(self):
        """The right time again, then an administrator's word, then a kill and a start."""
        self.bend.clock(0)
        for one in vars(self.made.cast).values():
            if isinstance(one, clients.Staff):
                one.ends = 0
        time.sleep(0.3)
        if self.doubted:
            self.expect(self.in_doubt() and not self.opens(*world.ALLOWED["robin"]), "doubt ended without an administrator")
        self.settle()
        self.accepted("after the clock was put right")
        self.made.end()
        self.made.gateway.must_start()
        self.settle()
        self.accepted("after another start")

    def accepted(self, when):
        if self.in_doubt():
            self.expect(self.administrator("clock", "accept") == 0, f"{when}: accept_clock was refused")
        self.expect(not self.in_doubt(), f"{when}: still in doubt")
        self.expect(self.opens(*world.ALLOWED["robin"]), f"{when}: what is allowed does not open")
        self.expect(not self.opens(*world.ALLOWED["coach"]), f"{when}: what was taken back in doubt opens")
        self.nothing_taken_back_opens(when)
