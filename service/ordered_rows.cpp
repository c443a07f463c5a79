#include "service/ordered_rows.h"

#include "policy/changed_tables.h"

namespace flikvakt::service {
namespace {

using policy::DeviceKeyStatus;

std::string text_of(const auto& value) { return to_text(to_json(value)); }

// What never changes about a row, whatever act writes it anew.
bool is_same(const policy::DeviceKey& a, const policy::DeviceKey& b) {
  return a.person == b.person && a.oidc_issuer == b.oidc_issuer;
}
bool is_same(const policy::StaffKey& a, const policy::StaffKey& b) {
  return a.staff == b.staff && a.organisation == b.organisation && a.jwk == b.jwk;
}
bool is_same(const policy::AssertionKey& a, const policy::AssertionKey& b) {
  return a.organisation == b.organisation && a.jwk == b.jwk;
}
bool is_same(const policy::BlindIndexRow& a, const policy::BlindIndexRow& b) { return a.person == b.person; }

template <class T>
bool becomes_another(const T& row, const PassedAct& act) {
  const T* before = act.before.find<T>(row.key());
  return before && !is_same(*before, row);
}

template <class T>
const T* ordered_as(const PassedAct& act) {
  return act.ordered ? get_if<T>(act.ordered) : nullptr;
}

// What the act, an approval, carried out.
std::optional<policy::Act> approved_by(const PassedAct& act) {
  const auto* approval = ordered_as<policy::Approve>(act);
  if (!approval) return std::nullopt;
  const Result<policy::Act> approved = policy::parse_act(approval->act);
  return approved ? std::optional(*approved) : std::nullopt;
}

// Whose number it is: known before, or with this act.
std::optional<PersonId> person_with(const policy::BlindIndex& index, const PassedAct& act) {
  if (const auto* known = act.before.find<policy::BlindIndexRow>(index)) return known->person;
  for (const policy::Row& row : act.puts) {
    const auto* fresh = get_if<policy::BlindIndexRow>(&row);
    if (fresh && fresh->index == index) return fresh->person;
  }
  return std::nullopt;
}

// Of the acts that bring somebody who was not known here, whose number they name.
std::optional<policy::BlindIndex> number_named(const PassedAct& act) {
  if (const auto* one = ordered_as<policy::ProposeKey>(act)) return one->person;
  if (const auto* one = ordered_as<policy::EnrolEid>(act)) return one->person;
  return std::nullopt;
}

bool says(const policy::ProposeKey& order, const policy::DeviceKey& key, const PassedAct& act) {
  const auto* staff = std::get_if<policy::StaffActor>(act.actor);
  const bool is_that = key.thumbprint == order.thumbprint && key.jwk == order.jwk && !key.oidc_issuer &&
                       text_of(key.passkey) == text_of(order.passkey);
  return is_that && key.status == DeviceKeyStatus::proposed && staff && key.proposed_by == staff->staff &&
         key.proposed_by_organisation == staff->organisation && !key.confirmed_by && !key.enrolled_with &&
         key.person == person_with(order.person, act);
}

bool says(const policy::ConfirmKey& order, const policy::DeviceKey& key, const PassedAct& act) {
  const auto* staff = std::get_if<policy::StaffActor>(act.actor);
  return key.thumbprint == order.thumbprint && key.status == DeviceKeyStatus::active && staff &&
         key.confirmed_by == staff->staff && key.person == person_with(order.person, act);
}

// SPEC ENROL-8, EID-5
bool says(const policy::AddKey& order, const policy::DeviceKey& key, const PassedAct& act) {
  const auto* person = std::get_if<policy::PersonActor>(act.actor);
  const bool is_theirs = person && key.person == person->person && key.enrolled_with == person->key;
  const bool is_e_id_again = !order.jwk && !order.passkey && key.oidc_issuer;
  const bool is_that =
      is_e_id_again || (order.jwk && key.jwk == *order.jwk && text_of(key.passkey) == text_of(order.passkey));
  return is_theirs && is_that && key.thumbprint == order.thumbprint && key.status == DeviceKeyStatus::active;
}

bool says(const policy::EnrolEid& order, const policy::DeviceKey& key, const PassedAct& act) {
  return key.thumbprint == order.thumbprint && key.oidc_issuer == order.issuer &&
         key.status == DeviceKeyStatus::active && key.person == person_with(order.person, act);
}

bool says(const policy::RemoveKey& order, const policy::DeviceKey& key, const PassedAct& act) {
  const auto* person = std::get_if<policy::PersonActor>(act.actor);
  return key.thumbprint == order.thumbprint && key.status == DeviceKeyStatus::removed && person &&
         key.person == person->person;
}

// What the gateway itself writes is a proposal that lapsed.
bool is_as_ordered(const policy::DeviceKey& key, const PassedAct& act) {
  if (!act.ordered || !act.actor) return key.status == DeviceKeyStatus::removed;
  if (const auto* one = ordered_as<policy::ProposeKey>(act)) return says(*one, key, act);
  if (const auto* one = ordered_as<policy::ConfirmKey>(act)) return says(*one, key, act);
  if (const auto* one = ordered_as<policy::AddKey>(act)) return says(*one, key, act);
  if (const auto* one = ordered_as<policy::EnrolEid>(act)) return says(*one, key, act);
  if (const auto* one = ordered_as<policy::RemoveKey>(act)) return says(*one, key, act);
  return false;
}

// Suspended, removed or reinstated.
template <class T>
bool is_named(const policy::Act& order, policy::RegistryNoun noun, const T& row) {
  const auto names = [&](const auto* one) { return one && one->noun == noun && one->id == to_hex(row.thumbprint); };
  return names(get_if<policy::Suspend>(&order)) || names(get_if<policy::Remove>(&order)) ||
         names(get_if<policy::Reinstate>(&order));
}

bool is_as_ordered(const policy::StaffKey& key, const policy::Act& order) {
  if (const auto* one = get_if<policy::RegisterStaffKey>(&order)) {
    return key.thumbprint == one->thumbprint && key.staff == one->staff && key.jwk == one->jwk &&
           text_of(key.passkey) == text_of(one->passkey);
  }
  return is_named(order, policy::RegistryNoun::staff_key, key);
}

bool is_as_ordered(const policy::AssertionKey& key, const policy::Act& order) {
  if (const auto* one = get_if<policy::RegisterAssertionKey>(&order))
    return key.thumbprint == one->thumbprint && key.organisation == one->organisation && key.jwk == one->jwk;
  if (const auto* one = get_if<policy::ReattestOrganisation>(&order))
    return key.organisation == one->organisation && one->assertion_keys.contains(key.thumbprint);
  return is_named(order, policy::RegistryNoun::assertion_key, key);
}

// As the act leaves it, else as it stood.
const policy::Connector* connector_named(const ConnectorId& id, const PassedAct& act) {
  for (const policy::Row& row : act.puts) {
    const auto* one = get_if<policy::Connector>(&row);
    if (one && one->id == id) return one;
  }
  return act.before.find<policy::Connector>(id);
}

// Nobody orders that a connector enrols: it has the invitation, of which the code was not used yet. Else it takes away
// what the connector had. SPEC CONN-5, CONN-7
bool is_of_invited_connector(const policy::AssertionKey& key, const PassedAct& act) {
  for (const policy::Row& row : act.puts) {
    const auto* now = get_if<policy::Connector>(&row);
    const auto* before = now ? act.before.find<policy::Connector>(now->id) : nullptr;
    if (!before || before->organisation != key.organisation) continue;
    const bool is_had = before->assertion_key == key.thumbprint && key.standing == policy::Standing::removed;
    const bool is_invited = !before->is_code_used && before->code == now->code &&
                            before->organisation == now->organisation && now->assertion_key == key.thumbprint;
    if (is_had || is_invited) return true;
  }
  return false;
}

// SPEC CONN-8: with the connector; what comes back was there.
bool goes_with_connector(const policy::AssertionKey& key, const policy::Act& order, const PassedAct& act) {
  const auto names = [&](const auto* one, policy::Standing to) {
    if (!one || one->noun != policy::RegistryNoun::connector || key.standing != to) return false;
    const Result<ConnectorId> id = ConnectorId::parse(one->id);
    const policy::Connector* connector = id ? connector_named(*id, act) : nullptr;
    const bool is_its = connector && connector->assertion_key == key.thumbprint;
    const bool was_there = act.before.find<policy::AssertionKey>(key.thumbprint) != nullptr;
    return is_its && (was_there || to != policy::Standing::active);
  };
  return names(get_if<policy::Suspend>(&order), policy::Standing::suspended) ||
         names(get_if<policy::Remove>(&order), policy::Standing::removed) ||
         names(get_if<policy::Reinstate>(&order), policy::Standing::active);
}

// A key with which the log signs from then on: no other is ever written as current.
bool is_as_ordered(const policy::LogKey& key, const PassedAct& act) {
  if (key.status != policy::LogKeyStatus::current) return true;
  const std::optional<policy::Act> approved = approved_by(act);
  const auto* order = approved ? get_if<policy::RotateLogKey>(&*approved) : nullptr;
  return order && order->origin == act.before.instance().origin && order->checkpoint_key == key.checkpoint_key &&
         order->head_key == key.head_key;
}

// Of a key that administrators register: what they ordered, both of them where it takes two.
template <class T>
bool is_as_administrators_ordered(const T& key, const PassedAct& act) {
  if (!act.ordered) return true;  // which is a finding already
  const std::optional<policy::Act> approved = approved_by(act);
  return is_as_ordered(key, approved ? *approved : *act.ordered);
}

bool is_as_ordered(const policy::AssertionKey& key, const PassedAct& act) {
  if (!act.ordered) return is_of_invited_connector(key, act);
  const std::optional<policy::Act> approved = approved_by(act);
  const policy::Act& order = approved ? *approved : *act.ordered;
  return is_as_ordered(key, order) || goes_with_connector(key, order, act);
}

// Somebody who was not known here before, by the very number that the act names.
bool is_as_ordered(const policy::Person& person, const PassedAct& act) {
  const std::optional<policy::BlindIndex> number = number_named(act);
  if (!number) return true;  // another kind of act: it changes a person who is there
  return !act.before.find<policy::Person>(person.id) && person.id == person_with(*number, act) &&
         person.numbers.size() == 1 && act.keys.blind_index(person.numbers.front()) == *number;
}

}  // namespace

bool is_only_counted(const policy::Row& row, const PassedAct& act) {
  if (!act.ordered || !act.actor || !policy::is_counted_passkey(row, *act.actor)) return false;
  const auto& now = get<policy::DeviceKey>(row);
  const auto* before = act.before.find<policy::DeviceKey>(now.thumbprint);
  const std::uint32_t count = *std::get<policy::PersonActor>(*act.actor).sign_count;
  const bool counts_on = before && before->passkey && now.passkey->sign_count == count &&
                         count > before->passkey->sign_count && is_same(*before, now);
  if (!counts_on) return false;
  // What confirmed or enrolled it since may be pruned; that one that is in force has it is looked at elsewhere
  // (LVR-26).
  const bool stood_so = before->status == DeviceKeyStatus::active && before->epoch == now.epoch;
  policy::DeviceKey counted = *before;
  counted.passkey->sign_count = count;
  return !stood_so || text_of(counted) == text_of(now);
}

bool is_other_than_ordered(const policy::Row& row, const PassedAct& act) {
  if (const auto* one = get_if<policy::DeviceKey>(&row)) return becomes_another(*one, act) || !is_as_ordered(*one, act);
  if (const auto* one = get_if<policy::StaffKey>(&row))
    return becomes_another(*one, act) || !is_as_administrators_ordered(*one, act);
  if (const auto* one = get_if<policy::AssertionKey>(&row))
    return becomes_another(*one, act) || !is_as_ordered(*one, act);
  if (const auto* one = get_if<policy::LogKey>(&row)) return !is_as_ordered(*one, act);
  if (const auto* one = get_if<policy::Person>(&row)) return !is_as_ordered(*one, act);
  if (const auto* one = get_if<policy::BlindIndexRow>(&row))
    return becomes_another(*one, act) || number_named(act) != one->index;
  return false;
}

}  // namespace flikvakt::service
