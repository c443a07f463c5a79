#include "gateway/portal_admin_proposals.h"

#include "base/utf8.h"
#include "gateway/portal_paging.h"
#include "gateway/problem.h"
#include "policy/retention.h"
#include "service/act_words.h"

namespace flikvakt::gateway {
namespace {

constexpr std::size_t kProposalsOnAPage = 6;
constexpr std::size_t kMembersInAList = 20;   // of one; its own page has the rest
constexpr std::size_t kValueInAList = 200;    // characters, the same
constexpr std::size_t kPieceOfAValue = 4000;  // bytes
constexpr std::size_t kMostOnAPage = 40 * 1024;

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

// One member that the act would write, and what stands there now where that is another value.
struct Member {
  std::string name;
  std::string value;
  std::optional<std::string> now = {};
};

std::vector<Member> members_of(const AdministrationPage& page, const service::Directory& directory,
                               const json::object& act) {
  const json::object stands = standing_row(directory, act);
  std::vector<Member> out;
  for (const auto& [name, value] : act) {
    if (name == "kind") continue;
    Member member{std::string(name), value_text(page, act, name, value)};
    const json::value* now = stands.if_contains(name);
    if (now && *now != value) member.now = value_text(page, act, name, *now);
    out.push_back(std::move(member));
  }
  return out;
}

void put_member(const Member& member, web::Data& data) {
  web::Data& shown = data.add("member").set("name", member.name).set("value", member.value);
  if (member.now) shown.add("now").set("text", *member.now);
}

// In short; where that is not the whole of it, the way there.
void put_members(const std::vector<Member>& members, const std::string& id, web::Data& data) {
  const std::size_t count = std::min(members.size(), kMembersInAList);
  bool is_cut = count < members.size();
  for (const Member& whole : std::span(members).first(count)) {
    Member told{whole.name, shortened(whole.value, kValueInAList)};
    if (whole.now) told.now = shortened(*whole.now, kValueInAList);
    is_cut = is_cut || told.value != whole.value || told.now != whole.now;
    put_member(told, data);
  }
  if (is_cut) data.add("cut").set("href", "/administration/proposals/" + id);
}

void put_proposal(const PortalContext& context, const AdministrationPage& page, const json::object& one,
                  web::Data& data) {
  const std::string id = text_of(one, "id");
  const UtcTime expires = parse_rfc3339(text_of(one, "expires")).value();
  data.set("id", id).set("what", act_words(page, text_of(one.at("act").as_object(), "kind")));
  const Result<AdministratorId> by = AdministratorId::parse(text_of(one, "administrator"));
  const auto row = by ? context.core().directory().row<policy::Administrator>(*by) : std::nullopt;
  data.set("by", row ? row->name : std::string()).set("expires", page.names.time(expires));
  data.show_if(page.now >= expires, "over");
  data.show_if(one.contains("about_person"), "about_person");
  const bool is_own = text_of(one, "administrator") == page.who.administrator().administrator.text();
  data.show_if(is_own, "own");
  if (!is_own) put_command(page, "administration.do_approve", "approve " + id, data);
  put_command(page, "administration.do_withdraw", "withdraw " + id, data);
}

// Text in pieces between characters.
std::vector<std::string> in_pieces(std::string_view text) {
  std::vector<std::string> out(1);
  while (!text.empty()) {
    const std::optional<Character> next = first_character(text);
    const std::size_t bytes = next ? next->bytes : 1;
    if (out.back().size() + bytes > kPieceOfAValue) out.emplace_back();
    out.back() += text.substr(0, bytes);
    text.remove_prefix(bytes);
  }
  return out;
}

// SPEC PORTAL-80: word for word, however long it is.
Response one_proposal(PortalContext& context, const AdministrationPage& page) {
  const auto& all = page.seen().proposals;
  const auto found = std::ranges::find_if(
      all, [&](const json::value& one) { return text_of(one.as_object(), "id") == page.exchange.text("proposal"); });
  if (found == all.end()) return refusal();
  const json::object& one = found->as_object();
  const json::object& act = one.at("act").as_object();
  std::vector<Member> members;
  for (const Member& member : members_of(page, context.core().directory(), act)) {
    for (std::string& text : in_pieces(member.value)) members.push_back({member.name, std::move(text)});
    if (!member.now) continue;
    for (std::string& text : in_pieces(*member.now)) members.push_back({member.name, {}, std::move(text)});
  }
  std::vector<std::size_t> weights;
  for (const Member& member : members) {
    weights.push_back(100 + member.value.size() + member.now.value_or(std::string()).size());
  }
  const Request& request = page.exchange.request();
  const Piece piece = piece_by_weight(request, weights, kMostOnAPage);
  web::Data data;
  put_proposal(context, page, one, data);
  for (const Member& member : in_piece(members, piece)) put_member(member, data);
  put_pages(page.names, request, piece, data);
  PortalSite::Options options;
  options.title = act_words(page, text_of(act, "kind"));
  return context.site.page(page.visit(), "admin_proposal", std::move(data), options);
}

Response proposals(PortalContext& context, const AdministrationPage& page) {
  const service::Directory& directory = context.core().directory();
  const auto& all = page.seen().proposals;
  const Request& request = page.exchange.request();
  const Piece piece = piece_of(request, all.size(), kProposalsOnAPage);
  web::Data data;
  data.set("read", page.names.time(page.seen().read));
  put_pages(page.names, request, piece, data.add("all_pages"));
  for (std::size_t i = piece.from; i < piece.to; ++i) {
    const json::object& one = all[i].as_object();
    web::Data& shown = data.add("proposal");
    put_proposal(context, page, one, shown);
    put_members(members_of(page, directory, one.at("act").as_object()), text_of(one, "id"), shown);
  }
  data.show_if(all.empty(), "none");
  put_command(page, "administration.do_look_again", "portal", data.add(kPageCommands));
  return context.site.page(page.visit(), "admin_proposals", std::move(data));
}

}  // namespace

void add_admin_proposal_pages(PortalContext& context, Router& router) {
  const auto add = [&](std::string_view pattern, Response (*show)(PortalContext&, const AdministrationPage&)) {
    router.add(
        Method::get, pattern, AccessRule::administrator_page, no_body(),
        administration_page(context, [&context, show](const AdministrationPage& page) { return show(context, page); }));
  };
  add("/administration/proposals", proposals);
  add("/administration/proposals/{proposal:id}", one_proposal);
}

}  // namespace flikvakt::gateway
