#include "admin/toml_file.h"

#include <toml++/toml.h>
#include <algorithm>
#include <charconv>
#include <sstream>

#include "admin/suggest.h"
#include "base/files.h"

namespace flikvakt::admin {

struct TomlFile::State {
  struct Complaint {
    std::uint32_t line;
    std::string what;
  };

  std::string name;
  std::filesystem::path folder;
  toml::table table;
  std::vector<std::string> known;
  std::vector<Complaint> complaints;

  const toml::node* find(std::string_view key) {
    known.emplace_back(key);
    return table.get(key);
  }
  void complain(const toml::node* node, std::string what) {
    complaints.push_back({node ? static_cast<std::uint32_t>(node->source().begin.line) : 0, std::move(what)});
  }
};

namespace {

std::string ticked(std::string_view key) { return "`" + std::string(key) + "`"; }

bool is_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc() && end == digits.data() + digits.size() && !digits.empty();
}

std::string at_line(const std::string& name, std::uint32_t line) {
  return line == 0 ? name : name + ":" + std::to_string(line);
}

}  // namespace

TomlFile::TomlFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
TomlFile::TomlFile(TomlFile&&) noexcept = default;
TomlFile::~TomlFile() = default;

Outcome<TomlFile> TomlFile::read(const std::filesystem::path& file) {
  const Result<Bytes> bytes = read_file(file, 1 << 20);
  if (!bytes) return usage_failure(file.string() + ": " + bytes.error().message, "name a file that can be read");
  Outcome<TomlFile> parsed = parse(as_text(*bytes), file.string());
  if (parsed) parsed->state_->folder = file.parent_path();
  return parsed;
}

Outcome<TomlFile> TomlFile::parse(std::string_view text, std::string name) {
  auto state = std::make_unique<State>();
  state->name = std::move(name);
  try {
    state->table = toml::parse(text);
  } catch (const toml::parse_error& error) {
    const auto line = static_cast<std::uint32_t>(error.source().begin.line);
    return usage_failure(at_line(state->name, line) + ": expected TOML: " + std::string(error.description()));
  }
  return TomlFile(std::move(state));
}

std::optional<std::string> TomlFile::text(std::string_view key) {
  const toml::node* node = state_->find(key);
  if (!node) return std::nullopt;
  if (const auto* value = node->as_string(); value && !value->get().empty()) return value->get();
  state_->complain(node, ticked(key) + ": expected text in quotation marks");
  return std::nullopt;
}

std::string TomlFile::required_text(std::string_view key) {
  if (!state_->table.contains(key)) state_->complain(nullptr, ticked(key) + " is missing");
  return text(key).value_or("");
}

std::string TomlFile::required_address(std::string_view key) {
  std::string out = required_text(key);
  if (!out.empty() && !is_address(out)) complain(key, "an address and port, like \"127.0.0.1:8443\" or \"[::]:8443\"");
  return out;
}

std::vector<std::string> TomlFile::texts(std::string_view key) {
  const toml::node* node = state_->find(key);
  if (!node) return {};
  std::vector<std::string> out;
  const toml::array* array = node->as_array();
  if (array) {
    for (const toml::node& element : *array) {
      const auto* value = element.as_string();
      if (value && !value->get().empty()) out.push_back(value->get());
    }
  }
  if (!array || out.size() != array->size()) {
    state_->complain(node, ticked(key) + ": expected an array of texts, like [\"a\", \"b\"]");
  }
  return out;
}

std::vector<TomlFile> TomlFile::tables(std::string_view key) {
  state_->known.emplace_back(key);
  toml::node* node = state_->table.get(key);
  if (!node) return {};
  toml::array* array = node->as_array();
  if (!array || !array->is_homogeneous(toml::node_type::table)) {
    state_->complain(node, ticked(key) + ": expected tables, each under `[[" + std::string(key) + "]]`");
    return {};
  }
  std::vector<TomlFile> out;
  for (toml::node& element : *array) {
    auto state = std::make_unique<State>();
    state->name = state_->name;
    state->folder = state_->folder;
    state->table = std::move(*element.as_table());  // a copy would not know its lines
    out.push_back(TomlFile(std::move(state)));
  }
  return out;
}

