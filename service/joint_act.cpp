#include "service/joint_act.h"

#include "crypto/canonical_json.h"
#include "crypto/jws.h"

namespace flikvakt::service {
namespace {

const policy::Administrator* with_kid(std::span<const policy::Administrator> administrators, const std::string& kid) {
  for (const policy::Administrator& one : administrators) {
    if (kid_of(one.thumbprint) == kid) return &one;
  }
  return nullptr;
}

Result<AdministratorId> signer_of(const std::string& signature, const std::string& payload,
                                  std::span<const policy::Administrator> administrators) {
  const crypto::ParsedJws jws = TRY(crypto::parse_jws(signature));
  const policy::Administrator* who = with_kid(administrators, jws.kid());
  if (!who || who->standing != policy::Standing::active) {
    return fail(ErrorCode::denied, "a signature is of nobody who is an administrator here");
  }
  const crypto::PublicKey key = TRY(crypto::PublicKey::from_jwk(who->jwk));
  if (key.thumbprint() != who->thumbprint) return fail(ErrorCode::invalid, "`thumbprint` is not that of `jwk`");
  const Result<Bytes> read = crypto::verify_jws(jws, key, kAdministratorActJws);
  if (!read) return fail(ErrorCode::denied, "the signature of administrator " + who->id.text() + " is not valid");
  if (as_text(*read) != payload) return fail(ErrorCode::denied, "a signature is of another act");
  return who->id;
}

}  // namespace

std::string joint_payload(const SentAct& act) { return crypto::canonical(to_json(act)); }

std::string kid_of(const policy::Fingerprint& thumbprint) { return to_base64url(thumbprint); }

Result<std::string> sign_joint(const SentAct& act, const crypto::SigningKey& key) {
  return crypto::sign_jws(key, kAdministratorActJws, kid_of(key.public_key().thumbprint()),
                          as_bytes(joint_payload(act)));
}

Result<std::set<AdministratorId>> signers_of(const JointAct& joint,
                                             std::span<const policy::Administrator> administrators) {
  const std::string payload = joint_payload(joint.act);
  std::set<AdministratorId> out;
  for (const std::string& signature : joint.signatures) {
    if (!out.insert(TRY(signer_of(signature, payload, administrators))).second) {
      return fail(ErrorCode::denied, "an administrator signed twice");
    }
  }
  return out;
}

}  // namespace flikvakt::service
