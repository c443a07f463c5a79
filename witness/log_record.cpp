#include "witness/log_record.h"

#include "audit/lines.h"
#include "base/files.h"
#include "crypto/hash.h"

namespace flikvakt::witness {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFirstLine = "flikvakt-witness/v1";
constexpr std::string_view kEvidenceLine = "flikvakt-witness-evidence/v1";
constexpr std::string_view kNothingYet = "nothing yet";
constexpr std::string_view kNewest = "newest";
constexpr std::size_t kMostRecordBytes = 128 * 1024;

Error corrupt(const fs::path& file, const std::string& what) {
  return fail(ErrorCode::corrupt, "the record `" + file.string() + "`: " + what);
}

// SPEC WIT-11: an origin may hold what no file name can.
fs::path file_of(const fs::path& folder, const std::string& origin, const char* extension) {
  const auto hash = crypto::sha256(as_bytes(origin));
  return folder / (to_hex(BytesView(hash).first(16)) + extension);
}

std::string write_record(const audit::WitnessedLog& log) {
  const std::string head = std::string(kFirstLine) + "\norigin " + log.newest.origin + "\n";
  return log.note.empty() ? head + std::string(kNothingYet) + "\n" : head + std::string(kNewest) + "\n\n" + log.note;
}

Result<audit::WitnessedLog> parse_record(const fs::path& file, std::string_view text, const std::string& origin,
                                         std::span<const audit::NoteVerifier> keys) {
  audit::Lines lines(text);
  if (lines.next() != kFirstLine) return corrupt(file, "not of this version");
  if (lines.next() != "origin " + origin) return corrupt(file, "of another log than `" + origin + "`");
  const std::optional<std::string_view> kind = lines.next();
  if (kind == kNothingYet && lines.at_end()) return audit::WitnessedLog::unseen(origin);
  if (kind != kNewest || lines.next() != "") return corrupt(file, "damaged");
  const std::string note(lines.rest());
  const Result<audit::Checkpoint> newest = audit::open_checkpoint(note, keys);
  if (!newest)
    return corrupt(file,
                   "not signed by a key of the configuration: " + newest.error().message +
                       ". If a key of the log was taken out of `logs`, put it into `former_keys`: under it this record "
                       "is read, and nothing new is believed");
  if (newest->origin != origin) return corrupt(file, "of another log than `" + origin + "`");
  return audit::WitnessedLog{*newest, note};
}

// "cosigned 217 bytes"
std::optional<std::size_t> length_in(std::optional<std::string_view> line, std::string_view what) {
  constexpr std::string_view kUnit = " bytes";
  if (!line || !line->starts_with(what) || !line->ends_with(kUnit) || line->size() < what.size() + kUnit.size())
    return std::nullopt;
  return audit::number_in(line->substr(what.size(), line->size() - what.size() - kUnit.size()));
}

// Empty: damaged.
std::vector<std::string> parse_evidence(std::string_view text) {
  audit::Lines lines(text);
  if (lines.next() != kEvidenceLine) return {};
  const std::optional<std::size_t> cosigned = length_in(lines.next(), "cosigned ");
  const std::optional<std::size_t> presented = length_in(lines.next(), "presented ");
  if (!cosigned || !presented || lines.next() != "" || lines.rest().size() != *cosigned + *presented) return {};
  return {std::string(lines.rest().substr(0, *cosigned)), std::string(lines.rest().substr(*cosigned))};
}

}  // namespace

Result<void> LogRecord::begin(const fs::path& folder, const std::string& origin) {
  return write_new_file(file_of(folder, origin, ".log"), as_bytes(write_record(audit::WitnessedLog::unseen(origin))));
}

// SPEC WIT-13, WIT-14
Result<LogRecord> LogRecord::open(const fs::path& folder, const std::string& origin,
                                  std::span<const audit::NoteVerifier> keys) {
  const fs::path file = file_of(folder, origin, ".log");
  const fs::path evidence = file_of(folder, origin, ".evidence");
  const Bytes bytes = TRY(read_file(file, kMostRecordBytes));
  audit::WitnessedLog log = TRY(parse_record(file, as_text(bytes), origin, keys));
  std::error_code error;
  const fs::file_status status = fs::symlink_status(evidence, error);
  if (status.type() == fs::file_type::none) return corrupt(evidence, "not known whether it is there");
  LogRecord out(file, evidence, std::move(log), fs::exists(status));
  if (!out.is_stopped_) return out;
  const Result<Bytes> kept = read_file(evidence, 2 * kMostRecordBytes);
  if (kept) out.contradicting_ = parse_evidence(as_text(*kept));
  return out;
}

Result<void> LogRecord::keep(audit::WitnessedLog next) {
  TRY_VOID(write_file_atomically(file_, as_bytes(write_record(next))));
  log_ = std::move(next);
  return {};
}

// SPEC WIT-14
Result<void> LogRecord::stop(std::string_view presented) {
  is_stopped_ = true;
  contradicting_ = {log_.note, std::string(presented)};
  std::string out = std::string(kEvidenceLine) + "\ncosigned " + std::to_string(log_.note.size()) +
                    " bytes\npresented " + std::to_string(presented.size()) + " bytes\n\n";
  out.append(log_.note).append(presented);
  return write_new_file(evidence_, as_bytes(out));
}

}  // namespace flikvakt::witness
