#include "audit/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "crypto/hash.h"
#include "tests/audit/samples.h"

namespace flikvakt::audit {
namespace {

using ::testing::HasSubstr;

// What a member of a line is changed to.
struct Value : json::value {
  Value(json::value from) : json::value(std::move(from)) {}
  Value(const std::string& text) : json::value(json::string(text)) {}
  Value(const char* text) : json::value(json::string(text)) {}
  Value(int number) : json::value(number) {}
};

constexpr std::uint64_t kSize = 300;
const std::string kOrigin = "example.org/log";

// A log of the real writer, with its keys, so that the tests can also play a cheat who holds them.
struct ExportedLog {
  Keys keys;
  crypto::SigningKey signing = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  std::vector<NoteSigner> signers = {*NoteSigner::make(kOrigin, signing)};
  std::vector<NoteVerifier> known = {signers[0].verifier()};
  std::vector<SealedEntry> entries;
  std::vector<std::string> lines;  // the first describes the log; line i + 1 is entry i

  explicit ExportedLog(std::uint64_t size = kSize) {
    for (std::uint64_t i = 0; i < size; ++i)
      entries.push_back(i % 3 == 2 ? keys.entry_about_nobody(time(i)) : keys.entry(time(i), i));
    write();
  }
  static UtcTime time(std::uint64_t index) { return at(1'790'000'000'000 + static_cast<std::int64_t>(index) * 10); }

