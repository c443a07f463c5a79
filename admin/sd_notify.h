// sd_notify(3) without its library: one datagram to the socket that systemd names.
#pragma once

#include <string_view>

namespace flikvakt::admin {

// "READY=1", "STOPPING=1". Does nothing when NOTIFY_SOCKET is not set; a failure is not worth stopping for.
void notify_service_manager(std::string_view state);

}  // namespace flikvakt::admin
