#include "gateway/source_limit.h"

#include <algorithm>
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

SourceLimit::Displacing SourceLimit::enter_for_another(const std::string& source) {
  const std::lock_guard lock(mutex_);
  const std::size_t spare = max_total_ / 16 + 1;  // until those that give up their places are gone
  const auto crowd = most_crowded();
  const auto own = per_source_.find(source);
  const std::size_t held = own == per_source_.end() ? 0 : own->second;
  const bool may_enter = crowd != per_source_.end() && held < crowd->second && held < max_per_source_;
  if (total_ >= max_total_ + spare || !may_enter) return {};
  last_displaced_ = crowd->first;
  ++per_source_[source];
  ++total_;
  return {std::make_unique<Place>(*this, source), last_displaced_};
}

std::map<std::string, std::size_t>::const_iterator SourceLimit::most_crowded() const {
  const auto fewer = [](const auto& a, const auto& b) { return a.second < b.second; };
  const auto next = per_source_.upper_bound(last_displaced_);
  const auto behind = std::max_element(next, per_source_.end(), fewer);
  const auto before = std::max_element(per_source_.begin(), next, fewer);
  if (behind == per_source_.end()) return before == next ? per_source_.end() : before;
  return before != next && behind->second < before->second ? before : behind;
}

void SourceLimit::leave(const std::string& source) {
  const std::lock_guard lock(mutex_);
  const auto found = per_source_.find(source);
  if (--found->second == 0) per_source_.erase(found);
  --total_;
}

}  // namespace flikvakt::gateway
