// What bad input gets, and what the policy changes. Parts of real documents are looked at from outside, in
// tests/partition.
#include "dissect/dissect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/json.h"
#include "dissect/exact_json.h"
#include "dissect/pdf_claims.h"
#include "dissect/pdf_fonts.h"
#include "dissect/truetype.h"
#include "dissect/xml.h"
#include "dissect/zip.h"
#include "tests/dissect/orders.h"

namespace flikvakt::dissect {
namespace {

constexpr char kPdf[] = "application/pdf", kFhir[] = "application/fhir+json", kXml[] = "application/xml";
constexpr char kDocx[] = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
constexpr char kOdt[] = "application/vnd.oasis.opendocument.text";

std::optional<RefusalReason> refusal(const Order& order, std::string_view file) {
  const Outcome out = dissect(order, as_bytes(file));
  EXPECT_EQ(out.report.parts.size(), out.bytes.size());
  if (out.report.refusal) EXPECT_TRUE(out.bytes.empty());
  return out.report.refusal ? std::optional(out.report.refusal->reason) : std::nullopt;
}
std::optional<RefusalReason> refusal(const char* media_type, std::string_view file) {
  return refusal(order_of(media_type), file);
}

std::string zip_of(const std::map<std::string, std::string>& files) {
  ZipEntries entries;
  for (const auto& [name, text] : files) entries[name] = to_bytes(as_bytes(text));
  return std::string(as_text(write_zip(entries)));
}

// SPEC PART-1
TEST(Sniff, TypesThatAreNotTakenAreRefused) {
  EXPECT_EQ(refusal("application/zip", "PK\3\4"), RefusalReason::unsupported);
  EXPECT_EQ(refusal("text/html", "<html/>"), RefusalReason::unsupported);
}

// SPEC PART-2
TEST(Sniff, AFileOfAnotherKindOrOfTwoIsRefused) {
  for (const char* type : {kPdf, kFhir, kXml, kDocx, kOdt, "image/png", "image/jpeg"}) {
    EXPECT_EQ(refusal(type, "hello"), RefusalReason::mislabelled) << type;
  }
  EXPECT_EQ(refusal(kPdf, "GIF89a %PDF-1.7"), RefusalReason::polyglot);
  EXPECT_EQ(refusal("text/plain", "hello %PDF-1.7"), RefusalReason::polyglot);
  EXPECT_EQ(refusal("text/plain", "hello" + zip_of({{"a", "b"}})), RefusalReason::polyglot);
  EXPECT_EQ(refusal("image/jpeg", "\xff\xd8\xff" + zip_of({{"a", "b"}})), RefusalReason::polyglot);
  EXPECT_EQ(refusal("text/plain", "hello"), std::nullopt);
  EXPECT_EQ(refusal("text/plain", "hello %PDF\x03-1.7"), RefusalReason::polyglot) << "once that nobody sees is gone";
  EXPECT_EQ(refusal("text/plain", "hello %PDF\x03 -1.7"), std::nullopt);
}

// SPEC PART-10
TEST(Dissect, WhatNoTakeNamesIsLeftOut) {
  const Outcome out = dissect(order_of("text/plain", {{"a", {partition::TakePages{1, 1}}}}), as_bytes("hello"));
  EXPECT_TRUE(out.bytes.empty());
  ASSERT_EQ(out.report.left_out.size(), 1u);
  EXPECT_EQ(out.report.left_out.front().what, "file");
}

// SPEC PART-21, PART-27
TEST(Text, InvisibleCharactersAreStrippedOrRefusedByPolicy) {
  const std::string hidden =
      "a\xe2\x80\x8b"
      "b\xe2\x80\xae"
      "c\xf3\xa0\x81\x81\n\td\xc3\xa5";
  Order order = order_of("text/plain");
  const Outcome out = dissect(order, as_bytes(hidden));
  ASSERT_EQ(out.bytes.size(), 1u);
  EXPECT_EQ(as_text(out.bytes.front().document), "abc\n\td\xc3\xa5");
  ASSERT_EQ(out.report.findings.size(), 1u);
  EXPECT_EQ(out.report.findings.front().count, 3);
  order.policy = {{FindingKind::invisible_character, Action::refuse}};
  EXPECT_EQ(refusal(order, hidden), RefusalReason::found);
  EXPECT_EQ(refusal(order, "plain"), std::nullopt);
  EXPECT_EQ(refusal("text/plain", "\xff\xfe"), RefusalReason::mislabelled);
}

TEST(Pdf, DamagedOnesAreRefused) {
  map_typefaces();
  for (const char* file :
       {"%PDF-1.7", "%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF",
        "%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 1 /Root 1 0 R >>\nstartxref\n9\n%%EOF"}) {
    EXPECT_EQ(refusal(kPdf, file), RefusalReason::damaged) << file;
  }
}

// SPEC PART-28
TEST(TrueType, AFontIsWholeUntilATableLeadsOutOfIt) {
  const Bytes font = read_file("/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf", 4 << 20).value();
  EXPECT_TRUE(is_whole_truetype(font));
  EXPECT_FALSE(is_whole_truetype({}));
  EXPECT_FALSE(is_whole_truetype(BytesView(font).first(font.size() / 2)));
  const auto broken = [&font](std::string_view table, std::size_t at, std::uint8_t value) {
    Bytes out = font;
    for (std::size_t entry = 12; entry + 16 <= out.size(); entry += 16) {
      if (as_text(BytesView(out).subspan(entry, 4)) != table) continue;
      const std::size_t offset = ByteReader(BytesView(out).subspan(entry + 8, 4)).u32();
      out[offset + at] = value;
      return !is_whole_truetype(out);
    }
    return false;
  };
  EXPECT_TRUE(broken("loca", 4, 0xff));     // the second glyph begins far away
  EXPECT_TRUE(broken("head", 51, 7));       // places of an unknown width
  EXPECT_TRUE(broken("maxp", 4, 0xff));     // more glyphs than places
  EXPECT_TRUE(broken("hhea", 34, 0xff));    // more widths than glyphs
  EXPECT_FALSE(broken("head", 54 - 1, 0));  // what is not looked at may be anything
}

// SPEC PART-12
TEST(Headings, AreComparedByTheirWords) {
  EXPECT_EQ(heading_key("  3.2  H\xc3\x84LSA   och\tArbete: "), heading_key("H\xc3\xa4lsa och arbete"));
  EXPECT_EQ(heading_key("H\xc3\x84LSA"), "h\xc3\xa4lsa");
  EXPECT_NE(heading_key("H\xc3\xa4lsa och mer"), heading_key("H\xc3\xa4lsa"));
  EXPECT_EQ(heading_key("2026"), "2026");
  EXPECT_EQ(heading_key(""), "");
}

// SPEC PART-34
TEST(ExactJson, KeepsNumbersAndOrder) {
  const std::string text =
      R"({"b":5.10,"a":[1e3,-0,123456789012345678901234567890],"c":{"d":null,"e":true,"f":"\u00e5\n"}})";
  std::string out;
  parse_exact_json(text).write(out);
  EXPECT_EQ(out, R"({"b":5.10,"a":[1e3,-0,123456789012345678901234567890],"c":{"d":null,"e":true,"f":"å\n"}})");
}

TEST(ExactJson, RefusesWhatIsNotJsonAndWhatIsTooDeep) {
  const auto reason = [](const std::string& text) -> std::optional<RefusalReason> {
    try {
      parse_exact_json(text);
      return std::nullopt;
    } catch (const Refused& why) {
      return why.refusal().reason;
    }
  };
  EXPECT_EQ(reason("{}"), std::nullopt);
  for (const char* bad :
       {"", "{", "{} {}", R"({"a":1,"a":2})", "{'a':1}", "[1,]", "nul", "\"\xff\"", "[01]", "[NaN]"}) {
    EXPECT_EQ(reason(bad), RefusalReason::damaged) << bad;
  }
  EXPECT_EQ(reason(std::string(65, '[') + std::string(65, ']')), RefusalReason::too_deep);
}

TEST(Fhir, WhatIsNoBundleOfR4IsRefused) {
  EXPECT_EQ(refusal(kFhir, R"({"resourceType":"Patient"})"), RefusalReason::unsupported);
  EXPECT_EQ(refusal(kFhir, R"({"resourceType":"Bundle","type":"collection"})"), RefusalReason::damaged);
  EXPECT_EQ(refusal(kFhir,
                    R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Spell"}}]})"),
            RefusalReason::unsupported);
  EXPECT_EQ(refusal(kFhir, R"({"resourceType":"Bundle","type":"document","entry":[]})"), RefusalReason::damaged);
  EXPECT_EQ(refusal(kFhir,
                    R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Basic"}}]})"),
            std::nullopt);
}

// SPEC PART-16
TEST(Fhir, WhoNamesTheCategoryIsAskedBeforeWhoNamesTheType) {
  const Order order = order_of(kFhir, {{"lab", {partition::TakeResources{"Observation", "laboratory"}}},
                                       {"all", {partition::TakeResources{"Observation", std::nullopt}}}});
  const Outcome out = dissect(order, as_bytes(R"({"resourceType":"Bundle","type":"collection","entry":[
    {"resource":{"resourceType":"Observation","id":"one","category":[{"coding":[{"code":"laboratory"}]}]}},
    {"resource":{"resourceType":"Observation","id":"two"}}]})"));
  ASSERT_EQ(out.report.parts.size(), 2u);
  EXPECT_THAT(out.report.parts[0].contents, testing::ElementsAre("Observation/one"));
  EXPECT_THAT(out.report.parts[1].contents, testing::ElementsAre("Observation/two"));
}

std::string document_reference(std::string_view type, std::string_view data) {
  return R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"DocumentReference","content":[{"attachment":
    {"contentType":")" +
         std::string(type) + R"(","data":")" + to_base64(as_bytes(data)) + R"("}}]}}]})";
}

