// Depositing through a page: the file comes in a form, with what it is; the rest is the same as for any depositor.
// Thread-safe, but for finish(), which is called once when nobody is served any more. What waits for the disk does so
// on one thread of its own.
#pragma once

#include <boost/asio/thread_pool.hpp>

#include "gateway/multipart.h"
#include "gateway/portal_staff.h"
#include "service/deposit.h"

namespace flikvakt::gateway {

class PortalDeposit {
public:
  static constexpr std::uint64_t kLargestFile = 25 << 20;  // bytes: it is in memory while its hash is taken

  // `keep_free`: bytes of the disk that deposits must leave.
  PortalDeposit(PortalContext& context, std::uint64_t keep_free) : context_(context), keep_free_(keep_free) {}
  void add_to(Router& router);
  void finish() { waiting_.join(); }  // waits for what is being made durable

private:
  Response page(const StaffPage& page, const Form& typed, std::string_view wrong) const;
  Awaitable<Response> deposit(Exchange& exchange);
  // `others`: handles of those whom it is about as well.
  Awaitable<Response> begin(Exchange& exchange, Form form, policy::DocumentFacts facts, json::array others,
                            std::shared_ptr<const Bytes> bytes);
  Awaitable<Response> fill(Exchange& exchange, Form form, policy::Deposit deposit, std::shared_ptr<const Bytes> bytes);
  Response deposited(Exchange& exchange, const Form& form) const;
  Response not_taken(Exchange& exchange, const Form& form, const Error& error) const;
  Response wrong_page(Exchange& exchange, const Form& form, std::string_view wrong) const;

  PortalContext& context_;
  const std::uint64_t keep_free_;
  boost::asio::thread_pool waiting_{1};  // may wait for the disk
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
