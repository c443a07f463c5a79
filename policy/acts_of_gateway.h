// The acts of the gateway itself. See acts.h.
#pragma once

#include "policy/actor.h"

namespace flikvakt::policy {

enum class ReadingEnd {
  complete,
  cut,
  broken,
  lapsed,
  interrupted
};  // broken: the connection failed; interrupted: a stop or crash
BOOST_DESCRIBE_ENUM(ReadingEnd, complete, cut, broken, lapsed, interrupted)

struct CloseReading {
  static constexpr std::string_view kKind = "close_reading";
  ReadingId id;
  ReadingEnd end = ReadingEnd::complete;
  std::uint64_t bytes = 0;  // handed to the kernel; 0 when interrupted (unknown)
};
BOOST_DESCRIBE_STRUCT(CloseReading, (), (id, end, bytes))

struct ExpireDue {  // all whose time has come: spec/acts.md
  static constexpr std::string_view kKind = "expire_due";
};
BOOST_DESCRIBE_STRUCT(ExpireDue, (), ())

struct ApplyCrl {  // narrowing; service/ has checked the signature
  static constexpr std::string_view kKind = "apply_crl";
  Fingerprint issuer{};
  std::uint64_t number = 0;
  Fingerprint hash{};
  UtcTime next_update;
  std::set<std::string> revoked;
};
BOOST_DESCRIBE_STRUCT(ApplyCrl, (), (issuer, number, hash, next_update, revoked))

struct PublishedKey {
  std::string kid;
  json::value jwk;
};
BOOST_DESCRIBE_STRUCT(PublishedKey, (), (kid, jwk))

struct ApplyOidcKeys {  // what an issuer of ID tokens publishes now; service/ has fetched and read it
  static constexpr std::string_view kKind = "apply_oidc_keys";
  std::string code;
  std::vector<PublishedKey> keys;  // ascending by kid
};
BOOST_DESCRIBE_STRUCT(ApplyOidcKeys, (), (code, keys))

// The keys that a connector made for itself: with a code, at enrolment; without, when its certificate is renewed.
// Whoever sends it has issued the certificate, and seen that the connector holds the keys.
struct EnrolConnector {
  static constexpr std::string_view kKind = "enrol_connector";
  ConnectorId id;
  std::optional<Fingerprint> code;  // SHA-256 of what it showed
  Fingerprint certificate{};
  Fingerprint issuer{};
  std::string serial;
  UtcTime valid_from;
  UtcTime valid_to;
  std::optional<json::value> jwk;  // with a code: the key that signs its assertions and messages
  std::optional<Fingerprint> thumbprint;
  std::optional<Fingerprint> under;  // without a code: the certificate under which it asked, which goes on counting
};
BOOST_DESCRIBE_STRUCT(EnrolConnector, (),
                      (id, code, certificate, issuer, serial, valid_from, valid_to, jwk, thumbprint, under))

// What was turned away before anyone was authenticated, from one source within a minute. Nothing else of such failures
// is in the log.
struct SumFailures {
  static constexpr std::string_view kKind = "sum_failures";
  std::string source;  // network address, or "others"
  std::uint64_t framing = 0;
  std::uint64_t handshake = 0;
  std::uint64_t slow = 0;
  std::uint64_t access = 0;
};
BOOST_DESCRIBE_STRUCT(SumFailures, (), (source, framing, handshake, slow, access))

struct Initialise {  // the first entry: two administrators and the recovery key
  static constexpr std::string_view kKind = "init";
  Instance instance;
  std::vector<Administrator> administrators;
};
BOOST_DESCRIBE_STRUCT(Initialise, (), (instance, administrators))

struct Restore {  // the first entry of a log that begins with a restore; every older epoch stops opening anything
  static constexpr std::string_view kKind = "restore";
  std::string old_head;                      // signed note of the backup
  std::string origin;                        // of the new log
  std::set<AdministratorId> administrators;  // who still is one; the others of the backup are suspended
};
BOOST_DESCRIBE_STRUCT(Restore, (), (old_head, origin, administrators))

struct Start {
  static constexpr std::string_view kKind = "start";
};
BOOST_DESCRIBE_STRUCT(Start, (), ())

struct Stop {
  static constexpr std::string_view kKind = "stop";
};
BOOST_DESCRIBE_STRUCT(Stop, (), ())

}  // namespace flikvakt::policy
