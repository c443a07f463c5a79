#include "audit/act_kind.h"

#include <boost/describe/enumerators.hpp>
#include <boost/mp11.hpp>

namespace flikvakt::audit {
namespace {

template <class Enum>
std::string_view name_in(Enum value) {
  std::string_view out;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<Enum>>([&](auto e) {
    if (e.value == value) out = e.name;
  });
  return out;
}

struct NamedKind {
  ActKind kind;
  std::string_view name;
};
constexpr NamedKind kNamedKinds[] = {
#define FLIKVAKT_NAMED(number, name) {ActKind::name, #name},
    FLIKVAKT_ACT_KINDS(FLIKVAKT_NAMED)
#undef FLIKVAKT_NAMED
};

}  // namespace

std::string_view name_of(ActorKind kind) { return name_in(kind); }
std::string_view name_of(Outcome outcome) { return name_in(outcome); }
std::string_view name_of(ActKind kind) {
  for (const NamedKind& named : kNamedKinds) {
    if (named.kind == kind) return named.name;
  }
  return {};
}

std::optional<ActKind> act_kind_named(std::string_view name) {
  for (const NamedKind& named : kNamedKinds) {
    if (named.name == name) return named.kind;
  }
  return std::nullopt;
}

}  // namespace flikvakt::audit
