"""Every sample of the shared data: what becomes of it, pinned, and why; parts opened by programs that are not ours."""
import json
import unittest
import xml.etree.ElementTree as tree

import child
import fhir_check
import tools_outside as outside
from child import FHIR, PDF, WHOLE, XML, pages, resources, section

# File, order of parts, refusal, kinds of findings, {part: pages}, why.
PDFS = [
    ("pdf/crazyones-pdfa.pdf", {"a": [WHOLE]}, None, {"metadata"}, {"a": [1]},
     "one page, XMP and Info go; its ligatures are spelled otherwise afterwards, and that is no invisible text"),
    ("pdf/libreoffice-form.pdf", {"a": [WHOLE]}, None, {"metadata", "form_value", "replaced_font"}, {"a": [1]},
     "what the fields show stays as drawn; fields and values go; the fields' font is not embedded"),
    ("pdf/libreoffice-writer-password.pdf", {"a": [WHOLE]}, "encrypted", set(), {}, "no password is asked for"),
    ("pdf/pdf20-incremental-save.pdf", {"a": [WHOLE]}, None, {"older_revision", "metadata", "replaced_font"}, {"a": [1]},
     "the older text is gone, the newer is there"),
    ("pdf/pdf20-simple.pdf", {"a": [WHOLE]}, None, {"metadata", "replaced_font"}, {"a": [1]}, "Helvetica is not embedded"),
    ("pdf/pdflatex-4-pages.pdf", {"front": [pages(1, 1)], "rest": [pages(3, 4)]}, None, {"metadata"},
     {"front": [1], "rest": [3, 4]}, "page 2 is in no part"),
    ("pdf/pdflatex-4-pages.pdf", {"a": [pages(4, 5)]}, "no_such_part", {"metadata"}, {}, "there are four pages"),
    ("pdf/with-attachment.pdf", {"a": [WHOLE]}, None, {"attachment", "metadata"}, {"a": [1]}, "the attached file goes"),
    ("pdfa-corpus/veraPDF_test_suite_6-1-12-t02-fail-a.pdf", {"a": [WHOLE]}, None, {"bookmark", "form_value", "metadata"},
     {"a": [1]}, "linearised: its two ends are no older revision"),
    ("pdfa-corpus/veraPDF_test_suite_6-1-4-t01-fail-a.pdf", {"a": [WHOLE]}, None, {"bookmark", "metadata"}, {"a": [1]},
     "odd as PDF/A, whole as PDF"),
    ("pdfa-corpus/veraPDF_test_suite_6-2-10-t03-fail-e.pdf", {"a": [WHOLE]}, None, {"bookmark", "metadata"}, {"a": [1]},
     "odd as PDF/A, whole as PDF"),
    ("pdfa-corpus/veraPDF_test_suite_6-2-10-t07-fail-e.pdf", {"a": [WHOLE]}, None,
     {"bookmark", "metadata", "covered_image"}, {"a": [1]}, "an image shows through a mask: what the mask hides goes"),
    ("pdfa-corpus/veraPDF_test_suite_6-2-11-5-t01-fail-b.pdf", {"a": [WHOLE]}, None, {"bookmark", "metadata"}, {"a": [1]},
     "a multiple-master font, embedded"),
]
# Keys that no part may have, anywhere.
FORBIDDEN = {b"/Metadata", b"/Info", b"/Outlines", b"/Annots", b"/AcroForm", b"/EmbeddedFiles", b"/EF", b"/JS", b"/JavaScript",
             b"/OpenAction", b"/AA", b"/StructTreeRoot", b"/PieceInfo", b"/Thumb", b"/OCProperties", b"/Names", b"/Dests",
             b"/Author", b"/Title", b"/Producer", b"/Creator", b"/CreationDate", b"/Alt", b"/Prev"}
# /ActualText is there: cairo spells with it what a ligature that a page shows means.


def sample(name):
    path = child.DATA / name
    if not path.is_file():
        raise unittest.SkipTest(f"the shared data have no {name}")
    return path.read_bytes()


