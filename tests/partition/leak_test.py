"""Documents with a marker in every place of every part are divided; each marker is looked for in every part, also after
unpacking whatever is packed, and is found only in the parts that it belongs to.

What is to be seen on a page must be in that page's part (as text, unless the page became an image); what is nowhere to be
seen must be in no part at all. FLIKVAKT_LONG=1 plays all documents; without it a share of each kind.
"""
import base64
import json
import os
import unittest

import child
import marked_files
import marked_pdf
import tools_outside as outside
from child import DOCX, FHIR, ODT, PDF, WHOLE, XML, pages
import fhir_check

LONG = os.environ.get("FLIKVAKT_LONG") == "1"
PDF_DOCUMENTS = 24 if LONG else 4  # at least one of each of marked_pdf.WAYS
OTHER_DOCUMENTS = 10 if LONG else 3  # of each kind


# qpdf packs objects into streams, and leaves out what nothing refers to and comments.
PDF_NEVER_THERE = ("object that nothing refers to", "comment of the file")


def spellings(marker):
    """How a marker may stand in bytes."""
    plain = marker.encode()
    wide, narrow = marker.encode("utf-16-be"), marker.encode("utf-16-le")
    yield from (plain, plain.lower(), wide, narrow, plain.hex().encode(), plain.hex().upper().encode(),
                wide.hex().encode(), wide.hex().upper().encode(), plain[::-1])
    for shift in range(3):  # base64, at any of its three places
        coded = base64.b64encode(b"x" * shift + plain)
        yield coded[4 if shift else 0:-4]


def holds(haystacks, marker):
    return any(spelling in haystack for spelling in spellings(marker) for haystack in haystacks)


