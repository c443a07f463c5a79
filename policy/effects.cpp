#include "policy/effects.h"

#include "policy/terms.h"

namespace flikvakt::policy {

Concern& Effects::concern(const PersonId& person) {
  for (Concern& known : out_.concerns) {
    if (known.person == person) return known;
  }
  Concern fresh;
  fresh.person = person;
  return out_.concerns.emplace_back(std::move(fresh));
}

const Person* Effects::concern(const BlindIndex& index) {
  const Person* person = context_.state.person_by(index);
  if (person) concern(person->id);
  return person;
}

Concern& Effects::concern_actor() {
  const PersonActor* actor = std::get_if<PersonActor>(&context_.actor);
  if (actor && context_.state.find<Person>(actor->person)) return concern(actor->person);
  return nobody_;
}

void Effects::put_consent(Fullmakt fullmakt) {
  touch_consent(fullmakt.person);
  for (const OrganisationId& organisation : fullmakt.relied) {
    put(Notice{fullmakt.id, organisation, fullmakt.person, fullmakt.status, fullmakt.revision, context_.now(),
               context_.now() + kNoticeAcknowledgedWithin});
  }
  put(std::move(fullmakt));
}

void Effects::put_consent(Sparr sparr) {
  touch_consent(sparr.person);
  put(std::move(sparr));
}

void Effects::shred(const KeyId& key) {
  out_.shreds.push_back(key);
  const KeyRow* row = context_.state.find<KeyRow>(key);
  if (!row) return;
  KeyRow gone = *row;
  gone.status = KeyStatus::shredded;
  put(std::move(gone));
}

Outcome Effects::permit(std::optional<FullmaktId> by) && {
  for (const PersonId& id : touched_) {
    Person person = *context_.state.find<Person>(id);
    ++person.consent_version;
    for (const auto& [whose, how] : changes_) {
      if (whose == id) how(person);
    }
    put(std::move(person));
  }
  out_.decision = Decision::permit(by);
  return std::move(out_);
}

Outcome Effects::refuse(Decision decision) && {
  Outcome out;
  out.decision = decision;
  out.concerns = std::move(out_.concerns);
  return out;
}

}  // namespace flikvakt::policy
