// The own log as files: spec/log-view.md. What others write into names and titles is tried on each form.
#include "admin/log_exports.h"

#include <gmock/gmock.h>

#include "admin/fhir.h"
#include "admin/json_text.h"
#include "admin/windows_1252.h"
#include "base/csv.h"
#include "service/log_filter.h"

namespace flikvakt::admin {
namespace {

using testing::HasSubstr;
using testing::Not;

json::value parsed(std::string_view text) { return parse_json(text).value(); }

json::object entry(std::uint64_t number, std::string_view more = "{}") {
  json::object out{{"entry", number + 40},
                   {"number", number},
                   {"time", "2026-11-22T08:00:00.000Z"},
                   {"kind", "open_reading"},
                   {"group", "readings"},
                   {"action", json::object{{"sv", "Läsning av ett dokument"}, {"en", "Reading of a document"}}},
                   {"outcome", "permitted"},
                   {"actor", "staff"}};
  const json::value others = parsed(more);
  for (const auto& [name, value] : others.as_object()) out[name] = value;
  return out;
}

constexpr std::string_view kByRegion =
    R"({"organisation": {"id": "0123456789abcdef0123456789abcdef", "name": "Region Ett", "number": "2321000001"},
        "unit": {"id": "fedcba9876543210fedcba9876543210", "name": "Åvården"}, "staff": "Örjan Ängel",
        "document": "89abcdef0123456789abcdef01234567", "title": "Anteckning, å", "flik": "journal", "purpose": "rehab",
        "fullmakt": "00112233445566778899aabbccddeeff"})";

FetchedLog log_of(std::vector<json::object> entries) {
  FetchedLog out;
  out.gateway = "flikvakt-test";
  out.total = entries.size();
  out.begins = {{"entry", 40}, {"time", "2026-11-01T08:00:00.000Z"}};
  out.entries = std::move(entries);
  return out;
}

LogNames names(Language language = Language::sv) {
  return LogNames(parsed(R"({"flik_types": [{"code": "journal", "name_sv": "Journal", "name_en": "Record"}]})"),
                  parsed(R"({"fullmakter": [{"id": "00112233445566778899aabbccddeeff", "terms": {"purpose": "rehab",
                 "valid_from": "2026-11-01T00:00:00.000Z", "valid_to": "2027-11-01T00:00:00.000Z"}}]})"),
                  language);
}

// ---- Fetching

struct Pages {
  std::vector<std::string> asked;
  std::vector<std::string> answers;  // in order
  Outcome<FetchedLog> fetch(const std::string& filters = {}) {
    return fetch_log(
        [&](const std::string& query) -> Result<json::value> {
          asked.push_back(query);
          if (asked.size() > answers.size()) return fail(ErrorCode::io, "nothing more");
          return parse_json(answers[asked.size() - 1]);
        },
        filters);
  }
};

std::string page(std::uint64_t total, std::vector<std::uint64_t> numbers, std::optional<std::uint64_t> next) {
  json::array entries;
  for (const std::uint64_t number : numbers) entries.push_back(entry(number));
  json::object out{{"total", total}, {"begins", log_of({}).begins}, {"limit", 100}, {"entries", std::move(entries)}};
  if (next) out["next"] = *next;
  return to_text(out);
}

// SPEC LOGV-21
TEST(FetchLog, GoesToTheEndWhileTheLogGrows) {
  Pages pages{{}, {page(5, {4, 3}, 3), page(6, {2, 1}, 1), page(7, {0}, {})}};
  const auto log = pages.fetch();
  ASSERT_TRUE(log) << log.error().message;
  EXPECT_EQ(log->total, 5u);
  EXPECT_EQ(log->entries.size(), 5u);
  EXPECT_THAT(pages.asked, testing::ElementsAre("limit=100", "limit=100&below=3", "limit=100&below=1"));
}

