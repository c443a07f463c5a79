"""After a person, a flik or a document was shredded, nothing that was planted of it opens any more, with every key that is left: not in
rows (old ones in the write-ahead log included), parts and records of the log, documents, or a backup whose keys have expired. What looks
is remains.py, and before the shredding it finds each of them."""
import contextlib
import hashlib
import io
import shutil
import signal
import unittest

import insider
import insider_log
import insider_rows
import remains
import world
from world import cast, scenes, story, wire

INDEX = "blind index of the number"
PEOPLE = ("milo", "robin", "love")  # milo is erased; robin stays as he is; of love a document and a flik go


class Planter:
    """Plants markers wherever text of a person can be; `markers[person]`: {where: marker}."""

    def __init__(self, told):
        self.told, self.cast, self.markers, self.documents = told, told.cast, {}, {}

    def marker(self, person, where):
        text = f"M4RK{person}{hashlib.sha256(f'{person} {where}'.encode()).hexdigest()[:16]}"
        self.markers.setdefault(person, {})[where] = text.encode()
        return text

    def plant(self, person):
        people, who = self.cast, getattr(self.cast, person)
        self.markers.setdefault(person, {})["number"] = who.number.replace("-", "").encode()
        fk = cast.recipient("organisation", people.id("forsakringskassan"))
        self.told.sign(who, f"{person} signed", self.marker(person, "text of a fullmakt"), ["region", "kommun"], fk,
                       ["ekonomi", "journal", "lakarutlatande"], "rehab")
        for flik, source in (("journal", "maja"), ("lakarutlatande", "maja"), ("ekonomi", "nils")):
            self.deposit(person, flik, getattr(people, source))
        self.consents(person, who, fk)
        self.of_staff(person, who)

    def deposit(self, person, flik, staff):
        facts = {"flik": flik, "title": self.marker(person, f"title of {flik}"), "author": self.marker(person, f"author of {flik}"),
                 "date": "2026-03-02", "media_type": "application/pdf"}
        content = b"%PDF-1.7\n" + self.marker(person, f"content of {flik}").encode() + bytes(70_000) + self.marker(
            person, f"end of {flik}").encode()
        self.documents[person, flik] = staff.deposit(getattr(self.cast, person).number, facts, content)

    def consents(self, person, who, fk):
        people, told = self.cast, self.told
        asked = {"recipient": fk[0], "disclosers": [people.id("region")], "flikar": ["lakarutlatande"], "purpose": "bedomning",
                 "rights": ["read"], "valid_to": cast.period(30)["valid_to"], "message": self.marker(person, "message of a request")}
        people.lee.act({"kind": "request_access", "id": wire.new_id(), "person": people.lee.handle(who.number), "terms": asked})
        before = next(one for one in who.overview()["fullmakter"] if one["id"] == told.fullmakter[f"{person} signed"])
        text = self.marker(person, "text of a komplettering")
        who.act({"kind": "sign_komplettering", "fullmakt": before["id"], "previous": before["signed_sha256"],
                 "delta": {"disclosers": [], "recipients": [], "flikar": ["bilder"], "documents": [], "rights": []},
                 "language": "sv", "text": text, "text_sha256": wire.base64url(cast.sha256(text))}, widens=True)
        text = self.marker(person, "text that was refused")
        terms = people.terms(text, ["region"], fk, ["journal"], "rehab")
        self.refused(who.try_act({"kind": "sign_fullmakt", "id": wire.new_id(), "text": text, "terms": terms}, seen_version=0))
        who.act({"kind": "sign_referral", "id": wire.new_id(), "team": people.id("team"), "focus": "illness", "meetings": []})

    def refused(self, answer):
        if answer.status not in (403, 409, 422):
            raise RuntimeError(f"not refused: {answer.status_line}")

    def paper(self, person, what):
        people = self.cast
        text = self.marker(person, f"text of a paper that {what}")
        terms = people.terms(text, ["region"], cast.recipient("organisation", people.id("arbetsformedlingen")), ["journal"], "rehab")
        return people.ivo.act({"kind": "paper_fullmakt", "id": wire.new_id(), "terms": terms, "text": text,
                               "person": people.ivo.handle(getattr(people, person).number), "scan_sha256": wire.base64url(bytes(32))})

    def of_staff(self, person, who):
        people = self.cast
        approved = self.paper(person, "was approved")["proposal"]
        people.kim.act({"kind": "approve", "proposal": approved, "act": people.kim.waiting(approved)})
        self.paper(person, "waits")
        people.maja.act({"kind": "record_disclosure", "document": self.documents[person, "journal"], "ground": "osl-10-2",
                         "recipient": self.marker(person, "recipient of a disclosure"), "disclosed": wire.rfc3339(1_770_000_000)})
        self.told.gateway.apply(f"kontrakt-{person}.json", [
            {"kind": "register_kontrakt", "id": f"$planted-{person}", "person": {"number": who.number},
             "goals": self.marker(person, "goals of a kontrakt"),
             "milestones": [{"text": self.marker(person, "milestone"), "due": "2026-12-24"}],
             "parts": [{"insats": self.marker(person, "insats"), "provider": "$insats", "area": "karriar", **cast.period(90),
                        "goals": self.marker(person, "goals of a part")}]}])
        unknown = {"flik": "nosuchflik", "title": self.marker(person, "title that was refused"), "author": "A", "date": "2026-03-02",
                   "media_type": "application/pdf", "size": 10, "sha256": wire.base64url(bytes(32)), "other_subjects": []}
        self.refused(people.maja.try_act({"kind": "begin_deposit", "id": wire.new_id(), "person": people.maja.handle(who.number),
                                          "facts": unknown, "other_subjects": []}))
        people.ivo.act({"kind": "protect_identity", "person": people.ivo.handle(who.number), "alias": self.marker(person, "alias")})


