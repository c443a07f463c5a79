#include <algorithm>

#include "admin/fhir_parts.h"
#include "admin/json_text.h"

namespace flikvakt::admin {
namespace {

using namespace fhir;

constexpr std::string_view kScopes = "http://terminology.hl7.org/CodeSystem/consentscope";
constexpr std::string_view kActs = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
constexpr std::string_view kActions = "http://terminology.hl7.org/CodeSystem/consentaction";

constexpr std::string_view kEveryVersion =
    "Spärr: alla versioner av dokumentet, också kommande (all versions of the document, later ones too)";

const json::object kNone;

const json::object& object_of(const json::object& from, std::string_view name) {
  const json::value* found = from.if_contains(name);
  return found && found->is_object() ? found->get_object() : kNone;
}

bool is_true(const json::object& from, std::string_view name) {
  const json::value* found = from.if_contains(name);
  return found && found->is_bool() && found->get_bool();
}

std::vector<std::string> texts_of(const json::object& from, std::string_view name) {
  std::vector<std::string> out;
  const json::value* found = from.if_contains(name);
  if (!found || !found->is_array()) return out;
  for (const json::value& one : found->get_array()) {
    if (one.is_string()) out.push_back(on_one_line(std::string(one.get_string())));
  }
  return out;
}

class Consents {
public:
  Consents(Bundle& bundle, const json::value& catalogue, std::string patient, Language language)
      : bundle_(bundle), patient_(std::move(patient)) {
    for (const std::string_view list : {"organisations", "units", "teams"}) {
      for (const json::object& row : rows_of(catalogue, list)) rows_[text_of(row, "id")] = row;
    }
    for (const json::object& row : rows_of(catalogue, "flik_types"))
      flikar_[text_of(row, "code")] = text_of(row, language == Language::sv ? "name_sv" : "name_en");
  }

  void add_fullmakt(const json::object& fullmakt) const {
    const json::object& terms = object_of(fullmakt, "terms");
    const std::string status = text_of(fullmakt, "status");
    const json::array receivers = recipients(rows_of(terms, "recipients"), rows_of(fullmakt, "relinquished"));
    const std::vector<std::string> flikar = texts_of(terms, "flikar"), documents = texts_of(terms, "documents");
    // SPEC LOGV-33: the gateway says whether it counts now; unsaid, it does not. Of nobody, or of nothing, would read
    // as of everybody, and everything.
    const bool is_open = is_true(fullmakt, "in_force") && !receivers.empty() && !(flikar.empty() && documents.empty());
    json::object out = consent(text_of(fullmakt, "id"), is_open ? "active" : "inactive", status);
    // SPEC LOGV-33: what a Consent cannot say must not look as if it were not there.
    if (json::array conditions = conditions_of(fullmakt, terms); !conditions.empty())
      out["modifierExtension"] = std::move(conditions);
    out["policyRule"] = grounds_of(terms);
    json::object provision{{"type", "permit"}, {"period", period_of(terms)}};
    provision["actor"] = actors_of(receivers, terms);
    provision["action"] = actions_of(terms);
    provision["purpose"] = json::array{coding(kPurposes, on_one_line(text_of(terms, "purpose")))};
    put_what(provision, flikar, documents);
    out["provision"] = std::move(provision);
    add(text_of(fullmakt, "id"), std::move(out));
  }

  void add_sparr(const json::object& sparr) const {
    const json::object& terms = object_of(sparr, "terms");
    const json::value* in_force = sparr.if_contains("in_force");
    const bool counts = !in_force || !in_force->is_bool() || in_force->get_bool();
    json::object out = consent(text_of(sparr, "id"), counts ? "active" : "inactive", counts ? "in_force" : "lifted");
    const std::string document = text_of(terms, "document");
    out["policyRule"] = json::object{{"text", document.empty() ? "Spärr" : kEveryVersion}};
    json::object provision{{"type", "deny"}};
    if (const std::string until = text_of(terms, "until"); !until.empty())
      provision["period"] = json::object{{"end", until}};
    json::array actors = recipients(rows_of(terms, "recipients"), {});
    if (!actors.empty()) provision["actor"] = std::move(actors);
    std::vector<std::string> flikar, documents;
    if (const std::string flik = text_of(terms, "flik"); !flik.empty()) flikar.push_back(flik);
    if (!document.empty()) documents.push_back(document);
    for (std::string& version : texts_of(sparr, "versions")) {
      if (version != document) documents.push_back(std::move(version));
    }
    put_what(provision, flikar, documents);
    json::object dates;
    if (const std::string from = text_of(terms, "from"); !from.empty()) dates["start"] = from;
    if (const std::string to = text_of(terms, "to"); !to.empty()) dates["end"] = to;
    if (!dates.empty()) provision["dataPeriod"] = std::move(dates);
    out["provision"] = std::move(provision);
    add(text_of(sparr, "id"), std::move(out));
  }

private:
  json::object consent(const std::string& id, std::string_view status, const std::string& ours) const {
    return {{"resourceType", "Consent"},
            {"meta", json::object{{"tag", json::array{coding(kStatuses, ours)}}}},
            {"identifier", json::array{identifier(urn_of(id))}},
            {"status", status},
            {"scope", concept_of(coding(kScopes, "patient-privacy", "Privacy Consent"))},
            {"category", json::array{concept_of(coding(kActs, "IDSCL", "information disclosure"))}},
            {"patient", reference(patient_)}};
  }

