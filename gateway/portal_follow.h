// Following "who has read" live, without a script: when the person chose so, the browser asks for the page anew every
// half minute, for ten minutes. It ends by itself, so that a page left open does not keep a session open for ever, and
// with one click. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/time.h"
#include "gateway/http.h"

namespace flikvakt::gateway {

inline constexpr std::chrono::seconds kFollowEvery{30};
inline constexpr std::uint64_t kFollowTimes = 20;

struct Following {
  std::uint64_t left = 0;  // how often the page is asked for anew; 0: no more
  UtcTime since;           // when it began: what is later is new
};
// What the query says; nullopt: the log is not followed. More than kFollowTimes is none.
std::optional<Following> following_in(const Request& request);

// The same page, followed so, with what it is filtered by.
std::string follow_path(const Request& request, const Following& following);
std::string path_without_following(const Request& request);

// SPEC PORTAL-74: a field and not a tag, so that it stands in no page that is saved or printed.
void ask_anew(Response& response, const Request& request, const Following& following);

}  // namespace flikvakt::gateway
