// One lane's races, one after the other. A race: somebody reads, over one or several connections; somebody narrows; and
// the server's own order is held against the acknowledgement. Every choice comes from the seed.
#pragma once

#include <array>
#include <random>

#include "tests/gateway/races_client.h"
#include "tests/gateway/races_kinds.h"

namespace flikvakt::gateway::test {

#ifdef __SANITIZE_THREAD__
inline constexpr int kSlowness = 10;
#else
inline constexpr int kSlowness = 1;
#endif
inline constexpr auto kPatience = 30s * kSlowness;

enum class Moment { act_first, together, after_head, mid_body, near_end, stalled };

// What one acknowledgement was, seen from the server.
struct Acknowledgement {
  std::mutex mutex;
  Stamp stamp = 0;
  std::vector<int> descriptors;           // of the readers
  std::vector<std::uint64_t> at_clients;  // what had arrived at each by then
  void given(Stamp at);
  Stamp when();
};

class RaceLane {
public:
  RaceLane(RaceWorld& world, LanePeople& people, std::size_t number, std::uint64_t seed);
  void run(std::size_t races);
  // What the checks are checked with: what is revoked is another fullmakt than the one that is read under.
  void race_with_the_wrong_fullmakt();
  RaceCounts counts;

private:
  struct Reader {
    std::unique_ptr<RaceClient> client;
    std::size_t length = 0;     // of what it asks for
    std::size_t most = 262144;  // to read at once
    Stamp asked = 0;
    bool opens = true;  // a reading; false: asks for a range of one that is open
    bool is_bystander = false;
    bool stands_still = false;
  };
  struct Plan {
    Narrowing narrowing;
    std::optional<Narrowing> second;
    Path path;
    Moment moment;
    std::size_t size;
    std::size_t connections;
    bool ranges;
    bool whole_ranges;  // each of the whole document: the first to come to its end closes the reading of all
    bool slow;          // a small receive buffer
    bool reads_on;      // while the act is on its way
    double fraction;    // of the body, before the act
    std::chrono::microseconds pause;
    bool bystander;
    bool over_tls_again;             // the new read after the acknowledgement
    std::chrono::milliseconds life;  // of what expires
  };
  using Shared = std::shared_ptr<Acknowledgement>;

  Plan make_plan();
  std::size_t any_size();
  void race(const Plan& plan);

  // Reading.
  void connect(const Plan& plan, std::vector<Reader>& readers);
  void open_for_ranges(const Plan& plan, std::vector<Reader>& readers);
  void ask(const Plan& plan, std::vector<Reader>& readers);
  void read_until_moment(const Plan& plan, std::vector<Reader>& readers);
  void wait_for_end(const Plan& plan, std::vector<Reader>& readers, const Shared& acknowledgement);
  bool pump(std::vector<Reader>& readers, bool everybody, std::chrono::milliseconds patience);
  bool finish(RaceClient& client);
  std::unique_ptr<RaceClient> connection(const Plan& plan, Path path);
  std::string read_request(const Reader& reader, Path path, const std::string& target, std::string_view range);
  const TestOrganisation& organisation_of(Path path) const;
  StaffId staff_of(Path path) const;
  const certs::IssuedIdentity& identity_of(Path path) const;
  const std::string& bearer_of(const TestOrganisation& organisation, const StaffId& staff,
                               const certs::IssuedIdentity& identity);

  // Narrowing.
  void fire(const Plan& plan, const Shared& acknowledgement);
  void send_act(Narrowing narrowing, std::size_t which, const Shared& acknowledgement);
  policy::Act act_of(Narrowing narrowing);
  policy::SparrTerms any_sparr();
  void apply_crl(const Shared& acknowledgement);
  void probe(const Plan& plan, const Shared& acknowledgement);
  service::Command reading_command(const Plan& plan) const;

  // Judging.
  void judge(const Plan& plan, std::vector<Reader>& readers, Acknowledgement& acknowledgement);
  bool judge_reader(const Plan& plan, Reader& reader, Stamp acknowledged);
  void judge_bytes(const Reader& reader, std::uint64_t at_client);
  void note_lateness(const SendEvent& last);
  void read_anew(const Plan& plan);
  void fault(const std::string& what);

  // Giving, and giving back.
  void give_for_a_while(const Plan& plan);
  void restore(const Plan& plan);
  void restore_one(Narrowing narrowing, bool needs_fullmakt);
  void sign(Path path, UtcTime valid_to);
  void person_must(const policy::Act& act);
  std::uint64_t consent_version();

  // Doors.
  RaceClient& portal(std::size_t which);
  RaceClient& administration();
  RaceClient& region();
  void person_asks(RaceClient& client, const json::value& act, std::optional<std::uint64_t> seen);
  void administrator_asks(RaceClient& client, const json::value& act);
  void staff_asks(RaceClient& client, const StaffId& staff, json::value act);
  const std::string& handle();

  std::uint64_t below(std::uint64_t most) { return random_() % most; }
  bool chance(unsigned percent) { return below(100) < percent; }

  RaceWorld& world_;
  LanePeople& people_;
  const std::size_t number_;
  std::mt19937_64 random_;
  std::string what_;  // of the race that runs, for faults

  std::uint64_t seen_ = 0;  // the person's consent version, as far as known
  std::map<Path, FullmaktId> fullmakter_;
  std::string handle_;
  struct Bearer {
    std::string text;
    UtcTime until;
  };
  std::map<std::string, Bearer> bearers_;
  std::array<std::unique_ptr<RaceClient>, 2> portals_;
  std::unique_ptr<RaceClient> administration_, region_;
  std::map<Path, std::vector<std::unique_ptr<RaceClient>>> idle_;

  // Of the race that runs.
  Path path_ = Path::organisation;
  SparrId sparr_;
  std::string reading_;                         // whose ranges are read
  std::optional<certs::IssuedIdentity> fresh_;  // the certificate that a list is about to revoke
  UtcTime runs_out_{};
  std::vector<RaceClient*> acting_;
  std::atomic<bool> own_act_is_fine_{false};
  bool probed_ = false;
};

}  // namespace flikvakt::gateway::test
