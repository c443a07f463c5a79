// Looking for a provider in the catalogue: which entries are shown now, and which of them answer a question. Made of
// the registry alone: nothing of who asks is needed, and nothing is kept of what was asked. Thread-safe.
#pragma once

#include "service/directory.h"

namespace flikvakt::gateway {

inline constexpr std::size_t kLongestQuestion = 200;  // bytes of words

struct ProviderQuestion {
  std::string words;  // all of them are to be found, anywhere in an entry; empty: any
  std::string area;   // as an authorisation names it; empty: any
};

struct FoundProvider {
  policy::ProviderEntry entry;  // its areas: those for which the provider is authorised now
  std::string name;             // of the provider
};

// What an area is called on the page, so that it can be found by that too.
using NameOfArea = std::function<std::string(const std::string&)>;

class ProviderCatalogue {
public:
  ProviderCatalogue(const service::Directory& directory, UtcTime now);

  std::vector<FoundProvider> find(const ProviderQuestion& question, const NameOfArea& name_of) const;  // by name
  std::optional<FoundProvider> find(const OrganisationId& provider) const;
  std::set<std::string> areas() const;  // of all that are shown

  // For which the provider may say that it works, now or later (SPEC PROV-8).
  static std::set<std::string> areas_to_choose(const service::Directory& directory, const OrganisationId& provider,
                                               UtcTime now);

private:
  bool is_shown(const policy::ProviderEntry& entry) const;
  FoundProvider found(policy::ProviderEntry entry) const;

  const service::Directory& directory_;
  std::map<OrganisationId, std::string> providers_;             // that count, with their names
  std::map<OrganisationId, std::set<std::string>> authorised_;  // for what, now
  std::uint32_t epoch_ = 0;
};

// As it is compared: without capitals. Pure, as what follows.
std::string folded(std::string_view text);
// What somebody looks for, word by word.
std::vector<std::string> folded_words(std::string_view text);
// Is each of them somewhere in the text?
bool has_words(std::string_view text, const std::vector<std::string>& folded_words);

}  // namespace flikvakt::gateway
