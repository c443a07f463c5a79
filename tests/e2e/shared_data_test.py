"""Documents that others made (../shared/data: FHIR, C-CDA, PDF, odd PDF/A) through the running gateway: what comes out is what went
in, byte for byte, whole and by ranges; and a file that is not what it is said to be stays out."""
import contextlib
import hashlib
import io
import os
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SHARED = pathlib.Path(os.environ.get("FLIKVAKT_SHARED_DATA") or ROOT.parent / "shared" / "data")
sys.path.insert(0, str(ROOT / "demo"))
import cast
import scenes
import story
import wire

PROGRAM = story.program()
MEDIA_TYPES = {"fhir": "application/fhir+json", "ccda": "application/xml", "pdf": "application/pdf", "pdfa-corpus": "application/pdf"}
PURPOSE = "rehab"


def files():
    """(path, media type) of every document in the shared folder."""
    return [(path, kind) for folder, kind in MEDIA_TYPES.items() for path in sorted((SHARED / folder).glob("*"))]


def document(title, media_type):
    return {"flik": "journal", "title": title, "author": "Maja Fiktelius", "date": "2026-03-02", "media_type": media_type}


@unittest.skipUnless(SHARED.is_dir(), "../shared/data is not here")
@unittest.skipUnless(PROGRAM.exists(), f"{PROGRAM} is missing: run ./dev build")
class DocumentsOfOthers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="flikvakt-e2e-")
        cls.addClassCleanup(folder.cleanup)
        with contextlib.redirect_stdout(io.StringIO()):
            cls.gateway, ids = story.begin(PROGRAM, pathlib.Path(folder.name))
        cls.addClassCleanup(cls.gateway.stop)
        told = scenes.Story(cls.gateway, cast.Cast(cls.gateway, ids), [])
        told.first_certificates()
        cls.milo, cls.maja, cls.jorun, cls.saga = told.cast.milo, told.cast.maja, told.cast.jorun, told.cast.saga
        for client in (cls.milo, cls.maja, cls.jorun, cls.saga, told.cast.kim, told.cast.lee):
            cls.addClassCleanup(client.close)
        told.enrol(cls.milo, cls.milo.key, told.cast.kim, told.cast.lee)
        told.sign(cls.milo, "shared", "Jag låter Försäkringskassan läsa min journal.", ["region"],
                  cast.recipient("organisation", told.cast.id("forsakringskassan")), ["journal"], PURPOSE)
        cls.deposited = [(path, kind, cls.maja.deposit(cls.milo.number, document(path.name, kind), path.read_bytes()))
                         for path, kind in files()]

    def open(self, who, id, *fields):
        return who.ask("GET", f"/v1/documents/{id}/content?purpose={PURPOSE}", fields)

    def titles(self):
        flikar = self.jorun.list(self.milo.number, PURPOSE).json()["flikar"]
        return [one["title"] for flik in flikar for one in flik["documents"]]

    def test_each_document_comes_out_byte_for_byte(self):
        self.assertEqual({path.parent.name for path, _, _ in self.deposited}, set(MEDIA_TYPES))
        for path, kind, id in self.deposited:
            with self.subTest(path=path.name):
                answer = self.open(self.jorun, id)
                self.assertEqual((answer.status, answer.field("Content-Type")), (200, kind))
                self.assertEqual(answer.body, path.read_bytes())

    def test_who_has_no_fullmakt_gets_none_of_their_bytes(self):
        for path, _, id in self.deposited:
            with self.subTest(path=path.name):
                answer = self.open(self.saga, id)
                self.assertEqual(answer.status, 403)
                self.assertLess(len(answer.body), 1000)
                self.assertNotIn(path.read_bytes()[:16], answer.body)

    def test_ranges_of_one_reading_add_up_to_the_document(self):
        for path, _, id in self.deposited:
            with self.subTest(path=path.name):
                content = path.read_bytes()
                third = len(content) // 3
                first = self.open(self.jorun, id, ("Range", f"bytes=0-{third - 1}"))
                reading = f"/v1/readings/{first.field('Flikvakt-Reading')}/content"
                middle = self.jorun.ask("GET", reading, [("Range", f"bytes={third}-{2 * third - 1}")])
                last = self.jorun.ask("GET", reading, [("Range", f"bytes=-{len(content) - 2 * third}")])
                self.assertEqual([one.status for one in (first, middle, last)], [206] * 3)
                self.assertEqual(middle.field("Content-Range"), f"bytes {third}-{2 * third - 1}/{len(content)}")
                self.assertEqual(first.body + middle.body + last.body, content)
                # Every byte was delivered: the reading is closed, and names nothing any more.
                self.assertEqual(self.jorun.ask("GET", reading, [("Range", "bytes=0-0")]).status, 403)

    def deposit(self, path, announced, sent):
        """Status of the announcement and, where that was permitted, of the bytes."""
        facts = document("misnamed " + path.name, announced)
        content, id = path.read_bytes(), wire.new_id()
        facts.update(size=len(content), sha256=wire.base64url(hashlib.sha256(content).digest()), other_subjects=[])
        begun = self.maja.try_act({"kind": "begin_deposit", "id": id, "person": self.maja.handle(self.milo.number), "facts": facts,
                                   "other_subjects": []})
        if begun.status != 200:
            return begun.status, None
        return 200, self.maja.ask("PUT", f"/v1/deposits/{id}/content", [("Content-Type", sent)], content).status

    def test_a_wrong_media_type_is_refused_and_leaves_nothing_to_see(self):
        others = {"application/pdf": "application/fhir+json", "application/xml": "application/pdf",
                  "application/fhir+json": "application/xml"}
        for path, kind, _ in self.deposited:
            with self.subTest(path=path.name):
                self.assertEqual(self.deposit(path, others[kind], others[kind]), (200, 422), "the file is of another kind")
                self.assertEqual(self.deposit(path, kind, others[kind]), (200, 422), "announced and sent differ")
        self.assertEqual(self.deposit(files()[0][0], "text/html", "text/html"), (200, 422), "a kind that is never taken")
        self.assertCountEqual(self.titles(), [path.name for path, _, _ in self.deposited])


if __name__ == "__main__":
    unittest.main()
