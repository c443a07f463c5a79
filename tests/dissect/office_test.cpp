// Office files: what nobody sees who opens them is not in what comes out, and its visible twin is.
#include "dissect/office.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dissect/dissect.h"
#include "dissect/images.h"
#include "dissect/zip.h"
#include "tests/dissect/orders.h"

namespace flikvakt::dissect {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;
using testing::Not;

constexpr char kDocxType[] = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
constexpr char kOdtType[] = "application/vnd.oasis.opendocument.text";
using TextFiles = std::map<std::string, std::string>;

std::string grey_jpeg() {
  Picture picture;
  picture.width = 8;
  picture.height = 8;
  picture.stride = 32;
  picture.pixels.resize(256, 0x80);
  return std::string(as_text(jpeg_of(picture)));
}

constexpr std::string_view kWordNames =
    R"(xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships")";

std::string word_file(std::string_view root, std::string_view inside) {
  return "<w:" + std::string(root) + " " + std::string(kWordNames) + ">" + std::string(inside) +
         "</w:" + std::string(root) + ">";
}
std::string word_run(std::string_view text, std::string_view properties = "") {
  return "<w:r><w:rPr>" + std::string(properties) + "</w:rPr><w:t>" + std::string(text) + "</w:t></w:r>";
}
std::string paragraph(std::string_view runs) { return "<w:p>" + std::string(runs) + "</w:p>"; }

struct Related {
  std::string id, type, target;
};

ZipEntries entries_of(const TextFiles& files) {
  ZipEntries entries;
  for (const auto& [name, text] : files) entries[name] = to_bytes(as_bytes(text));
  return entries;
}

Outcome pass_docx_of(std::string_view body, const std::vector<Related>& related = {}, TextFiles more = {}) {
  std::string relations = "<Relationships>";
  for (const Related& one : related) {
    relations += "<Relationship Id=\"" + one.id + "\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/" +
                 "relationships/" + one.type + "\" Target=\"" + one.target + "\"/>";
  }
  more["word/_rels/document.xml.rels"] = relations + "</Relationships>";
  more["[Content_Types].xml"] =
      "<Types><Override "
      "ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/>"
      "</Types>";
  more["word/document.xml"] = word_file("document", "<w:body>" + std::string(body) + "</w:body>");
  return dissect(order_of(kDocxType), write_zip(entries_of(more)));
}

// Every entry, one behind the other, with its name before it; empty where the file is refused.
std::string package_of(const Outcome& outcome) {
  if (outcome.bytes.size() != 1) return "";
  std::string out;
  for (const auto& [name, bytes] : read_zip(outcome.bytes.front().document)) {
    out += name + "\n" + std::string(as_text(bytes)) + "\n";
  }
  return out;
}

bool is_found(const Outcome& outcome, FindingKind kind) {
  return std::ranges::find(outcome.report.findings, kind, &partition::Finding::kind) != outcome.report.findings.end();
}

std::string drawing(std::string_view id) {
  return "<w:r><w:drawing><a:blip xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" r:embed=\"" +
         std::string(id) + "\"/></w:drawing></w:r>";
}

// SPEC PART-38
TEST(Docx, APictureOfDeletedTextIsNotInThePackage) {
  const std::vector<Related> related = {{"rId5", "image", "media/image1.jpeg"}};
  const TextFiles picture = {{"word/media/image1.jpeg", grey_jpeg()}};
  const std::string seen = package_of(pass_docx_of(paragraph(drawing("rId5")), related, picture));
  EXPECT_THAT(seen, HasSubstr("word/media/image1.jpg"));
  EXPECT_THAT(seen, HasSubstr("r:embed=\"rId5\""));
  for (const std::string& body :
       {paragraph("<w:del>" + drawing("rId5") + "</w:del>"),
        paragraph("<w:r><w:rPr><w:vanish/></w:rPr>" + drawing("rId5") + "</w:r>"),
        "<w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc>" + paragraph(drawing("rId5")) + "</w:tc></w:tr></w:tbl>",
        std::string("<w:p/>")}) {
    const std::string package = package_of(pass_docx_of(body, related, picture));
    EXPECT_THAT(package, HasSubstr("word/document.xml")) << body;
    EXPECT_THAT(package, Not(HasSubstr("media/"))) << body;
    EXPECT_THAT(package, Not(HasSubstr("rId5"))) << body;
  }
}

