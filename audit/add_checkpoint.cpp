#include "audit/add_checkpoint.h"

#include "audit/lines.h"
#include "audit/note.h"

namespace flikvakt::audit {

// SPEC WIT-1, WIT-2
Result<AddCheckpoint> parse_add_checkpoint(std::string_view body) {
  const auto malformed = [](const char* what) {
    return fail(ErrorCode::malformed, std::string("reading a request to a witness: ") + what);
  };
  if (body.size() > kMostAddCheckpointBytes) return malformed("longer than 64 KiB");
  Lines lines(body);
  const std::optional<std::string_view> first = lines.next();
  const std::optional<std::uint64_t> old_size = first ? number_behind("old", *first) : std::nullopt;
  if (!old_size) return malformed("no old size");
  AddCheckpoint out;
  out.old_size = *old_size;
  out.proof = TRY(take_proof_lines(lines, "reading a request to a witness"));
  out.checkpoint = lines.rest();
  TRY_VOID(parse_note(out.checkpoint));
  return out;
}

std::string write_add_checkpoint(const AddCheckpoint& request) {
  return "old " + std::to_string(request.old_size) + "\n" + write_proof_lines(request.proof) + request.checkpoint;
}

}  // namespace flikvakt::audit