// SPEC LOGV-1: one entry that cannot be read must not keep the rest from its person.
TEST(FetchLog, TakesALogOfWhichNobodyCanReadWhereItBegins) {
  json::object answer = parsed(page(900, {899}, {})).as_object();
  answer.erase("begins");
  Pages pages{{}, {to_text(answer)}};
  const auto log = pages.fetch("from=2026-11-22T00%3a00%3a00.000Z");
  ASSERT_TRUE(log) << log.error().message;
  EXPECT_TRUE(log->begins.is_null());
  EXPECT_EQ(newest_time(*log), "2026-11-22T08:00:00.000Z");
  EXPECT_THAT(log_as_json_lines(*log), HasSubstr(R"("begins":null)"));
  EXPECT_TRUE(log_as_pdf(*log, names()));
  EXPECT_EQ(log_as_fhir(*log, names(), {"flikvakt-test", "5eed", {}}, "gateway.test:8443").at("timestamp"),
            "2026-11-22T08:00:00.000Z");
  answer["begins"] = "yesterday";
  Pages odd{{}, {to_text(answer)}};
  EXPECT_FALSE(odd.fetch("outcome=refused")) << "something else is no beginning";
}

// SPEC LOGV-21
TEST(FetchLog, OfAFilterTakesEmptyPiecesAndGaps) {
  Pages pages{{}, {page(900, {}, 400), page(901, {12}, {})}};
  const auto log = pages.fetch("outcome=refused");
  ASSERT_TRUE(log) << log.error().message;
  EXPECT_EQ(log->entries.size(), 1u);
  EXPECT_EQ(pages.asked[1], "limit=100&outcome=refused&below=400");
}

// SPEC LOGV-21
TEST(FetchLog, RefusesAnswersThatDoNotFitTogether) {
  const auto refused = [](std::vector<std::string> answers, const std::string& filters = {}) {
    Pages pages{{}, std::move(answers)};
    return !pages.fetch(filters);
  };
  EXPECT_TRUE(refused({page(5, {4, 2}, 2), page(5, {1, 0}, {})})) << "one is missing within";
  EXPECT_TRUE(refused({page(5, {4, 3}, 3), page(5, {1, 0}, {})})) << "between";
  EXPECT_TRUE(refused({page(5, {4, 3}, {})})) << "and at the end";
  EXPECT_TRUE(refused({page(5, {3, 2, 1, 0}, {})})) << "and at the beginning";
  EXPECT_TRUE(refused({page(5, {4, 4, 3}, 3)})) << "twice";
  EXPECT_TRUE(refused({page(5, {4, 3}, 4), page(5, {3, 2, 1, 0}, {})})) << "back again";
  EXPECT_TRUE(refused({page(5, {}, 3), page(5, {}, 3)}, "outcome=refused")) << "for ever";
  EXPECT_TRUE(refused({page(5, {2}, 2), page(5, {3}, {})}, "outcome=refused")) << "out of order";
  EXPECT_TRUE(refused({"[]"}));
  EXPECT_TRUE(refused({R"({"total": 1, "entries": []})"})) << "no beginning";
  EXPECT_FALSE(refused({page(1, {0}, {})}));
}

TEST(LogFilters, EachHasAnOption) {
  const std::vector<Option> options = log_filter_options();
  EXPECT_EQ(options.size(), service::LogFilter::names().size());
  for (const std::string_view name : service::LogFilter::names())
    EXPECT_EQ(std::ranges::count(options, "--" + std::string(name), &Option::name), 1) << name;
}

TEST(LogFilters, AreWrittenAsAQuery) {
  Arguments arguments;
  arguments.add("--from", "2026-11-01");
  arguments.add("--to", "2026-11-30");
  arguments.add("--flik", "a&b=c");
  EXPECT_EQ(log_filters(arguments).value(),
            "from=2026-11-01T00%3a00%3a00.000Z&to=2026-12-01T00%3a00%3a00.000Z&flik=a%26b%3dc");
  EXPECT_EQ(log_filters(Arguments()).value(), "");
  Arguments bad;
  bad.add("--from", "yesterday");
  EXPECT_EQ(log_filters(bad).error().exit, ExitCode::usage);
}

// ---- In words

