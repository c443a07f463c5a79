#include "admin/passphrases.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "base/files.h"

namespace flikvakt::admin {
namespace {

constexpr std::size_t kLongestPassphrase = 1024;
constexpr std::uint8_t kInterrupt = 3;   // Ctrl-C, which is an ordinary character while we read
constexpr std::uint8_t kEndOfInput = 4;  // Ctrl-D
constexpr std::uint8_t kBackspace = 8;
constexpr std::uint8_t kDelete = 127;

// The terminal takes characters one by one and shows none of them, until this goes.
class QuietTerminal {
public:
  explicit QuietTerminal(int terminal) : terminal_(terminal), ok_(tcgetattr(terminal, &before_) == 0) {
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ECHOK | ECHONL | ICANON | ISIG);
    ok_ = ok_ && tcsetattr(terminal, TCSAFLUSH, &quiet) == 0;
  }
  ~QuietTerminal() {
    if (ok_) tcsetattr(terminal_, TCSAFLUSH, &before_);
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;
  bool ok() const { return ok_; }

private:
  int terminal_;
  termios before_{};
  bool ok_;
};

void say(int terminal, std::string_view text) {
  [[maybe_unused]] const ssize_t written = ::write(terminal, text.data(), text.size());
}

// Characters as they come, into memory that is locked and scrubbed.
Outcome<crypto::SecretText> read_line(int terminal) {
  auto typed = crypto::Secret<kLongestPassphrase>::zero();
  std::size_t size = 0;
  for (;;) {
    std::uint8_t character = 0;
    if (::read(terminal, &character, 1) != 1)
      return Failure(ExitCode::refused, "reading a passphrase: the terminal closed");
    if (character == kInterrupt || character == kEndOfInput)
      return Failure(ExitCode::refused, "reading a passphrase: cancelled");
    if (character == '\n' || character == '\r') break;
    if (character == kBackspace || character == kDelete) {
      if (size > 0) --size;
    } else if (size == kLongestPassphrase) {
      return Failure(ExitCode::refused, "reading a passphrase: over 1024 bytes");
    } else {
      typed.expose_mutable()[size++] = character;
    }
  }
  return crypto::SecretText::copy_from(as_text(BytesView(typed.expose()).first(size)));
}

Outcome<crypto::SecretText> ask(const std::string& prompt) {
  const Result<FileDescriptor> terminal = open_file("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (!terminal) {
    return usage_failure("a passphrase is needed (" + prompt + ") and there is no terminal",
                         "give it with --passphrase-file FILE (mode 0600)");
  }
  say(terminal->get(), prompt + ": ");
  const QuietTerminal quiet(terminal->get());
  if (!quiet.ok()) return Failure(ExitCode::refused, "reading a passphrase: the terminal would show it");
  Outcome<crypto::SecretText> line = read_line(terminal->get());
  say(terminal->get(), "\n");
  return line;
}

Outcome<crypto::SecretText> long_enough(crypto::SecretText passphrase) {
  if (passphrase.expose().size() >= kShortestPassphrase) return passphrase;
  return usage_failure("a new passphrase must have at least " + std::to_string(kShortestPassphrase) + " characters",
                       "four or more random words are easy to type and hard to guess");
}

}  // namespace

Passphrases Passphrases::from_options(const std::vector<std::string>& options) {
  Passphrases out;
  for (const std::string& option : options) {
    const std::size_t equals = option.find('=');
    if (equals == std::string::npos)
      out.of_all_ = option;
    else
      out.of_one_[option.substr(0, equals)] = option.substr(equals + 1);
  }
  return out;
}

const std::filesystem::path* Passphrases::file_for(const std::filesystem::path& sealed) const {
  if (const auto found = of_one_.find(sealed); found != of_one_.end()) return &found->second;
  return of_all_.empty() ? nullptr : &of_all_;
}

Outcome<crypto::SecretText> Passphrases::of_existing(const std::filesystem::path& sealed) const {
  if (const std::filesystem::path* file = file_for(sealed)) return read_passphrase_file(*file);
  return ask("passphrase of " + sealed.string());
}

Outcome<crypto::SecretText> Passphrases::of_new(const std::filesystem::path& sealed) const {
  if (const std::filesystem::path* file = file_for(sealed)) return long_enough(TRY(read_passphrase_file(*file)));
  crypto::SecretText first = TRY(long_enough(TRY(ask("new passphrase of " + sealed.string()))));
  const crypto::SecretText again = TRY(ask("the same again"));
  if (!(first == again)) return Failure(ExitCode::refused, "the two passphrases differ: nothing was changed");
  return first;
}

Outcome<crypto::SecretText> read_passphrase_file(const std::filesystem::path& file) {
  if (const Result<void> is_private = require_private(file); !is_private) {
    return usage_failure(
        "passphrase file: " + is_private.error().message,
        is_private.error().code == ErrorCode::not_found
            ? "write the passphrase into its first line (mode 0600), or leave --passphrase-file out and "
              "be asked at the terminal"
            : "a passphrase that others can read protects nothing");
  }
  Result<Bytes> bytes = read_file(file, kLongestPassphrase);
  if (!bytes) return usage_failure("passphrase file: " + bytes.error().message);
  const std::string_view text = as_text(*bytes);
  crypto::SecretText line = crypto::SecretText::copy_from(text.substr(0, text.find_first_of("\r\n")));
  crypto::scrub(*bytes);
  if (line.empty()) return usage_failure("passphrase file `" + file.string() + "`: its first line is empty");
  return line;
}

}  // namespace flikvakt::admin
