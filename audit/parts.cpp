#include "audit/parts.h"

#include <algorithm>

namespace flikvakt::audit {
namespace {

constexpr std::uint8_t kActVersion = 1;
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 53;  // what JSON numbers carry exactly

bool is_visible_ascii(std::uint8_t c) { return c > 0x20 && c < 0x7f; }

// Writes a plaintext of known length; entries are made for every read, so without allocating.
template <std::size_t N>
class FixedWriter {
public:
  FixedWriter& bytes(BytesView value) {
    std::copy(value.begin(), value.end(), out_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ += value.size();
    return *this;
  }
  FixedWriter& number(std::uint64_t value, std::size_t width) {
    for (std::size_t i = width; i-- > 0;) out_.at(at_++) = static_cast<std::uint8_t>(value >> (8 * i));
    return *this;
  }
  ByteArray<N> done() const { return out_; }

private:
  ByteArray<N> out_{};
  std::size_t at_ = 0;
};

template <class IdType>
IdType read_id(ByteReader& in) {
  return IdType(in.array<16>());
}

Error bad(std::string_view what) { return fail(ErrorCode::corrupt, "reading a log entry: " + std::string(what)); }

}  // namespace

Result<Actor> Actor::of(ActorKind kind, ActorId id) {
  const bool has_id = kind == ActorKind::administrator || kind == ActorKind::staff;
  if (name_of(kind).empty()) return fail(ErrorCode::malformed, "no such kind of actor");
  // SPEC LOG-9
  if (!has_id && !id.is_none()) return fail(ErrorCode::malformed, "an actor of this kind has no id");
  return Actor(kind, id);
}

Result<EntryCode> EntryCode::parse(std::string_view text) {
  EntryCode out;
  if (text.size() > out.padded_.size()) return fail(ErrorCode::malformed, "a code longer than 16 characters");
  const BytesView bytes = as_bytes(text);
  if (!std::all_of(bytes.begin(), bytes.end(), is_visible_ascii))
    return fail(ErrorCode::malformed, "a code with a character that is not visible ASCII");
  std::copy(bytes.begin(), bytes.end(), out.padded_.begin());
  return out;
}

Result<EntryCode> EntryCode::decode(const ByteArray<16>& padded) {
  const auto end = std::find(padded.begin(), padded.end(), 0);
  if (std::any_of(end, padded.end(), [](std::uint8_t c) { return c != 0; }))
    return fail(ErrorCode::malformed, "a code with bytes after its end");
  return parse(as_text(BytesView(padded.begin(), end)));
}

std::string EntryCode::text() const { return {padded_.begin(), std::find(padded_.begin(), padded_.end(), 0)}; }

// SPEC LOG-8
ByteArray<kActPartBytes> encode(const ActPart& part) {
  return FixedWriter<kActPartBytes>()
      .number(kActVersion, 1)
      .number(static_cast<std::uint8_t>(part.actor.kind()), 1)
      .number(static_cast<std::uint8_t>(part.kind), 1)
      .number(static_cast<std::uint8_t>(part.outcome), 1)
      .number(part.rule, 1)
      .number(part.reason, 2)
      .bytes(part.organisation.value())
      .bytes(part.actor.id().value())
      .bytes(part.act.value())
      .bytes(part.record)
      .done();
}

// SPEC LOG-10
ByteArray<kPersonPartBytes> encode(const PersonPart& part) {
  return FixedWriter<kPersonPartBytes>()
      .bytes(part.person.value())
      .bytes(part.actor.value())
      .bytes(part.fullmakt.value())
      .bytes(part.document.value())
      .bytes(part.subject.value())
      .bytes(part.flik.padded())
      .bytes(part.purpose.padded())
      .number(part.bytes, 8)
      .done();
}

Result<ActPart> decode_act(BytesView bytes) {
  ByteReader in(bytes);
  ActPart out;
  const std::uint8_t version = in.u8();
  const auto actor_kind = static_cast<ActorKind>(in.u8());
  out.kind = static_cast<ActKind>(in.u8());
  out.outcome = static_cast<Outcome>(in.u8());
  out.rule = in.u8();
  out.reason = in.u16();
  out.organisation = read_id<OrganisationId>(in);
  const auto actor = read_id<ActorId>(in);
  out.act = read_id<ActId>(in);
  out.record = in.array<32>();
  if (!in.done()) return bad("an act part of the wrong length");
  if (version != kActVersion) return bad("an act part of an unknown version");
  if (name_of(out.kind).empty() || name_of(out.outcome).empty()) return bad("an act or outcome of an unknown number");
  Result<Actor> who = Actor::of(actor_kind, actor);
  if (!who) return bad(who.error().message);
  out.actor = *who;
  return out;
}

Result<PersonPart> decode_person(BytesView bytes) {
  ByteReader in(bytes);
  PersonPart out;
  out.person = read_id<PersonId>(in);
  out.actor = read_id<PersonId>(in);
  out.fullmakt = read_id<FullmaktId>(in);
  out.document = read_id<DocumentId>(in);
  out.subject = read_id<SubjectId>(in);
  const Result<EntryCode> flik = EntryCode::decode(in.array<16>());
  const Result<EntryCode> purpose = EntryCode::decode(in.array<16>());
  out.bytes = in.u64();
  if (!in.done()) return bad("a person part of the wrong length");
  if (!flik || !purpose) return bad("a code that is none");
  if (out.bytes >= kMostBytes) return bad("a byte count beyond 2^53");
  out.flik = *flik;
  out.purpose = *purpose;
  return out;
}

}  // namespace flikvakt::audit