// SPEC PART-33
TEST(Fhir, AFileInsideIsRefusedWithTheFileAroundIt) {
  EXPECT_EQ(refusal(kFhir, document_reference("text/plain; charset=utf-8", "hej")), std::nullopt);
  EXPECT_EQ(refusal(kFhir, document_reference("application/pdf", "hej")), RefusalReason::mislabelled);
  EXPECT_EQ(refusal(kFhir, document_reference("application/dicom", "hej")), RefusalReason::unsupported);
}

// SPEC PART-61
TEST(Fhir, FilesInFilesInFilesAreRefused) {
  std::string inner = document_reference("text/plain", "hej");
  for (int i = 0; i < 2; ++i) inner = document_reference("application/fhir+json", inner);
  EXPECT_EQ(refusal(kFhir, inner), RefusalReason::too_deep);
}

constexpr std::string_view kCdaHead = "<ClinicalDocument xmlns=\"urn:hl7-org:v3\">";

// SPEC PART-35
TEST(Xml, DocumentTypesAndOtherEncodingsAreRefused) {
  const std::string body = std::string(kCdaHead) + "<component><structuredBody/></component></ClinicalDocument>";
  EXPECT_EQ(refusal(kXml, body), std::nullopt);
  EXPECT_EQ(refusal(kXml, "<!DOCTYPE ClinicalDocument [<!ENTITY a \"b\">]>" + body), RefusalReason::has_dtd);
  EXPECT_EQ(refusal(kXml, "<!DOCTYPE ClinicalDocument SYSTEM \"http://x/\">" + body), RefusalReason::has_dtd);
  EXPECT_EQ(refusal(kXml, "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" + body), RefusalReason::unsupported);
  EXPECT_EQ(refusal(kXml, "<html/>"), RefusalReason::unsupported);
  EXPECT_EQ(refusal(kXml, std::string(kCdaHead) + "<component>"), RefusalReason::damaged);
  std::string deep(kCdaHead);
  for (int i = 0; i < 200; ++i) deep += "<a>";
  for (int i = 0; i < 200; ++i) deep += "</a>";
  EXPECT_EQ(refusal(kXml, deep + "</ClinicalDocument>"), RefusalReason::too_deep);
}

