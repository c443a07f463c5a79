#include "dissect/text.h"

#include "base/utf8.h"
#include "dissect/sniff.h"

namespace flikvakt::dissect {

bool is_invisible(char32_t code) {
  if (code == U'\t' || code == U'\n' || code == U'\r') return false;
  if (moves_or_turns(code)) return true;
  if ((code >= 0x200b && code <= 0x200f) || (code >= 0x2060 && code <= 0x206f)) return true;
  if (code == 0xad || code == 0xfeff || code == 0x61c || code == 0x180e || code == 0x34f || code == 0x115f) return true;
  if ((code >= 0xfe00 && code <= 0xfe0f) || (code >= 0xfff9 && code <= 0xfffb)) return true;
  return code >= 0xe0000 && code <= 0xe0fff;  // tags, further selectors of variants
}

void pass_text(Job& job, BytesView file) {
  std::string_view rest = as_text(file);
  if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
  Bytes out;
  out.reserve(rest.size());
  std::int64_t invisible = 0;
  while (!rest.empty()) {
    const std::optional<Character> character = first_character(rest);
    if (!character || character->code == 0) throw Refused(RefusalReason::mislabelled);
    const BytesView bytes = as_bytes(rest.substr(0, character->bytes));
    if (character->code != U'\f' && is_invisible(character->code))
      ++invisible;
    else
      out.insert(out.end(), bytes.begin(), bytes.end());
    rest.remove_prefix(character->bytes);
  }
  if (invisible > 0) job.found(FindingKind::invisible_character, "", invisible);
  sniff(job.order().media_type, out);  // what nobody saw may have stood within the mark of another kind
  if (const PartRule* rule = job.whole()) {
    job.add_part({rule->name, "text/plain", 0, {}, {}, {}}, {std::move(out), {}});
  } else {
    job.left_out("file", LeftOutReason::not_named);
  }
}

}  // namespace flikvakt::dissect
