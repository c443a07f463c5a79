"""A standing world with a past: the data directory as it lay on disk at each of several moments, and what was taken back
meanwhile."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import time

import disk_formats
import world
from world import REHAB, TEAM, cast, wire

# Open at the moment `given`, taken back one after the other afterwards.
LATER = {"revoked later": ("saga", "plan", REHAB), "blocked later": ("nils", "meriter", REHAB),
         "removed later": ("nils", "journal", TEAM), "shredded": ("jorun", "utlatande", TEAM)}
# What opens besides world.ALLOWED: the newest document, and for a person all that is theirs (no purpose), whatever they blocked.
MORE = {"newest document": ("jorun", "nytt", TEAM), "own": ("milo", "beslut", None), "own blocked": ("robin", "bistand", None)}
# The database, its write-ahead log and that log's index.
ROWS = ("rows.db", "rows.db-wal", "rows.db-shm")
# What changes the log's keys, one after the other, on a gateway that is stopped; and the status of each afterwards.
LOG_KEYS_CHANGED = {"log-key-rotated": ["rotate-log-key"], "log-key-given-up": ["retire-log-key", "--compromised"]}
LOG_KEYS = {"log-key-rotated": ["retiring", "current"], "log-key-given-up": ["compromised", "current"]}
NEW_DOCUMENT = ("nytt", "milo", "journal", "region", 70_000)
world.DOCUMENTS.append(NEW_DOCUMENT)  # its size is looked up there; it is deposited last


class History(world.World):
    """`past[name]`: a copy of the data directory, oldest first. `killed` and `newest` are the two states that trials begin with:
    the same rows, in the first with a write-ahead log that was never moved to the database. `shredded`, `log_keys`: keys that are
    destroyed in the one that was put there, and the statuses of the log's keys."""

    def __init__(self, folder, program=None):
        self.past, self.destroyed, self.log_keys = {}, {}, ["current"]
        super().__init__(folder, program)
        self.gateway.must_start()
        self.live()
        self.passphrase = (self.gateway.folder / "words").read_text(encoding="utf-8").strip()
        self.key = disk_formats.database_key(self.past["newest"], self.passphrase)

    def build(self):
        world.DOCUMENTS.remove(NEW_DOCUMENT)
        try:
            super().build()
        finally:
            world.DOCUMENTS.append(NEW_DOCUMENT)

    def live(self):
        self.give()
        self.wait_for_others()
        self.moment("given")
        self.take_back()
        facts = {"flik": NEW_DOCUMENT[2], "title": "nytt", "author": "Maja Fiktelius", "date": "2026-03-03",
                 "media_type": "application/pdf"}
        self.documents["nytt"] = self.cast.maja.deposit(self.cast.milo.number, facts, world.content("nytt", NEW_DOCUMENT[4]))
        self.moment("deposited")
        time.sleep(0.3)  # the closing of what was read is written
        self.known_log = self.milos_log()
        self.standing = self.overview()
        self.wait_until_head_follows()
        self.moment("killed")
        self.leave_open()
        self.gateway.stop()
        self.end()
        self.keep_as("newest")
        self.rotate()
        self.change_log_keys()

    def give(self):
        people = self.cast
        for _ in range(80):  # so that the log has a full tile
            self.opens("jorun", "journal", TEAM)
        self.story.sign(people.milo, "revoked later", "Jag låter Arbetsförmedlingen läsa min plan.", ["region"],
                        cast.recipient("organisation", people.id("arbetsformedlingen")), ["rehabplan"], REHAB)
        self.story.sign(people.robin, "blocked later", "Jag låter kommunen läsa mina meriter.", ["arbetsformedlingen"],
                        cast.recipient("organisation", people.id("kommun")), ["anstallning"], REHAB)
        added = {"kind": "roster_add", "team": people.id("team"), "staff": people.id("nils"), "role": "member"}
        people.ivo.act(added)
        people.alva.act(added)
        self.saved_checkpoint = world.scenes.notes.Checkpoint(people.anyone.checkpoint())
        self.saved_note = self.gateway.write("checkpoint-kept", self.saved_checkpoint.note)
        for name, reading in LATER.items():
            if not self.opens(*reading):
                raise RuntimeError(f"{name}: not open when it was given")

    def wait_for_others(self):
        """Rows of every kind: a case, a deposit that was only announced, a paper that waits for a second."""
        people, id = self.cast, wire.new_id()
        people.milo.act({"kind": "sign_referral", "id": id, "team": people.id("team"), "focus": "illness", "meetings": []})
        facts = {"flik": "journal", "title": "aldrig", "author": "Maja Fiktelius", "date": "2026-03-03",
                 "media_type": "application/pdf",
                 "size": 10, "sha256": wire.base64url(bytes(32)), "other_subjects": []}
        people.maja.act({"kind": "begin_deposit", "id": wire.new_id(), "person": people.maja.handle(people.milo.number),
                         "facts": facts,
                         "other_subjects": []})
        text = "Milo låter kommunen läsa allt."
        terms = people.terms(text, ["region"], cast.recipient("organisation", people.id("kommun")), ["journal"], REHAB)
        people.ivo.act({"kind": "paper_fullmakt", "id": wire.new_id(), "person": people.ivo.handle(people.milo.number),
                        "terms": terms,
                        "text": text, "scan_sha256": wire.base64url(bytes(32))})

    def leave_open(self):
        """A reading of which a part was asked for stands open."""
        target = f"/v1/documents/{self.documents['intyg']}/content?purpose={TEAM}"
        answer = self.cast.tuva.ask("GET", target, [("Range", "bytes=0-99")])
        if answer.status != 206:
            raise RuntimeError(f"a range: {answer.status_line}")

    def take_back(self):
        people, kommun = self.cast, cast.recipient("organisation", self.cast.id("kommun"))
        people.milo.act({"kind": "revoke_fullmakt", "id": self.fullmakter["revoked later"]})
        self.moment("revoked")
        people.robin.act({"kind": "set_sparr", "id": wire.new_id(),
                          "terms": {"target": "flik", "flik": "anstallning", "everyone": False, "recipients": kommun}})
        self.moment("blocked")
        people.alva.act({"kind": "roster_remove", "team": people.id("team"), "staff": people.id("nils")})
        self.moment("removed")
        before = self.kept_keys()
        self.gateway.must("keys", "shred-document", self.documents["utlatande"], *self.gateway.administrators())
        self.shredded = self.shredded_document = sorted(before - self.kept_keys())
        self.moment("shredded")

    def kept_keys(self):
        return {slot[8:24].hex() for slot in disk_formats.slots(self.gateway.data / "keys").values()}

    def wait_until_head_follows(self):
        """Up to the end of the log; so that no kill finds it a second behind."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            size = world.scenes.notes.Checkpoint(self.cast.anyone.checkpoint()).size
            if disk_formats.newest_head(self.data() / "head")[2] >= size:
                return
            time.sleep(0.05)
        raise RuntimeError("the head file does not follow")

    def moment(self, name):
        """Killed, copied, started again."""
        self.gateway.stop(signal.SIGKILL)
        self.end()
        self.keep_as(name)
        self.gateway.must_start()

    def keep_as(self, name):
        self.past[name] = self.folder / "past" / name
        world.copy(self.gateway.data, self.past[name])
        (self.past[name] / "reserve").unlink(missing_ok=True)

    def rotate(self):
        """`rotated`: the newest with another master key."""
        self.gateway.must("keys", "rotate", "--data", self.gateway.data, "--administrator", self.gateway.folder / "alice.key")
        self.keep_as("rotated")

    def change_log_keys(self):
        """The newest with a new key of the log beside the old one, and then with the old one given up."""
        self.put("newest")
        before = self.kept_keys()
        for name, words in LOG_KEYS_CHANGED.items():
            self.gateway.must("keys", *words, *self.gateway.administrators())
            self.destroyed[name] = sorted(before - self.kept_keys())
            self.keep_as(name)

    def put(self, name):
        """The data directory of that moment, nothing running on it."""
        self.end()
        self.shredded = [*self.shredded_document, *self.destroyed.get(name, [])]
        self.log_keys = LOG_KEYS.get(name, ["current"])
        shutil.rmtree(self.gateway.data, ignore_errors=True)
        world.copy(self.past[name], self.gateway.data)

    def data(self):
        return pathlib.Path(self.gateway.data)

    def read_own(self, who, name):
        return getattr(self.cast, who).ask("GET", f"/v1/me/documents/{self.documents[name]}/content")

    def milos_log(self):
        """{number of the entry: what it says}, as milo sees it. (Pages overlap when an entry came meanwhile.)"""
        return {one["entry"]: json.dumps(one, sort_keys=True) for one in self.cast.milo.log()}

    def overview(self):
        """What stands, as the two who gave it see it: {id of a fullmakt: status}."""
        return {one["id"]: one["status"] for who in (self.cast.milo, self.cast.robin) for one in who.overview()["fullmakter"]}

    @contextlib.contextmanager
    def as_plain_user(self, wanted):
        """Root reads and writes whatever modes say; with this the program may not."""
        if not wanted or os.geteuid() != 0:
            yield
            return
        plain, program = self.folder / "plain", self.gateway.program
        plain.write_text(f'#!/bin/sh\nexec setpriv --bounding-set=-all --inh-caps=-all "{program}" "$@"\n', encoding="utf-8")
        plain.chmod(0o755)
        self.gateway.program = str(plain)
        try:
            yield
        finally:
            self.gateway.program = program
