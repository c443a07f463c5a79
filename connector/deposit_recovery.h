// What may be half done of a file that is taken into the outbox: it comes over from another mount in steps, each of
// which may be done again after a stop at any place, and what a stop or a failure left of them is put in order.
// spec/connector.md, CONN-34 and CONN-38. One thread.
#pragma once

#include "connector/open_folder.h"
#include "connector/outbox.h"

namespace flikvakt::connector {

inline constexpr std::size_t kMostSidecarBytes = 64 * 1024;

std::string sidecar_of(const std::string& name);                    // "report.pdf.json"
std::string with_id(const std::string& name, std::string_view id);  // "report-<id>.pdf"

// io: there is nothing in the deposit folder, as where a share is not mounted. To be asked where a flik is missing.
Result<void> check_mounted(const OpenFolder& root);

class DepositRecovery {
public:
  explicit DepositRecovery(Outbox& outbox) : outbox_(outbox) {}

  // Of a message of the outbox, where it stopped; `root` holds the folders of the flikar. An error: it is half taken
  // still.
  Result<void> recover(const OpenFolder& root, Message message);
  // From its flik's folder, aside there, into the outbox. conflict: it changed meanwhile, or is gone; then it lies
  // where it was, and the message is forgotten.
  Result<void> bring_over(const OpenFolder& folder, Message& message);
  // The sidecar of what was taken, where it lies there still.
  static Result<void> remove_left_sidecar(const OpenFolder& folder, const Message& message);

private:
  Result<void> copy_from_aside(const OpenFolder& folder, const Message& message);
  static Result<void> give_back(const OpenFolder& folder, const Message& message);

  Outbox& outbox_;
};

}  // namespace flikvakt::connector
