// HL7 FHIR R4 (4.0.1) from what the gateway answers: a person's own log as AuditEvents, in the pattern of IHE BALP
// where all that its profile asks for is there; fullmakter and Sparrar as Consents. spec/log-view.md has the mapping.
// Pure.
#pragma once

#include "admin/person_log.h"

namespace flikvakt::admin {

// Whose data it is. Without numbers nobody outside sees from the file who that is.
struct FhirPerson {
  std::string gateway;               // its name
  std::string pseudonym;             // tells people of one gateway apart; nobody else can make it
  std::vector<std::string> numbers;  // twelve digits; only if the person wants them in the file
};

// A Bundle of Patient, Organizations and AuditEvents, newest first. `address`: of the gateway, "host:port".
json::object log_as_fhir(const FetchedLog& log, const LogNames& names, const FhirPerson& person,
                         const std::string& address);
// One entry whose act part alone is known, as an export of the whole log has it: an AuditEvent about nobody.
json::object act_as_fhir(const json::object& exported_line, const std::string& gateway);
// A Bundle of Patient, Organizations and Consents. `language`: of the names of flikar.
json::object consents_as_fhir(const json::value& overview, const json::value& catalogue, const FhirPerson& person,
                              Language language);

}  // namespace flikvakt::admin
