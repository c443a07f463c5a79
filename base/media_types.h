// Endings of file names and the media types of the kinds of files that are taken (spec/partition.md, PART-1). Pure.
#pragma once

#include <string_view>

namespace flikvakt {

// By the name's last ending, in upper or lower case; empty: none that is taken.
std::string_view media_type_of_name(std::string_view file_name);
// ".pdf"; empty: of a type that is not taken.
std::string_view ending_of_media_type(std::string_view media_type);

}  // namespace flikvakt
