#include "crypto/x509_internal.h"

#include <openssl/bio.h>
#include <openssl/rsa.h>

#include <algorithm>

namespace flikvakt::crypto {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool is_strong_hash(int nid) { return nid == NID_sha256 || nid == NID_sha384 || nid == NID_sha512; }

// RFC 4055 section 3.1: without parameters the hash is SHA-1.
bool is_strong_pss(const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* object = nullptr;
  int type = V_ASN1_UNDEF;
  const void* value = nullptr;
  X509_ALGOR_get0(&object, &type, &value, algorithm);
  if (type != V_ASN1_SEQUENCE) return false;
  const auto* sequence = static_cast<const ASN1_STRING*>(value);
  const unsigned char* at = ASN1_STRING_get0_data(sequence);
  RSA_PSS_PARAMS* parameters = d2i_RSA_PSS_PARAMS(nullptr, &at, ASN1_STRING_length(sequence));
  if (parameters == nullptr) return false;
  bool strong = false;
  if (parameters->hashAlgorithm != nullptr) {
    const ASN1_OBJECT* hash = nullptr;
    X509_ALGOR_get0(&hash, nullptr, nullptr, parameters->hashAlgorithm);
    strong = is_strong_hash(OBJ_obj2nid(hash));
  }
  RSA_PSS_PARAMS_free(parameters);
  return strong;
}

}  // namespace

Result<Bytes> single_pem(std::string_view text, std::string_view label) {
  const std::string begin = "-----BEGIN " + std::string(label) + "-----";
  const std::string end = "-----END " + std::string(label) + "-----";
  text = trimmed(text);
  if (!text.starts_with(begin) || !text.ends_with(end) || text.size() < begin.size() + end.size()) {
    return fail(ErrorCode::malformed, "not exactly one PEM block `" + std::string(label) + "`");
  }
  text = text.substr(begin.size(), text.size() - begin.size() - end.size());
  if (!text.starts_with('\n') && !text.starts_with("\r\n")) return fail(ErrorCode::malformed, "not a PEM block");
  std::string body;
  body.reserve(text.size());
  // A second block, a header or a comment would bring characters that Base64 does not have.
  std::copy_if(text.begin(), text.end(), std::back_inserter(body), [](char c) { return c != '\n' && c != '\r'; });
  return from_base64(body);
}

std::string pem_block(std::string_view label, BytesView der) {
  const std::string body = to_base64(der);
  std::string out = "-----BEGIN " + std::string(label) + "-----\n";
  for (std::size_t at = 0; at < body.size(); at += 64) out += body.substr(at, 64) + "\n";
  return out + "-----END " + std::string(label) + "-----\n";
}

Result<UtcTime> to_utc(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return fail(ErrorCode::malformed, "not an X.509 time");
  using namespace std::chrono;
  const year_month_day day{year{parts.tm_year + 1900}, month{static_cast<unsigned>(parts.tm_mon + 1)},
                           std::chrono::day{static_cast<unsigned>(parts.tm_mday)}};
  if (!day.ok()) return fail(ErrorCode::malformed, "not an X.509 time");
  return UtcTime{sys_days{day} + hours{parts.tm_hour} + minutes{parts.tm_min} + seconds{parts.tm_sec}};
}

std::string to_hex(const ASN1_INTEGER* serial) {
  // The content octets hold the magnitude; the sign is in the type.
  BytesView magnitude{ASN1_STRING_get0_data(serial), static_cast<std::size_t>(ASN1_STRING_length(serial))};
  while (magnitude.size() > 1 && magnitude.front() == 0) magnitude = magnitude.subspan(1);
  const std::string digits = magnitude.empty() ? "00" : flikvakt::to_hex(magnitude);
  return ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER ? "-" + digits : digits;
}

std::string to_text(const X509_NAME* name) {
  const Bio out{BIO_new(BIO_s_mem())};
  if (out == nullptr || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0) return {};
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

bool is_strong_signature(const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
  const int nid = OBJ_obj2nid(object);
  if (nid == NID_ED25519) return true;
  if (nid == NID_rsassaPss) return is_strong_pss(algorithm);
  int hash = NID_undef, key = NID_undef;
  return OBJ_find_sigid_algs(nid, &hash, &key) == 1 && is_strong_hash(hash);
}

}  // namespace flikvakt::crypto
