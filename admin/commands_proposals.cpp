#include <fcntl.h>
#include <unistd.h>

#include "admin/administrator_act.h"
#include "admin/commands.h"
#include "base/files.h"

namespace flikvakt::admin {
namespace {

const Option kProposal = required_option("PROPOSAL", "ID", "id of the proposal");

Outcome<void> show(const Arguments& arguments, const Output& output) {
  AdminClient client = TRY(connect_to_gateway(arguments));
  const AdministratorKeys keys = TRY(open_administrator_keys(arguments));
  const json::array waiting = TRY(client.proposals(keys.first, arguments.find("--proposal")));
  output.data(json::object{{"proposals", waiting}});
  if (waiting.empty()) output.note("nothing waits for a second administrator");
  return {};
}

// `yes` and nothing else: an empty line must not approve.
Outcome<void> ask_for_yes() {
  const Result<FileDescriptor> terminal = open_file("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (!terminal) {
    return usage_failure("approving what you have not seen needs a terminal to ask at",
                         "look at it with `flikvakt proposals`, then give --yes");
  }
  constexpr std::string_view question = "approve this? (yes/no) ";
  if (::write(terminal->get(), question.data(), question.size()) < 0)
    return Failure(ExitCode::refused, "the terminal closed");
  char answer[256] = {};  // a whole line, or its rest would be the shell's
  const ssize_t size = ::read(terminal->get(), answer, sizeof answer);
  if (size == 4 && std::string_view(answer, 4) == "yes\n") return {};
  return Failure(ExitCode::refused, "nothing was approved", "approving takes the word `yes`");
}

// What is approved is what was shown: the act is read, shown, and sent back word for word.
Outcome<void> approve(const Arguments& arguments, const Output& output) {
  AdminClient client = TRY(connect_to_gateway(arguments));
  const AdministratorKeys keys = TRY(open_administrator_keys(arguments));
  const std::string id = arguments.text("PROPOSAL");
  const json::array waiting = TRY(client.proposals(keys.first, id));
  if (waiting.size() != 1)
    return Failure(ExitCode::refused, "no such proposal waits: it was approved, has expired, or never was",
                   "`flikvakt proposals` shows what waits");
  const json::value& act = waiting.front().as_object().at("act");
  output.note(as_plain_text(waiting.front()));
  if (!arguments.has("--yes")) TRY_VOID(ask_for_yes());
  output.data(TRY(client.act(keys.first, json::value(approval(id, act)))));
  return {};
}

}  // namespace

std::vector<Command> proposal_commands() {
  return {
      administrator_command("proposals", "Show what waits for a second administrator", "",
                            {optional_option("--proposal", "ID", "that one only")}, show),
      administrator_command("approve", "Look at what another administrator proposed, and approve it", "PROPOSAL",
                            {kProposal, flag_option("--yes", "do not ask: you have looked at it before")}, approve),
  };
}

}  // namespace flikvakt::admin
