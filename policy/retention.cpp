#include "policy/retention.h"

#include <algorithm>

namespace flikvakt::policy {
namespace {

template <class T>
bool in_force(const T& row) {
  if constexpr (std::is_same_v<T, Receipt> || std::is_same_v<T, Reading> || std::is_same_v<T, KeyRow>) {
    return false;  // in no record
  } else if constexpr (std::is_same_v<T, Administrator>) {
    return true;  // who signed as one must stay provable
  } else if constexpr (std::is_same_v<T, Fullmakt>) {
    using enum FullmaktStatus;
    return row.status == active || row.status == paused || row.status == exhausted;
  } else if constexpr (std::is_same_v<T, Sparr>) {
    return row.in_force;
  } else if constexpr (std::is_same_v<T, DeviceKey>) {
    return row.status != DeviceKeyStatus::removed;
  } else if constexpr (std::is_same_v<T, Document>) {
    return row.status == DocumentStatus::sealed;
  } else if constexpr (std::is_same_v<T, Case>) {
    return row.status != CaseStatus::closed;
  } else if constexpr (std::is_same_v<T, Kontrakt> || std::is_same_v<T, Representative>) {
    return row.standing == Standing::active;
  } else if constexpr (requires { row.standing; }) {
    return row.standing != Standing::removed;  // suspended may be reinstated
  } else {
    return true;
  }
}

// Unsigned LEB128 without needless bytes.
void put_number(ByteWriter& out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) out.u8(static_cast<std::uint8_t>(number | 0x80));
  out.u8(static_cast<std::uint8_t>(number));
}

std::optional<std::uint64_t> take_number(ByteReader& in) {
  constexpr unsigned kMostBits = 49;  // below 2^49: 7 bytes
  std::uint64_t out = 0;
  for (unsigned shift = 0; shift < kMostBits; shift += 7) {
    const std::uint8_t byte = in.u8();
    if (!in.ok()) return std::nullopt;
    out |= std::uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return byte == 0 && shift > 0 ? std::nullopt : std::optional(out);
  }
  return std::nullopt;
}

}  // namespace

std::vector<Retention> retention_times(const State& state) {
  std::vector<Retention> out;
  for (const auto& [kind, one] : state.all<Retention>()) out.push_back(one);
  std::ranges::sort(out, {}, &Retention::act_kind);
  return out;
}

// SPEC RET-2: also of a row that says less, whoever wrote it.
std::chrono::days retention_of(const State& state, std::string_view act_kind) {
  const Retention* own = state.find<Retention>(std::string(act_kind));
  if (!own) own = state.find<Retention>(std::string(kAllOtherKinds));
  return own ? std::max(kLeastRetention, std::chrono::days{own->days}) : kDefaultRetention;
}

std::chrono::days shortest_retention(const State& state) {
  std::chrono::days out = retention_of(state, kAllOtherKinds);
  for (const auto& [kind, one] : state.all<Retention>()) out = std::min(out, retention_of(state, kind));
  return out;
}

bool is_in_force(const Row& row) {
  return visit([](const auto& one) { return in_force(one); }, row);
}

void EntrySet::add(std::uint64_t index) {
  if (!runs_.empty() && index < runs_.back().to) return;
  if (!runs_.empty() && index == runs_.back().to)
    ++runs_.back().to;
  else
    runs_.push_back({index, index + 1});
}

std::vector<EntrySet::Run>::const_iterator EntrySet::run_ending_after(std::uint64_t index) const {
  return std::ranges::upper_bound(runs_, index, {}, &Run::to);
}

bool EntrySet::contains(std::uint64_t index) const {
  const auto run = run_ending_after(index);
  return run != runs_.end() && run->from <= index;
}

std::uint64_t EntrySet::size() const {
  std::uint64_t out = 0;
  for (const Run& run : runs_) out += run.to - run.from;
  return out;
}

std::optional<EntrySet::Run> EntrySet::first_gap(std::uint64_t from, std::uint64_t to) const {
  auto run = run_ending_after(from);
  if (run != runs_.end() && run->from <= from) from = (run++)->to;
  if (from >= to) return std::nullopt;
  return Run{from, run == runs_.end() ? to : std::min(to, run->from)};
}

Bytes EntrySet::encode() const {
  ByteWriter out;
  std::uint64_t at = 0;
  for (const Run& run : runs_) {
    put_number(out, run.from - at);
    put_number(out, run.to - run.from);
    at = run.to;
  }
  return std::move(out).take();
}

Result<EntrySet> EntrySet::decode(BytesView bytes) {
  const Error bad = fail(ErrorCode::malformed, "a list of entries makes no sense");
  EntrySet out;
  std::uint64_t at = 0;
  for (ByteReader in(bytes); in.left() > 0;) {
    const std::optional<std::uint64_t> gap = take_number(in);
    const std::optional<std::uint64_t> length = take_number(in);
    const bool is_run = gap && length && *length > 0 && (*gap > 0 || out.runs_.empty());
    if (!is_run || at + *gap + *length >= std::uint64_t{1} << 53) return bad;
    out.runs_.push_back({at + *gap, at + *gap + *length});
    at = out.runs_.back().to;
  }
  return out;
}

}  // namespace flikvakt::policy