TEST(Xhtml, IsMadeAnewOfWhatIsSeen) {
  const Narrative made = regenerate_xhtml(
      R"-(<div xmlns="http://www.w3.org/1999/xhtml"><p onclick="x()" class="y">a <b>b</b></p><script>c</script>)-"
      R"-(<p style="Display : NONE">d</p><!--e--><td colspan="2">f</td><img alt="g"/></div>)-");
  EXPECT_EQ(made.div, R"-(<div xmlns="http://www.w3.org/1999/xhtml"><p>a <b>b</b></p><td colspan="2">f</td></div>)-");
  EXPECT_EQ(made.hidden, 2);
  EXPECT_EQ(regenerate_xhtml("<div/>").div, R"(<div xmlns="http://www.w3.org/1999/xhtml"><p>-</p></div>)");
}

TEST(Zip, WhatIsWrittenIsRead) {
  const ZipEntries entries = {{"a/b.xml", {1, 2, 3}}, {"mimetype", {4}}};
  const Bytes file = write_zip(entries, "mimetype");
  EXPECT_EQ(read_zip(file), entries);
  EXPECT_EQ(file, write_zip(entries, "mimetype"));
  EXPECT_EQ(as_text(BytesView(file).subspan(30, 8)), "mimetype");
}

// SPEC PART-61
TEST(Zip, BombsAndDamageAreRefused) {
  ZipEntries bomb = {{"[Content_Types].xml", Bytes(8 << 20)}};
  const std::string packed(as_text(write_zip(bomb)));
  EXPECT_LT(packed.size(), 20'000u);
  EXPECT_EQ(refusal(kDocx, packed), RefusalReason::too_large);
  EXPECT_EQ(refusal(kDocx, packed.substr(0, packed.size() / 2)), RefusalReason::damaged);
  EXPECT_EQ(refusal(kDocx, zip_of({{"../a", "b"}})), RefusalReason::unsupported);
  EXPECT_EQ(refusal(kDocx, zip_of({{"a", "b"}})), RefusalReason::mislabelled);
  EXPECT_EQ(refusal(kOdt, zip_of({{"mimetype", "application/zip"}})), RefusalReason::mislabelled);
}

std::string docx_of(std::string_view body, const std::map<std::string, std::string>& more = {}) {
  std::map<std::string, std::string> files = {
      {"[Content_Types].xml",
       "<Types><Override ContentType=\"application/vnd.openxmlformats-officedocument."
       "wordprocessingml.document.main+xml\"/></Types>"},
      {"word/document.xml",
       "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>" +
           std::string(body) + "</w:body></w:document>"}};
  files.insert(more.begin(), more.end());
  return zip_of(files);
}

// SPEC PART-21, PART-36
TEST(Docx, MacrosAreRefusedUnlessThePolicyStripsThem) {
  const std::string file = docx_of("<w:p/>", {{"word/vbaProject.bin", "x"}});
  EXPECT_EQ(refusal(kDocx, file), RefusalReason::found);
  Order order = order_of(kDocx);
  order.policy = {{FindingKind::macro, Action::strip}};
  const Outcome out = dissect(order, as_bytes(file));
  ASSERT_EQ(out.bytes.size(), 1u);
  EXPECT_FALSE(read_zip(out.bytes.front().document).contains("word/vbaProject.bin"));
}

TEST(Docx, TrackedChangesAreAcceptedOrRefused) {
  const std::string file =
      docx_of("<w:p><w:ins><w:r><w:t>in</w:t></w:r></w:ins><w:del><w:r><w:delText>out</w:delText></w:r></w:del></w:p>");
  const Outcome out = dissect(order_of(kDocx), as_bytes(file));
  ASSERT_EQ(out.bytes.size(), 1u);
  const ZipEntries entries = read_zip(out.bytes.front().document);
  EXPECT_THAT(std::string(as_text(entries.at("word/document.xml"))),
              testing::HasSubstr("<w:p><w:r><w:t>in</w:t></w:r></w:p>"));
  Order strict = order_of(kDocx);
  strict.policy = {{FindingKind::tracked_change, Action::refuse}};
  EXPECT_EQ(refusal(strict, file), RefusalReason::found);
  EXPECT_EQ(refusal(strict, docx_of("<w:p/>")), std::nullopt);
}

// SPEC PART-36
TEST(Docx, PrefixesThatMeanSomethingElseAreRefused) {
  EXPECT_EQ(refusal(kDocx, docx_of("<x:p xmlns:x=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"/>")),
            RefusalReason::unsupported);
  EXPECT_EQ(refusal(kDocx, docx_of("<w:p xmlns:w=\"urn:other\"/>")), RefusalReason::unsupported);
}

// SPEC PART-31
TEST(Dissect, TokensAreOfTheirPartAndSeed) {
  const Order one = order_of("text/plain");
  Order other = one;
  other.token_seed = to_base64url(Bytes(32, 8));
  const Job a(one, 0), b(other, 0);
  EXPECT_EQ(a.token("p", "t"), a.token("p", "t"));
  EXPECT_NE(a.token("p", "t"), a.token("q", "t"));
  EXPECT_NE(a.token("p", "t"), a.token("p", "u"));
  EXPECT_NE(a.token("p", "t"), b.token("p", "t"));
  EXPECT_EQ(a.token("p", "t").size(), 32u);
}

}  // namespace
}  // namespace flikvakt::dissect
