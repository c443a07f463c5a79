// Certificates and revocation lists. A CA is made at start, with a client certificate and a list; damaged by a few
// bytes, nothing but the very same bytes counts as signed. The seeds are of another CA, whose key nobody kept.
#include <array>

#include "certs/profiles.h"
#include "crypto/x509.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/targets.h"

namespace flikvakt::fuzz {
namespace {

using namespace flikvakt::crypto;

// Made at start. No file is needed, and the CA's key goes with the process.
struct Pki {
  UtcTime now = parse_rfc3339("2026-11-22T08:00:00Z").value();
  certs::Issuer ca = certs::Issuer::self_signed(certs::root_profile("Fuzz Root", now)).value();
  Bytes leaf = ca.issue(certs::client_profile("Region Exempel", "232100-0001", now)).value().der;
  Bytes crl =
      ca.make_crl(certs::crl_profile(std::array<std::string, 2>{"01", "7f00"}, 7, now, now + std::chrono::days(30)))
          .value();
  TrustStore trust;
  Pki() { (void)trust.add(ca.certificate()); }
};

// Places and values to write there, three bytes each.
Bytes damaged(Bytes bytes, BytesView in) {
  ByteReader reader(in);
  while (reader.left() >= 3) {
    const std::uint16_t place = reader.u16();
    bytes[place % bytes.size()] = reader.u8();
  }
  return bytes;
}

template <class Parsed>
void check_spelling(const Parsed& parsed, BytesView der) {
  claim(std::ranges::equal(parsed.der(), der), "what parses is in its one encoding");
  const auto again = Parsed::parse_pem(parsed.pem());
  claim(again && again->der() == parsed.der(), "PEM of it is the same");
}

// Of a negative number: a minus sign before them.
bool is_serial(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && from_hex(text).has_value();
}

void look_at(const Certificate& certificate, const Pki& pki) {
  claim(is_serial(certificate.serial_hex()), "a serial is whole bytes");
  for (const std::string& name : {certificate.common_name(), certificate.organisation_identifier()})
    claim(name.find('\0') == name.npos && name.find('\n') == name.npos, "no name holds a control character");
  (void)(certificate.subject() + certificate.issuer());
  (void)certificate.key_algorithm();
  (void)certificate.key_bits();
  const std::array<Certificate, 2> chain{certificate, pki.ca.certificate()};
  for (const std::size_t length : {1u, 2u}) {
    const ClientPath path = find_client_path(std::span(chain).first(length), pki.trust, pki.now);
    const bool is_ours = certificate.same_as(pki.ca.certificate()) || std::ranges::equal(certificate.der(), pki.leaf);
    claim(path.problem || is_ours, "only what the CA signed has a path");
    claim(path.problem.has_value() == path.certificates.empty(), "a path or a problem");
  }
}

void look_at(const Crl& crl, const Pki& pki) {
  claim(crl.next_update() > crl.this_update(), "a list ends after it begins");
  claim(crl.number() < std::uint64_t{1} << 53, "a state row can hold the number");
  for (const std::string& serial : crl.revoked_serials()) claim(is_serial(serial), "a serial is whole bytes");
  (void)crl.issuer();
  (void)crl.issued_under_name_of(pki.ca.certificate());
}

void check_certificate(BytesView der, const Pki& pki) {
  const auto certificate = Certificate::parse_der(der);
  if (!certificate) return;
  check_spelling(*certificate, der);
  look_at(*certificate, pki);
  const bool is_ours = std::ranges::equal(der, pki.leaf) || certificate->same_as(pki.ca.certificate());
  claim(certificate->signed_by(pki.ca.certificate()).has_value() <= is_ours, "the CA signed nothing else");
  (void)pki.ca.certificate().signed_by(*certificate);
}

void check_crl(BytesView der, const Pki& pki) {
  const auto crl = Crl::parse_der(der);
  if (!crl) return;
  check_spelling(*crl, der);
  look_at(*crl, pki);
  claim(crl->signed_by(pki.ca.certificate()).has_value() == std::ranges::equal(der, pki.crl),
        "the CA signed nothing else");
}

void check_text(std::string_view text) {
  (void)Certificate::parse_pem(text);
  (void)Crl::parse_pem(text);
  const auto trust = TrustStore::parse_pem(text);
  if (trust) claim(!trust->roots().empty(), "an empty store trusts nobody, so it is none");
}

}  // namespace

void x509(BytesView in) {
  static const Pki pki;
  switch (choose(in, 5)) {
    case 0:
      return check_certificate(damaged(pki.leaf, in), pki);
    case 1:
      return check_crl(damaged(pki.crl, in), pki);
    case 2:
      return check_certificate(in, pki);
    case 3:
      return check_crl(in, pki);
    default:
      return check_text(as_text(in));
  }
}

}  // namespace flikvakt::fuzz