// SPEC PART-38
TEST(Docx, ANoteGoesWithWhatRefersToIt) {
  const std::vector<Related> related = {{"rId2", "footnotes", "footnotes.xml"}};
  const TextFiles notes = {
      {"word/footnotes.xml",
       word_file("footnotes",
                 "<w:footnote w:type=\"separator\" w:id=\"0\"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>"
                 "<w:footnote w:id=\"1\">" +
                     paragraph(word_run("seen note")) +
                     "</w:footnote>"
                     "<w:footnote w:id=\"2\">" +
                     paragraph(word_run("note of deleted text")) +
                     "</w:footnote>"
                     "<w:footnote w:id=\"3\">" +
                     paragraph(word_run("note of hidden text")) +
                     "</w:footnote>"
                     "<w:footnote w:type=\"separator\" w:id=\"4\">" +
                     paragraph(word_run("note as a line")) + "</w:footnote>")}};
  const auto reference = [](std::string_view id) { return "<w:footnoteReference w:id=\"" + std::string(id) + "\"/>"; };
  const Outcome out =
      pass_docx_of(paragraph("<w:r>" + reference("1") + "</w:r><w:del><w:r>" + reference("2") +
                             "</w:r></w:del><w:r><w:rPr><w:vanish/></w:rPr>" + reference("3") + "</w:r>"),
                   related, notes);
  const std::string package = package_of(out);
  EXPECT_THAT(package, HasSubstr("seen note"));
  EXPECT_THAT(package, HasSubstr("<w:separator/>"));
  for (const char* gone : {"note of deleted text", "note of hidden text", "note as a line"}) {
    EXPECT_THAT(package, Not(HasSubstr(gone)));
  }
  EXPECT_TRUE(is_found(out, FindingKind::hidden_text));
}

// SPEC PART-38
TEST(Docx, OfAlternativesTheFirstThatIsUnderstoodStays) {
  const auto choice = [](std::string_view needs, std::string_view text) {
    return "<mc:Choice Requires=\"" + std::string(needs) + "\">" + word_run(text) + "</mc:Choice>";
  };
  const auto pass = [](const std::string& choices) {
    return pass_docx_of(paragraph(
        "<mc:AlternateContent xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\">" + choices +
        "<mc:Fallback>" + word_run("for older ones") + "</mc:Fallback></mc:AlternateContent>" + word_run("behind")));
  };
  const Outcome known = pass(choice("w99", "one") + choice("wps wp14", "two") + choice("wps", "three"));
  EXPECT_THAT(package_of(known), HasSubstr("two"));
  for (const char* gone : {"one<", "three", "for older ones", "mc:"}) {
    EXPECT_THAT(package_of(known), Not(HasSubstr(gone))) << gone;
  }
  EXPECT_THAT(package_of(known), HasSubstr("behind"));
  EXPECT_TRUE(is_found(known, FindingKind::hidden_text));
  const Outcome unknown = pass(choice("w99", "one"));
  EXPECT_THAT(package_of(unknown), HasSubstr("for older ones"));
  EXPECT_THAT(package_of(unknown), Not(HasSubstr("one<")));
  EXPECT_FALSE(is_found(pass(choice("wps", "two")), FindingKind::hidden_text)) << "the older form says the same";
}

