// What ids and codes are called on a page, in one language. What is gone from the registry keeps its last name.
#pragma once

#include "gateway/portal_site.h"

namespace flikvakt::gateway {

class PortalNames {
public:
  PortalNames(const PortalSite& site, web::Language language) : site_(site), language_(language) {}

  std::string text(std::string_view key, const web::Values& values = {}) const {
    return site_.words().text(language_, key, values);
  }
  std::string count(std::string_view key, std::uint64_t n) const { return site_.words().count(language_, key, n); }
  std::string day(UtcTime time) const;
  std::string day(Date date) const;
  std::string time(UtcTime time) const;
  std::string clock(UtcTime time) const;
  std::string last_day(UtcTime end) const;  // of a period that ends then

  std::string organisation(const OrganisationId& id) const;
  std::string unit(const UnitId& id) const;  // with its organisation
  std::string team(const TeamId& id) const;
  std::string staff(const StaffId& id) const;  // with their organisation
  std::string recipient(const policy::Recipient& recipient) const;
  std::string flik(const std::string& code) const;
  std::string flik_about(const std::string& code) const;  // Swedish, whatever the page is: mark it with its language
  std::string area(const std::string& area) const;        // of a provider's work
  std::string purpose(const std::string& code) const;
  std::string purpose_about(const std::string& code) const;  // in a sentence
  std::string rights(const std::set<policy::Right>& rights) const;
  std::string secrecy(const std::string& consent) const;  // the law that lets the person lift it
  std::string legal_ground(const std::string& code) const;
  // To the person whom it concerns, of what somebody asked for; or of what they asked for themselves.
  std::string reason(policy::Reason reason) const;
  std::string reason_of_own(policy::Reason reason) const;
  std::string media_type(const std::string& media_type) const;
  std::string size(std::uint64_t bytes) const;
  // "a", "a och b", "a, b och c"
  std::string listed(const std::vector<std::string>& items) const;
  std::string brief(const std::string& name) const;  // as it stands in a list that is told in short

  // Names of at most so many, in brief, and how many more there are: where a page of their own tells the rest.
  static constexpr std::size_t kAllOfThem = ~std::size_t{0};
  static constexpr std::size_t kFewOfThem = 5;
  template <class Items, class NameOf>
  std::vector<std::string> some_of(const Items& items, std::size_t most, NameOf name_of) const {
    const bool is_cut = items.size() > most && items.size() - most > 1;
    std::size_t left = is_cut ? most : items.size();
    std::vector<std::string> out;
    for (const auto& item : items) {
      if (left-- == 0) break;
      out.push_back(most == kAllOfThem ? name_of(item) : brief(name_of(item)));
    }
    if (is_cut) out.push_back(count("list.more", items.size() - most));
    return out;
  }
  template <class Ids>
  std::string organisations(const Ids& ids, std::size_t most = kAllOfThem) const {
    return listed(some_of(ids, most, [&](const OrganisationId& id) { return organisation(id); }));
  }
  template <class Codes>
  std::string flikar(const Codes& codes, std::size_t most = kAllOfThem) const {
    return listed(some_of(codes, most, [&](const std::string& code) { return flik(code); }));
  }
  template <class Recipients>
  std::string recipients(const Recipients& recipients, std::size_t most = kAllOfThem) const {
    return listed(some_of(recipients, most, [&](const policy::Recipient& one) { return recipient(one); }));
  }

private:
  const service::Directory& directory() const { return site_.core().directory(); }
  std::string word_or(std::string key, std::string otherwise) const;

  const PortalSite& site_;
  const web::Language language_;
};

}  // namespace flikvakt::gateway
