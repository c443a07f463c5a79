// Makes the log of a stopped gateway as long as it is told, with the real sequencer: openings by somebody unknown, each
// refused and each one entry. For tests that need a long log; `flikvakt serve` goes on with it.
#include <cstdio>
#include <cstdlib>
#include <semaphore>

#include "admin/open_core.h"
#include "crypto/random.h"
#include "service/open_document.h"

namespace flikvakt {
namespace {

constexpr std::size_t kAtOnce = 512;

// Each answer makes room for the next opening; an answer that is no entry ends the program.
void refuse(service::Core& core, std::uint64_t count) {
  auto room = std::make_shared<std::counting_semaphore<kAtOnce>>(kAtOnce);
  for (std::uint64_t left = count; left > 0;) {
    std::vector<service::Command> together;
    for (std::size_t i = 0; i < 64 && left > 0; ++i, --left) {
      room->acquire();
      service::Command opening = service::opening_of({}, crypto::random_id<DocumentId>(), "rehab");
      opening.done = [room](const service::CommandResult& result) {
        if (result.status != service::CommandStatus::decided || result.decision.is_permitted()) std::abort();
        room->release();
      };
      together.push_back(std::move(opening));
    }
    core.sequencer().submit(std::move(together));
  }
  for (std::size_t i = 0; i < kAtOnce; ++i) room->acquire();
}

// The start of the sequencer is an entry, and so is its stop.
void grow(const std::filesystem::path& data, const std::string& passphrase_file, std::uint64_t size) {
  const admin::MasterKeyPlace place{admin::MasterKeySource::sealed_file, data / "master-key"};
  auto master = admin::read_master_key(place, admin::Passphrases::from_options({passphrase_file}));
  if (!master) throw std::runtime_error(master.error().message);
  const SystemClock clock;
  const auto stop_at_once = [](const Error& error) {
    std::fprintf(stderr, "log_of_size: %s\n", error.message.c_str());
    std::_Exit(3);
  };
  auto core = admin::open_core(data, place, std::move(*master), clock, {stop_at_once, {}});
  if (!core) throw std::runtime_error(core.error().message);
  service::Sequencer& sequencer = (*core)->sequencer();
  refuse(**core, 1);  // behind the start
  const std::uint64_t now = sequencer.log_view().size;
  if (now + 1 > size) throw std::runtime_error("the log has " + std::to_string(now) + " entries already");
  refuse(**core, size - 1 - now);
  sequencer.stop();
  if (sequencer.log_view().size == size) return;
  throw std::runtime_error("the log has " + std::to_string(sequencer.log_view().size) + " entries");
}

}  // namespace
}  // namespace flikvakt

int main(int count, char** words) {
  if (count != 4) {
    std::fprintf(stderr, "log_of_size DATA PASSPHRASE_FILE SIZE\n");
    return 2;
  }
  try {
    flikvakt::grow(words[1], words[2], std::strtoull(words[3], nullptr, 10));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "log_of_size: %s\n", error.what());
    return 1;
  }
}