@unittest.skipUnless(world.PROGRAM.exists(), f"{world.PROGRAM} is missing: run ./dev build")
class Shredded(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = world.folder_for("shred")
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        with contextlib.redirect_stdout(io.StringIO()):
            cls.gateway, ids = story.begin(world.PROGRAM, world.made(cls.folder / "instance"))
            cls.addClassCleanup(lambda: cls.gateway.stop(signal.SIGKILL))
            told = scenes.Story(cls.gateway, cast.Cast(cls.gateway, ids), [])
            for scene in (told.first_certificates, told.teams, told.enrolment):
                scene()
        cls.planter = Planter(told)
        for person in PEOPLE:
            cls.planter.plant(person)
        cls.markers = cls.planter.markers
        cls.passphrase = (cls.gateway.folder / "words").read_text(encoding="utf-8").strip()
        cls.before = cls.killed("before")
        cls.gateway.must("backup", "create", cls.folder / "backup", "--keys", cls.folder / "backup-keys", "--data", cls.gateway.data)
        cls.gateway.must_start()
        told.gateway.must("keys", "shred-document", cls.planter.documents["love", "journal"], *cls.gateway.administrators())
        for words, person in ((("shred-flik", "ekonomi"), "love"), (("shred-person",), "milo")):
            number = cls.gateway.write("number", getattr(told.cast, person).number + "\n")
            cls.gateway.must("keys", *words, "--number-file", number, *cls.gateway.administrators())
        cls.after = cls.killed("after")
        cls.gateway.must_start()
        cls.gateway.stop()
        cls.stopped = cls.copy_of("stopped")
        cls.looked = {}

    @classmethod
    def killed(cls, name):
        """The data directory as it lies, with what the write-ahead log still has of before."""
        cls.gateway.stop(signal.SIGKILL)
        return cls.copy_of(name)

    @classmethod
    def copy_of(cls, name):
        world.copy(cls.gateway.data, cls.folder / name)
        (cls.folder / name / "reserve").unlink(missing_ok=True)
        return cls.folder / name

    def found(self, *folders, store):
        """{person: {what: where}} of everything that opens in these folders with the keys of this store."""
        if (folders, store) not in self.looked:
            keys = remains.Keys(self.gateway.data / "master-key", self.passphrase, [store])
            everything = remains.Remains(keys, self.gateway.origin)
            for folder in folders:
                everything.look_at(folder.name, folder)
            self.looked[folders, store] = {person: everything.found({**markers, INDEX: everything.index_of(markers["number"])})
                                           for person, markers in self.markers.items()}
        return self.looked[folders, store]

    def everything(self, person, but=()):
        return {*self.markers[person], INDEX}.difference(but)

    def test_before_every_marker_is_found(self):
        """Otherwise nothing that follows could fail."""
        found = self.found(self.before, store=self.before / "keys")
        for person in PEOPLE:
            self.assertEqual(set(found[person]), self.everything(person), person)
        self.assertGreater(len(self.markers["milo"]), 20)

    # SPEC KST-6, LOG-12, ROW-5, ACR-2
    def test_nothing_of_a_person_is_left_and_of_others_everything(self):
        for folder in (self.after, self.stopped):
            found = self.found(folder, store=folder / "keys")
            self.assertEqual(set(found["milo"]) - {INDEX}, set())
            self.assertEqual(set(found["robin"]), self.everything("robin"))
        # Who knows the number, and has the gateway's keys, sees in the write-ahead log of before that it was known here, until
        # the gateway stops.
        self.assertNotIn(INDEX, found["milo"])

    def test_the_content_of_a_shredded_document_and_flik_is_gone_and_of_the_third_is_there(self):
        found = self.found(self.after, store=self.after / "keys")["love"]
        gone = {f"{part} of {flik}" for part in ("content", "end") for flik in ("journal", "ekonomi")}
        self.assertEqual(gone & set(found), set())
        self.assertEqual(self.everything("love", gone) - set(found), set())
        for flik in ("journal", "ekonomi"):  # what it was called is left where the log says that it came, under the person's log key
            for part in ("title", "author"):
                where = {place.split(": ")[1].rsplit(" ", 1)[0] for place in found[f"{part} of {flik}"] if "row" not in place}
                self.assertEqual(where, {"act record"})

    # SPEC BAK-2, STO-15
    def test_a_backup_opens_only_with_its_keys_and_not_when_they_have_expired(self):
        backup, kept = self.folder / "backup", self.folder / "backup-keys" / "keys"
        before = self.found(backup, store=kept)["milo"]
        self.assertEqual(set(before), self.everything("milo"), "until its keys expire a backup has what was erased")
        after = self.found(backup, self.after, store=self.after / "keys")
        self.assertEqual(set(after["milo"]), {INDEX}, "that the number was known, to who knows it and has the gateway's keys")
        self.assertEqual(set(after["robin"]), self.everything("robin"))

    def test_nothing_lies_anywhere_in_the_clear(self):
        for folder in (self.before, self.after, self.folder / "backup", self.folder / "backup-keys", self.gateway.data):
            for path in folder.rglob("*"):
                data = path.read_bytes() if path.is_file() else b""
                for person in PEOPLE:
                    self.assertEqual([what for what, marker in self.markers[person].items() if marker in data], [], path)
        said = self.gateway.log.read_bytes()
        self.assertEqual([what for markers in self.markers.values() for what, marker in markers.items() if marker in said], [])

    # SPEC LVR-16
    def test_the_log_verifies_and_a_row_left_over_or_an_erasure_that_nobody_ordered_is_found(self):
        self.assertEqual(self.problems(lambda forger: None), [])
        old = insider.Forger(self.before, self.passphrase).rows
        left = next((id, row) for id, row in old.items() if id[0] == 35 and row.owner == self.erased())

        def row_left(forger):
            forger.rows[left[0]] = left[1]
        self.assertIn("there are rows of people who have no key any more", self.problems(row_left))

        def nobody_ordered(forger):
            acts = forger.acts
            key = max(row.version for id, row in forger.rows.items() if id[0] == insider_rows.KEY and row.json["level"] == 1
                      and row.json["status"] == "shredded")
            act = next(act for act in acts if act.first.old == key)
            act.entries[0] = forger.sealer.with_act(act.first, "outcome", bytes([insider_log.REFUSED]))
            forger.entries = [entry for one in acts for entry in one.entries]
        self.assertIn("a person's key was destroyed, and no two administrators ordered it", self.problems(nobody_ordered))

    def erased(self):
        """The id of the person who was erased: the one of whom a Person row is gone."""
        people = [{id[1] for id in insider.Forger(folder, self.passphrase).rows if id[0] == insider_rows.PERSONS}
                  for folder in (self.before, self.after)]
        return (people[0] - people[1]).pop()

    def problems(self, change):
        """Of `log verify` after `change(forger)`, everything signed anew."""
        shutil.rmtree(self.gateway.data)
        world.copy(self.after, self.gateway.data)
        forger = insider.Forger(self.gateway.data, self.passphrase)
        change(forger)
        forger.write()
        code, out, err = self.gateway.run("log", "verify", "--data", self.gateway.data)
        self.assertIn(code, (0, 1), err)
        return insider.problems_in(out)


if __name__ == "__main__":
    unittest.main()
