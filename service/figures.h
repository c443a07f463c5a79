// The figures of the förbund's periodic report, month by month, and the file that keeps them: counts, and nothing of
// anybody. Which cells there are, what is counted in each, and the file's form: spec/figures.md. What of it may be
// shown: figures_shown.h.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/time.h"
#include "crypto/hash.h"
#include "policy/person.h"
#include "service/key_ring.h"

namespace flikvakt::service {

using Month = std::chrono::year_month;  // of UTC
Month month_of(UtcTime time);
std::string month_text(Month month);               // 2026-01
Result<Month> parse_month(std::string_view text);  // malformed

// Cells in the order of the file. `figure` and `kind` are how they are written in a report.
struct CellName {
  std::string_view figure;
  std::string_view kind;
};
inline constexpr std::array kCells{
    CellName{"people", "all"},
    CellName{"fullmakter", "device_key"},
    CellName{"fullmakter", "paper"},
    CellName{"kompletteringar", "device_key"},
    CellName{"kompletteringar", "paper"},
    CellName{"revocations", "device_key"},
    CellName{"revocations", "paper"},
    CellName{"readings", "authority"},
    CellName{"readings", "municipality"},
    CellName{"readings", "region"},
    CellName{"readings", "provider"},
    CellName{"readings", "association"},
    CellName{"readings", "forbund"},
    CellName{"referrals", "unemployment"},
    CellName{"referrals", "illness"},
    CellName{"referrals", "livelihood"},
    CellName{"referrals", "change"},
    CellName{"requests", "authority"},
    CellName{"requests", "municipality"},
    CellName{"requests", "region"},
    CellName{"requests", "provider"},
    CellName{"requests", "association"},
    CellName{"requests", "forbund"},
};
std::size_t cell_of(std::string_view figure, std::string_view kind);  // internal fault when there is none

// Lead times: from what until a fullmakt opens something.
inline constexpr std::array kLeads{CellName{"lead_from_referral", "all"}, CellName{"lead_from_request", "all"}};
enum class Lead : std::size_t { from_referral, from_request };
// The steps of a lead time: below so many days; one further step is beyond the last.
inline constexpr std::array<int, 10> kLeadDays{1, 2, 4, 7, 14, 28, 56, 84, 168, 365};
inline constexpr std::size_t kLeadSteps = kLeadDays.size() + 1;

struct Cell {
  std::uint64_t events = 0;
  std::uint64_t people = 0;  // different ones: at most `events`
  friend bool operator==(const Cell&, const Cell&) = default;
};
struct LeadTimes {
  Cell cell;
  std::array<std::uint64_t, kLeadSteps> people{};  // each once, by their first lead time of the month
  friend bool operator==(const LeadTimes&, const LeadTimes&) = default;
};

// What the log had of a month: all of it, or it began in that month.
enum class Coverage : std::uint8_t { whole = 0, log_began = 1, restored = 2 };

struct MonthFigures {
  Month month{};
  Coverage coverage = Coverage::whole;
  std::array<Cell, kCells.size()> cells{};
  std::array<LeadTimes, kLeads.size()> leads{};
  friend bool operator==(const MonthFigures&, const MonthFigures&) = default;
};

struct Figures {
  crypto::Hash256 log{};             // SHA-256 of the origin of the log in which `next` counts
  std::uint64_t next = 0;            // index of the first entry that is in no month below
  std::vector<MonthFigures> months;  // ascending, each once
  friend bool operator==(const Figures&, const Figures&) = default;
};

// As they are sealed. corrupt: not of the form, or counts that cannot be.
Bytes encode(const Figures& figures);
Result<Figures> decode_figures(BytesView bytes);

// `figures` in the data directory.
std::filesystem::path figures_file(const std::filesystem::path& data);
// nullopt: no file. Errors: corrupt (damaged, or another gateway's; the message names the file), io.
Result<std::optional<Figures>> read_figures(const std::filesystem::path& data, const KeyRing& keys);
Result<void> write_figures(const std::filesystem::path& data, const KeyRing& keys, const Figures& figures);

}  // namespace flikvakt::service
