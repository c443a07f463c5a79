#include <spdlog/spdlog.h>

#include <algorithm>

#include "admin/commands.h"
#include "admin/config.h"
#include "admin/offline.h"
#include "admin/report_text.h"
#include "base/files.h"
#include "service/figures_count.h"

namespace flikvakt::admin {
namespace {

namespace fs = std::filesystem;
using service::Figures;
using service::Month;
using service::ShownFigure;

constexpr int kMostMonths = 120;

// What the configuration says counts as if it had been written as options.
struct Asked {
  Arguments arguments;  // of the data directory and its master key
  std::uint64_t smallest_group = service::kPeopleRounded;
};

Outcome<Asked> read_asked(const Arguments& arguments) {
  Asked out{arguments, service::kPeopleRounded};
  if (!arguments.has("--config")) return out;
  const Config config = TRY(read_config(arguments.text("--config")));
  out.arguments = TRY(with_config(arguments, config));
  out.smallest_group = config.figures_smallest_group;
  return out;
}

struct Period {
  Month from;
  Month to;
  std::string text() const { return service::month_text(from) + "--" + service::month_text(to); }
};

Outcome<Month> read_month(const Arguments& arguments, const std::string& option) {
  const Result<Month> month = service::parse_month(arguments.text(option));
  if (!month) return usage_failure(option + ": " + month.error().message);
  return *month;
}

// SPEC FIG-24
Outcome<Period> read_period(const Arguments& arguments, UtcTime now) {
  const Period out{TRY(read_month(arguments, "--from")), TRY(read_month(arguments, "--to"))};
  if (out.to < out.from) return usage_failure("--to: expected a month that is not before --from");
  if (out.to >= service::month_of(now)) {
    return usage_failure("--to: " + service::month_text(out.to) + " is not over (months are those of UTC)",
                         "the figures of a month are told when it has ended");
  }
  if (out.to - out.from >= std::chrono::months(kMostMonths)) {
    return usage_failure("--to: expected at most " + std::to_string(kMostMonths) + " months");
  }
  return out;
}

enum class Format { csv, svg };

Outcome<Format> read_format(const Arguments& arguments) {
  const std::string written = arguments.find("--format").value_or("csv");
  if (written != "csv" && written != "svg") return usage_failure("--format: expected csv or svg");
  if (written == "csv") return Format::csv;
  if (!arguments.has("--out")) return usage_failure("--out: expected a folder for the charts");
  return Format::svg;
}

Failure cannot_read(const Error& error) {
  const bool is_damaged = error.code == ErrorCode::corrupt;
  return Failure(ExitCode::refused, error.message,
                 is_damaged
                     ? "stop the gateway and count them again from the log with `flikvakt report --rebuild`; people "
                       "who were erased since are then in none"
                     : "");
}

Outcome<std::vector<service::MonthFigures>> read_counted(const Arguments& arguments) {
  const Offline offline = TRY(Offline::open(arguments));
  Result<std::optional<Figures>> figures = service::read_figures(offline.directory().root(), offline.keys());
  if (!figures) return cannot_read(figures.error());
  return *figures ? std::move((*figures)->months) : std::vector<service::MonthFigures>();
}

struct File {
  fs::path path;
  std::string text;
};

std::vector<File> files_of(const std::vector<ShownFigure>& shown, const Period& period, Format format,
                           Language language, const fs::path& folder) {
  const std::string name = "figures-" + period.text();
  if (format == Format::csv) return {{folder / (name + ".csv"), report_csv(shown)}};
  std::vector<File> out;
  for (ReportChart& chart : report_charts(shown, language)) {
    out.push_back({folder / (name + "-" + chart.figure + ".svg"), std::move(chart.svg)});
  }
  return out;
}

Outcome<void> write_files(const std::vector<File>& files, const fs::path& folder) {
  std::error_code error;
  fs::create_directory(folder, error);
  if (error) return Failure(ExitCode::refused, "--out: `" + folder.string() + "`: " + error.message());
  for (const File& file : files) {
    if (!fs::exists(fs::symlink_status(file.path, error))) continue;
    return Failure(ExitCode::refused, "--out: `" + file.path.string() + "` exists already",
                   "nothing is overwritten: choose another folder");
  }
  for (const File& file : files) TRY_VOID(write_new_file(file.path, as_bytes(file.text)));
  return {};
}

// What the numbers do not say themselves.
void say_gaps(const std::vector<ShownFigure>& shown, std::uint64_t smallest_group, const Output& output) {
  const auto withheld = std::ranges::count(shown, service::ShownAs::withheld, &ShownFigure::as);
  if (withheld > 0) {
    output.note(std::to_string(withheld) + " numbers are withheld: fewer than " + std::to_string(smallest_group) +
                " people stand behind them, or behind a part of them");
  }
  std::vector<Month> missing;
  for (const ShownFigure& one : shown) {
    const bool is_missing = one.month && one.as == service::ShownAs::not_counted;
    if (is_missing && (missing.empty() || missing.back() != *one.month)) missing.push_back(*one.month);
  }
  for (const Month& month : missing) {
    output.note(service::month_text(month) +
                " is not counted: a gateway that serves counts it once its log has an entry of a later month");
  }
}

Outcome<void> tell(const std::vector<service::MonthFigures>& counted, const Period& period,
                   std::uint64_t smallest_group, const Arguments& arguments, const Output& output) {
  const Format format = TRY(read_format(arguments));
  const Language language = TRY(read_language(arguments));
  const bool has_any = std::ranges::any_of(
      counted, [&](const service::MonthFigures& one) { return period.from <= one.month && one.month <= period.to; });
  if (!has_any) {
    return Failure(
        ExitCode::refused,
        "no month from " + service::month_text(period.from) + " to " + service::month_text(period.to) + " is counted",
        "a gateway that serves counts a month once its log has an entry of a later one; its log says why not");
  }
  const std::vector<ShownFigure> shown = service::shown(counted, period.from, period.to, smallest_group);
  say_gaps(shown, smallest_group, output);
  if (!arguments.has("--out")) {
    output.data(json::object{{"from", service::month_text(period.from)},
                             {"to", service::month_text(period.to)},
                             {"smallest_group", smallest_group},
                             {"figures", report_json(shown)}},
                report_csv(shown));
    return {};
  }
  const fs::path folder = arguments.text("--out");
  const std::vector<File> files = files_of(shown, period, format, language, folder);
  TRY_VOID(write_files(files, folder));
  json::array names;
  for (const File& file : files) names.push_back(json::value(file.path.string()));
  output.data(json::object{{"files", std::move(names)}});
  return {};
}

// SPEC FIG-16: on data that nobody serves, since two who write would each lose what the other counted.
Outcome<void> rebuild(const Arguments& arguments, const Output& output) {
  const fs::path data = TRY(data_of(arguments));
  const MasterKeyPlace place = master_key_place(arguments, data);
  const auto passphrases = Passphrases::from_options(arguments.all("--passphrase-file"));
  crypto::MasterKey master = TRY(read_master_key(place, passphrases));
  const SystemClock clock;
  std::optional<Error> fatal;
  const service::Core::Hooks hooks{[&](const Error& error) { fatal = error; }, [] {}};
  const std::unique_ptr<service::Core> core = TRY(open_core(data, place, std::move(master), clock, hooks));
  const Result<std::size_t> months = service::count_all_months_again(*core);
  core->sequencer().stop();
  if (fatal) return Failure(ExitCode::fatal, fatal->message);
  if (!months) return months.error();
  output.note("counted again: " + std::to_string(*months) +
              " months. People who were erased meanwhile are in none of them: do not put a report of today beside one "
              "from before");
  return {};
}

Outcome<void> report(const Arguments& arguments, const Output& output) {
  const bool is_rebuilt = arguments.has("--rebuild");
  const bool is_asked_for = arguments.has("--from") || arguments.has("--to") || !is_rebuilt;
  std::optional<Period> period;
  if (is_asked_for) {
    period = TRY(read_period(arguments, SystemClock().wall()));
    TRY(read_format(arguments));
    TRY(read_language(arguments));
  }
  const Asked asked = TRY(read_asked(arguments));
  if (is_rebuilt) TRY_VOID(rebuild(asked.arguments, output));
  if (!period) return {};
  const auto counted = TRY(read_counted(asked.arguments));
  return tell(counted, *period, asked.smallest_group, arguments, output);
}

}  // namespace

std::vector<Command> report_commands() {
  std::vector<Option> options{
      optional_option("--from", "MONTH", "the first month, like 2026-01"),
      optional_option("--to", "MONTH", "the last one; it must be over"),
      optional_option("--format", "FORMAT", "csv (default), or svg: a chart for each figure"),
      optional_option("--out", "DIR", "write files there; without it CSV goes to stdout"),
      language_option("the charts"),
      flag_option("--rebuild", "first count all months again from the log; the gateway must be stopped"),
      optional_option("--config", "FILE", "the gateway's configuration, instead of --data and the master key")};
  for (Option& shared : master_key_options()) options.push_back(std::move(shared));
  return {
      {"report",
       "Tell the figures of the periodic report, without people",
       {"flikvakt report --config flikvakt.toml --from 2026-01 --to 2026-06",
        "flikvakt report --config flikvakt.toml --from 2026-01 --to 2026-06 --format svg --out report"},
       std::move(options),
       report,
       "Works beside a running gateway. Numbers behind which fewer people stand than `figures_smallest_group` in the\n"
       "configuration (5, never less) are withheld, with every total that has them; numbers of people are rounded\n"
       "down to fives. What is counted: spec/figures.md."}};
}

}  // namespace flikvakt::admin
