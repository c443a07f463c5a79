// Orders, policies and frames: what is wrong is refused before anything is started, and what a child says is not
// believed.
#include "partition/words.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "partition/frame.h"
#include "tests/dissect/orders.h"

namespace flikvakt::partition {
namespace {

using dissect::order_of;

TEST(Order, ARightOneIsTaken) { EXPECT_TRUE(check_order(order_of("application/pdf"))); }

// SPEC PART-3, PART-4
TEST(Order, AWrongOneIsRefused) {
  const auto refused = [](auto change) {
    Order order = order_of("application/pdf");
    change(order);
    return !check_order(order);
  };
  EXPECT_TRUE(refused([](Order& order) { order.token_seed = "AAAA"; }));
  EXPECT_TRUE(refused([](Order& order) { order.parts.push_back(order.parts.front()); }));
  EXPECT_TRUE(refused([](Order& order) { order.parts.front().takes.clear(); }));
  EXPECT_TRUE(refused([](Order& order) { order.parts.front().name.clear(); }));
  EXPECT_TRUE(refused([](Order& order) { order.parts.front().takes = {TakePages{0, 1}}; }));
  EXPECT_TRUE(refused([](Order& order) { order.parts.front().takes = {TakePages{3, 2}}; }));
  EXPECT_TRUE(refused([](Order& order) { order.parts.front().takes = {TakeHeading{""}}; }));
  EXPECT_TRUE(refused([](Order& order) { order.parts.front().takes.assign(257, TakeWhole{}); }));
  EXPECT_TRUE(refused([](Order& order) { order.preview_dpi = 101; }));
  EXPECT_TRUE(refused([](Order& order) {
    for (int i = 0; i < 64; ++i) order.parts.push_back({"part " + std::to_string(i), {TakeWhole{}}});
  }));
}

// SPEC PART-20
TEST(Policy, EveryKindHasADefaultAndOnlyTheActionsOfTheTable) {
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<FindingKind>>([](auto kind) {
    const std::vector<Action> allowed = actions_for(kind.value);
    ASSERT_FALSE(allowed.empty());
    EXPECT_EQ(action_for({}, kind.value), allowed.front());
    EXPECT_NE(std::ranges::find(allowed, Action::refuse), allowed.end()) << kind.name;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<Action>>([&](auto action) {
      const bool is_allowed = std::ranges::find(allowed, action.value) != allowed.end();
      EXPECT_EQ(check_policy({{kind.value, action.value}}).has_value(), is_allowed) << kind.name << action.name;
      if (is_allowed) EXPECT_EQ(action_for({{kind.value, action.value}}, kind.value), action.value);
    });
  });
}

TEST(Policy, TwoRulesForOneKindAreRefused) {
  EXPECT_FALSE(check_policy({{FindingKind::comment, Action::strip}, {FindingKind::comment, Action::refuse}}));
}

Bytes json_of(const Bytes& frame) { return {frame.begin() + kFrameHeadBytes, frame.end()}; }

TEST(Frame, AnOrderIsReadAsItWasWritten) {
  Order order =
      order_of("application/pdf", {{"a", {TakePages{1, 2}, TakeBookmark{"b"}, TakeHeading{"h"}}},
                                   {"b",
                                    {TakeSection{"1-2"}, TakeTemplate{"1.2"}, TakeResources{"Observation", "lab"},
                                     TakeResources{"Condition", std::nullopt}, TakeWhole{}}}});
  order.policy = {{FindingKind::comment, Action::refuse}};
  const Bytes frame = order_head(order, 17);
  const Result<FrameHead> head = read_order_head(BytesView(frame).first(kFrameHeadBytes));
  ASSERT_TRUE(head);
  EXPECT_EQ(head->body_bytes, 17u);
  const Result<Order> read = read_order(as_text(json_of(frame)));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, order);
}

// SPEC PART-44
TEST(Frame, AHeadThatIsNoneOrTooLargeIsRefused) {
  const Bytes frame = order_head(order_of("text/plain"), 1);
  Bytes head(frame.begin(), frame.begin() + kFrameHeadBytes);
  EXPECT_TRUE(read_order_head(head));
  EXPECT_FALSE(read_answer_head(head));
  EXPECT_FALSE(read_order_head(BytesView(head).first(15)));
  Bytes large = head;
  large[8] = 1;  // the file's length, beyond 2^48
  EXPECT_FALSE(read_order_head(large));
  large = head;
  large[4] = 0x7f;
  EXPECT_FALSE(read_order_head(large));
}

Outcome one_part() {
  Outcome outcome;
  outcome.report.parts.push_back({"all", "text/plain", 3, {}, {}, {2}});
  outcome.bytes.push_back({{'a', 'b', 'c'}, {{'p', 'q'}}});
  return outcome;
}

TEST(Frame, AnAnswerIsReadAsItWasWritten) {
  const Bytes frame = answer_frame(one_part());
  const Result<FrameHead> head = read_answer_head(BytesView(frame).first(kFrameHeadBytes));
  ASSERT_TRUE(head);
  const BytesView rest = BytesView(frame).subspan(kFrameHeadBytes);
  const Result<Outcome> read =
      read_answer(order_of("text/plain"), as_text(rest.first(head->json_bytes)), rest.subspan(head->json_bytes));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->report, one_part().report);
  EXPECT_EQ(read->bytes.front().document, one_part().bytes.front().document);
  EXPECT_EQ(read->bytes.front().previews, one_part().bytes.front().previews);
}

// SPEC PART-45
TEST(Frame, AnAnswerThatDoesNotAddUpIsRefused) {
  const auto refused = [](auto change, std::string_view body = "abcpq") {
    Report report = one_part().report;
    change(report);
    return !read_answer(order_of("text/plain"), to_text(to_json(report)), as_bytes(body));
  };
  EXPECT_FALSE(refused([](Report&) {}));
  EXPECT_TRUE(refused([](Report&) {}, "abcpqr"));
  EXPECT_TRUE(refused([](Report&) {}, "abcp"));
  EXPECT_TRUE(refused([](Report& report) { report.parts.front().size = -1; }));
  EXPECT_TRUE(refused([](Report& report) { report.parts.front().name = "another"; }));
  EXPECT_TRUE(refused([](Report& report) { report.refusal = Refusal{}; }));
}

}  // namespace
}  // namespace flikvakt::partition
