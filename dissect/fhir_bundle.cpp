#include "dissect/fhir_bundle.h"

#include <algorithm>
#include <span>

#include "base/characters.h"
#include "dissect/dissect.h"
#include "dissect/xml.h"

namespace flikvakt::dissect {
namespace {

// HL7 FHIR R4 (4.0.1), resourcelist.html.
constexpr std::string_view kResourceTypes[] = {"Account",
                                               "ActivityDefinition",
                                               "AdverseEvent",
                                               "AllergyIntolerance",
                                               "Appointment",
                                               "AppointmentResponse",
                                               "AuditEvent",
                                               "Basic",
                                               "Binary",
                                               "BiologicallyDerivedProduct",
                                               "BodyStructure",
                                               "Bundle",
                                               "CapabilityStatement",
                                               "CarePlan",
                                               "CareTeam",
                                               "CatalogEntry",
                                               "ChargeItem",
                                               "ChargeItemDefinition",
                                               "Claim",
                                               "ClaimResponse",
                                               "ClinicalImpression",
                                               "CodeSystem",
                                               "Communication",
                                               "CommunicationRequest",
                                               "CompartmentDefinition",
                                               "Composition",
                                               "ConceptMap",
                                               "Condition",
                                               "Consent",
                                               "Contract",
                                               "Coverage",
                                               "CoverageEligibilityRequest",
                                               "CoverageEligibilityResponse",
                                               "DetectedIssue",
                                               "Device",
                                               "DeviceDefinition",
                                               "DeviceMetric",
                                               "DeviceRequest",
                                               "DeviceUseStatement",
                                               "DiagnosticReport",
                                               "DocumentManifest",
                                               "DocumentReference",
                                               "EffectEvidenceSynthesis",
                                               "Encounter",
                                               "Endpoint",
                                               "EnrollmentRequest",
                                               "EnrollmentResponse",
                                               "EpisodeOfCare",
                                               "EventDefinition",
                                               "Evidence",
                                               "EvidenceVariable",
                                               "ExampleScenario",
                                               "ExplanationOfBenefit",
                                               "FamilyMemberHistory",
                                               "Flag",
                                               "Goal",
                                               "GraphDefinition",
                                               "Group",
                                               "GuidanceResponse",
                                               "HealthcareService",
                                               "ImagingStudy",
                                               "Immunization",
                                               "ImmunizationEvaluation",
                                               "ImmunizationRecommendation",
                                               "ImplementationGuide",
                                               "InsurancePlan",
                                               "Invoice",
                                               "Library",
                                               "Linkage",
                                               "List",
                                               "Location",
                                               "Measure",
                                               "MeasureReport",
                                               "Media",
                                               "Medication",
                                               "MedicationAdministration",
                                               "MedicationDispense",
                                               "MedicationKnowledge",
                                               "MedicationRequest",
                                               "MedicationStatement",
                                               "MedicinalProduct",
                                               "MedicinalProductAuthorization",
                                               "MedicinalProductContraindication",
                                               "MedicinalProductIndication",
                                               "MedicinalProductIngredient",
                                               "MedicinalProductInteraction",
                                               "MedicinalProductManufactured",
                                               "MedicinalProductPackaged",
                                               "MedicinalProductPharmaceutical",
                                               "MedicinalProductUndesirableEffect",
                                               "MessageDefinition",
                                               "MessageHeader",
                                               "MolecularSequence",
                                               "NamingSystem",
                                               "NutritionOrder",
                                               "Observation",
                                               "ObservationDefinition",
                                               "OperationDefinition",
                                               "OperationOutcome",
                                               "Organization",
                                               "OrganizationAffiliation",
                                               "Parameters",
                                               "Patient",
                                               "PaymentNotice",
                                               "PaymentReconciliation",
                                               "Person",
                                               "PlanDefinition",
                                               "Practitioner",
                                               "PractitionerRole",
                                               "Procedure",
                                               "Provenance",
                                               "Questionnaire",
                                               "QuestionnaireResponse",
                                               "RelatedPerson",
                                               "RequestGroup",
                                               "ResearchDefinition",
                                               "ResearchElementDefinition",
                                               "ResearchStudy",
                                               "ResearchSubject",
                                               "RiskAssessment",
                                               "RiskEvidenceSynthesis",
                                               "Schedule",
                                               "SearchParameter",
                                               "ServiceRequest",
                                               "Slot",
                                               "Specimen",
                                               "SpecimenDefinition",
                                               "StructureDefinition",
                                               "StructureMap",
                                               "Subscription",
                                               "Substance",
                                               "SubstanceNucleicAcid",
                                               "SubstancePolymer",
                                               "SubstanceProtein",
                                               "SubstanceReferenceInformation",
                                               "SubstanceSourceMaterial",
                                               "SubstanceSpecification",
                                               "SupplyDelivery",
                                               "SupplyRequest",
                                               "Task",
                                               "TerminologyCapabilities",
                                               "TestReport",
                                               "TestScript",
                                               "ValueSet",
                                               "VerificationResult",
                                               "VisionPrescription"};

constexpr std::string_view kSupporting[] = {"Practitioner", "PractitionerRole", "Organization", "Location",
                                            "Device",       "Medication",       "Substance"};

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

}  // namespace

Bundle::Bundle(const Json& json) : json_(json), type_(json.text_of("type")) {
  if (json.text_of("resourceType") != "Bundle") throw Refused(RefusalReason::unsupported);
  const Json* entries = json.find("entry");
  if (!entries || !entries->array()) throw Refused(RefusalReason::damaged);
  if (entries->array()->size() > partition::kMostEntries) throw Refused(RefusalReason::too_many, "entries");
  for (const Json& entry : *entries->array()) {
    const Json* resource = entry.find("resource");
    if (!resource) continue;  // of a history: something was deleted
    Resource found{resource, std::string(resource->text_of("resourceType")), std::string(resource->text_of("id")),
                   std::string(entry.text_of("fullUrl"))};
    if (!is_one_of(found.type, kResourceTypes))
      throw Refused(RefusalReason::unsupported, "a resource of no type of R4");
    if (found.type == "Bundle") throw Refused(RefusalReason::unsupported, "a bundle in a bundle");
    const std::size_t index = resources_.size();
    if (!found.full_url.empty()) by_name_.emplace(found.full_url, index);
    if (!found.id.empty()) {
      by_name_.emplace(found.type + "/" + found.id, index);
      by_name_.emplace("urn:uuid:" + found.id, index);
    }
    resources_.push_back(std::move(found));
  }
}

std::optional<std::size_t> Bundle::find(std::string_view reference) const {
  reference = reference.substr(0, reference.find("/_history/"));
  reference = reference.substr(0, reference.find('#'));
  const auto found = by_name_.find(reference);
  if (found != by_name_.end()) return found->second;
  // An address of a server: its last two steps.
  const std::size_t last = reference.rfind('/');
  if (last == reference.npos || last == 0) return std::nullopt;
  const std::size_t before = reference.rfind('/', last - 1);
  if (before == reference.npos) return std::nullopt;
  const auto by_end = by_name_.find(reference.substr(before + 1));
  return by_end == by_name_.end() ? std::nullopt : std::optional(by_end->second);
}

void for_each_reference(const Json& value, const std::function<void(const std::string&)>& use) {
  if (const Json::Array* array = value.array()) {
    for (const Json& element : *array) for_each_reference(element, use);
  } else if (const Json::Object* object = value.object()) {
    for (const auto& [name, member] : *object) {
      if (name == "reference" && member.text())
        use(*member.text());
      else
        for_each_reference(member, use);
    }
  }
}

std::set<std::size_t> with_supporting(const Bundle& bundle, const std::set<std::size_t>& roots) {
  std::set<std::size_t> out = roots;
  std::vector<std::size_t> open(roots.begin(), roots.end());
  while (!open.empty()) {
    const std::size_t one = open.back();
    open.pop_back();
    for_each_reference(*bundle.resources()[one].json, [&](const std::string& reference) {
      const std::optional<std::size_t> target = bundle.find(reference);
      if (!target || !is_one_of(bundle.resources()[*target].type, kSupporting)) return;
      if (out.insert(*target).second) open.push_back(*target);
    });
  }
  return out;
}

// ---- What a part is made of
// -------------------------------------------------------------------------------------------------

namespace {

constexpr std::size_t kShortestTellingId = 8;

bool is_id_character(char c) { return is_digit(c) || is_alpha(c) || c == '-' || c == '.'; }

std::string media_type_of(std::string_view content_type) {
  std::string out = lowered(content_type.substr(0, content_type.find(';')));
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

// Who the file is about, and who is near.
constexpr std::string_view kPersons[] = {"Patient", "Person", "RelatedPerson", "Group"};

constexpr std::string_view kBytesType = "Base64Binary";  // the end of a member's name where its type can be chosen

// An element of a list that says nothing but bytes: of an extension, of parameters.
bool is_of_bytes(const Json& element) {
  return element.object() && std::ranges::any_of(*element.object(), [](const auto& member) {
           return member.first.starts_with("value") && member.first.ends_with(kBytesType);
         });
}

// A file may stand in an address itself (RFC 2397), and such an address anywhere.
bool is_address(std::string_view name) {
  return name == "reference" || name.ends_with("url") || name.ends_with("Url") || name.ends_with("uri") ||
         name.ends_with("Uri");
}
bool holds_file(std::string_view name, const Json& value) {
  if (const Json::Array* array = value.array()) {
    return std::ranges::any_of(*array, [name](const Json& element) { return holds_file(name, element); });
  }
  if (!value.text()) return false;
  constexpr std::string_view kScheme = "data:";
  std::string_view text = *value.text();
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  if (text.size() < kScheme.size()) return false;
  const bool is_data = equal_ignoring_case(text.substr(0, kScheme.size()), kScheme);
  return is_data && (is_address(name) || text.find(";base64,") != text.npos);
}

// Numbers between blanks, and the letters for what is beyond the ends.
bool is_sampled(const Json& object) {
  return object.find("origin") && object.find("dimensions") &&
         object.text_of("data").find_first_not_of("0123456789+-.eEUL \t\r\n") == std::string_view::npos;
}
bool is_signature(const Json& object) {
  return object.find("sigFormat") || (object.find("when") && object.find("who") && object.find("type"));
}

bool is_narrative(std::string_view name, const Json& value) { return name == "text" && value.find("div"); }

bool has_only(const Json& object, std::initializer_list<std::string_view> names) {
  return std::ranges::all_of(*object.object(),
                             [&](const auto& member) { return std::ranges::find(names, member.first) != names.end(); });
}

}  // namespace

FhirPart::FhirPart(Job& job, const Bundle& bundle, std::string name, std::set<std::size_t> included)
    : job_(job), bundle_(bundle), name_(std::move(name)), included_(std::move(included)) {
  std::set<std::string> own;
  for (const std::size_t one : included_) own.insert(bundle.resources()[one].id);
  for (std::size_t one = 0; one < bundle.resources().size(); ++one) {
    const std::string& id = bundle.resources()[one].id;
    if (!included_.contains(one) && id.size() >= kShortestTellingId && !own.contains(id)) foreign_ids_.insert(id);
  }
  const auto rule = std::ranges::find(job.order().parts, name_, &PartRule::name);
  if (rule == job.order().parts.end()) return;
  for (const partition::Take& take : rule->takes) {
    if (std::holds_alternative<partition::TakeWhole>(take)) takes_whole_ = true;
    if (const auto* resources = std::get_if<partition::TakeResources>(&take)) taken_types_.insert(resources->type);
  }
}

// SPEC PART-37: only where a rule names the type.
bool FhirPart::is_left_person(std::string_view type) const {
  return is_one_of(type, kPersons) && !takes_whole_ && !taken_types_.contains(type);
}

bool FhirPart::is_in_part(const std::string& reference) const {
  if (reference.starts_with('#')) return !left_contained_.contains(reference.substr(1));  // in the resource itself
  const std::optional<std::size_t> target = bundle_.find(reference);
  return target && included_.contains(*target);
}

Json FhirPart::entry(std::size_t resource) {
  const Resource& source = bundle_.resources()[resource];
  Json out{Json::Object()};
  left_contained_.clear();
  container_ = source.name();
  out.set("fullUrl", source.full_url.empty() ? "urn:uuid:" + token(source.name()) : source.full_url);
  out.set("resource", clean(*source.json, true));
  return out;
}

Json FhirPart::left_out_reference(std::string_view target) {
  job_.found(FindingKind::cut_reference, name_);
  Json identifier{Json::Object()};
  identifier.set("system", "urn:flikvakt:left-out");
  identifier.set("value", token(target));
  Json out{Json::Object()};
  out.set("identifier", std::move(identifier));
  return out;
}

Json FhirPart::clean(const Json& value, bool is_resource) {
  if (const Json::Array* array = value.array()) {
    Json::Array out;
    for (const Json& element : *array) {
      if (is_of_bytes(element))
        job_.found(FindingKind::embedded_document, name_);
      else
        out.push_back(clean(element, false));
    }
    return out;
  }
  if (value.object()) return clean_object(value, is_resource);
  if (value.text()) return without_ids(*value.text());
  return value;
}

// SPEC PART-30: a reference to what is not in the part.
std::optional<Json> FhirPart::cut(const Json& object) {
  if (const std::string_view reference = object.text_of("reference"); !reference.empty()) {
    if (is_in_part(std::string(reference))) return std::nullopt;
    return left_out_reference(reference.starts_with('#') ? container_ + std::string(reference)
                                                         : std::string(reference));
  }
  const Json* identifier = object.find("identifier");
  const bool is_logical =
      identifier && identifier->object() && has_only(object, {"identifier", "type", "display", "id", "extension"});
  if (!is_logical) return std::nullopt;
  return left_out_reference(std::string(identifier->text_of("system")) + "|" +
                            std::string(identifier->text_of("value")));
}

Json FhirPart::clean_object(const Json& whole, bool is_resource) {
  if (!is_resource) {
    if (std::optional<Json> reference = cut(whole)) return std::move(*reference);
  }
  const std::string_view type = whole.text_of("resourceType");
  const bool is_inner_resource = !is_resource && !type.empty();
  if (is_inner_resource && (type == "Bundle" || is_left_person(type))) {
    throw Refused(RefusalReason::unsupported, "a resource in " + name_);
  }
  if (const Json* contained = whole.find("contained"); contained && contained->array())
    leave_persons(*contained->array());
  Json out{Json::Object()};
  for (const auto& [name, member] : *whole.object()) {
    if (is_narrative(name, member)) {
      job_.found(FindingKind::narrative, name_);
    } else if (name == "fhir_comments") {
      job_.found(FindingKind::markup_comment, name_);
    } else if (name == "meta" && (is_resource || is_inner_resource)) {
      Json kept{Json::Object()};
      for (const char* key : {"profile", "security"}) {
        if (const Json* value = member.find(key)) kept.set(key, clean(*value, false));
      }
      if (member.object() && kept.object()->size() != member.object()->size()) job_.found(FindingKind::metadata, name_);
      if (!kept.object()->empty()) out.object()->emplace_back(name, std::move(kept));
    } else if (name == "contained" && member.array()) {
      Json::Array inner;
      for (const Json& resource : *member.array()) {
        if (is_left_person(resource.text_of("resourceType")))
          job_.found(FindingKind::person_in_header, name_);
        else
          inner.push_back(clean(resource, true));
      }
      if (!inner.empty()) out.object()->emplace_back(name, std::move(inner));
    } else if (name.ends_with(kBytesType)) {
      job_.found(FindingKind::embedded_document, name_);
    } else if (holds_file(name, member)) {
      throw Refused(RefusalReason::unsupported, "a file in " + name_);
    } else if (name == "signature" && whole.text_of("resourceType") == "Provenance") {
      job_.found(FindingKind::metadata, name_);  // over what is no longer there
    } else {
      Json kept = clean(member, false);
      const bool is_emptied = kept.array() && kept.array()->empty() && !member.array()->empty();
      if (!is_emptied) out.object()->emplace_back(name, std::move(kept));
    }
  }
  clean_attachment(out);
  return out;
}

// The people in a resource who do not go with it; a bundle has none of its own to be divided.
void FhirPart::leave_persons(const Json::Array& contained) {
  for (const Json& resource : contained) {
    const std::string_view type = resource.text_of("resourceType");
    if (type == "Bundle") throw Refused(RefusalReason::unsupported, "a bundle in a resource");
    if (is_left_person(type)) left_contained_.emplace(resource.text_of("id"));
  }
}

// SPEC PART-33: a file in a resource goes through its own partition, whether it says what it is or not. A Binary is
// one, too; of a signature the bytes go, since what they sign has changed.
void FhirPart::clean_attachment(Json& object) {
  const bool has_data = object.find("data") && object.find("data")->text();
  if (has_data && is_signature(object)) {
    job_.found(FindingKind::metadata, name_);
    object.erase("data");
    return;
  }
  const bool is_file = has_data && !is_sampled(object);
  const bool is_attachment =
      is_file || object.find("contentType") || (object.find("url") && (object.find("hash") || object.find("size")));
  if (!is_attachment) return;
  if (object.find("url")) {
    job_.found(FindingKind::cut_reference, name_);
    object.erase("url");
  }
  const Json* data = object.find("data");
  if (!data || !data->text()) return;
  const std::string where = "a file in " + name_;
  job_.found(FindingKind::embedded_document, where);
  if (object.text_of("contentType").empty()) throw Refused(RefusalReason::unsupported, where);
  std::string text = *data->text();
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
  const Result<Bytes> file = from_base64(text);
  if (!file) throw Refused(RefusalReason::damaged, where);
  object.set("data", to_base64(gate_embedded(job_, media_type_of(object.text_of("contentType")), *file, where)));
  object.erase("hash");
  object.erase("size");
}

// A name of a resource that is not in the part, wherever it stands: in an address, in a note.
std::string FhirPart::without_ids(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_id_character(text[end])) ++end;
    const std::string_view word = std::string_view(text).substr(at, end - at);
    if (word.size() >= kShortestTellingId && foreign_ids_.contains(word)) {
      job_.found(FindingKind::cut_reference, name_);
      out += token(word);
    } else {
      out += word;
    }
    if (end < text.size()) out += text[end];
    at = end + 1;
  }
  return out;
}

Json FhirPart::narrative(const Json& text) {
  Narrative made = regenerate_xhtml(text.text_of("div"));
  job_.found(FindingKind::narrative, name_);
  if (made.hidden > 0) job_.found(FindingKind::hidden_text, name_, made.hidden);
  Json out{Json::Object()};
  out.set("status", "generated");
  out.set("div", without_ids(made.div));
  return out;
}

}  // namespace flikvakt::dissect
