#include "service/person_notices.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "policy/evaluate.h"

namespace flikvakt::service {
namespace {

constexpr std::string_view kReading = "reading";

std::string id_of(const std::string& origin, std::uint64_t entry) {
  const crypto::Hash256 hash = crypto::sha256(as_bytes(origin + "\n" + std::to_string(entry)));
  return to_hex(BytesView(hash).first(16));
}

UtcTime window_of(UtcTime time, std::chrono::minutes length) {
  return UtcTime(time.time_since_epoch() - time.time_since_epoch() % length);
}

// SPEC HOOK-9: the first entry that the window of the entry before `from` has, so that what was told in it is known.
Result<std::uint64_t> begin_of_window(LogReader& log, std::uint64_t from, std::chrono::minutes length,
                                      const KeepOn& keep_on) {
  if (from == 0 || length.count() == 0) return from;
  const UtcTime last = TRY(log.with([&](const store::Reader& rows) -> Result<UtcTime> {
    return TRY(audit::decode_leaf(TRY(rows.entry(from - 1)).leaf)).time;
  }));
  const UtcTime begins = window_of(last, length);
  std::uint64_t first = from;
  for (bool is_inside = true; is_inside && first > 0;) {
    TRY_VOID(ask(keep_on));
    const std::uint64_t end = first;
    TRY_VOID(log.with([&](const store::Reader& rows) {
      return rows.for_each_entry(end - std::min(end, kEntriesAtOnce), end, [&](const auto& row) -> Result<void> {
        const bool is_in_window = TRY(audit::decode_leaf(row.leaf)).time >= begins;
        if (is_in_window) first = std::min(first, row.index);
        is_inside = is_inside && is_in_window;
        return {};
      });
    }));
  }
  return first;
}

// SPEC HOOK-9: what any staff member can do to anybody as often as they like is told once in a window. Readings of all
// kinds count as one.
std::optional<audit::ActKind> told_once_as(audit::ActKind kind) {
  using enum audit::ActKind;
  switch (kind) {
    case open_reading:
    case open_own_document:
      return open_reading;
    case request_access:
    case ask_source:
    case paper_narrowing:
    case record_disclosure:
      return kind;
    default:
      return std::nullopt;
  }
}

// SPEC HOOK-7: an act of two; and what widens when somebody else does it in the person's name, alone or as one of two.
bool is_done_for(const audit::ActPart& act) {
  const std::string_view kind = audit::name_of(act.kind);
  const bool is_representative = act.actor.kind() == audit::ActorKind::representative;
  return policy::kind_takes_two(kind) ||
         (is_representative && policy::direction_of_kind(kind) == policy::Direction::widening);
}

}  // namespace

std::optional<std::string> line_of(const PersonNotice& notice, const Directory& directory) {
  const auto person = directory.person(notice.person);
  if (!person || person->has_died) return std::nullopt;
  const json::object line{
      {"id", notice.id}, {"time", to_rfc3339(notice.time)}, {"kind", notice.kind}, {"number", person->number}};
  return json::serialize(line) + "\n";
}

// SPEC HOOK-7, HOOK-8
std::string_view told_as(const audit::ActPart& act) {
  using enum audit::ActKind;
  if (act.outcome != audit::Outcome::permitted) return {};
  switch (act.kind) {
    case open_reading:
      return kReading;
    case open_own_document:
      return act.actor.kind() == audit::ActorKind::representative ? kReading : std::string_view();
    case record_disclosure:
      return "disclosure";
    case request_access:
    case ask_source:
    case propose_kontrakt:
    case propose_hand_over:
      return "request";
    case propose_key:
      return "key_proposed";
    case confirm_key:
    case add_key:
    case enrol_eid:
      return "key_confirmed";
    case remove_key:
      return "key_removed";
    case register_representative:
      return "representative";
    case paper_fullmakt:
    case paper_komplettering:
    case paper_kontrakt:
    case paper_narrowing:
    case paper_reconfirm:
    case paper_referral:
    case paper_lift_sparr:
    case paper_hand_over:
      return "paper";
    case approve:
      return "approved";
    default:
      return is_done_for(act) ? "proposed" : std::string_view();
  }
}

PersonNotices::PersonNotices(Core& core, WhoseEntry whose, std::uint64_t next, std::chrono::minutes quiet)
    : core_(core), whose_(std::move(whose)), forbund_(core.keys().forbund_log()), next_(next), quiet_(quiet) {}

Result<PersonNotices> PersonNotices::begin(Core& core, const Places& places, std::uint64_t from,
                                           std::chrono::minutes quiet, const KeepOn& keep_on) {
  const std::uint64_t first = TRY(begin_of_window(core.log_reader(), from, quiet, keep_on));
  PersonNotices out(core, TRY(WhoseEntry::begin(core, places, first, keep_on)), first, quiet);
  while (out.next() < from) {
    TRY_VOID(ask(keep_on));
    TRY(out.read(from));
  }
  return out;
}

Result<std::vector<PersonNotice>> PersonNotices::read(std::uint64_t end) {
  const std::vector<Entry> entries = TRY(entries_before(end));
  std::vector<PersonNotice> out;
  for (const Entry& entry : entries) {
    if (std::optional<PersonNotice> notice = notice_of(entry)) out.push_back(std::move(*notice));
  }
  next_ += entries.size();
  return out;
}

// First all that may fail: people's next entries move on only with what was read.
Result<std::vector<PersonNotices::Entry>> PersonNotices::entries_before(std::uint64_t end) {
  std::vector<Entry> out;
  end = std::min(end, next_ + kEntriesAtOnce);
  if (end <= next_) return out;
  TRY_VOID(core_.log_reader().with([&](const store::Reader& rows) {
    return rows.for_each_entry(next_, end, [&](const store::EntryRowView& row) -> Result<void> {
      out.push_back({row.index, TRY(audit::decode_leaf(row.leaf)), to_bytes(row.act)});
      return {};
    });
  }));
  return out;
}

std::optional<PersonNotice> PersonNotices::notice_of(const Entry& entry) {
  const std::optional<PersonId> who = whose_.of(entry.leaf.person_tag);
  if (!who || entry.act.empty()) return std::nullopt;  // of nobody known, or pruned
  const auto act = audit::open_act(entry.leaf, entry.act, forbund_);
  if (!act) {
    spdlog::error("the notice hook: log entry {}: {}", entry.index, act.error().message);
    return std::nullopt;
  }
  const std::string_view kind = told_as(act->part);
  if (kind.empty()) return std::nullopt;
  if (!is_first_of_window(*who, act->part.kind, entry.leaf.time)) return std::nullopt;
  return PersonNotice{id_of(core_.sequencer().origin(), entry.index), entry.index, entry.leaf.time, kind, *who};
}

// SPEC HOOK-9
bool PersonNotices::is_first_of_window(const PersonId& person, audit::ActKind kind, UtcTime time) {
  const std::optional<audit::ActKind> once = told_once_as(kind);
  if (quiet_.count() == 0 || !once) return true;
  if (const UtcTime window = window_of(time, quiet_); window != window_) {
    window_ = window;
    told_.clear();
  }
  return told_[*once].insert(person).second;
}

}  // namespace flikvakt::service
