// The two parts of a log entry as values, and their fixed-length plaintexts (spec/log-entry.md).
#pragma once

#include <string>
#include <string_view>

#include "audit/act_kind.h"
#include "base/bytes.h"
#include "base/ids.h"

namespace flikvakt::audit {

using ActorId = Id<struct LogActorTag>;      // of staff or of an administrator
using SubjectId = Id<struct LogSubjectTag>;  // what else the act is about: a reading, a sparr, a case, a kontrakt …

// Who acted. Persons and representatives have no id here: the act part outlives a person's erasure.
class Actor {
public:
  static Actor system() { return {ActorKind::system, {}}; }
  static Actor administrator(AdministratorId id) { return {ActorKind::administrator, ActorId(id.value())}; }
  static Actor staff(StaffId id) { return {ActorKind::staff, ActorId(id.value())}; }
  static Actor person() { return {ActorKind::person, {}}; }
  static Actor representative() { return {ActorKind::representative, {}}; }
  // From their stored forms; malformed: no such kind, or an id that this kind must not have.
  static Result<Actor> of(ActorKind kind, ActorId id);

  ActorKind kind() const { return kind_; }
  ActorId id() const { return id_; }
  friend bool operator==(const Actor&, const Actor&) = default;

private:
  Actor(ActorKind kind, ActorId id) : kind_(kind), id_(id) {}
  ActorKind kind_;
  ActorId id_;
};

// A code of the catalogue (flik type, purpose): up to 16 visible ASCII characters; none is the empty text.
class EntryCode {
public:
  EntryCode() = default;
  static Result<EntryCode> parse(std::string_view text);
  static Result<EntryCode> decode(const ByteArray<16>& padded);
  std::string text() const;
  const ByteArray<16>& padded() const { return padded_; }  // zeros at the end
  friend bool operator==(const EntryCode&, const EntryCode&) = default;

private:
  ByteArray<16> padded_{};
};

struct ActPart {
  Actor actor = Actor::system();
  ActKind kind{};
  Outcome outcome{};
  std::uint8_t rule = 0;  // the deciding rule; 0: none
  std::uint16_t reason = 0;
  OrganisationId organisation;  // the actor's; none for persons, administrators and the system
  ActId act;                    // shared by all entries of one act
  ByteArray<32> record{};       // commitment of the act record; zeros: there is none

  friend bool operator==(const ActPart&, const ActPart&) = default;
};

struct PersonPart {
  PersonId person;
  PersonId actor;  // the person or representative who acted; none when somebody else did
  FullmaktId fullmakt;
  DocumentId document;
  SubjectId subject;
  EntryCode flik;
  EntryCode purpose;
  std::uint64_t bytes = 0;  // delivered or deposited; below 2^53

  friend bool operator==(const PersonPart&, const PersonPart&) = default;
};

constexpr std::size_t kActPartBytes = 87;
constexpr std::size_t kPersonPartBytes = 120;

ByteArray<kActPartBytes> encode(const ActPart& part);
ByteArray<kPersonPartBytes> encode(const PersonPart& part);
// corrupt: wrong length, an unknown version or number, an id where none may be.
Result<ActPart> decode_act(BytesView bytes);
Result<PersonPart> decode_person(BytesView bytes);

}  // namespace flikvakt::audit
