#include "admin/fhir_parts.h"

#include "admin/json_text.h"
#include "crypto/hash.h"

namespace flikvakt::admin::fhir {
namespace {

constexpr std::string_view kUrn = "urn:uuid:";
constexpr std::string_view kOrganisationNumber = "urn:oid:2.5.4.97";  // HL7 Sweden, SEBaseOrganization
constexpr std::string_view kPersonnummer = "http://electronichealth.se/identifier/personnummer";  // SEBasePatient
constexpr std::string_view kSamordningsnummer = "http://electronichealth.se/identifier/samordningsnummer";
constexpr std::string_view kIdentifierTypes = "http://terminology.hl7.org/CodeSystem/v2-0203";

std::string with_hyphens(const std::string& hex) {
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
         hex.substr(20, 12);
}

json::object identifier_of(const std::string& number) {
  const bool is_samordning = number.size() == 12 && number[6] >= '6';  // day + 60
  return {{"system", is_samordning ? kSamordningsnummer : kPersonnummer}, {"value", number}};
}

}  // namespace

json::object coding(std::string_view system, std::string_view code, std::string_view display) {
  json::object out{{"system", system}, {"code", code}};
  if (!display.empty()) out["display"] = display;
  return out;
}

json::object concept_of(json::object coding) { return {{"coding", json::array{std::move(coding)}}}; }

std::string urn_of(const std::string& id) {
  const bool is_ours = id.size() == 32 && from_hex(id);
  return is_ours ? std::string(kUrn) + with_hyphens(id) : named_urn("other", "", id);
}

std::string named_urn(std::string_view kind, const std::string& gateway, const std::string& what) {
  const std::string name = "flikvakt/fhir/" + std::string(kind) + "\n" + gateway + "\n" + what;
  auto hash = crypto::sha256(as_bytes(name));
  hash[6] = static_cast<std::uint8_t>((hash[6] & 0x0f) | 0x80);  // version 8
  hash[8] = static_cast<std::uint8_t>((hash[8] & 0x3f) | 0x80);  // variant
  return std::string(kUrn) + with_hyphens(to_hex(BytesView(hash).first(16)));
}

std::string urn_of(const FhirPerson& person) { return named_urn("person", person.gateway, person.pseudonym); }

json::object identifier(std::string_view urn) { return {{"system", "urn:ietf:rfc:3986"}, {"value", urn}}; }

json::object reference(std::string_view urn, std::string_view display) {
  json::object out{{"reference", urn}};
  if (!display.empty()) out["display"] = display;
  return out;
}

json::object by_identifier(std::string_view type, const std::string& id, std::string_view display) {
  json::object out{{"type", type}, {"identifier", identifier(urn_of(id))}};
  if (!display.empty()) out["display"] = display;
  return out;
}

void Bundle::add(const std::string& urn, json::object resource) {
  if (!known_.emplace(urn, true).second) return;
  entries_.push_back(json::object{{"fullUrl", urn}, {"resource", std::move(resource)}});
}

std::string Bundle::add_organisation(const json::object& row) {
  const std::string urn = urn_of(text_of(row, "id"));
  json::object out{{"resourceType", "Organization"}};
  const std::string name = text_of(row, "name"), number = text_of(row, "number");
  const auto type = concept_of(coding(kIdentifierTypes, "XX"));
  if (!number.empty())
    out["identifier"] = json::array{json::object{{"type", type}, {"system", kOrganisationNumber}, {"value", number}}};
  out["name"] = name.empty() ? text_of(row, "id") : name;
  add(urn, std::move(out));
  return urn;
}

std::string Bundle::add_patient(const FhirPerson& person) {
  const std::string urn = urn_of(person);
  json::array identifiers{identifier(urn)};
  for (const std::string& number : person.numbers) identifiers.push_back(identifier_of(number));
  add(urn, {{"resourceType", "Patient"}, {"identifier", std::move(identifiers)}});
  return urn;
}

json::object Bundle::whole() && {
  json::object out{{"resourceType", "Bundle"}, {"type", "collection"}};
  if (!time_.empty()) out["timestamp"] = time_;
  if (!entries_.empty()) out["entry"] = std::move(entries_);
  return out;
}

}  // namespace flikvakt::admin::fhir
