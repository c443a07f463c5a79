#include "connector/source_answers.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "connector/answer_program.h"
#include "connector/deposit_folder.h"
#include "crypto/hash.h"

namespace flikvakt::connector {
namespace {

using Steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t kMostAnswering = 4;
constexpr std::size_t kMostAsked = 16;   // that wait here for their turn
constexpr std::size_t kMostAtOnce = 16;  // that the gateway gives
constexpr std::size_t kMostKnown = 256;  // that it looks at
constexpr auto kMayYetCome = 2s;         // times of the gateway's log are not finer than one batch
constexpr auto kTriedAgainAfter = 10min;

// SPEC CONN-48: the answer to a request has an id that follows from the request's, so that it is given once.
DepositId answer_id(const std::string& request) {
  const crypto::Hash256 hash = crypto::sha256(as_bytes("flikvakt-connector answer " + request));
  ByteArray<16> out;
  std::copy_n(hash.begin(), out.size(), out.begin());
  return DepositId(out);
}

}  // namespace

SourceAnswers::~SourceAnswers() {
  for (Answering& one : answering_) one.thread.join();
}

std::unique_ptr<GatewayLink> SourceAnswers::new_link() {
  return std::make_unique<GatewayLink>(config_, identity_.now(), &stopping_, &password_);
}

// SPEC CONN-20: what it heard of is not asked for again before it is to be tried again, however much that is.
SourceAnswers::Known SourceAnswers::what_is_known() {
  Known out;
  const std::lock_guard lock(mutex_);
  const auto now = Steady::now();
  std::erase_if(given_up_, [&](const auto& one) { return one.second <= now; });
  for (const RequestId& one : working_) out.working.push_back(json::string(one.text()));
  out.known = out.working;
  for (const auto& [id, until] : given_up_) {
    if (out.known.size() < kMostKnown) out.known.push_back(json::string(id.text()));
  }
  if (now >= heard_since_ + kTriedAgainAfter) heard_of_.reset();
  if (!heard_of_) heard_since_ = now;
  // Without a program it takes nothing that another connector of the organisation could answer. SPEC CONN-65
  const std::size_t room = std::min(kMostAtOnce, kMostAsked - std::min(kMostAsked, asked_.size()));
  out.wanted = config_.answer.program.empty() ? 0 : room;
  out.after = heard_of_;
  return out;
}

void SourceAnswers::take_work(const json::value& work) {
  join_those_that_are_over();
  const Result<UtcTime> theirs = parse_rfc3339(text_in(work, "time"));
  const json::value* requests = work.get_object().if_contains("requests");
  if (!requests || !requests->is_array()) return;
  for (const json::value& one : requests->get_array()) {
    const Result<RequestId> id = RequestId::parse(text_in(one, "id"));
    const Result<UtcTime> opened = parse_rfc3339(text_in(one, "opened"));
    if (!id || !opened) continue;
    const std::string flik = text_in(one, "flik");
    const std::lock_guard lock(mutex_);
    // Not of what is so new that another one may yet come before it; that is known by its id.
    if (theirs && *opened + kMayYetCome <= *theirs)
      heard_of_ = json::object{{"opened", to_rfc3339(*opened)}, {"id", id->text()}};
    if (working_.contains(*id) || given_up_.contains(*id)) continue;
    if (config_.answer.program.empty() || !is_flik(flik)) {
      // A flik is a folder's name here: whatever else the gateway calls it leads nowhere.
      if (is_flik(flik))
        spdlog::info("a document is asked for in flik `{}`: people answer it in the portal", flik);
      else
        spdlog::warn("a document is asked for in what is no flik: people are to look at it in the portal");
      given_up_[*id] = Steady::now() + kTriedAgainAfter;
      continue;
    }
    working_.insert(*id);
    asked_.push_back(one.get_object());
    if (answerers_ >= kMostAnswering) continue;
    ++answerers_;
    const auto is_over = std::make_shared<std::atomic<bool>>(false);
    answering_.push_back({std::thread([this, is_over] {
                            answer_requests();
                            *is_over = true;
                          }),
                          is_over});
  }
}

// One after the other, as long as there are any.
void SourceAnswers::answer_requests() {
  std::unique_ptr<GatewayLink> link;  // made when the gateway is to be told something
  while (std::optional<json::object> request = next_request()) answer_request(std::move(*request), link);
}

// None: whoever asks for it ends. Under one lock, so that what comes next finds them or makes another.
std::optional<json::object> SourceAnswers::next_request() {
  const std::lock_guard lock(mutex_);
  if (asked_.empty() || stopping_) {
    --answerers_;
    return std::nullopt;
  }
  std::optional<json::object> out(std::move(asked_.front()));
  asked_.pop_front();
  return out;
}

// A thread that nobody joins keeps its memory.
void SourceAnswers::join_those_that_are_over() {
  for (auto one = answering_.begin(); one != answering_.end();) {
    if (!*one->is_over) {
      ++one;
      continue;
    }
    one->thread.join();
    one = answering_.erase(one);
  }
}

// SPEC CONN-47: what is not whole is not sent, and what failed is left to people.
void SourceAnswers::answer_request(json::object request, std::unique_ptr<GatewayLink>& link) {
  const std::string text = text_in(request, "id");
  const RequestId id = RequestId::parse(text).value();
  Message message;
  message.id = answer_id(text);
  message.number = text_in(request, "number");
  message.handle = text_in(request, "person");
  message.flik = text_in(request, "flik");
  message.author = config_.folder.author;
  message.name = "answer-" + text.substr(0, 8);
  message.request = text;
  message.taken = clock_.wall();
  bool is_queued = false;
  {
    const std::lock_guard lock(outbox_mutex_);
    is_queued = outbox_.has(message.id);
  }
  ProgramAnswer answer;
  if (!is_queued) answer = run_answer_program(config_.answer, request, outbox_.data(message.id), message, stopping_);
  if (!is_queued && answer.how == Answered::found) {
    message.state = MessageState::queued;
    const std::lock_guard lock(outbox_mutex_);
    const Result<void> kept = outbox_.keep(message);
    if (!kept) answer = {Answered::failed, kept.error().message};
  }
  if (answer.how == Answered::nothing) {
    if (!link || link->identity().fingerprint() != identity_.now()->fingerprint()) link = new_link();
    const UtcTime now = clock_.wall();
    Question question;
    question.method = "POST";
    question.target = "/v1/acts";
    question.headers["Content-Type"] = "application/json";
    question.staff = link->identity().file().staff;
    question.body = json_bytes(json::object{{"id", answer_id("declined " + text).text()},
                                            {"audience", link->identity().file().gateway},
                                            {"issued", to_rfc3339(now)},
                                            {"expires", to_rfc3339(now + 1h)},
                                            {"act", json::object{{"kind", "decline_source_request"}, {"id", text}}}});
    const Outcome<HttpAnswer> said = link->ask(std::move(question));
    if (!said || said->status != 200)
      spdlog::warn("what was asked for is not there, and that could not be told");
    else
      spdlog::info("what was asked for is not there: told");
  }
  if (answer.how == Answered::failed && !is_queued)
    spdlog::warn("the program did not answer a request in flik `{}`: {}; people are to answer it", message.flik,
                 answer.why);
  {
    const std::lock_guard lock(mutex_);
    working_.erase(id);
    given_up_[id] = Steady::now() + kTriedAgainAfter;
  }
  on_end_();
}

}  // namespace flikvakt::connector
