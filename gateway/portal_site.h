// What all pages of the portal share: words, templates, the files beside them, and the frame around a page.
// Thread-safe.
#pragma once

#include "gateway/page_response.h"
#include "service/browser_session.h"
#include "web/renderer.h"

namespace flikvakt::gateway {

inline constexpr std::size_t kLargestPage = 100 * 1024;  // bytes; a longer one is told to the operational log

// One request of a browser, and who sits there. Whoever handles it got it from PortalAccess.
struct Visit {
  web::Language language;
  std::string path;  // with its query: for the menu, and for coming back
  std::optional<service::SessionCookie> cookie;
  std::optional<service::BrowserSession> session;
  std::optional<RepresentativeId> as;  // for whom a person acts, when not for themselves: a registration that stands
  std::string number_ends = {};        // the last four digits of the number of that person
  bool as_is_over = false;             // the browser remembers a registration that stands no more

  bool is_person() const { return session && std::holds_alternative<policy::PersonActor>(session->actor); }
  bool is_staff() const { return session && std::holds_alternative<policy::StaffActor>(session->actor); }
  bool is_administrator() const {
    return session && std::holds_alternative<policy::AdministratorActor>(session->actor);
  }
};

class PortalSite {
public:
  explicit PortalSite(service::Core& core, bool is_demo);

  const web::Words& words() const { return words_; }
  service::Core& core() const { return core_; }
  std::string text(const Visit& visit, std::string_view key, const web::Values& values = {}) const {
    return words_.text(visit.language, key, values);
  }

  struct Options {
    unsigned status = 200;
    std::string title;  // empty: the words of `<page>.title`
    PageScript script = PageScript::none;
    PageFrame frame = PageFrame::none;
  };
  Response page(const Visit& visit, std::string_view name, web::Data data, Options options) const;
  Response page(const Visit& visit, std::string_view name, web::Data data) const {
    return page(visit, name, std::move(data), Options());
  }

  // A problem as a page: `kind` is that of words `problem.<kind>.title`. Of a refusal always the same text.
  Response problem_page(const Visit& visit, unsigned status, std::string_view kind, std::string instance) const;
  // The same for the frame in which a document would have been.
  Response framed_problem(const Visit& visit, Response problem) const;
  // What the gateway answers to machines, for people: status, departure, Allow and instance stay.
  Response as_page(const Visit& visit, Response problem) const;

  std::string keeper_name(const Visit& visit) const;  // the coordination body that runs this gateway

  struct StaticFile {
    std::string_view content_type;
    std::string_view text;
    std::string path;  // with the hash of the text, so that it may be kept for ever
  };
  const StaticFile& style() const { return style_; }
  const StaticFile& icon() const { return icon_; }
  const StaticFile& script() const { return script_; }

private:
  void put_frame(const Visit& visit, const Options& options, web::Data& data) const;
  void put_menu(const Visit& visit, web::Data& data) const;
  void put_languages(const Visit& visit, bool comes_back, web::Data& data) const;

  service::Core& core_;
  const bool is_demo_;
  const web::Words words_;
  const web::Renderer renderer_;
  const StaticFile style_, icon_, script_;
};

}  // namespace flikvakt::gateway
