// The administrators' socket: one connection for each request.
#pragma once

#include <filesystem>

#include "tests/gateway/api_world.h"

namespace flikvakt::gateway::test {

class UnixClient {
public:
  explicit UnixClient(std::filesystem::path path) : path_(std::move(path)) {}
  ApiReply get(const std::string& target) const;
  ApiReply post(const std::string& target, const json::value& body) const;

private:
  ApiReply ask(const std::string& request) const;
  std::filesystem::path path_;
};

}  // namespace flikvakt::gateway::test
