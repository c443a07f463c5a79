// What an AEAD or a derivation is bound to: a label and a list of fields, encoded so that no two different lists agree:
// the label, then each field, each as a 4-byte big-endian length and its bytes. Never empty: there is always a label.
#pragma once

#include "base/bytes.h"
#include "base/ids.h"
#include "crypto/labels.h"

namespace flikvakt::crypto {

class AssociatedData {
public:
  explicit AssociatedData(Label label) {
    encoded_.reserve(kUsualBytes);
    field(as_bytes(label.text()));
  }

  AssociatedData& field(BytesView bytes) {
    encoded_.u32(static_cast<std::uint32_t>(bytes.size())).bytes(bytes);
    return *this;
  }
  AssociatedData& text(std::string_view text) { return field(as_bytes(text)); }
  AssociatedData& number(std::uint64_t number) {  // a field of eight bytes, big-endian
    encoded_.u32(8).u64(number);
    return *this;
  }
  template <class Tag>
  AssociatedData& id(const Id<Tag>& id) {  // a field of sixteen bytes
    return field(id.value());
  }

  BytesView encoded() const { return encoded_.view(); }

private:
  static constexpr std::size_t kUsualBytes = 192;  // one allocation instead of five
  ByteWriter encoded_;
};

}  // namespace flikvakt::crypto
