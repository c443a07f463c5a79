#include "gateway/portal_admin_proposals.h"

#include "policy/retention.h"
#include "service/act_words.h"

namespace flikvakt::gateway {
namespace {

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::string act_words(const AdministrationPage& page, const std::string& kind) {
  const std::optional<audit::ActKind> known = audit::act_kind_named(kind);
  if (!known) return kind;
  const service::ActWords& words = service::words_of(*known);
  return std::string(page.is_swedish ? words.sv : words.en);
}

// Members of what stands now that the act would give another value, under the same names.
json::object standing_row(const service::Directory& directory, const json::object& act) {
  const auto members = [](const auto& row) { return row ? to_json(*row).as_object() : json::object(); };
  const std::string kind = text_of(act, "kind");
  if (kind == policy::SetOidcIssuer::kKind) return members(directory.row<policy::OidcIssuer>(text_of(act, "code")));
  if (kind == policy::SetTelling::kKind) return members(directory.row<policy::FlikType>(text_of(act, "code")));
  if (kind == policy::SetNaming::kKind) {
    return {{"names_staff", directory.instance().names_staff_since.has_value()}};
  }
  if (kind != policy::SetRetention::kKind) return {};
  auto row = directory.row<policy::Retention>(text_of(act, "act_kind"));
  if (!row) row = directory.row<policy::Retention>(std::string(policy::kAllOtherKinds));
  return {{"days", row ? row->days : static_cast<std::uint32_t>(policy::kDefaultRetention.count())}};
}

// Beside an id, what it is called.
std::string name_behind(const AdministrationPage& page, const json::object& act, std::string_view member,
                        const std::string& id) {
  const std::string noun = member == "id" ? text_of(act, "noun") : std::string(member);
  const auto named = [&]<class SomeId>(std::string (PortalNames::*name)(const SomeId&) const) {
    const Result<SomeId> parsed = SomeId::parse(id);
    return parsed ? " (" + (page.names.*name)(*parsed) + ")" : std::string();
  };
  if (noun == "organisation" || noun == "disclosers") return named(&PortalNames::organisation);
  if (noun == "staff" || noun == "lead" || noun == "officers") return named(&PortalNames::staff);
  if (noun == "team" || noun == "teams") return named(&PortalNames::team);
  if (noun == "unit" || noun == "units") return named(&PortalNames::unit);
  return {};
}

std::string value_text(const AdministrationPage& page, const json::object& act, std::string_view member,
                       const json::value& value) {
  if (value.is_string()) {
    const std::string text(value.get_string());
    return text + name_behind(page, act, member, text);
  }
  if (!value.is_array()) return json::serialize(value);
  std::string out;
  for (const json::value& one : value.get_array()) {
    out += (out.empty() ? "" : "\n") + value_text(page, act, member, one);
  }
  return out;
}

void put_members(const AdministrationPage& page, const service::Directory& directory, const json::object& act,
                 web::Data& data) {
  const json::object stands = standing_row(directory, act);
  for (const auto& [name, value] : act) {
    if (name == "kind") continue;
    web::Data& member = data.add("member").set("name", std::string_view(name));
    member.set("value", value_text(page, act, name, value));
    const json::value* now = stands.if_contains(name);
    if (now && *now != value) member.add("now").set("text", value_text(page, act, name, *now));
  }
}

Response proposals(PortalContext& context, const AdministrationPage& page) {
  const service::Directory& directory = context.core().directory();
  const std::string self = page.who.administrator().administrator.text();
  web::Data data;
  data.set("read", page.names.time(page.seen().read));
  for (const json::value& value : page.seen().proposals) {
    const json::object& one = value.as_object();
    const json::object& act = one.at("act").as_object();
    const std::string id = text_of(one, "id");
    const UtcTime expires = parse_rfc3339(text_of(one, "expires")).value();
    web::Data& shown = data.add("proposal").set("id", id).set("what", act_words(page, text_of(act, "kind")));
    const Result<AdministratorId> by = AdministratorId::parse(text_of(one, "administrator"));
    const auto row = by ? directory.row<policy::Administrator>(*by) : std::nullopt;
    shown.set("by", row ? row->name : std::string()).set("expires", page.names.time(expires));
    shown.show_if(page.now >= expires, "over");
    shown.show_if(one.contains("about_person"), "about_person");
    put_members(page, directory, act, shown);
    const bool is_own = text_of(one, "administrator") == self;
    shown.show_if(is_own, "own");
    if (!is_own) put_command(page, "administration.do_approve", "approve " + id, shown);
    put_command(page, "administration.do_withdraw", "withdraw " + id, shown);
  }
  data.show_if(page.seen().proposals.empty(), "none");
  put_command(page, "administration.do_look_again", "portal", data.add(kPageCommands));
  return context.site.page(page.visit(), "admin_proposals", std::move(data));
}

}  // namespace

void add_admin_proposal_pages(PortalContext& context, Router& router) {
  router.add(
      Method::get, "/administration/proposals", AccessRule::administrator_page, no_body(),
      administration_page(context, [&context](const AdministrationPage& page) { return proposals(context, page); }));
}

}  // namespace flikvakt::gateway
