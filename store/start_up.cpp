#include "store/start_up.h"

#include <fcntl.h>

#define SQLITE_HAS_CODEC 1
#include <sqlite3.h>

#include <algorithm>
#include <array>

#include "base/files.h"

namespace flikvakt::store {
namespace {

constexpr std::uint64_t kPageBytes = 4096;

struct Setting {
  Sql set;
  Sql get;
  std::string_view expected;
};

// SPEC STO-4: what is set is read back; SQLCipher and SQLite ignore a PRAGMA that they do not know.
constexpr std::array kEverywhere = {
    Setting{"PRAGMA secure_delete = ON", "PRAGMA secure_delete", "1"},
    Setting{"PRAGMA temp_store = MEMORY", "PRAGMA temp_store", "2"},
    Setting{"PRAGMA foreign_keys = ON", "PRAGMA foreign_keys", "1"},
    Setting{"PRAGMA cell_size_check = ON", "PRAGMA cell_size_check", "1"},
};
constexpr std::array kWriter = {
    Setting{"PRAGMA journal_mode = WAL", "PRAGMA journal_mode", "wal"},
    Setting{"PRAGMA synchronous = FULL", "PRAGMA synchronous", "2"},
    Setting{"PRAGMA wal_autocheckpoint = 0", "PRAGMA wal_autocheckpoint", "0"},
    Setting{"PRAGMA cache_spill = OFF", "PRAGMA cache_spill", "0"},  // no page reaches the WAL before COMMIT
    Setting{"PRAGMA cache_size = -65536", "PRAGMA cache_size", "-65536"},
    Setting{"PRAGMA journal_size_limit = 67108864", "PRAGMA journal_size_limit", "67108864"},
};

Result<std::string> read_back(Connection& connection, Sql sql) {
  Query query = TRY(connection.query(sql));
  return TRY(query.step()) ? std::string(query.text(0)) : std::string();
}

Result<void> apply_settings(Connection& connection, std::span<const Setting> settings) {
  for (const Setting& setting : settings) {
    TRY_VOID(connection.run(setting.set));
    const std::string now = TRY(read_back(connection, setting.get));
    if (now != setting.expected) {
      return fail(ErrorCode::internal, "the database library did not take `" + std::string(setting.set.text()) + "`");
    }
  }
  return {};
}

// SPEC STO-1: the raw key, so that no passphrase derivation runs.
Result<void> apply_key(Connection& connection, const crypto::DatabaseKey& key) {
  constexpr std::string_view digits = "0123456789abcdef";
  ByteArray<2 + 64 + 1> literal;
  literal[0] = 'x';
  literal[1] = literal.back() = '\'';
  for (std::size_t i = 0; i < 32; ++i) {
    literal[2 + 2 * i] = static_cast<std::uint8_t>(digits[key.expose()[i] >> 4]);
    literal[3 + 2 * i] = static_cast<std::uint8_t>(digits[key.expose()[i] & 15]);
  }
  const int code = sqlite3_key(connection.handle(), literal.data(), static_cast<int>(literal.size()));
  crypto::scrub(literal);
  if (code != SQLITE_OK) return connection.error(code, "handing the key to the database");

  // SPEC STO-2: without SQLCipher the rows would be written in the clear, and the key ignored.
  const std::string version = TRY(read_back(connection, "PRAGMA cipher_version"));
  if (version.empty()) return fail(ErrorCode::internal, "the database library is not SQLCipher");
  // One file format for all versions: 3 knows no other, 4 and later are asked for it.
  if (version[0] != '3') TRY_VOID(connection.run("PRAGMA cipher_compatibility = 3"));
  TRY_VOID(connection.run("PRAGMA cipher_page_size = 4096"));
  if (TRY(read_back(connection, "PRAGMA cipher_page_size")) != "4096") {
    return fail(ErrorCode::internal, "the database library did not take the page size");
  }
  return {};
}

Result<void> close_side_doors(Connection& connection) {
  sqlite3* handle = connection.handle();
  sqlite3_busy_timeout(handle, 2000);  // a reader's recovery or opening holds its lock for a moment
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
#ifdef SQLITE_DBCONFIG_DEFENSIVE
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
#endif
  // A device that overwrites its neighbour's bytes would need padding after the commit frame, and then "disk full"
  // could come after a whole commit frame: see CommitOutcome::aborted.
  int powersafe = -1;
  sqlite3_file_control(handle, "main", SQLITE_FCNTL_POWERSAFE_OVERWRITE, &powersafe);
  if (powersafe != 1) return fail(ErrorCode::internal, "the database would pad its log: disk full would be uncertain");
  return {};
}

// SPEC STO-3: what can be told from the outside, with a message of its own each.
Result<void> look_at_file(const std::filesystem::path& path) {
  const std::string name = "`" + path.filename().string() + "`";
  Result<FileDescriptor> file = open_file(path, O_RDONLY | O_NONBLOCK);
  if (!file && file.error().code == ErrorCode::not_found) {
    return fail(ErrorCode::not_found, "there is no database " + name + ": `flikvakt init` creates one");
  }
  if (!file) return file.error();
  std::error_code ec;
  const std::uint64_t size = std::filesystem::file_size(path, ec);
  if (ec) return fail(ErrorCode::io, "looking at " + name + ": " + ec.message());
  if (size == 0) return fail(ErrorCode::corrupt, "the database " + name + " is empty: restore it from a backup");
  constexpr std::string_view kPlain = "SQLite format 3";
  ByteArray<15> begin{};
  if (size >= begin.size()) TRY_VOID(read_exactly(file->get(), 0, begin));
  if (as_text(begin) == kPlain) return fail(ErrorCode::invalid, "the database " + name + " is not encrypted: not ours");
  if (size % kPageBytes != 0) {
    return fail(ErrorCode::corrupt, "the database " + name + " is cut short (" + std::to_string(size) +
                                        " bytes are no whole pages): restore it from a backup");
  }
  return {};
}

Result<void> try_first_page(Connection& connection, const std::filesystem::path& path) {
  Result<std::string> probe = read_back(connection, "SELECT count(*) FROM sqlite_master");
  if (probe) return {};
  if (probe.error().code != ErrorCode::corrupt) return probe.error();
  return fail(ErrorCode::denied, "the key does not open the database `" + path.filename().string() +
                                     "`: it is the key of another database, or the first page is damaged");
}

int authorise(void*, int action, const char* first, const char*, const char*, const char*) {
  const std::string_view name = first ? first : "";
  const bool internal_table = name.starts_with("sqlite_");
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_TRANSACTION:
    case SQLITE_FUNCTION:
      return SQLITE_OK;
    case SQLITE_READ:
      return SQLITE_OK;
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
      return internal_table ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_PRAGMA:
      return name == "integrity_check" ? SQLITE_OK : SQLITE_DENY;
    default:
      return SQLITE_DENY;
  }
}

}  // namespace

