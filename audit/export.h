// Exports of the log as JSON lines: the first describes the log, each further one is one entry, with its parts opened
// where the exporter holds the key. Format: spec/log-export.md. Values.
#pragma once

#include <optional>

#include "audit/entry.h"
#include "base/json.h"

namespace flikvakt::audit {

constexpr std::string_view kExportFormat = "flikvakt-log-export/1";

struct ExportHeader {
  std::string format;
  std::string origin;
  std::uint64_t size = 0;  // how many entries follow
};
BOOST_DESCRIBE_STRUCT(ExportHeader, (), (format, origin, size))

struct ExportedAct {
  Opener opener{};
  ActorKind actor_kind{};
  ActorId actor;
  ActKind kind{};
  Outcome outcome{};
  std::uint8_t rule = 0;
  std::uint16_t reason = 0;
  OrganisationId organisation;
  ActId act;
  ByteArray<32> record{};
};
BOOST_DESCRIBE_STRUCT(ExportedAct, (),
                      (opener, actor_kind, actor, kind, outcome, rule, reason, organisation, act, record))

struct ExportedPerson {
  Opener opener{};
  PersonId person;
  PersonId actor;
  FullmaktId fullmakt;
  DocumentId document;
  SubjectId subject;
  std::string flik;
  std::string purpose;
  std::uint64_t bytes = 0;
};
BOOST_DESCRIBE_STRUCT(ExportedPerson, (), (opener, person, actor, fullmakt, document, subject, flik, purpose, bytes))

struct ExportedEntry {
  std::uint64_t index = 0;
  UtcTime time;
  std::string leaf;  // hex
  Bytes act_ciphertext;
  Bytes person_ciphertext;
  std::optional<ExportedAct> act;
  std::optional<ExportedPerson> person;
};
BOOST_DESCRIBE_STRUCT(ExportedEntry, (), (index, time, leaf, act_ciphertext, person_ciphertext, act, person))

// One line each, without the newline. `leaf` is the stored leaf; corrupt when it does not decode.
std::string export_header(std::string_view origin, std::uint64_t size);
Result<std::string> export_entry(std::uint64_t index, BytesView leaf, BytesView act_ciphertext,
                                 BytesView person_ciphertext, const std::optional<Opened<ActPart>>& act,
                                 const std::optional<Opened<PersonPart>>& person);

// Back to what was sealed. malformed: codes or numbers that no part can have.
Result<Opened<ActPart>> to_opened(const ExportedAct& act);
Result<Opened<PersonPart>> to_opened(const ExportedPerson& person);

}  // namespace flikvakt::audit