  void write() {
    lines = {export_header(kOrigin, entries.size())};
    for (std::uint64_t i = 0; i < entries.size(); ++i) {
      const SealedEntry& entry = entries[i];
      const Leaf leaf = *decode_leaf(entry.leaf);
      const auto person = open_person(leaf, entry.person, keys.person);
      lines.push_back(*export_entry(i, entry.leaf, entry.act, entry.person, *open_act(leaf, entry.act, keys.forbund),
                                    person ? std::optional(*person) : std::nullopt));
    }
  }
  std::string checkpoint(std::uint64_t size) const {
    Tree tree;
    for (std::uint64_t i = 0; i < size; ++i) tree.append(entries.at(i).hash);
    return *sign_checkpoint({kOrigin, size, tree.pending_root()}, signers);
  }
  std::string text() const {
    std::string out;
    for (const std::string& line : lines) out += line + "\n";
    return out;
  }
  json::object object(std::size_t line) const { return parse_json(lines.at(line))->as_object(); }
  void set(std::size_t line, const json::object& value) { lines.at(line) = to_text(json::value(value)); }
};

std::string findings(const VerifyReport& report) {
  std::string out;
  for (const Finding& finding : report.findings) out += finding.text() + "\n";
  return out;
}

VerifyReport verify(const std::string& text, const std::string& checkpoint, const ExportedLog& log,
                    const std::vector<std::string>& saved = {}) {
  std::istringstream in(text);
  return verify_export(in, checkpoint, saved, log.known);
}

class VerifyExport : public ::testing::Test {
protected:
  // One log for all tests: sealing is quick, opening three hundred entries for each of them need not be.
  static void SetUpTestSuite() { honest_ = new ExportedLog(); }
  static void TearDownTestSuite() { delete honest_; }
  const ExportedLog& honest() const { return *honest_; }
  VerifyReport verify_lines(const std::vector<std::string>& lines, const std::vector<std::string>& saved = {}) const {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return verify(text, honest().checkpoint(kSize), honest(), saved);
  }
  // The line of entry 100 with one member changed.
  std::string with(std::string_view member, Value value) const {
    json::object object = honest().object(101);
    object[member] = static_cast<json::value&&>(value);
    return to_text(json::value(object));
  }
  std::string with(std::string_view part, std::string_view member, Value value) const {
    json::object object = honest().object(101);
    object[part].as_object()[member] = static_cast<json::value&&>(value);
    return to_text(json::value(object));
  }
  VerifyReport verify_with_line_101(const std::string& line) const {
    std::vector<std::string> lines = honest().lines;
    EXPECT_NE(lines[101], line) << "the edit changed nothing";
    lines[101] = line;
    return verify_lines(lines);
  }

private:
  static inline ExportedLog* honest_ = nullptr;
};

TEST_F(VerifyExport, AnHonestExportHasNoFindings) {  // SPEC EXP-2, EXP-3, EXP-4, EXP-9
  const std::vector<std::string> saved = {honest().checkpoint(0), honest().checkpoint(1), honest().checkpoint(256),
                                          honest().checkpoint(kSize)};
  const VerifyReport report = verify_lines(honest().lines, saved);
  EXPECT_TRUE(report.ok()) << findings(report);
  EXPECT_EQ(report.entries, kSize);
  EXPECT_EQ(report.opened_acts, kSize);
  EXPECT_EQ(report.opened_persons, kSize * 2 / 3);
  EXPECT_EQ(report.root, open_checkpoint(honest().checkpoint(kSize), honest().known)->root);
  const json::object entry = honest().object(101);
  EXPECT_EQ(entry.at("act").at("kind"), "open_reading");
  EXPECT_EQ(entry.at("person").at("purpose"), "rehab-planning-1");
}

TEST_F(VerifyExport, AnExportWithoutOpenedPartsVerifiesToo) {  // SPEC EXP-3
  std::vector<std::string> lines = honest().lines;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    json::object object = honest().object(i);
    object.erase("act");
    object.erase("person");
    lines[i] = to_text(json::value(object));
  }
  const VerifyReport report = verify_lines(lines);
  EXPECT_TRUE(report.ok()) << findings(report);
  EXPECT_EQ(report.opened_acts + report.opened_persons, 0u);
}

TEST_F(VerifyExport, AnEmptyLogVerifies) {
  ExportedLog empty(0);
  EXPECT_TRUE(verify(empty.text(), empty.checkpoint(0), empty).ok());
  EXPECT_FALSE(verify("", empty.checkpoint(0), empty).ok());
}

TEST_F(VerifyExport, EveryChangedMemberOfALineIsFoundAtItsEntry) {  // SPEC EXP-6, EXP-7, EXP-8
  const std::string other_id(32, 'b');
  const std::string other_hash = to_base64url(ByteArray<32>{7});
  const std::string leaf = honest().object(101).at("leaf").as_string().c_str();
  const std::vector<std::string> edits = {with("index", 99),
                                          with("time", "2026-11-22T06:40:25.123Z"),
                                          with("leaf", leaf.substr(2)),
                                          with("act_ciphertext", honest().object(102).at("act_ciphertext")),
                                          with("act_ciphertext", ""),
                                          with("person_ciphertext", honest().object(102).at("person_ciphertext")),
                                          with("person_ciphertext", ""),
                                          with("act", "opener", other_hash),
                                          with("act", "actor_kind", "administrator"),
                                          with("act", "actor_kind", "person"),
                                          with("act", "actor", other_id),
                                          with("act", "kind", "close_reading"),
                                          with("act", "outcome", "permitted"),
                                          with("act", "rule", 5),
                                          with("act", "reason", 1),
                                          with("act", "organisation", other_id),
                                          with("act", "act", other_id),
                                          with("act", "record", other_hash),
                                          with("person", "opener", other_hash),
                                          with("person", "person", other_id),
                                          with("person", "actor", other_id),
                                          with("person", "fullmakt", other_id),
                                          with("person", "document", other_id),
                                          with("person", "subject", other_id),
                                          with("person", "flik", "work"),
                                          with("person", "flik", "two words"),
                                          with("person", "purpose", "rehab"),
                                          with("person", "bytes", 1)};
  for (const std::string& edit : edits) {
    const VerifyReport report = verify_with_line_101(edit);
    ASSERT_FALSE(report.ok()) << edit;
    EXPECT_EQ(report.findings[0].index, 100u) << edit;
  }
}

TEST_F(VerifyExport, EveryChangedByteOfALeafIsFound) {  // SPEC EXP-7, EXP-9
  const Bytes leaf = *from_hex(honest().object(101).at("leaf").as_string());
  for (std::size_t i = 0; i < leaf.size(); ++i) {
    Bytes changed = leaf;
    changed[i] ^= 1;
    const VerifyReport report = verify_with_line_101(with("leaf", to_hex(changed)));
    EXPECT_THAT(findings(report), HasSubstr("the first 300 entries are not those of the checkpoint")) << i;
    const bool tag = i >= 9 && i < 41;  // only the root speaks of the tag
    if (!tag) {
      EXPECT_EQ(report.findings[0].index, 100u) << i;
    }
  }
}

TEST_F(VerifyExport, ALineThatIsNoEntryIsFound) {  // SPEC EXP-1, EXP-4
  json::object with_more = honest().object(101), without = honest().object(101);
  with_more["note"] = "more";
  without.erase("leaf");
  json::object incomplete = honest().object(101);
  incomplete["act"].as_object().erase("rule");
  const std::string& line = honest().lines[101];
  for (const std::string& bad :
       {std::string(), std::string("{}"), std::string("[]"), line.substr(0, line.size() - 1), line + line,
        to_text(json::value(with_more)), to_text(json::value(without)), to_text(json::value(incomplete)),
        "{\"index\":100," + line.substr(1), std::string(20'000, ' ')}) {
    const VerifyReport report = verify_with_line_101(bad);
    ASSERT_FALSE(report.ok()) << bad;
    EXPECT_EQ(report.findings[0].index, 100u) << bad;
  }
}

TEST_F(VerifyExport, ADroppedEntryIsFound) {  // SPEC EXP-5, EXP-6
  std::vector<std::string> lines = honest().lines;
  lines.erase(lines.begin() + 101);
  const VerifyReport report = verify_lines(lines);
  EXPECT_EQ(report.findings[0].index, 100u);
  EXPECT_THAT(findings(report), HasSubstr("there are 299"));
}

TEST_F(VerifyExport, ADroppedEntryIsFoundThoughTheRestIsRenumberedAndTheSizeChanged) {  // SPEC EXP-5
  std::vector<std::string> lines = honest().lines;
  lines.erase(lines.begin() + 101);
  for (std::size_t i = 101; i < lines.size(); ++i) {
    json::object object = parse_json(lines[i])->as_object();
    object["index"] = i - 1;
    lines[i] = to_text(json::value(object));
  }
  lines[0] = export_header(kOrigin, kSize - 1);
  EXPECT_THAT(findings(verify_lines(lines)), HasSubstr("the export ends after 299 entries, the checkpoint covers 300"));
}

TEST_F(VerifyExport, SwappedEntriesAreFound) {  // SPEC EXP-6, EXP-7, EXP-9
  std::vector<std::string> lines = honest().lines;
  std::swap(lines[101], lines[102]);
  EXPECT_EQ(verify_lines(lines).findings[0].index, 100u);
  json::object first = honest().object(102), second = honest().object(101);
  first["index"] = 100;
  second["index"] = 101;
  lines[101] = to_text(json::value(first));
  lines[102] = to_text(json::value(second));
  const VerifyReport report = verify_lines(lines);
  EXPECT_EQ(report.findings[0].text(), "entry 101: the leaf's time is before that of the entry before");
  EXPECT_THAT(findings(report), HasSubstr("the first 300 entries are not those of the checkpoint"));
}

TEST_F(VerifyExport, ATruncatedExportIsFound) {  // SPEC EXP-1, EXP-5
  std::vector<std::string> lines = honest().lines;
  lines.pop_back();
  EXPECT_THAT(findings(verify_lines(lines)), HasSubstr("the first line claims 300 entries, there are 299"));
  std::string text = honest().text();
  text.pop_back();
  EXPECT_THAT(findings(verify(text, honest().checkpoint(kSize), honest())),
              HasSubstr("entry 299: the line is cut off"));
  EXPECT_FALSE(verify(text.substr(0, text.size() / 2), honest().checkpoint(kSize), honest()).ok());
}

TEST_F(VerifyExport, AnAppendedEntryIsFound) {  // SPEC EXP-5
  ExportedLog longer(0);
  longer.entries = honest().entries;
  longer.entries.push_back(longer.keys.entry(ExportedLog::time(kSize)));
  std::vector<std::string> lines = honest().lines;
  lines[0] = export_header(kOrigin, kSize + 1);
  lines.push_back(*export_entry(kSize, longer.entries.back().leaf, longer.entries.back().act,
                                longer.entries.back().person, {}, {}));
  EXPECT_THAT(findings(verify_lines(lines)), HasSubstr("entry 300: this entry and those after it are not covered"));
}

// The operator rewrites an entry with all keys, and signs a new checkpoint: only a saved one can tell.
TEST_F(VerifyExport, ARewrittenAndNewlySignedLogDoesNotExtendASavedCheckpoint) {  // SPEC EXP-9
  ExportedLog log(200);
  const std::vector<std::string> saved = {log.checkpoint(50), log.checkpoint(150)};
  ASSERT_TRUE(verify(log.text(), log.checkpoint(200), log, saved).ok());
  ActPart act = sample_act();
  act.outcome = Outcome::permitted;
  log.entries[100] = seal_entry(ExportedLog::time(100), act, std::nullopt, log.keys.forbund);
  log.write();
  EXPECT_TRUE(verify(log.text(), log.checkpoint(200), log).ok());
  const VerifyReport report = verify(log.text(), log.checkpoint(200), log, saved);
  ASSERT_EQ(report.findings.size(), 1u) << findings(report);
  EXPECT_EQ(report.findings[0].text(),
            "log: the first 150 entries are not those of saved checkpoint 2; up to entry 49 they are the same");
}

TEST_F(VerifyExport, AForkAndARollbackAreFoundByASavedCheckpoint) {  // SPEC EXP-9
  ExportedLog log(100);
  const std::string saved = log.checkpoint(100);
  for (std::uint64_t i = 90; i < 100; ++i) log.entries[i] = log.keys.entry(ExportedLog::time(i));
  log.write();
  EXPECT_THAT(findings(verify(log.text(), log.checkpoint(100), log, {saved})), HasSubstr("saved checkpoint 1"));
  log.entries.resize(95);
  log.write();
  EXPECT_THAT(findings(verify(log.text(), log.checkpoint(95), log, {saved})),
              HasSubstr("the export ends after 95 entries, saved checkpoint 1 covers 100"));
}

TEST_F(VerifyExport, ACheckpointOfAnotherKeyOrLogIsNotTrusted) {  // SPEC EXP-5
  const ExportedLog other(10);
  EXPECT_THAT(findings(verify(honest().text(), other.checkpoint(10), honest())),
              HasSubstr("the checkpoint is not to be trusted"));
  EXPECT_THAT(findings(verify_lines(honest().lines, {other.checkpoint(10)})),
              HasSubstr("saved checkpoint 1 is not to be trusted"));
  EXPECT_FALSE(verify(honest().text(), "", honest()).ok());

  const std::vector elsewhere = {*NoteSigner::make("example.org/other", honest().signing)};
  const std::vector known = {honest().known[0], elsewhere[0].verifier()};
  Checkpoint checkpoint = *open_checkpoint(honest().checkpoint(kSize), honest().known);
  checkpoint.origin = "example.org/other";
  const std::string foreign = *sign_checkpoint(checkpoint, elsewhere);
  std::istringstream in(honest().text()), again(honest().text());
  EXPECT_THAT(findings(verify_export(in, foreign, {}, known)), HasSubstr("the export is of another log"));
  EXPECT_THAT(findings(verify_export(again, honest().checkpoint(kSize), std::vector{foreign}, known)),
              HasSubstr("saved checkpoint 1 is of another log"));
}

TEST_F(VerifyExport, AWrongFirstLineIsFound) {  // SPEC EXP-2, EXP-5
  std::vector<std::string> lines = honest().lines;
  for (const std::string& first :
       {export_header("example.org/other", kSize), export_header(kOrigin, kSize + 1),
        std::string("{\"format\":\"flikvakt-log-export/2\",\"origin\":\"example.org/log\",\"size\":300}"),
        std::string("{}"), std::string()}) {
    lines[0] = first;
    EXPECT_FALSE(verify_lines(lines).ok()) << first;
  }
  lines.erase(lines.begin());
  EXPECT_FALSE(verify_lines(lines).ok());
}

TEST_F(VerifyExport, FindingsAreBounded) {
  const std::vector<std::string> rubbish(1000, "{}");
  const VerifyReport report = verify_lines(rubbish);
  EXPECT_LE(report.findings.size(), kMaxFindings + 10);
  EXPECT_THAT(findings(report), HasSubstr("of 999 findings about entries, the first 100 are told"));
}

}  // namespace
}  // namespace flikvakt::audit
