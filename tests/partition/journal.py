"""Journals to divide, made by reportlab: chapters with bookmarks and headings, running heads and feet."""
import io
import random

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas

FONTS = "/usr/share/fonts/truetype/liberation/"
WORDS = ("samtal arbete bedömning insats planering möte återgång smärta sömn träning ekonomi boende stöd kontakt uppföljning "
         "underlag besked ansökan beslut period").split()


def make(chapters, seed=1, lines=40, begin_mid_page=()):
    """chapters: [(title, pages)]. Those in `begin_mid_page` begin on the page on which the one before ends. Returns (bytes,
    {title: [page numbers]}, {page: a word that only that page has})."""
    pdfmetrics.registerFont(TTFont("Body", FONTS + "LiberationSans-Regular.ttf"))
    pdfmetrics.registerFont(TTFont("Head", FONTS + "LiberationSans-Bold.ttf"))
    rng, out = random.Random(seed), io.BytesIO()
    page_of, signs, page = {}, {}, 0
    drawing = canvas.Canvas(out, pagesize=A4, invariant=1)
    drawing.setAuthor("Enheten")

    def begin_page():
        nonlocal page
        page += 1
        drawing.setFont("Body", 8)
        drawing.drawString(60, 810, "Journal för Test Testsson")
        drawing.drawString(500, 30, f"Sida {page}")
        signs[page] = f"tecken{page:04}x{seed}"

    def heading(title, y):
        drawing.bookmarkHorizontal(title, 0, y + 14)
        drawing.addOutlineEntry(title, title, 0)
        drawing.setFont("Head", 14)
        drawing.drawString(60, y, title)
        drawing.setFont("Body", 10)

    def text(y, last):
        drawing.setFont("Body", 10)
        drawing.drawString(60, y, signs[page])
        y -= 14
        while y > last:
            drawing.drawString(60, y, " ".join(rng.choice(WORDS) for _ in range(9)))
            y -= 14
        return y

    for index, (title, pages) in enumerate(chapters):
        if title in begin_mid_page:
            heading(title, 380)
            text(355, 340)
            page_of[title] = [page]
        else:
            if page:
                drawing.showPage()
            begin_page()
            heading(title, 770)
            page_of[title] = [page]
            is_last = pages == 1 and index + 1 < len(chapters) and chapters[index + 1][0] in begin_mid_page
            text(745, 420 if is_last else 770 - 14 * lines)
        for number in range(1, pages):
            drawing.showPage()
            begin_page()
            page_of[title].append(page)
            is_last = number == pages - 1 and index + 1 < len(chapters) and chapters[index + 1][0] in begin_mid_page
            text(770, 420 if is_last else 770 - 14 * lines)
    drawing.showPage()
    drawing.save()
    return out.getvalue(), page_of, signs
