import filecmp
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "demo"))
import documents

SHARED_NUMBERS = ROOT.parent / "shared" / "data" / "personnummer" / "list.json"


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def luhn_holds(digits):
    doubled = [int(digit) * (2 - index % 2) for index, digit in enumerate(digits)]
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


class Documents(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.made = documents.make_all(cls.folder.name)

    def pdfs(self):
        return [document for document in self.made if document["media_type"] == "application/pdf"]

    def named(self, file):
        return next(document for document in self.made if document["file"] == file)

    def test_every_document_begins_as_its_media_type_says(self):
        beginnings = {"application/pdf": b"%PDF-", "application/fhir+json": b"{"}
        for document in self.made:
            with open(document["path"], "rb") as file:
                self.assertTrue(file.read(5).startswith(beginnings[document["media_type"]]), document["file"])

    def test_every_pdf_has_the_pages_and_title_it_claims(self):
        for document in self.pdfs():
            told = output("pdfinfo", document["path"])
            self.assertEqual(re.search(r"^Pages:\s+(\d+)$", told, re.M).group(1), str(document["pages"]), document["file"])
            self.assertIn(document["title"], told)
        self.assertGreaterEqual(sum(document["pages"] > 1 for document in self.pdfs()), 8)

    def test_every_letter_is_readable_swedish_about_its_person(self):
        everyone = documents.people()
        for document in self.made:
            if document["maker"] == "letter":
                text = output("pdftotext", "-layout", document["path"], "-")
                person = everyone[document["person"]]
                for expected in (person["name"], documents.separated(person["number"]), "å", "ä", "ö", "Påhittat dokument"):
                    self.assertIn(expected, text, document["file"])
                self.assertNotRegex(text, r"[{}*|■\ufffd]", document["file"])

    def test_a_scan_is_a_picture_without_text(self):
        scans = [document for document in self.made if document["maker"] == "scan"]
        self.assertEqual(len(scans), 2)
        for document in scans:
            self.assertEqual(output("pdftotext", document["path"], "-").strip(), "")
            self.assertRegex(output("pdfimages", "-list", document["path"]), r"\b1 +0 +image +1240 +1754 +gray\b")

    def test_one_document_has_25_megabytes(self):
        self.assertGreaterEqual(os.path.getsize(self.named("rontgenbilder.pdf")["path"]), 25_000_000)
        self.assertLess(os.path.getsize(self.named("rontgenbilder.pdf")["path"]), 30_000_000)

    def test_the_fhir_document_begins_with_its_composition_and_refers_to_what_is_in_it(self):
        text = pathlib.Path(self.named("patientoversikt.json")["path"]).read_text(encoding="utf-8")
        bundle = json.loads(text)
        self.assertEqual((bundle["resourceType"], bundle["type"]), ("Bundle", "document"))
        kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
        self.assertEqual(kinds[0], "Composition")
        self.assertGreaterEqual(kinds.count("Observation"), 3)
        references = set(re.findall(r'"reference": "([^"]+)"', text))
        self.assertLessEqual(references, {entry["fullUrl"] for entry in bundle["entry"]})
        self.assertIn(documents.people()["milo"]["number"], text)
        self.assertNotRegex(text, r"\{\w+\}")

    def test_the_same_input_gives_the_same_bytes(self):
        with tempfile.TemporaryDirectory() as again:
            documents.make_all(again)
            names = [document["file"] for document in self.made]
            self.assertEqual(filecmp.cmpfiles(self.folder.name, again, names, shallow=False)[0], names)


class Lists(unittest.TestCase):
    def test_numbers_are_official_test_numbers(self):
        numbers = [person["number"] for person in documents.people().values()]
        self.assertEqual(len(set(numbers)), 3)
        for number in numbers:
            self.assertRegex(number, r"^\d{12}$")
            self.assertTrue(luhn_holds(number[2:]), "a number fails its check digit")

    @unittest.skipUnless(SHARED_NUMBERS.exists(), "../shared/data is not here")
    def test_numbers_are_in_the_published_list(self):
        published = {entry["long_format"] for entry in json.loads(SHARED_NUMBERS.read_text()) if entry["valid"]}
        self.assertLessEqual({person["number"] for person in documents.people().values()}, published)

    def test_organisation_numbers_belong_to_nobody(self):
        for organisation in documents.load("organisations.json"):
            self.assertFalse(luhn_holds(organisation["number"].replace("-", "")), organisation["key"])

    def test_documents_name_known_people_organisations_and_flikar(self):
        organisations = {organisation["key"]: organisation for organisation in documents.load("organisations.json")}
        self.assertEqual({organisation["kind"] for organisation in organisations.values()},
                         {"authority", "municipality", "region", "provider", "forbund"})
        flikar = set()
        for document in documents.load("documents.json"):
            self.assertIn(document["source"], organisations)
            self.assertIn(document["person"], documents.people())
            self.assertRegex(document["date"], r"^20\d\d-\d\d-\d\d$")
            if "flik" in document:
                self.assertRegex(document["flik"], r"^[a-z0-9-]{1,16}$")
                flikar.add(document["flik"])
        self.assertEqual(flikar, {"journal", "lakarutlatande", "arbetsformaga", "kartlaggning", "ekonomi", "anstallning", "rehabplan",
                                  "rapport", "bilder", "fhir"})


if __name__ == "__main__":
    unittest.main()
