// Passkeys as a page sees them: the options that it hands to navigator.credentials, and what the browser gave it,
// which comes back in a form. JSON as in WebAuthn Level 3 (PublicKeyCredential.toJSON, parse…OptionsFromJSON). Pure.
#pragma once

#include "crypto/webauthn.h"
#include "policy/person.h"

namespace flikvakt::service {

using PasskeyAnswer = crypto::PasskeyAssertion;
using NewPasskeyAnswer = crypto::PasskeyRegistration;

// AuthenticationResponseJSON and RegistrationResponseJSON, as text; at most 64 KiB. Members that are not needed here
// are passed over. malformed.
Result<PasskeyAnswer> parse_passkey_answer(std::string_view text);
Result<NewPasskeyAnswer> parse_new_passkey_answer(std::string_view text);

// What a passkey is to the rules: for the act that enrols it.
struct NewPasskey {
  json::value jwk;
  policy::Fingerprint thumbprint{};
  policy::Passkey passkey;
};
BOOST_DESCRIBE_STRUCT(NewPasskey, (), (jwk, thumbprint, passkey))

// PublicKeyCredentialRequestOptionsJSON: user verification is required. `allowed` empty: any that the browser has.
json::value request_options(const std::string& rp_id, const crypto::Hash256& challenge,
                            const std::vector<Bytes>& allowed);

// PublicKeyCredentialCreationOptionsJSON: a passkey that can be found without a name, without attestation.
json::value creation_options(const std::string& rp_id, const crypto::Hash256& challenge, const Bytes& user,
                             const std::string& name, const std::vector<Bytes>& excluded);

}  // namespace flikvakt::service
