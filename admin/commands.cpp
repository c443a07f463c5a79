#include "admin/commands.h"

namespace flikvakt::admin {
namespace {

Command serve_command(RunServe serve) {
  return {"serve",
          "Run the gateway until SIGTERM",
          {"flikvakt serve --config flikvakt.toml", "flikvakt serve --example > flikvakt.toml"},
          {optional_option("--config", "FILE", "the configuration (TOML)"),
           flag_option("--example", "print a configuration with every key"), passphrase_option()},
          std::move(serve),
          "Prints one line that begins with `ready:` to stderr when it serves; with --json also the ports to stdout.\n"
          "Exit codes: 0 stopped, 1 could not start, 2 wrong configuration, 3 stopped because it could not know what\n"
          "reached the disk, 4 locked: the data does not fit together."};
}

}  // namespace

std::vector<Command> all_commands(RunServe serve) {
  std::vector<Command> out = set_up_commands();
  out.push_back(serve_command(std::move(serve)));
  for (const auto make :
       {registry_commands,   proposal_commands,       portal_commands,       reattest_commands, log_commands,
        retention_commands,  witness_commands,        backup_commands,       keys_commands,     partner_commands,
        desk_commands,       paper_commands,          desk_approve_commands, staff_commands,    person_commands,
        person_log_commands, verify_receipt_commands, connector_commands,    notice_commands,   report_commands}) {
    for (Command& command : make()) out.push_back(std::move(command));
  }
  return out;
}

}  // namespace flikvakt::admin
