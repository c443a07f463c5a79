#include "gateway/provider_search.h"

#include <algorithm>

namespace flikvakt::gateway {
namespace {

using policy::ProviderEntry;
using policy::Standing;

// Everything that an entry says, in whatever language, as it is compared.
std::string all_of(const FoundProvider& one, const NameOfArea& name_of) {
  std::string out = one.name;
  for (const std::string& area : one.entry.areas) out += "\n" + area + "\n" + name_of(area);
  for (const policy::ProviderText& text : one.entry.texts) {
    for (const std::string* answer : {&text.offers, &text.for_whom, &text.steps, &text.place, &text.contact})
      out += "\n" + *answer;
  }
  return folded(out);
}

}  // namespace

// ASCII and the letters À to Þ, which have their small ones 32 further on in UTF-8's second byte.
std::string folded(std::string_view text) {
  std::string out(text);
  bool is_second = false;
  for (char& c : out) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_capital = (c >= 'A' && c <= 'Z') || (is_second && byte >= 0x80 && byte <= 0x9e && byte != 0x97);
    if (is_capital) c = static_cast<char>(byte + 32);
    is_second = byte == 0xc3;
  }
  return out;
}

std::vector<std::string> folded_words(std::string_view text) {
  std::vector<std::string> out;
  std::string word;
  for (const char c : folded(text) + ' ') {
    const bool is_blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!is_blank) word += c;
    if (is_blank && !word.empty()) out.push_back(std::exchange(word, {}));
  }
  return out;
}

bool has_words(std::string_view text, const std::vector<std::string>& words) {
  const std::string all = folded(text);
  return std::ranges::all_of(words, [&](const std::string& word) { return all.find(word) != std::string::npos; });
}

// SPEC PROV-11
ProviderCatalogue::ProviderCatalogue(const service::Directory& directory, UtcTime now)
    : directory_(directory), epoch_(directory.instance().epoch) {
  const std::uint32_t epoch = epoch_;
  const auto counts = [epoch](const policy::Organisation& one) {
    return one.kind == policy::OrganisationKind::provider && one.standing == Standing::active && one.epoch == epoch;
  };
  for (policy::Organisation& one : directory.rows_where<policy::Organisation>(counts))
    providers_.emplace(one.id, std::move(one.name));
  const auto runs = [epoch, now](const policy::Authorisation& one) {
    return one.standing == Standing::active && one.epoch == epoch && one.valid_from <= now && now < one.valid_to;
  };
  for (policy::Authorisation& one : directory.rows_where<policy::Authorisation>(runs))
    authorised_[one.organisation].merge(one.areas);
}

std::set<std::string> ProviderCatalogue::areas_to_choose(const service::Directory& directory,
                                                         const OrganisationId& provider, UtcTime now) {
  const std::uint32_t epoch = directory.instance().epoch;
  const auto is_theirs = [&](const policy::Authorisation& one) {
    return one.organisation == provider && one.standing == Standing::active && one.epoch == epoch && now < one.valid_to;
  };
  std::set<std::string> out;
  for (policy::Authorisation& one : directory.rows_where<policy::Authorisation>(is_theirs)) out.merge(one.areas);
  return out;
}

bool ProviderCatalogue::is_shown(const ProviderEntry& entry) const {
  const bool counts = entry.standing == Standing::active && entry.epoch == epoch_ && !entry.texts.empty();
  const auto authorised = authorised_.find(entry.organisation);
  if (!counts || authorised == authorised_.end() || !providers_.contains(entry.organisation)) return false;
  return std::ranges::any_of(entry.areas, [&](const auto& area) { return authorised->second.contains(area); });
}

FoundProvider ProviderCatalogue::found(ProviderEntry entry) const {
  const std::set<std::string>& authorised = authorised_.at(entry.organisation);
  std::erase_if(entry.areas, [&](const auto& area) { return !authorised.contains(area); });
  std::string name = providers_.at(entry.organisation);
  return {std::move(entry), std::move(name)};
}

std::vector<FoundProvider> ProviderCatalogue::find(const ProviderQuestion& question, const NameOfArea& name_of) const {
  const std::vector<std::string> words = folded_words(question.words);
  std::vector<FoundProvider> out;
  for (ProviderEntry& entry : directory_.rows_where<ProviderEntry>([&](const auto& row) { return is_shown(row); })) {
    FoundProvider one = found(std::move(entry));
    if (!question.area.empty() && !one.entry.areas.contains(question.area)) continue;
    const std::string text = words.empty() ? std::string() : all_of(one, name_of);
    const auto is_in = [&](const std::string& word) { return text.find(word) != std::string::npos; };
    if (std::ranges::all_of(words, is_in)) out.push_back(std::move(one));
  }
  std::ranges::sort(out, {},
                    [](const FoundProvider& one) { return std::pair(folded(one.name), one.entry.organisation); });
  return out;
}

std::optional<FoundProvider> ProviderCatalogue::find(const OrganisationId& provider) const {
  std::optional<ProviderEntry> entry = directory_.row<ProviderEntry>(provider);
  if (!entry || !is_shown(*entry)) return std::nullopt;
  return found(std::move(*entry));
}

std::set<std::string> ProviderCatalogue::areas() const {
  std::set<std::string> out;
  for (ProviderEntry& entry : directory_.rows_where<ProviderEntry>([&](const auto& row) { return is_shown(row); }))
    out.merge(found(std::move(entry)).entry.areas);
  return out;
}

}  // namespace flikvakt::gateway
