#include "gateway/source_limit.h"

#include <boost/asio/ip/address.hpp>

#include "base/bytes.h"

namespace flikvakt::gateway {

namespace ip = boost::asio::ip;

std::string source_of(std::string_view address_without_port) {
  boost::system::error_code error;
  ip::address address = ip::make_address(address_without_port, error);
  if (error) return std::string(address_without_port);
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = ip::make_address_v4(ip::v4_mapped, address.to_v6());
  }
  if (address.is_v4()) return address.to_string();
  ip::address_v6::bytes_type bytes = address.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return ip::address_v6(bytes).to_string() + "/64";
}

std::unique_ptr<SourceLimit::Place> SourceLimit::enter(const std::string& source) {
  const std::lock_guard lock(mutex_);
  if (total_ >= max_total_) return nullptr;
  std::size_t& count = per_source_[source];
  if (count >= max_per_source_) return nullptr;
  ++count;
  ++total_;
  return std::make_unique<Place>(*this, source);
}

void SourceLimit::leave(const std::string& source) {
  const std::lock_guard lock(mutex_);
  const auto found = per_source_.find(source);
  if (--found->second == 0) per_source_.erase(found);
  --total_;
}

}  // namespace flikvakt::gateway
