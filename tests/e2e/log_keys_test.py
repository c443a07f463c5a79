"""The list of the log's keys: the real gateway's, and what a thief of one key makes of it with a log of their own and a witness that was deceived.
Both `flikvakt verify-receipt` and check_receipt.py, which was written from spec/ alone, tell the one from the other; and both go by a quorum of
witnesses when they judge how old a receipt without parts may be."""
import copy
import hashlib
import hmac
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "demo"), str(ROOT / "tests" / "e2e"), str(ROOT / "tests" / "faults")]
import bend
import cast
import check_receipt
import clients
import gateway
import story
import tlog
import witness

PROGRAM = story.program()
ORIGIN = "thief.example/log"
DAY = 86_400
FIVE_YEARS = 1830 * DAY
OPEN_READING = 1
PERSON = b"\5" * 32 + bytes(88)  # a person part: they did it themselves


def raw(key):
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def jwk(key):
    return {"kty": "OKP", "crv": "Ed25519", "x": check_receipt.to_base64url(raw(key))}


def kid(key):
    """RFC 7638"""
    return check_receipt.to_base64url(hashlib.sha256(json.dumps(jwk(key), sort_keys=True, separators=(",", ":")).encode()).digest())


def path(index, leaves):
    """PATH(index, leaves) of RFC 6962 section 2.1.1."""
    if len(leaves) == 1:
        return []
    left = tlog.split(len(leaves))
    if index < left:
        return path(index, leaves[:left]) + [tlog.root(leaves[left:])]
    return path(index - left, leaves[left:]) + [tlog.root(leaves[:left])]


def rfc3339(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))


class MadeWitness:
    """Whoever cosigns, with a clock of their own."""

    def __init__(self, name):
        self.name, self.key = name, Ed25519PrivateKey.generate()
        self.id = tlog.key_id(name, tlog.WITNESS, raw(self.key))

    def verifier(self):
        return f"{self.name}+{self.id.hex()}+{tlog.text64(tlog.WITNESS + raw(self.key))}"

    def line(self, text, seconds):
        signature = self.key.sign(f"cosignature/v1\ntime {seconds}\n{text}".encode())
        return f"— {self.name} {tlog.text64(self.id + seconds.to_bytes(8, 'big') + signature)}\n"


class MadeLog:
    """A log whose maker has its key and nothing else, with what proves its entries."""

    def __init__(self, at):
        self.key = Ed25519PrivateKey.generate()
        self.log, self.at, self.entries = tlog.Log(ORIGIN, self.key), at, []

    def verifier(self, key=None):
        return tlog.Log(ORIGIN, key or self.key).verifier()

    def add(self, kind, act=bytes(16), record=b"", outcome=1):
        """An entry of an administrator; its index."""
        commitment = hmac.digest(self.opener(), b"flikvakt/v1/log-record-commitment" + record, "sha256") if record else bytes(32)
        return self.append(bytes([1, 2, kind, outcome, 0, 0, 0]) + bytes(16) + b"\7" * 16 + act + commitment, bytes(32), b"\3" * 32, record)

    def add_own(self, number, tag_key, kind, act=bytes(16)):
        """The entry of that number of a person, who acts; its index."""
        tag = hmac.digest(tag_key, number.to_bytes(8, "big"), "sha256")
        part = bytes([1, 4, kind, 1, 0, 0, 0]) + bytes(32) + act + bytes(32)
        return self.append(part, tag, hmac.digest(self.opener(), b"flikvakt/v1/log-person-commitment" + PERSON, "sha256"))

    def append(self, part, tag, person_commitment, record=b""):
        opener = self.opener()
        mac = hmac.digest(opener, b"flikvakt/v1/log-act-commitment" + part, "sha256")
        leaf = b"\1" + (self.at * 1000).to_bytes(8, "big") + tag + mac + bytes(32) + person_commitment + bytes(32)
        self.entries.append((leaf, opener, part, record))
        return len(self.entries) - 1

    def opener(self):
        """Of the next entry."""
        return hashlib.sha256(b"opener %d" % len(self.entries)).digest()

    def receipt(self, index, cosigned, parts=True):
        """`cosigned`: (witness, seconds) of each that did."""
        leaves = [tlog.leaf_hash(entry[0]) for entry in self.entries]
        text = self.log.text(leaves)
        note = self.log.note(leaves) + "".join(one.line(text, seconds) for one, seconds in cosigned)
        hashes = "".join(tlog.text64(one) + "\n" for one in path(index, leaves))
        leaf, opener, part, _ = self.entries[index]
        out = {"format": "flikvakt-receipt/1", "leaf": leaf.hex(), "proof": f"c2sp.org/tlog-proof@v1\nindex {index}\n{hashes}\n{note}"}
        return {**out, "act": {"opener": check_receipt.to_base64url(opener), "plaintext": part.hex()}} if parts else out

    def own_receipt(self, index, cosigned, parts=True):
        out = self.receipt(index, cosigned, parts)
        return {**out, "person": {"opener": out["act"]["opener"], "plaintext": PERSON.hex()}} if parts else out

    def shown(self, index, cosigned):
        _, opener, _, record = self.entries[index]
        return {"receipt": self.receipt(index, cosigned), "record": {"opener": check_receipt.to_base64url(opener), "plaintext": record.hex()}}


