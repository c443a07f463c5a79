#include "gateway/portal_names.h"

#include <fmt/format.h>

#include "gateway/portal_paging.h"
#include "web/dates.h"

namespace flikvakt::gateway {
namespace {

constexpr std::size_t kLettersInBrief = 60;

}  // namespace

std::string PortalNames::day(UtcTime time) const { return web::day_text(site_.words(), language_, time); }
std::string PortalNames::day(Date date) const { return web::day_text(site_.words(), language_, date); }
std::string PortalNames::time(UtcTime time) const { return web::time_text(site_.words(), language_, time); }
std::string PortalNames::clock(UtcTime time) const { return web::clock_text(site_.words(), language_, time); }
std::string PortalNames::last_day(UtcTime end) const { return web::last_day_text(site_.words(), language_, end); }

std::string PortalNames::word_or(std::string key, std::string otherwise) const {
  return site_.words().has(key) ? text(key) : std::move(otherwise);
}

std::string PortalNames::organisation(const OrganisationId& id) const {
  const auto row = directory().row<policy::Organisation>(id);
  return row ? row->name : text("name.organisation_gone");
}

std::string PortalNames::unit(const UnitId& id) const {
  const auto row = directory().row<policy::Unit>(id);
  return row ? row->name + ", " + organisation(row->organisation) : text("name.unit_gone");
}

std::string PortalNames::team(const TeamId& id) const {
  const auto row = directory().row<policy::Team>(id);
  return row ? row->name : text("name.team_gone");
}

std::string PortalNames::staff(const StaffId& id) const {
  const auto row = directory().row<policy::Staff>(id);
  return row && !row->name.empty() ? row->name + ", " + organisation(row->organisation) : text("name.staff_gone");
}

std::string PortalNames::recipient(const policy::Recipient& recipient) const {
  switch (recipient.kind) {
    case policy::RecipientKind::organisation:
      return organisation(OrganisationId(recipient.id));
    case policy::RecipientKind::unit:
      return unit(UnitId(recipient.id));
    case policy::RecipientKind::team:
      return team(TeamId(recipient.id));
    case policy::RecipientKind::staff:
      return staff(StaffId(recipient.id));
  }
  return {};
}

std::string PortalNames::flik(const std::string& code) const {
  const auto row = directory().row<policy::FlikType>(code);
  if (!row) return code;
  return site_.words().is_swedish(language_) || row->name_en.empty() ? row->name_sv : row->name_en;
}

std::string PortalNames::flik_about(const std::string& code) const {
  const auto row = directory().row<policy::FlikType>(code);
  return row ? row->description : std::string();
}

std::string PortalNames::area(const std::string& area) const { return word_or("area." + area, area); }

std::string PortalNames::purpose(const std::string& code) const { return word_or("purpose." + code, code); }

std::string PortalNames::purpose_about(const std::string& code) const {
  return word_or("purpose_about." + code, purpose(code));
}

std::string PortalNames::secrecy(const std::string& consent) const { return word_or("secrecy." + consent, consent); }

std::string PortalNames::legal_ground(const std::string& code) const { return word_or("legal_ground." + code, code); }

std::string PortalNames::rights(const std::set<policy::Right>& rights) const {
  const bool reads = rights.contains(policy::Right::read);
  const bool deposits = rights.contains(policy::Right::deposit);
  return text(reads && deposits ? "rights.both" : deposits ? "rights.deposit" : "rights.read");
}

std::string PortalNames::reason(policy::Reason reason) const {
  const json::value name = to_json(reason);
  return word_or("reason." + std::string(name.as_string()), text("reason.other"));
}

std::string PortalNames::reason_of_own(policy::Reason reason) const {
  const json::value name = to_json(reason);
  return word_or("reason_own." + std::string(name.as_string()), this->reason(reason));
}

std::string PortalNames::media_type(const std::string& media_type) const {
  std::string key = "media." + media_type;
  return word_or(std::move(key), text("media.other"));
}

// The number and its unit stay on one line.
std::string PortalNames::size(std::uint64_t bytes) const {
  std::string number = bytes < 1'000'000 ? fmt::format("{}\u00A0kB", (bytes + 999) / 1000)
                                         : fmt::format("{:.1f}\u00A0MB", static_cast<double>(bytes) / 1e6);
  if (site_.words().is_swedish(language_)) std::replace(number.begin(), number.end(), '.', ',');
  return number;
}

std::string PortalNames::brief(const std::string& name) const { return shortened(name, kLettersInBrief); }

std::string PortalNames::listed(const std::vector<std::string>& items) const {
  std::string out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += i + 1 == items.size() ? " " + text("list.and") + " " : std::string(", ");
    out += items[i];
  }
  return out;
}

}  // namespace flikvakt::gateway