TEST(LogLine, IsInTheLanguageThatIsAskedFor) {
  const json::object read = entry(7, kByRegion);
  const LogLine sv = log_line(read, names()), en = log_line(read, names(Language::en));
  EXPECT_EQ(sv.action, "Läsning av ett dokument");
  EXPECT_EQ(en.action, "Reading of a document");
  EXPECT_EQ(sv.outcome, "Tilläts");
  EXPECT_EQ(en.flik, "Record");
  EXPECT_EQ(sv.fullmakt, "rehab, 2026-11-01–2027-11-01");
  EXPECT_EQ(log_line(entry(7, R"({"outcome": "refused", "rule": 3, "reason": 60})"), names()).why,
            "en spärr hindrar det");
  EXPECT_EQ(log_line(entry(7, R"({"outcome": "odd", "reason": 65000, "actor": "odd"})"), names()).why, "65000");
}

TEST(LogLine, HasNoReasonWhereNoneIsAsANumber) {
  const LogLine odd = log_line(entry(1, R"({"reason": "text"})"), names());
  EXPECT_EQ(odd.why, "");
}

// ---- CSV

// SPEC LOGV-24
TEST(Csv, ACellIsNeverAFormula) {
  for (const char* bad : {"=1+1", "+46", "-1", "@SUM(A1)", "  =1", "\t=1",
                          "\xef\xbc\x9d"
                          "1",
                          "\xef\xbc\x8b"
                          "1",
                          "\xef\xbc\x8d"
                          "1",
                          "\xef\xbc\xa0"
                          "x",
                          "\xe2\x88\x92"
                          "1",
                          "\r\n=1"}) {
    EXPECT_EQ(csv_cell(bad).front(), '\'') << bad;
  }
  EXPECT_EQ(csv_cell("=HYPERLINK(\"http://x\",\"y\")"), "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
  for (const char* good : {"Region Ett", "1-2", "a=b", "å", "", "a;b", "a; b=1", "a|b-1"})
    EXPECT_EQ(csv_cell(good), good);
}

// SPEC LOGV-24: where the decimal sign is a comma, as in Swedish, spreadsheets part cells at semicolons.
TEST(Csv, ACellIsNoFormulaWhereverASpreadsheetPartsIt) {
  EXPECT_EQ(csv_cell("a;=1"), "a;'=1");
  EXPECT_EQ(csv_cell("a; \"=1"), "\"a; \"\"'=1\"");
  EXPECT_EQ(csv_cell("a;\"\"=1"), "\"a;\"\"\"\"'=1\"");
  EXPECT_EQ(csv_cell("a;+1"), "a;'+1");
  EXPECT_EQ(csv_cell("a|@x|b;;-1"), "a|'@x|b;;'-1");
  EXPECT_EQ(csv_cell(";  \xef\xbc\x9d"
                     "1"),
            ";  '\xef\xbc\x9d"
            "1");
  EXPECT_EQ(csv_cell("\"=1"), "\"'\"\"=1\"");
  EXPECT_EQ(csv_cell("=1;=2"), "'=1;'=2");
}

// SPEC LOGV-22, LOGV-24
TEST(Csv, FollowsRfc4180WhateverNamesHold) {
  const std::string csv = log_as_csv(
      log_of({entry(7, kByRegion), entry(6,
                                         "{\"organisation\": {\"id\": \"0123456789abcdef0123456789abcdef\", \"name\": "
                                         "\"A, \\\"B\\\"\\r\\nC\\u0007\\u202eD\"}}")}),
      names());
  EXPECT_TRUE(csv.starts_with("\xef\xbb\xbfnummer,tid (UTC),handling,utfall,"));
  EXPECT_THAT(csv, HasSubstr("\"Anteckning, å\""));
  EXPECT_THAT(csv, HasSubstr("\"A, \"\"B\"\"  C  D\""));
  EXPECT_EQ(std::ranges::count(csv, '\n'), 3);
  EXPECT_EQ(std::ranges::count(csv, '\r'), 3) << "each line ends with CR LF";
  EXPECT_THAT(log_as_csv(log_of({}), names(Language::en)), HasSubstr("number,time (UTC),act,outcome,"));
}

// SPEC LOGV-27
TEST(Csv, HasTheColumnsInOrder) {
  EXPECT_EQ(log_as_csv(log_of({}), names()),
            "\xef\xbb\xbfnummer,tid (UTC),handling,utfall,skäl,vem,organisation,enhet,medarbetare,flik,dokument,"
            "dokumentets id,ändamål,fullmakt,fullmaktens id,byte,loggpost\r\n");
  EXPECT_EQ(log_as_csv(log_of({}), names(Language::en)),
            "\xef\xbb\xbfnumber,time (UTC),act,outcome,reason,who,organisation,unit,staff,flik,document,document id,"
            "purpose,fullmakt,fullmakt id,bytes,log entry\r\n");
}

// ---- JSON

TEST(JsonForms, HoldTheEntriesAsTheyCame) {
  const FetchedLog log = log_of({entry(1, kByRegion), entry(0)});
  const json::value whole = parsed(log_as_json(log));
  EXPECT_EQ(whole.at("format"), "flikvakt-person-log/1");
  EXPECT_EQ(whole.at("begins").at("entry"), 40);
  EXPECT_EQ(whole.at("entries").at(0), json::value(log.entries[0]));
  const std::string lines = log_as_json_lines(log);
  ASSERT_EQ(std::ranges::count(lines, '\n'), 3);
  EXPECT_EQ(parsed(lines.substr(0, lines.find('\n'))).at("entries"), 2);
}

// ---- The Estonian usage protocol

// SPEC LOGV-26
TEST(Usage, HasTheMembersOfTheProtocolAndOnlyWhatHasAReceiver) {
  const json::value usage =
      parsed(log_as_usage(log_of({entry(8, R"({"actor": "self"})"), entry(7, kByRegion)}), names()));
  EXPECT_EQ(usage.as_object().size(), 2u);
  EXPECT_EQ(usage.at("totalUsages"), 1);
  const json::object& one = usage.at("usages").at(0).as_object();
  EXPECT_EQ(one.size(), 5u);
  EXPECT_EQ(one.at("logtime"), "2026-11-22T08:00:00.000Z");
  EXPECT_EQ(one.at("action"), "Läsning av ett dokument (Tilläts): rehab");
  EXPECT_EQ(one.at("receiverCode"), "2321000001");
  EXPECT_EQ(one.at("receiverName"), "Region Ett");
  EXPECT_EQ(one.at("receiverSystem"), "flikvakt-test");
}

// ---- PDF

// SPEC LOGV-25
TEST(Pdf, TakesNoCharacterForAnother) {
  EXPECT_EQ(windows_1252("åäö ÅÄÖ é €"), "\xe5\xe4\xf6 \xc5\xc4\xd6 \xe9 \x80");
  EXPECT_EQ(windows_1252("Łódź–Ŋ"),
            "[U+0141]\xf3"
            "d[U+017A]\x96[U+014A]");
  EXPECT_EQ(windows_1252("\xff"), "[U+FFFD]");
  EXPECT_EQ(windows_1252("\x1b[2J"), "[U+001B][2J");
}

// SPEC LOGV-25
TEST(Pdf, TheSameLogMakesTheSameBytesAndAnotherOthers) {
  std::vector<json::object> entries;
  for (std::uint64_t i = 0; i < 200; ++i) entries.push_back(entry(199 - i, kByRegion));
  const std::string once = log_as_pdf(log_of(entries), names()).value();
  EXPECT_TRUE(once.starts_with("%PDF-"));
  EXPECT_EQ(once, log_as_pdf(log_of(entries), names()).value());
  entries.pop_back();
  EXPECT_NE(once, log_as_pdf(log_of(entries), names()).value());
}

TEST(Pdf, IsMadeOfAnEmptyLogAndOfWordsWiderThanAPage) {
  EXPECT_TRUE(log_as_pdf(log_of({}), names()));
  json::object wide = entry(1, kByRegion);
  wide["title"] = std::string(5000, 'W') + " " + std::string(20'000, 'i');
  EXPECT_TRUE(log_as_pdf(log_of({wide}), names()));
}

// ---- FHIR

json::value at(const json::object& bundle, std::string_view pointer) {
  boost::system::error_code missing;
  const json::value all(bundle);
  const json::value* found = all.find_pointer(std::string(pointer), missing);
  return found ? *found : json::value();
}

const FhirPerson kPerson{"flikvakt-test", "5eed", {}};

json::object audit_event(const json::object& one, const FhirPerson& person = kPerson) {
  const json::object bundle = log_as_fhir(log_of({one}), names(), person, "gateway.test:8443");
  return bundle.at("entry").as_array().back().at("resource").as_object();
}

// SPEC LOGV-31
TEST(FhirAudit, NamesAProfileOnlyWhereAllOfItIsThere) {
  EXPECT_EQ(at(audit_event(entry(7, kByRegion)), "/meta/profile/0"),
            "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead");
  json::object refused = entry(7, kByRegion);
  refused["outcome"] = "refused";
  EXPECT_FALSE(audit_event(refused).contains("meta"));
  EXPECT_EQ(audit_event(refused).at("outcome"), "4");
  json::object hidden = entry(7, kByRegion);
  hidden.erase("organisation");
  EXPECT_FALSE(audit_event(hidden).contains("meta")) << "who the client is, is not told";
  EXPECT_FALSE(audit_event(entry(7, R"({"kind": "sign_fullmakt", "actor": "self"})")).contains("meta"));
}

// SPEC LOGV-32
TEST(FhirAudit, ANumberIsThereOnlyWhenItIsAskedFor) {
  const auto patient = [](const FhirPerson& person) {
    return to_text(log_as_fhir(log_of({entry(7, kByRegion)}), names(), person, "gateway.test:8443"));
  };
  EXPECT_THAT(patient(kPerson), Not(HasSubstr("electronichealth.se")));
  const FhirPerson named{"flikvakt-test", "5eed", {"191212121212", "191212721216"}};
  EXPECT_THAT(patient(named),
              HasSubstr(R"("system":"http://electronichealth.se/identifier/personnummer","value":"191212121212")"));
  EXPECT_THAT(patient(named), HasSubstr(R"(identifier/samordningsnummer","value":"191212721216")"));
  const auto urn = [](const FhirPerson& person) {
    return at(log_as_fhir(log_of({}), names(), person, ""), "/entry/0/fullUrl").as_string();
  };
  EXPECT_EQ(urn(kPerson), "urn:uuid:28efa3c5-e180-88d6-aa6d-e66f7a02f83c") << "made by hand, as the page says";
  EXPECT_EQ(urn(kPerson), urn(named)) << "two files of one person fit together";
  EXPECT_NE(urn(kPerson), urn({"flikvakt-test", "5eee", {}})) << "another person's is another";
  EXPECT_NE(urn(kPerson), urn({"elsewhere", "5eed", {}}));
}

TEST(FhirAudit, TheKindSaysWhatWasDoneToTheRecord) {
  for (const auto& [kind, action] :
       std::initializer_list<std::pair<const char*, const char*>>{{"seal_deposit", "C"},
                                                                  {"shred", "D"},
                                                                  {"list_documents", "R"},
                                                                  {"read_own_log", "R"},
                                                                  {"close_reading", "E"},
                                                                  {"record_disclosure", "E"},
                                                                  {"sign_fullmakt", "E"}}) {
    json::object one = entry(7, kByRegion);
    one["kind"] = kind;
    EXPECT_EQ(audit_event(one).at("action"), action) << kind;
  }
}

TEST(FhirAudit, WhoAndWhatStandWhereTheTableSays) {
  const json::object reading = audit_event(entry(7, kByRegion));
  EXPECT_EQ(at(reading, "/subtype/0/code"), "read");
  EXPECT_EQ(at(reading, "/subtype/1/code"), "open_reading");
  EXPECT_EQ(at(reading, "/agent/0/who/display"), "Region Ett, Åvården");
  EXPECT_EQ(at(reading, "/agent/1/network/address"), "https://gateway.test:8443/");
  EXPECT_EQ(at(reading, "/agent/2/who/display"), "Örjan Ängel");
  EXPECT_EQ(at(reading, "/entity/0/role/code"), "1");
  EXPECT_EQ(at(reading, "/entity/1/name"), "Anteckning, å");
  EXPECT_EQ(at(reading, "/entity/2/type/code"), "Consent");
  const json::object by_gateway = audit_event(entry(7, R"({"kind": "expire", "actor": "system"})"));
  EXPECT_EQ(at(by_gateway, "/type/code"), "110100");
  EXPECT_EQ(by_gateway.at("agent").as_array().size(), 1u);
}

TEST(FhirAudit, EveryKindOfActByEveryActorIsMapped) {
  for (const service::ActWords& words : service::all_act_words()) {
    for (const char* actor : {"self", "system", "administrator", "staff", "person", "representative"}) {
      json::object one = entry(7);
      one["kind"] = audit::name_of(words.kind);
      one["actor"] = actor;
      const json::object event = audit_event(one);
      EXPECT_FALSE(event.at("agent").as_array().empty());
      EXPECT_THAT(std::string(event.at("action").as_string()), testing::AnyOf("C", "R", "D", "E"));
    }
  }
}

// SPEC LOGV-34
TEST(FhirAudit, OfAnActPartAloneIsAboutNobody) {
  const json::object event =
      act_as_fhir(parsed(R"({"index": 41, "time": "2026-11-22T06:40:25.123Z", "act": {"actor_kind": "staff",
                 "actor": "00112233445566778899aabbccddeeff", "kind": "open_reading", "outcome": "permitted",
                 "organisation": "0123456789abcdef0123456789abcdef"}})")
                      .as_object(),
                  "flikvakt.test/log");
  EXPECT_EQ(event.at("id"), "entry-41");
  EXPECT_FALSE(event.contains("entity") || event.contains("meta"));
  EXPECT_THAT(to_text(event), HasSubstr("urn:uuid:00112233-4455-6677-8899-aabbccddeeff"));
  EXPECT_THAT(to_text(event), HasSubstr("urn:uuid:01234567-89ab-cdef-0123-456789abcdef"));
  const json::object by_person =
      act_as_fhir(parsed(R"({"index": 42, "time": "2026-11-22T06:40:25.123Z", "act": {"actor_kind": "person",
                 "actor": "00000000000000000000000000000000", "kind": "sign_fullmakt", "outcome": "permitted",
                 "organisation": "00000000000000000000000000000000"}})")
                      .as_object(),
                  "flikvakt.test/log");
  EXPECT_EQ(by_person.at("agent").as_array().size(), 1u);
  EXPECT_EQ(at(by_person, "/agent/0/who/display"), "person");
}

constexpr std::string_view kFullmakt =
    R"({"id": "00112233445566778899aabbccddeeff", "status": "active", "in_force": true, "readings": 1, "relinquished": [], "terms":
        {"disclosers": ["0123456789abcdef0123456789abcdef"], "recipients": [{"kind": "team", "id": "ASNFZ4mrze8BI0VniavN7w"}],
         "flikar": ["journal"], "documents": [], "purpose": "rehab", "rights": ["read"], "valid_from":
         "2026-11-01T00:00:00.000Z", "valid_to": "2027-11-01T00:00:00.000Z", "secrecy_consent": "osl-10-1",
         "legal_ground": "gdpr-6-1-e"}})";

