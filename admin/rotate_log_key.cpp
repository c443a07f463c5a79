#include "admin/rotate_log_key.h"

#include <algorithm>

#include "admin/offline_act.h"
#include "admin/open_cosigner.h"
#include "admin/reasons.h"
#include "service/log_key_statement.h"
#include "service/rotate_log_key.h"

namespace flikvakt::admin {
namespace {

using policy::LogKeyStatus;

Outcome<std::unique_ptr<service::Core>> open(const LogKeyPlace& place, const Passphrases& passphrases,
                                             const Clock& clock, std::optional<Error>& fatal) {
  crypto::MasterKey master = TRY(read_master_key(place.master, passphrases));
  const service::Core::Hooks hooks{[&fatal](const Error& error) { fatal = error; }, [] {}};
  return open_core(place.data, place.master, std::move(master), clock, hooks);
}

struct ByTwo {
  service::Command first, approval;
};

Outcome<ByTwo> ordered_by_two(service::Core& core, const AdministratorKeys& keys, const json::object& act) {
  OfflineAct first = TRY(offline_act(core, keys.first, act));
  const json::object approve{{"kind", "approve"}, {"proposal", first.id.text()}, {"act", act}};
  OfflineAct second = TRY(offline_act(core, *keys.second_or_none(), approve));
  return ByTwo{std::move(first.command), std::move(second.command)};
}

Failure not_changed(policy::Reason reason) {
  const std::string code(to_json(reason).as_string());
  const std::string message = "no key of the log changed: " + std::string(words_of(reason)) + " (`" + code + "`)";
  if (reason == policy::Reason::clock_doubt)
    return Failure(ExitCode::refused, message,
                   "check the clock; start the gateway, `flikvakt clock accept`, stop it, then do this again");
  return Failure(ExitCode::refused, message, "`flikvakt status` shows how the keys stand");
}

Outcome<json::value> told(const Result<service::ChangedLogKeys>& changed, const std::string& origin,
                          const std::optional<Error>& fatal) {
  if (fatal) return Failure(ExitCode::fatal, fatal->message, "start the gateway: it finds which keys count");
  if (!changed) return changed.error();
  if (!changed->decision.is_permitted()) return not_changed(changed->decision.reason);
  return json::value(
      json::object{{"entry", changed->entry}, {"log_keys", service::log_key_status(changed->keys, origin)}});
}

// SPEC LKEY-3: before a seed is made or anything is in the log.
Outcome<void> check_one_signs(const service::LogKeys& keys) {
  if (keys.signing().size() < 2) return {};
  return Failure(ExitCode::refused, "two keys sign for the log already",
                 "retire the older first, with `flikvakt keys retire-log-key`, from " +
                     to_rfc3339(policy::overlap_ends(*keys.current())) +
                     " on. If the newest is in other hands: --compromised, at once");
}

// SPEC LKEY-13: names of those who do not, with what they answered. A connector takes the keys from the gateway itself
// (CONN-53), and while nothing runs it cannot be asked.
Outcome<std::vector<std::string>> who_does_not_know_it(service::Core& core,
                                                       const std::vector<WitnessOfLog>& witnesses) {
  const service::LogView log = core.sequencer().log_view();
  const audit::Checkpoint checkpoint{core.sequencer().origin(), log.size, log.root};
  const auto newest = core.sequencer().signers().checkpoint().last(1);
  const std::string note = TRY(audit::sign_checkpoint(checkpoint, newest));
  std::vector<std::string> out;
  for (const WitnessOfLog& witness : witnesses) {
    if (witness.connector) continue;
    const std::unique_ptr<WitnessClient> client = TRY(open_witness(core, witness));
    const auto cosigned = client->cosign(note, log.size, core.clock().wall());
    if (!cosigned) out.push_back("`" + witness.key.name() + "` (" + cosigned.error().message + ")");
  }
  return out;
}

Outcome<void> check_everybody_moved_on(service::Core& core, const std::vector<WitnessOfLog>& witnesses) {
  std::string names;
  for (const std::string& name : TRY(who_does_not_know_it(core, witnesses)))
    names += (names.empty() ? "" : ", ") + name;
  if (!names.empty())
    return Failure(ExitCode::refused, "not every witness cosigns under the newer key: " + names,
                   "give them the newer key; a witness that is gone for good is taken out of the configuration");
  const UtcTime ends = policy::overlap_ends(*core.log_keys().current());
  if (core.clock().wall() >= ends) return {};
  const bool was_asked = std::ranges::any_of(witnesses, [](const WitnessOfLog& one) { return !one.connector; });
  const std::string known = was_asked ? "every witness knows the newer one already" : "no witness was asked";
  return Failure(
      ExitCode::refused, "the older key goes on signing until " + to_rfc3339(ends),
      "come back then: " + known + ". Only a key that is in other hands is retired before, with --compromised");
}

// The one that is meant, which may be given up.
Outcome<std::uint32_t> generation_to_give_up(const service::LogKeys& keys, std::optional<std::uint32_t> asked) {
  for (const policy::LogKey& key : keys.all()) {
    if (asked ? key.generation != *asked : key.status != LogKeyStatus::retiring) continue;
    if (key.status == LogKeyStatus::current)
      return Failure(ExitCode::refused, "with this key the log signs now",
                     "`flikvakt keys rotate-log-key --compromised` puts another one in its place");
    if (key.status == LogKeyStatus::compromised) return Failure(ExitCode::refused, "this key is given up already");
    return key.generation;
  }
  const std::string which = asked ? "the log has no key of generation " + std::to_string(*asked)
                                  : std::string("no key of the log is retiring");
  return Failure(ExitCode::refused, which,
                 "`flikvakt status` shows them; --generation N names one that is retired already");
}

}  // namespace

Outcome<json::value> rotate_log_key(const LogKeyPlace& place, WhyReplaced why, const AdministratorKeys& keys,
                                    const Passphrases& passphrases) {
  const SystemClock clock;
  std::optional<Error> fatal;
  std::unique_ptr<service::Core> core = TRY(open(place, passphrases, clock, fatal));
  const std::string origin = core->sequencer().origin();
  if (why == WhyReplaced::in_good_time) TRY_VOID(check_one_signs(core->log_keys()));
  const service::KeyRing::NewLogKey fresh = core->keys().make_log_key();
  const json::object act{{"kind", "rotate_log_key"},
                         {"origin", origin},
                         {"checkpoint_key", to_json(fresh.row.checkpoint_key)},
                         {"head_key", to_json(fresh.row.head_key)},
                         {"compromised", why == WhyReplaced::compromised}};
  ByTwo ordered = TRY(ordered_by_two(*core, keys, act));
  const auto changed =
      service::rotate_log_key(std::move(core), fresh, std::move(ordered.first), std::move(ordered.approval));
  return told(changed, origin, fatal);
}

Outcome<json::value> give_up_log_key(const LogKeyPlace& place, std::optional<std::uint32_t> generation,
                                     const AdministratorKeys& keys, const Passphrases& passphrases) {
  const SystemClock clock;
  std::optional<Error> fatal;
  std::unique_ptr<service::Core> core = TRY(open(place, passphrases, clock, fatal));
  const std::string origin = core->sequencer().origin();
  const std::uint32_t meant = TRY(generation_to_give_up(core->log_keys(), generation));
  ByTwo ordered =
      TRY(ordered_by_two(*core, keys, json::object{{"kind", "give_up_log_key"}, {"generation", to_json(meant)}}));
  const auto changed = service::give_up_log_key(std::move(core), std::move(ordered.first), std::move(ordered.approval));
  return told(changed, origin, fatal);
}

Outcome<json::value> retire_log_key(const LogKeyPlace& place, const crypto::SigningKey& administrator,
                                    const std::vector<WitnessOfLog>& witnesses, const Passphrases& passphrases) {
  const SystemClock clock;
  std::optional<Error> fatal;
  std::unique_ptr<service::Core> core = TRY(open(place, passphrases, clock, fatal));
  const std::string origin = core->sequencer().origin();
  const std::vector<policy::LogKey> signing = core->log_keys().signing();
  if (signing.size() < 2)
    return Failure(ExitCode::refused, "no key of the log is to be retired: one signs, and no other",
                   "`flikvakt keys rotate-log-key` makes a newer one first");
  TRY_VOID(check_everybody_moved_on(*core, witnesses));
  OfflineAct act =
      TRY(offline_act(*core, administrator,
                      json::object{{"kind", "retire_log_key"}, {"generation", to_json(signing.front().generation)}}));
  const auto changed = service::retire_log_key(std::move(core), std::move(act.command));
  return told(changed, origin, fatal);
}

}  // namespace flikvakt::admin
