"""A journal of forty pages becomes five flikar: the region sends it whole, `flikvakt-partition` divides it, and the team and the
provider see each their parts. What is hidden in it (a note that covered text still holds, a comment, a file) is in none.
"""
import io
import json
import struct
import subprocess
import zlib

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas

import clients
import documents
import letter  # registers the typefaces
import wire

FRAME = "application/vnd.flikvakt.partition"
PAGES_EACH = 8
# Heading in the journal, and the flik that it goes to.
CHAPTERS = [("Besök och anteckningar", "journal"), ("Läkarutlåtanden", "lakarutlatande"), ("Arbetsförmåga", "arbetsformaga"),
            ("Rehabilitering", "rehabplan"), ("Arbete och meriter", "anstallning")]
# Of another patient, whose letter was written over: white on white; and what the clinic noted on the side.
HIDDEN = {"covered": "Gäller egentligen patienten Vera Förlagesson", "comment": "Ring inte modern om detta",
          "attached": "Bifogad lista över andra patienter"}
LINES = ("Samtal om vardagen och om vad som fungerar.", "Sömnen är bättre sedan förra besöket.", "Planen följs upp med teamet.",
         "Handleden är fortfarande stel på morgonen.", "Vi talar om steg mot arbete på halvtid.", "Nästa besök bokas i samråd.")


def sign(page):
    """A word that stands on this page only."""
    return f"Anteckningsnummer {7_310_000 + page * 37}"


def pages_of(flik):
    first = [code for _, code in CHAPTERS].index(flik) * PAGES_EACH + 1
    return range(first, first + PAGES_EACH)


def make(person):
    """The journal as the clinic's system prints it."""
    out = io.BytesIO()
    drawing = canvas.Canvas(out, pagesize=A4, invariant=1)
    drawing.setTitle("Journal " + person)
    drawing.setAuthor("Vårdcentralen Lindängen")
    for page in range(1, PAGES_EACH * len(CHAPTERS) + 1):
        heading = CHAPTERS[(page - 1) // PAGES_EACH][0]
        drawing.setFont("Sans-Regular", 8)
        drawing.drawString(60, 812, "Vårdcentralen Lindängen. " + letter.NOTICE)
        drawing.drawString(500, 28, f"Sida {page}")
        y = 770
        if (page - 1) % PAGES_EACH == 0:
            drawing.bookmarkPage(heading)
            drawing.addOutlineEntry(heading, heading, 0)
            drawing.setFont("Sans-Bold", 15)
            drawing.drawString(60, y, heading)
            y -= 28
        drawing.setFont("Sans-Regular", 11)
        drawing.drawString(60, y, f"{person}. {sign(page)}.")
        for number in range(24):
            y -= 26
            drawing.drawString(60, y, LINES[(page * 5 + number) % len(LINES)])
        if page == 3:
            drawing.setFillColorRGB(1, 1, 1)
            drawing.drawString(60, 60, HIDDEN["covered"])
            drawing.setFillColorRGB(0, 0, 0)
        if page == 5:
            drawing.textAnnotation(HIDDEN["comment"], [400, 700, 420, 720])
        drawing.showPage()
    drawing.save()
    return attach(out.getvalue(), HIDDEN["attached"].encode("utf-8"))


def attach(pdf, data):
    """A file in the file, behind it as a newer revision."""
    root, info = (int(pdf.rsplit(name, 1)[1].split()[0]) for name in (b"/Root ", b"/Info "))
    size = int(pdf.rsplit(b"/Size ", 1)[1].split()[0])
    previous = int(pdf.rsplit(b"startxref", 1)[1].split()[0])
    start = pdf.index(b"%d 0 obj" % root)
    catalog = pdf[pdf.index(b"<<", start):pdf.index(b"endobj", start)].rstrip()
    packed = zlib.compress(data)
    changed = {root: catalog[:-2] + b"/Names << /EmbeddedFiles << /Names [(a) %d 0 R] >> >> >>" % (size + 1),
               size: b"<< /Type /EmbeddedFile /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed) + packed + b"\nendstream",
               size + 1: b"<< /Type /Filespec /F (lista.txt) /EF << /F %d 0 R >> >>" % size}
    out, table = bytearray(pdf), b""
    for number, body in sorted(changed.items()):
        table += b"%d 1\n%010d 00000 n \n" % (number, len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    end = len(out)
    return bytes(out) + b"xref\n" + table + b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (
        size + 2, root, info, previous, end)


def rule():
    """How the region's journals are divided: its registrar says it once."""
    return {"kind": "set_partition_rule", "document_type": "journal", "version": 1, "name": "Journalutskrift", "media_type": "application/pdf",
            "parts": [{"flik": flik, "takes": [{"kind": "bookmark", "name": heading}]} for heading, flik in CHAPTERS], "findings": []}


def divide(staff, number, content):
    """(report, {part: bytes}) of the gateway's answer."""
    return divided(staff, staff.handle(number), content)


def divided(staff, handle, content):
    order = json.dumps({"person": handle, "document_type": "journal"}).encode("utf-8")
    frame = b"FVO1" + struct.pack(">IQ", len(order), len(content)) + order + content
    answer = staff.ask("POST", "/v1/partitions", [("Content-Type", FRAME)], frame)
    if answer.status != 200:
        raise clients.Refused(f"the journal was not divided: {answer.status_line}: {answer.body[:300]!r}")
    text, body = struct.unpack(">IQ", answer.body[4:16])
    report, rest, out = json.loads(answer.body[16:16 + text]), answer.body[16 + text:], {}
    for part in report["parts"]:
        out[part["name"]], rest = rest[:part["size"]], rest[part["size"]:]
    return report, out


def words(pdf):
    """What another reader of PDF reads on its pages, but for blanks and how letters join: these are the reader's choice."""
    read = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, stdout=subprocess.PIPE, check=True).stdout.decode("utf-8", "replace")
    for joined, letters in (("ﬀ", "ff"), ("ﬁ", "fi"), ("ﬂ", "fl"), ("ﬃ", "ffi"), ("ﬄ", "ffl")):
        read = read.replace(joined, letters)
    return "".join(read.split())


def text_of(pdf):
    """What another reader of PDF finds in it, and what lies in its streams."""
    read = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, stdout=subprocess.PIPE, check=True).stdout
    out = [read, pdf]
    for piece in pdf.split(b"stream")[1::2]:
        try:
            out.append(zlib.decompressobj().decompress(piece.lstrip(b"\r\n")))
        except zlib.error:
            pass
    return b"\n".join(out).decode("utf-8", "replace")


