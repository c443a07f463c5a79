#include "gateway/connector_doors.h"

namespace flikvakt::gateway {

// SPEC CONN-66
void put_time(service::Core& core, json::object& answer) {
  const bool is_sure = core.sequencer().log_view().doubt == service::ClockDoubt::none;
  if (is_sure) answer["time"] = to_rfc3339(core.clock().wall());
}

}  // namespace flikvakt::gateway
