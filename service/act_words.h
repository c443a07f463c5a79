// What each kind of act is called to the person whom it concerns, in Swedish and English, and to which group it
// belongs. The one table of it: pages, exports and terminals read it here. The words name the act, done or refused: the
// outcome stands beside them. Pure; thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "audit/act_kind.h"

namespace flikvakt::service {

// What a person looks for in the own log (spec/log-view.md).
enum class ActGroup { readings, documents, consent, requests, cases, kontrakt, keys, circumstances, own, gateway };
BOOST_DESCRIBE_ENUM(ActGroup, readings, documents, consent, requests, cases, kontrakt, keys, circumstances, own,
                    gateway)

struct ActWords {
  audit::ActKind kind;
  ActGroup group;
  std::string_view sv;
  std::string_view en;
};

std::span<const ActWords> all_act_words();      // ascending by kind, each kind once
const ActWords& words_of(audit::ActKind kind);  // of every kind that there is
std::optional<ActGroup> act_group_named(std::string_view name);

}  // namespace flikvakt::service
