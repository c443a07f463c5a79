// An administrator's way into the portal's pages: they look there, and act here.
#include "admin/administrator_act.h"
#include "admin/commands.h"
#include "admin/json_text.h"

namespace flikvakt::admin {
namespace {

Outcome<void> portal(const Arguments& arguments, const Output& output) {
  AdminClient client = TRY(connect_to_gateway(arguments));
  const AdministratorKeys keys = TRY(open_administrator_keys(arguments));
  const json::value invitation = TRY(client.invitation(keys.first));
  output.data(invitation,
              "address: " + text_of(invitation, "address") + "\ncode: " + text_of(invitation, "code") + "\n");
  output.note("the code serves once, until " + text_of(invitation, "expires") +
              "; give it to nobody, and only to that address");
  return {};
}

}  // namespace

std::vector<Command> portal_commands() {
  Command command = administrator_command("portal", "Get a code to sign in to the administrators' pages with a browser",
                                          "", {}, portal);
  command.notes =
      "The pages show organisations, teams, what waits for a second administrator, health and figures. Nothing can be\n"
      "done there: each page has the command that does it. Reading what waits is logged, as `flikvakt proposals` is.";
  return {std::move(command)};
}

}  // namespace flikvakt::admin
