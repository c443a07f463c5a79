#!/usr/bin/python3
"""The real program plays what the model describes: slow readers, a revocation in the middle, a kill, perhaps an older database put back,
a restart. The disk of tests/faults and the clients make a trace of it, and trace.py judges that.

    tests/model/trial.py --trials 30 --seed 1
    tests/model/trial.py --seed 1 --only 17    one of them, as a violation names it
"""
import argparse
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "faults"))
import disk
import promised
import storm
import trace
from world import TEAM, World, must, must_be_built

import clients
import wire

ROWS = ("rows.db", "rows.db-wal")
READERS = [("tuva", "intyg", TEAM), ("tuva", "intyg", TEAM), ("jorun", "journal", TEAM), ("vide", "plan", "stod")]
REVOKED = "team"
ALERT = 100  # bytes: a send of fewer is a TLS alert; every document here ends in more
GONE = (OSError, clients.SSL.Error, ValueError)


class Reader(threading.Thread):
    """Opens one document after the other, each over a connection of its own, and reads slowly."""

    def __init__(self, world, over, who, name, purpose):
        super().__init__()
        self.world, self.over, self.staff, self.name, self.purpose = world, over, getattr(world.cast, who), name, purpose
        self.credentials = self.staff.credentials()
        self.openings = []  # (port, trace.Opened)

    def run(self):
        while not self.over.is_set():
            try:
                self.read()
            except ConnectionRefusedError:
                return  # it has ended
            except GONE:
                time.sleep(0.01)

    def read(self):
        stream = self.staff.connect(receive_buffer=4096)
        try:
            http, port, asked = wire.Http(stream, "localhost"), stream.getsockname()[1], time.monotonic_ns()
            http.send("GET", f"/v1/documents/{self.world.documents[self.name]}/content?purpose={self.purpose}", self.credentials)
            answer = http.head()
            if answer.status not in (200, 206):
                time.sleep(0.02)
                return
            self.openings.append((port, trace.Opened(answer.field("Flikvakt-Reading"), asked, self.purpose == TEAM)))
            missing = int(answer.field("Content-Length"))
            while missing > 0 and not self.over.is_set():
                got = http.some(4096)
                missing = missing - len(got) if got else 0
                time.sleep(0.001)
        finally:
            stream.close()


def revoke(world, which):
    """(trace.Revoked without the server's time, port of the person's connection)"""
    milo = world.cast.milo  # whose connection stands
    port, asked = milo.connection.stream.stream.getsockname()[1], time.monotonic_ns()
    try:
        answer = milo.try_act({"kind": "revoke_fullmakt", "id": world.fullmakter[which]})
    except GONE:
        return trace.Revoked(asked, None), port
    return trace.Revoked(asked, asked if answer.status == 200 else None), port


def trace_of(events, readers, revoked, port):
    """What the disk saw, told by reading and act. The answer to the person is the last send to them after the act was sent."""
    out = []
    for one in events:
        if one.path == b"rows.db-wal" and one.call == b"pwrite" and one.result > 0:
            out.append(trace.Wrote(one.nanoseconds))
        if one.path == b"rows.db-wal" and one.call == b"fdatasync" and one.result == 0:
            out.append(trace.Synced(one.bytes, one.nanoseconds))
    sends = [one for one in events if one.call == b"send"]
    openings = [opening for reader in readers for opening in reader.openings]
    for number, opened in openings:
        later = [other.asked for again, other in openings if again == number and other.asked > opened.asked]
        until = min(later, default=1 << 63)  # ports come round
        out.append(opened)
        out += [trace.Sent(opened.reading, one.bytes, one.nanoseconds) for one in sends
                if one.path == str(number).encode() and opened.asked < one.bytes < until and one.result > ALERT]
    if revoked.acknowledged is not None:
        answers = [one.bytes for one in sends if one.path == str(port).encode() and one.bytes > revoked.asked]
        must(answers, "the disk saw no send of the acknowledgement")
        revoked.acknowledged = max(answers)
    return [*out, revoked]


def restarted(world, code):
    if code is not None:
        must(code == 4, f"it does not start again: exit code {code}: {world.gateway.said()}")
        return trace.Restarted(None, None, None)
    milo = world.cast.milo
    entries = sorted(milo.log(), key=lambda one: one["entry"])
    log = [(one["kind"], one.get("subject")) for one in entries if one["outcome"] == "permitted"]
    log = [one for one in log if one[0] != "revoke_fullmakt" or one[1] == world.fullmakter[REVOKED]]
    status = next(one["status"] for one in milo.overview()["fullmakter"] if one["id"] == world.fullmakter[REVOKED])
    return trace.Restarted(log, status == "revoked", world.opens("jorun", "journal", TEAM))