class PdfSamples(unittest.TestCase):
    # SPEC PART-11
    def test_each_sample_has_the_outcome_that_is_pinned(self):
        for name, parts, refusal, findings, expected_pages, why in PDFS:
            with self.subTest(name=name, why=why):
                answer = child.partition(PDF, sample(name), parts)
                self.assertEqual(answer.status, 0)
                self.assertEqual(answer.refusal, refusal)
                self.assertEqual(answer.finding_kinds(), findings)
                self.assertEqual(answer.pages(), expected_pages)

    # SPEC PART-22, PART-23
    def test_every_part_is_a_whole_file_with_its_own_pages_and_nothing_else(self):
        for name, parts, refusal, _, expected_pages, _ in PDFS:
            if refusal:
                continue
            source = outside.page_texts(sample(name))
            answer = child.partition(PDF, sample(name), parts)
            for part, numbers in expected_pages.items():
                with self.subTest(name=name, part=part):
                    pdf = answer.parts[part]
                    self.assertEqual(outside.qpdf_check(pdf), "")
                    self.assertEqual(outside.page_count(pdf), len(numbers))
                    self.assertEqual(outside.keys_of(pdf) & FORBIDDEN, set())
                    for text, number in zip(outside.page_texts(pdf), numbers, strict=True):
                        self.assertEqual(words(text), words(source[number - 1]))

    def test_the_older_revision_of_a_saved_file_is_nowhere(self):
        source = sample("pdf/pdf20-incremental-save.pdf")
        old = b"Words Need Spacing"
        self.assertIn(old, source)
        pdf = child.partition(PDF, source, {"a": [WHOLE]}).parts["a"]
        self.assertNotIn(old, outside.unpacked(pdf) + outside.all_text(pdf).encode())
        self.assertIn("Words Have Spacing", outside.page_texts(pdf)[0])

    def test_the_filled_in_form_shows_its_values_and_has_no_fields(self):
        pdf = child.partition(PDF, sample("pdf/libreoffice-form.pdf"), {"a": [WHOLE]}).parts["a"]
        self.assertIn("Alice", outside.page_texts(pdf)[0])
        self.assertEqual(outside.keys_of(pdf) & {b"/AcroForm", b"/Annots", b"/T", b"/V"}, set())

    def test_an_order_of_no_parts_says_what_is_there(self):
        answer = child.partition(PDF, sample("pdf/pdflatex-4-pages.pdf"), {})
        self.assertEqual((answer.report["pages"], answer.parts), (4, {}))
        self.assertEqual([left["what"] for left in answer.report["left_out"]], [f"page {n}" for n in range(1, 5)])


def words(text):
    """Without blanks, and with ligatures spelled out: how lines break and letters join is a reader's choice."""
    for one, two in (("ﬀ", "ff"), ("ﬁ", "fi"), ("ﬂ", "fl"), ("ﬃ", "ffi"), ("ﬄ", "ffl")):
        text = text.replace(one, two)
    return "".join(text.split())


