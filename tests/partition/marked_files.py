"""FHIR, CDA, office files and images with a marker in every place, and where each may be found."""
import base64
import io
import json
import re
import struct
import zipfile
import zlib

from PIL import Image, PngImagePlugin

from child import resources, section
from marked_pdf import Markers

LOINC = "http://loinc.org"
BUNDLE_RULES = {"prover": [resources("Observation")], "diagnoser": [resources("Condition")],
                "brev": [resources("DocumentReference")]}
DOCUMENT_RULES = {"lakemedel": [section("10160-0")], "social": [section("29762-2")]}
CDA_RULES = {"lakemedel": [section("10160-0")], "social": [section("29762-2")]}


def narrative(text, hidden):
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{text}</p>'
                                          f'<p style="display: none">{hidden}</p><!-- {hidden} --></div>'}


def code(text, loinc="8716-3"):
    return {"coding": [{"system": LOINC, "code": loinc}], "text": text}


def patient(new):
    return {"resourceType": "Patient", "id": "person-0001", "text": narrative(new("narrative"), new("hidden narrative")),
            "identifier": [{"system": "urn:oid:1.2.752.129.2.1.3.1", "value": new("number of the person")}],
            "name": [{"family": new("family name"), "given": [new("given name")]}],
            "telecom": [{"system": "phone", "value": new("phone")}],
            "address": [{"line": [new("street")], "city": new("city")}]}


def observation(number, new, seen):
    return {"resourceType": "Observation", "id": f"observation-{number:04}", "status": "final",
            "meta": {"source": "urn:" + new("source"), "tag": [{"code": new("tag")}]},
            "text": narrative(new("narrative"), new("hidden narrative")), "code": code(seen("code")),
            "subject": {"reference": "Patient/person-0001", "display": new("display of a reference that is cut")},
            "encounter": {"reference": "urn:uuid:" + new("id of a resource that is not here")},
            "performer": [{"identifier": {"system": "urn:x", "value": new("logical reference")}}],
            "derivedFrom": [{"reference": "Condition/condition-0001", "display": new("display of another part's")}],
            "valueString": seen("value"), "note": [{"text": seen("note")}],
            "contained": [{"resourceType": "Device", "id": "d", "text": narrative(new("inner narrative"), new("inner hidden")),
                           "deviceName": [{"name": seen("contained"), "type": "user-friendly-name"}]},
                          {"resourceType": "Patient", "id": "p1", "identifier": [{"value": new("number of a person inside")}],
                           "name": [{"family": new("name of a person inside")}]},
                          {"resourceType": "RelatedPerson", "id": "r1", "patient": {"reference": "#p1", "display": new("display inside")},
                           "name": [{"family": new("name of a relative inside")}]}],
            "focus": [{"reference": "#p1", "display": new("display of a person inside")}],
            "device": {"reference": "#d"},
            "extension": [{"url": "urn:e", "valueString": seen("extension")},
                          {"url": "urn:b", "valueBase64Binary": base64.b64encode(new("bytes in an extension").encode()).decode()}]}


def condition(number, new, seen):
    return {"resourceType": "Condition", "id": f"condition-{number:04}", "subject": {"reference": "Patient/person-0001"},
            "text": narrative(new("narrative"), new("hidden narrative")), "code": code(seen("code")),
            "evidence": [{"detail": [{"reference": "Observation/observation-0001", "display": new("display of another part's")}]}],
            "asserter": {"reference": "Practitioner/practitioner-1", "display": seen("display")},
            "note": [{"text": seen("note")}]}


