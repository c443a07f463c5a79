// What an act does, gathered while its rule runs: rows, concerns, answer. Ends in permit() or refuse(); a refusal keeps
// the concerns (the person sees refused attempts too) and drops all else.
#pragma once

#include <map>

#include <functional>

#include "policy/apply.h"

namespace flikvakt::policy {

class Effects {
public:
  explicit Effects(const Context& context) : context_(context) {}

  // The person is concerned: once, whatever happens. The reference holds until the next call.
  Concern& concern(const PersonId& person);

  // The person whom a blind index names, concerned by the act; nullptr: nobody known here.
  const Person* concern(const BlindIndex& index);
  // The person who acts, when it is one: also when the key is refused.
  Concern& concern_actor();

  void put(Row row) { out_.puts.push_back(std::move(row)); }
  template <class T>
  void erase(const typename T::Key& key) {
    out_.erases.push_back(row_id_of<T>(key));
  }
  // A fullmakt or Sparr of the person changed: the consent version grows, once per act, and whoever relied on the
  // fullmakt gets a notice.
  void put_consent(Fullmakt fullmakt);
  void put_consent(Sparr sparr);
  void touch_consent(const PersonId& person) { touched_.insert(person); }
  // The person's own row changes, and with it the consent version: what waited on paper for a second ends (SPEC
  // ACT-45).
  void change_person(const PersonId& person, std::function<void(Person&)> how) {
    touch_consent(person);
    changes_.emplace_back(person, std::move(how));
  }
  // The wrapped key goes, and the row says so.
  void shred(const KeyId& key);
  void answer(Answer answer) { out_.answer = std::move(answer); }

  Outcome permit(std::optional<FullmaktId> by = {}) &&;
  Outcome refuse(Reason why, Rule rule = Rule::none) && { return std::move(*this).refuse(Decision::refuse(why, rule)); }
  Outcome refuse(Decision decision) &&;

private:
  const Context& context_;
  Outcome out_;
  Concern nobody_;  // what concern_actor() hands out when nobody known acts
  std::set<PersonId> touched_;
  std::vector<std::pair<PersonId, std::function<void(Person&)>>> changes_;
};

inline Outcome refused(Reason why, Rule rule = Rule::none) {
  Outcome out;
  out.decision = Decision::refuse(why, rule);
  return out;
}

// The 16 bytes of an id, for Concern::subject.
template <class Tag>
ByteArray<16> subject_of(const Id<Tag>& id) {
  return id.value();
}

}  // namespace flikvakt::policy