def play(world, on_disk, seed, puts_back, revokes=REVOKED, keep=ROWS):
    """The trace of one trial. `revokes`, `keep`: what the tests of the checker change."""
    draw = random.Random(seed)
    world.restore()
    on_disk.whole()
    world.gateway.environment = on_disk.environment()
    world.gateway.must_start()
    over = threading.Event()
    world.cast.milo.overview()
    older = {name: (world.gateway.data / name).read_bytes() for name in keep}
    on_disk.arm(0, disk.NONE, draw.choice([disk.KEEP_ALL, disk.LOSE_UNSYNCED, disk.LOSE_SOME]), seed=seed)
    readers, first = [Reader(world, over, *one) for one in READERS], on_disk.now.events
    told = []
    person = threading.Thread(target=lambda: told.append(revoke(world, revokes)))
    for one in readers:
        one.start()
    time.sleep(draw.uniform(0.1, 0.4))
    person.start()
    if draw.random() < 0.3:
        time.sleep(draw.uniform(0, 0.02))  # killed while the revocation is on its way
    else:
        person.join(60)
        time.sleep(draw.uniform(0, 0.2))
    storm.end(world.gateway, on_disk, {promised.GOES_ON})
    ended = time.monotonic_ns()
    over.set()
    for one in [person, *readers]:
        one.join(60)
        must(not one.is_alive(), "a client is still waiting")
    must(told, "the revocation was not sent")
    events = on_disk.events(first)
    must(len(events) + first < disk.EVENTS, "the trace is full: nothing can be said")
    out = [*trace_of(events, readers, *told[0]), trace.Ended(ended)]
    world.end()
    if puts_back:
        (world.gateway.data / "rows.db-shm").unlink(missing_ok=True)
        for name, content in older.items():
            (world.gateway.data / name).write_bytes(content)
        out.append(trace.PutBack())
    on_disk.whole()
    world.gateway.environment = {}
    out.append(restarted(world, world.gateway.start()))
    world.end()
    return out


def count(total, told):
    acknowledged = any(one.acknowledged for one in trace.of(told, trace.Revoked))
    covered = {one.reading for one in trace.of(told, trace.Opened) if one.covered}
    sends = trace.of(told, trace.Sent)
    for what, number in (("readings", len(trace.of(told, trace.Opened))), ("sends", len(sends)), ("acknowledged", int(acknowledged)),
                         ("covered sends before it", sum(one.reading in covered for one in sends) if acknowledged else 0),
                         ("locked", sum(one.log is None for one in trace.of(told, trace.Restarted))),
                         ("started again", sum(one.log is not None for one in trace.of(told, trace.Restarted)))):
        total[what] = total.get(what, 0) + number


def play_all(folder, numbers, seed):
    """Of the trials of these numbers: what they came to, and the violations. Every third puts an older database back."""
    world = World(folder)
    on_disk = disk.Disk(world.folder / "page", world.gateway.data)
    total, violations = {}, []
    for i in numbers:
        try:
            told = play(world, on_disk, seed * 1_000_003 + i, i % 3 == 2)
            count(total, told)
            found = trace.broken(told)
        except Exception as error:  # about this trial; the others are played too
            found = [f"{type(error).__name__}: {error}"]
            world.end()
        if found:
            violations.append(f"trial {i}: {'; '.join(found)}")
            print(f"VIOLATION {violations[-1]}\n    again: trial.py --seed {seed} --only {i}", flush=True)
    return total, violations


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=12)
    parser.add_argument("--only", type=int, metavar="N", help="the trial of this number, from 0")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    must_be_built()
    numbers = range(given.trials) if given.only is None else [given.only]
    with tempfile.TemporaryDirectory(prefix="flikvakt-trace-") as folder:
        total, violations = play_all(pathlib.Path(folder) / "world", numbers, given.seed)
    print(f"{len(numbers)} trials, {len(violations)} violations; " + ", ".join(f"{number} {what}" for what, number in total.items()))
    return 1 if violations or not total else 0


if __name__ == "__main__":
    sys.exit(main())
