#include "dissect/pdf_claims.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "base/characters.h"
#include "base/utf8.h"

namespace flikvakt::dissect {
namespace {

using partition::Take;
using partition::TakeBookmark;
using partition::TakeHeading;
using partition::TakePages;
using partition::TakeWhole;

// Where a bookmark or heading begins. `part`: which part takes what follows; none: nobody, but here what came before
// ends.
struct Start {
  PageStart at;
  int level = 0;
  std::optional<std::size_t> part;
};

// Small letters of the alphabets that Swedish headings are written in.
char32_t small(char32_t code) {
  if ((code >= U'A' && code <= U'Z') || (code >= 0xc0 && code <= 0xde && code != 0xd7)) return code + 0x20;
  return code;
}

}  // namespace

std::string heading_key(std::string_view text) {
  std::string out;
  bool is_gap = false;
  while (!text.empty()) {
    const std::optional<Character> character = first_character(text);
    const char32_t code = character ? character->code : U'?';
    const std::size_t bytes = character ? character->bytes : 1;
    if (!leaves_ink(code)) {
      is_gap = !out.empty();
    } else {
      if (std::exchange(is_gap, false)) out += ' ';
      const char32_t as_small = small(code);
      if (as_small == code) {
        out.append(text.substr(0, bytes));
      } else if (as_small < 0x80) {
        out += static_cast<char>(as_small);
      } else {  // all of these have two bytes
        out += {static_cast<char>(0xc0 | (as_small >> 6)), static_cast<char>(0x80 | (as_small & 0x3f))};
      }
    }
    text.remove_prefix(bytes);
  }
  // A number before, and a colon or a stop behind, belong to the heading's place and not to its words.
  const std::size_t words = out.find_first_not_of("0123456789. ");
  if (words != std::string::npos && words > 0 && out[words - 1] == ' ') out.erase(0, words);
  while (!out.empty() && (out.back() == ':' || out.back() == '.' || out.back() == ' ')) out.pop_back();
  return out;
}

namespace {

// The lines of pages, read when they are asked for.
class PageText {
public:
  explicit PageText(const PaintedPdf& source) : source_(source), lines_(static_cast<std::size_t>(source.pages()) + 1) {}

  const std::vector<PlacedLine>& of(int page) {
    std::optional<std::vector<PlacedLine>>& lines = lines_[static_cast<std::size_t>(page)];
    if (!lines) lines = lines_of(source_.characters(page));
    return *lines;
  }

  // SPEC PART-14: a line that stands at the same height on the page before or after, but for digits.
  bool is_running(const PlacedLine& line, int page) {
    const auto is_same = [place = place_of(line)](const PlacedLine& other) { return place_of(other) == place; };
    return (page > 1 && std::ranges::any_of(of(page - 1), is_same)) ||
           (page < source_.pages() && std::ranges::any_of(of(page + 1), is_same));
  }
  // Whether anything but running lines stands above.
  bool has_text_above(int page, double top) {
    return std::ranges::any_of(of(page),
                               [&](const PlacedLine& line) { return line.top < top - 1 && !is_running(line, page); });
  }

private:
  static std::pair<long, std::string> place_of(const PlacedLine& line) {
    std::string text = line.text;
    std::erase_if(text, is_digit);
    return {std::lround(line.top), text};
  }
  const PaintedPdf& source_;
  std::vector<std::optional<std::vector<PlacedLine>>> lines_;
};

template <class T>
bool any_takes(const Order& order) {
  return std::ranges::any_of(order.parts, [](const PartRule& part) {
    return std::ranges::any_of(part.takes, [](const Take& take) { return std::holds_alternative<T>(take); });
  });
}

class Claimer {
public:
  Claimer(Job& job, const PaintedPdf& source, const std::vector<Bookmark>& bookmarks)
      : job_(job), source_(source), bookmarks_(bookmarks), pages_(job.order().parts.size()) {}

  Claims claim() {
    for (std::size_t part = 0; part < pages_.size(); ++part) {
      for (const Take& take : job_.order().parts[part].takes) claim_by_number(part, take);
    }
    if (any_takes<TakeBookmark>(job_.order())) claim_spans(bookmark_starts());
    if (any_takes<TakeHeading>(job_.order())) claim_spans(heading_starts());
    return finish();
  }

private:
  void claim_by_number(std::size_t part, const Take& take) {
    if (const auto* range = std::get_if<TakePages>(&take)) {
      if (range->to > source_.pages()) throw Refused(RefusalReason::no_such_part, "page " + std::to_string(range->to));
      for (std::int64_t page = range->from; page <= range->to; ++page) give(part, static_cast<int>(page), true);
    } else if (std::holds_alternative<TakeWhole>(take)) {
      for (int page = 1; page <= source_.pages(); ++page) give(part, page, true);
    }
  }

