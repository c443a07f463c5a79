// The characters of notes and of the names in them. Source: C2SP signed-note; ours: spec/checkpoint.md. Pure.
#pragma once

#include <string_view>

namespace flikvakt::audit {

// UTF-8 lines without control characters, at most 64 KiB, the last one ended.
bool is_note_text(std::string_view text);
// UTF-8 without spaces, control characters and plus signs; not empty.
bool is_note_name(std::string_view name);

}  // namespace flikvakt::audit
