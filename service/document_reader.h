// The plaintext of one range of an opened document, piece by piece, straight into the caller's buffer. One thread.
#pragma once

#include "service/open_document.h"

namespace flikvakt::service {

class DocumentReader {
public:
  // Bytes [from, to) of the document; to is at most its size.
  DocumentReader(OpenedDocument document, std::uint64_t from, std::uint64_t to);

  // Fills `out` up to the end of one chunk of the envelope; 0 at the end of the range. corrupt: the object is damaged.
  Result<std::size_t> read(std::span<std::uint8_t> out);

  const OpenedDocument& document() const { return document_; }

private:
  OpenedDocument document_;
  std::uint64_t at_;
  std::uint64_t to_;
};

}  // namespace flikvakt::service
