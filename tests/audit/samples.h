// Entries, keys and logs for the tests of audit/.
#pragma once

#include <sstream>

#include "audit/checkpoint.h"
#include "audit/entry.h"
#include "audit/export.h"
#include "audit/tree.h"
#include "crypto/random.h"

namespace flikvakt::audit {

inline UtcTime at(std::int64_t milliseconds) { return UtcTime{std::chrono::milliseconds{milliseconds}}; }

template <class IdType>
IdType id_of(std::uint8_t first) {
  return IdType(ByteArray<16>{first, 0xaa});
}

inline ActPart sample_act() {
  ActPart act;
  act.actor = Actor::staff(id_of<StaffId>(1));
  act.kind = ActKind::open_reading;
  act.outcome = Outcome::refused;
  act.rule = 4;
  act.reason = 0x0102;
  act.organisation = id_of<OrganisationId>(2);
  act.act = id_of<ActId>(3);
  act.record = ByteArray<32>{9, 9};
  return act;
}

inline PersonPart sample_person() {
  PersonPart person;
  person.person = id_of<PersonId>(4);
  person.fullmakt = id_of<FullmaktId>(5);
  person.document = id_of<DocumentId>(6);
  person.subject = id_of<SubjectId>(7);
  person.flik = *EntryCode::parse("health");
  person.purpose = *EntryCode::parse("rehab-planning-1");  // 16 characters
  person.bytes = 123'456'789;
  return person;
}

struct Keys {
  crypto::ForbundLogKey forbund_key = crypto::ForbundLogKey::random();
  crypto::PersonLogKey person_key = crypto::PersonLogKey::random();
  ForbundEntryKeys forbund{forbund_key};
  PersonEntryKeys person{person_key};

  SealedEntry entry(UtcTime time, std::uint64_t count = 0, const ActPart& act = sample_act()) {
    return seal_entry(time, act, AboutPerson{sample_person(), person, count}, forbund);
  }
  SealedEntry entry_about_nobody(UtcTime time) { return seal_entry(time, sample_act(), std::nullopt, forbund); }
};

}  // namespace flikvakt::audit