// SPEC PART-38
TEST(Docx, HeadersThatNoPageHasAreNotKept) {
  const std::vector<Related> related = {{"rId1", "header", "header1.xml"},
                                        {"rId2", "header", "header2.xml"},
                                        {"rId3", "footer", "footer1.xml"},
                                        {"rId4", "header", "header4.xml"},
                                        {"rId5", "settings", "settings.xml"}};
  const auto pass = [&](std::string_view section, std::string_view settings) {
    return pass_docx_of(
        "<w:p/><w:sectPr><w:headerReference w:type=\"default\" r:id=\"rId1\"/><w:headerReference w:type=\"even\" "
        "r:id=\"rId2\"/><w:footerReference w:type=\"first\" r:id=\"rId3\"/>" +
            std::string(section) + "</w:sectPr>",
        related,
        {{"word/header1.xml", word_file("hdr", paragraph(word_run("on all pages")))},
         {"word/header2.xml", word_file("hdr", paragraph(word_run("on even pages")))},
         {"word/footer1.xml", word_file("ftr", paragraph(word_run("on first pages")))},
         {"word/header4.xml", word_file("hdr", paragraph(word_run("on no page")))},
         {"word/settings.xml", word_file("settings", settings)}});
  };
  const Outcome plain = pass("", "");
  EXPECT_THAT(package_of(plain), HasSubstr("on all pages"));
  for (const char* gone : {"on even pages", "on first pages", "on no page", "rId2", "evenAndOdd"}) {
    EXPECT_THAT(package_of(plain), Not(HasSubstr(gone))) << gone;
  }
  EXPECT_TRUE(is_found(plain, FindingKind::hidden_text));
  const std::string different = package_of(pass("<w:titlePg/>", "<w:evenAndOddHeaders/>"));
  for (const char* stays : {"on all pages", "on even pages", "on first pages", "<w:evenAndOddHeaders/>"}) {
    EXPECT_THAT(different, HasSubstr(stays));
  }
  EXPECT_THAT(different, Not(HasSubstr("on no page")));
  EXPECT_THAT(package_of(pass("<w:titlePg w:val=\"0\"/>", "<w:evenAndOddHeaders w:val=\"false\"/>")),
              Not(HasSubstr("on even")));
}

std::string style_of(std::string_view id, std::string_view properties, std::string_view more = "") {
  return "<w:style w:styleId=\"" + std::string(id) + "\">" + std::string(more) + "<w:rPr>" + std::string(properties) +
         "</w:rPr></w:style>";
}

Outcome pass_styled(std::string_view body, std::string_view styles) {
  return pass_docx_of(body, {{"rId1", "styles", "styles.xml"}}, {{"word/styles.xml", word_file("styles", styles)}});
}

// SPEC PART-38
TEST(Docx, AStyleHidesInEveryWayThatARunCan) {
  const std::string white = "<w:color w:val=\"FFFFFF\"/>", tiny = "<w:sz w:val=\"2\"/>";
  const std::string styles = style_of("White", white) + style_of("Tiny", tiny) + style_of("Gone", "<w:vanish/>") +
                             style_of("Heir", "", "<w:basedOn w:val=\"White\"/>") +
                             style_of("Back", "<w:vanish w:val=\"0\"/>", "<w:basedOn w:val=\"Gone\"/>") +
                             style_of("Banner", white, "<w:pPr><w:shd w:fill=\"000080\"/></w:pPr>");
  const auto text = [&](const std::string& paragraph_style, const std::string& run_properties) {
    return package_of(pass_styled("<w:p><w:pPr><w:pStyle w:val=\"" + paragraph_style + "\"/></w:pPr>" +
                                      word_run("the text", run_properties) + "</w:p>",
                                  styles));
  };
  for (const char* hiding : {"White", "Tiny", "Gone", "Heir"}) {
    EXPECT_THAT(text(hiding, ""), Not(HasSubstr("the text"))) << hiding;
    EXPECT_THAT(text("", "<w:rStyle w:val=\"" + std::string(hiding) + "\"/>"), Not(HasSubstr("the text"))) << hiding;
  }
  for (const char* showing : {"Back", "Banner", ""}) EXPECT_THAT(text(showing, ""), HasSubstr("the text")) << showing;
  EXPECT_THAT(text("White", "<w:color w:val=\"000000\"/>"), HasSubstr("the text")) << "a run has the last word";
  EXPECT_THAT(text("Tiny", "<w:sz w:val=\"24\"/>"), HasSubstr("the text"));
  EXPECT_THAT(text("White", "<w:shd w:fill=\"000080\"/>"), HasSubstr("the text"));
}

