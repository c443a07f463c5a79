// Depositing through a page: the file comes in a form, with what it is; what would become of it is shown by
// gateway/portal_plan.h, and sealed from there. Thread-safe.
#pragma once

#include "gateway/multipart.h"
#include "gateway/portal_plan.h"

namespace flikvakt::gateway {

class PortalDeposit {
public:
  static constexpr std::uint64_t kLargestFile = 25 << 20;  // bytes: it is in memory while its hash is taken

  // `keep_free`: bytes of the disk that deposits must leave.
  PortalDeposit(PortalContext& context, DepositGate& gate, std::uint64_t keep_free)
      : context_(context), plan_(context, gate, keep_free) {}
  void add_to(Router& router);
  void forget_drafts_of(const StaffId& staff) { plan_.forget_drafts_of(staff); }

private:
  Response page(const StaffPage& page, const Form& typed, const std::string& wrong) const;
  Awaitable<Response> deposit(Exchange& exchange);
  Response wrong_page(Exchange& exchange, const Form& form, std::string_view wrong) const;

  PortalContext& context_;
  PortalPlan plan_;
};

// Its place is held as long as it is: so many files are held at a time (SPEC PORTAL-102).
struct FormWithFile {
  std::unique_ptr<SourceLimit::Place> place;
  SentForm sent;
};
// A form of this session with its file, or the page that says why not.
Awaitable<std::variant<FormWithFile, Response>> read_form_with_file(PortalContext& context, Exchange& exchange);
// By its first bytes and the end of its name; empty: of no kind that is taken.
std::string media_type_of(std::string_view file_name, BytesView file);

}  // namespace flikvakt::gateway