class Leaks(unittest.TestCase):
    counted = {"markers": 0, "documents": 0}

    @classmethod
    def tearDownClass(cls):
        print(f"counts: {cls.counted['markers']} markers in {cls.counted['documents']} documents", flush=True)
        if LONG:
            assert cls.counted["markers"] >= 1000 and cls.counted["documents"] >= 60, cls.counted

    def look(self, source, where, parts, haystacks_of, belongs, must_be_found, never_there=()):
        """Every marker is looked for in each part, and as a control in the source: what is not seen there would be seen nowhere. `never_there`:
        places that a program which made the source may have dropped."""
        leaks, missing = [], []
        controls = haystacks_of(source)
        blind = {place for marker, (place, _, _) in where.items() if not holds(controls, marker)}
        self.assertEqual(blind - set(never_there), set(), "these eyes do not see it in the source")
        haystacks = {name: haystacks_of(data) for name, data in parts.items()}
        for marker, (place, at, seen) in where.items():
            found = {name for name in parts if holds(haystacks[name], marker)}
            allowed = {name for name in parts if seen and belongs(name, at)}
            leaks += [f"{place} of {at} in {name}" for name in found - allowed]
            if seen and must_be_found:
                missing += [f"{place} of {at} is not in {name}" for name in allowed - found if must_be_found(name, at)]
        Leaks.counted["markers"] += len(where)
        Leaks.counted["documents"] += 1
        self.assertEqual(leaks, [])
        self.assertEqual(missing, [])

    def test_pdf(self):
        for seed in range(1, PDF_DOCUMENTS + 1):
            with self.subTest(seed=seed):
                data, where = marked_pdf.make(seed, way=marked_pdf.WAYS[(seed - 1) % len(marked_pdf.WAYS)])
                answer = child.partition(PDF, data, {"one": [pages(1, 1)], "two": [pages(2, 3)]})
                self.assertEqual((answer.status, answer.refusal), (0, None))
                self.assertEqual(set(answer.parts), {"one", "two"})
                flat = {finding["where"] for finding in answer.report["findings"] if finding["kind"] == "covered_text"}
                own = answer.pages()
                self.look(data, where, answer.parts,
                          lambda pdf: [pdf, outside.inflated(pdf), outside.unpacked(pdf), outside.all_text(pdf).encode(),
                                       "".join(outside.page_texts(pdf)).encode()],
                          lambda name, page: page in own[name], lambda name, page: f"page {page}" not in flat,
                          PDF_NEVER_THERE)

    def test_a_page_that_became_an_image_still_shows_its_text(self):
        """The eyes of this test are the previews: what is seen is the same before and after."""
        data, _ = marked_pdf.make(3)
        answer = child.partition(PDF, data, {"all": [pages(1, 4)]}, preview_dpi=72)
        self.assertIn("covered_text", answer.finding_kinds())
        self.assertEqual(len(answer.previews["all"]), 4)
        for picture in answer.previews["all"]:
            self.assertGreater(marked_files.dark_pixels(picture), 300)

    def test_fhir_bundles(self):
        for seed in range(1, OTHER_DOCUMENTS + 1):
            with self.subTest(seed=seed):
                data, where = marked_files.fhir_bundle(seed)
                answer = child.partition(FHIR, data, marked_files.BUNDLE_RULES)
                self.assertIsNone(answer.refusal)
                self.assertEqual(set(answer.parts), set(marked_files.BUNDLE_RULES))
                self.look(data, where, answer.parts, lambda part: [part, *files_in(json.loads(part))],
                          lambda name, at: name == at, lambda name, at: True)
                self.check_fhir(answer.parts)

    # SPEC PART-15: what is social stands inside a section that nobody named. PART-32
    def test_fhir_documents(self):
        for seed in range(1, OTHER_DOCUMENTS + 1):
            with self.subTest(seed=seed):
                data, where = marked_files.fhir_document(seed)
                answer = child.partition(FHIR, data, marked_files.DOCUMENT_RULES)
                self.assertIsNone(answer.refusal)
                self.look(data, where, answer.parts, lambda part: [part, *files_in(json.loads(part))],
                          lambda name, at: name == at, lambda name, at: True)
                self.check_fhir(answer.parts)

    def check_fhir(self, parts):
        for name, part in parts.items():
            self.assertEqual(fhir_check.complaints(json.loads(part)), [], name)
            self.assertEqual(fhir_check.schema_complaints(json.loads(part)), [], name)

    def test_cda(self):
        for seed in range(1, OTHER_DOCUMENTS + 1):
            with self.subTest(seed=seed):
                data, where = marked_files.cda(seed)
                answer = child.partition(XML, data, marked_files.CDA_RULES)
                self.assertIsNone(answer.refusal)
                self.look(data, where, answer.parts, lambda part: [part], lambda name, at: name == at, lambda name, at: True)

    def test_office_files(self):
        for kind, make in ((DOCX, marked_files.docx), (ODT, marked_files.odt)):
            for seed in range(1, OTHER_DOCUMENTS // 2 + 1):
                with self.subTest(kind=kind, seed=seed):
                    data, where = make(seed)
                    answer = child.partition(kind, data, {"all": [WHOLE]}, {"macro": "strip", "embedded_object": "strip"})
                    self.assertIsNone(answer.refusal, answer.report)
                    self.look(data, where, answer.parts, lambda part: office_haystacks(part), lambda name, at: True, lambda name, at: True)

    # SPEC PART-26
    def test_images(self):
        for seed in range(1, OTHER_DOCUMENTS + 1):
            for media_type, make in (("image/jpeg", marked_files.jpeg), ("image/png", marked_files.png)):
                with self.subTest(kind=media_type, seed=seed):
                    data, where = make(seed)
                    answer = child.partition(media_type, data, {"all": [WHOLE]})
                    self.assertIsNone(answer.refusal)
                    self.assertEqual(marked_files.pixels(answer.parts["all"]), marked_files.pixels(data))
                    self.look(data, where, answer.parts, lambda part: [part, marked_files.inflate_chunks(part)],
                              lambda name, at: True, None)


def files_in(value):
    """Whatever in a resource is base64, opened, by whatever name it goes."""
    if isinstance(value, str) and len(value) >= 8:
        try:
            yield base64.b64decode(value.rsplit(",", 1)[-1], validate=True)  # of an address, too
        except ValueError:
            pass
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from files_in(inner)


def office_haystacks(package):
    entries = marked_files.unzipped(package)
    return [package, *entries, *map(marked_files.inflate_chunks, entries)]


if __name__ == "__main__":
    unittest.main()
