#include "admin/administrator_act.h"
#include "admin/ask_for_yes.h"
#include "admin/commands.h"

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
  if (!arguments.has("--yes")) TRY_VOID(ask_for_yes("flikvakt proposals"));
  output.data(TRY(client.act(keys.first, json::value(approval(id, act)))));
  return {};
}

Outcome<void> withdraw(const Arguments& arguments, const Output& output) {
  AdminClient client = TRY(connect_to_gateway(arguments));
  const AdministratorKeys keys = TRY(open_administrator_keys(arguments));
  const json::object act{{"kind", "withdraw_proposal"}, {"proposal", arguments.text("PROPOSAL")}};
  output.data(TRY(client.act(keys.first, json::value(act))));
  return {};
}

}  // namespace

std::vector<Command> proposal_commands() {
  return {
      administrator_command("proposals", "Show what waits for a second administrator", "",
                            {optional_option("--proposal", "ID", "that one only")}, show),
      administrator_command("approve", "Look at what another administrator proposed, and approve it", "PROPOSAL",
                            {kProposal, flag_option("--yes", "do not ask: you have looked at it before")}, approve),
      administrator_command("withdraw", "Take back what an administrator proposed and nobody has approved yet",
                            "PROPOSAL", {kProposal}, withdraw),
  };
}

}  // namespace flikvakt::admin
