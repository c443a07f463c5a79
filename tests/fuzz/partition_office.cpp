// DOCX and ODT. A zip file is a poor thing to change bytes of, so the entries come as lines: a name, and its text
// behind a tab.
#include "base/utf8.h"
#include "dissect/zip.h"
#include "tests/fuzz/partition.h"
#include "tests/fuzz/targets.h"

namespace flikvakt::fuzz {
namespace {

// What libzip takes as a name in UTF-8: a control is one of code page 437 to it.
bool is_name(std::string_view text) {
  while (!text.empty()) {
    const std::optional<Character> one = first_character(text);
    if (!one || one->code < ' ') return false;
    text.remove_prefix(one->bytes);
  }
  return true;
}

}  // namespace

void partition_office(BytesView in) {
  const std::size_t kind = choose(in, 3);
  constexpr char kDocx[] = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
  constexpr char kOdt[] = "application/vnd.oasis.opendocument.text";
  if (kind == 2) return divide(kDocx, in, {partition::TakeWhole{}});  // the bytes themselves
  dissect::ZipEntries entries;
  std::string_view text = as_text(in);
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    const std::size_t tab = line.find('\t');
    if (tab == line.npos || tab == 0 || !is_name(line.substr(0, tab))) continue;
    entries[std::string(line.substr(0, tab))] = to_bytes(as_bytes(line.substr(tab + 1)));
  }
  if (entries.empty()) return;
  divide(kind == 0 ? kDocx : kOdt, dissect::write_zip(entries, "mimetype"), {partition::TakeWhole{}});
}

}  // namespace flikvakt::fuzz
