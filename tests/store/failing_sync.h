// Lets the next syncs of this process fail with EIO, as a dying disk does.
#pragma once

namespace flikvakt::store {

class FailingSync {
public:
  explicit FailingSync(int calls_that_still_work = 0);
  ~FailingSync();
};

}  // namespace flikvakt::store
