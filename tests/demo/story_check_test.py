"""For each promise: with evidence of a gateway that keeps it the line is ok; with what a broken one would give, it is not."""
import contextlib
import copy
import hashlib
import io
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "demo"))
import checks
import markers
import notes
import story

REFUSAL = {"status_line": "HTTP/1.1 403 Forbidden", "fields": ["Content-Type: application/problem+json", "Date: now"],
           "body": b'{"instance":"urn:flikvakt:problem:' + b"0" * 32 + b'"}'}


def journal():
    expected = {flik: list(range(8 * n + 1, 8 * n + 9))
                for n, flik in enumerate(("journal", "lakarutlatande", "arbetsformaga", "rehabplan", "anstallning"))}
    got = {flik: {"as_deposited": True, "pages": [page for page in pages if page != checks.PICTURE], "hidden": []} for flik, pages in expected.items()}
    return {"findings": ["annotation", "attachment", "covered_text", "metadata", "older_revision"], "expected": expected,
            "team": {**got, "rehabplan": 403}, "provider": {flik: got[flik] if flik in checks.PROVIDER_SEES else 403 for flik in got}}


def sound():
    """Evidence in which everything holds."""
    readings = [{"reading": f"r{n}", "log_size": 2 * n + 1, "bytes": 5} for n in range(10)]
    entries = [{"entry": 2 * n, "kind": "open_reading", "outcome": "permitted", "subject": f"r{n}"} for n in range(10)]
    entries += [{"entry": 2 * n + 1, "kind": "close_reading", "outcome": "recorded", "subject": f"r{n}", "bytes": 5} for n in range(10)]
    standing = {"read": 403, "fullmakt": "revoked"}
    other = {**REFUSAL, "fields": REFUSAL["fields"][:1] + ["Date: then"], "body": REFUSAL["body"].replace(b"0", b"a")}
    return {
        "P1": {"readings": readings, "entries": entries, "unwritable": {"status": None, "document_bytes": 0},
               "exported": {one["entry"]: {"kind": one["kind"], "outcome": one["outcome"]} for one in entries}},
        "P2": {"before": 1_000_000, "after": 200_000, "receive_buffer": 32_768, "size": 25_000_000, "complete": False,
               "next_status": 403, "closed": [1_250_000]},
        "P3": {"after_kill": dict(standing), "after_restoring": dict(standing), "old_rows": {"exit_code": 4, "said": "… nothing is served"}},
        "P4": {"whole": 0, "rows": 0, "changed": 1, "truncated": 1, "signed": True, "consistent": True, "consistent_when_changed": False,
               "saved_size": 100, "size": 200},
        "P5": {"markers": 60, "control_expected": ["raw", "hex"], "control_found": ["hex", "raw"],
               "running": {"hits": [], "bytes": 30_000_000}, "stopped": {"hits": [], "bytes": 30_000_000}},
        "P6": {"same": {"refusals": {"unknown": dict(REFUSAL), "revoked": other}, "HEAD": {"a": dict(REFUSAL), "b": dict(other)}},
               "seconds": {"unknown": [0.05, 0.9], "revoked": [0.06, 0.05]}, "permitted_fields": ["Content-Length: 3"]},
        "P7": {"before": 200, "in_doubt": 403, "revocation": "permitted", "after": 200, "without_key": {"exit_code": 4}},
        "P8": {"sign_alone": 422, "same_organisation": 403, "paper_alone": 403, "other_act": 403, "waiting_act": 200,
               "revoke_alone": "permitted", "sign_confirmed": "permitted", "administrator_signs": 1, "administrator_reads": 404},
        "consent": [{"what": what, "expected": status, "status": status} for what, status in checks.LIFE.items()]
        + [{"what": "revision", "expected": 2, "status": 2}],
        "journal": journal(),
        "evidence": {
            "cosigned": {"size": 90, "by_log": True, "by_witness": True, "by_stranger": False},
            "receipts": {"own": 0, "own_says": "revoke_fullmakt", "own_names_person": True, "own_changed": 1, "strangers": 403,
                         "theirs": 0, "theirs_says": "open_reading", "theirs_names_person": False, "theirs_changed": 1},
            "rewritten": {"size": 60, "seen": 90, "alarm": "[critical] ALARM: witness `w1`: …", "alone": 0, "against": 1}},
        "connectors": {"there": [True, True], "end_to_end": [False, True], "cosigned": [70, 80], "receipts": 2, "sealed": 40, "as_deposited": [True, True],
                       "seen_bytes": 90_000, "seen": []},
    }


