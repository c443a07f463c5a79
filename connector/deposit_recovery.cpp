#include "connector/deposit_recovery.h"

#include <sys/stat.h>

#include "base/files.h"

namespace flikvakt::connector {
namespace {

namespace fs = std::filesystem;

}  // namespace

std::string sidecar_of(const std::string& name) { return name + ".json"; }

std::string with_id(const std::string& name, std::string_view id) {
  const fs::path as_path(name);
  return as_path.stem().string() + "-" + std::string(id) + as_path.extension().string();
}

// SPEC CONN-34, CONN-36: a folder in which a flik was and nothing is any more is the place of a share that is not
// mounted now. What is laid there would be hidden by it, and what lies on the share is not gone.
Result<void> check_mounted(const OpenFolder& root) {
  if (TRY(root.names()).empty())
    return fail(ErrorCode::io, "there is nothing in the deposit folder: is a share not mounted?");
  return {};
}

Result<void> DepositRecovery::recover(const OpenFolder& root, Message message) {
  const Result<OpenFolder> folder = root.in(message.flik, OpenFolder::Missing::is_an_error);
  if (!folder && !message.request) TRY_VOID(check_mounted(root));
  if (message.aside) {
    // Gone, with what lay there; or not to be reached now, as a share that is not mounted yet: what lies aside there is
    // known by this row alone.
    const bool is_aside_alone = message.state == MessageState::taking && !fs::exists(outbox_.data(message.id));
    if (!folder && (is_aside_alone || folder.error().code != ErrorCode::not_found)) return folder.error();
    if (folder) {
      const Result<void> come = bring_over(*folder, message);
      if (!come && come.error().code == ErrorCode::conflict && !outbox_.has(message.id))
        return {};  // it was given back
      TRY_VOID(come);
    }
  }
  if (message.state == MessageState::taking) {
    // The document is here: it was whole when it came (CONN-33); else nothing was taken.
    if (!fs::exists(outbox_.data(message.id))) return outbox_.forget(message.id);
    message.state = MessageState::queued;
    TRY_VOID(outbox_.keep(message));
  }
  return folder ? remove_left_sidecar(*folder, message) : Result<void>();
}

// SPEC CONN-34: over mounts. Aside it is ours alone; its copy is whole before it is queued, and it goes after that.
// Each step may be done again after a stop at any place.
Result<void> DepositRecovery::bring_over(const OpenFolder& folder, Message& message) {
  const std::string aside = *message.aside;
  if (!fs::exists(outbox_.data(message.id))) {
    if (message.state != MessageState::taking) return {};  // it has left the queue since
    if (!folder.has(aside)) {
      const std::optional<struct stat> there = folder.find(message.name);
      const bool is_it = there && S_ISREG(there->st_mode) && static_cast<std::uint64_t>(there->st_size) == message.size;
      const Result<bool> moved = is_it ? folder.try_move(message.name, folder, aside) : Result<bool>(false);
      if (!moved || !*moved) {
        if (!folder.has(aside)) TRY_VOID(outbox_.forget(message.id));
        return moved ? Error(fail(ErrorCode::conflict, "it changed while it was taken")) : moved.error();
      }
    }
    Result<void> copied = copy_from_aside(folder, message);
    if (!copied) {
      TRY_VOID(give_back(folder, message));
      TRY_VOID(outbox_.forget(message.id));
      return copied;
    }
  }
  if (message.state == MessageState::taking) message.state = MessageState::queued;
  TRY_VOID(outbox_.keep(message));
  TRY_VOID(folder.remove(aside));
  message.aside.reset();
  return outbox_.keep(message);
}

// Where another one was laid meanwhile, under another name, with what was said of it: so that neither is lost, or comes
// under the other's sidecar.
Result<void> DepositRecovery::give_back(const OpenFolder& folder, const Message& message) {
  Result<void> back = folder.move_to_new(*message.aside, folder, message.name);
  if (back || back.error().code != ErrorCode::conflict) return back;
  const std::string other = with_id(message.name, message.id.text().substr(0, 8));
  if (message.sidecar) TRY_VOID(folder.write(sidecar_of(other), as_bytes(*message.sidecar)));
  TRY_VOID(folder.move_to_new(*message.aside, folder, other));
  return remove_left_sidecar(folder, message);
}

Result<void> DepositRecovery::copy_from_aside(const OpenFolder& folder, const Message& message) {
  const FileDescriptor from = TRY(folder.open(*message.aside));
  struct stat about {};
  if (::fstat(from.get(), &about) != 0) return os_error("reading the size of", "a file that was dropped");
  const bool is_it = S_ISREG(about.st_mode) && static_cast<std::uint64_t>(about.st_size) == message.size;
  if (!is_it) return fail(ErrorCode::conflict, "it changed while it was taken");
  Draft draft = TRY(Draft::make(outbox_.data(message.id)));
  const std::string sha256 = TRY(hash_of(from, message.size, draft.get()));
  if (sha256 != message.sha256) return fail(ErrorCode::conflict, "it changed while it was taken");
  // As after a move it goes back with whoever may read it.
  if (::fchmod(draft.get(), (about.st_mode & 0777) | 0600) != 0) return os_error("writing", "a copy");
  return std::move(draft).replace();
}

// SPEC CONN-38: a stop after the file was taken leaves its sidecar. It is this message's when it says the very same and
// lay there before.
Result<void> DepositRecovery::remove_left_sidecar(const OpenFolder& folder, const Message& message) {
  if (!message.sidecar) return {};
  const std::string name = sidecar_of(message.name);
  const std::optional<struct stat> found = folder.find(name);
  if (!found) return {};
  // Or has the very time that it had then: the clock of a share is not ours.
  const UtcTime changed = changed_at(*found);
  if (changed > message.taken && message.sidecar_changed != to_rfc3339(changed)) return {};
  const Result<FileDescriptor> file = folder.open(name);
  const Result<Bytes> says = file ? read_all(*file, kMostSidecarBytes) : Result<Bytes>(file.error());
  if (!says || as_text(*says) != *message.sidecar) return {};
  return folder.remove(name);
}

}  // namespace flikvakt::connector
