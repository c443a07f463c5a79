// FHIR and CDA: files that hide in them, people who do, and words that must not get out of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dissect/dissect.h"
#include "tests/dissect/orders.h"

namespace flikvakt::dissect {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace std::string_literals;

constexpr char kFhirType[] = "application/fhir+json", kXmlType[] = "application/xml";

std::string bundle_of(const std::vector<std::string>& resources) {
  std::string out = R"({"resourceType":"Bundle","type":"collection","entry":[)";
  for (const std::string& resource : resources) {
    out += (&resource == &resources.front() ? "" : ",") + R"({"resource":)"s + resource + "}";
  }
  return out + "]}";
}

Outcome pass_records(const char* type, std::string_view file, std::vector<partition::Take> takes) {
  return dissect(order_of(type, {{"all", std::move(takes)}}), as_bytes(file));
}
Outcome pass_bundle(const std::string& resource) {
  return pass_records(kFhirType, bundle_of({resource}), {partition::TakeWhole{}});
}
std::string text_of_part(const Outcome& outcome) {
  return outcome.bytes.size() == 1 ? std::string(as_text(outcome.bytes.front().document)) : "";
}
std::optional<RefusalReason> reason_of(const Outcome& outcome) {
  return outcome.report.refusal ? std::optional(outcome.report.refusal->reason) : std::nullopt;
}
bool has_finding(const Outcome& outcome, FindingKind kind) {
  return std::ranges::find(outcome.report.findings, kind, &partition::Finding::kind) != outcome.report.findings.end();
}

// SPEC PART-33
TEST(Fhir, AFileWithoutItsTypeIsRefused) {
  const std::string data = to_base64(as_bytes("hej"));
  const auto letter = [](const std::string& attachment) {
    return pass_bundle(R"({"resourceType":"DocumentReference","content":[{"attachment":{)" + attachment + "}}]}");
  };
  EXPECT_EQ(reason_of(letter(R"("contentType":"text/plain","data":")" + data + '"')), std::nullopt);
  EXPECT_EQ(reason_of(letter(R"("data":")" + data + '"')), RefusalReason::unsupported);
  EXPECT_EQ(reason_of(letter(R"("contentType":"","data":")" + data + '"')), RefusalReason::unsupported);
  EXPECT_EQ(reason_of(letter(R"("title":"a letter")")), std::nullopt) << "of no file, only its name";
  EXPECT_EQ(reason_of(pass_bundle(R"({"resourceType":"Binary","data":")" + data + "\"}")), RefusalReason::unsupported);
  EXPECT_EQ(reason_of(pass_bundle(R"({"resourceType":"Binary","contentType":"text/plain","data":")" + data + "\"}")),
            std::nullopt);
}

// SPEC PART-33
TEST(Fhir, SampledNumbersStayAndTheBytesOfASignatureGo) {
  const auto sampled = [](std::string_view data) {
    return pass_bundle(
        R"({"resourceType":"Observation","valueSampledData":{"origin":{"value":0},"period":10,"dimensions":1,"data":")" +
        std::string(data) + "\"}}");
  };
  EXPECT_THAT(text_of_part(sampled("1 -2.5 3e1 E U L")), HasSubstr("1 -2.5 3e1 E U L"));
  EXPECT_EQ(reason_of(sampled("JVBERi0xLjc=")), RefusalReason::unsupported) << "no numbers";
  const Outcome signed_one = pass_bundle(
      R"({"resourceType":"Contract","signer":[{"signature":[{"type":[],"when":"2026-03-01","who":{"display":"-"},"data":"SEVNTElHVA=="}]}]})");
  EXPECT_EQ(reason_of(signed_one), std::nullopt);
  EXPECT_THAT(text_of_part(signed_one), HasSubstr("2026-03-01"));
  EXPECT_THAT(text_of_part(signed_one), Not(HasSubstr("SEVNTElHVA")));
}

// SPEC PART-33
TEST(Fhir, AFileInAnAddressIsRefused) {
  const auto with = [](const std::string& member) {
    return reason_of(pass_bundle(R"({"resourceType":"Observation",)" + member + "}"));
  };
  EXPECT_EQ(with(R"("photo":{"url":"data:application/pdf;base64,JVBERi0="})"), RefusalReason::unsupported);
  EXPECT_EQ(with(R"("photo":{"url":" DATA:,hej"})"), RefusalReason::unsupported);
  EXPECT_EQ(with(R"("extension":[{"url":"urn:e","valueUri":"data:,hej"}])"), RefusalReason::unsupported);
  EXPECT_EQ(with(R"("instantiatesUri":["urn:x","data:,hej"])"), RefusalReason::unsupported);
  EXPECT_EQ(with(R"("note":[{"text":"data:image/png;base64,iVBORw0="}])"), RefusalReason::unsupported);
  EXPECT_EQ(with(R"("note":[{"text":"data: see below"}])"), std::nullopt);
  EXPECT_EQ(with(R"("photo":{"url":"https://example.org/data:x"})"), std::nullopt);
}

// SPEC PART-33
TEST(Fhir, ValuesThatAreBytesGo) {
  const Outcome out = pass_bundle(
      R"({"resourceType":"Observation","extension":[{"url":"urn:a","valueBase64Binary":"SEVNTElHVA=="},{"url":"urn:b","valueString":"stays"}],)"
      R"("modifierExtension":[{"url":"urn:c","valueBase64Binary":"SEVNTElHVA=="}],"patternBase64Binary":"SEVNTElHVA=="})");
  EXPECT_EQ(reason_of(out), std::nullopt);
  const std::string part = text_of_part(out);
  EXPECT_THAT(part, HasSubstr("stays"));
  EXPECT_TRUE(has_finding(out, FindingKind::embedded_document));
  for (const char* gone : {"SEVNTElHVA", "urn:a", "urn:c", "modifierExtension", "[]"}) {
    EXPECT_THAT(part, Not(HasSubstr(gone))) << gone;
  }
}

constexpr std::string_view kWithPerson =
    R"({"resourceType":"Observation","id":"one","subject":{"reference":"#p1","display":"Anna Andersson"},"performer":[{"reference":"#d1"}],)"
    R"("contained":[{"resourceType":"Patient","id":"p1","identifier":[{"value":"191212121212"}],"name":[{"family":"Andersson"}]},)"
    R"({"resourceType":"Practitioner","id":"d1","name":[{"family":"Doktorsson"}]},)"
    R"({"resourceType":"RelatedPerson","id":"r1","patient":{"reference":"#p1"},"name":[{"family":"Broder"}]}]})";

// SPEC PART-30, PART-37
TEST(Fhir, APatientInsideAResourceIsCutLikeOneBesideIt) {
  const std::string file = bundle_of({std::string(kWithPerson)});
  const Outcome out = pass_records(kFhirType, file, {partition::TakeResources{"Observation", std::nullopt}});
  ASSERT_EQ(reason_of(out), std::nullopt);
  const std::string part = text_of_part(out);
  for (const char* gone : {"Andersson", "191212121212", "Broder", "#p1", "Patient", "RelatedPerson"}) {
    EXPECT_THAT(part, Not(HasSubstr(gone))) << gone;
  }
  EXPECT_THAT(part, HasSubstr("Doktorsson"));
  EXPECT_THAT(part, HasSubstr("\"#d1\""));
  EXPECT_THAT(part, HasSubstr("\"subject\":{\"identifier\":{\"system\":\"urn:flikvakt:left-out\""));
  EXPECT_TRUE(has_finding(out, FindingKind::person_in_header));

  const std::string named = text_of_part(pass_records(
      kFhirType, file,
      {partition::TakeResources{"Observation", std::nullopt}, partition::TakeResources{"Patient", std::nullopt}}));
  EXPECT_THAT(named, HasSubstr("191212121212"));
  EXPECT_THAT(named, HasSubstr("\"#p1\""));
  EXPECT_THAT(named, Not(HasSubstr("Broder"))) << "another type";
  EXPECT_THAT(text_of_part(pass_bundle(std::string(kWithPerson))), HasSubstr("Broder")) << "whole";
}

// SPEC PART-37
TEST(Fhir, AResourceOnlyOfPeopleInsideGoesWithoutTheList) {
  const std::string file = bundle_of(
      {R"({"resourceType":"Observation","contained":[{"resourceType":"Patient","id":"p1"}],"subject":{"reference":"#p1"}})"});
  const std::string part =
      text_of_part(pass_records(kFhirType, file, {partition::TakeResources{"Observation", std::nullopt}}));
  EXPECT_THAT(part, HasSubstr("Observation"));
  EXPECT_THAT(part, Not(HasSubstr("contained")));
}

// SPEC PART-37
TEST(Fhir, PeopleAndBundlesInOtherPlacesAreRefused) {
  const auto parameters = [](std::string_view resource) {
    return reason_of(pass_records(kFhirType,
                                  bundle_of({R"({"resourceType":"Parameters","parameter":[{"name":"a","resource":)" +
                                             std::string(resource) + "}]}"}),
                                  {partition::TakeResources{"Parameters", std::nullopt}}));
  };
  EXPECT_EQ(parameters(R"({"resourceType":"Patient"})"), RefusalReason::unsupported);
  EXPECT_EQ(parameters(R"({"resourceType":"Bundle"})"), RefusalReason::unsupported);
  EXPECT_EQ(parameters(R"({"resourceType":"Organization"})"), std::nullopt);
  EXPECT_EQ(reason_of(pass_bundle(R"({"resourceType":"List","contained":[{"resourceType":"Bundle","entry":[]}]})")),
            RefusalReason::unsupported);
}

// SPEC PART-6
TEST(Fhir, ARefusalAndWhatIsLeftOutAreInNoWordsOfTheFile) {
  const std::string secret = "HEMLIGT-7Q2 " + std::string(100'000, 'x');
  const Outcome refused = pass_bundle(R"({"resourceType":")" + secret + "\"}");
  ASSERT_EQ(reason_of(refused), RefusalReason::unsupported);
  EXPECT_THAT(refused.report.refusal->where, Not(HasSubstr("HEMLIGT")));
  const Outcome out = pass_records(kFhirType,
                                   bundle_of({R"({"resourceType":"Condition","category":[{"text":")" + secret +
                                                  R"(","coding":[{"code":"problem-list"},{"code":"HEMLIGT 7Q2"}]}]})",
                                              R"({"resourceType":"Flag","category":[{"text":")" + secret + "\"}]}"}),
                                   {partition::TakeResources{"Observation", std::nullopt}});
  std::vector<std::string> left;
  for (const partition::LeftOut& one : out.report.left_out) left.push_back(one.what);
  EXPECT_THAT(left, testing::UnorderedElementsAre("1 Condition", "1 Condition problem-list", "1 Flag"));
  for (const Content& content : out.report.contents) EXPECT_LE(content.words.size(), partition::kMostWordBytes);
}

std::string cda_of(std::string_view sections) {
  return "<ClinicalDocument xmlns=\"urn:hl7-org:v3\" "
         "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><component>"
         "<structuredBody>" +
         std::string(sections) + "</structuredBody></component></ClinicalDocument>";
}
std::string cda_section(std::string_view inside) {
  return "<component><section><title>HEMLIGT-7Q2</title>" + std::string(inside) + "</section></component>";
}

// SPEC PART-6
TEST(Cda, WhatIsLeftOutIsInNoWordsOfTheFile) {
  const std::string known = R"(<code code="10160-0" codeSystem="2.16.840.1.113883.6.1"/>)";
  const Outcome out = pass_records(kXmlType, cda_of(cda_section("") + cda_section(known) + cda_section("")),
                                   {partition::TakeSection{"8716-3"}});
  std::vector<std::string> left;
  for (const partition::LeftOut& one : out.report.left_out) left.push_back(one.what);
  EXPECT_THAT(left, testing::ElementsAre("section 1", "section 10160-0", "section 3"));
}

// SPEC PART-33
TEST(Cda, AFileThatDoesNotSayHowItIsCodedIsRefused) {
  const auto value = [](std::string_view attributes, std::string_view text) {
    return pass_records(kXmlType,
                        cda_of(cda_section("<entry><observation><value " + std::string(attributes) + ">" +
                                           std::string(text) + "</value></observation></entry>")),
                        {partition::TakeWhole{}});
  };
  const std::string text = to_base64(as_bytes("hej"));
  EXPECT_EQ(reason_of(value(R"(mediaType="application/pdf")", "JVBERi0xLjc=")), RefusalReason::unsupported);
  EXPECT_EQ(reason_of(value(R"(mediaType="image/jpeg")", "<![CDATA[/9j/]]>")), RefusalReason::unsupported);
  EXPECT_EQ(reason_of(value(R"(mediaType="application/pdf" representation=" B64")", text)), RefusalReason::mislabelled)
      << "it is looked into";
  EXPECT_THAT(text_of_part(value(R"(mediaType="text/plain" representation=" B64 ")", text)),
              HasSubstr("representation=\"B64\">" + text));
  EXPECT_THAT(text_of_part(value(R"(mediaType="text/plain")", "plain words")), HasSubstr("plain words"));
  EXPECT_EQ(reason_of(value(R"(mediaType="image/jpeg")", "<reference value=\"#x\"/>")), std::nullopt)
      << "no file, only where it would be";
}

}  // namespace
}  // namespace flikvakt::dissect
