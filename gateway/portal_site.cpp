#include "gateway/portal_site.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "crypto/hash.h"
#include "gateway/form.h"
#include "gateway/problem.h"

namespace flikvakt::gateway {
namespace {

PortalSite::StaticFile static_file(std::string_view name, std::string_view content_type) {
  const auto files = web::embedded_files();
  const auto found = std::ranges::find(files, name, &web::File::name);
  if (found == files.end()) throw std::logic_error("the file " + std::string(name) + " is not embedded");
  const std::string hash = to_hex(crypto::sha256(as_bytes(found->text))).substr(0, 16);
  const std::string_view short_name = name.substr(name.rfind('/') + 1);
  return {content_type, found->text, "/static/" + hash + "/" + std::string(short_name)};
}

struct MenuItem {
  std::string_view href;
  std::string_view key;
};
constexpr MenuItem kPersonMenu[] = {
    {"/me", "menu.overview"},          {"/me/log", "menu.log"},   {"/me/documents", "menu.documents"},
    {"/me/requests", "menu.requests"}, {"/me/path", "menu.path"}, {"/me/more", "menu.more"}};
constexpr MenuItem kStaffMenu[] = {{"/staff", "menu.cases"},
                                   {"/staff/mine", "menu.mine"},
                                   {"/staff/people", "menu.people"},
                                   {"/staff/requests", "menu.staff_requests"},
                                   {"/staff/teams", "menu.teams"},
                                   {"/staff/notices", "menu.notices"},
                                   {"/staff/desk", "menu.desk"},
                                   {"/staff/providers", "menu.providers"},
                                   {"/staff/sessions", "menu.sessions"}};
constexpr MenuItem kReviewerMenu[] = {{"/staff/review", "menu.review"}};  // beside what all staff have
constexpr MenuItem kAdministratorMenu[] = {
    {"/administration", "menu.administration"},      {"/administration/organisations", "menu.organisations"},
    {"/administration/teams", "menu.teams"},         {"/administration/templates", "menu.templates"},
    {"/administration/proposals", "menu.proposals"}, {"/administration/health", "menu.health"},
    {"/administration/figures", "menu.figures"}};

std::vector<MenuItem> items_of(const Visit& visit, const service::Directory& directory) {
  const auto list = [](const auto& items) { return std::vector<MenuItem>(std::begin(items), std::end(items)); };
  if (visit.is_administrator()) return list(kAdministratorMenu);
  if (!visit.is_staff()) return list(kPersonMenu);
  std::vector<MenuItem> out = list(kStaffMenu);
  const auto staff = directory.row<policy::Staff>(std::get<policy::StaffActor>(visit.session->actor).staff);
  const bool reviews = staff && staff->roles.contains(policy::StaffRole::log_reviewer);
  if (reviews) out.insert(out.end(), std::begin(kReviewerMenu), std::end(kReviewerMenu));
  return out;
}

// The item that the path is at or below: the longest.
const MenuItem* item_of(const std::vector<MenuItem>& items, std::string_view path) {
  path = path.substr(0, path.find('?'));
  const MenuItem* best = nullptr;
  for (const MenuItem& item : items) {
    const bool is_at = path == item.href || (path.starts_with(item.href) && path[item.href.size()] == '/');
    if (is_at && (!best || item.href.size() > best->href.size())) best = &item;
  }
  return best;
}

std::string_view kind_of(unsigned status) {
  switch (status) {
    case 400:
    case 409:
    case 411:
    case 415:
    case 422:
      return "form";
    case 401:
      return "session";
    case 403:
      return "refused";
    case 404:
      return "missing";
    case 405:
      return "method";
    case 413:
      return "large";
    case 429:
      return "often";
    case 503:
    case 507:  // of the disk, whatever file it was
      return "later";
    default:
      return "fault";
  }
}

}  // namespace

PortalSite::PortalSite(service::Core& core, bool is_demo)
    : core_(core),
      is_demo_(is_demo),
      words_(),
      renderer_(words_),
      style_(static_file("style/flikvakt.css", "text/css; charset=utf-8")),
      icon_(static_file("style/icon.svg", "image/svg+xml")),
      script_(static_file("script/passkey.js", "text/javascript; charset=utf-8")) {}

Response PortalSite::page(const Visit& visit, std::string_view name, web::Data data, Options options) const {
  if (options.title.empty()) options.title = words_.text(visit.language, std::string(name) + ".title");
  // What is read first to whoever does not see the page says that something is to be mended.
  data.show_if(options.status == 422, "wrong_page");
  put_frame(visit, options, data);
  put_languages(visit, true, data);
  std::string html = renderer_.render(name, visit.language, data);
  if (html.size() > kLargestPage) spdlog::warn("the page `{}` has {} bytes", name, html.size());
  return page_response(options.status, std::move(html), options.script, options.frame);
}

// INVARIANT (P6): nothing of the request is in the page, but who is signed in and the language.
Response PortalSite::problem_page(const Visit& visit, unsigned status, std::string_view kind,
                                  std::string instance) const {
  Options options;
  options.title = words_.text(visit.language, "problem." + std::string(kind) + ".title");
  web::Data data;
  Visit anywhere = visit;
  anywhere.path = "/";
  put_frame(anywhere, options, data);
  put_languages(anywhere, false, data);
  data.add(kind);
  data.set("instance", instance);
  return page_response(status, renderer_.render("problem", visit.language, data));
}

Response PortalSite::as_page(const Visit& visit, Response problem) const {
  Response page = problem_page(visit, problem.status, kind_of(problem.status), instance_of(problem));
  page.departure = problem.departure;
  for (auto& field : problem.headers) {
    if (field.first == "Allow") page.headers.push_back(std::move(field));
  }
  return page;
}

// SPEC PORTAL-8
Response PortalSite::framed_problem(const Visit& visit, Response problem) const {
  const bool is_refused = problem.status < 500;
  const std::string kind = is_refused ? "refused" : "later";
  web::Data data;
  data.set("lang", words_.tag(visit.language)).set("style", style_.path).set("instance", instance_of(problem));
  data.set("title", words_.text(visit.language, "problem." + kind + ".title")).add(kind);
  Response page = page_in_frame(problem.status, renderer_.render("problem_framed", visit.language, data));
  page.departure = problem.departure;
  return page;
}

std::string PortalSite::keeper_name(const Visit& visit) const {
  const auto is_it = [](const policy::Organisation& one) {
    return one.kind == policy::OrganisationKind::forbund && one.standing == policy::Standing::active;
  };
  const std::vector<policy::Organisation> found = core_.directory().rows_where<policy::Organisation>(is_it);
  return found.empty() ? words_.text(visit.language, "frame.keeper_none") : found.front().name;
}

void PortalSite::put_frame(const Visit& visit, const Options& options, web::Data& data) const {
  data.set("lang", words_.tag(visit.language)).set("title", options.title);
  data.set("style", style_.path).set("icon", icon_.path);
  data.set("keeper", words_.text(visit.language, "frame.keeper", {{"name", keeper_name(visit)}}));
  data.show_if(is_demo_, "demo");
  if (visit.as) data.add("acts_for").set("ends", visit.number_ends);
  data.show_if(visit.as_is_over, "acts_for_nobody");
  if (options.script == PageScript::passkey) data.add("script").set("script_path", script_.path);
  if (visit.session) put_menu(visit, data);
}

void PortalSite::put_menu(const Visit& visit, web::Data& data) const {
  web::Data& menu = data.add("menu").set("token", visit.session->form_token);
  const std::vector<MenuItem> items = items_of(visit, core_.directory());
  const MenuItem* here = item_of(items, visit.path);
  for (const MenuItem& item : items) {
    web::Data& one = menu.add("item").set("href", item.href).set("label", words_.text(visit.language, item.key));
    one.show_if(&item == here, "here");
  }
}

void PortalSite::put_languages(const Visit& visit, bool comes_back, web::Data& data) const {
  // Not to what came back from an issuer: its code and state are nobody's to copy.
  const std::string_view here = comes_back ? local_path(visit.path) : std::string_view();
  for (const web::Language language : words_.languages()) {
    if (language == visit.language) continue;
    const std::string back = here.empty() ? std::string() : "?back=" + percent_encoded(here);
    data.add("language")
        .set("href", "/language/" + words_.code(language) + back)
        .set("tag", words_.tag(language))
        .set("name", words_.text(language, "language.name"));
  }
}

}  // namespace flikvakt::gateway