// SPEC PART-38
TEST(Docx, WhatIsSeenOnPaperStays) {
  const std::string white = "<w:color w:val=\"FFFFFF\"/>";
  const std::string number = word_run("the text", "<w:webHidden/>");
  EXPECT_THAT(package_of(pass_docx_of(paragraph(number))), HasSubstr("the text")) << "a table of contents";
  const auto in_shape = [&](const std::string& properties) {
    return package_of(pass_docx_of(paragraph("<w:r><w:drawing><wps:wsp>" + properties + "<wps:txbx><w:txbxContent>" +
                                             paragraph(word_run("the text", white)) +
                                             "</w:txbxContent></wps:txbx></wps:wsp></w:drawing></w:r>")));
  };
  const auto filled_with = [](const std::string& colour) {
    return "<wps:spPr><a:solidFill><a:srgbClr val=\"" + colour + "\"/></a:solidFill></wps:spPr>";
  };
  EXPECT_THAT(in_shape(filled_with("000080")), HasSubstr("the text"));
  EXPECT_THAT(in_shape(filled_with("FFFFFF")), Not(HasSubstr("the text")));
  EXPECT_THAT(in_shape("<wps:spPr><a:noFill/></wps:spPr>"), Not(HasSubstr("the text")));
  const auto shaded = [&](const std::string& fill) {
    return package_of(pass_docx_of("<w:p><w:pPr><w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"" + fill +
                                   "\"/></w:pPr>" + word_run("the text", white) + "</w:p>"));
  };
  EXPECT_THAT(shaded("000080"), HasSubstr("the text"));
  for (const char* fill : {"auto", "FFFFFF"}) EXPECT_THAT(shaded(fill), Not(HasSubstr("the text"))) << fill;
  const std::string banner = style_of("Banner", "", "<w:pPr><w:shd w:fill=\"000080\"/></w:pPr>");
  EXPECT_THAT(package_of(pass_styled(
                  "<w:p><w:pPr><w:pStyle w:val=\"Banner\"/></w:pPr>" + word_run("the text", white) + "</w:p>", banner)),
              HasSubstr("the text"));
}

// SPEC PART-38
TEST(Docx, ABoxOfAFormStaysWithoutWhatItDoesNotShow) {
  const auto field = [](const std::string& data, const std::string& code) {
    return package_of(pass_docx_of(paragraph("<w:r><w:fldChar w:fldCharType=\"begin\">" + data +
                                             "</w:fldChar></w:r><w:r><w:instrText> " + code + " </w:instrText></w:r>" +
                                             "<w:r><w:fldChar w:fldCharType=\"end\"/></w:r>")));
  };
  const std::string box = field(
      "<w:ffData><w:name w:val=\"HEMLIGT1\"/><w:helpText w:val=\"HEMLIGT2\"/><w:statusText w:val=\"HEMLIGT3\"/>"
      "<w:checkBox><w:default w:val=\"0\"/><w:checked/></w:checkBox></w:ffData>",
      "FORMCHECKBOX");
  for (const char* seen : {"FORMCHECKBOX", "<w:checked", "<w:default"}) EXPECT_THAT(box, HasSubstr(seen));
  EXPECT_THAT(box, Not(HasSubstr("HEMLIGT")));
  const std::string words =
      field("<w:ffData><w:textInput><w:default w:val=\"HEMLIGT4\"/></w:textInput></w:ffData>", "FORMTEXT");
  EXPECT_THAT(words, HasSubstr("FORMTEXT"));
  EXPECT_THAT(words, Not(HasSubstr("HEMLIGT")));
  const std::string other = field("<w:fldData>SEVNTElHVA==</w:fldData>", "ADDIN EN.CITE");
  EXPECT_THAT(other, Not(HasSubstr("SEVNTElHVA")));
  EXPECT_THAT(other, Not(HasSubstr("EN.CITE")));
}

