// A running connector: asks for work, deposits what is dropped, answers what is asked for, renews its certificate. Each
// on a thread of its own. Ends when it is told to, or when only people can help: then it says why. spec/connector.md
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/files.h"
#include "connector/certificate_renewal.h"
#include "connector/deposit_folder.h"
#include "connector/depositor.h"
#include "connector/gateway_link.h"
#include "connector/retries.h"
#include "connector/shown_password.h"
#include "connector/source_answers.h"
#include "connector/witness_duty.h"

namespace flikvakt::connector {

class LocalApi;
class SiemStream;

class Agent {
public:
  // Opens state and queue; asks nobody yet. Errors as the exit code that they end with. A witness's duty that does not
  // open is said in the log, and the rest goes on without (SPEC CONN-54).
  static Outcome<std::unique_ptr<Agent>> open(const Config& config);
  ~Agent();

  // Until stop(), or a trouble that waiting does not mend.
  Outcome<void> run();
  void stop();  // from any thread; not from a signal handler

private:
  Agent(const Config& config, FileDescriptor lock, Identity identity, Outbox outbox);

  void poll_loop();
  void deposit_loop();
  struct DepositRound {
    Outcome<void> line;  // what ended it, when it is not of one message
    bool got_through = false;
  };
  DepositRound deposit_what_waits(GatewayLink& link, Retries& retries);
  Outcome<void> put_away(const Message& message);
  Outcome<void> poll_once(GatewayLink& link);
  Outcome<void> open_duty();
  void take_log_keys_if_due(GatewayLink& link);
  json::object question_for_work();
  void answer_call(GatewayLink& link, const json::object& call);

  std::unique_ptr<GatewayLink> new_link();
  void look_at_once();  // for what waits in the outbox
  void end_with(Trouble why);
  bool wait_for(std::chrono::milliseconds time);  // false: it stops
  // Does waiting mend it? A removal is asked about twice, so that a hiccup is none.
  bool is_final(const Trouble& trouble);

  const Config& config_;
  const FileDescriptor lock_;  // one connector on one state folder
  const SystemClock clock_{};
  std::mutex mutex_;  // of has_files_, why_ and oldest_, and of whoever waits for `wake_`; no other is taken under it
  std::condition_variable wake_;
  std::atomic<bool> stopping_ = false;
  ShownPassword password_;  // for the proxy; of all that ask
  bool has_files_ = false;  // something new waits in the outbox
  std::optional<Trouble> why_;
  CurrentIdentity identity_;
  Outbox outbox_;
  std::mutex outbox_mutex_;
  DepositFolder folder_;
  std::chrono::seconds waits_;  // its next question, where the way lets it stand so long; of the thread that asks
  CertificateRenewal renewal_;
  std::unique_ptr<WitnessDuty> witness_;  // of the thread that asks for work, once it runs
  std::string log_keys_said_;
  std::chrono::steady_clock::time_point log_keys_asked_{};
  std::chrono::steady_clock::time_point log_keys_due_{};  // at once
  std::unique_ptr<LocalApi> local_api_;
  std::unique_ptr<SiemStream> siem_;
  bool is_ready_ = false;
  int refusals_ = 0;
  std::optional<UtcTime> oldest_;
  SourceAnswers answers_;  // the last one: its threads end before what they use
};

}  // namespace flikvakt::connector
