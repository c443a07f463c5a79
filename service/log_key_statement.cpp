#include "service/log_key_statement.h"

#include <algorithm>

#include "audit/log_key_statement.h"
#include "service/act_evidence.h"
#include "service/receipt_maker.h"

namespace flikvakt::service {
namespace {

std::string name_of(policy::LogKeyStatus status) { return std::string(to_json(status).as_string()); }

// Between the two acts stands what the gateway owed the log when it was opened for them: closings of readings, say.
constexpr std::uint64_t kMostBetween = 10'000;

// SPEC LKEY-11: of an entry that was pruned since, nothing is left to show.
Result<std::optional<audit::ShownEntry>> shown(const store::EntryRow& row, ReceiptMaker& maker) {
  if (row.is_bare()) return std::optional<audit::ShownEntry>();
  audit::ShownEntry out;
  out.receipt = TRY(maker.make(row, nullptr));
  out.record = TRY(maker.record(row));
  return std::optional(std::move(out));
}

// Which act the order in this record approves.
std::optional<ActId> approved_by(const audit::ShownPart& record) {
  const Result<Bytes> text = from_hex(record.plaintext);
  const Result<json::value> read = text ? parse_json(as_text(*text)) : Result<json::value>(text.error());
  const json::value* evidence = read && read->is_object() ? read->get_object().if_contains("evidence") : nullptr;
  const Result<Bytes> bytes = evidence ? from_json<Bytes>(*evidence) : Result<Bytes>(Error{});
  const std::optional<SentAct> said = bytes ? order_said_in({*bytes, {}}) : std::nullopt;
  const Result<policy::Act> act = said ? policy::parse_act(said->act) : Result<policy::Act>(Error{});
  const auto* approve = act ? get_if<policy::Approve>(&*act) : nullptr;
  return approve ? std::optional(ActId(approve->proposal.value())) : std::nullopt;
}

// The first half of what the entry `announced` approved.
Result<std::optional<audit::ShownEntry>> proposal(const store::Rows& rows, ReceiptMaker& maker,
                                                  const audit::ShownPart& record, std::uint64_t announced) {
  const std::optional<ActId> act = approved_by(record);
  const std::uint64_t first = announced - std::min(announced, kMostBetween);
  for (std::uint64_t index = announced; act && index-- > first;) {
    const store::EntryRow row = TRY(rows.entry(index));
    if (row.is_bare()) continue;
    const audit::ActPart part = TRY(maker.act(row)).part;
    const bool is_it = part.act == *act && part.kind == audit::ActKind::rotate_log_key;
    if (is_it && part.outcome == audit::Outcome::permitted) return shown(row, maker);
  }
  return std::optional<audit::ShownEntry>();
}

Result<audit::StatedLogKey> stated(const std::string& origin, const store::Rows& rows, ReceiptMaker& maker,
                                   const policy::LogKey& key) {
  audit::StatedLogKey out;
  out.generation = key.generation;
  out.key = TRY(log_key_verifier(origin, key.checkpoint_key)).text();
  out.status = name_of(key.status);
  out.from = key.from;
  out.since = key.since;
  out.to = key.to;
  if (key.generation == 1) return out;
  out.announced = TRY(shown(TRY(rows.entry(key.from)), maker));
  if (out.announced) out.proposed = TRY(proposal(rows, maker, out.announced->record, key.from));
  return out;
}

}  // namespace

Result<json::value> state_log_keys(Core& core, const std::string& cosigned) {
  const LogKeys keys = core.log_keys();
  Grounds grounds = TRY(Grounds::at(core, cosigned));
  return core.log_reader().with([&](const store::Reader& rows) -> Result<json::value> {
    ReceiptMaker maker(core, rows, std::move(grounds));
    audit::StatedLogKeys out{std::string(audit::kLogKeysFormat), core.sequencer().origin(), {}};
    for (const policy::LogKey& key : keys.all()) out.keys.push_back(TRY(stated(out.origin, rows, maker, key)));
    return to_json(out);
  });
}

json::array log_key_status(const LogKeys& keys, const std::string& origin) {
  const policy::LogKey* current = keys.current();
  json::array out;
  for (const policy::LogKey& key : keys.all()) {
    const auto verifier = log_key_verifier(origin, key.checkpoint_key);
    json::object one{{"generation", key.generation},
                     {"key", verifier ? verifier->text() : ""},
                     {"status", to_json(key.status)},
                     {"from", key.from},
                     {"since", to_rfc3339(key.since)}};
    if (key.to) one["to"] = *key.to;
    const bool is_retiring = key.status == policy::LogKeyStatus::retiring && current;
    if (is_retiring) one["retire_from"] = to_rfc3339(policy::overlap_ends(*current));
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace flikvakt::service
