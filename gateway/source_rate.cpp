#include "gateway/source_rate.h"

#include <algorithm>
#include <boost/asio/ip/address_v6.hpp>

namespace flikvakt::gateway {
namespace {

constexpr std::string_view kOne = "/64";

RatePolicy of_network(RatePolicy policy) {
  policy.per_second *= 4;
  policy.burst *= 4;
  return policy;
}

}  // namespace

std::string network_of(std::string_view source) {
  if (!source.ends_with(kOne)) return {};
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address_v6(source.substr(0, source.size() - kOne.size()), error);
  if (error) return {};
  auto bytes = address.to_bytes();
  std::fill(bytes.begin() + 6, bytes.end(), std::uint8_t{0});
  return boost::asio::ip::address_v6(bytes).to_string() + "/48";
}

SourceRate::SourceRate(RatePolicy policy) : sources_(policy), networks_(of_network(policy)) {}

// The network first: one that is out must not fill the table of sources.
bool SourceRate::allow(std::string_view source, Time now, double tokens) {
  const std::string network = network_of(source);
  if (!network.empty() && !networks_.allow(network, now, tokens)) return false;
  return sources_.allow(source, now, tokens);
}

bool SourceRate::has_left(std::string_view source, Time now) {
  const std::string network = network_of(source);
  return (network.empty() || networks_.has_left(network, now)) && sources_.has_left(source, now);
}

void SourceRate::charge(std::string_view source, Time now, double tokens) {
  const std::string network = network_of(source);
  if (!network.empty()) networks_.charge(network, now, tokens);
  sources_.charge(source, now, tokens);
}

}  // namespace flikvakt::gateway
