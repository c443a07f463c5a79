// multipart/form-data (RFC 7578) with at most one file, read strictly. Pure.
#pragma once

#include "gateway/form.h"

namespace flikvakt::gateway {

struct SentForm {
  Form fields;
  std::string file_name;  // as the browser says, without any path
  Bytes file;             // empty: none was chosen
};

// malformed: no such body, a part that breaks its rules, two files, more than 64 KiB beside the file, text that is no
// text.
Result<SentForm> parse_multipart(std::string_view content_type, BytesView body);

}  // namespace flikvakt::gateway
