#include "service/handles.h"

#include "crypto/random.h"
#include "crypto/siv.h"
#include "policy/personnummer.h"
#include "service/core.h"

namespace flikvakt::service {
namespace {

constexpr std::size_t kHandleBytes = 16 + 12;

crypto::AssociatedData binding(const OrganisationId& organisation) {
  return crypto::AssociatedData(crypto::labels::kPersonHandle).id(organisation);
}

Result<Bytes> handle_bytes(std::string_view handle) {
  Bytes bytes = TRY(from_base64url(handle));
  if (bytes.size() != kHandleBytes) return fail(ErrorCode::malformed, "a handle has 28 bytes");
  return bytes;
}

}  // namespace

Result<std::string> handle_for(const KeyRing& keys, const OrganisationId& organisation, std::string_view number,
                               const Clock& clock) {
  const Date today{std::chrono::floor<std::chrono::days>(clock.wall())};
  const std::string twelve = TRY(policy::parse_personnummer(number, today));
  const Bytes sealed = TRY(crypto::siv_seal(keys.handle_key(organisation), binding(organisation), as_bytes(twelve)));
  return to_base64url(sealed);
}

Result<std::string> handle_of(Core& core, const OrganisationId& organisation, const PersonId& person) {
  const std::optional<std::string> number = core.directory().newest_number(person);
  if (!number) return fail(ErrorCode::not_found, "making a handle: no such person");
  return handle_for(core.keys(), organisation, *number, core.clock());
}

Result<std::string> number_behind(const KeyRing& keys, const OrganisationId& organisation, std::string_view handle) {
  const Bytes sealed = TRY(handle_bytes(handle));
  Result<Bytes> number = crypto::siv_open(keys.handle_key(organisation), binding(organisation), sealed);
  if (!number) return fail(ErrorCode::denied, "not a handle of this organisation");
  return std::string(as_text(*number));
}

Result<policy::BlindIndex> resolve_handle(const KeyRing& keys, const OrganisationId& organisation,
                                          std::string_view handle) {
  TRY(handle_bytes(handle));
  const Result<std::string> number = number_behind(keys, organisation, handle);
  return number ? keys.blind_index(*number) : crypto::random_bytes<32>();
}

}  // namespace flikvakt::service
