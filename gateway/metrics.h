// What whoever runs the gateway watches, in figures (spec/metrics.md): nothing of a person, organisation or document.
#pragma once

#include <string>

#include "gateway/connector_presence.h"
#include "gateway/page_times.h"
#include "gateway/witnessed.h"
#include "service/core.h"

namespace flikvakt::gateway {

// Thread-safe; reads atomics and a few locks that are held for an instant, never the rows.
std::string metrics_of(service::Core& core, const AskWitnessed& witnessed, const PageTimes& pages,
                       const AskConnectors& connectors);

}  // namespace flikvakt::gateway
