"""Receipts and the proof that a person's log is whole, of the real program: they hold for `flikvakt verify-receipt` and for
check_receipt.py, which was written from spec/ alone; with any one field damaged they hold for neither."""
import base64
import contextlib
import copy
import hashlib
import io
import json
import pathlib
import re
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "demo"), str(ROOT / "tests" / "e2e")]
import cast
import check_receipt
import commands
import gateway
import log_from_outside_test as outside
import story
import witness

PROGRAM = story.program()
OPEN_READING, READ_OWN_LOG, SIGN_FULLMAKT, REVOKE_FULLMAKT = 1, 6, 10, 13  # spec/log-entry.md
LEAF_FIELDS, ACT_FIELDS, PERSON_FIELDS = (0, 1, 9, 41, 73, 105, 137), (0, 1, 2, 3, 4, 5, 7, 23, 39, 55), (0, 16, 32, 48, 64, 80, 96, 112)


def tlog_verifier(name, verifier):
    """The same public key under another name (COS-2)."""
    key = base64.b64decode(verifier.split("+", 2)[2])
    key_id = hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8]
    return f"{name}+{key_id}+{base64.b64encode(key).decode()}"


def bent(text, at):
    """Another hex digit, or another character of base64, at that place."""
    return text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1:]


@unittest.skipUnless(PROGRAM.exists(), f"{PROGRAM} is missing: run ./dev build")
class Receipts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="flikvakt-e2e-")
        cls.addClassCleanup(folder.cleanup)
        where = cls.folder = pathlib.Path(folder.name)
        (where / "gateway").mkdir(mode=0o700)
        cls.gateway = gateway.Gateway(PROGRAM, where / "gateway")
        cls.gateway.found(cast.clients_of_pki())
        cls.witness = witness.Witness(PROGRAM, where / "witness", cls.gateway.log_key).start()
        cls.addClassCleanup(cls.witness.stop)
        cls.gateway.be_witnessed(cls.witness)
        cls.gateway.must_start()
        cls.addClassCleanup(cls.gateway.stop)
        ids = cls.gateway.apply("setup.json", cast.registry_acts())
        with contextlib.redirect_stdout(io.StringIO()):
            cls.told = story.perform(cls.gateway, ids, where, check=False)
        cls.profiles = commands.write_profiles(cls.gateway, cls.told)
        cls.log = cls.told.cast.milo.log()
        cls.files = 0
        cls.wait_until_cosigned(cls.log[0]["entry"])

    @classmethod
    def wait_until_cosigned(cls, entry):
        for _ in range(600):
            health = cls.told.cast.anyone.ask("GET", "/v1/health").json()
            if health["cosigned"]["size"] > entry:
                return
            time.sleep(0.1)
        raise AssertionError(f"no witness cosigned entry {entry}")

    def new_file(self):
        Receipts.files += 1
        return self.folder / f"proof-{self.files}"

    def fetched(self, *words, profile, sealed=True):
        out = self.new_file()
        self.gateway.must(*words, "--profile", self.profiles[profile], "--out", out, sealed=sealed)
        return out

    def own(self, kind, outcome="permitted"):
        return next(one for one in self.log if one["kind"] == kind and one["outcome"] == outcome)

    def program_says(self, file, quorum=1, log_key=None, witness=None):
        witnesses = ["--witness", witness or self.witness.key, "--quorum", quorum] if quorum else []
        return self.gateway.run("verify-receipt", file, "--log-key", log_key or self.gateway.log_key, *witnesses, sealed=False)

    def must_hold(self, file, quorum=1):
        """What both checkers read in it."""
        code, out, err = self.program_says(file, quorum)
        self.assertEqual(code, 0, err)
        witnesses = [self.witness.key] if quorum else []
        return json.loads(out), check_receipt.check(file.read_text(encoding="utf-8"), self.gateway.log_key, witnesses, quorum)

    def must_not_hold(self, value, what, **keys):
        text = json.dumps(value, ensure_ascii=False)
        with self.subTest(damaged=what):
            file = self.new_file()
            file.write_text(text, encoding="utf-8")
            code, _, err = self.program_says(file, **keys)
            self.assertEqual(code, 1, err)
            self.assertIn("does not hold", err)
            with self.assertRaises(check_receipt.Wrong):
                check_receipt.check(text, keys.get("log_key") or self.gateway.log_key, [keys.get("witness") or self.witness.key], 1)

    def receipt_of(self, entry):
        return self.fetched("person", "receipt", entry["entry"], profile="milo")

    def test_a_reading_a_signature_and_a_revocation(self):
        """SPEC RCPT-3, RCPT-5, RCPT-7"""
        for kind, number in (("open_reading", OPEN_READING), ("sign_fullmakt", SIGN_FULLMAKT), ("revoke_fullmakt", REVOKE_FULLMAKT)):
            with self.subTest(kind=kind):
                entry = self.own(kind)
                said, (read,) = self.must_hold(self.receipt_of(entry))
                self.assertEqual((said["entry"], said["act"]["kind"], said["act"]["outcome"]), (entry["entry"], kind, "permitted"))
                self.assertEqual((read["index"], read["act"]["kind"], read["act"]["outcome"]), (entry["entry"], number, "permitted"))
                self.assertEqual(read["person"]["fullmakt"], entry["fullmakt"])
                self.assertEqual(said["person"]["person"], read["person"]["person"])
                self.assertEqual(read["cosigned"], {"witness.example/w1"})
        _, (refused,) = self.must_hold(self.receipt_of(self.own("open_reading", "refused")))
        self.assertEqual(refused["act"]["outcome"], "refused")

    def test_an_organisation_proves_its_reading_without_the_person(self):
        """SPEC RCPT-6, LOG-14, API-113"""
        plan = self.told.documents["rehabiliteringsplan.pdf"]
        got = self.gateway.must("fetch", plan, "--profile", self.profiles["elin"], "--purpose", "insats", "--out", self.new_file(),
                                sealed=False)
        self.wait_until_cosigned(int(got["entry"]))
        file = self.fetched("receipt", got["entry"], profile="elin", sealed=False)
        said, (read,) = self.must_hold(file)
        self.assertEqual((said["act"]["act"], read["act"]["act"]), (got["reading"], got["reading"]))
        self.assertEqual(read["act"]["organisation"], self.told.cast.elin.organisation)
        self.assertNotIn("person", read)
        self.assertNotIn("person", said)
        other = self.gateway.run("receipt", got["entry"], "--profile", self.profiles["jorun"], "--out", self.new_file(), sealed=False)
        self.assertEqual(other[0], 1)
        _, (own,) = self.must_hold(self.fetched("person", "receipt", got["entry"], profile="milo"))
        self.assertEqual((own["act"], own["person"]["document"]), (read["act"], plan))

    def test_each_field_damaged_is_refused(self):
        """SPEC RCPT-1, RCPT-2, RCPT-4, RCPT-5, LPR-4"""
        good = json.loads(self.receipt_of(self.own("open_reading")).read_text(encoding="utf-8"))

        def damaged(what, change):
            value = copy.deepcopy(good)
            change(value)
            self.must_not_hold(value, what)

        def bend(holder, name, at):
            holder[name] = bent(holder[name], at)

        damaged("no part at all", lambda value: (value.pop("act"), value.pop("person")))  # RCPT-15: nothing so young is pruned
        damaged("format", lambda v: v.update(format="flikvakt-receipt/2"))
        damaged("one member more", lambda v: v.update(note="believe me"))
        for name in ("format", "leaf", "proof", "act"):
            damaged(f"without {name}", lambda v, name=name: v.pop(name))
        for at in LEAF_FIELDS:
            damaged(f"leaf at {at}", lambda v, at=at: bend(v, "leaf", 2 * at + 1))
        damaged("leaf in capitals", lambda v: v.update(leaf=v["leaf"].upper()))
        for part, fields in (("act", ACT_FIELDS), ("person", PERSON_FIELDS)):
            damaged(f"{part}: opener", lambda v, part=part: bend(v[part], "opener", 5))
            for at in fields:
                damaged(f"{part} at {at}", lambda v, part=part, at=at: bend(v[part], "plaintext", 2 * at + 1))
        damaged("act and person changed about", lambda v: v.update(act=v["person"], person=v["act"]))
        lines = good["proof"].split("\n")
        for at, line in enumerate(lines):
            if line:
                change = [*lines[:at], bent(line, len(line) // 2), *lines[at + 1:]]
                damaged(f"proof, line {at}", lambda v, change=change: v.update(proof="\n".join(change)))
                if line not in ("c2sp.org/tlog-proof@v1",) and not line.startswith("—"):
                    damaged(f"proof without line {at}", lambda v, at=at: v.update(proof="\n".join([*lines[:at], *lines[at + 1:]])))
        for index in (self.own("open_reading")["entry"] - 1, self.own("open_reading")["entry"] + 1):
            damaged(f"index {index}", lambda v, index=index: v.update(proof="\n".join([lines[0], f"index {index}", *lines[2:]])))
        other = json.loads(self.receipt_of(self.own("sign_fullmakt")).read_text(encoding="utf-8"))
        for name in ("leaf", "proof", "act", "person"):
            damaged(f"another entry's {name}", lambda v, name=name: v.update({name: other[name]}))

    def test_under_other_keys_nothing_holds(self):
        """SPEC RCPT-3, CHK-7, COS-6"""
        good = json.loads(self.receipt_of(self.own("open_reading")).read_text(encoding="utf-8"))
        with tempfile.TemporaryDirectory(prefix="flikvakt-e2e-") as folder:
            other = witness.Witness(PROGRAM, pathlib.Path(folder) / "witness", self.gateway.log_key)
            self.must_not_hold(good, "not this witness", witness=other.key)
        log = outside.tlog.Log(gateway.Gateway.origin)
        self.must_not_hold(good, "not this log", log_key=log.verifier())
        forged = {**good, "proof": good["proof"].split("\n\n")[0] + "\n\n" + log.note([b"\0" * 32])}
        self.must_not_hold(forged, "a checkpoint of somebody who calls himself the log")

    def test_an_own_log_is_whole(self):
        """SPEC RCPT-10, RCPT-11, RCPT-12, RCPT-13, RCPT-14"""
        before = sorted({one["entry"] for one in self.told.cast.milo.log()})
        self.wait_until_cosigned(before[-1])
        file = self.fetched("person", "prove-log", profile="milo")
        said, read = self.must_hold(file)
        self.assertGreater(len(read), len(before))
        self.assertEqual([one["index"] for one in read][:len(before)], before)
        self.assertEqual((said["entries"], read[-1]["act"]["kind"], read[-1]["act"]["actor"]), (len(read), READ_OWN_LOG, "person"))
        self.assertEqual(said["cosigned_entries"], check_receipt.cosigned_by(read, 1))
        self.assertGreaterEqual(said["cosigned_entries"], len(before))
        good = json.loads(file.read_text(encoding="utf-8"))
        self.assertGreater(len(good["consistency"]), 0, "the newest stands under a later checkpoint than the others")

        def damaged(what, change):
            value = copy.deepcopy(good)
            change(value)
            self.must_not_hold(value, what)

        middle = len(read) // 2
        damaged("one left out", lambda v: v["receipts"].pop(middle))
        damaged("the first left out", lambda v: v["receipts"].pop(0))
        damaged("one twice", lambda v: v["receipts"].insert(middle, v["receipts"][middle]))
        damaged("two changed about", lambda v: v["receipts"].insert(0, v["receipts"].pop(1)))
        damaged("one without its person part", lambda v: v["receipts"][middle].pop("person"))
        damaged("none at all", lambda v: v.update(receipts=[]))
        damaged("another tag key", lambda v: v.update(tag_key=bent(v["tag_key"], 7)))
        damaged("without consistency", lambda v: v.update(consistency=[]))
        damaged("a consistency proof twice", lambda v: v["consistency"].append(v["consistency"][-1]))
        damaged("a consistency proof from elsewhere", lambda v: v["consistency"][0].update({"from": v["consistency"][0]["from"] - 1}))
        damaged("a damaged receipt", lambda v: v["receipts"][middle]["act"].update(opener=bent(v["receipts"][middle]["act"]["opener"], 3)))
        for at in range(len(good["consistency"][0]["hashes"])):
            damaged(f"consistency, hash {at}", lambda v, at=at: v["consistency"][0]["hashes"].__setitem__(at, bent(v["consistency"][0]["hashes"][at], 9)))

    def test_one_that_ends_with_an_earlier_asking_does_not_hold(self):
        """SPEC RCPT-14: else a gateway could answer as it would have last month, under today's checkpoint."""
        self.wait_until_cosigned(self.told.cast.milo.log()[0]["entry"])
        value = json.loads(self.fetched("person", "prove-log", profile="milo").read_text(encoding="utf-8"))
        askings = [n for n, one in enumerate(value["receipts"]) if int(one["act"]["plaintext"][4:6], 16) == READ_OWN_LOG]
        self.assertGreater(len(askings), 1, "an earlier asking stands in it")
        shortened = copy.deepcopy(value)
        shortened["receipts"] = value["receipts"][:askings[-2] + 1]
        sizes = {one["proof"].split("\n\n")[1].split("\n")[1] for one in shortened["receipts"]}
        shortened["consistency"] = [one for one in value["consistency"] if str(one["to"]) in sizes]
        self.must_not_hold(shortened, "an earlier asking at its end")
        for name in ("id", "salt"):
            other = copy.deepcopy(value)
            other["asked"][name] = bent(other["asked"][name], 9)
            self.must_not_hold(other, f"another {name} of the asking")

    def test_one_witness_is_no_quorum_of_two(self):
        """SPEC WIT-25"""
        file = self.receipt_of(self.own("open_reading"))
        witness_key = self.witness.key
        for second in (witness_key, tlog_verifier("witness.example/another-name", witness_key)):
            code, _, err = self.gateway.run("verify-receipt", file, "--log-key", self.gateway.log_key, "--witness", witness_key, "--witness",
                                            second, "--quorum", 2, sealed=False)
            self.assertEqual(code, 2, err)
            with self.assertRaises(check_receipt.Wrong):
                check_receipt.check(file.read_text(encoding="utf-8"), self.gateway.log_key, [witness_key, second], 2)

    def test_a_file_that_is_not_there_is_no_receipt_that_does_not_hold(self):
        code, _, err = self.gateway.run("verify-receipt", self.folder / "none", "--log-key", self.gateway.log_key, sealed=False)
        self.assertEqual(code, 2, err)

    def test_the_checker_knows_the_kinds_of_the_specification(self):
        """SPEC LOG-8"""
        table = (ROOT / "spec" / "log-entry.md").read_text(encoding="utf-8").split("## Act kinds")[1].split("\n## ")[0]
        rows = [line for line in table.splitlines() if re.match(r" {4,}\d", line)]
        kinds = {int(number) for line in rows for number, _ in re.findall(r"(\d+) ([a-z_]+)", line)}
        self.assertEqual(kinds, set(range(1, check_receipt.LAST_KIND + 1)) - check_receipt.FREE)
        for number in check_receipt.NO_KIND:
            self.assertRegex(table, rf"No entry has [^.]*\b{number}\b")

    def test_an_export_shows_that_no_further_entry_has_the_persons_tag(self):
        """SPEC LOG-3, LOG-11: what the own log rests on, and who can look (spec/receipt.md)."""
        file = self.fetched("person", "prove-log", profile="milo")
        _, read = self.must_hold(file, quorum=0)
        tag_key = check_receipt.of_base64url(json.loads(file.read_text(encoding="utf-8"))["tag_key"], 32)
        export = self.new_file()
        self.gateway.must("log", "export", export, "--data", self.gateway.data)
        tags = [json.loads(line)["leaf"][18:82] for line in export.read_text(encoding="utf-8").splitlines()[1:]]

        def tag(number):
            return check_receipt.hmac.digest(tag_key, number.to_bytes(8, "big"), "sha256").hex()
        self.assertEqual([tags.index(tag(n)) for n in range(len(read))], [one["index"] for one in read])
        self.assertTrue(all(tags.count(tag(n)) == 1 for n in range(len(read))))
        later = [n for n in range(len(read), len(read) + 4) if tag(n) in tags[:read[-1]["index"]]]
        self.assertEqual(later, [], "nothing of the person's stands before the newest that is not among the receipts")

    def test_an_unknown_entry_and_anothers_give_nothing(self):
        """SPEC API-110"""
        own = {one["entry"] for one in self.log}
        others = next(entry for entry in range(self.log[0]["entry"]) if entry not in own)
        for entry in (others, 999_999_999):
            out = self.new_file()
            code, _, err = self.gateway.run("person", "receipt", entry, "--profile", self.profiles["milo"], "--out", out)
            self.assertEqual(code, 1, err)
            self.assertFalse(out.exists())

    def test_wrong_options_are_told(self):
        file = self.receipt_of(self.own("open_reading"))
        for words in ([], ["--log-key", "x"], ["--log-key", self.gateway.log_key, "--witness", self.witness.key],
                      ["--log-key", self.gateway.log_key, "--witness", self.witness.key, "--quorum", "2"],
                      ["--log-key", self.gateway.log_key, "--quorum", "1"]):
            code, _, err = self.gateway.run("verify-receipt", file, *words, sealed=False)
            self.assertEqual(code, 2, err)
            self.assertRegex(err, "--log-key|--quorum")


if __name__ == "__main__":
    unittest.main()
