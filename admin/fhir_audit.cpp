#include "admin/fhir_parts.h"
#include "admin/json_text.h"
#include "audit/act_kind.h"
#include "service/act_words.h"

namespace flikvakt::admin {
namespace {

using namespace fhir;

constexpr std::string_view kPatientRead =
    "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead";
constexpr std::string_view kEventTypes = "http://terminology.hl7.org/CodeSystem/audit-event-type";
constexpr std::string_view kInteractions = "http://hl7.org/fhir/restful-interaction";
constexpr std::string_view kDicom = "http://dicom.nema.org/resources/ontology/DCM";
constexpr std::string_view kRoles = "http://terminology.hl7.org/CodeSystem/extra-security-role-type";
constexpr std::string_view kEntityTypes = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
constexpr std::string_view kObjectRoles = "http://terminology.hl7.org/CodeSystem/object-role";
constexpr std::string_view kSourceTypes = "http://terminology.hl7.org/CodeSystem/security-source-type";

bool is_reading(std::string_view kind) { return kind == "open_reading" || kind == "open_own_document"; }

// C, R, D where the act is just that of a record; E, "execute", of all else.
std::string_view action_of(std::string_view kind) {
  if (kind == "seal_deposit") return "C";
  if (kind == "shred" || kind == "erase_document") return "D";
  const auto known = audit::act_kind_named(kind);
  const bool reads = known && (service::words_of(*known).group == service::ActGroup::readings ||
                               service::words_of(*known).group == service::ActGroup::own);
  return reads && kind != "record_disclosure" && kind != "close_reading" ? "R" : "E";
}

std::string english(std::string_view kind) {
  const auto known = audit::act_kind_named(kind);
  return known ? std::string(service::words_of(*known).en) : std::string(kind);
}

// What both kinds of entry have: when, what, with what outcome, and where it was recorded.
json::object event(std::string_view kind, std::string_view outcome, std::string_view time, const std::string& gateway,
                   bool is_system) {
  json::array subtype;
  if (is_reading(kind)) subtype.push_back(coding(kInteractions, "read", "read"));
  subtype.push_back(coding(kActKinds, kind, english(kind)));
  return {{"resourceType", "AuditEvent"},
          {"type", is_system ? coding(kDicom, "110100", "Application Activity")
                             : coding(kEventTypes, "rest", "Restful Operation")},
          {"subtype", std::move(subtype)},
          {"action", action_of(kind)},
          {"recorded", time},
          {"outcome", outcome == "refused" ? "4" : "0"},
          {"source", json::object{{"site", gateway},
                                  {"observer", json::object{{"display", gateway}}},
                                  {"type", json::array{coding(kSourceTypes, "4", "Application Server")}}}}};
}

json::object agent(json::object type, json::object who, bool is_requestor) {
  return {{"type", concept_of(std::move(type))}, {"who", std::move(who)}, {"requestor", is_requestor}};
}

// The log does not keep from where somebody came.
json::object unknown_network() {
  return {{"extension", json::array{json::object{{"url", "http://hl7.org/fhir/StructureDefinition/data-absent-reason"},
                                                 {"valueCode", "unknown"}}}}};
}

class EntryToFhir {
public:
  EntryToFhir(Bundle& bundle, const LogNames& names, std::string person, std::string gateway, std::string address)
      : bundle_(bundle),
        names_(names),
        person_(std::move(person)),
        gateway_(std::move(gateway)),
        address_(std::move(address)) {}

  void add(const json::object& entry) const {
    const LogLine line = log_line(entry, names_);
    const std::string kind = text_of(entry, "kind"), actor = text_of(entry, "actor");
    json::object out = event(kind, text_of(entry, "outcome"), line.time, gateway_, actor == "system");
    if (!line.why.empty()) out["outcomeDesc"] = line.why;
    if (!line.purpose.empty()) out["purposeOfEvent"] = json::array{concept_of(coding(kPurposes, line.purpose))};
    out["agent"] = agents(entry, actor, line);
    out["entity"] = entities(entry, line);
    // SPEC LOGV-31: only where all that the profile asks for is there.
    const bool is_whole = is_reading(kind) && text_of(entry, "outcome") == "permitted" && !line.document.empty() &&
                          (actor == "self" || !line.organisation.empty());
    if (is_whole) out["meta"] = json::object{{"profile", json::array{json::string(kPatientRead)}}};
    bundle_.add(named_urn("audit-event", gateway_, line.entry), std::move(out));
  }

private:
  json::array agents(const json::object& entry, const std::string& actor, const LogLine& line) const {
    if (actor == "system") return {agent(coding(kDicom, "110150", "Application"), {{"display", gateway_}}, true)};
    if (actor == "administrator")
      return {agent(coding(kRoles, "humanuser", "human user"), {{"display", line.who}}, true)};
    const json::object user = user_of(actor, line);
    json::object client = agent(coding(kDicom, "110152", "Destination Role ID"), client_of(entry, line), user.empty());
    client["network"] = unknown_network();
    json::object server = agent(coding(kDicom, "110153", "Source Role ID"), {{"display", gateway_}}, false);
    server["network"] = json::object{{"address", "https://" + address_ + "/"}, {"type", "5"}};
    json::array out{std::move(client), std::move(server)};
    if (!user.empty()) out.push_back(user);
    return out;
  }

