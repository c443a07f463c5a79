// Counts what is open (connections, uploads, returns from issuers), in all and per source or whoever it is.
// Thread-safe.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace flikvakt::gateway {

// "192.0.2.7" is its own source; an IPv6 address counts by its /64, since whoever has one address has the others.
// IPv4-mapped addresses count as IPv4.
std::string source_of(std::string_view address_without_port);

class SourceLimit {
public:
  SourceLimit(std::size_t max_total, std::size_t max_per_source)
      : max_total_(max_total), max_per_source_(max_per_source) {}

  // Gives its place back when destroyed; must not outlive the SourceLimit.
  class Place {
  public:
    Place(SourceLimit& limit, std::string source) : limit_(limit), source_(std::move(source)) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { limit_.leave(source_); }

  private:
    SourceLimit& limit_;
    std::string source_;
  };
  std::unique_ptr<Place> enter(const std::string& source);  // nullptr: full

  // For whoever found all places taken: one of a few beyond them, when another source holds more than this one. That
  // one must give up a place at once. Of several that hold most, each in turn.
  struct Displacing {
    std::unique_ptr<Place> place;  // nullptr: full
    std::string source;
  };
  Displacing enter_for_another(const std::string& source);

private:
  void leave(const std::string& source);
  std::map<std::string, std::size_t>::const_iterator most_crowded() const;

  const std::size_t max_total_;
  const std::size_t max_per_source_;
  std::mutex mutex_;
  std::size_t total_ = 0;
  std::string last_displaced_;
  std::map<std::string, std::size_t> per_source_;
};

}  // namespace flikvakt::gateway
