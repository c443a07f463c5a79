// The one writing connection of a database. Internal to store/.
#pragma once

#include <memory>
#include <optional>

#include "store/sqlite.h"

namespace flikvakt::store {

struct Writer {
  std::unique_ptr<Connection> connection;
  bool in_transaction = false;
  std::optional<Error> doubt;  // why nobody knows what reached the disk; set once, never cleared
};

}  // namespace flikvakt::store