  // Whose system asked.
  json::object client_of(const json::object& entry, const LogLine& line) const {
    const json::value* organisation = entry.if_contains("organisation");
    if (organisation && organisation->is_object())
      return reference(bundle_.add_organisation(organisation->get_object()),
                       line.unit.empty() ? line.organisation : line.organisation + ", " + line.unit);
    const bool is_self = text_of(entry, "actor") == "self";
    return {{"display", is_self ? "device of the person" : line.who}};
  }

  // Empty: the human being is not named.
  json::object user_of(const std::string& actor, const LogLine& line) const {
    const json::object type = coding(kParticipation, "IRCP", "information recipient");
    if (actor == "self") return agent(type, reference(person_), true);
    if (actor == "representative") return agent(type, {{"display", line.who}}, true);
    if (line.staff.empty()) return {};
    json::object out = agent(type, {{"display", line.staff}}, true);
    out["name"] = line.staff;
    return out;
  }

  json::array entities(const json::object& entry, const LogLine& line) const {
    json::array out{json::object{{"what", reference(person_)},
                                 {"type", coding(kEntityTypes, "1", "Person")},
                                 {"role", coding(kObjectRoles, "1", "Patient")}}};
    if (!line.document.empty()) {
      json::object data{{"what", by_identifier("DocumentReference", line.document)},
                        {"type", coding(kEntityTypes, "2", "System Object")},
                        {"role", coding(kObjectRoles, "4", "Domain Resource")}};
      if (!line.title.empty()) data["name"] = line.title;
      if (!line.flik.empty()) data["detail"] = json::array{json::object{{"type", "flik"}, {"valueString", line.flik}}};
      out.push_back(std::move(data));
    }
    if (!line.fullmakt_id.empty())
      out.push_back(json::object{{"what", by_identifier("Consent", line.fullmakt_id, line.fullmakt)},
                                 {"type", coding("http://hl7.org/fhir/resource-types", "Consent", "Consent")}});
    const std::string subject = text_of(entry, "subject");
    if (!subject.empty())
      out.push_back(json::object{{"what", json::object{{"identifier", identifier(urn_of(subject))}}},
                                 {"type", coding(kEntityTypes, "4", "Other")}});
    return out;
  }

  Bundle& bundle_;
  const LogNames& names_;
  const std::string person_, gateway_, address_;
};

}  // namespace

json::object log_as_fhir(const FetchedLog& log, const LogNames& names, const FhirPerson& person,
                         const std::string& address) {
  Bundle bundle(on_one_line(newest_time(log)));
  const EntryToFhir add(bundle, names, bundle.add_patient(person), person.gateway, address);
  for (const json::object& entry : log.entries) add.add(entry);
  return std::move(bundle).whole();
}

json::object act_as_fhir(const json::object& exported_line, const std::string& gateway) {
  const json::value* found = exported_line.if_contains("act");
  const json::object pruned{{"kind", "pruned"}, {"outcome", "recorded"}, {"actor_kind", "system"}};  // SPEC EXP-10
  const json::object act = found && found->is_object() ? found->get_object() : pruned;
  const std::string kind = text_of(act, "kind"), actor = text_of(act, "actor_kind");
  json::object out = event(kind, text_of(act, "outcome"), text_of(exported_line, "time"), gateway, actor == "system");
  const json::value* index = exported_line.if_contains("index");
  out["id"] = "entry-" + (index ? to_text(*index) : std::string("none"));
  json::object who;
  json::object type =
      actor == "system" ? coding(kDicom, "110150", "Application") : coding(kRoles, "humanuser", "human user");
  if (actor == "system") who["display"] = gateway;
  if (actor == "staff") who = by_identifier("Practitioner", text_of(act, "actor"));
  if (actor == "administrator") who = by_identifier("Practitioner", text_of(act, "actor"), "administrator");
  if (actor == "person" || actor == "representative") who["display"] = actor;  // SPEC LOG-9: not who it is
  json::array agents{agent(std::move(type), std::move(who), true)};
  const std::string organisation = text_of(act, "organisation");
  const bool has_organisation = organisation.find_first_not_of('0') != std::string::npos;
  if (has_organisation)
    agents.push_back(
        agent(coding(kDicom, "110152", "Destination Role ID"), by_identifier("Organization", organisation), false));
  out["agent"] = std::move(agents);
  return out;
}

}  // namespace flikvakt::admin
