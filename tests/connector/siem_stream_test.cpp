// Lines for the organisation's log: as files and as syslog. spec/connector.md
#include "connector/siem_stream.h"

#include <gtest/gtest.h>

#include "tests/connector/scratch.h"

namespace flikvakt::connector {
namespace {

// SPEC CONN-60: what was written and not noted is not written again.
TEST(SiemLines, AreKnownByTheLastWholeOneOfTheFile) {
  Folder folder;
  const auto last = [&](std::string_view text) {
    folder.write("log.jsonl", text);
    return last_entry_in(folder / "log.jsonl");
  };
  EXPECT_FALSE(last_entry_in(folder / "nothing"));
  EXPECT_FALSE(last(""));
  EXPECT_EQ(last("{\"entry\":7}\n"), 7u);
  EXPECT_EQ(last("{\"entry\":7}\n{\"entry\":9}\n"), 9u);
  EXPECT_EQ(last("{\"entry\":7}\n{\"entry\":9}\n{\"entry\":1"), 9u) << "cut short by a stop";
  EXPECT_EQ(last("{\"entry\":7}\n\n"), 7u);
  EXPECT_EQ(last("{\"entry\":7}\nsomething else\n"), 7u);
  EXPECT_FALSE(last("something else\n\n\n"));
  EXPECT_EQ(last(std::string(200'000, 'x') + "\n{\"entry\":12}\n"), 12u);
}

TEST(Syslog, IsALineOfRfc5424FramedByItsLength) {  // SPEC CONN-60
  const json::object act{
      {"entry", 7}, {"time", "2026-11-22T08:00:00.000Z"}, {"kind", "seal_deposit"}, {"staff", "a\"]\\b"}};
  const std::string frame = syslog_frame(act, "host", "region");
  const std::size_t space = frame.find(' ');
  EXPECT_EQ(std::stoul(frame.substr(0, space)), frame.size() - space - 1);
  EXPECT_EQ(frame.substr(space + 1),
            "<110>1 2026-11-22T08:00:00.000Z host flikvakt-connector - seal_deposit "
            "[flikvakt@32473 organisation=\"region\" kind=\"seal_deposit\" staff=\"a\\\"\\]\\\\b\" entry=\"7\"]");
}

}  // namespace
}  // namespace flikvakt::connector
