// Looks at the raw header block before any HTTP library does, and refuses whatever two readers could understand
// differently (RFC 9112 sections 2.2, 3, 5, 6, 11.2). Pure functions of bytes; the rules are in spec/http.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "gateway/method.h"
#include "gateway/target.h"

namespace flikvakt::gateway {

inline constexpr std::size_t kMaxHeadBytes = 16 * 1024;
inline constexpr std::size_t kMaxFields = 64;
inline constexpr std::size_t kMaxTargetBytes = 2 * 1024;

enum class GuardReason {
  none,
  bare_cr,
  bare_lf,
  control_character,
  head_too_large,
  too_many_fields,
  bad_request_line,
  method_not_known,
  bad_version,
  target_too_long,
  bad_target,
  obs_fold,
  space_before_colon,
  bad_field_name,
  bad_field_value,
  duplicate_field,
  transfer_encoding,
  bad_content_length,
  length_required,
  body_not_expected,
  missing_host,
  bad_host,
  upgrade,
  bad_expect,
};
std::string_view to_string(GuardReason reason);

// Where the header block ends. Stops early at the first byte that no block may contain.
struct HeadScan {
  enum class State { incomplete, complete, refused };
  State state = State::incomplete;
  std::size_t head_bytes = 0;  // complete: including the empty line
  GuardReason reason = GuardReason::none;
};
// `scanned` bytes at the front were found incomplete before, so that a byte-wise sender costs no quadratic time.
HeadScan scan_head(BytesView buffer, std::size_t scanned = 0);

// status 0: accepted. Otherwise the answer's status, after which the connection is closed.
struct GuardVerdict {
  unsigned status = 0;
  GuardReason reason = GuardReason::none;
  Method method = Method::get;
  std::uint64_t content_length = 0;
  bool expects_continue = false;
  bool keep_alive = true;
  std::string_view target_text;  // in the head that was checked: valid as long as its bytes
  Target target;                 // parsed from it; parse_request takes it away

  bool accepted() const { return status == 0; }
};
// `head` is one whole block, with its empty line.
GuardVerdict check_head(BytesView head);

// The only request fields anything above the HTTP layer can see (lower case). INVARIANT (one value): check_head refuses
// a second field of any of these names, so no reader can pick another one than its neighbour did.
bool is_used_field(std::string_view lower_case_name);

}  // namespace flikvakt::gateway
