// Suspend, remove, reinstate: one act for every noun of the registry.
#include <algorithm>

#include "policy/effects.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

template <class Tag>
Result<Id<Tag>> parse_key(const std::string& text, std::type_identity<Id<Tag>>) {
  return Id<Tag>::parse(text);
}
Result<Fingerprint> parse_key(const std::string& text, std::type_identity<Fingerprint>) {
  Bytes bytes = TRY(from_hex(text));
  return to_array<32>(bytes);
}
Result<std::string> parse_key(const std::string& text, std::type_identity<std::string>) { return text; }

template <class T>
std::optional<Row> look_up(const State& state, const std::string& id) {
  const auto key = parse_key(id, std::type_identity<typename T::Key>{});
  const T* found = key ? state.find<T>(*key) : nullptr;
  if (!found) return std::nullopt;
  return Row(*found);
}

std::optional<Row> look_up(const State& state, RegistryNoun noun, const std::string& id) {
  switch (noun) {
    case RegistryNoun::organisation:
      return look_up<Organisation>(state, id);
    case RegistryNoun::unit:
      return look_up<Unit>(state, id);
    case RegistryNoun::staff:
      return look_up<Staff>(state, id);
    case RegistryNoun::team:
      return look_up<Team>(state, id);
    case RegistryNoun::flik_type:
      return look_up<FlikType>(state, id);
    case RegistryNoun::certificate:
      return look_up<Certificate>(state, id);
    case RegistryNoun::issuer:
      return look_up<Issuer>(state, id);
    case RegistryNoun::assertion_key:
      return look_up<AssertionKey>(state, id);
    case RegistryNoun::administrator:
      return look_up<Administrator>(state, id);
    case RegistryNoun::fullmakt_template:
      return look_up<FullmaktTemplate>(state, id);
    case RegistryNoun::oidc_issuer:
      return look_up<OidcIssuer>(state, id);
    case RegistryNoun::staff_key:
      return look_up<StaffKey>(state, id);
    case RegistryNoun::provider_entry:
      return look_up<ProviderEntry>(state, id);
    case RegistryNoun::connector:
      return look_up<Connector>(state, id);
  }
  return std::nullopt;
}

Standing* standing_of(Row& row) {
  return visit(
      [](auto& one) -> Standing* {
        if constexpr (requires { one.standing; }) return &one.standing;
        return nullptr;
      },
      row);
}

// SPEC CONN-8: what a connector proves itself with goes with it, and what went so comes back with it.
template <class T>
void put_with(const Context& context, Effects& effects, Connector& connector, const Fingerprint& key, Standing to) {
  const T* found = context.state.find<T>(key);
  const bool came_with_it = connector.suspended_with.contains(key);
  const bool changes =
      found && (to == Standing::active ? came_with_it && found->standing == Standing::suspended : found->standing < to);
  if (!changes) return;
  T changed = *found;
  changed.standing = to;
  effects.put(std::move(changed));
  if (to == Standing::suspended) connector.suspended_with.insert(key);
}
// True: the connector's own row changes by it.
bool put_credentials(const Context& context, Effects& effects, Row& row, Standing to) {
  Connector* connector = get_if<Connector>(&row);
  if (!connector) return false;
  const std::set<Fingerprint> before = connector->suspended_with;
  for (const Fingerprint& one : connector->certificates) put_with<Certificate>(context, effects, *connector, one, to);
  if (connector->assertion_key) put_with<AssertionKey>(context, effects, *connector, *connector->assertion_key, to);
  if (to != Standing::suspended) connector->suspended_with.clear();
  return connector->suspended_with != before;
}

// What is suspended by itself, while its connector is, does not come back with that one.
void keep_suspended(const Context& context, Effects& effects, const Row& row) {
  std::optional<Fingerprint> key;
  if (const auto* one = get_if<Certificate>(&row)) key = one->fingerprint;
  if (const auto* one = get_if<AssertionKey>(&row)) key = one->thumbprint;
  if (!key) return;
  for (const auto& [id, connector] : context.state.all<Connector>()) {
    if (!connector.suspended_with.contains(*key)) continue;
    Connector changed = connector;
    changed.suspended_with.erase(*key);
    effects.put(std::move(changed));
  }
}

// SPEC ACT-10: narrowing applies to whatever stands; what is already as narrow stays as it is.
Outcome narrow(const Context& context, RegistryNoun noun, const std::string& id, Standing to) {
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return refused(who);
  std::optional<Row> row = look_up(context.state, noun, id);
  if (!row) return refused(Reason::unknown);
  Effects effects(context);
  keep_suspended(context, effects, *row);
  Standing& standing = *standing_of(*row);
  const bool changes_with_it = put_credentials(context, effects, *row, to);
  if (changes_with_it || standing < to) {
    standing = std::max(standing, to);
    effects.put(std::move(*row));
  }
  return std::move(effects).permit();
}

}  // namespace

Outcome apply(const Context& context, const Suspend& act) {
  return narrow(context, act.noun, act.id, Standing::suspended);
}

Outcome apply(const Context& context, const Remove& act) {
  return narrow(context, act.noun, act.id, Standing::removed);
}

Outcome apply(const Context& context, const Reinstate& act) {
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return refused(who);
  std::optional<Row> row = look_up(context.state, act.noun, act.id);
  if (!row) return refused(Reason::unknown);
  Standing& standing = *standing_of(*row);
  if (standing != Standing::suspended) return refused(Reason::wrong_state);
  Effects effects(context);
  (void)put_credentials(context, effects, *row, Standing::active);
  standing = Standing::active;
  effects.put(std::move(*row));
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
