#include "connector/depositor.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/files.h"
#include "crypto/hash.h"
#include "crypto/random.h"

namespace flikvakt::connector {
namespace {

constexpr std::chrono::hours kActLasts{24};
constexpr std::string_view kJson = "application/json";
constexpr std::size_t kMostFindingsBytes = 64 * 1024;  // of what is kept

// The first announcement has an id that follows from the message's, so that it is the same after any stop.
ActId act_id(const Message& message) {
  const crypto::Hash256 hash = crypto::sha256(
      as_bytes("flikvakt-connector announcement " + message.id.text() + " " + std::to_string(message.act_number)));
  ByteArray<16> out;
  std::copy_n(hash.begin(), out.size(), out.begin());
  return ActId(out);
}

// SPEC CONN-27
Trouble of_message(Trouble why) {
  why.is_of_message = true;
  return why;
}
Trouble stuck(std::string why) { return of_message(trouble(ExitCode::unavailable, std::move(why))); }

// That we are not known, or ask too much, is so for every message; any other status may be for this one alone.
Trouble later(const HttpAnswer& answer) {
  Trouble out =
      trouble(ExitCode::unavailable, "the gateway cannot answer now (status " + std::to_string(answer.status) + ")");
  out.is_of_message = answer.status != 401 && answer.status != 429;
  return out;
}

// A refusal is 403 and nothing else; what was sent is not understood or not taken, 400, 413 and 422. All else says
// nothing of the document.
constexpr unsigned kRefusal = 403;
bool is_of_form(unsigned status) { return status == 400 || status == 413 || status == 422; }

// What is sent under this message's name is its announcement and nothing else, whatever lies in the row.
bool is_announcement_of(const Message& message) {
  const Result<json::value> sent = parse_json(*message.announcement);
  const json::value* act = sent && sent->is_object() ? sent->get_object().if_contains("act") : nullptr;
  return act && text_in(*act, "kind") == "begin_deposit" && text_in(*act, "id") == message.id.text();
}

// SPEC CONN-33: by whoever had it open when it was taken, where nobody could see that.
bool is_as_it_was(int file, const Message& message) {
  struct stat now {};
  if (::fstat(file, &now) != 0 || static_cast<std::uint64_t>(now.st_size) != message.size) return false;
  return !message.changed || *message.changed == to_rfc3339(changed_at(now));
}

std::uint64_t number_in(const json::value& value, std::string_view member) {
  const json::value* found = value.is_object() ? value.get_object().if_contains(member) : nullptr;
  return found && found->is_int64() && found->get_int64() >= 0 ? static_cast<std::uint64_t>(found->get_int64()) : 0;
}

}  // namespace

Outcome<void> Depositor::keep(const Message& message) {
  const Result<void> kept = outbox_.keep(message);
  return kept ? Outcome<void>() : disk_trouble(kept.error());
}

Outcome<HttpAnswer> Depositor::ask(std::string method, std::string target, Bytes body, std::string_view type) {
  Question question;
  question.method = std::move(method);
  question.target = std::move(target);
  question.body = std::move(body);
  if (!type.empty()) question.headers["Content-Type"] = std::string(type);
  question.staff = link_.identity().file().staff;
  question.patience = std::chrono::seconds(60);
  return link_.ask(std::move(question));
}

// A refusal says nothing of why; of a connector that was removed it says nothing either.
Outcome<bool> Depositor::am_i_accepted() {
  const Outcome<HttpAnswer> answer = ask("GET", "/v1/source-requests", {}, "");  // which any staff in place may
  if (!answer) return answer.error();
  if (answer->status == 200 || answer->status == kRefusal) return answer->status == 200;
  Trouble trouble = later(*answer);
  trouble.is_of_message = false;  // nothing of it was asked
  return trouble;
}

Outcome<void> Depositor::refuse(Message& message, const RefusalWords& why) {
  const Outcome<bool> accepted = am_i_accepted();
  if (!accepted) return accepted.error();
  if (!*accepted) return not_accepted_any_more();
  message.state = MessageState::refused;
  message.reason = text_of(why);
  return keep(message);
}

// SPEC CONN-28: what was found in it, and what is sealed when it is not what came, where the gateway says so.
Outcome<void> Depositor::note_sealed(Message& message, const json::value& body) {
  const std::string sha256 = text_in(body, "sha256");
  if (!sha256.empty() && sha256 != message.sha256)
    return refuse(message, {"ett annat dokument lämnades in under det här meddelandets id: lägg filen här igen",
                            "another document was sealed under the id of this one: drop the file again"});
  const json::value* sealed = body.is_object() ? body.get_object().if_contains("sealed") : nullptr;
  if (sealed && !text_in(*sealed, "sha256").empty()) message.sealed_sha256 = text_in(*sealed, "sha256");
  const json::value* findings = body.is_object() ? body.get_object().if_contains("findings") : nullptr;
  if (findings && findings->is_array() && !findings->get_array().empty()) {
    std::string text = to_text(*findings);
    if (text.size() <= kMostFindingsBytes) message.findings = std::move(text);
  }
  message.state = MessageState::done;
  message.document = text_in(body, "document");
  message.entry = number_in(body, "entry");
  message.time = text_in(body, "time");
  return keep(message);
}

Outcome<void> Depositor::find_person(Message& message) {
  if (!message.handle.empty()) return {};
  const Outcome<HttpAnswer> answer =
      ask("POST", "/v1/handles", json_bytes(json::object{{"number", message.number}}), kJson);
  if (!answer) return answer.error();
  if (is_of_form(answer->status))
    return refuse(message, {"`person`: inget personnummer eller samordningsnummer (10 eller 12 siffror)",
                            "`person`: no personnummer or samordningsnummer (10 or 12 digits)"});
  if (answer->status == kRefusal) return refuse(message, words_of_no());
  if (answer->status != 200) return later(*answer);
  message.handle = text_in(body_of(*answer), "handle");
  return {};
}

// SPEC CONN-31: what is sent is kept first, so that it is the same bytes each time.
Outcome<void> Depositor::announce(Message& message) {
  if (message.announcement && !is_announcement_of(message)) message.announcement.reset();
  if (!message.announcement) {
    const json::object facts{{"flik", message.flik},
                             {"title", message.title},
                             {"author", message.author},
                             {"date", message.date},
                             {"media_type", message.media_type},
                             {"size", static_cast<std::int64_t>(message.size)},
                             {"sha256", message.sha256},
                             {"other_subjects", json::array()}};
    const json::object act{{"kind", "begin_deposit"},
                           {"id", message.id.text()},
                           {"person", message.handle},
                           {"facts", facts},
                           {"other_subjects", json::array()}};
    ++message.act_number;
    const UtcTime now = SystemClock().wall();
    message.announcement = json::serialize(json::object{{"id", act_id(message).text()},
                                                        {"audience", link_.identity().file().gateway},
                                                        {"issued", to_rfc3339(now)},
                                                        {"expires", to_rfc3339(now + kActLasts)},
                                                        {"act", act}});
    const Outcome<void> kept = keep(message);
    if (!kept) return kept.error();
  }
  const Outcome<HttpAnswer> answer = ask("POST", "/v1/acts", to_bytes(as_bytes(*message.announcement)), kJson);
  if (!answer) return answer.error();
  if (answer->status == 200) {
    message.state = MessageState::begun;
    return keep(message);
  }
  const json::value body = body_of(*answer);
  // A form that is wrong is told; all else is one refusal.
  if (answer->status == 413)
    return refuse(message, {"det som sägs om filen är för långt: korta titel och författare",
                            "what is said of the file is too long: shorten title and author"});
  if (is_of_form(answer->status)) {
    const bool is_expired = text_in(body, "type").ends_with("/act-expired");
    if (is_expired && message.act_number < 100) {
      message.announcement.reset();
      return announce(message);
    }
    return refuse(message, words_of_problem(body));
  }
  if (answer->status != kRefusal && answer->status != 409) return later(*answer);
  // Perhaps it stands already: announced before with an answer that was lost, and expired since; or sealed.
  const Outcome<std::optional<Progress>> stands = progress(message);
  if (!stands) return stands.error();
  if (message.state == MessageState::done || message.state == MessageState::refused) return {};
  if (*stands) {
    message.state = MessageState::begun;
    return keep(message);
  }
  return refuse(message, words_of_no());
}

Outcome<std::optional<Depositor::Progress>> Depositor::progress(Message& message) {
  const Outcome<HttpAnswer> answer = ask("GET", "/v1/deposits/" + message.id.text() + "/chunks", {}, "");
  if (!answer) return answer.error();
  const json::value body = body_of(*answer);
  if (answer->status == 201) {
    const Outcome<void> sealed = note_sealed(message, body);
    if (!sealed) return sealed.error();
    return std::optional(Progress{true, 0});
  }
  if (answer->status == kRefusal) return std::optional<Progress>();
  if (answer->status != 200) return later(*answer);
  return std::optional(Progress{false, number_in(body, "received")});
}

// SPEC CONN-32
Outcome<void> Depositor::fill(Message& message, std::uint64_t from) {
  const Result<FileDescriptor> file = open_file(outbox_.data(message.id), O_RDONLY | O_CLOEXEC);
  if (!file) return of_message(disk_trouble(file.error()));
  int tries = 0;
  for (std::uint64_t at = from; at < message.size;) {
    Bytes piece(static_cast<std::size_t>(std::min<std::uint64_t>(config_.chunk_bytes, message.size - at)));
    const Result<void> read = read_exactly(file->get(), at, piece);
    const bool is_last = at + piece.size() == message.size;
    if ((!read && read.error().code == ErrorCode::corrupt) || (is_last && !is_as_it_was(file->get(), message)))
      return refuse(message, {"filen ändrades efter att den hämtades: lägg den här igen när den är hel",
                              "the file was changed after it was taken: drop it again when it is whole"});
    if (!read) return of_message(disk_trouble(read.error()));
    const Outcome<HttpAnswer> answer = ask("PUT", "/v1/deposits/" + message.id.text() + "/chunks/" + std::to_string(at),
                                           std::move(piece), "application/octet-stream");
    if (!answer) return answer.error();
    const json::value body = body_of(*answer);
    if (answer->status == 201) return note_sealed(message, body);
    if (is_of_form(answer->status)) return refuse(message, words_of_problem(body));
    if (answer->status != 200 && answer->status != kRefusal) return later(*answer);
    if (answer->status == kRefusal) {
      // The announcement lapsed (24 hours), or what allowed it was taken back.
      message.state = MessageState::queued;
      message.announcement.reset();
      return message.act_number < 3 ? keep(message) : refuse(message, words_of_no());
    }
    const std::uint64_t received = number_in(body, "received");
    if (received <= at && ++tries > 8) return stuck("the gateway took no further byte of it in 8 tries");
    at = received;
  }
  return stuck("the gateway has every byte and does not say what became of it");
}

Outcome<void> Depositor::send(Message& message) {
  for (int step = 0; step < 8; ++step) {
    if (message.state == MessageState::done || message.state == MessageState::refused) return {};
    if (message.state != MessageState::begun) {
      const Outcome<void> found = find_person(message);
      if (!found) return found.error();
      if (message.state == MessageState::refused) return {};
      const Outcome<void> announced = announce(message);
      if (!announced) return announced.error();
      continue;
    }
    const Outcome<std::optional<Progress>> stands = progress(message);
    if (!stands) return stands.error();
    if (message.state != MessageState::begun) continue;
    if (!*stands) {
      message.state = MessageState::queued;
      message.announcement.reset();
      if (message.act_number >= 3) return refuse(message, words_of_no());
      continue;
    }
    const Outcome<void> filled = fill(message, (*stands)->received);
    if (!filled) return filled.error();
  }
  return stuck("the gateway neither takes nor refuses it");
}

}  // namespace flikvakt::connector
