#include "admin/rotate_log_key.h"

#include <algorithm>

#include "admin/offline_act.h"
#include "admin/open_cosigner.h"
#include "service/rotate_log_key.h"

namespace flikvakt::admin {
namespace {

using service::LogKeys;

bool is_compromised(const LogKeyOrder& order) { return order.why == WhyReplaced::compromised; }

Outcome<std::unique_ptr<service::Core>> open(const LogKeyOrder& order, const Passphrases& passphrases,
                                             const Clock& clock, std::optional<Error>& fatal) {
  crypto::MasterKey master = TRY(read_master_key(order.place, passphrases));
  const service::Core::Hooks hooks{[&fatal](const Error& error) { fatal = error; }, [] {}};
  return open_core(order.data, order.place, std::move(master), clock, hooks);
}

Outcome<json::value> told(const Result<service::ChangedLogKeys>& changed, const std::string& origin,
                          const std::optional<Error>& fatal) {
  if (fatal) return Failure(ExitCode::fatal, fatal->message, "start the gateway: it finds which keys count");
  if (!changed) return changed.error();
  json::array keys;
  for (const policy::LogKey& key : changed->keys.all()) {
    const audit::NoteVerifier verifier = TRY(service::log_key_verifier(origin, key.checkpoint_key));
    keys.push_back(json::object{
        {"generation", key.generation}, {"key", verifier.text()}, {"status", to_json(key.status)}, {"from", key.from}});
  }
  return json::value(json::object{{"entry", changed->entry}, {"log_keys", std::move(keys)}});
}

// SPEC LKEY-13: names of those who do not, with what they answered.
Outcome<std::vector<std::string>> who_does_not_know_it(service::Core& core,
                                                       const std::vector<WitnessOfLog>& witnesses) {
  const service::LogView log = core.sequencer().log_view();
  const audit::Checkpoint checkpoint{core.sequencer().origin(), log.size, log.root};
  const auto newest = core.sequencer().signers().checkpoint().last(1);
  const std::string note = TRY(audit::sign_checkpoint(checkpoint, newest));
  std::vector<std::string> out;
  for (const WitnessOfLog& witness : witnesses) {
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
  return Failure(ExitCode::refused, "the older key goes on signing until " + to_rfc3339(ends),
                 "every witness knows the newer one: come back then. Only a key that is in other hands is retired "
                 "before, with --compromised");
}

}  // namespace

Outcome<json::value> rotate_log_key(const LogKeyOrder& order, const AdministratorKeys& keys,
                                    const Passphrases& passphrases) {
  const SystemClock clock;
  std::optional<Error> fatal;
  std::unique_ptr<service::Core> core = TRY(open(order, passphrases, clock, fatal));
  const std::string origin = core->sequencer().origin();
  const service::KeyRing::NewLogKey fresh = core->keys().make_log_key();
  const json::object act{{"kind", "rotate_log_key"},
                         {"checkpoint_key", to_json(fresh.row.checkpoint_key)},
                         {"head_key", to_json(fresh.row.head_key)},
                         {"compromised", is_compromised(order)}};
  OfflineAct first = TRY(offline_act(*core, keys.first, act));
  const json::object approve{{"kind", "approve"}, {"proposal", first.id.text()}, {"act", act}};
  OfflineAct second = TRY(offline_act(*core, *keys.second_or_none(), approve));
  const auto changed =
      service::rotate_log_key(std::move(core), fresh, std::move(first.command), std::move(second.command));
  return told(changed, origin, fatal);
}

Outcome<json::value> retire_log_key(const LogKeyOrder& order, const crypto::SigningKey& administrator,
                                    const std::vector<WitnessOfLog>& witnesses, const Passphrases& passphrases) {
  const SystemClock clock;
  std::optional<Error> fatal;
  std::unique_ptr<service::Core> core = TRY(open(order, passphrases, clock, fatal));
  const std::string origin = core->sequencer().origin();
  const std::vector<policy::LogKey> signing = core->log_keys().signing();
  if (signing.size() < 2)
    return Failure(ExitCode::refused, "no key of the log is to be retired: one signs, and no other",
                   "`flikvakt keys rotate-log-key` makes a newer one first");
  if (!is_compromised(order)) TRY_VOID(check_everybody_moved_on(*core, witnesses));
  OfflineAct act = TRY(offline_act(*core, administrator,
                                   json::object{{"kind", "retire_log_key"},
                                                {"generation", to_json(signing.front().generation)},
                                                {"compromised", is_compromised(order)}}));
  const auto changed = service::retire_log_key(std::move(core), std::move(act.command));
  return told(changed, origin, fatal);
}

}  // namespace flikvakt::admin
