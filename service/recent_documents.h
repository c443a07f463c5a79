// Documents that were opened not long ago: their files and their envelopes' keys, made ready. Reaching a document's key
// takes three slots of the key store, three unwraps, a derivation and five system calls. Each reading
// is decided and logged all the same: what is kept here is found only with the permit of that reading.
//
// INVARIANT (erased is gone): forget_all() is called, before an erasure is acknowledged, and what was on its way to be
// kept by then is not kept. Thread-safe.
#pragma once

#include <list>
#include <mutex>
#include <unordered_map>

#include "service/logged_permit.h"
#include "store/objects.h"

namespace flikvakt::service {

class RecentDocuments {
public:
  using Object = std::shared_ptr<const store::OpenObject>;

  Object find(const LoggedPermit& permit);

  // How often everything was forgotten so far. Ask before the key is unwrapped.
  std::uint64_t forgotten() const;
  void keep(const LoggedPermit& permit, Object object, std::uint64_t forgotten_before);

  void forget_all();
  std::size_t size() const;

private:
  static constexpr std::size_t kKept = 256;  // each holds a file open

  struct Kept {
    ObjectName name;
    DocumentId document;  // what its key was unwrapped for, and by which key
    KeyId key;
    Object object;
  };
  mutable std::mutex mutex_;
  std::list<Kept> recent_;  // most recently used first
  std::unordered_map<ObjectName, std::list<Kept>::iterator> by_name_;
  std::uint64_t forgotten_ = 0;
};

}  // namespace flikvakt::service