class Order:
    """What one administrator signs; a test changes what it is about."""

    def __init__(self, key, **change):
        self.key, self.kid, self.typ, self.signed, self.change = key, kid(key), "flikvakt-admin+jws", True, lambda order: None
        self.__dict__.update(change)

    def evidence(self, act_id, act, at):
        order = {"id": act_id.hex(), "audience": "thief-gateway", "issued": rfc3339(at), "expires": rfc3339(at + DAY), "act": copy.deepcopy(act)}
        self.change(order)
        head = {"alg": "EdDSA", "kid": self.kid, "typ": self.typ}
        text = ".".join(check_receipt.to_base64url(check_receipt.canonical(one)) for one in (head, order))
        return check_receipt.to_base64url(f"{text}.{check_receipt.to_base64url(self.key.sign(text.encode()))}".encode())


@unittest.skipUnless(PROGRAM.exists(), f"{PROGRAM} is missing: run ./dev build")
class WithBothCheckers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="flikvakt-e2e-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder, cls.files = pathlib.Path(folder.name), 0
        (cls.folder / "gateway").mkdir(mode=0o700)
        cls.gateway = gateway.Gateway(PROGRAM, cls.folder / "gateway")

    def new_file(self, text):
        type(self).files += 1
        out = self.folder / f"file-{self.files}"
        out.write_text(text, encoding="utf-8")
        return out

    def program_says(self, value, log_key, witnesses, quorum, administrators=()):
        words = [word for one in witnesses for word in ("--witness", one)]
        words += [word for one in administrators for word in ("--administrator", self.new_file(json.dumps(one)))]
        file = self.new_file(json.dumps(value, ensure_ascii=False))
        return self.gateway.run("verify-receipt", file, "--log-key", log_key, *words, "--quorum", quorum, sealed=False)

    def checker_says(self, value, log_key, witnesses, quorum, administrators=()):
        return check_receipt.check(json.dumps(value, ensure_ascii=False), log_key, witnesses, quorum,
                                   [json.dumps(one) for one in administrators] or None)

    def must_hold(self, value, *keys):
        code, out, err = self.program_says(value, *keys)
        self.assertEqual(code, 0, err)
        return json.loads(out), self.checker_says(value, *keys)

    def must_not_hold(self, value, says, *keys):
        """`says`: what stands in the program's line."""
        code, _, err = self.program_says(value, *keys)
        self.assertEqual(code, 1, err)
        self.assertIn("does not hold", err)
        self.assertIn(says, err)
        with self.assertRaises(check_receipt.Wrong):
            self.checker_says(value, *keys)


