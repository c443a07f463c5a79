#include "gateway/connection.h"

namespace flikvakt::gateway {

ConnectionRegistry::Entry::~Entry() { registry_.remove(number_); }

std::unique_ptr<ConnectionRegistry::Entry> ConnectionRegistry::add(ConnectionFacts facts,
                                                                   std::function<void(ConnectionNumber)> cut) {
  const std::lock_guard lock(mutex_);
  facts.number = ++last_number_;
  open_.emplace(facts.number, Open{facts, std::move(cut)});
  return std::make_unique<Entry>(*this, facts.number);
}

void ConnectionRegistry::update(ConnectionNumber number, const std::function<void(ConnectionFacts&)>& change) {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(number);
  if (found != open_.end()) change(found->second.facts);
}

std::size_t ConnectionRegistry::close_matching(const std::function<bool(const ConnectionFacts&)>& predicate) {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (auto& [number, open] : open_) {
    if (!predicate(open.facts)) continue;
    ++count;
    if (auto cut = std::exchange(open.cut, nullptr)) cut(number);
  }
  return count;
}

std::size_t ConnectionRegistry::size() const {
  const std::lock_guard lock(mutex_);
  return open_.size();
}

void ConnectionRegistry::remove(ConnectionNumber number) {
  const std::lock_guard lock(mutex_);
  open_.erase(number);
}

void ConnectionContext::note_path(std::vector<PathLink> path) {
  registry_.update(number_, [&](ConnectionFacts& facts) { facts.path = std::move(path); });
}

void ConnectionContext::identify(std::optional<OrganisationId> organisation, std::optional<StaffId> staff,
                                 std::optional<PersonId> person) {
  registry_.update(number_, [&](ConnectionFacts& facts) {
    facts.organisation = organisation;
    facts.staff = staff;
    facts.person = person;
  });
}

}  // namespace flikvakt::gateway
