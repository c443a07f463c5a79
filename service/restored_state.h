// Is what a restore states what stood in the backup that its two administrators signed for? Part of the independent
// verifier; pure, thread-safe.
#pragma once

#include "service/state_image.h"

namespace flikvakt::service {

// `archive`: the rows of the log that ended, as the keys at hand open them. `puts`: what the first entry of the new log
// states. Findings, in words; none when every row that the keys open stands as it stood, but for what a restore changes
// (the instance, administrators who are suspended, what is half-made) and what was erased since.
std::vector<std::string> compare_with_archive(const StateImage& archive, const std::vector<policy::Row>& puts);

}  // namespace flikvakt::service