// SPEC PART-38
TEST(Docx, AShapeOfAGroupMayBeHiddenByItself) {
  const auto group = [](const std::string& about) {
    return package_of(pass_docx_of(paragraph("<w:r><w:drawing><wpg:wgp><wps:wsp>" + about +
                                             "<wps:txbx><w:txbxContent>" + paragraph(word_run("the text")) +
                                             "</w:txbxContent></wps:txbx></wps:wsp></wpg:wgp></w:drawing></w:r>")));
  };
  EXPECT_THAT(group("<wps:cNvPr id=\"1\" name=\"-\"/>"), HasSubstr("the text"));
  EXPECT_THAT(group("<wps:cNvPr id=\"1\" name=\"-\" hidden=\"1\"/>"), Not(HasSubstr("the text")));
}

TEST(Docx, APictureAmongTinyWordsStaysWithoutThem) {
  const std::string picture = drawing("rId5"), run = "<w:r>";
  const std::string both = "<w:r><w:rPr><w:sz w:val=\"2\"/></w:rPr><w:t>the text</w:t>" + picture.substr(run.size());
  const Outcome out = pass_docx_of(paragraph(both), {{"rId5", "image", "media/image1.jpeg"}},
                                   {{"word/media/image1.jpeg", grey_jpeg()}});
  EXPECT_THAT(package_of(out), HasSubstr("word/media/image1.jpg"));
  EXPECT_THAT(package_of(out), Not(HasSubstr("the text")));
  EXPECT_TRUE(is_found(out, FindingKind::hidden_text));
}

TEST(Docx, OneOfWhichNothingIsLeftOrThatHasTwoRootsIsDamaged) {  // SPEC PART-35
  const TextFiles types{
      {"[Content_Types].xml",
       "<Types><Override ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml."
       "document.main+xml\"/></Types>"}};
  const std::string whole = word_file("document", "<w:body/>");
  for (const std::string& text : {std::string("<Relationships/>"), std::string("<a/>"), whole + whole}) {
    TextFiles files = types;
    files["word/document.xml"] = text;
    const Outcome outcome = dissect(order_of(kDocxType), write_zip(entries_of(files)));
    ASSERT_TRUE(outcome.report.refusal.has_value()) << text;
    EXPECT_EQ(outcome.report.refusal->reason, RefusalReason::damaged) << text;
  }
  TextFiles files = types;
  files["word/document.xml"] = whole;
  EXPECT_FALSE(dissect(order_of(kDocxType), write_zip(entries_of(files))).report.refusal.has_value());
}

TEST(Docx, AUsualStyleThatHidesIsRefused) {
  const std::string body = paragraph(word_run("the text"));
  for (const std::string& styles :
       {"<w:docDefaults><w:rPrDefault><w:rPr><w:color w:val=\"FFFFFF\"/></w:rPr></w:rPrDefault></w:docDefaults>"s,
        "<w:style w:default=\"1\" w:styleId=\"N\"><w:rPr><w:vanish/></w:rPr></w:style>"s}) {
    const Outcome out = pass_styled(body, styles);
    ASSERT_TRUE(out.report.refusal) << styles;
    EXPECT_EQ(out.report.refusal->reason, RefusalReason::found);
    EXPECT_EQ(out.report.refusal->finding, FindingKind::hidden_text);
  }
  EXPECT_FALSE(pass_styled(body, "<w:style w:default=\"1\" w:styleId=\"N\"/>").report.refusal);
}

// ---- OpenDocument
// -----------------------------------------------------------------------------------------------------------

constexpr std::string_view kOdfNames =
    R"(xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" )"
    R"(xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" )"
    R"(xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" xmlns:xlink="http://www.w3.org/1999/xlink")";

