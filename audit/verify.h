// The offline verifier: reads an export of the whole log and says what is wrong with it. It needs no database and no
// key but the log's public ones. It recomputes every hash by itself, sharing no code with audit/tree.h.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "audit/checkpoint.h"

namespace flikvakt::audit {

struct Finding {
  std::optional<std::uint64_t> index;  // the entry it is about; none: the log as a whole
  std::string what;

  std::string text() const;  // "entry 17: …" or "log: …"
};

struct VerifyReport {
  std::uint64_t entries = 0;      // lines read
  std::uint64_t opened_acts = 0;  // parts whose contents were shown and proven
  std::uint64_t opened_persons = 0;
  std::uint64_t pruned = 0;  // of which only the leaf is left; that this was ordered an export does not show
  crypto::MerkleHash root{};
  std::vector<Finding> findings;  // about entries, at most kMaxFindings

  bool ok() const { return findings.empty(); }
};
constexpr std::size_t kMaxFindings = 100;

// `checkpoint`: the note that the export must match in origin, size and root. `saved`: notes that somebody kept
// earlier; the log must be an extension of each. All of them must be signed by one of `known`. Reads `in` once, in
// constant memory; never throws for what it reads.
VerifyReport verify_export(std::istream& in, std::string_view checkpoint, std::span<const std::string> saved,
                           std::span<const NoteVerifier> known);

}  // namespace flikvakt::audit
