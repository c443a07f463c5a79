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
  outcome.report.parts.push_back({"all", "application/pdf", 3, {1}, {}, {2}});
  outcome.bytes.push_back({{'a', 'b', 'c'}, {{'p', 'q'}}});
  return outcome;
}

Order with_pictures() {
  Order order = order_of("application/pdf");
  order.preview_dpi = 50;
  return order;
}

TEST(Frame, AnAnswerIsReadAsItWasWritten) {
  const Bytes frame = answer_frame(one_part());
  const Result<FrameHead> head = read_answer_head(BytesView(frame).first(kFrameHeadBytes));
  ASSERT_TRUE(head);
  const BytesView rest = BytesView(frame).subspan(kFrameHeadBytes);
  const Result<Outcome> read =
      read_answer(with_pictures(), as_text(rest.first(head->json_bytes)), rest.subspan(head->json_bytes));
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
    return !read_answer(with_pictures(), to_text(to_json(report)), as_bytes(body));
  };
  EXPECT_FALSE(refused([](Report&) {}));
  EXPECT_TRUE(refused([](Report&) {}, "abcpqr"));
  EXPECT_TRUE(refused([](Report&) {}, "abcp"));
  EXPECT_TRUE(refused([](Report& report) { report.parts.front().size = -1; }));
  EXPECT_TRUE(refused([](Report& report) { report.parts.front().name = "another"; }));
  EXPECT_TRUE(refused([](Report& report) { report.refusal = Refusal{}; }));
}

// SPEC PART-45
TEST(Frame, AnAnswerThatSaysMoreThanWasAskedIsRefused) {
  const auto refused = [](auto change, std::string_view body = "abcpq") {
    Report report = one_part().report;
    Order order = with_pictures();
    if constexpr (std::is_invocable_v<decltype(change), Report&, Order&>)
      change(report, order);
    else
      change(report);
    return !read_answer(order, to_text(to_json(report)), as_bytes(body));
  };
  const std::string word(200, 'x'), too_long(201, 'x'), place(300, 'x'), no_place(301, 'x');
  EXPECT_FALSE(refused([&](Report& report) {
    report.findings.push_back({FindingKind::metadata, place, 0, Action::strip});
    report.contents.push_back({"bookmark", word, word, 1});
    report.left_out.push_back({word, LeftOutReason::not_named});
    report.parts.front().contents = {word};
  }));
  const auto part = [&](auto change) { return refused([&](Report& report) { change(report.parts.front()); }); };
  for (const char* type : {"text/html", "image/svg+xml", "text/plain", ""}) {
    EXPECT_TRUE(part([type](Part& one) { one.media_type = type; })) << type;
  }
  EXPECT_TRUE(refused([](Report& report) { report.parts.push_back({"all", "application/pdf", 0, {}, {}, {}}); }));
  EXPECT_TRUE(part([](Part& one) { one.pages = {0}; }));
  EXPECT_TRUE(part([](Part& one) { one.pages = {2001}; }));
  EXPECT_TRUE(part([](Part& one) { one.pages = {1, 2}; })) << "a page without its picture";
  EXPECT_TRUE(part([&](Part& one) { one.contents = {too_long}; }));
  EXPECT_TRUE(refused([](Report&, Order& order) { order.preview_dpi = 0; })) << "pictures that nobody asked for";
  EXPECT_TRUE(refused([](Report& report) { report.pages = -1; }));
  EXPECT_TRUE(refused([](Report& report) {
    report.findings.push_back({FindingKind::metadata, "", -1, Action::strip});
  }));
  EXPECT_TRUE(refused([](Report& report) {
    report.findings.push_back({FindingKind::metadata, "", 1, Action::flatten});
  }));
  EXPECT_TRUE(refused([&](Report& report) {
    report.findings.push_back({FindingKind::metadata, no_place, 1, Action::strip});
  }));
  EXPECT_TRUE(refused([](Report& report) {
    report.findings.assign(4097, {FindingKind::metadata, "", 1, Action::strip});
  }));
  EXPECT_TRUE(refused([](Report& report) { report.contents.push_back({"bookmark", "", "", -1}); }));
  EXPECT_TRUE(refused([&](Report& report) { report.contents.push_back({"bookmark", too_long, "", 1}); }));
  EXPECT_TRUE(refused([&](Report& report) { report.contents.push_back({"bookmark", "", too_long, 1}); }));
  EXPECT_TRUE(refused([](Report& report) {
    report.left_out.push_back({"journal", LeftOutReason::not_open});
  })) << "that is for the gateway to say";
  EXPECT_TRUE(refused([&](Report& report) { report.left_out.push_back({too_long, LeftOutReason::not_named}); }));
  EXPECT_TRUE(refused([](Report& report) { report.left_out.assign(4097, {"", LeftOutReason::not_named}); }));
  const auto refusal = [](Refusal why) {
    Report report;
    report.refusal = std::move(why);
    return read_answer(order_of("text/plain"), to_text(to_json(report)), {}).has_value();
  };
  EXPECT_TRUE(refusal({RefusalReason::damaged, "page 3", std::nullopt}));
  EXPECT_FALSE(refusal({RefusalReason::malware, "", std::nullopt})) << "that is for the gateway to say";
  EXPECT_FALSE(refusal({RefusalReason::damaged, no_place, std::nullopt}));
}

// SPEC PART-45
TEST(Frame, APartIsOfTheKindOfItsFile) {
  const auto taken = [](const char* file, const char* part) {
    Report report;
    report.parts.push_back({"all", part, 0, {}, {}, {}});
    return read_answer(order_of(file), to_text(to_json(report)), {}).has_value();
  };
  EXPECT_TRUE(taken("text/plain", "text/plain"));
  EXPECT_TRUE(taken("application/json", "application/fhir+json"));
  EXPECT_TRUE(taken("application/xml", "application/pdf")) << "a document whose body is a file";
  EXPECT_TRUE(taken("text/xml", "text/xml"));
  EXPECT_FALSE(taken("application/xml", "text/html"));
  EXPECT_FALSE(taken("application/fhir+json", "application/pdf"));
  EXPECT_FALSE(taken("image/png", "image/jpeg"));
}

}  // namespace
}  // namespace flikvakt::partition