def play(story):
    """Deposits the parts; gives back nothing: `look` reads them."""
    from scenes import say
    person = story.cast.milo
    content = make(documents.people()["milo"]["name"])
    story.cast.kim.act(rule())
    report, parts = divide(story.cast.maja, person.number, content)
    story.journal = {"report": report, "documents": {}, "parts": parts}
    for heading, flik in CHAPTERS:
        document = {"flik": flik, "title": heading + ", ur journalen", "author": "Vårdcentralen Lindängen", "date": "2026-10-20",
                    "media_type": "application/pdf"}
        story.journal["documents"][flik] = story.cast.maja.deposit(person.number, document, parts[flik])
    found = ", ".join(sorted({finding["kind"] for finding in report["findings"]}))
    say(f"Regionen lämnar in en hel journal, {report['pages']} sidor: den blir {len(parts)} flikar. Hittat och borttaget: {found}.")


def seen_by(story, who, purpose):
    """{flik: the pages whose words this reader got, and what was hidden}: of every part that it can open."""
    out = {}
    for flik, document in story.journal["documents"].items():
        answer = story.read(who, document, purpose)
        if answer.status != 200:
            out[flik] = answer.status
            continue
        text = text_of(answer.body)
        out[flik] = {"as_deposited": answer.body == story.journal["parts"][flik],
                     "pages": [page for page in range(1, PAGES_EACH * len(CHAPTERS) + 1) if sign(page) in text],
                     "hidden": [name for name, words in HIDDEN.items() if words in text]}
    return out


def look(story):
    """Evidence for the line `journal`."""
    from scenes import say
    team, provider = seen_by(story, story.cast.jorun, "konsultation"), seen_by(story, story.cast.elin, "insats")
    both = ", ".join(flik for flik in team if isinstance(team[flik], dict)), ", ".join(
        flik for flik in provider if isinstance(provider[flik], dict))
    say(f"Av journalen ser teamet {both[0]}; insatsaktören ser {both[1]}.")
    return {"findings": sorted({finding["kind"] for finding in story.journal["report"]["findings"]}),
            "expected": {flik: list(pages_of(flik)) for _, flik in CHAPTERS}, "team": team, "provider": provider}