json::object consent_of(json::value fullmakt) {
  const json::value overview(
      json::object{{"fullmakter", json::array{std::move(fullmakt)}}, {"sparrar", json::array()}});
  const json::object bundle =
      consents_as_fhir(overview, parsed(R"({"organisations": [], "teams": []})"), kPerson, Language::sv);
  return bundle.at("entry").as_array().back().at("resource").as_object();
}

// SPEC LOGV-33
TEST(FhirConsent, IsActiveOnlyWhileSomebodyReceivesSomething) {
  EXPECT_EQ(consent_of(parsed(kFullmakt)).at("status"), "active");
  for (const char* status : {"paused", "exhausted", "expired", "revoked", "relinquished", "superseded"}) {
    json::value other = parsed(kFullmakt);
    other.as_object()["status"] = status;
    other.as_object()["in_force"] = false;
    EXPECT_EQ(consent_of(other).at("status"), "inactive") << status;
    EXPECT_EQ(at(consent_of(other), "/meta/tag/0/code"), status);
  }
  json::value after_restore = parsed(kFullmakt);
  after_restore.as_object()["in_force"] = false;
  EXPECT_EQ(consent_of(after_restore).at("status"), "inactive") << "active, and nothing can be opened under it";
  after_restore.as_object().erase("in_force");
  EXPECT_EQ(consent_of(after_restore).at("status"), "inactive") << "nobody says that it counts";
  json::value given_up = parsed(kFullmakt);
  given_up.as_object()["relinquished"] = given_up.at("terms").at("recipients");
  EXPECT_EQ(consent_of(given_up).at("status"), "inactive") << "without a recipient it would read as for everybody";
  json::value nothing = parsed(kFullmakt);
  nothing.as_object()["terms"].as_object()["flikar"] = json::array();
  EXPECT_EQ(consent_of(nothing).at("status"), "inactive") << "and without a flik as of everything";
}