std::optional<std::int64_t> TomlFile::number(std::string_view key, std::int64_t least, std::int64_t most) {
  const toml::node* node = state_->find(key);
  if (!node) return std::nullopt;
  const auto* value = node->as_integer();
  if (value && value->get() >= least && value->get() <= most) return value->get();
  state_->complain(
      node, ticked(key) + ": expected a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return std::nullopt;
}

std::filesystem::path TomlFile::resolve(const std::string& written) const {
  const std::filesystem::path path(written);
  return path.is_absolute() || state_->folder.empty() ? path : state_->folder / path;
}

std::optional<std::filesystem::path> TomlFile::path(std::string_view key) {
  const std::optional<std::string> written = text(key);
  if (!written) return std::nullopt;
  return resolve(*written);
}

std::filesystem::path TomlFile::required_path(std::string_view key) {
  const std::string written = required_text(key);
  return written.empty() ? std::filesystem::path() : resolve(written);
}

std::vector<std::filesystem::path> TomlFile::paths(std::string_view key) {
  std::vector<std::filesystem::path> out;
  for (const std::string& written : texts(key)) out.push_back(resolve(written));
  return out;
}

void TomlFile::complain(std::string_view key, std::string expected) {
  state_->complain(state_->table.get(key), ticked(key) + ": expected " + expected);
}

Outcome<void> TomlFile::finish() {
  for (const auto& [key, node] : state_->table) {
    const std::string name(key.str());
    if (std::find(state_->known.begin(), state_->known.end(), name) != state_->known.end()) continue;
    const std::optional<std::string> meant = nearest(name, state_->known);
    state_->complaints.push_back(
        {static_cast<std::uint32_t>(key.source().begin.line),
         ticked(name) + " is not known here" + (meant ? "; did you mean " + ticked(*meant) + "?" : "")});
  }
  if (state_->complaints.empty()) return {};
  // A missing key has no line and comes last: a misspelt one, which has a line, says more.
  const auto place = [](const State::Complaint& complaint) {
    return complaint.line == 0 ? UINT32_MAX : complaint.line;
  };
  const auto chosen = std::min_element(state_->complaints.begin(), state_->complaints.end(),
                                       [&](const auto& a, const auto& b) { return place(a) < place(b); });
  return usage_failure(at_line(state_->name, chosen->line) + ": " + chosen->what);
}

namespace {

// Throws nothing; what JSON has no word for is told with its line.
class ToJson {
public:
  explicit ToJson(std::string name) : name_(std::move(name)) {}

  Outcome<json::object> object(const toml::table& table) const {
    json::object out;
    for (const auto& [key, node] : table) out[std::string(key.str())] = TRY(value(node));
    return out;
  }

private:
  Outcome<json::value> value(const toml::node& node) const {
    if (const auto* table = node.as_table()) return json::value(TRY(object(*table)));
    if (const auto* array = node.as_array()) return json::value(TRY(elements(*array)));
    if (const auto* text = node.as_string()) return json::value(json::string(text->get()));
    if (const auto* number = node.as_integer()) return json::value(number->get());
    if (const auto* flag = node.as_boolean()) return json::value(flag->get());
    if (const auto* day = node.as_date()) return json::value(json::string(written(day->get())));
    if (const auto* time = node.as_date_time(); time && time->get().offset)
      return json::value(json::string(written(time->get())));
    return usage_failure(at_line(name_, static_cast<std::uint32_t>(node.source().begin.line)) +
                         ": expected text, a whole number, true or false, a day, or a time with its offset (Z)");
  }

  Outcome<json::array> elements(const toml::array& array) const {
    json::array out;
    for (const toml::node& element : array) out.push_back(TRY(value(element)));
    return out;
  }

  template <class T>
  static std::string written(const T& value) {
    std::ostringstream out;
    out << value;
    return out.str();
  }

  std::string name_;
};

}  // namespace

Outcome<json::object> read_toml_as_json(const std::filesystem::path& file) {
  const Result<Bytes> bytes = read_file(file, 1 << 20);
  if (!bytes) return usage_failure(file.string() + ": " + bytes.error().message, "name a file that can be read");
  try {
    return ToJson(file.string()).object(toml::parse(as_text(*bytes)));
  } catch (const toml::parse_error& error) {
    const auto line = static_cast<std::uint32_t>(error.source().begin.line);
    return usage_failure(at_line(file.string(), line) + ": expected TOML: " + std::string(error.description()));
  }
}

}  // namespace flikvakt::admin
