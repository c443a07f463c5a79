#include "bench/process/withdrawal.h"

#include <algorithm>
#include <stdexcept>

#include "bench/process/cpu_time.h"
#include "crypto/random.h"
#include "tests/policy/world.h"

namespace flikvakt::bench {
namespace {

using namespace policy;

// Everyone has a kontrakt with the provider, a fullmakt under it and a document; the first of them are being read.
class Clients {
public:
  Clients(std::size_t people, std::size_t readings) {
    world_.let_provider_read();
    for (std::size_t i = 0; i < people; ++i) add_person(i < readings);
    authorisation_ = world_.get<Authorisation>(world_.authorisation);
  }

  void withdraw() {
    const Outcome out = evaluate(world_.state, AdministratorActor{world_.anna}, EndAuthorisation{authorisation_.id},
                                 Moment{world_.now, {}, {}, false, {}});
    if (!out.decision.is_permitted()) throw std::runtime_error("the authorisation was not withdrawn");
    world_.carry_out(out);
  }
  void give_back() { world_.state.put(authorisation_); }

  void decide_readings_again(Verdict expected) const {
    const Actor reader = world_.staff(world_.provider_staff);
    for (const Reading& reading : readings_) {
      if (decide_continue(world_.state, reading, reader, world_.now).verdict != expected)
        throw std::runtime_error("a running reading is not decided as expected");
    }
  }

private:
  template <class T>
  T copy_for(const typename T::Key& sample, const PersonId& person) {
    T out = world_.get<T>(sample);
    out.id = crypto::random_id<typename T::Key>();
    out.person = person;
    return out;
  }

  void add_person(bool is_read) {
    Person person = world_.get<Person>(world_.person);
    person.id = crypto::random_id<PersonId>();
    Kontrakt kontrakt = copy_for<Kontrakt>(world_.kontrakt, person.id);
    Document document = copy_for<Document>(world_.document, person.id);
    Fullmakt fullmakt = copy_for<Fullmakt>(world_.fullmakt, person.id);
    fullmakt.terms.kontrakt = kontrakt.id;
    if (is_read) {
      readings_.push_back({crypto::random_id<ReadingId>(),
                           document.id,
                           person.id,
                           fullmakt.id,
                           {},
                           world_.provider_staff,
                           world_.provider,
                           policy::test::kPurpose,
                           world_.now});
    }
    world_.state.put(std::move(person));
    world_.state.put(std::move(kontrakt));
    world_.state.put(std::move(document));
    world_.state.put(std::move(fullmakt));
  }

  policy::test::World world_;
  Authorisation authorisation_;
  std::vector<Reading> readings_;
};

template <class Do>
double microseconds_of(const Do& act) {
  const double start = thread_cpu_seconds();
  act();
  return (thread_cpu_seconds() - start) * 1e6;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

json::object measure_withdrawal(std::size_t fullmakter, std::size_t readings, int runs) {
  Clients clients(fullmakter, readings);
  std::vector<double> withdraw, cut;
  for (int run = 0; run < std::max(1, runs); ++run) {
    clients.decide_readings_again(Verdict::permitted);
    withdraw.push_back(microseconds_of([&] { clients.withdraw(); }));
    cut.push_back(microseconds_of([&] { clients.decide_readings_again(Verdict::refused); }));
    clients.give_back();
  }
  return {{"fullmakter", fullmakter},
          {"readings", std::min(readings, fullmakter)},
          {"withdraw_us", median(withdraw)},
          {"cut_us", median(cut)}};
}

}  // namespace flikvakt::bench
