#include "bench/process/grow.h"

#include <atomic>
#include <future>
#include <thread>

#include "crypto/canonical_json.h"
#include "crypto/jws.h"
#include "crypto/random.h"
#include "service/deposit.h"
#include "service/handles.h"
#include "service/joint_act.h"
#include "service/sent_act.h"

namespace flikvakt::bench {
namespace {

using namespace policy;
using namespace std::chrono_literals;
using service::Command;
using service::CommandResult;
using service::SentAct;

// Each waits for its own disk syncs, which the key store, the sequencer and the file system put together.
constexpr std::size_t kThreads = 48;

struct Individual {
  std::string number;
  crypto::SigningKey key;
  PersonId id;
};

// Runs `act(i)` for i in [0, count); the first exception ends it and is thrown here.
void at_once(std::size_t count, const std::function<void(std::size_t)>& act) {
  std::atomic<std::size_t> next{0};
  std::vector<std::future<void>> threads;
  for (std::size_t t = 0; t < std::min(kThreads, count); ++t) {
    threads.push_back(std::async(std::launch::async, [&] {
      try {
        for (std::size_t i = next++; i < count; i = next++) act(i);
      } catch (...) {
        next = count;
        throw;
      }
    }));
  }
  for (auto& thread : threads) thread.wait();
  for (auto& thread : threads) thread.get();
}

class Growth {
public:
  Growth(Cast& cast, const GrowPlan& plan) : cast_(cast), plan_(plan) {}

  std::vector<DocumentId> run() {
    for (std::size_t i = 0; i < plan_.people; ++i) {
      people_.push_back(
          {bench_number(plan_.earlier_people + i), crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519), {}});
    }
    at_once(people_.size(), [&](std::size_t i) { enrol(people_[i]); });
    at_once(people_.size(), [&](std::size_t i) { sign_all(people_[i]); });
    const std::size_t everybody = plan_.earlier_people + plan_.people;
    std::vector<DocumentId> documents(plan_.documents);
    at_once(documents.size(), [&](std::size_t i) { documents[i] = deposit(bench_number(i % everybody), i); });
    return documents;
  }

private:
  service::Core& core() { return cast_.core(); }

  CommandResult wait_for(Command command) {
    std::promise<CommandResult> promise;
    service::perform(core(), std::move(command), [&](CommandResult result) { promise.set_value(std::move(result)); });
    return promise.get_future().get();
  }

  SentAct sent(const Act& act, const std::string& handle) {
    SentAct out;
    out.id = crypto::random_id<ActId>();
    out.audience = cast_.file().audience;
    out.issued = core().clock().wall();
    out.expires = out.issued + 1h;
    out.act = act_to_json(act);
    if (!handle.empty()) out.act.get_object()["person"] = handle;
    return out;
  }

  void by_staff(const Member& member, const Act& act, const std::string& number) {
    const OrganisationId& organisation = member.actor().organisation;
    const std::string handle = must(service::handle_for(core().keys(), organisation, number, core().clock()));
    const SentAct sending = sent(act, handle);
    const std::string text = crypto::canonical(to_json(sending));
    const auto as_read = must(from_json<SentAct>(must(parse_json(text))));
    Command command =
        must(service::make_command(core(), member.actor(), as_read, to_bytes(as_bytes(text)), organisation));
    command.evidence->assertion = member.assertion(core().clock().wall());
    must(wait_for(std::move(command)), "an act of staff");
  }

  void by_person(const Individual& person, const Act& act, std::uint64_t seen) {
    const Fingerprint thumbprint = person.key.public_key().thumbprint();
    SentAct sending = sent(act, {});
    sending.seen_version = seen;
    const std::string text = crypto::canonical(to_json(sending));
    const std::string jws =
        must(crypto::sign_jws(person.key, service::kPersonActJws, service::kid_of(thumbprint), as_bytes(text)));
    const auto as_read = must(from_json<SentAct>(must(parse_json(text))));
    Command command = must(service::make_command(core(), PersonActor{person.id, thumbprint}, as_read,
                                                 to_bytes(as_bytes(jws)), OrganisationId()));
    must(wait_for(std::move(command)), "an act of a person");
  }

  void enrol(Individual& person) {
    const crypto::PublicKey& key = person.key.public_key();
    by_staff(cast_.registrar(), ProposeKey{{}, key.to_jwk(), key.thumbprint()}, person.number);
    by_staff(cast_.confirmer(), ConfirmKey{{}, key.thumbprint()}, person.number);
    const auto known = core().directory().device_key(key.thumbprint());
    if (!known) throw std::runtime_error("a person who was enrolled is not there");
    person.id = known->person;
  }

