// The folder into which an organisation's systems drop files: `<flik>/report.pdf` becomes a document. What it is stands
// in a sidecar (`report.pdf.json`) or in its name. Taken into the outbox when it is whole; afterwards it lies in
// `done/` with a receipt, or in `refused/` with the reason. spec/connector.md, CONN-28, CONN-29, CONN-33 to CONN-39.
// What is logged names the flik and the message, never a file. One thread.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "connector/config.h"
#include "connector/deposit_recovery.h"
#include "connector/open_folder.h"
#include "connector/outbox.h"
#include "connector/refusal_words.h"

namespace flikvakt::connector {

class DepositFolder {
public:
  DepositFolder(const FolderConfig& config, Outbox& outbox) : config_(config), outbox_(outbox), recovery_(outbox) {}

  // Looks once: takes what is whole. disk: what could not be taken lies where it was.
  Result<void> look();
  // Moves it where it belongs, with what became of it, and forgets it. Also what had no folder (heta linjen).
  Result<void> finish(const Message& message);

  std::uint64_t refused() const;  // files in `refused/`

private:
  struct Seen {
    std::uint64_t size = 0;
    UtcTime changed;
    std::chrono::steady_clock::time_point since;
  };
  struct Place;
  struct Facts;
  // For how long it has been as it is now; negative: it was another a moment ago.
  std::chrono::steady_clock::duration rested(const std::string& key, const struct stat& file);
  Result<void> recover(const OpenFolder& root);
  void look_into(const Place& place, std::set<std::string>& there, std::optional<Error>& first);
  Result<void> take(const Place& place, const std::string& name, bool has_rested);
  Result<void> bring_in(const Place& place, Message& message, const Facts& facts);
  Result<void> refuse(const Place& place, const std::string& name, const RefusalWords& why);
  Result<void> lay_down(const OpenFolder& root, const Message& message);

  const FolderConfig& config_;
  Outbox& outbox_;
  DepositRecovery recovery_;
  bool is_begun_ = false;                    // what a stop or a failure left is put in order
  std::set<std::string> held_;               // flikar of which it is not: nothing is taken there
  std::map<std::string, Seen> seen_;         // by flik and name
  std::map<std::string, std::string> told_;  // what was said of what stays
};

// Is it one, and the name of a folder? Nothing else becomes a part of a path.
bool is_flik(const std::string& name);

// What a name says by a rule like "{number}_{date}_{title}"; `extension` is not part of it. malformed.
Result<std::map<std::string, std::string>> read_name(std::string_view rule, std::string_view name);

}  // namespace flikvakt::connector
