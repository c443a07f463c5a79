#!/usr/bin/python3
"""Mixed load while the disk fails: readers, a depositor, and a person who gives and takes back, each on a connection of their own, until the
program is killed at a moment drawn by the seed, or until its syncs fail or hang.

    tests/faults/storm.py --storms 300 --seed 1
    tests/faults/storm.py --seed 1 --only 17    one of them, as a violation names it

What is checked: each byte that a client got came after a write of the log and a sync that began after the write, both after the request
(the disk's own record against the client's); each reading that a client saw has its entry; what was acknowledged is in force after the
restart, what was refused is not, and what was taken back stays so; the program ends as it promises; the log verifies.
"""
import argparse
import contextlib
import errno
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass

import disk
import promised
from world import DOCUMENTS, REHAB, TAKEN_BACK, TEAM, Violation, World, content, must, must_be_built, wrong

import cast
import clients
import wire

FAULTS = {  # name: fault, more; the loss is drawn for each storm
    "kill": (disk.NONE, {}),
    "stalling syncs": (disk.STALL, {"sticky": True, "stall_milliseconds": 150}),
    "EIO": (disk.ERROR, {"number": errno.EIO}),
    "EIO from now on": (disk.ERROR, {"number": errno.EIO, "sticky": True}),
    "ENOSPC from now on": (disk.ERROR, {"number": errno.ENOSPC, "sticky": True}),
}
READERS = [("jorun", "journal", TEAM), ("tuva", "intyg", TEAM), ("vide", "plan", "stod"), ("elin", "plan", "insats"),
           ("ivo", "utlatande", REHAB)]
GIVEN = ("nils", "utlatande", REHAB)  # what the person gives and takes back, for ivo and nils
SIZES = {one[0]: one[4] for one in DOCUMENTS}
NOT_NOW = (429, 503, 507)  # too fast, a disk that fails, a disk that is full


@dataclass
class Received:
    who: str
    reading: str
    asked: int       # nanoseconds of the monotonic clock, before the request was sent
    first_byte: int  # when the head of the answer was here


NOTHING = "refused"