// SPEC LOGV-33
TEST(FhirConsent, SaysWhatItHasNoMemberForWhereNobodyMayPassItOver) {
  EXPECT_FALSE(consent_of(parsed(kFullmakt)).contains("modifierExtension"));
  json::value limited = parsed(kFullmakt);
  limited.as_object()["terms"].as_object()["max_readings"] = 3;
  EXPECT_THAT(to_text(consent_of(limited).at("modifierExtension")), HasSubstr("at most 3 readings, 1 used"));
  json::value bound = parsed(kFullmakt);
  bound.as_object()["terms"].as_object()["kontrakt"] = "89abcdef0123456789abcdef01234567";
  EXPECT_TRUE(consent_of(bound).contains("modifierExtension"));
}

// SPEC LOGV-33
TEST(FhirConsent, NamesFlikarInTheLanguageThatIsAskedFor) {
  const json::value overview(json::object{{"fullmakter", json::array{parsed(kFullmakt)}}});
  const json::value catalogue =
      parsed(R"({"flik_types": [{"code": "journal", "name_sv": "Journal", "name_en": "Record"}]})");
  const auto name = [&](Language language) {
    const json::object bundle = consents_as_fhir(overview, catalogue, kPerson, language);
    return at(bundle.at("entry").as_array().back().at("resource").as_object(), "/provision/code/0/coding/0/display");
  };
  EXPECT_EQ(name(Language::sv), "Journal");
  EXPECT_EQ(name(Language::en), "Record");
}

