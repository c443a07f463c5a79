#include "audit/export.h"

namespace flikvakt::audit {
namespace {

ExportedAct exported(const Opened<ActPart>& opened) {
  const ActPart& part = opened.part;
  return {opened.opener, part.actor.kind(), part.actor.id(),   part.kind, part.outcome,
          part.rule,     part.reason,       part.organisation, part.act,  part.record};
}

ExportedPerson exported(const Opened<PersonPart>& opened) {
  const PersonPart& part = opened.part;
  return {opened.opener, part.person,      part.actor,          part.fullmakt, part.document,
          part.subject,  part.flik.text(), part.purpose.text(), part.bytes};
}

}  // namespace

// SPEC EXP-2
std::string export_header(std::string_view origin, std::uint64_t size) {
  return to_text(to_json(ExportHeader{std::string(kExportFormat), std::string(origin), size}));
}

// SPEC EXP-3
Result<std::string> export_entry(std::uint64_t index, BytesView leaf, BytesView act_ciphertext,
                                 BytesView person_ciphertext, const std::optional<Opened<ActPart>>& act,
                                 const std::optional<Opened<PersonPart>>& person) {
  ExportedEntry out;
  out.index = index;
  out.time = TRY(decode_leaf(leaf)).time;
  out.leaf = to_hex(leaf);
  out.act_ciphertext = to_bytes(act_ciphertext);
  out.person_ciphertext = to_bytes(person_ciphertext);
  if (act) out.act = exported(*act);
  if (person) out.person = exported(*person);
  return to_text(to_json(out));
}

Result<Opened<ActPart>> to_opened(const ExportedAct& act) {
  Opened<ActPart> out;
  out.opener = act.opener;
  out.part.actor = TRY(Actor::of(act.actor_kind, act.actor));
  out.part.kind = act.kind;
  out.part.outcome = act.outcome;
  out.part.rule = act.rule;
  out.part.reason = act.reason;
  out.part.organisation = act.organisation;
  out.part.act = act.act;
  out.part.record = act.record;
  return out;
}

Result<Opened<PersonPart>> to_opened(const ExportedPerson& person) {
  Opened<PersonPart> out;
  out.opener = person.opener;
  out.part.person = person.person;
  out.part.actor = person.actor;
  out.part.fullmakt = person.fullmakt;
  out.part.document = person.document;
  out.part.subject = person.subject;
  out.part.flik = TRY(EntryCode::parse(person.flik));
  out.part.purpose = TRY(EntryCode::parse(person.purpose));
  out.part.bytes = person.bytes;
  return out;
}

}  // namespace flikvakt::audit