  static json::array conditions_of(const json::object& fullmakt, const json::object& terms) {
    json::array out;
    const auto say = [&](std::string text) {
      out.push_back(json::object{{"url", kCondition}, {"valueString", std::move(text)}});
    };
    const json::value* most = terms.if_contains("max_readings");
    const json::value* used = fullmakt.if_contains("readings");
    if (most) say("at most " + to_text(*most) + " readings, " + (used ? to_text(*used) : "0") + " used");
    if (const std::string kontrakt = on_one_line(text_of(terms, "kontrakt")); !kontrakt.empty())
      say("a provider receives only while its part of kontrakt " + kontrakt + " runs and it is authorised");
    return out;
  }

  static json::object grounds_of(const json::object& terms) {
    json::array codes;
    for (const std::string_view member : {"secrecy_consent", "legal_ground"}) {
      const std::string code = on_one_line(text_of(terms, member));
      if (!code.empty()) codes.push_back(coding(kGrounds, code));
    }
    json::object out{{"text", "Fullmakt"}};
    if (!codes.empty()) out["coding"] = std::move(codes);
    return out;
  }

  static json::object period_of(const json::object& terms) {
    return {{"start", text_of(terms, "valid_from")}, {"end", text_of(terms, "valid_to")}};
  }

  // Who lifted their secrecy, and who receives. Who gave it up does not.
  json::array actors_of(json::array out, const json::object& terms) const {
    for (const std::string& id : texts_of(terms, "disclosers")) {
      out.push_back(json::object{{"role", concept_of(coding(kParticipation, "CST", "custodian"))},
                                 {"reference", organisation(id)}});
    }
    return out;
  }

  json::array recipients(const std::vector<json::object>& all, const std::vector<json::object>& without) const {
    json::array out;
    for (const json::object& one : all) {
      if (std::ranges::find(without, one) != without.end()) continue;
      const Result<Bytes> bytes = from_base64url(text_of(one, "id"));
      if (!bytes || bytes->size() != 16) continue;
      out.push_back(json::object{{"role", concept_of(coding(kParticipation, "IRCP", "information recipient"))},
                                 {"reference", recipient(text_of(one, "kind"), to_hex(*bytes))}});
    }
    return out;
  }

  json::object recipient(const std::string& kind, const std::string& id) const {
    if (kind == "organisation") return organisation(id);
    const auto row = rows_.find(id);
    const std::string name = row == rows_.end() ? std::string() : on_one_line(text_of(row->second, "name"));
    return by_identifier(kind == "unit" ? "Organization" : kind == "team" ? "CareTeam" : "Practitioner", id, name);
  }

  json::object organisation(const std::string& id) const {
    const auto row = rows_.find(id);
    if (row == rows_.end()) return by_identifier("Organization", id);
    return reference(bundle_.add_organisation(row->second), on_one_line(text_of(row->second, "name")));
  }

  static json::array actions_of(const json::object& terms) {
    json::array out;
    for (const std::string& right : texts_of(terms, "rights")) {
      out.push_back(
          concept_of(right == "read" ? coding(kActions, "access", "Access") : coding(kActions, "collect", "Collect")));
    }
    return out;
  }

  void put_what(json::object& provision, const std::vector<std::string>& flikar,
                const std::vector<std::string>& documents) const {
    json::array codes, data;
    for (const std::string& flik : flikar) {
      const auto name = flikar_.find(flik);
      codes.push_back(concept_of(coding(kFlikTypes, flik, name == flikar_.end() ? "" : on_one_line(name->second))));
    }
    for (const std::string& id : documents)
      data.push_back(json::object{{"meaning", "instance"}, {"reference", by_identifier("DocumentReference", id)}});
    if (!codes.empty()) provision["code"] = std::move(codes);
    if (!data.empty()) provision["data"] = std::move(data);
  }

  void add(const std::string& id, json::object consent) const { bundle_.add(urn_of(id), std::move(consent)); }

  Bundle& bundle_;
  const std::string patient_;
  std::map<std::string, json::object> rows_;
  std::map<std::string, std::string> flikar_;
};

}  // namespace

json::object consents_as_fhir(const json::value& overview, const json::value& catalogue, const FhirPerson& person,
                              Language language) {
  Bundle bundle("");
  const Consents add(bundle, catalogue, bundle.add_patient(person), language);
  for (const json::object& one : rows_of(overview, "fullmakter")) add.add_fullmakt(one);
  for (const json::object& one : rows_of(overview, "sparrar")) add.add_sparr(one);
  return std::move(bundle).whole();
}

}  // namespace flikvakt::admin
