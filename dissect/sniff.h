// What kind of file it is, by its announced media type and its bytes together.
#pragma once

#include "dissect/job.h"

namespace flikvakt::dissect {

enum class FileKind { pdf, json, xml, text, png, jpeg, docx, odt };

// Throws Refused: unsupported (no such media type is taken), mislabelled, polyglot (the bytes are a second kind, too).
FileKind sniff(std::string_view media_type, BytesView file);

}  // namespace flikvakt::dissect