# Promise, path into its evidence, what a broken gateway (or a blind check) would give.
BROKEN = [
    ("P1", ("readings", 3, "log_size"), 6),
    ("P1", ("readings", 3, "reading"), "never-logged"),
    ("P1", ("entries", 4, "outcome"), "refused"),
    ("P1", ("entries", 15, "kind"), "list_documents"),
    ("P1", ("exported", 4), {"kind": "open_reading", "outcome": "refused"}),
    ("P1", ("unwritable",), {"status": 200, "document_bytes": 1000}),
    ("P1", ("readings",), []),
    ("P2", ("after",), 256 * 1024 + 32_769),
    ("P2", ("complete",), True),
    ("P2", ("next_status",), 200),
    ("P2", ("closed",), []),
    ("P2", ("closed",), [1_100_000]),
    ("P2", ("closed",), [25_000_000]),
    ("P3", ("after_kill", "read"), 200),
    ("P3", ("after_kill", "fullmakt"), "active"),
    ("P3", ("old_rows", "exit_code"), None),
    ("P3", ("old_rows", "said"), ""),
    ("P3", ("after_restoring", "fullmakt"), "active"),
    ("P4", ("whole",), 1),
    ("P4", ("rows",), 1),
    ("P4", ("changed",), 0),
    ("P4", ("truncated",), 0),
    ("P4", ("signed",), False),
    ("P4", ("consistent",), False),
    ("P4", ("consistent_when_changed",), True),
    ("P4", ("saved_size",), 200),
    ("P5", ("running", "hits"), ["data/rows.db"]),
    ("P5", ("stopped", "hits"), ["backup/rows.db"]),
    ("P5", ("running", "bytes"), 0),
    ("P5", ("markers",), 49),
    ("P5", ("control_found",), ["hex"]),
    ("P6", ("same", "refusals", "revoked", "status_line"), "HTTP/1.1 404 Not Found"),
    ("P6", ("same", "refusals", "revoked", "body"), b"{}"),
    ("P6", ("same", "refusals", "revoked", "fields"), []),
    ("P6", ("same", "HEAD", "a", "fields"), ["Content-Length: 17"]),
    ("P6", ("seconds", "revoked"), [0.3]),
    ("P6", ("permitted_fields",), ["ETag: \"1\""]),
    ("P7", ("in_doubt",), 200),
    ("P7", ("before",), 403),
    ("P7", ("revocation",), 503),
    ("P7", ("after",), 403),
    ("P7", ("without_key", "exit_code"), None),
    ("P8", ("sign_alone",), 200),
    ("P8", ("same_organisation",), 200),
    ("P8", ("paper_alone",), 200),
    ("P8", ("other_act",), 200),
    ("P8", ("waiting_act",), 403),
    ("P8", ("revoke_alone",), 403),
    ("P8", ("sign_confirmed",), 422),
    ("P8", ("administrator_signs",), 0),
    ("P8", ("administrator_reads",), 200),
    ("evidence", ("cosigned", "by_log"), False),
    ("evidence", ("cosigned", "by_witness"), False),
    ("evidence", ("cosigned", "by_stranger"), True),
    ("evidence", ("cosigned", "size"), 0),
    ("evidence", ("receipts", "own"), 1),
    ("evidence", ("receipts", "own_says"), "open_reading"),
    ("evidence", ("receipts", "own_changed"), 0),
    ("evidence", ("receipts", "own_names_person"), False),
    ("evidence", ("receipts", "theirs"), 1),
    ("evidence", ("receipts", "theirs_says"), None),
    ("evidence", ("receipts", "theirs_changed"), 0),
    ("evidence", ("receipts", "theirs_names_person"), True),
    ("evidence", ("receipts", "strangers"), 200),
    ("evidence", ("rewritten", "size"), 90),
    ("evidence", ("rewritten", "alone"), 1),
    ("evidence", ("rewritten", "alarm"), ""),
    ("evidence", ("rewritten", "against"), 0),
    ("connectors", ("there",), [True, False]),
    ("connectors", ("end_to_end",), [False, False]),
    ("connectors", ("receipts",), 1),
    ("connectors", ("as_deposited",), [True, False]),
    ("connectors", ("as_deposited",), [True]),
    ("connectors", ("cosigned",), [70, 0]),
    ("connectors", ("cosigned",), []),
    ("connectors", ("sealed",), 0),
    ("connectors", ("seen_bytes",), 0),
    ("connectors", ("seen",), ["seen"]),
    ("journal", ("findings",), ["metadata"]),
    ("journal", ("team", "rehabplan"), {"as_deposited": True, "pages": list(range(25, 33)), "hidden": []}),
    ("journal", ("provider", "journal"), {"as_deposited": True, "pages": list(range(1, 9)), "hidden": []}),
    ("journal", ("team", "journal", "pages"), [1, 2, 4, 9]),
    ("journal", ("team", "journal", "pages"), [1, 2, 3, 4, 5, 6, 7, 8]),
    ("journal", ("provider", "anstallning", "pages"), [33, 34, 35, 36, 37, 38, 39]),
    ("journal", ("team", "journal", "pages"), [1, 2]),
    ("journal", ("team", "journal", "hidden"), ["covered"]),
    ("journal", ("provider", "anstallning", "as_deposited"), False),
    ("journal", ("team", "arbetsformaga"), 403),
    ("consent", (0, "status"), "open"),
    ("consent", (4, "what"), "not played"),
    ("consent", (len(checks.LIFE), "status"), 1),
]


