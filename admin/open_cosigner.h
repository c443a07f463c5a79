// The asker of witnesses for an open core, as the configuration says.
#pragma once

#include "admin/config.h"
#include "admin/log_cosigner.h"
#include "service/core.h"

namespace flikvakt::admin {

// Null where no quorum is asked for. ExitCode::locked: witnesses cosigned a log that this one does not extend.
// `ask`: of a connector, the answer to the body of an add-checkpoint request; blocks, from any thread.
using AskConnector = std::function<Result<std::pair<unsigned, std::string>>(const ConnectorId&, const std::string&)>;
Outcome<std::unique_ptr<LogCosigner>> open_cosigner(service::Core& core, const Config& config,
                                                    AskConnector ask = nullptr);

// One witness of the configuration, to be asked about this core's log.
Outcome<std::unique_ptr<WitnessClient>> open_witness(service::Core& core, const WitnessOfLog& witness,
                                                     const AskConnector& ask = nullptr);

}  // namespace flikvakt::admin
