// Suspend, remove, reinstate: one act for every noun of the registry.
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
  }
  return std::nullopt;
}

Standing* standing_of(Row& row) {
  return std::visit(
      [](auto& one) -> Standing* {
        if constexpr (requires { one.standing; }) return &one.standing;
        return nullptr;
      },
      row);
}

// SPEC ACT-10: narrowing applies to whatever stands; what is already as narrow stays as it is.
Outcome narrow(const Context& context, RegistryNoun noun, const std::string& id, Standing to) {
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return refused(who);
  std::optional<Row> row = look_up(context.state, noun, id);
  if (!row) return refused(Reason::unknown);
  Effects effects(context);
  Standing& standing = *standing_of(*row);
  if (standing < to) {
    standing = to;
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
  standing = Standing::active;
  Effects effects(context);
  effects.put(std::move(*row));
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
