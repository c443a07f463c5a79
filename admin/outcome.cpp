#include "admin/outcome.h"

#include <stdexcept>

namespace flikvakt::admin {

void throw_exception_from_error(const Failure& failure, const boost::source_location&) {
  throw std::logic_error("value of a failed outcome: " + failure.message);
}

}  // namespace flikvakt::admin