class FhirSamples(unittest.TestCase):
    RULES = {"provtagning": [resources("Observation", "laboratory")], "vitala": [resources("Observation", "vital-signs")],
             "diagnoser": [resources("Condition"), resources("Procedure")],
             "lakemedel": [resources("MedicationRequest"), resources("Immunization")]}
    # How many of each type a part has; Practitioner and Organization where its own resources name them.
    PINNED = {
        "fhir/bundle-1.json": {"provtagning": 15, "vitala": 15, "diagnoser": 4, "lakemedel": 5},
        "fhir/bundle-2.json": {"provtagning": 11, "vitala": 20, "diagnoser": 3, "lakemedel": 9},
    }
    # What is left out of each, what is found by rules and whole, and why.
    LEFT_OUT = {
        "fhir/bundle-1.json": {"7 Claim", "2 DiagnosticReport LAB", "6 Encounter", "6 ExplanationOfBenefit", "3 Observation survey", "1 Organization",
                               "1 Patient", "1 Practitioner"},
        "fhir/bundle-2.json": {"8 Claim", "1 DiagnosticReport LAB", "6 Encounter", "6 ExplanationOfBenefit", "4 Observation survey", "1 Organization",
                               "1 Patient", "1 Practitioner"},
    }
    FINDINGS = (
        (None, {"cut_reference", "metadata"}, "each part names the patient and encounters, which no rule takes; Synthea's versions in meta go"),
        ({"all": [WHOLE]}, {"metadata", "narrative"}, "the patient comes along with a narrative, which is dropped; nothing is cut since all is there"),
    )

    def test_what_is_found_and_left_out_is_pinned(self):
        for name, left_out in self.LEFT_OUT.items():
            for rules, findings, why in self.FINDINGS:
                with self.subTest(name=name, why=why):
                    answer = child.partition(FHIR, sample(name), rules or self.RULES)
                    self.assertEqual((answer.status, answer.refusal), (0, None))
                    self.assertEqual(answer.finding_kinds(), findings)
                    self.assertEqual({item["what"] for item in answer.report["left_out"]}, set() if rules else left_out)
                    self.assertEqual({item["reason"] for item in answer.report["left_out"]}, set() if rules else {"not_named"})

    def test_parts_hold_exactly_the_resources_that_their_rules_name(self):
        for name in self.PINNED:
            source = sample(name)
            bundle = json.loads(source)
            answer = child.partition(FHIR, source, self.RULES)
            self.assertIsNone(answer.refusal)
            for part, takes in self.RULES.items():
                expected = sorted(entry["resource"]["id"] for entry in bundle["entry"] if wanted(entry["resource"], takes))
                with self.subTest(name=name, part=part):
                    self.assertEqual(len(expected), self.PINNED[name][part])
                    got = json.loads(answer.parts[part])
                    own = [entry["resource"] for entry in got["entry"]
                           if entry["resource"]["resourceType"] not in fhir_check.SUPPORTING]
                    self.assertEqual(sorted(resource["id"] for resource in own), expected)
                    self.assertEqual(fhir_check.complaints(got), [])
                    self.assertEqual(fhir_check.schema_complaints(got), [])

    # SPEC PART-30, PART-37
    def test_no_part_names_a_resource_of_another(self):
        for name in self.PINNED:
            source = sample(name)
            bundle = json.loads(source)
            ids = {entry["resource"]["id"] for entry in bundle["entry"]}
            answer = child.partition(FHIR, source, self.RULES)
            for part, data in answer.parts.items():
                own = {entry["resource"]["id"] for entry in json.loads(data)["entry"]}
                with self.subTest(name=name, part=part):
                    self.assertEqual({other for other in ids - own if other.encode() in data}, set())
                    self.assertNotIn(b"Synthea", data)  # it stood in a narrative
                    patient = bundle["entry"][0]["resource"]
                    self.assertNotIn(patient["name"][0]["family"].encode(), data)

    def test_numbers_keep_their_spelling(self):
        source = sample("fhir/bundle-1.json")
        answer = child.partition(FHIR, source, self.RULES)
        spelled = set(json.loads(source, parse_float=str)["entry"][0]) and floats(json.loads(source, parse_float=Spelled))
        for part in answer.parts.values():
            self.assertLessEqual(floats(json.loads(part, parse_float=Spelled)), spelled)


class Spelled(str):
    pass


def floats(value):
    if isinstance(value, Spelled):
        return {str(value)}
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return set().union(*map(floats, values)) if values else set()


def wanted(resource, takes):
    def categories():
        for category in resource.get("category", []):
            yield from (coding.get("code") for coding in category.get("coding", []))
    return any(take["type"] == resource["resourceType"] and ("category" not in take or take["category"] in categories())
               for take in takes)