  void sign_all(const Individual& person) {
    const CommandResult overview = core().decide(
        Command{PersonActor{person.id, person.key.public_key().thumbprint()}, ReadOverview{}, {}, {}, {}, {}, {}});
    must(overview, "an overview");
    const std::uint64_t version = std::get<Overview>(overview.answer).person.consent_version;
    for (std::size_t i = 0; i < plan_.fullmakter; ++i) by_person(person, fullmakt(i), version + i);
  }

  // The first opens the documents to the reader; the others are for other purposes.
  SignFullmakt fullmakt(std::size_t i) {
    const UtcTime now = core().clock().wall();
    SignFullmakt act;
    act.id = crypto::random_id<FullmaktId>();
    act.text = "Jag låter kommunen läsa mina journaler.";
    act.terms.disclosers = {cast_.depositor().actor().organisation};
    act.terms.recipients = {{RecipientKind::organisation, cast_.reader().actor().organisation.value()}};
    act.terms.flikar = {cast_.file().flik};
    act.terms.purpose = i == 0 ? cast_.file().purpose : "annat-" + std::to_string(i);
    act.terms.rights = {Right::read};
    act.terms.valid_from = now - 1h;
    act.terms.valid_to = now + 24h * 90;
    act.terms.secrecy_consent = "osl-10-1";
    act.terms.legal_ground = "gdpr-6-1-e";
    act.terms.language = "sv";
    act.terms.text_sha256 = crypto::sha256(as_bytes(act.text));
    return act;
  }

  DocumentId deposit(const std::string& person, std::size_t i) {
    const Bytes content = bench_content(i, plan_.bytes);
    BeginDeposit begin;
    begin.id = crypto::random_id<DepositId>();
    begin.facts.flik = cast_.file().flik;
    begin.facts.title = "Anteckning";
    begin.facts.author = "Maja Fiktelius";
    begin.facts.date = Date{std::chrono::year{2026} / 11 / 1};
    begin.facts.media_type = "application/pdf";
    begin.facts.size = content.size();
    begin.facts.sha256 = crypto::sha256(content);
    by_staff(cast_.depositor(), begin, person);
    const StaffActor& depositor = cast_.depositor().actor();
    const auto announced = service::find_deposit(core(), depositor, begin.id);
    if (!announced) throw std::runtime_error("a deposit that was begun is not there");
    service::Upload upload = must(service::receive(core(), depositor, *announced));
    must(upload.push(content));
    std::promise<service::SealOutcome> sealed;
    // Its bytes are no file of any kind: they are sealed as if this gateway had made them.
    const service::ContentGate gate{[](const Deposit&) { return std::optional(DepositPlan{}); }, {}};
    must(std::move(upload).seal(core(), gate,
                                [&](service::SealOutcome outcome) { sealed.set_value(std::move(outcome)); }));
    const service::SealOutcome outcome = sealed.get_future().get();
    must(outcome.result, "sealing a deposit");
    return outcome.document;
  }

  Cast& cast_;
  const GrowPlan plan_;
  std::vector<Individual> people_;
};

char check_digit(std::string_view nine) {
  int sum = 0;
  for (std::size_t i = 0; i < nine.size(); ++i) {
    const int doubled = (nine[i] - '0') * (i % 2 == 0 ? 2 : 1);
    sum += doubled / 10 + doubled % 10;
  }
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

}  // namespace

Bytes bench_content(std::size_t number, std::size_t bytes) {
  Bytes out = to_bytes(as_bytes(std::string_view("%PDF-1.7\n")));
  for (std::size_t block = 0; out.size() < bytes; ++block) {
    const crypto::Hash256 hash =
        crypto::sha256(as_bytes("bench " + std::to_string(number) + " " + std::to_string(block)));
    out.insert(out.end(), hash.begin(), hash.end());
  }
  out.resize(bytes);
  return out;
}

std::string bench_number(std::size_t person) {
  if (person >= kMostPeople) throw std::runtime_error("there are no more numbers for people");
  const std::chrono::sys_days day =
      std::chrono::sys_days(std::chrono::year{1900} / 1 / 2) + std::chrono::days(person / 20);
  const std::chrono::year_month_day date(day);
  char text[16];
  std::snprintf(text, sizeof text, "%04d%02u%02u%03zu", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), 980 + person % 20);
  return std::string(text) + check_digit(std::string_view(text).substr(2));
}

std::vector<DocumentId> grow(Cast& cast, const GrowPlan& plan) { return Growth(cast, plan).run(); }

}  // namespace flikvakt::bench
