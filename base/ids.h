// Strong 128-bit ids: a person is never passed where a document is meant. Made by crypto::random_id<…>().
#pragma once

#include <algorithm>
#include <compare>
#include <cstring>
#include <functional>

#include "base/bytes.h"

namespace flikvakt {

template <class Tag>
class Id {
public:
  constexpr Id() = default;  // all zero: "none"; no random id is zero
  constexpr explicit Id(ByteArray<16> value) : value_(value) {}

  // 32 lower-case hex digits.
  static Result<Id> parse(std::string_view text) {
    Bytes bytes = TRY(from_hex(text));
    return Id(TRY(to_array<16>(bytes)));
  }
  std::string text() const { return to_hex(value_); }
  const ByteArray<16>& value() const { return value_; }
  bool is_none() const { return *this == Id(); }

  friend constexpr auto operator<=>(const Id&, const Id&) = default;

private:
  ByteArray<16> value_{};
};

using PersonId = Id<struct PersonTag>;
using OrganisationId = Id<struct OrganisationTag>;
using UnitId = Id<struct UnitTag>;
using StaffId = Id<struct StaffTag>;
using TeamId = Id<struct TeamTag>;
using CaseId = Id<struct CaseTag>;
using DocumentId = Id<struct DocumentTag>;
using FullmaktId = Id<struct FullmaktTag>;
using SparrId = Id<struct SparrTag>;
using KontraktId = Id<struct KontraktTag>;
using RequestId = Id<struct RequestTag>;  // of an access request
using TemplateId = Id<struct TemplateTag>;
using RepresentativeId = Id<struct RepresentativeTag>;
using AuthorisationId = Id<struct AuthorisationTag>;
using ReadingId = Id<struct ReadingTag>;
using DepositId = Id<struct DepositTag>;
using ActId = Id<struct ActTag>;
using AskingId = Id<struct AskingTag>;  // chosen by who asks, so that no earlier answer passes for this one
using KeyId = Id<struct KeyTag>;        // a wrapped data key in the key store
using AdministratorId = Id<struct AdministratorTag>;
using ProposalId = Id<struct ProposalTag>;    // the first of two acts of different people
using SessionId = Id<struct SessionTag>;      // of a browser's session; stands in evidence, is no secret
using ConnectorId = Id<struct ConnectorTag>;  // a program behind an organisation's firewall (spec/connector.md)
using ObjectName = Id<struct ObjectTag>;      // the random file name of an encrypted document

}  // namespace flikvakt

template <class Tag>
struct std::hash<flikvakt::Id<Tag>> {
  // Ids are uniformly random, so any eight of their bytes are a hash.
  std::size_t operator()(const flikvakt::Id<Tag>& id) const noexcept {
    std::size_t out;
    std::memcpy(&out, id.value().data(), sizeof out);
    return out;
  }
};
