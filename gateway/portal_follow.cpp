#include "gateway/portal_follow.h"

#include "gateway/form.h"

namespace flikvakt::gateway {
namespace {

constexpr std::string_view kPage = "/me/log";

bool is_of_following(std::string_view name) { return name == "follow" || name == "since"; }

std::string query_of(const Request& request) {
  std::string out;
  for (const auto& [name, value] : request.target.query) {
    if (value.empty() || name == "below" || is_of_following(name)) continue;
    out += (out.empty() ? "?" : "&") + percent_encoded(name) + "=" + percent_encoded(value);
  }
  return out;
}

}  // namespace

std::optional<Following> following_in(const Request& request) {
  const Result<Form> form = Form::parse("follow=" + std::string(request.query("follow")));
  const auto left = form ? form->number("follow") : std::nullopt;
  const Result<UtcTime> since = parse_rfc3339(request.query("since"));
  if (!left || !since || *left > kFollowTimes) return std::nullopt;
  return Following{*left, *since};
}

std::string path_without_following(const Request& request) { return std::string(kPage) + query_of(request); }

std::string follow_path(const Request& request, const Following& following) {
  const std::string rest = path_without_following(request);
  return rest + (rest.size() > kPage.size() ? "&" : "?") + "follow=" + std::to_string(following.left) +
         "&since=" + percent_encoded(to_rfc3339(following.since));
}

void ask_anew(Response& response, const Request& request, const Following& following) {
  if (following.left == 0) return;
  const Following next{following.left - 1, following.since};
  response.headers.emplace_back("Refresh",
                                std::to_string(kFollowEvery.count()) + "; url=" + follow_path(request, next));
}

}  // namespace flikvakt::gateway