Outcome pass_odt_of(std::string_view text, std::string_view automatic = "", std::string_view usual = "") {
  const std::string names(kOdfNames);
  return dissect(
      order_of(kOdtType),
      write_zip(entries_of({{"mimetype", kOdtType},
                            {"content.xml", "<office:document-content " + names + "><office:automatic-styles>" +
                                                std::string(automatic) + "</office:automatic-styles><office:body>" +
                                                "<office:text>" + std::string(text) +
                                                "</office:text></office:body></office:document-content>"},
                            {"styles.xml", "<office:document-styles " + names + "><office:styles>" +
                                               std::string(usual) + "</office:styles></office:document-styles>"},
                            {"Pictures/a.jpg", grey_jpeg()},
                            {"Pictures/b.jpg", grey_jpeg()}}),
                "mimetype"));
}

constexpr std::string_view kImage = R"(<draw:frame><draw:image xlink:href="Pictures/a.jpg"/></draw:frame>)";

// SPEC PART-38
TEST(Odt, APictureOfDeletedTextIsNotInThePackage) {
  const std::string frame(kImage);
  EXPECT_THAT(package_of(pass_odt_of("<text:p>" + frame + "</text:p>")), HasSubstr("\nPictures/1.jpg\n"));
  for (const std::string& text :
       {"<text:tracked-changes><text:p>" + frame + "</text:p></text:tracked-changes>",
        "<text:section text:display=\"none\"><text:p>" + frame + "</text:p></text:section>", "<text:p/>"s}) {
    const std::string package = package_of(pass_odt_of(text));
    EXPECT_THAT(package, HasSubstr("content.xml")) << text;
    EXPECT_THAT(package, Not(HasSubstr("Pictures/"))) << text;
  }
}

// SPEC PART-38
TEST(Odt, ASectionUnderAConditionIsKeptWhereTheFileSaysThatItIsShown) {
  const auto text = [](std::string_view more) {
    return package_of(pass_odt_of("<text:section text:condition=\"ooow:1\" text:display=\"condition\"" +
                                  std::string(more) + "><text:p>the text</text:p></text:section>"));
  };
  EXPECT_THAT(text(" text:is-hidden=\"true\""), Not(HasSubstr("the text")));
  EXPECT_THAT(text(""), Not(HasSubstr("the text")));
  EXPECT_THAT(text(" text:is-hidden=\"false\""), HasSubstr("the text"));
  EXPECT_THAT(text(" text:is-hidden=\"false\""), Not(HasSubstr("condition"))) << "and is shown from now on";
}

// SPEC PART-38
TEST(Odt, AFrameShowsOneOfItsContents) {
  const std::string box = "<draw:text-box><text:p>in a box</text:p></draw:text-box>";
  const std::string image = R"(<draw:image xlink:href="Pictures/b.jpg"/>)";
  const Outcome both = pass_odt_of("<text:p><draw:frame>" + image + box + "</draw:frame></text:p>");
  EXPECT_THAT(package_of(both), Not(HasSubstr("in a box")));
  EXPECT_THAT(package_of(both), HasSubstr("Pictures/2.jpg"));
  EXPECT_TRUE(is_found(both, FindingKind::hidden_text));
  const Outcome turned = pass_odt_of("<text:p><draw:frame>" + box + image + "</draw:frame></text:p>");
  EXPECT_THAT(package_of(turned), HasSubstr("in a box"));
  EXPECT_THAT(package_of(turned), Not(HasSubstr("Pictures/")));
}

std::string odf_style(std::string_view name, std::string_view family, std::string_view properties,
                      std::string_view parent = "") {
  return "<style:style style:name=\"" + std::string(name) + "\" style:family=\"" + std::string(family) +
         "\" style:parent-style-name=\"" + std::string(parent) + "\">" + std::string(properties) + "</style:style>";
}

