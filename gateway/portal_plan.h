// What would become of a file, shown to the depositor before anything is sealed: parts, pictures of their pages, what
// was found and taken out, what is left out and why. The depositor corrects or confirms it, all without a script.
// spec/portal.md
#pragma once

#include <stop_token>
#include <thread>

#include "gateway/deposit_gate.h"
#include "gateway/kept_drafts.h"
#include "gateway/portal_staff.h"
#include "gateway/source_limit.h"

namespace flikvakt::gateway {

class PortalPlan {
public:
  static constexpr std::size_t kMostAtOnce = 16;   // files that are gone through or wait for it
  static constexpr std::size_t kMostOfOne = 4;     // organisation's
  static constexpr std::size_t kMostPictures = 6;  // of one part
  static constexpr std::int64_t kPictureDpi = 50;

  // `keep_free`: bytes of the disk that deposits must leave.
  PortalPlan(PortalContext& context, DepositGate& gate, std::uint64_t keep_free)
      : context_(context), gate_(gate), keep_free_(keep_free) {}
  void add_to(Router& router);
  void forget_drafts_of(const StaffId& staff) { drafts_.drop(staff); }

  // A file that came with the form of a deposit. `how`: "whole", "hand", or "rule:" and a document type.
  struct Sent {
    std::string how;
    policy::DocumentFacts facts;
    json::array others;  // handles of those whom it is about as well
    std::shared_ptr<const Bytes> file;
  };
  // On to the page of the plan, or what else the answer is; or, when the file is not taken, why, in words.
  using AnswerOrWhy = std::variant<Response, std::string>;
  Awaitable<AnswerOrWhy> plan(Exchange& exchange, Sent sent);

private:
  enum class PartEnd { sealed, refused, trouble, no_space };

  void sweep(const std::stop_token& stop);
  Awaitable<AnswerOrWhy> divide(Exchange& exchange, std::shared_ptr<Draft> draft);
  Awaitable<Response> change(Exchange& exchange);
  Awaitable<Response> correct(Exchange& exchange, Form form, std::shared_ptr<const Draft> draft);
  Awaitable<Response> confirm(Exchange& exchange, std::shared_ptr<const Draft> draft);
  Awaitable<PartEnd> deposit_part(Exchange& exchange, std::shared_ptr<const Draft> draft, std::size_t part);
  Response page(const StaffPage& one, const Draft& draft, const Form& typed, const std::string& wrong) const;
  Response show(const StaffPage& one) const;
  Response picture(const StaffPage& one) const;
  Response gone(const StaffPage& one) const;
  Response confirmed(const StaffPage& one, const ConfirmedDraft& end) const;
  Response confirmed_or_gone(const StaffPage& one) const;
  std::shared_ptr<const Draft> draft_of(const StaffPage& one) const;

  PortalContext& context_;
  DepositGate& gate_;
  const std::uint64_t keep_free_;
  KeptDrafts drafts_;
  SourceLimit running_{kMostAtOnce, kMostOfOne};
  std::jthread sweeper_{[this](const std::stop_token& stop) { sweep(stop); }};  // last: it uses the drafts
};

}  // namespace flikvakt::gateway
