// Laid out first, drawn then, so that each page knows how many there are. The library is C: its errors are kept where
// its handler puts them, and asked for at the end.
#include <hpdf.h>

#include <memory>

#include "admin/json_text.h"
#include "admin/log_exports.h"
#include "admin/windows_1252.h"

namespace flikvakt::admin {
namespace {

constexpr float kLeft = 50, kRight = 545, kTop = 780, kBottom = 60;  // points on A4, 595 × 842
constexpr float kSize = 9, kLeading = 12, kIndent = 14;

enum class Face { plain, bold };
struct Text {
  Face face = Face::plain;
  float indent = 0;
  std::string latin;  // Windows-1252
};
using Block = std::vector<Text>;  // kept on one page

struct Document {
  HPDF_STATUS error = HPDF_OK;
  std::unique_ptr<std::remove_pointer_t<HPDF_Doc>, decltype(&HPDF_Free)> pdf{nullptr, &HPDF_Free};
  HPDF_Font plain = nullptr, bold = nullptr;
};

void keep_error(HPDF_STATUS error, HPDF_STATUS, void* document) {
  auto* into = static_cast<Document*>(document);
  if (into->error == HPDF_OK) into->error = error;
}

std::string both(const LogNames& names, std::string_view sv, std::string_view en) {
  return std::string(names.language() == Language::sv ? sv : en);
}

class Layout {
public:
  explicit Layout(HPDF_Font plain, HPDF_Font bold) : plain_(plain), bold_(bold) {}

  // Broken between words, within one that is wider than the page.
  void add(Block& block, Face face, float indent, const std::string& utf8) const {
    std::string rest = windows_1252(utf8);
    while (!rest.empty()) {
      const std::size_t fits = fitting(face, indent, rest);
      block.push_back({face, indent, rest.substr(0, fits)});
      rest.erase(0, fits);
      rest.erase(0, rest.find_first_not_of(' ') == std::string::npos ? rest.size() : rest.find_first_not_of(' '));
    }
  }

private:
  std::size_t fitting(Face face, float indent, const std::string& text) const {
    HPDF_Font font = face == Face::bold ? bold_ : plain_;
    const auto bytes = reinterpret_cast<const HPDF_BYTE*>(text.data());
    const float width = kRight - kLeft - indent;
    const auto measure = [&](HPDF_BOOL by_words) {
      return HPDF_Font_MeasureText(font, bytes, static_cast<HPDF_UINT>(text.size()), width, kSize, 0, 0, by_words,
                                   nullptr);
    };
    const std::size_t words = measure(HPDF_TRUE);
    if (words > 0) return std::min<std::size_t>(words, text.size());
    return std::clamp<std::size_t>(measure(HPDF_FALSE), 1, text.size());
  }

