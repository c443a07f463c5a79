// What the pages of the individual have in common: the overview of whoever's rights are used, which is asked for (and
// logged) anew for each page, or the page that says why there is none. Thread-safe: a PortalContext is shared by all
// threads that serve; an OwnPage is one request's and stays with it.
#pragma once

#include <optional>
#include <variant>

#include "gateway/connector_presence.h"
#include "gateway/kept_forms.h"
#include "gateway/portal_access.h"
#include "gateway/portal_names.h"
#include "gateway/rate_limit.h"
#include "gateway/source_limit.h"
#include "gateway/waiting_place.h"
#include "gateway/witnessed.h"

namespace flikvakt::gateway {

// What every group of pages is given; outlives them.
struct PortalContext {
  const PortalSite& site;
  const PortalAccess& access;
  AskWitnessed witnessed;
  AskConnectors connectors = nullptr;
  std::vector<std::filesystem::path> own_certificates = {};  // of the gateway, PEM: their ends are told
  std::uint64_t smallest_group = 5;                          // of people whom a figure may be told of
  RateLimiter pages;                                         // by device key or staff member
  RateLimiter log_pieces;          // the same: further pieces of the own log as a file (SPEC PORTAL-82)
  RateLimiter narrowing{{5, 50}};  // the same: what takes access away has a rate of its own (SPEC API-41)
  Turns turns{};                   // of device keys, at the log reader
  KeptForms kept{};                // of who is sent to an issuer to sign
  SourceLimit uploads{kMostUploads, kMostUploadsOfOne};  // by staff member: files that are held while they come

  static constexpr std::size_t kMostUploads = 16;
  static constexpr std::size_t kMostUploadsOfOne = 2;

  service::Core& core() const { return site.core(); }
  service::BrowserSessions& sessions() const { return *access.sessions(); }
};

// One page of the individual, while it is made.
struct OwnPage {
  const BrowserIdentity& who;
  const policy::Overview& overview;
  const Exchange& exchange;
  const PortalNames names;
  const UtcTime now;

  const Visit& visit() const { return who.visit(); }
};

using ShowOwn = std::function<Response(const OwnPage&)>;
Handler own_page(PortalContext& context, ShowOwn show);

using OverviewOrPage = std::variant<policy::Overview, Response>;
Awaitable<OverviewOrPage> own_overview(PortalContext& context, Exchange& exchange);

// The row of that id among the person's; nullptr: it is none of theirs.
template <class T, class SomeId>
const T* find_among(const std::vector<T>& rows, const SomeId& id) {
  for (const T& row : rows) {
    if (row.id == id) return &row;
  }
  return nullptr;
}

// Whose rate it is: the key of a person, the staff member, or the administrator.
std::string rate_key_of(const BrowserIdentity& who);
// SPEC PORTAL-100: takes one page of theirs; else the answer to whoever asks too often.
std::optional<Response> too_many_pages(PortalContext& context, const Exchange& exchange);

}  // namespace flikvakt::gateway
