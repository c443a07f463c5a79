#include "service/figures.h"

#include <algorithm>
#include <stdexcept>

#include "base/files.h"
#include "service/row_seal.h"

namespace flikvakt::service {
namespace {

constexpr std::size_t kLargestFile = 4 << 20;  // some 4,000 months
constexpr std::string_view kMagic = "FLKVFIGS";
constexpr std::uint8_t kVersion = 1;
constexpr std::uint16_t kTable = 61;  // spec/state-rows.md: never a row of the database
constexpr std::uint32_t kMostMonths = 4096;

Bytes row_key() { return to_bytes(as_bytes("figures")); }

void write(ByteWriter& out, const Cell& cell) { out.u64(cell.events).u64(cell.people); }

void write(ByteWriter& out, const MonthFigures& one) {
  out.u16(static_cast<std::uint16_t>(static_cast<int>(one.month.year())));
  out.u8(static_cast<std::uint8_t>(static_cast<unsigned>(one.month.month())));
  out.u8(static_cast<std::uint8_t>(one.coverage));
  for (const Cell& cell : one.cells) write(out, cell);
  for (const LeadTimes& lead : one.leads) {
    write(out, lead.cell);
    for (const std::uint64_t people : lead.people) out.u64(people);
  }
}

Cell read_cell(ByteReader& in) {
  Cell out;
  out.events = in.u64();
  out.people = in.u64();
  return out;
}

MonthFigures read_month(ByteReader& in) {
  MonthFigures out;
  const std::chrono::year year(in.u16());
  out.month = year / std::chrono::month(in.u8());
  out.coverage = static_cast<Coverage>(in.u8());
  for (Cell& cell : out.cells) cell = read_cell(in);
  for (LeadTimes& lead : out.leads) {
    lead.cell = read_cell(in);
    for (std::uint64_t& people : lead.people) people = in.u64();
  }
  return out;
}

bool is_possible(const Cell& cell) { return cell.people <= cell.events && (cell.events == 0) == (cell.people == 0); }

bool is_possible(const LeadTimes& lead) {
  std::uint64_t left = lead.cell.people;
  for (const std::uint64_t people : lead.people) {
    if (people > left) return false;
    left -= people;
  }
  return left == 0 && is_possible(lead.cell);
}

bool is_possible(const MonthFigures& one) {
  const auto says = [](const auto& part) { return is_possible(part); };
  const int year = static_cast<int>(one.month.year());
  return one.month.ok() && year >= 1970 && year <= 9999 && one.coverage <= Coverage::restored &&
         std::ranges::all_of(one.cells, says) && std::ranges::all_of(one.leads, says);
}

Error damaged(const std::filesystem::path& file, const std::string& why) {
  return fail(ErrorCode::corrupt, "the figures in `" + file.string() + "` are damaged: " + why);
}

}  // namespace

Month month_of(UtcTime time) {
  const Date day(std::chrono::floor<std::chrono::days>(time));
  return day.year() / day.month();
}

std::string month_text(Month month) { return to_text(month / std::chrono::day(1)).substr(0, 7); }

Result<Month> parse_month(std::string_view text) {
  const Result<Date> day = parse_date(std::string(text) + "-01");
  if (!day) return fail(ErrorCode::malformed, "expected a month like 2026-01");
  return day->year() / day->month();
}

std::size_t cell_of(std::string_view figure, std::string_view kind) {
  const auto found =
      std::ranges::find_if(kCells, [&](const CellName& one) { return one.figure == figure && one.kind == kind; });
  if (found == kCells.end()) throw std::logic_error("there is no such figure: " + std::string(figure));
  return static_cast<std::size_t>(found - kCells.begin());
}

// SPEC FIG-13
Bytes encode(const Figures& figures) {
  ByteWriter out;
  out.bytes(figures.log).u64(figures.next).u32(static_cast<std::uint32_t>(figures.months.size()));
  for (const MonthFigures& one : figures.months) write(out, one);
  return std::move(out).take();
}

Result<Figures> decode_figures(BytesView bytes) {
  ByteReader in(bytes);
  Figures out;
  out.log = in.array<32>();
  out.next = in.u64();
  const std::uint32_t count = in.u32();
  if (!in.ok() || count > kMostMonths) return fail(ErrorCode::corrupt, "they are not of their form");
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
    const MonthFigures one = read_month(in);
    const bool is_later = out.months.empty() || out.months.back().month < one.month;
    if (!is_possible(one) || !is_later) return fail(ErrorCode::corrupt, "a month says what cannot be");
    out.months.push_back(one);
  }
  if (!in.done()) return fail(ErrorCode::corrupt, "they are not of their form");
  return out;
}

std::filesystem::path figures_file(const std::filesystem::path& data) { return data / "figures"; }

// SPEC FIG-12, FIG-14
Result<std::optional<Figures>> read_figures(const std::filesystem::path& data, const KeyRing& keys) {
  const std::filesystem::path file = figures_file(data);
  const Result<Bytes> bytes = read_file(file, kLargestFile);
  if (!bytes && bytes.error().code == ErrorCode::not_found) return std::optional<Figures>();
  if (!bytes) return bytes.error();
  ByteReader in(*bytes);
  const bool is_ours = as_text(in.bytes(kMagic.size())) == kMagic && in.u8() == kVersion;
  if (!is_ours) return damaged(file, "the file is none of figures, or of another version");
  const Bytes key = row_key();
  const Result<Bytes> plain = RowSealer(keys).open_own({kTable, key, 0, in.bytes(in.left())});
  if (!plain) return damaged(file, "they do not open");
  Result<Figures> figures = decode_figures(*plain);
  if (!figures) return damaged(file, figures.error().message);
  return std::optional(std::move(*figures));
}

Result<void> write_figures(const std::filesystem::path& data, const KeyRing& keys, const Figures& figures) {
  const store::StateRow sealed = RowSealer(keys).seal_own(kTable, row_key(), 0, encode(figures));
  ByteWriter out;
  out.text(kMagic).u8(kVersion).bytes(sealed.body);
  return write_file_atomically(figures_file(data), out.view());
}

}  // namespace flikvakt::service
