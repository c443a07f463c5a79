// How a version of a kontrakt begins and a kontrakt ends. spec/decision-rules.md, Kontrakt and authorisation.
#pragma once

#include "policy/effects.h"

namespace flikvakt::policy {

// Ends it for good and orders each of its providers to erase.
void end_kontrakt(const Context& context, Effects& effects, const Kontrakt& kontrakt);
// The version that is proposed comes into force: a provider that has no part in it is ordered to erase.
void begin_version(const Context& context, Effects& effects, const Kontrakt& kontrakt);

}  // namespace flikvakt::policy