def fhir_bundle(seed):
    markers = Markers(1000 + seed)
    hidden = lambda at: (lambda place: markers.new(place, at))
    shown = lambda at: (lambda place: markers.new(place, at, True))
    jpeg_bytes, inner = jpeg(seed + 5000)
    markers.where.update({marker: (place, "brev", False) for marker, (place, _, _) in inner.items()})
    letter = {"resourceType": "DocumentReference", "id": "document-0001", "status": "current",
              "subject": {"reference": "Patient/person-0001"}, "description": markers.new("description", "brev", True),
              "content": [{"attachment": {"contentType": "image/jpeg", "data": base64.b64encode(jpeg_bytes).decode(),
                                          "url": "https://example.org/" + markers.new("address", "brev"),
                                          "title": markers.new("title", "brev", True)}}]}
    left_out = {"resourceType": "Procedure", "id": "procedure-0001", "status": "completed",
                "subject": {"reference": "Patient/person-0001"}, "code": code(markers.new("code of what no rule names")),
                "note": [{"text": markers.new("note of what no rule names")}]}
    practitioner = {"resourceType": "Practitioner", "id": "practitioner-1",
                    "text": narrative(markers.new("narrative"), markers.new("hidden narrative")),
                    "name": [{"family": markers.new("who acted", "diagnoser", True)}]}
    entries = [patient(hidden(None)), practitioner, left_out, letter]
    entries += [observation(n, hidden("prover"), shown("prover")) for n in (1, 2)]
    entries += [condition(n, hidden("diagnoser"), shown("diagnoser")) for n in (1, 2)]
    bundle = {"resourceType": "Bundle", "id": markers.new("id of the bundle"), "type": "collection",
              "link": [{"relation": "self", "url": "https://example.org/" + markers.new("link")}],
              "entry": [{"fullUrl": f"https://example.org/{e['resourceType']}/{e['id']}", "resource": e} for e in entries]}
    return json.dumps(bundle).encode(), markers.where


