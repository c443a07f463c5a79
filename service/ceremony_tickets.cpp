#include "service/ceremony_tickets.h"

#include "crypto/random.h"
#include "crypto/secret.h"

namespace flikvakt::service {
namespace {

constexpr std::string_view kTicketLabel = "flikvakt/v1/ceremony-ticket\n";
constexpr std::string_view kChallengeLabel = "flikvakt/v1/ceremony-challenge\n";
constexpr std::size_t kTicketBytes = 1 + 16 + 8 + 8;

void put_number(std::int64_t number, Bytes& out) {
  const auto bits = static_cast<std::uint64_t>(number);
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(bits >> shift));
}

std::int64_t number_at(BytesView bytes, std::size_t at) {
  std::uint64_t out = 0;
  for (const std::uint8_t byte : bytes.subspan(at, 8)) out = out << 8 | byte;
  return static_cast<std::int64_t>(out);
}

Bytes bytes_of(const CeremonyTickets::Ticket& ticket) {
  Bytes out{ticket.kind};
  out.insert(out.end(), ticket.id.begin(), ticket.id.end());
  put_number(ticket.began_steady.time_since_epoch().count(), out);
  put_number(ticket.began.time_since_epoch().count(), out);
  return out;
}

CeremonyTickets::Ticket ticket_in(BytesView bytes) {
  CeremonyTickets::Ticket out;
  out.kind = bytes[0];
  out.id = to_array<16>(bytes.subspan(1, 16)).value();
  out.began_steady = CeremonyTickets::Steady(CeremonyTickets::Steady::duration(number_at(bytes, 17)));
  out.began = UtcTime(UtcTime::duration(number_at(bytes, 25)));
  return out;
}

}  // namespace

CeremonyTickets::CeremonyTickets(std::chrono::milliseconds life, std::size_t most_used)
    : life_(life), most_used_(most_used), key_(crypto::random_bytes<32>()) {}

crypto::Hash256 CeremonyTickets::mac(BytesView ticket) const { return key_.mac(as_bytes(kTicketLabel), ticket); }

std::string CeremonyTickets::issue(const Ticket& ticket) const {
  Bytes out = bytes_of(ticket);
  const crypto::Hash256 tag = mac(out);
  out.insert(out.end(), tag.begin(), tag.end());
  return to_base64url(out);
}

crypto::Hash256 CeremonyTickets::challenge_of(const Ticket& ticket) const {
  return key_.mac(as_bytes(kChallengeLabel), bytes_of(ticket));
}

Result<CeremonyTickets::Ticket> CeremonyTickets::use(const std::string& text, std::uint8_t kind, Steady now) {
  const Error over = fail(ErrorCode::expired, "by browser: nothing was begun, or it is over");
  const Result<Bytes> bytes = from_base64url(text);
  if (!bytes || bytes->size() != kTicketBytes + 32) return over;
  const BytesView said = BytesView(*bytes).first(kTicketBytes);
  if (!crypto::equal_in_constant_time(mac(said), BytesView(*bytes).subspan(kTicketBytes))) return over;
  const Ticket ticket = ticket_in(said);
  if (ticket.kind != kind || now - ticket.began_steady > life_) return over;
  const std::lock_guard lock(mutex_);
  if (ticket.began_steady <= forgotten_until_) return over;
  while (!used_.empty() && now - used_.begin()->first > life_) used_.erase(used_.begin());
  if (!used_.emplace(ticket.began_steady, ticket.id).second) return over;
  if (used_.size() > most_used_) {
    forgotten_until_ = used_.begin()->first;
    used_.erase(used_.begin());
  }
  return ticket;
}

}  // namespace flikvakt::service
