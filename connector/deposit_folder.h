// The folder into which an organisation's systems drop files: `<flik>/report.pdf` becomes a document. What it is stands
// in a sidecar (`report.pdf.json`) or in its name. Taken into the outbox when it is whole; afterwards it lies in
// `done/` with a receipt, or in `refused/` with the reason. spec/connector.md, CONN-33 to CONN-37. One thread.
#pragma once

#include <map>

#include "connector/config.h"
#include "connector/outbox.h"

namespace flikvakt::connector {

class DepositFolder {
public:
  DepositFolder(const FolderConfig& config, Outbox& outbox) : config_(config), outbox_(outbox) {}

  // Looks once: takes what is whole. disk: what could not be taken lies where it was.
  Result<void> look();
  // Moves it where it belongs, with what became of it, and forgets it. Also what had no folder (heta linjen).
  Result<void> finish(const Message& message);

  std::uint64_t refused() const;  // files in `refused/`

private:
  struct Seen {
    std::uintmax_t size = 0;
    std::filesystem::file_time_type changed;
    std::chrono::steady_clock::time_point since;
  };
  bool is_settled(const std::filesystem::path& file);
  Result<void> take(const std::string& flik, const std::filesystem::path& file);
  Result<void> refuse_where_it_lies(const std::string& flik, const std::filesystem::path& file,
                                    const std::string& reason);

  const FolderConfig& config_;
  Outbox& outbox_;
  std::map<std::filesystem::path, Seen> seen_;
  std::map<std::filesystem::path, std::string> told_;  // what was said of files that stay
};

// What a name says by a rule like "{number}_{date}_{title}"; `extension` is not part of it. malformed.
Result<std::map<std::string, std::string>> read_name(std::string_view rule, std::string_view name);
// By its extension; empty: none that is taken.
std::string media_type_of(const std::filesystem::path& file);

}  // namespace flikvakt::connector