def with_change(evidence, path, value):
    out = copy.deepcopy(evidence)
    place = out
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return out


def promise(name):
    return next(one for one in checks.PROMISES if one.name == name)


class Lines(unittest.TestCase):
    def test_there_are_eight_and_three_stories_and_sound_evidence_passes_all(self):
        self.assertEqual([one.name for one in checks.PROMISES], [*(f"P{n}" for n in range(1, 9)), "consent", "journal", "evidence", "connectors"])
        for one in checks.PROMISES:
            self.assertEqual(one.problems(sound()), [])
            self.assertRegex(one.line([]), rf"^{one.name} ok \(checked now: .+; not here: .+\)$")

    def test_breaking_anything_makes_the_line_fail(self):
        for name, path, value in BROKEN:
            with self.subTest(promise=name, broken=path, value=value):
                broken = sound()
                broken[name] = with_change(broken[name], path, value)
                problems = promise(name).problems(broken)
                self.assertTrue(problems)
                self.assertIn("BROKEN", promise(name).line(problems))
                self.assertEqual([one.name for one in checks.PROMISES if one.problems(broken)], [name])

    def test_every_promise_is_broken_at_least_once(self):
        self.assertEqual({name for name, _, _ in BROKEN}, {one.name for one in checks.PROMISES})

    def test_missing_evidence_is_no_yes(self):
        for one in checks.PROMISES:
            self.assertTrue(one.problems({}))
            self.assertTrue(one.problems({one.name: {}}))


class Verdict(unittest.TestCase):
    def test_it_says_how_long_it_took_and_is_late_only_when_told_by_when(self):
        for seconds, held, within, in_time, says in ((43.21, True, None, True, "every promise holds; 43.2 s"),
                                                     (600, False, None, True, "a promise is BROKEN; 600.0 s"),
                                                     (60, True, 60, True, "every promise holds; 60.0 s"),
                                                     (60.1, True, 60, False, "every promise holds; 60.1 s: longer than 60 s")):
            said = io.StringIO()
            with self.subTest(seconds=seconds, within=within), contextlib.redirect_stdout(said):
                self.assertEqual(story.told_in_time(seconds, held, within), in_time)
            self.assertEqual(said.getvalue(), says + "\n")


class Scan(unittest.TestCase):
    def test_every_encoding_is_found_and_clean_files_are_not(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            scanner = markers.Scanner(["Åsa Ängström, läkare".encode(), b"\x00\xff\x01piece of a document"], folder / "scan")
            expected, found = scanner.control()
            self.assertEqual(sorted(expected), sorted(found))
            self.assertGreaterEqual(len(expected), 8)
            (folder / "clean").mkdir()
            (folder / "clean" / "file").write_bytes(bytes(range(256)) * 100)
            self.assertEqual(scanner.scan([folder / "clean"]), {"hits": [], "bytes": 25_600})

    def test_base64_inside_other_text_is_found_at_each_alignment(self):
        import base64
        marker = "197302889931".encode()
        for shift in range(3):
            text = base64.b64encode(b"x" * shift + marker + b"yy")
            self.assertTrue(any(data in text for name, data in markers.encodings(marker).items() if name.startswith("base64")))


def root_of(leaves):
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return notes.node(root_of(leaves[:half]), root_of(leaves[half:]))


def proof_of(first, leaves, whole=True):
    """RFC 6962 section 2.1.2."""
    if first == len(leaves):
        return [] if whole else [root_of(leaves)]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    if first <= half:
        return proof_of(first, leaves[:half], whole) + [root_of(leaves[half:])]
    return proof_of(first - half, leaves[half:], False) + [root_of(leaves[:half])]


class Consistency(unittest.TestCase):
    def checkpoint(self, leaves):
        out = notes.Checkpoint.__new__(notes.Checkpoint)
        out.size, out.root = len(leaves), root_of(leaves)
        return out

    def test_every_honest_proof_holds_and_every_changed_one_does_not(self):
        leaves = [hashlib.sha256(bytes([n])).digest() for n in range(20)]
        for second in range(1, 21):
            for first in range(1, second + 1):
                older, newer = self.checkpoint(leaves[:first]), self.checkpoint(leaves[:second])
                proof = proof_of(first, leaves[:second])
                self.assertTrue(notes.is_consistent(older, newer, proof), (first, second))
                self.assertFalse(notes.is_consistent(older, newer, proof + [bytes(32)]))
                for at in range(len(proof)):
                    self.assertFalse(notes.is_consistent(older, newer, proof[:at] + [bytes(32)] + proof[at + 1:]))
                    self.assertFalse(notes.is_consistent(older, newer, proof[:at] + proof[at + 1:]))


if __name__ == "__main__":
    unittest.main()
