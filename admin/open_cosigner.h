// The asker of witnesses for an open core, as the configuration says.
#pragma once

#include "admin/config.h"
#include "admin/log_cosigner.h"
#include "service/core.h"

namespace flikvakt::admin {

// Null where no quorum is asked for. ExitCode::locked: witnesses cosigned a log that this one does not extend.
Outcome<std::unique_ptr<LogCosigner>> open_cosigner(service::Core& core, const Config& config);

// One witness of the configuration, to be asked about this core's log.
Outcome<std::unique_ptr<WitnessClient>> open_witness(service::Core& core, const WitnessOfLog& witness);

}  // namespace flikvakt::admin
