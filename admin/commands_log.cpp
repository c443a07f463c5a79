#include <fstream>

#include "admin/commands.h"
#include "admin/fhir.h"
#include "admin/json_text.h"
#include "admin/new_file.h"
#include "admin/offline.h"
#include "audit/verify.h"
#include "base/files.h"
#include "service/export_log.h"
#include "service/log_keys.h"
#include "service/recover.h"

namespace flikvakt::admin {
namespace {

constexpr std::size_t kLargestNote = 64 * 1024;

std::vector<Option> with_data(std::vector<Option> own) {
  for (Option& shared : master_key_options()) own.push_back(std::move(shared));
  return own;
}

Outcome<std::string> read_note(const std::filesystem::path& file) {
  const Bytes bytes = TRY(read_file(file, kLargestNote));
  return std::string(as_text(bytes));
}

Outcome<std::vector<std::string>> read_saved(const Arguments& arguments) {
  std::vector<std::string> out;
  for (const std::string& file : arguments.all("--saved")) out.push_back(TRY(read_note(file)));
  return out;
}

constexpr const char* kWhoHasTheData =
    "stop the gateway, keep its disk as it is, and compare with the checkpoints of others";
constexpr const char* kWhoHasAnExport = "keep both files, and tell the förbund's security officer";

// `next`: what whoever can run it is to do when the log does not verify.
Outcome<void> say_verdict(const Output& output, json::object report, const std::vector<std::string>& problems,
                          const char* next) {
  report["problems"] = json::array(problems.begin(), problems.end());
  report["ok"] = problems.empty();
  output.data(report);
  if (problems.empty()) return {};
  const std::string how_many =
      problems.size() == 1 ? "1 problem: " : std::to_string(problems.size()) + " problems, the first: ";
  return Failure(ExitCode::refused, "the log does not verify: " + how_many + problems.front(), next);
}

Outcome<void> say_verdict(const Output& output, const service::LogReport& report) {
  return say_verdict(output,
                     {{"origin", report.origin},
                      {"entries", report.entries},
                      {"size", report.size},
                      {"root", to_hex(report.root)},
                      {"persons", report.persons},
                      {"closed_entries", report.closed_entries},
                      {"pruned_entries", report.pruned_entries},
                      {"begun_at", report.begun_at}},
                     report.problems, kWhoHasTheData);
}

// With the keys, on the durable rows: everything is recomputed and every act is carried out again.
Outcome<void> verify_rows(const Arguments& arguments, const Output& output) {
  const Offline offline = TRY(Offline::open(arguments, BehindHeadFile::reported));
  const std::vector<std::string> saved = TRY(read_saved(arguments));
  return say_verdict(
      output, TRY(service::verify_log(offline.rows(), offline.keys(), offline.where(), saved, offline.head_file(),
                                      offline.directory().archive(), SystemClock().wall())));
}

// The log that ended at a restore. Its keys are those of the data directory, rotated or destroyed since.
Outcome<void> verify_archive(const Arguments& arguments, const Output& output) {
  const Offline offline = TRY(Offline::open(arguments));
  const store::Reader rows = TRY(store::Reader::open(arguments.text("--archive"), offline.keys().database()));
  const std::vector<std::string> saved = TRY(read_saved(arguments));
  return say_verdict(output, TRY(service::verify_log(rows, offline.keys(), service::VerifiedRows::copy, saved)));
}

// Without keys, on an export: anyone can.
Outcome<void> verify_exported(const Arguments& arguments, const Output& output) {
  if (!arguments.has("--checkpoint") || !arguments.has("--log-key")) {
    return usage_failure("--export goes with --checkpoint FILE and --log-key LOG_KEY",
                         "`flikvakt log checkpoint` shows both");
  }
  std::vector<audit::NoteVerifier> known;
  for (const std::string& key : arguments.all("--log-key")) known.push_back(TRY(audit::NoteVerifier::parse(key)));
  const std::string checkpoint = TRY(read_note(arguments.text("--checkpoint")));
  const std::vector<std::string> saved = TRY(read_saved(arguments));
  std::ifstream in(arguments.text("--export"), std::ios::binary);
  if (!in) return Failure(ExitCode::refused, "`" + arguments.text("--export") + "` cannot be read");
  const audit::VerifyReport report = audit::verify_export(in, checkpoint, saved, known);
  std::vector<std::string> problems;
  for (const audit::Finding& finding : report.findings) problems.push_back(finding.text());
  return say_verdict(output,
                     {{"entries", report.entries},
                      {"root", to_hex(report.root)},
                      {"opened_acts", report.opened_acts},
                      {"opened_persons", report.opened_persons},
                      {"pruned_entries", report.pruned}},
                     problems, kWhoHasAnExport);
}

// What would be left aside is refused: else somebody believes that it was looked at.
Outcome<void> check_options(const Arguments& arguments) {
  const bool is_export = arguments.has("--export");
  if (is_export && arguments.has("--archive"))
    return usage_failure("--archive does not go with --export: acts are carried out again with the keys only");
  if (!is_export && (arguments.has("--checkpoint") || arguments.has("--log-key")))
    return usage_failure("--checkpoint and --log-key go with --export FILE",
                         "a checkpoint that was kept is given as --saved FILE");
  return {};
}

Outcome<void> verify(const Arguments& arguments, const Output& output) {
  TRY_VOID(check_options(arguments));
  if (arguments.has("--export")) return verify_exported(arguments, output);
  return arguments.has("--archive") ? verify_archive(arguments, output) : verify_rows(arguments, output);
}

// A checkpoint that was saved is what a rewritten log is found with: never replaced.
Outcome<void> checkpoint(const Arguments& arguments, const Output& output) {
  const Offline offline = TRY(Offline::open(arguments));
  const std::string text = TRY(service::checkpoint_of(offline.rows(), offline.keys()));
  const std::string origin = text.substr(0, text.find('\n'));
  const service::LogKeys log_keys = TRY(service::LogKeys::read(offline.rows(), offline.keys()));
  const std::vector<audit::NoteVerifier> signed_by = TRY(log_keys.signing_verifiers(origin));
  if (const auto out = arguments.find("--out")) TRY_VOID(keep_new_file("--out", *out, as_bytes(text)));
  json::object shown{{"checkpoint", text}, {"key", signed_by.back().text()}};
  if (signed_by.size() > 1) shown["retiring_key"] = signed_by.front().text();
  output.data(shown, text);
  output.note("key: " + signed_by.back().text());
  if (signed_by.size() > 1)
    output.note("the key before it, which signs too until it is retired: " + signed_by.front().text());
  return {};
}

// Of the same moment as the lines, so that the two match. Nothing where none is asked for.
Outcome<std::optional<Draft>> draft_checkpoint(const Offline& offline, const Arguments& arguments) {
  const auto file = arguments.find("--checkpoint");
  if (!file) return std::optional<Draft>();
  const std::string note = TRY(service::checkpoint_of(offline.rows(), offline.keys()));
  Draft draft = TRY(Draft::make(*file));
  TRY_VOID(write_exactly(draft.get(), 0, as_bytes(note)));
  return std::optional<Draft>(std::move(draft));
}

// What becomes of a line of the export. The first says whose log it is, and is no entry.
using LineForm = std::function<Result<std::string>(std::string_view line)>;

// SPEC LOGV-34: one AuditEvent a line (FHIR's ndjson), of act parts alone.
LineForm as_audit_events() {
  return [origin = std::string()](std::string_view line) mutable -> Result<std::string> {
    const json::value read = TRY(parse_json(line));
    if (!read.is_object()) return fail(ErrorCode::internal, "a line of the export is no object");
    const json::object& object = read.get_object();
    if (!origin.empty()) return to_text(act_as_fhir(object, origin));
    origin = text_of(object, "origin");
    return std::string();
  };
}

Outcome<LineForm> line_form(const Arguments& arguments) {
  const std::string form = arguments.find("--format").value_or("jsonl");
  if (form == "jsonl") return LineForm([](std::string_view line) -> Result<std::string> { return std::string(line); });
  if (form != "fhir") return usage_failure("--format: expected jsonl or fhir");
  if (arguments.has("--checkpoint"))
    return usage_failure("--checkpoint goes with jsonl: only that is verified against one");
  return as_audit_events();
}

// SPEC EXP-11
Outcome<void> export_lines(const Arguments& arguments, const Output& output) {
  const LineForm form = TRY(line_form(arguments));
  const std::filesystem::path out = arguments.text("OUT");
  TRY_VOID(check_free("OUT", out.string()));
  TRY_VOID(check_free("--checkpoint", arguments.find("--checkpoint")));
  const Offline offline = TRY(Offline::open(arguments));
  Draft file = TRY(Draft::make(out));
  std::uint64_t at = 0;
  std::uint64_t lines = 0;
  std::string waiting;
  const auto flush = [&]() -> Result<void> {
    TRY_VOID(write_exactly(file.get(), at, as_bytes(waiting)));
    at += waiting.size();
    waiting.clear();
    return {};
  };
  TRY_VOID(
      service::export_log(offline.rows(), offline.keys(), std::nullopt, [&](std::string_view line) -> Result<void> {
        ++lines;
        const std::string text = TRY(form(line));
        if (text.empty()) return {};
        waiting.append(text).push_back('\n');
        return waiting.size() < (1u << 20) ? Result<void>() : flush();
      }));
  TRY_VOID(flush());
  std::optional<Draft> note = TRY(draft_checkpoint(offline, arguments));
  TRY_VOID(std::move(file).keep());
  if (note) TRY_VOID(std::move(*note).keep());
  output.data(json::object{{"out", out.string()}, {"entries", lines - 1}, {"bytes", at}});
  return {};
}

}  // namespace

std::vector<Command> log_commands() {
  const Option saved = repeated_option("--saved", "FILE", "a checkpoint kept earlier, which the log must extend");
  return {
      {"log verify",
       "Recompute the whole log; says exactly what is wrong, if anything",
       {"flikvakt log verify --data data --saved checkpoint-of-march",
        "flikvakt log verify --data data --archive data/archive/0123456789abcdef.db",
        "flikvakt log verify --export log.jsonl --checkpoint checkpoint --log-key LOG_KEY"},
       with_data(
           {saved, optional_option("--archive", "FILE", "the log that ended at a restore: archive/….db"),
            optional_option("--export", "FILE", "verify an export instead: needs no master key"),
            optional_option("--checkpoint", "FILE", "with --export: the checkpoint that it must match"),
            repeated_option("--log-key", "LOG_KEY", "with --export: name+id+key of the log, as `init` printed it")}),
       verify,
       "Works beside a running gateway, on the rows as of one moment. Exit code 0 only if everything holds."},
      {"log export",
       "Write the log as JSON lines that anyone can verify without keys",
       {"flikvakt log export log.jsonl --data data --checkpoint checkpoint"},
       with_data({required_option("OUT", "FILE", "a new file"),
                  optional_option("--checkpoint", "FILE", "a new file: the checkpoint of the same moment"),
                  optional_option("--format", "FORM", "jsonl (which can be verified), or fhir: an AuditEvent a line")}),
       export_lines,
       "What was done and by whom is readable in it; which person it was about is not."},
      {"log checkpoint",
       "Show the newest checkpoint and the log's key: save both elsewhere",
       {"flikvakt log checkpoint --data data --out checkpoint"},
       with_data({optional_option("--out", "FILE", "a new file: write the note there too")}),
       checkpoint,
       ""},
  };
}

}  // namespace flikvakt::admin
