#include "admin/offline_act.h"

#include "admin/signed_act.h"
#include "service/sent_act.h"

namespace flikvakt::admin {

Outcome<OfflineAct> offline_act(service::Core& core, const crypto::SigningKey& key, json::value act) {
  const auto known = core.directory().administrator_key(key.public_key().thumbprint());
  if (!known) return Failure(ExitCode::refused, "this key is no administrator's");
  const ActEnvelope envelope = wrap_act(std::move(act), core.directory().instance().name, core.clock().wall());
  const json::value body = TRY(sign_act(key, kAdminActType, envelope.body));
  const auto sent = TRY(from_json<service::SentAct>(envelope.body));
  Bytes evidence = to_bytes(as_bytes(body.at("jws").as_string()));
  service::Command command =
      TRY(service::make_command(core, policy::AdministratorActor{known->administrator}, sent, std::move(evidence), {}));
  return OfflineAct{envelope.id, std::move(command)};
}

}  // namespace flikvakt::admin
