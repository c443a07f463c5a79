// The kinds of narrowing that are raced with, and what is counted of the races.
#pragma once

#include "tests/gateway/races_world.h"

namespace flikvakt::gateway::test {

enum class Narrowing {
  revoke_fullmakt,
  pause_fullmakt,
  set_sparr,
  paper_narrowing,
  roster_remove,
  suspend_team,
  suspend_organisation,
  suspend_staff,
  suspend_certificate,
  end_kontrakt,
  end_authorisation,
  apply_crl,
  expiry,  // of a fullmakt
  lapse    // of a kontrakt's part: nothing is written, so the sequencer's look at the clock must find it
};
inline constexpr std::size_t kNarrowings = 14;

enum class By { person, staff, administrator, gateway };

struct Kind {
  Narrowing narrowing;
  std::string_view name;
  unsigned weight;          // how often
  std::vector<Path> paths;  // that it narrows
  By by;
};
const std::vector<Kind>& kinds();
const Kind& kind_of(Narrowing narrowing);

bool is_timed(Narrowing narrowing);
bool ends_fullmakt(Narrowing narrowing);

struct RaceCounts {
  std::size_t races = 0;
  std::size_t cut = 0;      // a transfer that had begun did not reach its end
  std::size_t whole = 0;    // everything had been sent
  std::size_t refused = 0;  // the act came before the reading
  std::size_t unsent = 0;   // permitted, and cut before its first byte
  std::size_t two_acts = 0;
  std::size_t connections = 0;
  std::size_t ranges = 0;      // races over several ranges of one reading
  std::size_t bystanders = 0;  // readings that the act did not concern; each came whole
  std::size_t readings = 0;    // of which the client saw the name
  std::size_t document_sends = 0;
  std::uint64_t document_bytes = 0;  // of records, as sent
  std::uint64_t most_after = 0;      // arrived at a client's machine after the acknowledgement was handed over
  std::uint64_t most_held = 0;       // sent and not yet arrived at that moment
  std::size_t new_reads_refused = 0;
  std::chrono::milliseconds latest_expiry{0};  // last send of a reading after its right had run out
  std::array<std::size_t, kNarrowings> of_kind{};
  std::array<std::size_t, kNarrowings> cut_of_kind{};
  std::vector<std::string> faults;

  void add(const RaceCounts& other);
};
std::ostream& operator<<(std::ostream& out, const RaceCounts& counts);

}  // namespace flikvakt::gateway::test
