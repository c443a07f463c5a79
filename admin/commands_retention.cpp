#include "admin/administrator_act.h"
#include "admin/commands.h"
#include "policy/retention.h"

namespace flikvakt::admin {
namespace {

Outcome<json::object> retention_of_gateway(const Arguments& arguments) {
  AdminClient client = TRY(connect_to_gateway(arguments));
  const json::value status = TRY(client.status());
  const json::value* found = status.is_object() ? status.get_object().if_contains("retention") : nullptr;
  if (!found || !found->is_object())
    return Failure(fail(ErrorCode::malformed, "the gateway does not say what it keeps: is it of this version?"));
  return found->get_object();
}

Outcome<void> show(const Arguments& arguments, const Output& output) {
  json::object out = TRY(retention_of_gateway(arguments));
  out["default_days"] = policy::kDefaultRetention.count();
  output.data(out);
  return {};
}

Outcome<void> set(const Arguments& arguments, const Output& output) {
  const std::uint64_t days = TRY(arguments.number("DAYS", 0));
  const auto least = static_cast<std::uint64_t>(policy::kLeastRetention.count());
  const auto most = static_cast<std::uint64_t>(policy::kMostRetention.count());
  if (days < least || days > most)
    return usage_failure("DAYS: expected " + std::to_string(least) + " to " + std::to_string(most));
  return send_act(arguments, output, {{"kind", "set_retention"}, {"act_kind", arguments.text("KIND")}, {"days", days}});
}

Outcome<void> snapshot(const Arguments& arguments, const Output& output) {
  return send_act(arguments, output, {{"kind", "take_snapshot"}});
}

// What is signed names the snapshot's digest too, as the gateway shows it: compare it with `log verify` first.
Outcome<void> prune(const Arguments& arguments, const Output& output) {
  const std::uint64_t size = TRY(arguments.number("SIZE", 0));
  const json::object retention = TRY(retention_of_gateway(arguments));
  const json::value* snapshots = retention.if_contains("snapshots");
  for (const json::value& one : snapshots && snapshots->is_array() ? snapshots->get_array() : json::array()) {
    const Result<policy::Snapshot> snapshot = from_json<policy::Snapshot>(one);
    if (!snapshot || snapshot->size != size) continue;
    return send_act(arguments, output,
                    {{"kind", "prune_log"}, {"size", size}, {"state_digest", to_base64url(snapshot->state_digest)}});
  }
  return Failure(ExitCode::refused, "SIZE: there is no snapshot of " + std::to_string(size) + " entries",
                 "`flikvakt log retention` shows those that there are");
}

}  // namespace

std::vector<Command> retention_commands() {
  const Option second = second_option();
  Command shown{"log retention",
                "Show how long entries are kept, the snapshots there are, and up to where the log is pruned",
                {"flikvakt log retention --data data"},
                {data_option(), socket_option(), gateway_name_option()},
                show,
                "Kinds without a time of their own have that of `default`; without that, ten years."};
  Command taken = administrator_command(
      "log snapshot", "Keep the state as it is now, so that the log can once be pruned up to here", "", {}, snapshot);
  taken.notes = "Once a year. Ten years later `flikvakt log prune` can name it. Takes as long as the state is large.";
  Command pruned = administrator_command(
      "log prune", "Destroy what entries before a snapshot say, where their time has run out (takes two)",
      "120000 --second bo.key",
      {required_option("SIZE", "N", "size of a snapshot: `flikvakt log retention` shows them"), second}, prune);
  pruned.notes =
      "First run `flikvakt log verify`: acts that are pruned can never be carried out again. Leaves and proofs stay, "
      "and\n"
      "so does every entry on which something in force rests. Backups made before keep the old entries until they "
      "expire.";
  return {
      std::move(shown),
      administrator_command("log keep", "Say how long entries of a kind are kept (takes two)",
                            "open_reading 3653 --second bo.key",
                            {required_option("KIND", "KIND", "kind of act, or `default` for all without a time"),
                             required_option("DAYS", "N", "1830 (five years) to 36525"), second},
                            set),
      std::move(taken),
      std::move(pruned),
  };
}

}  // namespace flikvakt::admin
