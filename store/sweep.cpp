// Objects::sweep: what a crash or an aborted deposit left behind goes, before anything is served.
#include <unistd.h>

#include <vector>

#include "store/objects.h"

namespace flikvakt::store {
namespace {

namespace fs = std::filesystem;

// The names first, then the removals: a folder that changes under its iterator may skip entries.
Result<std::vector<fs::path>> list(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code ec;
  for (fs::directory_iterator entry(folder, ec), end; !ec && entry != end; entry.increment(ec))
    out.push_back(entry->path());
  if (ec) return fail(ErrorCode::io, "listing `" + folder.filename().string() + "`: " + ec.message());
  return out;
}

Result<void> remove_all(const std::vector<fs::path>& files, const fs::path& folder) {
  if (files.empty()) return {};
  for (const fs::path& file : files) {
    std::error_code ec;
    fs::remove(file, ec);
    if (ec) return fail(ErrorCode::io, "removing `" + file.filename().string() + "`: " + ec.message());
  }
  return sync_directory(folder);
}

}  // namespace

Result<Objects::Swept> Objects::sweep(const std::function<bool(const ObjectName&)>& keep) const {
  Swept swept;
  std::size_t strangers = 0;
  std::vector<std::pair<fs::path, std::vector<fs::path>>> leaving;  // by folder
  for (const fs::path& folder : TRY(list(root_))) {
    std::error_code ec;
    if (!fs::is_directory(folder, ec)) {
      ++strangers;
      continue;
    }
    std::vector<fs::path>& leave = leaving.emplace_back(folder, std::vector<fs::path>()).second;
    const bool temporaries = folder.filename() == "tmp";
    for (const fs::path& file : TRY(list(folder))) {
      Result<ObjectName> name = ObjectName::parse(file.filename().string());
      if (!name || (!temporaries && path_of(*name) != file)) {
        ++strangers;
      } else if (temporaries) {
        ++swept.temporaries;
        leave.push_back(file);
      } else if (!keep(*name)) {
        ++swept.unreferenced;
        leave.push_back(file);
      } else {
        ++swept.kept;
      }
    }
  }
  if (strangers > 0) {
    return fail(ErrorCode::invalid, std::to_string(strangers) + " files under `" + root_.filename().string() +
                                        "` are no objects: look at them and move them away");
  }
  for (const auto& [folder, leave] : leaving) TRY_VOID(remove_all(leave, folder));
  return swept;
}

}  // namespace flikvakt::store
