// What a command that runs until it is told to stop asks of its process.
#pragma once

#include <signal.h>

#include <string_view>

#include "base/result.h"

namespace flikvakt::admin {

// SIGTERM and SIGINT are taken by wait_for_stop() alone, never by a handler. Before the first thread, which inherits
// it.
sigset_t block_stop_signals();
void wait_for_stop(const sigset_t& stop);

// What reached the disk is not known: nobody may be answered any more, and no destructor may write. Exit code 3.
[[noreturn]] void stop_at_once(std::string_view command, const Error& error);

}  // namespace flikvakt::admin