class Storm:
    def __init__(self, world, on_disk, seed):
        self.world, self.disk, self.draw = world, on_disk, random.Random(seed)
        self.over = threading.Event()
        self.received, self.deposits, self.problems = [], [], []
        # id: the last thing acknowledged, NOTHING when all was refused, or "?" while something was sent and not answered
        self.given, self.blocks = {}, {}

    def threads(self):
        jobs = [lambda one=one: self.reader(*one) for one in READERS] + [self.person, self.depositor]  # each its own connection
        return [threading.Thread(target=self.until_over, args=(job,)) for job in jobs]

    def until_over(self, job):
        while not self.over.is_set():
            try:
                job()
            except (OSError, clients.SSL.Error):
                time.sleep(0.02)  # it has ended
            except clients.Refused as refused:
                if status_of(refused) not in NOT_NOW:
                    self.problems.append(str(refused))
                    return
                time.sleep(0.02)
            except Exception as error:  # a reader's complaint is the storm's
                self.problems.append(f"{type(error).__name__}: {error}")
                return

    def reader(self, who, name, purpose):
        """The status of one opening."""
        staff = getattr(self.world.cast, who)
        http, asked = staff.http(), time.monotonic_ns()
        try:
            http.send("GET", f"/v1/documents/{self.world.documents[name]}/content?purpose={purpose}", staff.credentials())
            answer = http.head()
            here = time.monotonic_ns()
            if answer.status in (200, 206):
                self.received.append(Received(who, answer.field("Flikvakt-Reading"), asked, here))
                http.read_body(answer)
                must(content(name, SIZES[name]).startswith(answer.body), f"{who} got other bytes than the document's")
            else:
                http.read_body(answer)
                sometimes = (403,) if name == GIVEN[1] else ()
                must(answer.status in (429, 503, *sometimes), f"{who} reads {name}: {answer.status_line}")
            if not answer.complete or answer.field("Connection") == "close":
                staff.close()
            return answer.status
        except OSError:
            staff.close()
            raise

    def person(self):
        """Gives, takes back, blocks, lifts; after an acknowledged revocation the recipient's next reading is refused."""
        milo, people, text = self.world.cast.milo, self.world.cast, "Jag låter kommunen läsa mitt utlåtande."
        id, sparr = wire.new_id(), wire.new_id()
        terms = people.terms(text, ["region"], cast.recipient("organisation", people.id("kommun")), ["lakarutlatande"], REHAB)
        self.act(self.given, id, "active", milo, {"kind": "sign_fullmakt", "id": id, "text": text, "terms": terms}, widens=True)
        self.then_reads((200, 429, 503), "given")
        self.act(self.given, id, "revoked", milo, {"kind": "revoke_fullmakt", "id": id})
        if self.given[id] == "revoked":
            self.then_reads((403, 429, 503), "taken back")
        block = {"target": "flik", "flik": "bilder", "everyone": True, "recipients": []}
        self.act(self.blocks, sparr, "set", milo, {"kind": "set_sparr", "id": sparr, "terms": block})
        if self.draw.random() < 0.5:
            self.act(self.blocks, sparr, "lifted", milo, {"kind": "lift_sparr", "id": sparr}, widens=True)

    def then_reads(self, may_be, what):
        try:
            status = self.reader(*GIVEN)
        except (OSError, clients.SSL.Error):
            return  # no answer is neither
        must(status in may_be, f"{what}, then read: {status}")

    def act(self, record, id, becomes, person, act, widens=False):
        if widens:
            person.overview()  # asked apart: when it is refused nothing was sent
        before, record[id] = record.get(id, NOTHING), "?"
        answer = person.try_act(act, widens)
        record[id] = becomes if answer.status == 200 else before if answer.status in (403, 409, 429, 503) else "?"
        must(answer.status in (200, 403, 409, 429, 503), f"{act['kind']}: {answer.status_line}")
        if record[id] == NOTHING:
            raise ConnectionError("refused")

    def depositor(self):
        maja, body = self.world.cast.maja, content(wire.new_id(), 3000)
        facts = {"flik": "journal", "title": "storm", "author": "Maja Fiktelius", "date": "2026-03-02", "media_type": "application/pdf"}
        self.deposits.append((maja.deposit(self.world.cast.milo.number, facts, body), body))

    # --- what must hold ---

    def synced_before_byte(self):
        events = self.disk.events()
        must(len(events) < disk.EVENTS, "the trace is full: nothing can be said")
        writes = [one.nanoseconds for one in events if one.path == b"rows.db-wal" and one.call == b"pwrite" and one.result > 0]
        syncs = [(one.bytes, one.nanoseconds) for one in events if one.path == b"rows.db-wal" and one.call == b"fdatasync" and one.result == 0]
        for one in self.received:
            must(durable_between(writes, syncs, one.asked, one.first_byte), f"{one.who} got bytes of {one.reading} before a sync")

    def after_restart(self):
        world, milo = self.world, self.world.cast.milo
        logged = {one["subject"] for one in milo.log() if one.get("subject")}
        missing = [one.reading for one in self.received if one.reading not in logged]
        must(not missing, f"{len(missing)} of {len(self.received)} readings have no entry")
        mine = milo.overview()
        fullmakter = {one["id"]: one["status"] for one in mine["fullmakter"]}
        for id, status in self.given.items():
            must(status == "?" or fullmakter.get(id, NOTHING) == status, f"a fullmakt was {status}, and is {fullmakter.get(id)}")
        sparrar = {one["id"] for one in mine["sparrar"] if one["in_force"]}
        for id, status in self.blocks.items():
            must(status == "?" or (id in sparrar) == (status == "set"), f"a Sparr was {status}; in force: {id in sparrar}")
        for reading in TAKEN_BACK.values():
            must(not world.opens(*reading), "what was taken back before is open again")
        for document, body in self.deposits:
            answer = world.cast.jorun.ask("GET", f"/v1/documents/{document}/content?purpose={TEAM}")
            must(answer.status == 200 and answer.body == body, f"a deposit that was acknowledged: {answer.status_line}")


def status_of(refused):
    """Of an answer that a client would not take for one; 0: none is named."""
    found = re.search(r"HTTP/1\.1 (\d+)", str(refused))
    return int(found.group(1)) if found else 0


def durable_between(writes, syncs, asked, answered):
    """A write after `asked`, then a sync that began after that write and was well before `answered`."""
    first = min((one for one in writes if one > asked), default=None)
    return first is not None and any(began >= first and ended <= answered for began, ended in syncs)


