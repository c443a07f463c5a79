#include "dissect/job.h"

#include <algorithm>

#include "base/characters.h"
#include "crypto/hash.h"

namespace flikvakt::dissect {

std::string cut_to(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  text.resize(most);
  return text;
}

std::string code_only(std::string_view text) {
  constexpr std::size_t kLongestCode = 64;
  const bool is_code = text.size() <= kLongestCode && std::ranges::all_of(text, [](char c) {
                         return is_digit(c) || is_alpha(c) || c == '-' || c == '.' || c == '_';
                       });
  return is_code ? std::string(text) : std::string();
}

Action Job::found(FindingKind kind, std::string where, std::int64_t count) {
  where = cut_to(std::move(where), partition::kMostPlaceBytes);
  const Action action = action_for(order_.policy, kind);
  std::vector<partition::Finding>& all = report().findings;
  const auto same = std::ranges::find_if(
      all, [&](const partition::Finding& finding) { return finding.kind == kind && finding.where == where; });
  if (same != all.end()) {
    same->count += count;
  } else {
    if (all.size() >= partition::kMostFindings) throw Refused(RefusalReason::too_many, "findings");
    all.push_back({kind, where, count, action});
  }
  if (action == Action::refuse) throw Refused(RefusalReason::found, std::move(where), kind);
  return action;
}

void Job::has(Content content) {
  if (report().contents.size() >= partition::kMostContents) throw Refused(RefusalReason::too_many, "contents");
  content.name = cut_to(std::move(content.name), partition::kMostWordBytes);
  content.words = cut_to(std::move(content.words), partition::kMostWordBytes);
  report().contents.push_back(std::move(content));
}

void Job::left_out(std::string what, LeftOutReason reason) {
  if (report().left_out.size() >= partition::kMostContents) throw Refused(RefusalReason::too_many, "contents");
  report().left_out.push_back({cut_to(std::move(what), partition::kMostWordBytes), reason});
}

void Job::add_part(partition::Part part, PartBytes bytes) {
  part.size = static_cast<std::int64_t>(bytes.document.size());
  out_bytes_ += bytes.document.size();
  part.previews.clear();
  for (std::string& content : part.contents) content = cut_to(std::move(content), partition::kMostWordBytes);
  for (const Bytes& preview : bytes.previews) {
    part.previews.push_back(static_cast<std::int64_t>(preview.size()));
    out_bytes_ += preview.size();
  }
  if (out_bytes_ > partition::kMostOutputBytes) throw Refused(RefusalReason::too_large, "parts");
  report().parts.push_back(std::move(part));
  outcome_.bytes.push_back(std::move(bytes));
}

std::string Job::token(std::string_view part, std::string_view target) const {
  const auto hash = crypto::hmac_sha256(as_bytes(order_.token_seed), as_bytes(part),
                                        as_bytes(std::string_view("\0", 1)), as_bytes(target));
  return to_hex(BytesView(hash).first(16));
}

const PartRule* Job::whole() const {
  for (const PartRule& part : order_.parts) {
    if (std::ranges::any_of(part.takes, [](const partition::Take& take) {
          return std::holds_alternative<partition::TakeWhole>(take);
        })) {
      return &part;
    }
  }
  return nullptr;
}

}  // namespace flikvakt::dissect
