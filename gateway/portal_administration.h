// What the pages of administrators have in common. They show the registry and the state of the gateway, never anything
// of a person, and nothing can be done in them: an administrator signs with a key that no browser has, so each page
// tells the command that does it (docs/decisions/portal-administration.md).
#pragma once

#include "gateway/portal_own.h"

namespace flikvakt::gateway {

// One page of an administrator, while it is made.
struct AdministrationPage {
  const BrowserIdentity& who;
  const Exchange& exchange;
  const PortalNames names;
  const UtcTime now;
  const bool is_swedish;

  const Visit& visit() const { return who.visit(); }
  const service::SeenProposals& seen() const { return *who.session().proposals; }
};
using ShowAdministration = std::function<Response(const AdministrationPage&)>;
Handler administration_page(PortalContext& context, ShowAdministration show);

// The section for commands of a whole page: those of a row stand in the row's own, and would be looked for here where
// it has none.
inline constexpr std::string_view kPageCommands = "page_commands";
// One more command: what it does, in words of that key, and how it is written. `line` is without the options
// that say where and who.
void put_command(const AdministrationPage& page, std::string_view key, std::string_view line, web::Data& data);
// The same of a command for which no administrator signs.
void put_unsigned_command(const AdministrationPage& page, std::string_view key, std::string_view line, web::Data& data);
// `<words> suspend ID` and the like, as they fit what stands.
void put_standing_commands(const AdministrationPage& page, std::string_view words, const std::string& id,
                           policy::Standing standing, web::Data& data);

// The same in a row of a list; none for what is removed for good.
void put_row_commands(const AdministrationPage& page, std::string_view words, const std::string& id,
                      policy::Standing standing, web::Data& row);

// `standing` and `tone`, in words and by colour.
void put_standing(const PortalNames& names, policy::Standing standing, web::Data& data);
// Of what also has a period: before it, in it, after it.
void put_period_standing(const AdministrationPage& page, policy::Standing standing, UtcTime from, UtcTime to,
                         web::Data& data);

// What an organisation of this kind is called, as in the figures.
std::string kind_name(const AdministrationPage& page, policy::OrganisationKind kind);

void add_administration_pages(PortalContext& context, Router& router);

}  // namespace flikvakt::gateway