// SPEC LOGV-33
TEST(FhirConsent, ASparrDenies) {
  const auto sparr = [](std::string_view text) {
    const json::value overview(json::object{{"fullmakter", json::array()}, {"sparrar", json::array{parsed(text)}}});
    const json::object bundle = consents_as_fhir(overview, json::object(), kPerson, Language::sv);
    return bundle.at("entry").as_array().back().at("resource").as_object();
  };
  const json::object all = sparr(R"({"id": "00112233445566778899aabbccddeeff", "in_force": true, "terms": {"target":
                                     "everything", "everyone": true, "recipients": []}})");
  EXPECT_EQ(all.at("status"), "active");
  EXPECT_EQ(at(all, "/provision/type"), "deny");
  EXPECT_FALSE(all.at("provision").as_object().contains("actor")) << "everybody";
  const json::object lifted = sparr(R"({"id": "00112233445566778899aabbccddeeff", "in_force": false, "terms": {"target":
       "dates", "from": "2026-01-01", "until": "2027-01-01T00:00:00.000Z", "everyone": false,
       "recipients": [{"kind": "staff", "id": "ASNFZ4mrze8BI0VniavN7w"}]}})");
  EXPECT_EQ(lifted.at("status"), "inactive");
  EXPECT_EQ(at(lifted, "/provision/dataPeriod/start"), "2026-01-01");
  EXPECT_EQ(at(lifted, "/provision/period/end"), "2027-01-01T00:00:00.000Z");
  EXPECT_EQ(lifted.at("provision").at("actor").as_array().size(), 1u);
  EXPECT_EQ(at(lifted, "/policyRule/text"), "Spärr");
  const json::object of_document = sparr(R"({"id": "00112233445566778899aabbccddeeff", "in_force": true, "versions":
      ["89abcdef0123456789abcdef01234567", "0123456789abcdef0123456789abcdef"], "terms": {"target": "document",
      "document": "89abcdef0123456789abcdef01234567", "everyone": true, "recipients": []}})");
  ASSERT_EQ(of_document.at("provision").at("data").as_array().size(), 2u) << "each version once";
  EXPECT_EQ(at(of_document, "/provision/data/1/reference/identifier/value"),
            "urn:uuid:01234567-89ab-cdef-0123-456789abcdef");
  EXPECT_THAT(to_text(of_document.at("policyRule")), HasSubstr("all versions"));
}

}  // namespace
}  // namespace flikvakt::admin
