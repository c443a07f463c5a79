#include "gateway/http.h"

namespace flikvakt::gateway {

namespace {

std::string_view find_in(const TextMap& map, std::string_view name) {
  const auto found = map.find(name);
  return found == map.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace

std::string_view Request::header(std::string_view lower_case_name) const { return find_in(headers, lower_case_name); }

std::string_view Request::query(std::string_view name) const { return find_in(target.query, name); }

Response bytes_response(unsigned status, std::string_view content_type, Bytes body) {
  Response response;
  response.status = status;
  response.headers.emplace_back("Content-Type", content_type);
  response.body = std::move(body);
  return response;
}

Response json_response(unsigned status, std::string json_text) {
  return bytes_response(status, "application/json", to_bytes(as_bytes(json_text)));
}

Response empty_response(unsigned status) {
  Response response;
  response.status = status;
  return response;
}

}  // namespace flikvakt::gateway
