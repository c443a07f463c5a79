#include "witness/witness.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>

namespace flikvakt::witness {
namespace {

namespace fs = std::filesystem;
using audit::WitnessVerdict;

// SPEC WIT-15: two processes on one folder would each compare with what the other one does not see.
Result<FileDescriptor> take_lock(const fs::path& folder) {
  TRY_VOID(require_private(folder));
  const fs::path path = folder / "lock";
  FileDescriptor lock = TRY(open_file(path, O_RDWR | O_CREAT));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return os_error("locking", path);
  return fail(ErrorCode::unavailable, "another witness runs on `" + folder.string() + "`");
}

// The note with the log's own signatures alone: others are of no use to whoever compares, and may be many.
Result<std::string> signed_by_the_log(std::string_view note, std::span<const audit::NoteVerifier> keys) {
  audit::Note parsed = TRY(audit::parse_note(note));
  std::erase_if(parsed.signatures, [&](const audit::NoteSignature& signature) {
    return std::ranges::none_of(keys, [&](const audit::NoteVerifier& key) { return key.made(signature); });
  });
  if (parsed.signatures.empty()) return fail(ErrorCode::invalid, "no known key of the log signed it");
  return audit::write_note(parsed);
}

std::string alarm_of(const LogRecord& record) {
  return "the log `" + record.log().newest.origin + "` has forked: its key signed two roots for " +
         std::to_string(record.log().newest.size) + " entries. It is not cosigned any more; both notes are in `" +
         record.evidence().string() + "`";
}

}  // namespace

std::vector<audit::NoteVerifier> KeysOfLog::all() const {
  std::vector<audit::NoteVerifier> out = signing;
  out.insert(out.end(), former.begin(), former.end());
  return out;
}

Result<std::vector<std::string>> Witness::begin(const fs::path& folder, const Keys& keys) {
  const FileDescriptor lock = TRY(take_lock(folder));
  std::vector<std::string> out;
  for (const auto& [origin, of_log] : keys) {
    if (of_log.signing.empty()) continue;
    const Result<void> begun = LogRecord::begin(folder, origin);
    if (!begun && begun.error().code != ErrorCode::conflict) return begun.error();
    if (begun) out.push_back(origin);
  }
  return out;
}

Result<std::unique_ptr<Witness>> Witness::open(const fs::path& folder, Keys keys, audit::CosignatureSigner signer,
                                               const Clock& clock, Hooks hooks) {
  FileDescriptor lock = TRY(take_lock(folder));
  std::unique_ptr<Witness> out(new Witness(std::move(lock), std::move(signer), clock, std::move(hooks)));
  for (auto& [origin, of_log] : keys) {
    LogRecord record = TRY(LogRecord::open(folder, origin, of_log.all()));
    if (record.is_stopped()) out->hooks_.alarm(alarm_of(record));
    out->logs_.try_emplace(origin, std::move(record), std::move(of_log));
  }
  return out;
}

Answer Witness::add_checkpoint(std::string_view body) {
  const Result<audit::AddCheckpoint> request = audit::parse_add_checkpoint(body);
  if (!request) return {Answer::Kind::malformed};
  const auto found = logs_.find(audit::claimed_origin(request->checkpoint));
  if (found == logs_.end()) return {Answer::Kind::unknown_log};
  Watched& log = found->second;

  // INVARIANT (one step): between comparing with the record and signing what was kept, nobody else changes it.
  const std::lock_guard lock(log.mutex);
  const audit::WitnessedLog& known = log.record.log();
  audit::WitnessJudgement judged = audit::judge_checkpoint(known, log.keys.signing, *request);
  if (judged.verdict == WitnessVerdict::not_signed) return {Answer::Kind::not_signed};
  if (log.record.is_stopped()) return stopped(log);
  switch (judged.verdict) {
    case WitnessVerdict::cosign:
      return cosign(log, std::move(judged.next));
    case WitnessVerdict::forked:
      return stop(log, request->checkpoint);
    case WitnessVerdict::other_old:
      return {Answer::Kind::conflict, {}, known.newest.size};
    case WitnessVerdict::not_proven:
      return {Answer::Kind::not_proven};
    case WitnessVerdict::not_signed:
    case WitnessVerdict::malformed:
    case WitnessVerdict::shrinks:
      break;
  }
  return {Answer::Kind::malformed};
}

// SPEC WIT-12: durable first, then signed, and what is signed is read from what was kept.
Answer Witness::cosign(Watched& log, audit::WitnessedLog next) {
  const audit::WitnessedLog& known = log.record.log();
  if (known.note.empty() || next.newest != known.newest) {
    const Result<void> kept = log.record.keep(std::move(next));
    if (!kept) {
      if (kept.error().code != ErrorCode::out_of_space) hooks_.on_fatal(kept.error());
      return {Answer::Kind::unavailable};
    }
  }
  const audit::Note note = audit::parse_note(known.note).value();
  const std::vector signatures = {signer_.sign(note.text, clock_.wall())};
  return {Answer::Kind::cosigned, audit::write_signature_lines(signatures), known.newest.size};
}

// SPEC WIT-10, WIT-14
Answer Witness::stop(Watched& log, std::string_view presented) {
  const Result<void> kept = log.record.stop(presented);
  hooks_.alarm(alarm_of(log.record));
  if (!kept) hooks_.alarm("the evidence could not be kept: " + kept.error().message);
  return {Answer::Kind::conflict, {}, log.record.log().newest.size};
}

// SPEC WIT-16: whoever asks on the log's behalf gets to see what speaks against it.
Answer Witness::stopped(const Watched& log) {
  Answer out{Answer::Kind::stopped};
  const std::vector<audit::NoteVerifier> keys = log.keys.all();
  for (const std::string& note : log.record.contradicting()) {
    const Result<std::string> own = signed_by_the_log(note, keys);
    if (own) out.contradicting.push_back(*own);
  }
  return out;
}

std::vector<Witness::Status> Witness::status() {
  std::vector<Status> out;
  for (auto& [origin, log] : logs_) {
    const std::lock_guard lock(log.mutex);
    out.push_back({origin, log.record.log().newest.size, log.record.is_stopped()});
  }
  return out;
}

}  // namespace flikvakt::witness
