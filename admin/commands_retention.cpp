#include "admin/act_members.h"
#include "admin/administrator_act.h"
#include "admin/commands.h"
#include "admin/offline.h"
#include "policy/retention.h"
#include "service/plan_pruning.h"

namespace flikvakt::admin {
namespace {

Outcome<void> show(const Arguments& arguments, const Output& output) {
  AdminClient client = TRY(connect_to_gateway(arguments));
  const json::value status = TRY(client.status());
  const json::value* found = status.is_object() ? status.get_object().if_contains("retention") : nullptr;
  if (!found || !found->is_object())
    return Failure(fail(ErrorCode::malformed, "the gateway does not say what it keeps: is it of this version?"));
  output.data(found->get_object());
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

struct Plan {
  UtcTime before;
  policy::Prepared::PlannedPruning pruning;

  std::uint64_t staying() const {
    const Result<policy::EntrySet> kept = policy::EntrySet::decode(pruning.kept);
    return kept ? kept->size() : 0;
  }
  json::object view() const {
    return {{"before", to_rfc3339(before)},
            {"entries_before", pruning.size},
            {"entries_that_stay", staying()},
            {"kept_sha256", to_base64url(pruning.kept_sha256)}};
  }
};

Outcome<void> check_time(const Plan& plan, UtcTime now) {
  policy::State times;
  for (const policy::Retention& one : plan.pruning.times) times.put(one);
  const UtcTime from = plan.before + policy::shortest_retention(times);
  if (from <= now) return {};
  return Failure(ExitCode::refused, "what is older than " + to_rfc3339(plan.before) + " may be pruned from " +
                                        to_text(Date(std::chrono::ceil<std::chrono::days>(from))) + " on");
}

// Of a log that verifies: acts that are pruned can never be carried out again.
Outcome<Plan> plan_of(const Arguments& arguments) {
  const Offline offline = TRY(Offline::open(arguments));
  const UtcTime now = SystemClock().wall();
  Plan plan;
  plan.before = TRY(parse_rfc3339(TRY(time_of("DATE", arguments.text("DATE")))));
  plan.pruning = TRY(service::plan_pruning(offline.rows(), offline.keys(), plan.before));
  TRY_VOID(check_time(plan, now));
  if (plan.pruning.size <= plan.pruning.pruned_to)
    return Failure(ExitCode::refused,
                   plan.pruning.size == 0 ? "no entry of the log is older than " + to_rfc3339(plan.before)
                                          : "the log is pruned up to there already",
                   "name a later day");
  const service::LogReport report = TRY(service::verify_log(offline.rows(), offline.keys(), offline.where(), {},
                                                            offline.head_file(), offline.directory().archive(), now));
  if (report.ok()) return plan;
  return Failure(ExitCode::refused, "the log does not verify: " + report.problems.front(),
                 "`flikvakt log verify` says all that is wrong; nothing was signed");
}

Outcome<void> show_plan(const Arguments& arguments, const Output& output) {
  output.data(TRY(plan_of(arguments)).view());
  return {};
}

Outcome<void> prune(const Arguments& arguments, const Output& output) {
  const Plan plan = TRY(plan_of(arguments));
  Outcome<void> sent = send_act(arguments, output,
                                {{"kind", "prune_log"},
                                 {"before", to_rfc3339(plan.before)},
                                 {"kept_sha256", to_base64url(plan.pruning.kept_sha256)}},
                                plan.view());
  if (sent) return {};
  Failure failure = sent.error();
  if (failure.next.empty())
    failure.next =
        "when somebody was erased or a time was set meanwhile, other entries stay than were signed for: do it again; "
        "else the gateway's log says why";
  return failure;
}

std::vector<Option> date_and_master_key() {
  std::vector<Option> out{required_option("DATE", "DATE", "what is older than the beginning of this day (UTC)")};
  for (Option& one : master_key_options()) {
    if (one.name == "--master-key" || one.name == "--credential") out.push_back(std::move(one));
  }
  return out;
}

Command set_command() {
  Command out = administrator_command(
      "log set-retention", "Say how long entries of a kind are kept (takes two)", "open_reading 5479 --second bo.key",
      {required_option("KIND", "KIND",
                       "kind of act, by its name in the log, or `default`: kinds without a time of their own"),
       required_option("DAYS", "N", "1830 (five years) to 36525"), second_option()},
      set);
  out.notes = "Nothing is pruned by itself: `flikvakt log prune`. Names of kinds: spec/log-entry.md.";
  return out;
}

Command plan_command() {
  std::vector<Option> options = date_and_master_key();
  options.push_back(data_option());
  options.push_back(passphrase_option());
  return {"log plan-pruning",
          "Show what `log prune DATE` would sign for; changes nothing",
          {"flikvakt log plan-pruning 2026-01-01 --data data"},
          std::move(options),
          show_plan,
          "For whoever is to approve: `before` and `kept_sha256` are what the waiting act must say.\n"
          "`flikvakt proposals` shows that act. Verifies the log first."};
}

Command prune_command() {
  std::vector<Option> options = date_and_master_key();
  options.push_back(second_option());
  Command out =
      administrator_command("log prune", "Destroy what old entries say, once their time has run out (takes two)",
                            "2026-01-01 --second bo.key", std::move(options), prune);
  out.notes =
      "Verifies the log first: acts that are pruned can never be carried out again. Leaves and proofs stay, and so "
      "does\n"
      "every act that is the last word on something, or on which something in force rests. Backups made before keep "
      "the\n"
      "old entries until they expire.";
  return out;
}

}  // namespace

std::vector<Command> retention_commands() {
  return {{"log retention",
           "Show how long entries are kept, and up to where the log is pruned",
           {"flikvakt log retention --data data"},
           {data_option(), socket_option(), gateway_name_option()},
           show,
           "Kinds that are not among `times` have `default_days`."},
          set_command(),
          plan_command(),
          prune_command()};
}

}  // namespace flikvakt::admin