def fhir_document(seed):
    markers = Markers(2000 + seed)

    def part(title, loinc, at, entries, inner=()):
        out = {"title": markers.new("title", at, at is not None), "code": code(title, loinc),
               "text": narrative(markers.new("section text", at, at is not None), markers.new("hidden section text", at)),
               "entry": [{"reference": reference} for reference in entries]}
        if inner:
            out["section"] = list(inner)
        return out

    hidden = lambda at: (lambda place: markers.new(place, at))
    shown = lambda at: (lambda place: markers.new(place, at, True))
    composition = {
        "resourceType": "Composition", "id": "composition-1", "status": "final", "date": "2026-03-01T10:00:00Z",
        "type": code(markers.new("type of the document"), "34133-9"), "title": markers.new("title of the document"),
        "subject": {"reference": "Patient/person-0001", "display": markers.new("display of the person")},
        "author": [{"reference": "Practitioner/practitioner-1", "display": markers.new("display of the author")}],
        "attester": [{"mode": "legal", "party": {"display": markers.new("attester")}}],
        "custodian": {"display": markers.new("custodian")}, "text": narrative(markers.new("narrative"), markers.new("hidden")),
        "section": [part("Medicines", "10160-0", "lakemedel", ["Observation/observation-0001"]),
                    # What is social stands inside what nobody named.
                    part("Background", "46240-8", None, ["Observation/observation-0003"],
                         [part("Social", "29762-2", "social", ["Condition/condition-0001"])])]}
    entries = [composition, patient(hidden(None)),
               {"resourceType": "Practitioner", "id": "practitioner-1", "name": [{"family": markers.new("who acted", "social", True)}]},
               observation(1, hidden("lakemedel"), shown("lakemedel")), observation(3, hidden(None), hidden(None)),
               condition(1, hidden("social"), shown("social"))]
    bundle = {"resourceType": "Bundle", "type": "document", "timestamp": "2026-03-01T10:00:00Z",
              "identifier": {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:" + markers.new("identifier")},
              "entry": [{"fullUrl": f"urn:uuid:{e['id']}", "resource": e} for e in entries]}
    return json.dumps(bundle).encode(), markers.where


def cda(seed):
    markers = Markers(3000 + seed)
    hidden = lambda place, at=None: markers.new(place, at)
    attached, inner = jpeg(seed + 6000)
    markers.where.update({marker: (place, "lakemedel", False) for marker, (place, _, _) in inner.items()})

    def one(title, loinc, at, more="", inner_sections=""):
        seen = lambda place: markers.new(place, at, at is not None)
        return f"""<component><section><!-- {hidden('comment', at)} --><templateId root="2.16.840.1.113883.10.20.22.2.1"/>
          <id root="1.2.3" extension="{hidden('id that the header has, too') if at is None else seen('id of a section')}"/>
          <code code="{loinc}" codeSystem="2.16.840.1.113883.6.1" displayName="{seen('display name')}"/><title>{seen('title')}</title>
          <text><?target {hidden('instruction', at)}?><paragraph ID="n{loinc}" styleCode="{hidden('style', at)}">{seen('narrative')}</paragraph>
            <content revised="delete">{hidden('deleted text', at)}</content>
            <linkHtml href="https://example.org/{hidden('address', at)}">{seen('text of a link')}</linkHtml></text>
          <entry><observation classCode="OBS" moodCode="EVN"><code code="x" codeSystem="1.2"><originalText><reference value="#n{loinc}"/>
            </originalText></code><value xsi:type="ST">{seen('value')}</value><reference value="#{hidden('pointer', at)}"/>
            <x:other xmlns:x="urn:other">{hidden('foreign element', at)}</x:other>
            <author><assignedAuthor><id root="1.2.3" extension="{seen('id of an author')}"/></assignedAuthor></author>
            </observation></entry>{more}{inner_sections}</section></component>"""

    blanks, more = jpeg(seed + 6500)
    markers.where.update({marker: (place, "lakemedel", False) for marker, (place, _, _) in more.items()})
    picture = "".join(f'<entry><observationMedia classCode="OBS" moodCode="EVN"><value mediaType="image/jpeg" representation="{spelled}">'
                      f'{base64.b64encode(one).decode()}</value></observationMedia></entry>' for spelled, one in (("B64", attached), (" B64 ", blanks)))
    text = f"""<?xml version="1.0" encoding="UTF-8"?><!-- {hidden('comment of the file')} -->
<?xml-stylesheet href="{hidden('style sheet')}"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
<id root="1.2.3" extension="{hidden('id of the document')}"/><code code="34133-9" codeSystem="2.16.840.1.113883.6.1" displayName="{hidden('code of the document')}"/>
<title>{hidden('title of the document')}</title><effectiveTime value="20260301"/>
<recordTarget><patientRole><id root="1.2.752" extension="{hidden('number')}"/><addr>{hidden('address')}</addr><telecom value="tel:{hidden('phone')}"/>
<patient><name>{hidden('name of the person')}</name></patient></patientRole></recordTarget>
<author><time value="20260301"/><assignedAuthor><id extension="{hidden('id of the author')}"/><assignedPerson><name>{hidden('author')}</name></assignedPerson></assignedAuthor></author>
<custodian><assignedCustodian><representedCustodianOrganization><name>{hidden('custodian')}</name></representedCustodianOrganization></assignedCustodian></custodian>
<participant typeCode="IND"><associatedEntity><associatedPerson><name>{hidden('relative')}</name></associatedPerson></associatedEntity></participant>
<component><structuredBody>{one('Medicines', '10160-0', 'lakemedel', picture)}
{one('Background', '46240-8', None, inner_sections=one('Social', '29762-2', 'social'))}</structuredBody></component></ClinicalDocument>"""
    return text.encode(), markers.where


# ---- Office files ---------------------------------------------------------------------------------------------------------------

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" ' \
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" ' \
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'


def zip_of(files, first=None):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if first:
            archive.writestr(zipfile.ZipInfo(first), files.pop(first))
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def unzipped(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return [archive.read(name) for name in archive.namelist()] + [name.encode() for name in archive.namelist()]


def docx(seed):
    markers = Markers(4000 + seed)
    seen = lambda place: markers.new(place, None, True)
    new = markers.new
    picture, inner = jpeg(seed + 7000)
    markers.where.update({marker: (place, None, False) for marker, (place, _, _) in inner.items()})
    run = lambda text, props="": f"<w:r w:rsidR=\"00AB12CD\">{props}<w:t>{text}</w:t></w:r>"
    styled = lambda text, style: run(text, f'<w:rPr><w:rStyle w:val="{style}"/></w:rPr>')
    drawn = lambda ident, props="": (
        f'<w:r>{props}<w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">'
        '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
        f'<pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:blipFill><a:blip r:embed="{ident}"/></pic:blipFill></pic:pic>'
        '</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>')
    noted = lambda number, props="": f'<w:r>{props}<w:footnoteReference w:id="{number}"/></w:r>'
    vanish = "<w:rPr><w:vanish/></w:rPr>"
    unseen = f"""<w:p>{drawn('rId10')}<w:del w:id="20" w:author="x">{drawn('rId11')}</w:del>{drawn('rId12', vanish)}</w:p>
      <w:tbl><w:tr><w:trPr><w:del w:id="21" w:author="x"/></w:trPr><w:tc><w:p>{drawn('rId13')}</w:p></w:tc></w:tr>
      <w:tr><w:trPr><w:hidden/></w:trPr><w:tc><w:p>{run(new('hidden row'))}</w:p></w:tc></w:tr></w:tbl>
      <w:p>{run(seen('text with a note'))}{noted(1)}<w:del w:id="22" w:author="x">{noted(2)}</w:del>{noted(3, vanish)}</w:p>
      <w:p><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">
      <mc:Choice Requires="w99">{run(new('alternative that no program knows'))}</mc:Choice><mc:Choice Requires="wps">{run(seen('alternative'))}</mc:Choice>
      <mc:Choice Requires="wps">{run(new('second alternative'))}</mc:Choice><mc:Fallback>{run(new('alternative for older programs'))}</mc:Fallback></mc:AlternateContent></w:p>
      <w:p>{styled(new('white by style'), 'Pale')}{styled(new('white by the style below'), 'Paler')}{styled(new('tiny by style'), 'Tiny')}{styled(seen('plain by style'), 'Plain')}</w:p>"""
    pictures = {"seen": seen("pixels"), "deleted": new("pixels in deleted text"), "hidden": new("pixels in hidden text"), "row": new("pixels in a deleted row")}
    body = unseen + f"""<w:p w14:paraId="12345678"><!-- {new('comment in XML')} -->{run(seen('text'))}
      <w:ins w:id="1" w:author="{new('author of a change')}" w:date="2026-01-01T00:00:00Z">{run(seen('inserted text'))}</w:ins>
      <w:del w:id="2" w:author="{new('author of a change')}"><w:r><w:delText>{new('deleted text')}</w:delText></w:r></w:del>
      <w:moveFrom w:id="3" w:author="x">{run(new('text moved away'))}</w:moveFrom><w:moveTo w:id="4" w:author="x">{run(seen('text moved here'))}</w:moveTo>
      <w:commentRangeStart w:id="0"/>{run(seen('text with a comment'))}<w:commentRangeEnd w:id="0"/><w:r><w:commentReference w:id="0"/></w:r>
      {run(new('hidden text'), '<w:rPr><w:vanish/></w:rPr>')}{run(new('hidden by style'), '<w:rPr><w:rStyle w:val="Ghost"/></w:rPr>')}
      {run(new('tiny text'), '<w:rPr><w:sz w:val="2"/></w:rPr>')}{run(new('white text'), '<w:rPr><w:color w:val="FFFFFF"/></w:rPr>')}
      <w:hyperlink r:id="rId9"><w:r><w:t>{seen('text of a link')}</w:t></w:r></w:hyperlink>
      <w:bookmarkStart w:id="5" w:name="{new('name of a mark')}"/><w:bookmarkEnd w:id="5"/>
      <w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>INCLUDETEXT "{new('field')}"</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>
      <w:sdt><w:sdtPr><w:alias w:val="{new('name of a control')}"/><w:tag w:val="{new('tag of a control')}"/></w:sdtPr><w:sdtContent>{run(seen('text of a control'))}</w:sdtContent></w:sdt>
      <w:r><w:object><w:ole>{new('embedded object')}</w:ole></w:object></w:r></w:p>
      <w:tbl><w:tr><w:tc><w:p>{run(seen('cell'))}</w:p></w:tc></w:tr><w:tr><w:trPr><w:del w:id="6" w:author="x"/></w:trPr><w:tc><w:p>{run(new('deleted row'))}</w:p></w:tc></w:tr></w:tbl>
      <w:p><w:pPr><w:pPrChange w:id="7" w:author="{new('author of a change')}"><w:pPr/></w:pPrChange></w:pPr>
      <w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"><wp:docPr id="1" name="{new('name of an image')}" descr="{new('alternative text')}"/>
      <a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture">
      <pic:blipFill><a:blip r:embed="rId5"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>
      <w:sectPr><w:headerReference w:type="default" r:id="rId6"/><w:headerReference w:type="even" r:id="rId7"/><w:footerReference w:type="first" r:id="rId8"/></w:sectPr>"""
    relation = lambda ident, kind, target, mode="": f'<Relationship Id="{ident}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"{mode}/>'
    relations = [relation("rId1", "styles", "styles.xml"), relation("rId2", "comments", "comments.xml"), relation("rId3", "settings", "settings.xml"),
                 relation("rId4", "vbaProject", "vbaProject.bin"), relation("rId5", "image", "media/image1.jpeg"), relation("rId6", "header", "header1.xml"),
                 relation("rId7", "header", "header2.xml"), relation("rId8", "footer", "footer1.xml"), relation("rId15", "header", "header3.xml"),
                 relation("rId10", "image", "media/seen.png"), relation("rId11", "image", "media/deleted.png"),
                 relation("rId12", "image", "media/hidden.png"), relation("rId13", "image", "media/row.png"), relation("rId14", "footnotes", "footnotes.xml"),
                 relation("rId9", "hyperlink", "https://example.org/" + new("address of a link"), ' TargetMode="External"')]
    files = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>',
        "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{"".join(relations)}</Relationships>',
        "word/styles.xml": f'<w:styles {W}><w:style w:type="character" w:styleId="Ghost"><w:rPr><w:vanish/></w:rPr></w:style>'
                           '<w:style w:type="character" w:styleId="Pale"><w:rPr><w:color w:val="FFFFFF"/></w:rPr></w:style>'
                           '<w:style w:type="character" w:styleId="Paler"><w:basedOn w:val="Pale"/><w:rPr><w:i/></w:rPr></w:style>'
                           '<w:style w:type="character" w:styleId="Tiny"><w:rPr><w:sz w:val="2"/></w:rPr></w:style>'
                           '<w:style w:type="character" w:styleId="Plain"><w:rPr><w:sz w:val="24"/><w:color w:val="000000"/></w:rPr></w:style></w:styles>',
        "word/footnotes.xml": f'<w:footnotes {W}><w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
                              f'<w:footnote w:id="1"><w:p>{run(seen("note"))}</w:p></w:footnote><w:footnote w:id="2"><w:p>{run(new("note of deleted text"))}</w:p></w:footnote>'
                              f'<w:footnote w:id="3"><w:p>{run(new("note of hidden text"))}</w:p></w:footnote></w:footnotes>',
        "word/header2.xml": f"<w:hdr {W}><w:p>{run(new('header of even pages'))}</w:p></w:hdr>",
        "word/header3.xml": f"<w:hdr {W}><w:p>{run(new('header of no section'))}</w:p></w:hdr>",
        "word/footer1.xml": f"<w:ftr {W}><w:p>{run(new('footer of first pages'))}</w:p></w:ftr>",
        **{f"word/media/{name}.png": png_of_pixels(marker) for name, marker in pictures.items()},
        "word/comments.xml": f'<w:comments {W}><w:comment w:id="0" w:author="{new("author of a comment")}"><w:p>{run(new("comment"))}</w:p></w:comment></w:comments>',
        "word/settings.xml": f'<w:settings {W}><w:rsids><w:rsid w:val="00AB12CD"/></w:rsids><w:docVars><w:docVar w:name="v" w:val="{new("variable")}"/></w:docVars></w:settings>',
        "word/header1.xml": f"<w:hdr {W}><w:p>{run(seen('header'))}</w:p></w:hdr>",
        "word/vbaProject.bin": new("macro"), "word/people.xml": f"<p>{new('person who edited')}</p>",
        "word/media/image1.jpeg": picture, "word/embeddings/oleObject1.bin": new("embedded file"),
        "customXml/item1.xml": f"<x>{new('custom data')}</x>",
        "docProps/core.xml": f'<cp:coreProperties xmlns:cp="urn:cp" xmlns:dc="urn:dc"><dc:creator>{new("author")}</dc:creator><cp:lastModifiedBy>{new("last author")}</cp:lastModifiedBy></cp:coreProperties>',
        "docProps/app.xml": f"<Properties><Company>{new('company')}</Company></Properties>",
    }
    return zip_of(files), markers.where


def odt(seed):
    markers = Markers(5000 + seed)
    seen = lambda place: markers.new(place, None, True)
    new = markers.new
    names = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in {
        "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0", "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
        "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0", "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
        "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0", "xlink": "http://www.w3.org/1999/xlink",
        "dc": "http://purl.org/dc/elements/1.1/", "svg": "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
        "script": "urn:oasis:names:tc:opendocument:xmlns:script:1.0",
        "meta": "urn:oasis:names:tc:opendocument:xmlns:meta:1.0"}.items())
    content = f"""<?xml version="1.0" encoding="UTF-8"?><office:document-content {names} office:version="1.2"><!-- {new('comment in XML')} -->
      <office:scripts><script:event-listener script:event-name="dom:load" xlink:href="vnd.sun.star.script:{new('script')}"/></office:scripts>
      <office:automatic-styles><style:style style:name="T1" style:family="text"><style:text-properties text:display="none"/></style:style>
      <style:style style:name="T2" style:family="text"><style:text-properties fo:color="#ffffff"/></style:style>
      <style:style style:name="T3" style:family="text"><style:text-properties fo:font-size="1pt"/></style:style></office:automatic-styles>
      <office:body><office:text><text:tracked-changes><text:changed-region><text:deletion><office:change-info><dc:creator>{new('author of a change')}</dc:creator></office:change-info>
      <text:p>{new('deleted text')}<draw:frame><draw:image xlink:href="Pictures/deleted.png"/></draw:frame></text:p></text:deletion></text:changed-region></text:tracked-changes>
      <text:p>{seen('text')}<text:change text:change-id="ct1"/><text:span text:style-name="T1">{new('hidden text')}</text:span><text:span text:style-name="T2">{new('white text')}</text:span>
      <office:annotation><dc:creator>{new('author of a comment')}</dc:creator><text:p>{new('comment')}</text:p></office:annotation>
      <text:hidden-text text:string-value="{new('conditional text')}">{new('conditional text')}</text:hidden-text>
      <text:a xlink:href="https://example.org/{new('address of a link')}">{seen('text of a link')}</text:a><text:bookmark text:name="{new('name of a mark')}"/></text:p>
      <text:section text:name="s" text:display="none"><text:p>{new('hidden section')}<draw:frame><draw:image xlink:href="Pictures/hidden.png"/></draw:frame></text:p></text:section>
      <text:section text:name="t" text:condition="ooow:1" text:display="condition" text:is-hidden="true"><text:p>{new('section under a condition')}</text:p></text:section>
      <text:section text:name="u" text:condition="ooow:0" text:display="condition" text:is-hidden="false"><text:p>{seen('shown section under a condition')}</text:p></text:section>
      <text:p><text:span text:style-name="T3">{new('tiny by style')}</text:span><draw:frame><draw:image xlink:href="Pictures/seen.png"/>
      <draw:text-box><text:p>{new('text box behind an image')}</text:p></draw:text-box></draw:frame><draw:frame><draw:text-box><text:p>{seen('text box')}</text:p></draw:text-box></draw:frame></text:p>
      <text:p><draw:frame draw:name="{new('name of an image')}"><draw:image xlink:href="Pictures/a.jpg"/><svg:title>{new('title of an image')}</svg:title><svg:desc>{new('alternative text')}</svg:desc></draw:frame>
      <draw:frame><draw:object xlink:href="./Object 1"/></draw:frame></text:p></office:text></office:body></office:document-content>"""
    picture, inner = jpeg(seed + 8000)
    markers.where.update({marker: (place, None, False) for marker, (place, _, _) in inner.items()})
    files = {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content,
             "styles.xml": f"<office:document-styles {names}><office:styles/><office:master-styles><style:master-page style:name='S'><style:header><text:p>{seen('header')}</text:p></style:header></style:master-page></office:master-styles></office:document-styles>",
             "meta.xml": f"<office:document-meta {names}><office:meta><meta:initial-creator>{new('author')}</meta:initial-creator><dc:title>{new('title')}</dc:title></office:meta></office:document-meta>",
             "settings.xml": f"<x>{new('settings')}</x>", "Basic/Standard/Module1.xml": f"<x>{new('macro')}</x>",
             "Object 1/content.xml": f"<x>{new('embedded object')}</x>", "Thumbnails/thumbnail.png": new("thumbnail"), "Pictures/a.jpg": picture,
             "Pictures/seen.png": png_of_pixels(seen("pixels")), "Pictures/deleted.png": png_of_pixels(new("pixels in deleted text")),
             "Pictures/hidden.png": png_of_pixels(new("pixels in a hidden section")),
             "Versions/Version1": new("older version"), "META-INF/manifest.xml": f"<m>{new('manifest')}</m>"}
    return zip_of(files, "mimetype"), markers.where


