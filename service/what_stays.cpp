#include "service/what_stays.h"

#include <algorithm>

#include "base/overloaded.h"
#include "service/browser_evidence.h"
#include "service/replay_parts.h"

namespace flikvakt::service {

using audit::ActKind;

namespace {

// Another one: somebody said anew what the row is. A key's stands for how far it is trusted, not for how far its
// authenticator has counted; an issuer's for what two administrators say of it, not for the keys that it publishes.
std::uint64_t revision_of(const policy::Row& row) {
  if (const auto* one = get_if<policy::Fullmakt>(&row)) return one->revision;
  if (const auto* one = get_if<policy::Kontrakt>(&row)) return one->version;
  if (const auto* one = get_if<policy::DeviceKey>(&row))
    return std::uint64_t{one->epoch} << 8 | static_cast<std::uint8_t>(one->status);
  const auto* one = get_if<policy::OidcIssuer>(&row);
  return one ? static_cast<std::uint64_t>(one->changed.time_since_epoch().count()) : 0;
}

// A device key that was removed may be proposed anew.
bool is_proposed_key(const policy::Row& row) {
  const auto* key = get_if<policy::DeviceKey>(&row);
  return key && key->status == policy::DeviceKeyStatus::proposed;
}

std::optional<ActKind> kind_waiting(const policy::Row& row) {
  const auto* proposal = get_if<policy::Proposal>(&row);
  if (!proposal) return std::nullopt;
  const Result<policy::Act> act = policy::parse_proposal(*proposal);
  return act ? audit::act_kind_named(policy::kind_of(*act)) : std::nullopt;
}

// What an act that carries something out made of what had been begun.
bool carries_out(ActKind by, std::uint16_t table) {
  return (by == ActKind::approve && table == policy::Proposal::kTable) ||
         (by == ActKind::seal_deposit && table == policy::Deposit::kTable);
}

// By browser, with an ID token: whose.
std::optional<std::string> issuer_in(const json::value& said) {
  const Result<Bytes> evidence = from_json<Bytes>(said);
  if (!evidence || !is_browser_evidence(*evidence)) return std::nullopt;
  const Result<BrowserEvidence> read = parse_browser_evidence(*evidence);
  if (!read) return std::nullopt;
  const auto* token = std::get_if<TokenProof>(read->proof ? &*read->proof : &read->session->proof);
  return token ? std::optional(token->issuer) : std::nullopt;
}

const json::array& array_in(const json::object& record, std::string_view name) {
  static const json::array kNone;
  const json::value* found = record.if_contains(name);
  return found && found->is_array() ? found->get_array() : kNone;
}

// Of a connector that enrols, and is not merely renewed.
bool brings_key(const json::object& record) {
  return std::ranges::any_of(array_in(record, "puts"), [](const json::value& one) {
    const json::object* put = one.if_object();
    const json::value* table = put ? put->if_contains("table") : nullptr;
    return table && *table == json::value(policy::AssertionKey::kTable);
  });
}

}  // namespace

WhatStays::WhatStays(const policy::State& times, UtcTime before)
    : times_(times), run_out_(before + policy::shortest_retention(times)) {}

void WhatStays::add(const LoggedAct& logged) {
  acts_.push_back({logged.first, logged.entries.size()});
  approved_.reset();
  for (const OpenedEntry& entry : logged.entries) {
    if (entry.record) take_record(logged, *entry.record);
  }
  Act& act = acts_.back();
  act.stays = logged.first == 0 || logged.act.kind == ActKind::rotate_keys || approves_shredding(logged) ||
              is_young(logged.time, logged.act.kind) || (approved_ && is_young(logged.time, *approved_));
  if (act.rows.empty() && !act.stays) acts_.pop_back();
}

// SPEC RET-1: of an approval the longer one of its own time and that of what it approved.
bool WhatStays::is_young(UtcTime time, ActKind kind) const {
  return time + policy::retention_of(times_, audit::name_of(kind)) > run_out_;
}

void WhatStays::take_record(const LoggedAct& logged, const json::object& record) {
  if (const json::value* actor = record.if_contains("actor");
      actor && record.contains("evidence") && is_permitted(logged)) {
    if (const Result<policy::Actor> who = from_json<policy::Actor>(*actor)) rest_on_key_of(*who);
    if (const auto issuer = issuer_in(record.at("evidence"))) rest_on_issuer(*issuer);
  }
  for (const json::value& one : array_in(record, "puts")) {
    const Result<RecordedPut> read = from_json<RecordedPut>(one);
    const auto row = read ? policy::parse_row(read->table, read->row) : Result<policy::Row>(read.error());
    const bool is_enrolled = row && logged.act.kind == ActKind::enrol_connector;
    if (is_enrolled && holds_alternative<policy::Connector>(*row) && brings_key(record))
      rest_on_last(policy::row_id(*row));
    row ? put(*row) : void(is_broken_ = true);
  }
  for (const json::value& one : array_in(record, "erases")) {
    const Result<RecordedErase> read = from_json<RecordedErase>(one);
    const Result<Bytes> key = read ? from_hex(read->key) : Result<Bytes>(read.error());
    key ? erase(logged.act.kind, {read->table, *key}) : void(is_broken_ = true);
  }
}

WhatStays::Number WhatStays::number_of(const policy::RowId& id) {
  const auto [found, fresh] = numbers_.emplace(id, static_cast<Number>(rows_.size()));
  if (fresh) rows_.emplace_back();
  return found->second;
}

void WhatStays::put(const policy::Row& row) {
  const auto act = static_cast<Number>(acts_.size() - 1);
  const Number number = number_of(policy::row_id(row));
  Row& known = rows_[number];
  const std::uint64_t revision = revision_of(row);
  if (!known.is_there || is_proposed_key(row)) known = Row{.first = act};
  if (known.first == act || known.revision != revision) known.revised.push_back(act);
  known.last = act;
  known.is_there = true;
  known.is_in_force = policy::is_in_force(row);
  known.revision = revision;
  known.waiting = kind_waiting(row);
  acts_[act].rows.push_back(number);
}

void WhatStays::erase(ActKind by, const policy::RowId& id) {
  const auto act = static_cast<Number>(acts_.size() - 1);
  const Number number = number_of(id);
  Row& known = rows_[number];
  if (carries_out(by, id.table)) {
    if (known.first != kNone) acts_[act].rests_on.push_back(known.first);
    approved_ = known.waiting;
  }
  known.last = act;
  known.is_there = false;
  acts_[act].rows.push_back(number);
}

void WhatStays::rest_on_key_of(const policy::Actor& actor) {
  std::visit(Overloaded{
                 [&](const policy::PersonActor& one) {
                   rest_on(policy::row_id_of<policy::DeviceKey>(one.key));
                   if (one.representative) rest_on(policy::row_id_of<policy::Representative>(*one.representative));
                 },
                 [&](const policy::StaffActor& one) {
                   rest_on(policy::row_id_of<policy::AssertionKey>(one.assertion_key));
                   if (one.passkey) rest_on(policy::row_id_of<policy::StaffKey>(*one.passkey));
                 },
                 [&](const policy::AdministratorActor& one) {
                   rest_on(policy::row_id_of<policy::Administrator>(one.administrator));
                 },
                 [](const policy::SystemActor&) {},
             },
             actor);
}

void WhatStays::rest_on(const policy::RowId& id) {
  const auto found = numbers_.find(id);
  if (found != numbers_.end() && rows_[found->second].first != kNone)
    acts_.back().rests_on.push_back(rows_[found->second].first);
}

// The token is verified with the keys that the row had: later ones are others.
void WhatStays::rest_on_issuer(const std::string& code) {
  const policy::RowId id = policy::row_id_of<policy::OidcIssuer>(code);
  rest_on(id);
  rest_on_last(id);
}

// As it stood before this act.
void WhatStays::rest_on_last(const policy::RowId& id) {
  const auto found = numbers_.find(id);
  if (found != numbers_.end() && rows_[found->second].last != kNone)
    acts_.back().rests_on.push_back(rows_[found->second].last);
}

Result<policy::EntrySet> WhatStays::finish() {
  if (is_broken_) return fail(ErrorCode::corrupt, "an act record of the log is not of its form");
  std::vector<Number> next;
  const auto stay = [&](Number act) {
    if (act != kNone && !std::exchange(acts_[act].stays, true)) next.push_back(act);
  };
  for (Number act = 0; act < acts_.size(); ++act) {
    if (acts_[act].stays) next.push_back(act);
  }
  for (const Row& row : rows_) {
    if (!row.is_there) continue;
    stay(row.last);
    if (!row.is_in_force) continue;
    stay(row.first);
    std::ranges::for_each(row.revised, stay);
  }
  while (!next.empty()) {  // what these rest on, and the last word on all that they touched
    const Number act = next.back();
    next.pop_back();
    for (const Number row : acts_[act].rows) stay(rows_[row].last);
    std::ranges::for_each(acts_[act].rests_on, stay);
  }
  policy::EntrySet out;
  for (const Act& act : acts_) {
    for (std::uint64_t i = 0; act.stays && i < act.entries; ++i) out.add(act.first + i);
  }
  return out;
}

}  // namespace flikvakt::service