// SPEC PART-38
TEST(Odt, WhatIsWhiteOnNothingGoesAndWhatIsSeenStays) {
  const std::string white = R"(<style:text-properties fo:color="#ffffff"/>)";
  const std::string blue = R"(<style:paragraph-properties fo:background-color="#000080"/>)";
  const std::string styles = odf_style("Pale", "paragraph", white) + odf_style("Heir", "paragraph", "", "Pale") +
                             odf_style("Black", "paragraph", R"(<style:text-properties fo:color="#000000"/>)", "Pale") +
                             odf_style("Banner", "paragraph", blue + white) +
                             odf_style("Dark", "text", R"(<style:text-properties fo:color="#000000"/>)") +
                             odf_style("Box", "graphic", R"(<style:graphic-properties draw:fill="solid"/>)");
  const auto text = [&](const std::string& style, const std::string& inside = "the text") {
    return pass_odt_of("<text:p text:style-name=\"" + style + "\">" + inside + "</text:p>", styles);
  };
  for (const char* hiding : {"Pale", "Heir"}) {
    EXPECT_THAT(package_of(text(hiding)), Not(HasSubstr("the text"))) << hiding;
    EXPECT_TRUE(is_found(text(hiding), FindingKind::hidden_text)) << hiding;
  }
  for (const char* showing : {"Black", "Banner", ""}) {
    EXPECT_THAT(package_of(text(showing)), HasSubstr("the text")) << showing;
  }
  const std::string dark = package_of(text("Pale", "not seen<text:span text:style-name=\"Dark\">the text</text:span>"));
  EXPECT_THAT(dark, HasSubstr("the text"));
  EXPECT_THAT(dark, Not(HasSubstr("not seen")));
  EXPECT_THAT(package_of(text("Pale", "<text:span>the text</text:span>")), Not(HasSubstr("the text")));
  EXPECT_THAT(package_of(text("Pale", std::string(kImage))), HasSubstr("\nPictures/1.jpg\n")) << "a picture is no word";
  const std::string pale = "<text:p text:style-name=\"Pale\">the text</text:p>";
  EXPECT_THAT(package_of(text(
                  "", "<draw:frame draw:style-name=\"Box\"><draw:text-box>" + pale + "</draw:text-box></draw:frame>")),
              HasSubstr("the text"));
  EXPECT_THAT(package_of(text("", "<draw:frame><draw:text-box>" + pale + "</draw:text-box></draw:frame>")),
              Not(HasSubstr("the text")));
}

// SPEC PART-38
TEST(Odt, AShapeThatIsNotDisplayedGoes) {
  const auto box = [](std::string_view display) {
    return package_of(pass_odt_of("<text:p><draw:frame draw:display=\"" + std::string(display) +
                                  "\"><draw:text-box><text:p>the text</text:p></draw:text-box></draw:frame></text:p>"));
  };
  EXPECT_THAT(box("always"), HasSubstr("the text"));
  EXPECT_THAT(box("none"), Not(HasSubstr("the text")));
}

// SPEC PART-38
TEST(Odt, AStyleHidesByItsSize) {
  const auto styled = [](std::string_view size) {
    return "<style:style style:name=\"S\" style:family=\"text\"><style:text-properties fo:font-size=\"" +
           std::string(size) + "\"/></style:style>";
  };
  const std::string text = "<text:p><text:span text:style-name=\"S\">the text</text:span></text:p>";
  for (const char* hiding : {"1pt", "2pt", "0.5mm", "0.01in"}) {
    EXPECT_THAT(package_of(pass_odt_of(text, styled(hiding))), Not(HasSubstr("the text"))) << hiding;
  }
  for (const char* showing : {"10pt", "3mm", "58%", ""}) {
    EXPECT_THAT(package_of(pass_odt_of(text, styled(showing))), HasSubstr("the text")) << showing;
  }
  const auto usual = [](std::string_view size) {
    return "<style:default-style style:family=\"paragraph\"><style:text-properties fo:font-size=\"" +
           std::string(size) + "\"/></style:default-style>";
  };
  EXPECT_FALSE(pass_odt_of(text, "", usual("12pt")).report.refusal);
  const Outcome refused = pass_odt_of(text, "", usual("1pt"));
  ASSERT_TRUE(refused.report.refusal);
  EXPECT_EQ(refused.report.refusal->reason, RefusalReason::found);
}

}  // namespace
}  // namespace flikvakt::dissect
