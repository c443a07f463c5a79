// The framing guard against its vectors, each of which stands under the sentence that it breaks.
#include "gateway/framing_guard.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "tests/gateway/framing_vectors.h"

namespace flikvakt::gateway {
namespace {

class FramingGuardVector : public testing::TestWithParam<FramingVector> {};

TEST_P(FramingGuardVector, GetsItsVerdict) {
  const FramingVector& vector = GetParam();
  const GuardVerdict verdict = check_head(as_bytes(vector.head));
  EXPECT_EQ(verdict.status, vector.status);
  EXPECT_EQ(to_string(verdict.reason), to_string(vector.reason));
}

// A byte-wise sender gets the same end of the block, or the same refusal, as one that sends it at once.
TEST_P(FramingGuardVector, ScansTheSameByteByByte) {
  const BytesView head = as_bytes(GetParam().head);
  const HeadScan whole = scan_head(head);
  HeadScan stepwise;
  for (std::size_t size = 1; size <= head.size() && stepwise.state == HeadScan::State::incomplete; ++size) {
    stepwise = scan_head(head.first(size), size - 1);
  }
  EXPECT_EQ(stepwise.state, whole.state);
  EXPECT_EQ(stepwise.head_bytes, whole.head_bytes);
  EXPECT_EQ(stepwise.reason, whole.reason);
}

INSTANTIATE_TEST_SUITE_P(All, FramingGuardVector, testing::ValuesIn(framing_vectors()),
                         [](const auto& test) { return test.param.name; });

TEST(FramingGuard, HasEnoughVectorsWithDistinctNamesAndBothVerdicts) {
  std::set<std::string> names;
  std::size_t accepted = 0;
  for (const FramingVector& vector : framing_vectors()) {
    names.insert(vector.name);
    if (vector.status == 0) ++accepted;
  }
  EXPECT_EQ(names.size(), framing_vectors().size());
  EXPECT_GE(names.size(), 60u);
  EXPECT_GE(accepted, 15u);
}

TEST(FramingGuard, ReadsLengthExpectationAndConnection) {
  const GuardVerdict verdict =
      check_head(as_bytes("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 123456789012345\r\nExpect: "
                          "100-continue\r\nConnection: x, Close\r\n\r\n"));
  ASSERT_TRUE(verdict.accepted());
  EXPECT_EQ(verdict.content_length, 123456789012345u);
  EXPECT_TRUE(verdict.expects_continue);
  EXPECT_FALSE(verdict.keep_alive);
  EXPECT_EQ(verdict.method, Method::post);
}

// The guard looks at eight bytes at a time: each byte at each place of the eight, among neighbours that its arithmetic
// could confuse with it. `reason_of` says what must become of a value that holds the byte; none: it is accepted.
void expect_at_each_offset(std::string_view field, std::string_view fills,
                           const std::function<GuardReason(unsigned char)>& reason_of) {
  constexpr std::size_t kLength = 17;
  for (int byte = 0; byte < 256; ++byte) {
    const GuardReason expected = reason_of(static_cast<unsigned char>(byte));
    for (const char fill : fills) {
      for (std::size_t offset = 0; offset < kLength; ++offset) {
        std::string value(kLength, fill);
        value[offset] = static_cast<char>(byte);
        const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(field) + ": " + value + "\r\n\r\n";
        const GuardVerdict verdict = check_head(as_bytes(head));
        EXPECT_EQ(to_string(verdict.reason), to_string(expected))
            << "byte " << byte << " at " << offset << " among " << int{static_cast<unsigned char>(fill)};
        EXPECT_EQ(verdict.status, expected == GuardReason::none ? 0u : 400u);
      }
    }
  }
}

GuardReason of_control(unsigned char byte) {
  if (byte == '\n') return GuardReason::bare_lf;
  if (byte == '\r') return GuardReason::bare_cr;
  const bool is_refused = (byte < 0x20 && byte != '\t') || byte == 0x7f;
  return is_refused ? GuardReason::control_character : GuardReason::none;
}

// SPEC HTTP-1
TEST(FramingGuard, RefusesAControlCharacterAtEachOffsetOfAValueAndAcceptsTheRest) {
  expect_at_each_offset("x-a", "a ~\t\x80\xa0\xff", of_control);
}

// SPEC HTTP-1, HTTP-4
TEST(FramingGuard, RefusesAlsoAByteThatIsNotAsciiInAFieldThatIsUsed) {
  expect_at_each_offset("User-Agent", "a ~\t", [](unsigned char byte) {
    return byte >= 0x80 ? GuardReason::bad_field_value : of_control(byte);
  });
}

TEST(FramingGuard, AnEndlessLineIsRefusedAsSoonAsItIsTooLong) {
  const std::string endless(kMaxHeadBytes + 1, 'a');
  EXPECT_EQ(scan_head(as_bytes(endless)).reason, GuardReason::head_too_large);
  EXPECT_EQ(scan_head(as_bytes(endless).first(kMaxHeadBytes)).state, HeadScan::State::incomplete);
}

}  // namespace
}  // namespace flikvakt::gateway
