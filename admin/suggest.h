// "Did you mean …": the known word nearest to a mistyped one.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace flikvakt::admin {

// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

// Nothing when no known word is near: at most a third of the longer word's letters may differ (one, of a short word).
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known);

}  // namespace flikvakt::admin