# ---- Images ---------------------------------------------------------------------------------------------------------------------

def jpeg(seed):
    markers = Markers(seed)
    image = Image.effect_noise((48, 32), 40).convert("RGB")
    exif = Image.Exif()
    exif[0x010E], exif[0x013B] = markers.new("EXIF description"), markers.new("EXIF artist")
    exif[0x8825] = {0x1D: markers.new("GPS date")}
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=markers.new("comment").encode(), quality=90)
    data = out.getvalue()
    extra = b"".join(b"\xff" + bytes([kind]) + struct.pack(">H", len(text) + 2) + text for kind, text in (
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + markers.new("XMP").encode()), (0xED, b"Photoshop 3.0\0" + markers.new("IPTC").encode()),
        (0xE2, b"ICC_PROFILE\0\1\1" + markers.new("profile").encode()), (0xEF, markers.new("odd segment").encode()),
        (0xDC, markers.new("height that is said twice").encode()), (0xDB, b"\3" + markers.new("table that nothing uses").encode().ljust(64, b"\1"))))
    behind = markers.new("behind the last block").encode()
    return data[:2] + extra + data[2:-2] + behind + data[-2:] + markers.new("data behind the image").encode(), markers.where


def png_chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_of_pixels(marker):
    """A grey picture whose pixels are the marker's letters."""
    rows = (b"\0" + marker.encode()) * 6
    return (b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", len(marker), 6, 8, 0, 0, 0, 0)) +
            png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b""))


