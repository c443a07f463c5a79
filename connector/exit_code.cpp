#include "connector/exit_code.h"

#include <stdexcept>

namespace flikvakt::connector {

void throw_exception_from_error(const Trouble& trouble, const boost::source_location&) {
  throw std::runtime_error(trouble.message);
}

Trouble disk_trouble(const Error& error) {
  const bool is_disk = error.code == ErrorCode::out_of_space || error.code == ErrorCode::io;
  return trouble(is_disk ? ExitCode::disk : ExitCode::fault, error.message);
}

}  // namespace flikvakt::connector