Result<std::unique_ptr<Connection>> open_keyed(const std::filesystem::path& path, const crypto::DatabaseKey& key,
                                               Role role) {
  TRY_VOID(look_at_file(path));
  const auto mode = role == Role::writer ? Connection::Mode::read_write : Connection::Mode::read_only;
  std::unique_ptr<Connection> connection = TRY(Connection::open(path.string(), mode));
  TRY_VOID(apply_key(*connection, key));
  TRY_VOID(close_side_doors(*connection));
  TRY_VOID(try_first_page(*connection, path));
  if (role == Role::writer && sqlite3_db_readonly(connection->handle(), "main") != 0) {
    return fail(ErrorCode::io, "the database `" + path.string() + "` cannot be written: `chmod 600 " + path.string() +
                                   "`, or mount its disk for writing");
  }
  TRY_VOID(apply_settings(*connection, kEverywhere));
  if (role == Role::writer) TRY_VOID(apply_settings(*connection, kWriter));
  return connection;
}

Result<std::unique_ptr<Connection>> create_keyed(const std::filesystem::path& path, const crypto::DatabaseKey& key) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 && errno == EEXIST) {
    return fail(ErrorCode::conflict, "`" + path.filename().string() + "` is there already: nothing is overwritten");
  }
  if (fd < 0) return os_error("creating", path);
  { FileDescriptor closed_before_sqlite_opens_it(fd); }  // closing it later would drop SQLite's locks
  std::unique_ptr<Connection> connection = TRY(Connection::open(path.string(), Connection::Mode::read_write));
  TRY_VOID(apply_key(*connection, key));
  TRY_VOID(close_side_doors(*connection));
  TRY_VOID(apply_settings(*connection, kEverywhere));
  return connection;
}

void allow_rows_only(Connection& connection) { sqlite3_set_authorizer(connection.handle(), authorise, nullptr); }

}  // namespace flikvakt::store
