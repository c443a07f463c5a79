// What waits to be deposited, durably: each message is two files of the state folder, `outbox/<id>.json` (what it is
// and how far it has come, replaced as a whole) and `outbox/<id>.data` (the document). The id of a message is that of
// its deposit for ever, so that however often the line breaks there is one document for one file. spec/connector.md,
// CONN-34. One thread at a time but for count().
#pragma once

#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <set>
#include <vector>

#include "base/ids.h"
#include "base/json.h"
#include "connector/exit_code.h"

namespace flikvakt::connector {

// SPEC PART-44: what the gateway takes.
inline constexpr std::uint64_t kLargestDocument = std::uint64_t{64} << 20;

inline constexpr std::size_t kLongestName = 200;  // bytes of a title, and of an author

// taking: the document may still lie where it was dropped. queued, begun: to be sent. done, refused: to be moved away.
enum class MessageState { taking, queued, begun, done, refused };
BOOST_DESCRIBE_ENUM(MessageState, taking, queued, begun, done, refused)

struct Message {
  DepositId id;
  MessageState state = MessageState::taking;
  std::string number;  // of the person; or
  std::string handle;  // theirs
  std::string flik;
  std::string title;
  std::string author;
  std::string date;
  std::string media_type;
  std::uint64_t size = 0;
  std::string sha256;                          // base64url
  std::string name;                            // of the file as it was dropped
  std::optional<std::string> sidecar;          // its text, to be given back
  std::optional<std::string> sidecar_changed;  // when that was changed last
  std::optional<std::string> request;          // heta linjen: what it answers
  std::optional<std::string> changed;          // when the file was changed last, before it came here
  UtcTime taken;
  std::uint64_t act_number = 0;             // the first announcement is 1; one that expired is followed by another
  std::optional<std::string> announcement;  // as it is sent, word for word
  std::optional<std::string> aside;         // taking over from another mount: its name there until it has come
  std::optional<std::string> reason;        // refused: why, as text_of() makes it
  std::optional<std::string> document;      // done: its id
  std::optional<std::uint64_t> entry;
  std::optional<std::string> time;
  std::optional<std::string> sealed_sha256;  // of what is sealed, when that is not what came
  std::optional<std::string> findings;       // JSON: what was found in it, and done
};
BOOST_DESCRIBE_STRUCT(Message, (),
                      (id, state, number, handle, flik, title, author, date, media_type, size, sha256, name, sidecar,
                       sidecar_changed, request, changed, taken, act_number, announcement, aside, reason, document,
                       entry, time, sealed_sha256, findings))

UtcTime changed_at(const struct stat& file);

class Outbox {
public:
  // Makes the folder when it is not there, and sweeps out what has no row. Messages that were being taken when the
  // machine stopped are gone again (their files lie where they were dropped) unless the document has come, or lies
  // aside: that DepositFolder::look() goes on with.
  static Outcome<Outbox> open(const std::filesystem::path& state);
  Outbox(Outbox&& other) noexcept : folder_(std::move(other.folder_)), count_(other.count_.load()) {}

  // Durable when it returns.
  Result<void> keep(const Message& message);
  Result<void> forget(const DepositId& id);  // both files
  bool has(const DepositId& id) const;
  Result<std::vector<Message>> all() const;  // the oldest first; what cannot be read is left out, and said
  std::filesystem::path data(const DepositId& id) const { return folder_ / (id.text() + ".data"); }

  std::size_t count() const { return count_; }

private:
  explicit Outbox(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::filesystem::path row(const DepositId& id) const { return folder_ / (id.text() + ".json"); }
  std::filesystem::path folder_;
  std::atomic<std::size_t> count_ = 0;
  mutable std::set<std::string> told_;  // rows that cannot be read
};

}  // namespace flikvakt::connector
