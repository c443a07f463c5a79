// What people are told by the notice hook: whether, when and of what by the entries of the log alone; with which
// number, and that they have not died, by the directory of now. Format and which acts are told: spec/notice-hook.md.
#pragma once

#include <chrono>
#include <map>
#include <unordered_set>

#include "service/whose_entry.h"

namespace flikvakt::service {

// To a person about something of theirs. (policy::Notice is another thing: to an organisation, about a fullmakt.)
struct PersonNotice {
  std::string id;  // the same each time the entry is read, and no other entry's
  std::uint64_t entry = 0;
  UtcTime time;
  std::string_view kind;
  PersonId person;  // their number only when the line is given: what waits must not outlive an erasure
};

// SPEC HOOK-6, HOOK-10: one line of JSON, with its end, as things are now. nullopt: the person has died or is erased.
std::optional<std::string> line_of(const PersonNotice& notice, const Directory& directory);

// How the person whom an entry concerns is told of it; empty: not at all.
std::string_view told_as(const audit::ActPart& act);

// Follows the log. One thread.
class PersonNotices {
public:
  // From entry `from` on, at most the size of the log at the start. `quiet`: how often a person hears of readings.
  static Result<PersonNotices> begin(Core& core, const Places& places, std::uint64_t from, std::chrono::minutes quiet,
                                     const KeepOn& keep_on);

  // Of the next entries, a bounded number of them, before `end`. An error: nothing was read.
  Result<std::vector<PersonNotice>> read(std::uint64_t end);
  std::uint64_t next() const { return next_; }  // entry

private:
  PersonNotices(Core& core, WhoseEntry whose, std::uint64_t next, std::chrono::minutes quiet);
  struct Entry {
    std::uint64_t index = 0;
    audit::Leaf leaf;
    Bytes act;
  };
  Result<std::vector<Entry>> entries_before(std::uint64_t end);
  std::optional<PersonNotice> notice_of(const Entry& entry);
  bool is_first_of_window(const PersonId& person, audit::ActKind kind, UtcTime time);

  Core& core_;
  WhoseEntry whose_;
  audit::ForbundEntryKeys forbund_;
  std::uint64_t next_;
  const std::chrono::minutes quiet_;
  UtcTime window_{};
  std::map<audit::ActKind, std::unordered_set<PersonId>> told_;  // in this window, of what is told once in each
};

}  // namespace flikvakt::service
