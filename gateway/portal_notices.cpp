#include "gateway/portal_notices.h"

#include "gateway/portal_paging.h"
#include "service/handles.h"

namespace flikvakt::gateway {
namespace {

using policy::EraseOrder;
using policy::Notice;

constexpr std::size_t kOnAPage = 40;

void put_person(PortalContext& context, const StaffPage& page, const PersonId& person, web::Data& data) {
  const Result<std::string> handle = service::handle_of(context.core(), page.staff().organisation, person);
  if (handle) data.add("person").set("handle", *handle).set("short_handle", handle->substr(0, 6));
}

Response notices(PortalContext& context, const StaffPage& page, const std::vector<Notice>& found) {
  web::Data data;
  const Request& request = page.exchange.request();
  const Piece piece = piece_of(request, found.size(), kOnAPage);
  put_pages(page.names, request, piece, data);
  for (const Notice& one : in_piece(found, piece)) {
    web::Data& shown = data.add("notice").set("fullmakt", one.fullmakt.text());
    put_form(page.visit(), shown);
    put_person(context, page, one.person, shown);
    shown.set("changed_at", to_rfc3339(one.changed)).set("changed", page.names.time(one.changed));
    shown.set("due", page.names.day(one.due)).set("revision", std::uint64_t{one.revision});
    shown.set("what", page.names.text("notice." + std::string(to_json(one.status).as_string())));
    shown.set("tone", one.due < page.now ? "tone-stop" : "tone-wait");
  }
  data.show_if(found.empty(), "none");
  return context.site.page(page.visit(), "notices", std::move(data));
}

Response erase_orders(PortalContext& context, const StaffPage& page, const std::vector<EraseOrder>& found) {
  web::Data data;
  const Request& request = page.exchange.request();
  const Piece piece = piece_of(request, found.size(), kOnAPage);
  put_pages(page.names, request, piece, data);
  for (const EraseOrder& one : in_piece(found, piece)) {
    web::Data& shown = data.add("order").set("kontrakt", one.kontrakt.text());
    put_form(page.visit(), shown);
    put_person(context, page, one.person, shown);
    shown.set("ordered", page.names.day(one.ordered)).set("due", page.names.day(one.due));
    shown.set("tone", one.due < page.now ? "tone-stop" : "tone-wait");
  }
  data.show_if(found.empty(), "none");
  return context.site.page(page.visit(), "erase_orders", std::move(data));
}

}  // namespace

void add_notice_pages(PortalContext& context, Router& router) {
  const AccessRule staff = AccessRule::staff_page;
  router
      .add(Method::get, "/staff/notices", staff, no_body(),
           staff_list<std::vector<Notice>>(
               context, [](const Exchange&) { return policy::Act(policy::ListNotices{}); },
               [&context](const StaffPage& page, const std::vector<Notice>& found) {
                 return notices(context, page, found);
               }))
      .add(Method::post, "/staff/notices/{fullmakt:id}", staff, whole_body(),
           one_button(context,
                      [](const Exchange& e, const Form& form) {
                        return StaffAct{{{"kind", "acknowledge_notice"},
                                         {"fullmakt", e.text("fullmakt")},
                                         {"changed", form.text("changed")}},
                                        "",
                                        "",
                                        {},
                                        "notice.done",
                                        "/staff/notices"};
                      }))
      .add(Method::get, "/staff/erase-orders", staff, no_body(),
           staff_list<std::vector<EraseOrder>>(
               context, [](const Exchange&) { return policy::Act(policy::ListEraseOrders{}); },
               [&context](const StaffPage& page, const std::vector<EraseOrder>& found) {
                 return erase_orders(context, page, found);
               }))
      .add(Method::post, "/staff/erase-orders/{kontrakt:id}", staff, whole_body(),
           one_button(context, [](const Exchange& e, const Form&) {
             return StaffAct{{{"kind", "attest_erasure"}, {"kontrakt", e.text("kontrakt")}},
                             "",
                             "",
                             {},
                             "erase.done",
                             "/staff/erase-orders"};
           }));
}

}  // namespace flikvakt::gateway