  void give(std::size_t part, int page, bool by_number) {
    pages_[part].insert(page);
    if (by_number) numbered_.insert({part, page});
  }

  // Keys of what parts take, the first part that names one first.
  template <class T>
  std::map<std::string, std::size_t> wanted(std::string T::*words) const {
    std::map<std::string, std::size_t> out;
    for (std::size_t part = 0; part < pages_.size(); ++part) {
      for (const Take& take : job_.order().parts[part].takes) {
        if (const T* one = std::get_if<T>(&take)) out.emplace(heading_key(one->*words), part);
      }
    }
    return out;
  }

  // Every bookmark ends what came before on its level or above; those that a part takes begin it.
  std::vector<Start> bookmark_starts() const {
    const std::map<std::string, std::size_t> parts = wanted(&TakeBookmark::title);
    std::vector<Start> out;
    for (const Bookmark& mark : bookmarks_) {
      const auto found = parts.find(heading_key(mark.title));
      out.push_back({mark.start, mark.level, found == parts.end() ? std::nullopt : std::optional(found->second)});
    }
    return out;
  }

  std::vector<Start> heading_starts() {
    const std::map<std::string, std::size_t> parts = wanted(&TakeHeading::text);
    std::vector<Start> out;
    for (int page = 1; page <= source_.pages(); ++page) {
      for (const PlacedLine& line : text().of(page)) {
        const auto found = parts.find(heading_key(line.text));
        if (found == parts.end() || text().is_running(line, page)) continue;
        out.push_back({{page, line.top}, 0, found->second});
      }
    }
    return out;
  }

  // A span runs from its start to the next start of its level or above. Where that one does not begin a page, the page
  // is shared (SPEC PART-13), unless both spans are the same part's. In the order of the pages, whatever the order of
  // the outline: a span must not run over what begins inside it.
  void claim_spans(std::vector<Start> starts) {
    std::ranges::stable_sort(starts, {}, [](const Start& start) { return std::pair(start.at.page, start.at.top); });
    std::optional<Start> open;
    for (std::size_t i = 0; i < starts.size(); ++i) {
      const Start& start = starts[i];
      if (open && start.level > open->level && !start.part) continue;  // a chapter of what is open
      begin(open, start);
      open = start;
    }
    if (open && open->part) give_range(*open->part, open->at.page, source_.pages());
  }

  // Ends what is open before `start`.
  void begin(const std::optional<Start>& open, const Start& start) {
    const bool shares = starts_mid_page(start);
    const bool is_same = open && open->part == start.part;
    if (open && open->part) {
      const int last = shares ? start.at.page : start.at.page - 1;
      give_range(*open->part, open->at.page, last);
    }
    if (shares && !is_same) shared_.insert(start.at.page);
  }

  bool starts_mid_page(const Start& start) { return text().has_text_above(start.at.page, start.at.top); }

  void give_range(std::size_t part, int from, int to) {
    for (int page = from; page <= to; ++page) give(part, page, false);
  }

  Claims finish() {
    Claims out;
    std::set<int> taken;
    for (std::size_t part = 0; part < pages_.size(); ++part) {
      Claim claim{job_.order().parts[part].name, {}};
      for (const int page : pages_[part]) {
        if (shared_.contains(page) && !numbered_.contains({part, page})) continue;
        claim.pages.push_back(page);
        taken.insert(page);
      }
      if (!claim.pages.empty()) out.parts.push_back(std::move(claim));
    }
    for (int page = 1; page <= source_.pages(); ++page) {
      if (taken.contains(page)) continue;
      out.left_out[page] = shared_.contains(page) ? LeftOutReason::shared_page : LeftOutReason::not_named;
    }
    return out;
  }

  PageText& text() {
    if (!text_) text_.emplace(source_);
    return *text_;
  }

  Job& job_;
  const PaintedPdf& source_;
  const std::vector<Bookmark>& bookmarks_;
  std::vector<std::set<int>> pages_;
  std::set<std::pair<std::size_t, int>> numbered_;
  std::set<int> shared_;
  std::optional<PageText> text_;
};

}  // namespace

Claims claim_pages(Job& job, const PaintedPdf& source, const std::vector<Bookmark>& bookmarks) {
  return Claimer(job, source, bookmarks).claim();
}

}  // namespace flikvakt::dissect