def play(world, on_disk, name, seed):
    """One storm; the numbers of it."""
    fault, more = FAULTS[name]
    world.restore()
    on_disk.whole()
    world.gateway.environment = on_disk.environment()
    world.gateway.must_start()
    storm = Storm(world, on_disk, seed)
    saved = world.cast.anyone.checkpoint()
    loss = storm.draw.choice([disk.KEEP_ALL, disk.LOSE_UNSYNCED, disk.LOSE_SOME])
    threads, at = storm.threads(), storm.draw.randint(1, 400) if fault != disk.NONE else 0
    on_disk.arm(at, fault, loss, seed=seed, **more)
    for one in threads:
        one.start()
    time.sleep(storm.draw.uniform(0.2, 1.2))
    def allowed():
        hit = next(((one.call.decode(), one.path.decode()) for one in on_disk.events() if at and one.counted == at), None)
        return promised.ends(fault, more.get("number"), more.get("sticky", False), hit)
    code = end(world.gateway, on_disk, allowed())
    storm.over.set()
    for one in threads:
        one.join(90)
        must(not one.is_alive(), "a client is still waiting")
    must(not storm.problems, "; ".join(storm.problems))
    must(code in allowed() | {promised.KILLED}, f"the program ended with {code}: {world.gateway.said()}")
    storm.synced_before_byte()
    on_disk.whole()
    world.end()
    world.gateway.environment = {}
    code = world.gateway.start()
    must(code is None, f"it does not start again: exit code {code}: {world.gateway.said()}")
    storm.after_restart()
    world.end()
    code, said = world.verify("--saved", world.gateway.write("saved", saved))
    must(code == 0, f"log verify: {code}: {said}")
    return {"readings": len(storm.received), "acts": len(storm.given) + len(storm.blocks), "deposits": len(storm.deposits)}


def end(gateway, on_disk, allowed):
    """At its next call the program is killed with what it has not synced; unless it has ended already, or must."""
    process = gateway.process
    if promised.GOES_ON not in allowed:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=60)
        must(process.poll() is not None, "it goes on though nobody knows what reached the disk")
    on_disk.now.fired = 1  # also when it ends by itself
    on_disk.now.die = on_disk.now.release = 1
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        code = process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise Violation("it did not end") from None
    gateway.process = None
    return code


def play_all(folder, numbers, seed):
    """The storms of these numbers: what they came to, and the violations."""
    world = World(folder)
    on_disk = disk.Disk(world.folder / "page", world.gateway.data)
    total, violations = {"readings": 0, "acts": 0, "deposits": 0}, []
    for i in numbers:
        name = list(FAULTS)[i % len(FAULTS)]
        try:
            for what, number in play(world, on_disk, name, seed * 1_000_003 + i).items():
                total[what] += number
            total[name] = total.get(name, 0) + 1
        except Exception as error:  # about this storm; the others are played too
            violations.append(f"storm {i}, {name}: {type(error).__name__}: {error}")
            print(f"VIOLATION {violations[-1]}\n    again: storm.py --seed {seed} --only {i}", flush=True)
            world.end()
    return total, violations


def idle(total):
    """What nobody got, so that nothing was tested."""
    return [what for what in ("readings", "acts", "deposits") if not total[what]]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--storms", type=int, default=20)
    parser.add_argument("--only", type=int, metavar="N", help="the storm of this number, from 0")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.storms < 1 or (given.only or 0) < 0:
        wrong("--storms: expected at least 1" if given.storms < 1 else "--only: the storms are numbered from 0")
    must_be_built()
    print(f"seed {given.seed}", flush=True)
    numbers = range(given.storms) if given.only is None else [given.only]
    with tempfile.TemporaryDirectory(prefix="flikvakt-storm-") as folder:
        total, violations = play_all(folder + "/world", numbers, given.seed)
    print(f"{len(numbers)} storms, {len(violations)} violations; " + ", ".join(f"{number} {what}" for what, number in total.items()))
    nothing = idle(total) if given.only is None else []
    if nothing:
        print(f"no {', no '.join(nothing)} got through: nothing was tested")
    return 1 if violations or nothing else 0


if __name__ == "__main__":
    sys.exit(main())
