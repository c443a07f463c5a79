// The instance that is measured: its data directory and the staff who act in it. Made by bench/servers.py with the
// program's own commands; here it is opened as `flikvakt serve` opens it.
#pragma once

#include <map>

#include "crypto/sign.h"
#include "service/core.h"

namespace flikvakt::bench {

// As bench/servers.py writes it: ids as 32 hex digits, hashes in base64url.
struct CastFile {
  struct Member {
    OrganisationId organisation;
    StaffId staff;
    policy::Fingerprint certificate{};
    std::string key;  // of the organisation's assertions, PEM
  };
  std::string data;
  std::string passphrase_file;
  std::string audience;
  std::string purpose;
  std::string flik;
  Member depositor, registrar, confirmer, reader;  // registrar and confirmer: of two organisations
};
BOOST_DESCRIBE_STRUCT(CastFile::Member, (), (organisation, staff, certificate, key))
BOOST_DESCRIBE_STRUCT(CastFile, (),
                      (data, passphrase_file, audience, purpose, flik, depositor, registrar, confirmer, reader))

// One staff member, and their organisation's word for them. Thread-safe.
class Member {
public:
  Member(const CastFile::Member& from, std::string audience);

  const policy::StaffActor& actor() const { return actor_; }
  std::string assertion(UtcTime now) const;  // signed anew when the last one is two minutes old

private:
  policy::StaffActor actor_;
  std::string audience_;
  crypto::SigningKey key_;
  mutable std::mutex mutex_;
  mutable UtcTime signed_at_{};
  mutable std::string assertion_;
};

// Throws std::runtime_error when something is not as it should be: a measurement of the wrong thing is worse than none.
class Cast {
public:
  explicit Cast(const std::filesystem::path& file);
  ~Cast();

  service::Core& core() { return *core_; }
  const CastFile& file() const { return file_; }
  double open_seconds() const { return open_seconds_; }

  const Member& depositor() const { return *depositor_; }
  const Member& registrar() const { return *registrar_; }
  const Member& confirmer() const { return *confirmer_; }
  const Member& reader() const { return *reader_; }

private:
  CastFile file_;
  SystemClock clock_;
  std::unique_ptr<Member> depositor_, registrar_, confirmer_, reader_;
  std::unique_ptr<service::Core> core_;
  double open_seconds_ = 0;
};

// The value, or what went wrong as an exception.
template <class R>
auto must(R result) {
  if (!result) throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<typename R::value_type>) return std::move(result).operator*();
}
void must(const service::CommandResult& result, std::string_view what);

}  // namespace flikvakt::bench