class ForgedLists(WithBothCheckers):
    def setUp(self):
        self.at, self.witness = int(time.time()), MadeWitness("witness.example/deceived")
        self.ada, self.ben, self.cia, self.thief = (Ed25519PrivateKey.generate() for _ in range(4))
        self.begin()

    def begin(self):
        """A log that has one key, and nothing said of it."""
        self.made = MadeLog(self.at)
        self.keys, self.entries, self.froms = [self.made.key], [], [0]
        self.made.add(OPEN_READING)

    def rotation(self, key):
        return {"kind": "rotate_log_key", "origin": ORIGIN, "checkpoint_key": check_receipt.to_base64url(raw(key)), "head_key": check_receipt.to_base64url(bytes(32)),
                "compromised": False}

    def announce(self, key, proposal, approval, act=None, kind=check_receipt.ROTATE_LOG_KEY):
        """A later key, its two entries with something between; what they order is `act`, or a rotation to this very key."""
        act = act or self.rotation(key)
        ids = [hashlib.sha256(b"act %d" % n).digest()[:16] for n in (len(self.made.entries), len(self.made.entries) + 1)]

        def record(name, order, act_id, ordered, puts):
            out = {"version": 1, "kind": name, "actor": {"kind": "administrator", "administrator": "07" * 16}}
            if order.signed:
                out["evidence"] = order.evidence(act_id, ordered, self.made.at)
            return json.dumps({**out, "puts": puts, "erases": []}).encode()
        first = self.made.add(kind, ids[0], record("rotate_log_key", proposal, ids[0], act, []))
        self.made.add(OPEN_READING)
        rows = [(len(self.keys), self.keys[-1], self.froms[-1], "retiring"), (len(self.keys) + 1, key, first + 2, "current")]
        puts = [{"table": 23, "row": {"generation": generation, "checkpoint_key": check_receipt.to_base64url(raw(one)), "from": at, "status": status}}
                for generation, one, at, status in rows]
        approve = {"kind": "approve", "proposal": ids[0].hex(), "act": act}
        second = self.made.add(check_receipt.APPROVE, ids[1], record("approve", approval, ids[1], approve, puts))
        self.keys.append(key)
        self.entries.append((first, second))
        self.froms.append(second)

    def list(self):
        cosigned = [(self.witness, self.made.at + 5)]
        keys = [{"generation": n + 1, "key": self.made.verifier(key), "status": "retired", "from": at, "since": rfc3339(self.made.at)}
                for n, (key, at) in enumerate(zip(self.keys, self.froms))]
        for key, later in zip(keys[:-2], keys[1:]):
            key["to"] = later["from"] + 1
        keys[-1]["status"], keys[-2]["status"] = "current", "retiring"
        for key, (first, second) in zip(keys[1:], self.entries):
            key.update(proposed=self.made.shown(first, cosigned), announced=self.made.shown(second, cosigned))
        return {"format": "flikvakt-log-keys/1", "origin": ORIGIN, "keys": keys}

    def known(self, *administrators):
        """What a reader goes by who knows these."""
        return self.made.verifier(), [self.witness.verifier()], 1, [jwk(one) for one in administrators]

    def test_two_administrators_who_are_known(self):
        """SPEC LKEY-16, LKEY-12"""
        self.announce(Ed25519PrivateKey.generate(), Order(self.ada), Order(self.ben))
        self.announce(Ed25519PrivateKey.generate(), Order(self.cia), Order(self.ada))
        said, read = self.must_hold(self.list(), *self.known(self.ada, self.ben, self.cia))
        ordered = [[kid(self.ada), kid(self.ben)], [kid(self.cia), kid(self.ada)]]
        self.assertEqual([one["ordered_by"] for one in read], ordered)
        self.assertEqual([[one["proposed_by"], one["approved_by"]] for one in said["later"]], ordered)
        said, read = self.must_hold(self.list(), *self.known())
        self.assertEqual(read[0]["ordered_by"], [])
        self.assertNotIn("proposed_by", said["later"][0])

    def test_forged_announcements(self):
        """SPEC LKEY-16: who knows no administrator follows each of them, by the quorum of the witness that was deceived; who does, none."""
        fresh, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()

        def changed(**members):
            return lambda order: order.update(members)

        def approving(**members):
            return lambda order: order["act"].update(members)
        ada, ben, thief = self.ada, self.ben, self.thief
        forgeries = [
            ("signed by the thief", (Order(thief), Order(thief)), {}, "its proposal is signed by none of the administrators"),
            ("approved by the thief", (Order(ada), Order(thief)), {}, "its approval is signed by none of the administrators"),
            ("signed by nobody", (Order(ada, signed=False), Order(ben)), {}, "nobody signed its proposal"),
            ("approved by nobody", (Order(ada), Order(ben, signed=False)), {}, "nobody signed its approval"),
            ("one administrator twice", (Order(ada), Order(ada)), {}, "one administrator alone proposed and approved it"),
            ("in an administrator's name", (Order(ada), Order(thief, kid=kid(ben))), {}, "signature of its approval is not valid"),
            ("another kind of message", (Order(ada, typ="flikvakt-act+jws"), Order(ben)), {}, "signature of its proposal is not valid"),
            ("ordered for another key", (Order(ada), Order(ben)), {"act": self.rotation(other)}, "the administrators ordered another key"),
            ("ordered for another log", (Order(ada), Order(ben)), {"act": {**self.rotation(fresh), "origin": ORIGIN + "2"}}, "a key of another log"),
            ("another act was ordered", (Order(ada), Order(ben)), {"act": {"kind": "accept_clock"}}, "no new key of the log"),
            ("an order of another act", (Order(ada), Order(ben, change=changed(id="ab" * 16))), {}, "was signed for another act"),
            ("of another proposal", (Order(ada), Order(ben, change=approving(proposal="ab" * 16))), {}, "not what was proposed"),
            ("of another act", (Order(ada), Order(ben, change=approving(act=self.rotation(other)))), {}, "not what was proposed"),
            ("expired", (Order(ada, change=changed(expires=rfc3339(self.at - 1))), Order(ben)), {}, "had expired"),
            ("for another gateway", (Order(ada), Order(ben, change=changed(audience="elsewhere"))), {}, "addressed to different gateways"),
            ("one member more", (Order(ada, change=changed(more=1)), Order(ben)), {}, "is no order"),
            ("no proposal", (Order(ada), Order(ben)), {"kind": check_receipt.APPROVE}, "none in which an administrator proposed a key"),
        ]
        for what, orders, more, says in forgeries:
            with self.subTest(forged=what):
                self.begin()
                self.announce(fresh, *orders, **more)
                self.must_hold(self.list(), *self.known())
                self.must_not_hold(self.list(), says, *self.known(ada, ben, self.cia))

    def test_what_was_ordered_serves_for_one_key_and_one_generation(self):
        """SPEC LKEY-15, LKEY-12, LKEY-16"""
        second, third = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
        for key in (second, third):
            self.announce(key, Order(self.ada), Order(self.ben))
        good, known = self.list(), self.known(self.ada, self.ben)
        self.must_hold(good, *known)

        def bent(says, change):
            value = copy.deepcopy(good)
            change(value["keys"])
            self.must_not_hold(value, says, *known)
        bent("nothing shows who proposed it", lambda keys: keys[1].pop("proposed"))
        bent("ordered another key", lambda keys: keys[2].update(proposed=keys[1]["proposed"]))
        bent("proposed a key", lambda keys: keys[1].update(proposed=keys[2]["proposed"]))
        bent("names another one", lambda keys: keys[2].update(key=self.made.verifier(Ed25519PrivateKey.generate())))
        bent("not what the entry commits to", lambda keys: keys[1]["proposed"]["record"].update(keys[2]["proposed"]["record"]))
        bent("key 3 of the log: it was a key of this log before", lambda keys: keys[2].update(key=keys[1]["key"]))
        self.announce(second, Order(self.ada), Order(self.ben))
        self.must_not_hold(self.list(), "key 4 of the log: it was a key of this log before", *known)

    def test_what_the_list_says_of_each_key_goes_together(self):
        """SPEC LKEY-11"""
        for _ in range(2):
            self.announce(Ed25519PrivateKey.generate(), Order(self.ada), Order(self.ben))
        good, known = self.list(), self.known()

        def bent(change):
            value = copy.deepcopy(good)
            change(*value["keys"])
            return value
        for holds in (lambda a, b, c: None, lambda a, b, c: a.update(status="compromised"),
                      lambda a, b, c: b.update(status="compromised", to=c["from"])):
            self.must_hold(bent(holds), *known)
        for says, change in (("`status`: expected", lambda a, b, c: b.update(status="good")),
                             ("not called the current one", lambda a, b, c: c.update(status="retiring")),
                             ("is not the newest", lambda a, b, c: b.update(status="current")),
                             ("another one that is retiring", lambda a, b, c: (a.update(status="retiring"), a.pop("to"))),
                             ("`to` is missing", lambda a, b, c: a.pop("to")),
                             ("has a `to`", lambda a, b, c: b.update(to=c["from"])),
                             ("before the next one was announced", lambda a, b, c: a.update(to=b["from"] - 1)),
                             ("from 0 on", lambda a, b, c: a.update({"from": 1})),
                             ("not announced after", lambda a, b, c: c.update({"from": b["from"]}))):
            with self.subTest(says=says):
                self.must_not_hold(bent(change), says, *known)

    def test_what_a_forged_list_says_writes_over_nothing(self):
        """What does not hold is told with words of the list: no line of it is the list's, and no control character."""
        self.announce(Ed25519PrivateKey.generate(), Order(self.ada), Order(self.ben))
        key, witnesses, quorum, _ = self.known()
        for rubbish in ("\r\x1b[2K\x1b[1AThe list holds.", "elsewhere\nThe list holds.\n", "\u202eelsewhere", "\x9b2Jelsewhere"):
            with self.subTest(rubbish=rubbish):
                file = self.new_file(json.dumps({**self.list(), "origin": rubbish}))
                ran = subprocess.run([PROGRAM, "verify-receipt", file, "--log-key", key, "--witness", witnesses[0], "--quorum", str(quorum)],
                                     capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
                self.assertEqual((ran.returncode, ran.stdout), (1, ""), ran.stderr)
                lines = ran.stderr.split("\n")
                self.assertTrue(lines[0].startswith("flikvakt verify-receipt: the list of the log's keys does not hold: "), lines)
                self.assertIn("elsewhere" if "elsewhere" in rubbish else "The list holds.", lines[0])
                self.assertEqual(len(lines), 3, lines)  # what is wrong, what to do, and nothing
                self.assertFalse(set(ran.stderr) & set("\r\x1b\u202e\x9b"), lines)

    def test_administrators_are_named_twice_or_alone(self):
        """SPEC LKEY-16"""
        self.announce(Ed25519PrivateKey.generate(), Order(self.ada), Order(self.ben))
        for administrators in ((self.ada,), (self.ada, self.ada)):
            code, _, err = self.program_says(self.list(), *self.known(*administrators))
            self.assertEqual(code, 2, err)
            self.assertIn("--administrator", err)
            with self.assertRaises(check_receipt.Wrong):
                self.checker_says(self.list(), *self.known(*administrators))
        entry = self.made.receipt(0, [(self.witness, self.made.at)])
        code, _, err = self.program_says(entry, *self.known(self.ada, self.ben))
        self.assertEqual(code, 2, err)
        self.assertIn("the list of the log's keys", err)


class ReceiptsWithoutParts(WithBothCheckers):
    def test_are_as_old_as_a_quorum_of_witnesses_says(self):
        """SPEC RCPT-15, WIT-22"""
        made = MadeLog(int(time.time()) - FIVE_YEARS - 100 * DAY)
        index = made.add(OPEN_READING)
        witnesses = [MadeWitness(f"witness.example/w{n}") for n in (1, 2, 3)]
        young, old = made.at + FIVE_YEARS - DAY, made.at + FIVE_YEARS + DAY
        ahead = made.at + 2 * FIVE_YEARS

        def keys(quorum):
            return made.verifier(), [one.verifier() for one in witnesses], quorum

        def seen(*times):
            return made.receipt(index, list(zip(witnesses, times)), parts=False)
        for times, quorum in (((ahead, young, young), 2), ((young, young, ahead), 2), ((ahead, old, young), 3), ((young, young, young), 1)):
            with self.subTest(times=times, quorum=quorum):
                self.must_not_hold(seen(*times), "too young to have been pruned", *keys(quorum))
        for times, quorum in (((ahead, old, young), 2), ((young, old, old), 2), ((old, old, old), 3), ((ahead, young, young), 1)):
            with self.subTest(times=times, quorum=quorum):
                said, (read,) = self.must_hold(seen(*times), *keys(quorum))
                self.assertTrue(said["holds_no_part"])
                self.assertNotIn("act", read)
        self.must_not_hold(seen(old), "not by 2", *keys(2))


class OwnLogs(WithBothCheckers):
    def setUp(self):
        self.now, self.tag_key, self.asked = int(time.time()), b"\6" * 32, {"id": "0a" * 16, "salt": "0b" * 16}
        self.witness = MadeWitness("witness.example/w")

    def own_log(self, at, asked_at, seen=None, parts=False):
        """Of one entry and the asking, at those times; `seen`: by a witness then. `parts`: the first one has them."""
        made = MadeLog(at)
        made.add(OPEN_READING)
        first = made.add_own(0, self.tag_key, OPEN_READING)
        made.at = asked_at
        asking = hashlib.sha256(b"flikvakt/v1/asking" + bytes.fromhex(self.asked["id"] + self.asked["salt"])).digest()[:16]
        last = made.add_own(1, self.tag_key, check_receipt.READ_OWN_LOG, asking)
        cosigned = [(self.witness, seen)] if seen else []
        receipts = [made.own_receipt(first, cosigned, parts), made.own_receipt(last, cosigned)]
        value = {"format": "flikvakt-own-log/1", "asked": self.asked, "tag_key": check_receipt.to_base64url(self.tag_key), "receipts": receipts,
                 "consistency": []}
        return value, (made.verifier(), [self.witness.verifier()] if seen else [], 1 if seen else 0)

    def test_nothing_young_is_left_out_under_a_newest_entry_that_is_dated_ahead(self):
        """SPEC RCPT-15"""
        lately, ahead, old = self.now - 100 * DAY, self.now + FIVE_YEARS, self.now - FIVE_YEARS - DAY
        for seen in (None, self.now):
            with self.subTest(witnessed=seen is not None):
                value, keys = self.own_log(lately, ahead, seen)
                self.must_not_hold(value, "receipt 0: it holds no part, and is too young to have been pruned", *keys)
                value, keys = self.own_log(lately, self.now, seen)
                self.must_not_hold(value, "receipt 0: it holds no part, and is too young to be pruned", *keys)
                value, keys = self.own_log(lately, self.now, seen, parts=True)
                said, _ = self.must_hold(value, *keys)
                self.assertNotIn("pruned_entries", said)
                value, keys = self.own_log(old, self.now, seen)
                said, read = self.must_hold(value, *keys)
                self.assertEqual((said["pruned_entries"], said["entries"], len(read)), (1, 2, 2))
        value, keys = self.own_log(old, self.now, self.now - 10 * DAY)
        self.must_not_hold(value, "too young to have been pruned", *keys)


class TheGatewaysList(WithBothCheckers):
    def test_who_ordered_a_new_key_is_shown_to_everybody(self):
        """SPEC LKEY-11, LKEY-16, LKEY-12"""
        self.gateway.found(cast.clients_of_pki())
        seen = witness.Witness(PROGRAM, self.folder / "witness", self.gateway.log_key).start()
        self.addCleanup(seen.stop)
        self.gateway.be_witnessed(seen)
        rotated = self.gateway.must("keys", "rotate-log-key", "--data", self.gateway.data, "--administrator", self.gateway.folder / "alice.key",
                                    "--second", self.gateway.folder / "bo.key")
        fresh = rotated["log_keys"][-1]
        self.gateway.must_start()
        self.addCleanup(self.gateway.stop)
        public = {name: self.gateway.must("key", "show", self.gateway.folder / f"{name}.key")["jwk"] for name in ("alice", "bo", "recovery")}
        value = self.list_once_cosigned(fresh["from"])
        keys = (self.gateway.log_key, [seen.key], 1)
        said, read = self.must_hold(value, *keys, [public["alice"], public["bo"]])
        self.assertEqual([one["key"] for one in read], [fresh["key"]])
        self.assertEqual([said["later"][0]["proposed_by"], said["later"][0]["approved_by"]], read[0]["ordered_by"])
        self.must_hold(value, *keys, [public["recovery"], public["bo"], public["alice"]])
        self.must_hold(value, *keys)
        self.must_not_hold(value, "its approval is signed by none", *keys, [public["alice"], public["recovery"]])
        self.must_not_hold(value, "its proposal is signed by none", *keys, [public["bo"], public["recovery"]])
        for name in ("proposed", "announced"):
            bent = copy.deepcopy(value)
            record = bent["keys"][1][name]["record"]
            record["plaintext"] = record["plaintext"][:400] + ("0" if record["plaintext"][400] != "0" else "1") + record["plaintext"][401:]
            self.must_not_hold(bent, "not what the entry commits to", *keys, [public["alice"], public["bo"]])

    def list_once_cosigned(self, entry):
        anyone = clients.Anyone(self.gateway)
        self.addCleanup(anyone.close)
        for _ in range(600):
            if anyone.ask("GET", "/v1/health").json()["cosigned"]["size"] > entry:
                return anyone.ask("GET", "/v1/log/keys").json()
            time.sleep(0.1)
        raise AssertionError(f"no witness cosigned entry {entry}")


class TheCommands(WithBothCheckers):
    def administrators(self, *words):
        gateway = self.gateway
        return gateway.run("keys", *words, "--data", gateway.data, "--administrator", gateway.folder / "alice.key")

    def rotate(self, *more):
        return self.administrators("rotate-log-key", "--second", self.gateway.folder / "bo.key", *more)

    def keys_shown(self):
        """As `flikvakt status` says, with the gateway stopped again afterwards."""
        self.gateway.must_start()
        try:
            return self.gateway.must("status", "--data", self.gateway.data, sealed=False)["log_keys"]
        finally:
            self.gateway.stop()

    def test_say_what_stands_in_the_way_and_what_to_do_first(self):
        """SPEC LKEY-3, LKEY-4, LKEY-10"""
        gateway, clock = self.gateway, bend.Bend(self.folder)
        gateway.environment = clock.environment()
        self.addCleanup(gateway.end)
        with clock.commands_follow():
            gateway.found(cast.clients_of_pki())
            code, out, err = self.rotate()
            self.assertEqual(code, 0, err)
            self.assertEqual(json.loads(out)["log_keys"], self.keys_shown())
            ends = json.loads(out)["log_keys"][0]["retire_from"]
            code, _, err = self.rotate()
            self.assertEqual(code, 1, err)
            self.assertIn("two keys sign for the log already", err)
            self.assertIn(ends, err)
            code, _, err = self.administrators("retire-log-key")
            self.assertEqual(code, 1, err)
            self.assertIn("no witness was asked", err)
            self.assertIn(ends, err)

            clock.clock(31 * DAY)
            for code, _, err in (self.administrators("retire-log-key"), self.rotate("--compromised")):
                self.assertEqual(code, 1, err)
                self.assertIn("clock_doubt", err)
                self.assertIn("start the gateway, `flikvakt clock accept`, stop it", err)
            gateway.must_start()
            gateway.must("clock", "accept", "--data", gateway.data, "--administrator", gateway.folder / "alice.key")
            gateway.stop()
            code, out, err = self.administrators("retire-log-key")
            self.assertEqual(code, 0, err)
            retired = json.loads(out)
            self.assertEqual((retired["log_keys"][0]["status"], retired["log_keys"][0]["to"]), ("retired", retired["entry"]))
            self.assertEqual(retired["log_keys"], self.keys_shown())
            code, _, err = self.administrators("retire-log-key")
            self.assertEqual(code, 1, err)
            self.assertIn("rotate-log-key", err)


if __name__ == "__main__":
    unittest.main()
