// Pieces of FHIR resources that both exports are made of.
#pragma once

#include <map>

#include "admin/fhir.h"

namespace flikvakt::admin::fhir {

// Code systems of our own: spec/log-view.md, LOGV-30.
inline constexpr std::string_view kActKinds = "urn:uuid:5f0c6c0e-6a1d-4a53-9d0e-2a8f6c1b7e01";
inline constexpr std::string_view kFlikTypes = "urn:uuid:5f0c6c0e-6a1d-4a53-9d0e-2a8f6c1b7e02";
inline constexpr std::string_view kPurposes = "urn:uuid:5f0c6c0e-6a1d-4a53-9d0e-2a8f6c1b7e03";
inline constexpr std::string_view kGrounds = "urn:uuid:5f0c6c0e-6a1d-4a53-9d0e-2a8f6c1b7e04";
inline constexpr std::string_view kStatuses = "urn:uuid:5f0c6c0e-6a1d-4a53-9d0e-2a8f6c1b7e05";
inline constexpr std::string_view kCondition = "urn:uuid:5f0c6c0e-6a1d-4a53-9d0e-2a8f6c1b7e06";  // an extension

constexpr std::string_view kParticipation = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";

json::object coding(std::string_view system, std::string_view code, std::string_view display = {});
json::object concept_of(json::object coding);  // a CodeableConcept of one

// "urn:uuid:…" of one of our ids, 32 hex digits; of anything else a name-based one (RFC 9562, version 8).
std::string urn_of(const std::string& id);
std::string named_urn(std::string_view kind, const std::string& gateway, const std::string& what);
std::string urn_of(const FhirPerson& person);

json::object identifier(std::string_view urn);                                // an Identifier that is a URI
json::object reference(std::string_view urn, std::string_view display = {});  // to what is in the Bundle
json::object by_identifier(std::string_view type, const std::string& id,
                           std::string_view display = {});  // to what is not

class Bundle {
public:
  explicit Bundle(std::string_view time) : time_(time) {}
  void add(const std::string& urn, json::object resource);  // once, whatever is added again
  // `row`: {id, name, number}
  std::string add_organisation(const json::object& row);
  std::string add_patient(const FhirPerson& person);
  json::object whole() &&;

private:
  std::string time_;
  std::map<std::string, bool> known_;
  json::array entries_;
};

}  // namespace flikvakt::admin::fhir
