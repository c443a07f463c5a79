#include "service/create_instance.h"

#include "crypto/random.h"

namespace flikvakt::service {
namespace {

constexpr auto kFoundingLasts = std::chrono::days(1);

Result<policy::Initialise> read_founding(const JointAct& founding, UtcTime now) {
  const policy::Act act = TRY(policy::parse_act(founding.act.act));
  const auto* init = get_if<policy::Initialise>(&act);
  if (!init) return fail(ErrorCode::invalid, "the first act of a gateway is `init`");
  if (founding.act.audience != init->instance.name) {
    return fail(ErrorCode::invalid, "the first act is addressed to another gateway");
  }
  if (founding.act.expires <= now) return fail(ErrorCode::expired, "the first act has expired: sign it anew");
  return *init;
}

// The system keys were made durable by Core::create; their rows follow from what lies in the key store.
Result<std::vector<policy::KeyRow>> rows_of_stored_keys(const store::KeyStore& store) {
  std::vector<policy::KeyRow> rows;
  TRY_VOID(store.for_each([&](const store::KeySlot& slot) -> Result<void> {
    rows.push_back(
        {slot.id, slot.parent, slot.level, slot.version, policy::KeyStatus::active, crypto::wrap_hash(slot.wrap)});
    return {};
  }));
  return rows;
}

}  // namespace

SentAct founding_act(const std::string& name, const std::string& origin,
                     std::vector<policy::Administrator> administrators, UtcTime now) {
  policy::Initialise init;
  init.instance.name = name;
  init.instance.origin = origin;
  init.administrators = std::move(administrators);
  SentAct act;
  act.id = crypto::random_id<ActId>();
  act.audience = name;
  act.issued = now;
  act.expires = now + kFoundingLasts;
  act.act = policy::act_to_json(init);
  return act;
}

Result<std::unique_ptr<Core>> create_instance(store::DataDirectory directory, crypto::MasterKey master,
                                              const JointAct& founding, const Clock& clock, Core::Hooks hooks) {
  const policy::Initialise init = TRY(read_founding(founding, clock.wall()));
  const std::set<AdministratorId> signers = TRY(signers_of(founding, init.administrators));
  if (signers.size() != init.administrators.size()) {
    return fail(ErrorCode::denied, "every administrator and the recovery key must sign the first act");
  }
  const policy::Outcome trial =
      policy::evaluate({}, policy::SystemActor{}, init, {clock.wall(), founding.act.id, {}, false});
  if (!trial.decision.is_permitted()) {
    return fail(ErrorCode::invalid, "a gateway begins with a name, an origin, two administrators and one recovery key");
  }

  std::unique_ptr<Core> core =
      TRY(Core::create(std::move(directory), std::move(master), init.instance.origin, clock, std::move(hooks)));
  Command command;
  command.actor = policy::SystemActor{};
  command.act = init;
  const std::string evidence = to_text(to_json(founding));
  command.evidence = ActEvidence{founding.act.id, founding.act.expires, to_bytes(as_bytes(evidence)),
                                 crypto::sha256(as_bytes(evidence))};
  command.prepared.keys = TRY(rows_of_stored_keys(core->keys().store()));
  command.prepared.log_key = TRY(core->keys().first_log_key());
  const CommandResult result = core->decide(std::move(command));
  if (result.status != CommandStatus::decided || !result.decision.is_permitted()) {
    return fail(ErrorCode::internal, "the first act was not carried out");
  }
  return core;
}

}  // namespace flikvakt::service
