"""PDF: which pages go where, what the policy changes, what bad input gets, what it costs."""
import io
import os
import subprocess
import tempfile
import unittest
import zlib

from PIL import Image

import child
import journal
import marked_files
import marked_pdf
import tools_outside as outside
from child import PDF, WHOLE, pages

CHAPTERS = [("Inledning", 2), ("1. Hälsa", 3), ("Arbete och studier", 4), ("Ekonomi", 1), ("Socialt nätverk", 2)]


def bookmark(title):
    return {"kind": "bookmark", "title": title}


def heading(text):
    return {"kind": "heading", "text": text}


def raw_pdf(content, resources=b"", more=b"", size=(595, 842)):
    """One page with these contents; {} stands for the font."""
    pdf = marked_pdf.Pdf()
    font = pdf.add(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    tree = pdf.add()
    body = pdf.stream(content, packed=False)
    page = pdf.add(b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R /Resources << /Font << /F1 %d 0 R >> %s >> %s >>"
                   % (tree, *size, body, font, resources, more))
    pdf.objects[tree] = b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % page
    info = pdf.add(b"<< >>")
    root = pdf.add(b"<< /Type /Catalog /Pages %d 0 R >>" % tree)
    return pdf, root, info


def one_page(content, resources=b"", more=b""):
    pdf, root, info = raw_pdf(content, resources, more)
    return pdf.write(root, info)


class Claims(unittest.TestCase):
    def setUp(self):
        self.file, self.page_of, self.signs = journal.make(CHAPTERS)

    def divide(self, parts, file=None):
        answer = child.partition(PDF, file or self.file, parts)
        self.assertEqual((answer.status, answer.refusal), (0, None))
        return answer

    def holds(self, answer, part, numbers):
        text = "".join(outside.page_texts(answer.parts[part]))
        self.assertEqual([number for number, sign in self.signs.items() if sign in text], numbers, part)

    def test_bookmarks_and_headings_divide_alike(self):
        for take in (bookmark, heading):
            # Every chapter is named, so that each ends where the next begins.
            answer = self.divide({"halsa": [take("hälsa")], "arbete": [take("ARBETE OCH  STUDIER:")], "ekonomi": [take("Ekonomi")],
                                  "socialt": [take("Socialt nätverk")], "annat": [take("Inledning")]})
            with self.subTest(take=take.__name__):
                self.holds(answer, "halsa", self.page_of["1. Hälsa"])
                self.holds(answer, "arbete", self.page_of["Arbete och studier"])
                self.holds(answer, "socialt", self.page_of["Socialt nätverk"])
                self.assertEqual(answer.report["left_out"], [])

    def test_a_bookmark_ends_at_the_next_one_that_nobody_named(self):
        answer = self.divide({"halsa": [bookmark("Hälsa")]})
        self.holds(answer, "halsa", self.page_of["1. Hälsa"])
        self.assertEqual(len(answer.report["left_out"]), 12 - 3)

    # SPEC PART-13, PART-14: its head and foot do not make every page shared.
    def test_a_page_that_two_chapters_share_is_in_neither_until_somebody_says_so(self):
        file, page_of, self.signs = journal.make(CHAPTERS, begin_mid_page=["Ekonomi"])
        shared = page_of["Ekonomi"][0]
        self.assertEqual(shared, page_of["Arbete och studier"][-1])
        for take in (bookmark, heading):
            parts = {"arbete": [take("Arbete och studier")], "ekonomi": [take("Ekonomi")], "socialt": [take("Socialt nätverk")]}
            answer = self.divide(parts, file)
            with self.subTest(take=take.__name__):
                self.holds(answer, "arbete", page_of["Arbete och studier"][:-1])
                self.assertNotIn("ekonomi", answer.parts)
                self.assertIn({"what": f"page {shared}", "reason": "shared_page"}, answer.report["left_out"])
                by_hand = self.divide({**parts, "ekonomi": [take("Ekonomi"), pages(shared, shared)]}, file)
                self.holds(by_hand, "ekonomi", [shared])
                self.holds(by_hand, "arbete", page_of["Arbete och studier"][:-1])

    def test_the_contents_are_listed_for_whoever_corrects_the_plan(self):
        listed = self.divide({}).report["contents"]
        self.assertEqual([(one["kind"], one["name"], one["count"]) for one in listed],
                         [("bookmark", title, self.page_of[title][0]) for title, _ in CHAPTERS])

    def test_the_order_of_the_outline_does_not_matter(self):
        # The last chapter first: a span must not run over what begins inside it.
        pdf, root, info = raw_pdf(b"BT /F1 12 Tf 60 700 Td (sida1) Tj ET")
        for number in (2, 3):
            body = pdf.stream(b"BT /F1 12 Tf 60 700 Td (sida%d) Tj ET" % number, packed=False)
            pdf.add(pdf.objects[4].replace(b"/Contents 3 0 R", b"/Contents %d 0 R" % body))
        first, last = len(pdf.objects) - 3, len(pdf.objects) - 1
        pdf.objects[2] = b"<< /Type /Pages /Kids [4 0 R %d 0 R %d 0 R] /Count 3 >>" % (first, last)
        outline = pdf.add()
        one, two = outline + 1, outline + 2
        pdf.add(b"<< /Title (B) /Parent %d 0 R /Next %d 0 R /Dest [%d 0 R /Fit] >>" % (outline, two, first))
        pdf.add(b"<< /Title (A) /Parent %d 0 R /Prev %d 0 R /Dest [4 0 R /Fit] >>" % (outline, one))
        pdf.objects[outline] = b"<< /Type /Outlines /First %d 0 R /Last %d 0 R /Count 2 >>" % (one, two)
        pdf.objects[root] = pdf.objects[root].replace(b">>", b"/Outlines %d 0 R >>" % outline)
        answer = self.divide({"a": [bookmark("A")], "b": [bookmark("B")]}, pdf.write(root, info))
        self.assertEqual(answer.pages(), {"a": [1], "b": [2, 3]})

    # SPEC PART-60
    def test_previews_show_what_the_part_holds(self):
        answer = child.partition(PDF, self.file, {"a": [pages(1, 2)]}, preview_dpi=50)
        self.assertEqual(len(answer.previews["a"]), 2)
        for picture in answer.previews["a"]:
            image = Image.open(io.BytesIO(picture))
            self.assertEqual(image.size, (413, 584))
            self.assertGreater(marked_files.dark_pixels(picture), 500)


class Policy(unittest.TestCase):
    def outcome(self, file, policy=()):
        answer = child.partition(PDF, file, {"a": [WHOLE]}, policy)
        return answer.refusal, answer

    # SPEC PART-24
    def test_each_way_to_hide_text_is_found_flattened_and_refused_by_policy(self):
        ways = {"white": b"1 g BT /F1 12 Tf 60 700 Td (hemligt) Tj ET",
                "beneath a bar": b"BT /F1 12 Tf 60 700 Td (hemligt) Tj ET 55 690 100 30 re f",
                "half beneath a bar": b"BT /F1 12 Tf 60 700 Td (synligt hemligt) Tj ET 100 690 100 30 re f",
                "beside the page": b"BT /F1 12 Tf 700 700 Td (hemligt) Tj ET",
                "partly beside the page": b"BT /F1 12 Tf 560 700 Td (synligt hemligt) Tj ET",
                "far beside the page": b"BT /F1 12 Tf 9000 700 Td (hemligt) Tj ET",
                "outside a clip": b"q 0 0 10 10 re W n BT /F1 12 Tf 60 700 Td (hemligt) Tj ET Q",
                "without a size": b"BT /F1 0.01 Tf 60 700 Td (hemligt) Tj ET",
                "drawn as outlines": b"BT 1 Tr /F1 20 Tf 60 700 Td (hemligt) Tj ET",
                "transparent": b"/G0 gs BT /F1 12 Tf 60 700 Td (hemligt) Tj ET"}
        for way, content in ways.items():
            with self.subTest(way=way):
                file = one_page(b"BT /F1 12 Tf 60 760 Td (text) Tj ET " + content, b"/ExtGState << /G0 << /ca 0 >> >>")
                refusal, answer = self.outcome(file)
                self.assertIsNone(refusal)
                part = answer.parts["a"]
                self.assertNotIn("hemligt", outside.all_text(part).replace("\n", ""))
                found = answer.finding_kinds() & {"covered_text", "invisible_text"}
                self.assertTrue(found, answer.report)
                strict, _ = self.outcome(file, {kind: "refuse" for kind in found})
                self.assertEqual(strict, "found")

    def test_what_is_seen_is_not_called_hidden(self):
        seen = [b"BT /F1 12 Tf 60 700 Td (text) Tj ET", b"0.2 0.4 0.8 rg 50 690 200 30 re f 1 g BT /F1 12 Tf 60 700 Td (vit) Tj ET",
                b"BT /F1 5 Tf 60 700 Td (liten text, i il.) Tj ET", b"0.85 g BT /F1 14 Tf 60 700 Td (ljus) Tj ET",
                b"q 0.7 0.7 -0.7 0.7 200 400 cm BT /F1 12 Tf (sned text) Tj ET Q"]
        for content in seen:
            with self.subTest(content=content):
                refusal, answer = self.outcome(one_page(content))
                self.assertIsNone(refusal)
                self.assertEqual(answer.finding_kinds(), {"metadata", "replaced_font"})

    # SPEC PART-25
    def test_a_covered_or_cropped_image_is_not_in_the_part(self):
        noise = Image.merge("RGB", [Image.effect_noise((120, 120), 80) for _ in range(3)])
        ways = {"whole": b"q 200 0 0 200 60 400 cm /I Do Q", "covered": b"q 200 0 0 200 60 400 cm /I Do Q 60 400 100 100 re f",
                "cropped": b"q 60 400 100 100 re W n 200 0 0 200 60 400 cm /I Do Q",
                "beside": b"q 200 0 0 200 500 400 cm /I Do Q"}
        for way, content in ways.items():
            with self.subTest(way=way):
                pixels = zlib.compress(noise.tobytes())
                pdf, root, info = raw_pdf(content)
                image = pdf.add(b"<< /Type /XObject /Subtype /Image /Width 120 /Height 120 /ColorSpace /DeviceRGB /BitsPerComponent 8 "
                                b"/Filter /FlateDecode /Length %d >>\nstream\n" % len(pixels) + pixels + b"\nendstream")
                pdf.objects[4] = pdf.objects[4].replace(b"/Font", b"/XObject << /I %d 0 R >> /Font" % image)
                _, answer = self.outcome(pdf.write(root, info))
                part = outside.unpacked(answer.parts["a"])
                is_there = any(noise.tobytes()[row * 360:row * 360 + 90] in part for row in (20, 60, 100))
                self.assertEqual(is_there, way == "whole")
                self.assertEqual("covered_image" in answer.finding_kinds(), way != "whole")

    def test_hidden_layers_are_cut_and_shown_ones_stay(self):
        for state, expected in ((b"/OFF [%d 0 R]", False), (b"/ON [%d 0 R]", True), (b"/BaseState /OFF", False),
                                (b"/BaseState /OFF /ON [%d 0 R]", True)):
            with self.subTest(state=state):
                pdf, root, info = raw_pdf(b"/OC /L BDC BT /F1 12 Tf 60 700 Td (lager) Tj ET EMC BT /F1 12 Tf 60 600 Td (annat) Tj ET")
                layer = pdf.add(b"<< /Type /OCG /Name (x) >>")
                pdf.objects[4] = pdf.objects[4].replace(b"/Font", b"/Properties << /L %d 0 R >> /Font" % layer)
                shown = state % layer if b"%d" in state else state
                pdf.objects[root] = pdf.objects[root].replace(b">>", b"/OCProperties << /OCGs [%d 0 R] /D << %s >> >> >>" % (layer, shown))
                _, answer = self.outcome(pdf.write(root, info))
                text = outside.all_text(answer.parts["a"])
                self.assertEqual("lager" in text, expected)
                self.assertIn("annat", text)
                self.assertEqual("hidden_layer" in answer.finding_kinds(), not expected)

    def test_annotations_are_stripped_or_flattened_by_policy(self):
        pdf, root, info = raw_pdf(b"BT /F1 12 Tf 60 700 Td (text) Tj ET")
        look = pdf.stream(b"BT /F1 12 Tf 2 2 Td (anteckning) Tj ET",
                          b"/Type /XObject /Subtype /Form /BBox [0 0 100 20] /Resources << /Font << /F1 1 0 R >> >>")
        note = pdf.add(b"<< /Type /Annot /Subtype /FreeText /Rect [60 600 160 620] /Contents (dold) /AP << /N %d 0 R >> /F 4 >>" % look)
        pdf.objects[4] = pdf.objects[4].replace(b"/Parent", b"/Annots [%d 0 R] /Parent" % note)
        file = pdf.write(root, info)
        for action, is_there in (("strip", False), ("flatten", True)):
            _, answer = self.outcome(file, {"annotation": action})
            self.assertEqual("anteckning" in outside.all_text(answer.parts["a"]), is_there)
            self.assertNotIn(b"dold", outside.unpacked(answer.parts["a"]))
        self.assertEqual(self.outcome(file, {"annotation": "refuse"})[0], "found")


class BadInput(unittest.TestCase):
    def refused(self, file, parts=None):
        answer = child.partition(PDF, file, parts or {"a": [WHOLE]})
        self.assertEqual((answer.status, answer.parts), (0, {}))
        return answer.refusal

    def test_encrypted_files(self):
        with tempfile.TemporaryDirectory() as folder:
            plain, locked = os.path.join(folder, "a.pdf"), os.path.join(folder, "b.pdf")
            with open(plain, "wb") as out:
                out.write(one_page(b""))
            for user in ("secret", ""):  # one that opens without a password is encrypted all the same
                subprocess.run(["qpdf", "--encrypt", user, "owner", "256", "--", plain, locked], check=True)
                with open(locked, "rb") as file:
                    self.assertEqual(self.refused(file.read()), "encrypted")

    def test_damaged_files(self):
        whole = one_page(b"BT /F1 12 Tf (x) Tj ET")
        self.assertEqual(self.refused(whole[:len(whole) // 2]), "damaged")
        self.assertEqual(self.refused(whole.replace(b"startxref\n", b"startxref\n9")), "damaged")
        self.assertEqual(self.refused(whole.replace(b"/Kids [", b"/Kidz [")), "damaged")

    def test_files_that_bite_their_tail(self):
        pdf, root, info = raw_pdf(b"/X Do")
        form = pdf.stream(b"/X Do", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X %d 0 R >> >>" % len(pdf.objects))
        pdf.objects[4] = pdf.objects[4].replace(b"/Font", b"/XObject << /X %d 0 R >> /Font" % form)
        answer = child.partition(PDF, pdf.write(root, info), {"a": [WHOLE]})
        self.assertEqual(answer.status, 0)  # a form that paints itself paints nothing; what matters is that this ends
        pdf, root, info = raw_pdf(b"")
        pdf.objects[2] = b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"
        self.assertEqual(self.refused(pdf.write(root, info)), "damaged")

    def test_bombs(self):
        pdf, root, info = raw_pdf(b"")
        packed = zlib.compress(zlib.compress(bytes(200 << 20), 9), 9)
        pdf.objects[3] = b"<< /Filter [/FlateDecode /FlateDecode] /Length %d >>\nstream\n" % len(packed) + packed + b"\nendstream"
        self.assertEqual(self.refused(pdf.write(root, info)), "too_costly")
        pdf, root, info = raw_pdf(b"q 9 0 0 9 9 9 cm /I Do Q")
        image = pdf.stream(b"", b"/Type /XObject /Subtype /Image /Width 200000 /Height 200000 /ColorSpace /DeviceRGB /BitsPerComponent 8")
        pdf.objects[4] = pdf.objects[4].replace(b"/Font", b"/XObject << /I %d 0 R >> /Font" % image)
        self.assertEqual(self.refused(pdf.write(root, info)), "too_large")

    def test_fonts_that_nothing_can_stand_for(self):
        pdf, root, info = raw_pdf(b"BT /F1 12 Tf (x) Tj ET")
        pdf.objects[1] = (b"<< /Type /Font /Subtype /Type0 /BaseFont /SimSun /Encoding /Identity-H /DescendantFonts "
                          b"[<< /Type /Font /Subtype /CIDFontType2 /BaseFont /SimSun /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>] >>")
        self.assertEqual(self.refused(pdf.write(root, info)), "missing_font")

    def test_files_with_pages_made_by_a_program_and_folders_of_files(self):
        for more in (b"/AcroForm << /Fields [] /XFA (x) >>", b"/Collection << >>"):
            pdf, root, info = raw_pdf(b"")
            pdf.objects[root] = pdf.objects[root].replace(b">>", more + b" >>")
            self.assertEqual(self.refused(pdf.write(root, info)), "unsupported")

    def test_too_many_pages(self):
        file, _, _ = journal.make([("a", 1)], lines=2)
        self.assertIsNone(child.partition(PDF, file, {"a": [WHOLE]}).refusal)
        pdf, root, info = raw_pdf(b"")
        pdf.objects[2] = b"<< /Type /Pages /Kids [%s] /Count 2001 >>" % b" ".join(
            b"%d 0 R" % pdf.add(pdf.objects[4]) for _ in range(2001))
        self.assertEqual(self.refused(pdf.write(root, info)), "too_many")

    def test_random_damage_ends_in_an_answer(self):
        import random
        file, _, _ = journal.make([("a", 1), ("b", 1)], lines=5)
        rng = random.Random(4)
        for _ in range(40):
            broken = bytearray(file)
            for _ in range(rng.randint(1, 30)):
                broken[rng.randrange(len(broken))] = rng.randrange(256)
            answer = child.partition(PDF, bytes(broken), {"a": [WHOLE]})
            # A crash would be a signal: the child is shut in, but this one did not need to be.
            self.assertEqual(answer.status, 0)


class Cost(unittest.TestCase):
    def test_memory_of_a_journal_of_500_pages_is_within_the_limit(self):
        """The child's own limit is what holds: it would be refused as too costly. Times are told, not judged."""
        for count in (40, 500):
            file, _, _ = journal.make([(f"Kapitel {n}", count // 5) for n in range(5)])
            answer = child.partition(PDF, file, {f"k{n}": [bookmark(f"Kapitel {n}")] for n in range(5)})
            self.assertIsNone(answer.refusal)
            self.assertEqual(len(answer.parts), 5)
            print(f"counts: {count} pages in {answer.seconds:.2f} s; the largest child took "
                  f"{child.children_peak_bytes() >> 20} MiB", flush=True)
        self.assertLess(child.children_peak_bytes(), 512 << 20)


if __name__ == "__main__":
    unittest.main()
