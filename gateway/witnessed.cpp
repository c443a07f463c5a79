#include "gateway/witnessed.h"

namespace flikvakt::gateway {

json::object cosigned_view(const Witnessed& witnessed) {
  json::object out{{"size", witnessed.size}};
  if (witnessed.cosigned) out["time"] = to_rfc3339(*witnessed.cosigned);
  return out;
}

std::string_view readings_view(const Witnessed& witnessed) { return witnessed.is_doubted ? "refused" : "opened"; }

}  // namespace flikvakt::gateway
