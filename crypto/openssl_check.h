// For .cpp files of this folder: a call into OpenSSL that can only fail for want of memory or through our own mistake.
#pragma once

#include <stdexcept>
#include <string>

namespace flikvakt::crypto::detail {

inline void must(bool succeeded, const char* doing) {
  if (!succeeded) [[unlikely]]
    throw std::runtime_error(std::string("openssl refused: ") + doing);
}

}  // namespace flikvakt::crypto::detail