  HPDF_Font plain_, bold_;
};

void add_fact(const Layout& layout, Block& block, const std::string& name, const std::string& value) {
  if (!value.empty()) layout.add(block, Face::plain, kIndent, name + ": " + value);
}

std::string joined(std::initializer_list<std::string> parts) {
  std::string out;
  for (const std::string& part : parts) {
    if (!part.empty()) out += (out.empty() ? "" : ", ") + part;
  }
  return out;
}

std::string with_id(const std::string& name, const std::string& id) {
  return name.empty() || id.empty() ? name + id : name + " (" + id + ")";
}

Block block_of(const Layout& layout, const json::object& entry, const LogNames& names) {
  const LogLine line = log_line(entry, names);
  Block out;
  layout.add(out, Face::bold, 0, line.number + "   " + line.time + "   " + line.action);
  add_fact(layout, out, both(names, "Utfall", "Outcome"),
           line.why.empty() ? line.outcome : line.outcome + ": " + line.why);
  add_fact(layout, out, both(names, "Vem", "Who"), joined({line.who, line.organisation, line.unit, line.staff}));
  add_fact(layout, out, both(names, "Flik", "Flik"), line.flik);
  add_fact(layout, out, both(names, "Dokument", "Document"), with_id(line.title, line.document));
  add_fact(layout, out, both(names, "Ändamål", "Purpose"), line.purpose);
  add_fact(layout, out, both(names, "Fullmakt", "Fullmakt"), with_id(line.fullmakt, line.fullmakt_id));
  return out;
}

Block heading(const Layout& layout, const FetchedLog& log, const LogNames& names) {
  Block out;
  const std::string begins =
      log.begins.is_null() ? both(names, "kan inte läsas", "cannot be read") : on_one_line(text_of(log.begins, "time"));
  layout.add(out, Face::bold, 0, both(names, "Din logg", "Your log"));
  layout.add(out, Face::plain, 0, both(names, "System: ", "Gateway: ") + on_one_line(log.gateway));
  layout.add(out, Face::plain, 0, both(names, "Loggen börjar: ", "The log begins at: ") + begins);
  layout.add(out, Face::plain, 0,
             both(names, "Poster: ", "Entries: ") + std::to_string(log.entries.size()) +
                 both(names, ", de nyaste först", ", newest first"));
  if (!log.filters.empty())
    layout.add(out, Face::plain, 0, both(names, "Urval: ", "Only: ") + on_one_line(log.filters));
  layout.add(out, Face::plain, 0,
             both(names, "Tider är UTC. Tecken som saknas i typsnittet skrivs som [U+0141].",
                  "Times are UTC. Characters that the typeface lacks are written as [U+0141]."));
  return out;
}

// A block goes to the next page when it does not fit; one of more than a page goes on.
std::vector<Block> pages_of(const std::vector<Block>& blocks) {
  constexpr auto kLines = static_cast<std::size_t>((kTop - kBottom) / kLeading);
  std::vector<Block> pages(1);
  for (const Block& block : blocks) {
    if (!pages.back().empty() && pages.back().size() + block.size() + 1 > kLines) pages.emplace_back();
    if (!pages.back().empty()) pages.back().push_back({});
    for (const Text& text : block) {
      if (pages.back().size() == kLines) pages.emplace_back();
      pages.back().push_back(text);
    }
  }
  return pages;
}

void draw(HPDF_Page page, HPDF_Font font, float x, float y, const std::string& latin) {
  HPDF_Page_SetFontAndSize(page, font, kSize);
  HPDF_Page_BeginText(page);
  HPDF_Page_TextOut(page, x, y, latin.c_str());
  HPDF_Page_EndText(page);
}

void draw_page(Document& out, const Block& lines, const std::string& foot) {
  HPDF_Page page = HPDF_AddPage(out.pdf.get());
  if (!page) return;
  HPDF_Page_SetSize(page, HPDF_PAGE_SIZE_A4, HPDF_PAGE_PORTRAIT);
  float y = kTop;
  for (const Text& line : lines) {
    if (!line.latin.empty())
      draw(page, line.face == Face::bold ? out.bold : out.plain, kLeft + line.indent, y, line.latin);
    y -= kLeading;
  }
  draw(page, out.plain, kLeft, kBottom - 2 * kLeading, foot);
}

// When the newest entry was made, which of an unfiltered log is the asking: the same log gives the same bytes.
void set_date(Document& out, const FetchedLog& log) {
  const auto newest = parse_rfc3339(newest_time(log));
  if (!newest) return;
  const auto day = std::chrono::floor<std::chrono::days>(*newest);
  const Date date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(*newest - day));
  const HPDF_Date at{int(date.year()),
                     static_cast<HPDF_INT>(unsigned(date.month())),
                     static_cast<HPDF_INT>(unsigned(date.day())),
                     static_cast<HPDF_INT>(clock.hours().count()),
                     static_cast<HPDF_INT>(clock.minutes().count()),
                     static_cast<HPDF_INT>(clock.seconds().count()),
                     'Z',
                     0,
                     0};
  HPDF_SetInfoDateAttr(out.pdf.get(), HPDF_INFO_CREATION_DATE, at);
}

Result<std::string> bytes_of(Document& out) {
  HPDF_SaveToStream(out.pdf.get());
  if (out.error != HPDF_OK)
    return fail(ErrorCode::internal, "the PDF cannot be made: error " + std::to_string(out.error));
  std::string bytes(HPDF_GetStreamSize(out.pdf.get()), '\0');
  HPDF_ResetStream(out.pdf.get());
  std::size_t read = 0;
  while (read < bytes.size()) {
    auto piece = static_cast<HPDF_UINT32>(bytes.size() - read);
    HPDF_ReadFromStream(out.pdf.get(), reinterpret_cast<HPDF_BYTE*>(bytes.data() + read), &piece);
    if (piece == 0) return fail(ErrorCode::internal, "the PDF cannot be read back");
    read += piece;
  }
  return bytes;
}

}  // namespace

Result<std::string> log_as_pdf(const FetchedLog& log, const LogNames& names) {
  Document out;
  out.pdf.reset(HPDF_New(&keep_error, &out));
  if (!out.pdf) return fail(ErrorCode::internal, "the PDF cannot be made");
  HPDF_SetCompressionMode(out.pdf.get(), HPDF_COMP_ALL);
  out.plain = HPDF_GetFont(out.pdf.get(), "Helvetica", "WinAnsiEncoding");
  out.bold = HPDF_GetFont(out.pdf.get(), "Helvetica-Bold", "WinAnsiEncoding");
  if (!out.plain || !out.bold) return fail(ErrorCode::internal, "the PDF has no typeface");
  HPDF_SetInfoAttr(out.pdf.get(), HPDF_INFO_TITLE, both(names, "Din logg", "Your log").c_str());
  set_date(out, log);
  const Layout layout(out.plain, out.bold);
  std::vector<Block> blocks{heading(layout, log, names)};
  for (const json::object& entry : log.entries) blocks.push_back(block_of(layout, entry, names));
  const std::vector<Block> pages = pages_of(blocks);
  for (std::size_t i = 0; i < pages.size(); ++i) {
    const std::string place = std::to_string(i + 1) + both(names, " av ", " of ") + std::to_string(pages.size());
    draw_page(out, pages[i], windows_1252(both(names, "Sida ", "Page ") + place));
  }
  return bytes_of(out);
}

}  // namespace flikvakt::admin
