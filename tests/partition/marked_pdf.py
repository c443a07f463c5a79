"""PDFs with a marker in every place of every part: written object by object, since libraries that make PDFs have no words for
most of the places in which something can hide."""
import random
import subprocess
import tempfile
import zlib

WAYS = ("plain", "object streams", "revision", "trailing")  # to end a file
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ"


class Markers:
    """Words that occur nowhere else, and where each may be found: pages by number, or nowhere."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.where = {}  # marker: (place, pages on which it is to be seen, or may be found)

    def new(self, place, page=None, seen=False):
        marker = "Q" + "".join(self.random.choice(ALPHABET) for _ in range(13))
        self.where[marker] = (place, page, seen)
        return marker


def text_string(text):
    return b"(" + text.encode() + b")"


def utf16(text):
    return b"<FEFF" + text.encode("utf-16-be").hex().upper().encode() + b">"


class Pdf:
    def __init__(self):
        self.objects = [None]

    def add(self, body=None):
        self.objects.append(body)
        return len(self.objects) - 1

    def stream(self, data, dictionary=b"", packed=True):
        if packed:
            data, dictionary = zlib.compress(data), dictionary + b" /Filter /FlateDecode"
        return self.add(b"<< " + dictionary + b" /Length %d >>\nstream\n" % len(data) + data + b"\nendstream")

    def write(self, root, info, comment=b""):
        out = bytearray(b"%PDF-1.7\n" + comment)
        offsets = [0]
        for number, body in enumerate(self.objects[1:], 1):
            offsets.append(len(out))
            out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
        start = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % len(self.objects)
        for offset in offsets[1:]:
            out += b"%010d 00000 n \n" % offset
        out += b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
            len(self.objects), root, info, start)
        return bytes(out)


def append_revision(pdf, changed, size, root, info):
    """A newer revision behind the file: `changed` is {number: body}."""
    previous = int(pdf.rsplit(b"startxref", 1)[1].split()[0])
    out = bytearray(pdf)
    lines = []
    for number, body in sorted(changed.items()):
        lines.append(b"%d 1\n%010d 00000 n \n" % (number, len(out)))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n" + b"".join(lines)
    out += b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (
        size, root, info, previous, start)
    return bytes(out)


def with_object_streams(pdf):
    with tempfile.NamedTemporaryFile(suffix=".pdf") as source:
        source.write(pdf)
        source.flush()
        return subprocess.run(["qpdf", "--object-streams=generate", source.name, "-"], stdout=subprocess.PIPE, check=True).stdout


def jpeg_with(marker):
    import io
    from PIL import Image
    out = io.BytesIO()
    Image.new("RGB", (24, 24), (200, 30, 30)).save(out, "JPEG", comment=marker.encode())
    return out.getvalue()


def make(seed, pages=4, way=None):
    """(bytes, {marker: (place, page, seen)}). `way`: one of WAYS; none: as the seed throws."""
    markers, pdf = Markers(seed), Pdf()
    rng = random.Random(seed * 7 + 1)
    font = pdf.add(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    tree = pdf.add()
    layer = pdf.add(b"<< /Type /OCG /Name " + text_string(markers.new("name of a layer")) + b" >>")
    page_numbers, widgets, outline_items, structure = [], [], [], []
    shared_form = pdf.stream(b"BT /F1 8 Tf 40 20 Td (footer) Tj ET",
                             b"/Type /XObject /Subtype /Form /BBox [0 0 600 60] /Resources << /Font << /F1 %d 0 R >> >> "
                             b"/PieceInfo << /X << /Private %s >> >>" % (font, text_string(markers.new("private data of a form"))))
    for page in range(1, pages + 1):
        new = lambda place, seen=False: markers.new(place, page, seen)
        content = [b"% " + new("comment in contents").encode() + b"\n/Fm0 Do"]
        y = 760
        for _ in range(rng.randint(2, 4)):
            content.append(b"BT /F1 12 Tf 60 %d Td (%s) Tj ET" % (y, new("text", True).encode()))
            y -= 20
        content.append(b"/Span << /ActualText %s >> BDC BT /F1 12 Tf 60 %d Td (%s) Tj ET EMC"
                       % (utf16(new("replacement text")), y, new("tagged text", True).encode()))
        content.append(b"BT 3 Tr /F1 12 Tf 60 600 Td (%s) Tj ET BT 0 Tr ET" % new("text that is not painted").encode())
        content.append(b"/OC /L0 BDC BT /F1 12 Tf 60 560 Td (%s) Tj ET EMC" % new("text of a hidden layer").encode())
        flattened = rng.random() < 0.5
        if flattened:
            content.append(b"1 1 1 rg BT /F1 12 Tf 60 520 Td (%s) Tj ET 0 g" % new("white text").encode())
            content.append(b"BT /F1 12 Tf 60 480 Td (%s) Tj ET 0 g 50 470 300 30 re f" % new("text beneath a bar").encode())
            content.append(b"BT /F1 12 Tf 900 440 Td (%s) Tj ET" % new("text beside the page").encode())
            content.append(b"q 60 380 10 10 re W n BT /F1 12 Tf 200 400 Td (%s) Tj ET Q" % new("text outside a clip").encode())
        image = jpeg_with(new("comment in an image"))
        picture = pdf.add(b"<< /Type /XObject /Subtype /Image /Width 24 /Height 24 /ColorSpace /DeviceRGB /BitsPerComponent 8 "
                          b"/Filter /DCTDecode /Length %d >>\nstream\n" % len(image) + image + b"\nendstream")
        content.append(b"q 50 0 0 50 60 300 cm /Im0 Do Q")
        body = pdf.stream(b"\n".join(content), packed=rng.random() < 0.7)
        number = pdf.add()
        note = pdf.add(b"<< /Type /Annot /Subtype /Text /Rect [500 700 520 720] /Contents %s /T %s >>"
                       % (text_string(new("note")), utf16(new("author of a note"))))
        link = pdf.add(b"<< /Type /Annot /Subtype /Link /Rect [60 700 160 720] /A << /S /URI /URI %s >> >>"
                       % text_string("https://example.org/" + new("address of a link")))
        launch = pdf.add(b"<< /Type /Annot /Subtype /Link /Rect [60 740 160 760] /A << /S /JavaScript /JS %s >> >>"
                         % text_string("app.alert('" + new("script") + "')"))
        shown = new("value of a field", True)
        look = pdf.stream(b"BT /F1 10 Tf 2 4 Td (%s) Tj ET" % shown.encode(),
                          b"/Type /XObject /Subtype /Form /BBox [0 0 200 20] /Resources << /Font << /F1 %d 0 R >> >>" % font)
        widget = pdf.add(b"<< /Type /Annot /Subtype /Widget /FT /Tx /Rect [300 640 500 660] /T %s /TU %s /V %s /DV %s "
                         b"/AP << /N %d 0 R >> /F 4 /P %d 0 R >>"
                         % (text_string("f%d_" % page + new("name of a field")), text_string(new("help of a field")),
                            text_string(shown), text_string(new("default of a field")), look, number))
        widgets.append(widget)
        xmp = pdf.stream(b"<x>" + new("XMP of a page").encode() + b"</x>", b"/Type /Metadata /Subtype /XML", packed=False)
        thumb = pdf.stream(new("thumbnail").encode() * 3, b"/Width 2 /Height 7 /ColorSpace /DeviceRGB /BitsPerComponent 8")
        pdf.objects[number] = (
            b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources << /Font << /F1 %d 0 R >> "
            b"/XObject << /Im0 %d 0 R /Fm0 %d 0 R >> /Properties << /L0 %d 0 R >> >> /Annots [%d 0 R %d 0 R %d 0 R %d 0 R] "
            b"/Metadata %d 0 R /Thumb %d 0 R /PieceInfo << /App << /Private %s >> >> >>"
            % (tree, body, font, picture, shared_form, layer, note, link, launch, widget, xmp, thumb,
               text_string(new("private data of a page"))))
        page_numbers.append(number)
        outline_items.append((new("bookmark"), number))
        structure.append(pdf.add(b"<< /Type /StructElem /S /P /P null /Alt %s /E %s /Pg %d 0 R >>"
                                 % (text_string(new("alternative text")), text_string(new("expansion")), number)))
    kids = b" ".join(b"%d 0 R" % number for number in page_numbers)
    pdf.objects[tree] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages)
    attached = pdf.stream(markers.new("attached file").encode(), b"/Type /EmbeddedFile")
    spec = pdf.add(b"<< /Type /Filespec /F %s /UF %s /EF << /F %d 0 R >> /Desc %s >>"
                   % (text_string(markers.new("name of an attachment")), utf16(markers.new("unicode name of an attachment")),
                      attached, text_string(markers.new("description of an attachment"))))
    outlines = pdf.add()
    first = len(pdf.objects)
    for index, (title, number) in enumerate(outline_items):
        links = (b"/Prev %d 0 R " % (first + index - 1) if index else b"") + (
            b"/Next %d 0 R " % (first + index + 1) if index + 1 < pages else b"")
        pdf.add(b"<< /Title %s /Parent %d 0 R %s/Dest [%d 0 R /Fit] >>" % (utf16(title), outlines, links, number))
    pdf.objects[outlines] = b"<< /Type /Outlines /First %d 0 R /Last %d 0 R /Count %d >>" % (first, first + pages - 1, pages)
    tags = pdf.add(b"<< /Type /StructTreeRoot /K [%s] >>" % b" ".join(b"%d 0 R" % one for one in structure))
    xmp = pdf.stream(b"<x>" + markers.new("XMP").encode() + b"</x>", b"/Type /Metadata /Subtype /XML", packed=False)
    pdf.add(b"<< /Orphan %s >>" % text_string(markers.new("object that nothing refers to")))
    info = pdf.add(b"<< /Title %s /Author %s /Keywords %s /Custom %s >>"
                   % tuple(text_string(markers.new(f"info {n}")) for n in range(4)))
    root = pdf.add(
        b"<< /Type /Catalog /Pages %d 0 R /Outlines %d 0 R /Metadata %d 0 R /StructTreeRoot %d 0 R /MarkInfo << /Marked true >> "
        b"/Names << /EmbeddedFiles << /Names [(a) %d 0 R] >> /JavaScript << /Names [(j) << /S /JavaScript /JS %s >>] >> >> "
        b"/AcroForm << /Fields [%s] /DR << /Font << /F1 %d 0 R >> >> /DA (/F1 10 Tf) >> "
        b"/OCProperties << /OCGs [%d 0 R] /D << /OFF [%d 0 R] /Creator %s >> >> /OpenAction << /S /JavaScript /JS %s >> "
        b"/PageLabels << /Nums [0 << /P %s >>] >> >>"
        % (tree, outlines, xmp, tags, spec, text_string(markers.new("named script")),
           b" ".join(b"%d 0 R" % widget for widget in widgets), font, layer, layer,
           text_string(markers.new("creator of layers")), text_string(markers.new("script at opening")),
           text_string(markers.new("label of pages"))))
    data = pdf.write(root, info, b"% " + markers.new("comment of the file").encode() + b"\n")
    thrown = rng.choice(WAYS)
    way = way or thrown
    if way == "object streams":
        data = with_object_streams(data)
    elif way == "revision":
        # The page's contents as they were in the older revision; the newer one says something else.
        newer = zlib.compress(b"BT /F1 12 Tf 60 700 Td (%s) Tj ET" % markers.new("text of the newer revision", 1, True).encode())
        number = page_numbers[0]
        page = pdf.objects[number].replace(b"/Contents ", b"/Contents %d 0 R /Was " % len(pdf.objects), 1)
        stream = b"<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(newer) + newer + b"\nendstream"
        data = append_revision(data, {number: page, len(pdf.objects): stream}, len(pdf.objects) + 1, root, info)
        for marker, (place, at, seen) in list(markers.where.items()):
            if at == 1 and seen and place not in ("text of the newer revision", "value of a field"):
                markers.where[marker] = (place + ", older revision", 1, False)
    elif way == "trailing":
        data += b"\n" + markers.new("data behind the file").encode()
    return data, markers.where
