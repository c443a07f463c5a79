// What the records of one act say, taken apart; what does not belong there is a finding.
#include <algorithm>

#include "base/overloaded.h"
#include "service/replay_parts.h"

namespace flikvakt::service {
namespace {

// Does the record name the actor that the entry names?
bool is_actor(const policy::State& state, const policy::Actor& actor, const LoggedAct& logged) {
  const audit::ActPart& act = logged.act;
  return std::visit(
      Overloaded{
          [&](const policy::PersonActor& person) {
            const auto* as =
                person.representative ? state.find<policy::Representative>(*person.representative) : nullptr;
            const auto kind = person.representative ? audit::ActorKind::representative : audit::ActorKind::person;
            if (act.actor.kind() != kind || (person.representative && !as)) return false;
            const PersonId who = as ? as->representative : person.person;
            return std::ranges::all_of(
                logged.entries, [&](const OpenedEntry& entry) { return !entry.about || entry.about->actor == who; });
          },
          [&](const policy::StaffActor& staff) {
            return act.actor == audit::Actor::staff(staff.staff) && act.organisation == staff.organisation;
          },
          [&](const policy::AdministratorActor& one) {
            return act.actor == audit::Actor::administrator(one.administrator);
          },
          [&](const policy::SystemActor&) { return act.actor == audit::Actor::system(); },
      },
      actor);
}

std::optional<PersonId> person_of(const OpenedEntry& entry) {
  return entry.about ? std::optional(entry.about->person) : std::nullopt;
}

}  // namespace

// SPEC LVR-7
Replay::Recorded Replay::read_records(const LoggedAct& logged) {
  Recorded out;
  for (const OpenedEntry& entry : logged.entries) {
    out.is_closed = out.is_closed || entry.is_record_closed;
    if (!entry.record) continue;
    const json::object& record = *entry.record;
    auto member = [&](const char* name) { return record.contains(name) ? record.at(name) : json::value(); };
    const Result<policy::Actor> actor = from_json<policy::Actor>(member("actor"));
    const bool is_of_act = member("version") == json::value(1) &&
                           member("kind") == json::value(audit::name_of(logged.act.kind)) && actor &&
                           is_actor(state_, *actor, logged);
    if (!is_of_act) {
      findings_.at(entry.index, "its record is of another act");
      continue;
    }
    out.actor = *actor;
    if (record.contains("evidence")) {
      const Result<Bytes> evidence = from_json<Bytes>(record.at("evidence"));
      if (evidence && &entry == &logged.entries.front())
        out.evidence = *evidence;
      else
        findings_.at(entry.index, "its evidence is not where it belongs");
      if (const json::value assertion = member("assertion"); assertion.is_string()) {
        out.assertion = std::string(assertion.get_string());
      }
    }
    if (const json::value puts = member("puts"); puts.is_array()) {
      for (const json::value& put : puts.get_array()) take_put(entry, put, out);
    }
    if (const json::value erases = member("erases"); erases.is_array()) {
      for (const json::value& erase : erases.get_array()) take_erase(entry, erase, out);
    }
  }
  return out;
}

void Replay::take_put(const OpenedEntry& entry, const json::value& put, Recorded& out) {
  const Result<RecordedPut> read = from_json<RecordedPut>(put);
  Result<policy::Row> row = read ? policy::parse_row(read->table, read->row) : Result<policy::Row>(read.error());
  if (!row || !has_record(read->table)) return findings_.at(entry.index, "its record holds a row that is none");
  if (policy::owner_of(*row) != person_of(entry)) findings_.at(entry.index, "its record holds another one's row");
  out.puts.push_back(std::move(*row));
}

void Replay::take_erase(const OpenedEntry& entry, const json::value& erase, Recorded& out) {
  const Result<RecordedErase> read = from_json<RecordedErase>(erase);
  const Result<Bytes> key = read ? from_hex(read->key) : Result<Bytes>(read.error());
  if (!key || !has_record(read->table)) return findings_.at(entry.index, "its record erases a row that is none");
  policy::RowId id{read->table, *key};
  const std::optional<policy::Row> row = state_.row(id);
  if (row && policy::owner_of(*row) != person_of(entry))
    findings_.at(entry.index, "its record erases another one's row");
  out.erases.push_back(std::move(id));
}

}  // namespace flikvakt::service
