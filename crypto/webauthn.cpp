#include "crypto/webauthn.h"

#include <algorithm>

#include "base/characters.h"
#include "base/json.h"
#include "crypto/cbor.h"

namespace flikvakt::crypto {
namespace {

constexpr std::size_t kMostClientData = 8 * 1024;
constexpr std::size_t kMostAttestation = 16 * 1024;
constexpr std::size_t kMostCredentialId = 1023;  // Level 3, section 7.1

Error malformed(std::string_view what) { return fail(ErrorCode::malformed, "passkey: " + std::string(what)); }
Error invalid(std::string_view what) { return fail(ErrorCode::invalid, "passkey: " + std::string(what)); }

Result<std::string> text_member(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  if (!found || !found->is_string()) return malformed("client data without `" + std::string(name) + "`");
  return std::string(found->get_string());
}

// Takes attested credential data off the front (Level 2, section 6.5.1).
Result<void> take_credential(BytesView& bytes, AuthenticatorData& out) {
  constexpr std::size_t kAaguid = 16;
  ByteReader in(bytes);
  in.bytes(kAaguid);
  const std::size_t length = in.u16();
  const BytesView id = in.bytes(length);
  if (!in.ok() || length == 0 || length > kMostCredentialId) return malformed("no credential id, or a long one");
  out.credential_id = to_bytes(id);
  bytes = bytes.subspan(kAaguid + 2 + length);
  out.key = TRY(WebKey::from_cose(TRY(Cbor::take(bytes))));
  return {};
}

// SPEC WA-8 to WA-12: what both ceremonies ask of the client data.
Result<void> check_client_data(const ClientData& data, std::string_view type, const PasskeyContext& context) {
  if (data.type != type) return invalid("client data of another type");
  if (!std::ranges::equal(data.challenge, context.challenge)) return invalid("another challenge");
  const bool is_ours =
      context.origin.empty() ? is_origin_of(data.origin, context.rp_id) : data.origin == context.origin;
  return is_ours ? Result<void>() : invalid("another origin");
}

// SPEC WA-6, WA-7
Result<void> check_authenticator_data(const AuthenticatorData& data, const PasskeyContext& context) {
  using Data = AuthenticatorData;
  if (data.rp_id_hash != sha256(as_bytes(context.rp_id))) return invalid("made for another relying party");
  if (!data.has(Data::kUserPresent) || !data.has(Data::kUserVerified)) return invalid("the user was not verified");
  if (data.has(Data::kBackedUp) && !data.has(Data::kBackupEligible)) return invalid("backed up, though it cannot be");
  return {};
}

Bytes signed_bytes(BytesView authenticator_data, BytesView client_data) {
  Bytes out = to_bytes(authenticator_data);
  const Hash256 hash = sha256(client_data);
  out.insert(out.end(), hash.begin(), hash.end());
  return out;
}

// SPEC WA-13: none, or the credential's own key under it; no certificate is looked at.
Result<void> check_attestation(const Cbor& format, const Cbor& statement, BytesView signed_text, const WebKey& key) {
  if (!statement.is_map()) return malformed("an attestation statement that is no map");
  if (format.text() == "none") return statement.size() == 0 ? Result<void>() : malformed("an attestation of none");
  const Cbor* signature = statement.find("sig");
  const bool is_self = format.text() == "packed" && !statement.find("x5c") && statement.find("alg") && signature;
  const std::optional<BytesView> bytes = is_self ? signature->bytes() : std::nullopt;
  if (!bytes) return invalid("an attestation that was not asked for");
  return key.verify_webauthn(signed_text, *bytes) ? Result<void>() : invalid("its own attestation does not verify");
}

}  // namespace

bool is_origin_of(std::string_view origin, std::string_view rp_id) {
  constexpr std::string_view kHttps = "https://";
  constexpr std::string_view kLocal = "http://localhost";
  const bool is_local = rp_id == "localhost" && origin.starts_with(kLocal);
  if (!origin.starts_with(kHttps) && !is_local) return false;
  std::string_view host = origin.substr(origin.find("//") + 2);
  if (const std::size_t colon = host.rfind(':'); colon != host.npos) {
    const std::string_view port = host.substr(colon + 1);
    const bool is_number = !port.empty() && port.size() <= 5 && std::ranges::all_of(port, is_digit);
    if (!is_number) return false;
    host = host.substr(0, colon);
  }
  if (rp_id.empty() || host.find_first_of("/?#@[]") != host.npos) return false;
  return host == rp_id ||
         (host.size() > rp_id.size() && host.ends_with(rp_id) && host[host.size() - rp_id.size() - 1] == '.');
}

// SPEC WA-3, WA-4
Result<AuthenticatorData> parse_authenticator_data(BytesView bytes) {
  ByteReader in(bytes);
  AuthenticatorData out;
  out.rp_id_hash = in.array<32>();
  out.flags = in.u8();
  out.sign_count = in.u32();
  if (!in.ok()) return malformed("authenticator data that end early");
  BytesView rest = bytes.last(in.left());
  if (out.has(AuthenticatorData::kHasCredential)) TRY_VOID(take_credential(rest, out));
  if (out.has(AuthenticatorData::kHasExtensions)) {
    const Cbor extensions = TRY(Cbor::take(rest));
    if (!extensions.is_map()) return malformed("extensions that are no map");
  }
  if (!rest.empty()) return malformed("something follows the authenticator data");
  return out;
}

// SPEC WA-2: a name that stands twice is refused by the parser; other members than these are the browser's affair.
Result<ClientData> parse_client_data(BytesView text) {
  if (text.size() > kMostClientData) return malformed("long client data");
  const json::value value = TRY(parse_json(as_text(text)));
  const json::object* object = value.if_object();
  if (!object) return malformed("client data that are no object");
  ClientData out;
  out.type = TRY(text_member(*object, "type"));
  out.origin = TRY(text_member(*object, "origin"));
  out.challenge = TRY(from_base64url(TRY(text_member(*object, "challenge"))));
  const json::value* crosses = object->if_contains("crossOrigin");
  if (crosses && *crosses != json::value(false)) return invalid("asked for in a frame of another site");
  if (object->contains("topOrigin")) return invalid("asked for in a frame of another site");
  return out;
}

Result<RegisteredPasskey> verify_registration(const PasskeyRegistration& made, const PasskeyContext& context) {
  if (made.attestation_object.size() > kMostAttestation) return malformed("a long attestation object");
  const ClientData client = TRY(parse_client_data(made.client_data));
  TRY_VOID(check_client_data(client, "webauthn.create", context));
  const Cbor object = TRY(Cbor::parse(made.attestation_object));
  const Cbor* format = object.find("fmt");
  const Cbor* statement = object.find("attStmt");
  const Cbor* found = object.find("authData");
  const std::optional<BytesView> bytes = found ? found->bytes() : std::nullopt;
  if (!format || !statement || !bytes || object.size() != 3) return malformed("an attestation object of another form");
  AuthenticatorData data = TRY(parse_authenticator_data(*bytes));
  TRY_VOID(check_authenticator_data(data, context));
  if (!data.key || !data.credential_id) return malformed("no credential was made");
  TRY_VOID(check_attestation(*format, *statement, signed_bytes(*bytes, made.client_data), *data.key));
  return RegisteredPasskey{std::move(*data.credential_id), std::move(*data.key), data.sign_count,
                           data.has(AuthenticatorData::kBackedUp)};
}

Result<VerifiedPasskey> verify_assertion(const PasskeyAssertion& made, const WebKey& key,
                                         const PasskeyContext& context) {
  if (made.authenticator_data.size() > kMostAttestation) return malformed("long authenticator data");
  const ClientData client = TRY(parse_client_data(made.client_data));
  TRY_VOID(check_client_data(client, "webauthn.get", context));
  const AuthenticatorData data = TRY(parse_authenticator_data(made.authenticator_data));
  if (data.key) return malformed("an assertion that makes a credential");
  TRY_VOID(check_authenticator_data(data, context));
  // SPEC WA-14
  if (!key.verify_webauthn(signed_bytes(made.authenticator_data, made.client_data), made.signature))
    return fail(ErrorCode::denied, "passkey: the signature is not of this key");
  return VerifiedPasskey{data.sign_count, data.has(AuthenticatorData::kBackedUp)};
}

}  // namespace flikvakt::crypto
