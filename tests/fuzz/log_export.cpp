// The verifiers of an export and of a receipt: text of any kind, and what was whole until the input changed it.
#include <sstream>

#include "audit/export.h"
#include "audit/log_key_statement.h"
#include "audit/verify.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/targets.h"

namespace flikvakt::fuzz {
namespace {

using namespace flikvakt::audit;

constexpr std::string_view kOrigin = "example.org/log";
constexpr std::uint64_t kEntries = 5;

struct Log {
  crypto::SigningKey key =
      crypto::SigningKey::from_seed(crypto::KeyAlgorithm::ed25519, fixed_secret<crypto::SigningSeed>(9)).value();
  NoteSigner signer = NoteSigner::make(std::string(kOrigin), key).value();
  NoteVerifier known = signer.verifier();
  ForbundEntryKeys forbund{fixed_secret<crypto::ForbundLogKey>(1)};
  PersonEntryKeys person{fixed_secret<crypto::PersonLogKey>(2)};
  std::vector<std::string> lines{export_header(kOrigin, kEntries)};
  std::vector<std::string> checkpoints;  // after each entry
  std::string receipt;                   // of the first entry, when it was the only one
  crypto::Frontier tree;

  Log() {
    for (std::uint64_t i = 0; i < kEntries; ++i) add(i);
  }
  void add(std::uint64_t i) {
    ActPart act;
    act.kind = ActKind::open_reading;
    act.outcome = Outcome::permitted;
    PersonPart about;
    about.person = PersonId(ByteArray<16>{1});
    const UtcTime time{std::chrono::milliseconds(1'790'000'000'000 + static_cast<std::int64_t>(i))};
    const SealedEntry entry = seal_entry(time, act, AboutPerson{about, person, i}, forbund);
    const Leaf leaf = decode_leaf(entry.leaf).value();
    lines.push_back(export_entry(i, entry.leaf, entry.act, entry.person, open_act(leaf, entry.act, forbund).value(),
                                 open_person(leaf, entry.person, person).value())
                        .value());
    tree.append(entry.hash);
    checkpoints.push_back(sign_checkpoint({std::string(kOrigin), i + 1, tree.root()}, {&signer, 1}).value());
    if (i > 0) return;
    receipt = to_text(to_json(Receipt{std::string(kReceiptFormat),
                                      to_hex(entry.leaf),
                                      write_log_proof({std::nullopt, 0, {}, checkpoints.back()}),
                                      shown(open_act(leaf, entry.act, forbund).value()),
                                      shown(open_person(leaf, entry.person, person).value()),
                                      {}}));
  }
};

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

VerifyReport verify(const Log& log, const std::string& text) {
  std::istringstream in(text);
  return verify_export(in, log.checkpoints.back(), log.checkpoints, {&log.known, 1});
}

void check_any(const Log& log, std::string_view text) {
  claim(!verify(log, std::string(text)).ok(), "only the log itself is the log");
  std::istringstream in("");
  claim(!verify_export(in, text, {}, {&log.known, 1}).ok(), "nobody but the key's holder signs a checkpoint");
}

// Only members that are values are looked at: JSON leaves white space and the case of `T` and `Z` in a time free.
void check_damaged(const Log& log, BytesView in) {
  ByteReader reader(in);
  const std::uint16_t place = reader.u16();
  const std::uint8_t how = reader.u8();
  const std::size_t one = reader.u8() % (kEntries + 1);
  const std::size_t other = reader.u8() % (kEntries + 1);
  std::vector<std::string> lines = log.lines;
  const std::size_t kind = reader.u8() % 4;
  if (kind == 0) lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(one));
  if (kind == 1) lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(one), lines[other]);
  if (kind == 2) std::swap(lines[one], lines[other]);
  if (kind == 3 && how != 0x20) {
    char& c = lines[one][place % lines[one].size()];
    c = static_cast<char>(c ^ how);
  }
  const bool changed = lines != log.lines;
  claim(verify(log, joined(lines)).ok() == !changed, "a changed export is found, an unchanged one is not");
}

bool holds(const Log& log, std::string_view text) {
  const Result<Receipt> receipt = parse_receipt(text);
  return receipt && check_receipt(*receipt, {{&log.known, 1}, {}});
}

void check_receipts(const Log& log, BytesView in) {
  claim(!holds(log, as_text(in)), "only who has the log's key makes receipts");
  const Result<OwnLogProof> own = parse_own_log(as_text(in));
  claim(!own || !check_own_log(*own, {{&log.known, 1}, {}}), "nor an own log");
  const Result<StatedLogKeys> stated = parse_log_keys(as_text(in));
  const std::vector<crypto::PublicKey> administrators(2, log.known.public_key());
  for (const bool named : {false, true}) {
    LogKeyGrounds grounds{{{&log.known, 1}, {}}, 1, std::nullopt};
    if (named) grounds.administrators = administrators;
    const auto checked = stated ? check_log_keys(*stated, grounds) : Result<CheckedLogKeys>(stated.error());
    claim(!checked || checked->later.empty(), "nor announces a key");
  }
  const Result<json::value> record = parse_json(as_text(in));
  const OrderedEntry ordered{{}, {}, record ? *record : json::value()};
  const auto orderers =
      check_log_key_orders(ordered, ordered, std::string(kOrigin), administrators.front(), administrators);
  claim(!orderers, "nor orders one in an administrator's name");
  ByteReader reader(in);
  const std::uint16_t place = reader.u16();
  const std::uint8_t how = reader.u8();
  std::string text = log.receipt;
  text[place % text.size()] = static_cast<char>(text[place % text.size()] ^ how);
  claim(holds(log, text) == (text == log.receipt), "a changed receipt is found, an unchanged one is not");
}

}  // namespace

void log_export(BytesView in) {
  static const Log log;
  switch (choose(in, 3)) {
    case 0:
      return check_damaged(log, in);
    case 1:
      return check_any(log, as_text(in));
    default:
      return check_receipts(log, in);
  }
}

}  // namespace flikvakt::fuzz