class CdaSamples(unittest.TestCase):
    # The sections of each structured sample, by their codes.
    PINNED = {
        "ccda/care-plan.xml": ["75310-3", "61146-7", "62387-6", "11383-7"],
        "ccda/consultation-note.xml": ["48765-2", "51848-0", "10164-2", "47420-5", "10160-0", "10190-7", "61144-2", "29545-1", "18776-5",
                                       "11450-4", "42349-1", "30954-2", "8716-3"],
    }

    # Of both: entries have elements of other vocabularies, point at headers and at one another, carry comments, and every section its text for reading.
    FINDINGS = {"custom_data", "cut_reference", "markup_comment", "narrative", "person_in_header"}

    def test_structured_documents_are_divided_by_their_sections(self):
        for name, codes in self.PINNED.items():
            source = sample(name)
            listed = child.partition(XML, source, {})
            self.assertEqual([content["name"] for content in listed.report["contents"]], codes)
            answer = child.partition(XML, source, {code: [section(code)] for code in codes})
            self.assertEqual((answer.status, answer.refusal), (0, None))
            self.assertEqual((answer.finding_kinds(), answer.report["left_out"]), (self.FINDINGS, []))
            self.assertEqual(set(answer.parts), set(codes))
            texts = narratives_of(source)
            self.assertEqual(set(texts), set(codes))
            for code, part in answer.parts.items():
                with self.subTest(name=name, part=code):
                    self.assertEqual(outside.xmllint(part), "")
                    self.assertEqual(sections_of(part), [code])
                    self.assertNotIn(b"<!--", part)
                    self.assertEqual(narratives_of(part), {code: texts[code]})
                    everything = all_words(part)
                    for other in set(codes) - {code}:
                        for line in texts[other] - texts[code]:
                            if len(line) > 30:  # shorter ones may stand in both by chance
                                self.assertNotIn(line, everything, other)

    def test_what_no_rule_names_is_left_out(self):
        for name, codes in self.PINNED.items():
            answer = child.partition(XML, sample(name), {"one": [section(codes[1])]})
            self.assertEqual(sections_of(answer.parts["one"]), [codes[1]])
            self.assertEqual([item["what"] for item in answer.report["left_out"]], [f"section {code}" for code in codes if code != codes[1]])

    # SPEC PART-32
    def test_headers_name_nobody(self):
        answer = child.partition(XML, sample("ccda/care-plan.xml"), {"all": [WHOLE]})
        head = answer.parts["all"].split(b"<structuredBody>")[0]
        self.assertNotIn(b"<name", head)
        self.assertNotIn(b"<addr", head)
        self.assertIn("person_in_header", answer.finding_kinds())

    def test_an_unstructured_document_is_divided_as_the_file_in_it(self):
        source = sample("ccda/unstructured-embedded-pdf.xml")
        answer = child.partition(XML, source, {"a": [pages(1, 1)]})
        self.assertIsNone(answer.refusal)
        self.assertEqual(answer.report["parts"][0]["media_type"], PDF)
        self.assertEqual(outside.qpdf_check(answer.parts["a"]), "")
        self.assertEqual(outside.page_count(answer.parts["a"]), 1)
        # Of the document its people and a comment; of the file in it what any PDF of a writing program has.
        self.assertEqual(answer.finding_kinds(), {"embedded_document", "markup_comment", "metadata", "older_revision", "person_in_header", "replaced_font",
                                                  "structure"})


HL7 = {"h": "urn:hl7-org:v3"}


def sections_of(text):
    found = tree.fromstring(text).findall(".//h:structuredBody//h:section/h:code", HL7)
    return [code.get("code") for code in found]


def narratives_of(text):
    """{code of a section: the lines of its text}."""
    return {one.find("h:code", HL7).get("code"): {" ".join(line.split()) for line in one.find("h:text", HL7).itertext() if line.strip()}
            for one in tree.fromstring(text).findall(".//h:structuredBody//h:section", HL7)}


def all_words(text):
    return " ".join(" ".join(tree.fromstring(text).itertext()).split())


if __name__ == "__main__":
    unittest.main()