def png(seed):
    markers = Markers(9000 + seed)
    image = Image.effect_noise((40, 30), 40).convert("RGB")
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", markers.new("text chunk"))
    info.add_text("Comment", markers.new("packed text chunk"), zip=True)
    info.add_itxt("XML:com.adobe.xmp", markers.new("XMP"))
    out = io.BytesIO()
    image.save(out, "PNG", pnginfo=info)
    data = out.getvalue()
    end = data.rindex(b"IEND") - 4
    chunk = png_chunk(b"zzZz", markers.new("private chunk").encode())
    begin = data.index(b"IDAT") - 4
    palette = png_chunk(b"PLTE", markers.new("palette that nothing uses").encode() + b".")  # 15 bytes: five colours
    return data[:begin] + palette + data[begin:end] + chunk + data[end:] + markers.new("data behind the image").encode(), markers.where


def pixels(data):
    return Image.open(io.BytesIO(data)).convert("RGB").tobytes()


def dark_pixels(data):
    return sum(1 for value in Image.open(io.BytesIO(data)).convert("L").getdata() if value < 128)


def inflate_chunks(data):
    """Whatever in it zlib can inflate."""
    out = []
    for match in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data):
        try:
            out.append(zlib.decompressobj().decompress(data[match.start():]))
        except zlib.error:
            pass
    return b"\n".join(out)
