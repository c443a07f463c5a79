// Where the individual is in the process: a picture that the gateway draws, the same as text, and what waits to be
// signed.
#pragma once

#include "gateway/portal_own.h"

namespace flikvakt::gateway {

void add_path_pages(PortalContext& context, Router& router);

// One station of the way. Pure values, so that the picture and its text cannot say different things.
struct PathStep {
  enum class State { done, now, next, goal };
  State state = State::next;
  UtcTime when;
  std::string title;
  std::string detail;  // may be empty
};
// To whom the path is told: to the person, or to staff.
enum class PathVoice { own, staff };
// `more`: what else is to stand among them.
std::vector<PathStep> steps_of(const PortalNames& names, const std::vector<policy::Case>& cases,
                               const std::vector<policy::Kontrakt>& kontrakt, UtcTime now,
                               PathVoice voice = PathVoice::own, std::vector<PathStep> more = {});

// Lines of at most so many characters, broken at spaces where there are any.
std::vector<std::string> wrapped(std::string_view text, std::size_t most);

// Fills "path" with the picture (its height, rail, stations and lines) and the list of the same, both in short unless
// the query asks for `words=whole`. Of a long way a piece, unasked the one where it goes on from now. `path`: of the
// page that shows it.
void put_path(const PortalNames& names, const Request& request, const std::vector<PathStep>& steps,
              const std::string& path, web::Data& data);

}  // namespace flikvakt::gateway
