"""Letters and forms: a small text format, laid out as a PDF.

A text begins with `name: value` lines (organisation, unit, address, kind, signature …) up to an empty line. Then come
`# heading`, `## heading`, `- item`, `| cell | cell |` (first row: headings), and paragraphs, with **bold** inside. Short
lines that follow each other without an empty line stay lines of their own (a signature).
"""
import re

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas
from reportlab.platypus import (BaseDocTemplate, CondPageBreak, Frame, ListFlowable, ListItem, PageTemplate, Paragraph, Spacer,
                                Table, TableStyle)

FONTS = "/usr/share/fonts/truetype/liberation"
NOTICE = "Påhittat dokument för demonstration av Flikvakt. Personer, organisationer och händelser finns inte."
# The colour of each letterhead.
COLOURS = {"Region": "#00577a", "Försäkringskassan": "#1c6b48", "Arbetsförmedlingen": "#2b3280", "Påhittköpings kommun": "#7a2f2f",
           "Samordningsförbundet": "#6a4c93", "Stegvis": "#b4530a"}

for name in ("Regular", "Bold"):
    pdfmetrics.registerFont(TTFont(f"Sans-{name}", f"{FONTS}/LiberationSans-{name}.ttf"))
pdfmetrics.registerFontFamily("Sans-Regular", normal="Sans-Regular", bold="Sans-Bold", italic="Sans-Regular", boldItalic="Sans-Bold")

BODY = ParagraphStyle("body", fontName="Sans-Regular", fontSize=11, leading=16.5, spaceAfter=7)
CELL = ParagraphStyle("cell", parent=BODY, fontSize=9.5, leading=13, spaceAfter=0)
TITLE = ParagraphStyle("title", parent=BODY, fontName="Sans-Bold", fontSize=17, leading=22, spaceAfter=10)
HEADING = ParagraphStyle("heading", parent=BODY, fontName="Sans-Bold", fontSize=12, leading=16, spaceBefore=9, spaceAfter=3)


def parse(text):
    """(head, blocks): head is {name: value}; a block is (kind, content) with kind title, heading, list, table or text."""
    head_text, _, body = text.partition("\n\n")
    head = dict(line.split(": ", 1) for line in head_text.splitlines())
    blocks = []
    for block in re.split(r"\n\s*\n", body.strip()):
        lines = block.splitlines()
        if lines[0].startswith("## "):
            blocks.append(("heading", lines[0][3:]))
        elif lines[0].startswith("# "):
            blocks.append(("title", lines[0][2:]))
        elif lines[0].startswith("- "):
            blocks.append(("list", [line[2:] for line in lines]))
        elif lines[0].startswith("|"):
            blocks.append(("table", [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]))
        else:
            blocks.append(("text", lines))
    return head, blocks


def markup(text):
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", escaped)


def column_widths(rows, width):
    """Shares of the width by the longest cell of each column, none too narrow."""
    longest = [min(46, max(len(row[column]) for row in rows)) + 4 for column in range(len(rows[0]))]
    return [width * length / sum(longest) for length in longest]


def table(rows, width, colour):
    headings = [[Paragraph(f"<b>{markup(cell)}</b>", CELL) for cell in rows[0]]]
    cells = [[Paragraph(markup(cell), CELL) for cell in row] for row in rows[1:]]
    made = Table(headings + cells, colWidths=column_widths(rows, width), repeatRows=1, spaceBefore=3, spaceAfter=9)
    made.setStyle(TableStyle([("LINEBELOW", (0, 0), (-1, 0), 1, colour), ("LINEBELOW", (0, 1), (-1, -1), 0.25, colors.lightgrey),
                              ("VALIGN", (0, 0), (-1, -1), "TOP"), ("TOPPADDING", (0, 0), (-1, -1), 3),
                              ("BOTTOMPADDING", (0, 0), (-1, -1), 4), ("LEFTPADDING", (0, 0), (-1, -1), 3)]))
    return made


def flowables(blocks, width, colour):
    for kind, content in blocks:
        if kind == "title":
            yield Paragraph(markup(content), TITLE)
        elif kind == "heading":
            yield CondPageBreak(28 * mm)
            yield Paragraph(markup(content), HEADING)
        elif kind == "list":
            items = [ListItem(Paragraph(markup(item), BODY), leftIndent=14) for item in content]
            yield ListFlowable(items, bulletType="bullet", bulletFontSize=6, bulletOffsetY=-2.5, leftIndent=14, start="●")
        elif kind == "table":
            yield table(content, width, colour)
        else:
            yield Paragraph("<br/>".join(markup(line) for line in content), BODY)
    yield Spacer(1, 4)


class NumberedCanvas(canvas.Canvas):
    """Draws head and foot when the number of pages is known."""

    def __init__(self, *arguments, furniture, **named):
        super().__init__(*arguments, **named)
        self.furniture, self.finished = furniture, []

    def showPage(self):
        self.finished.append(dict(self.__dict__))
        self._startPage()

    def save(self):
        for number, page in enumerate(self.finished, 1):
            self.__dict__.update(page)
            self.furniture(self, number, len(self.finished))
            super().showPage()
        super().save()


def write_pdf(parsed, document, subject, path):
    head, blocks = parsed
    width, height = A4
    colour = colors.HexColor(next((value for key, value in COLOURS.items() if head["organisation"].startswith(key)), "#333333"))

    def furniture(page, number, total):
        page.setFillColor(colour)
        page.rect(22 * mm, height - 19 * mm, 4 * mm, 9 * mm, stroke=0, fill=1)
        page.setFont("Sans-Bold", 12)
        page.drawString(28.5 * mm, height - 14 * mm, head["organisation"])
        page.setFillColor(colors.black)
        page.setFont("Sans-Regular", 8.5)
        page.drawString(28.5 * mm, height - 18.5 * mm, head.get("unit", ""))
        page.drawRightString(width - 22 * mm, height - 14 * mm, f"{head['kind']}   {document['date']}   Sida {number} ({total})")
        page.drawRightString(width - 22 * mm, height - 18.5 * mm, subject)
        page.setFillColor(colors.grey)
        page.setFont("Sans-Regular", 7.5)
        page.drawString(22 * mm, 14 * mm, head.get("address", ""))
        page.drawString(22 * mm, 10.5 * mm, NOTICE)

    template = BaseDocTemplate(str(path), pagesize=A4, invariant=1, title=document["title"], author=document["author"],
                               subject=NOTICE, creator="Flikvakt demo", lang="sv-SE")
    frame = Frame(22 * mm, 20 * mm, width - 44 * mm, height - 48 * mm, leftPadding=0, rightPadding=0)
    template.addPageTemplates(PageTemplate(frames=[frame]))
    template.build(list(flowables(blocks, width - 44 * mm, colour)),
                   canvasmaker=lambda *arguments, **named: NumberedCanvas(*arguments, furniture=furniture, **named))
