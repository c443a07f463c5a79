#include "bench/process/decisions.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <random>
#include <stdexcept>

#include "bench/process/cpu_time.h"
#include "crypto/random.h"
#include "policy/decide.h"
#include "tests/policy/world.h"

namespace flikvakt::bench {
namespace {

using namespace policy;

constexpr std::size_t kEach = 4;  // fullmakter of a person

std::size_t resident_bytes() {
  ::malloc_trim(0);
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (!file) throw std::runtime_error("opening /proc/self/statm");
  unsigned long total = 0;
  unsigned long resident = 0;
  const int read = std::fscanf(file, "%lu %lu", &total, &resident);
  std::fclose(file);
  if (read != 2) throw std::runtime_error("reading /proc/self/statm");
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

class Crowd {
public:
  explicit Crowd(std::size_t fullmakter) : fullmakt_(world_.get<Fullmakt>(world_.fullmakt)) {
    for (std::size_t i = 0; i < std::max<std::size_t>(1, fullmakter / kEach); ++i) add_person();
    const std::size_t before = resident_bytes();
    for (const PersonId& person : people_) add_fullmakter(person);
    fullmakter_bytes_ = resident_bytes() - before;
    std::shuffle(documents_.begin(), documents_.end(), std::minstd_rand(20261128));
  }

  StaffActor reader() const { return world_.staff(world_.reader); }
  std::size_t fullmakter() const { return people_.size() * kEach; }
  double mib_per_million() const {
    return static_cast<double>(fullmakter_bytes_) / static_cast<double>(fullmakter()) * 1e6 / (1u << 20);
  }

  // Microseconds of CPU each (others share the machine); every answer must be the one that is expected.
  template <class Decide>
  double microseconds(double seconds, bool permitted, const Decide& decide) const {
    const double start = thread_cpu_seconds();
    double passed = 0;
    std::uint64_t count = 0;
    do {
      for (int i = 0; i < 1000; ++i, ++count) {
        const Decision decision = decide(world_, documents_[count % documents_.size()]);
        if (decision.is_permitted() != permitted) throw std::runtime_error("a decision is not as expected");
      }
      passed = thread_cpu_seconds() - start;
    } while (passed < seconds);
    return passed * 1e6 / static_cast<double>(count);
  }

private:
  void add_person() {
    const auto id = crypto::random_id<PersonId>();
    people_.push_back(id);
    Person person = world_.get<Person>(world_.person);
    person.id = id;
    world_.state.put(std::move(person));
    Document document = world_.get<Document>(world_.document);
    document.id = crypto::random_id<DocumentId>();
    document.person = id;
    documents_.push_back(document.id);
    world_.state.put(std::move(document));
  }

  // One opens the document to the reader; the others open something to somebody else, or for another purpose.
  void add_fullmakter(const PersonId& person) {
    for (std::size_t i = 0; i < kEach; ++i) {
      Fullmakt one = fullmakt_;
      one.id = crypto::random_id<FullmaktId>();
      one.person = person;
      if (i == 1) one.terms.purpose = "stod";
      if (i == 2) one.terms.flikar = {"plan"};
      if (i == 3) one.terms.recipients = {policy::test::to_organisation(world_.provider)};
      world_.state.put(std::move(one));
    }
  }

  policy::test::World world_;
  const Fullmakt fullmakt_;
  std::vector<PersonId> people_;
  std::vector<DocumentId> documents_;
  std::size_t fullmakter_bytes_ = 0;
};

}  // namespace

json::object measure_decisions(std::size_t fullmakter, double seconds) {
  const Crowd crowd(fullmakter);
  const StaffActor reader = crowd.reader();
  ReadRequest request{reader, {}, policy::test::kPurpose};
  OpenReading act{crypto::random_id<ReadingId>(), {}, policy::test::kPurpose};
  const auto rules = [&](const auto& world, const DocumentId& document) {
    request.document = document;
    return grant_read(world.state, request, world.now).decision;
  };
  const double permitted = crowd.microseconds(seconds, true, rules);
  const double opening = crowd.microseconds(seconds, true, [&](const auto& world, const DocumentId& document) {
    act.document = document;
    return evaluate(world.state, reader, act, Moment{world.now, {}, {}, false}).decision;
  });
  request.purpose = "insats";
  const double refused = crowd.microseconds(seconds, false, rules);
  return {{"fullmakter", crowd.fullmakter()},
          {"permitted_us", permitted},
          {"refused_us", refused},
          {"opening_us", opening},
          {"mib_per_million", crowd.mib_per_million()}};
}

}  // namespace flikvakt::bench
