#include <algorithm>

#include "admin/act_file.h"
#include "admin/commands.h"
#include "admin/key_file.h"
#include "admin/reasons.h"
#include "audit/log_key_statement.h"
#include "base/files.h"

namespace flikvakt::admin {
namespace {

// Offline, with public keys alone.
struct Keys {
  std::vector<audit::NoteVerifier> log;
  std::vector<audit::CosignatureVerifier> witnesses;
  std::size_t quorum = 0;
  std::vector<crypto::PublicKey> administrators;  // none: who ordered a key of the log is not looked at

  audit::Trusted trusted() const { return {log, witnesses}; }
  audit::LogKeyGrounds grounds() const {
    using Known = std::span<const crypto::PublicKey>;
    return {trusted(), quorum, administrators.empty() ? std::nullopt : std::optional(Known(administrators))};
  }
};

// In the form in which they are registered (`administrator add`).
Outcome<std::vector<crypto::PublicKey>> read_administrators(const Arguments& arguments) {
  std::vector<crypto::PublicKey> out;
  for (const std::string& file : arguments.all("--administrator")) {
    const Outcome<json::object> fields = key_fields(file);
    if (!fields)
      return usage_failure("--administrator: " + fields.error().message,
                           "the public half is meant, as `flikvakt key show KEYFILE --jwk OUT` writes it");
    const crypto::PublicKey key = TRY(crypto::PublicKey::from_jwk(fields->at("jwk")));
    if (std::ranges::find(out, key) != out.end())
      return usage_failure("--administrator: the key in `" + file + "` stands twice: it would count twice");
    out.push_back(key);
  }
  if (out.size() == 1)
    return usage_failure("--administrator: expected two at least, since a new key of the log takes two");
  return out;
}

Outcome<Keys> read_keys(const Arguments& arguments) {
  Keys out;
  for (const std::string& key : arguments.all("--log-key")) {
    Result<audit::NoteVerifier> parsed = audit::NoteVerifier::parse(key);
    if (!parsed) return usage_failure("--log-key: " + parsed.error().message);
    out.log.push_back(std::move(*parsed));
  }
  for (const std::string& key : arguments.all("--witness")) {
    Result<audit::CosignatureVerifier> parsed = audit::CosignatureVerifier::parse(key);
    if (!parsed) return usage_failure("--witness: " + parsed.error().message);
    out.witnesses.push_back(std::move(*parsed));
  }
  if (out.log.empty())
    return usage_failure("--log-key: expected the log's key, name+id+key",
                         "`flikvakt init` printed it, and the förbund makes it known");
  out.quorum = static_cast<std::size_t>(TRY(arguments.number("--quorum", 0)));
  out.administrators = TRY(read_administrators(arguments));
  if (!audit::are_different(out.witnesses))
    return usage_failure("--witness: one of them stands twice, or two have one key: they would count twice");
  if (out.witnesses.empty() && out.quorum > 0)
    return usage_failure("--quorum goes with --witness WITNESS_KEY, once for each witness that you trust");
  if (!out.witnesses.empty() && (out.quorum == 0 || out.quorum > out.witnesses.size()))
    return usage_failure(
        "--quorum: say how many of the " + std::to_string(out.witnesses.size()) + " --witness keys must have cosigned",
        "more than half of them, or another history can find a quorum of its own");
  return out;
}

json::object act_view(const audit::ActPart& act) {
  json::object out{{"kind", audit::name_of(act.kind)},
                   {"outcome", audit::name_of(act.outcome)},
                   {"actor", audit::name_of(act.actor.kind())},
                   {"act", act.act.text()}};
  if (!act.actor.id().is_none()) out["actor_id"] = act.actor.id().text();
  if (!act.organisation.is_none()) out["organisation"] = act.organisation.text();
  if (act.rule != 0) out["rule"] = words_of(static_cast<policy::Rule>(act.rule));
  if (act.reason != 0) out["reason"] = words_of(static_cast<policy::Reason>(act.reason));
  return out;
}

json::object person_view(const audit::PersonPart& part) {
  json::object out{{"person", part.person.text()}};
  if (!part.actor.is_none()) out["actor"] = part.actor.text();
  if (!part.fullmakt.is_none()) out["fullmakt"] = part.fullmakt.text();
  if (!part.document.is_none()) out["document"] = part.document.text();
  if (!part.subject.is_none()) out["subject"] = part.subject.text();
  if (!part.flik.text().empty()) out["flik"] = part.flik.text();
  if (!part.purpose.text().empty()) out["purpose"] = part.purpose.text();
  if (part.bytes != 0) out["bytes"] = part.bytes;
  return out;
}

json::object view(const audit::CheckedReceipt& checked) {
  json::array cosigned;
  for (const audit::Cosignature& by : checked.seen.by)
    cosigned.push_back(json::object{{"witness", by.witness}, {"time", to_rfc3339(by.time)}});
  json::object out{{"log", checked.seen.checkpoint.origin},
                   {"entry", checked.index},
                   {"time", to_rfc3339(checked.leaf.time)},
                   {"size", checked.seen.checkpoint.size}};
  if (checked.is_pruned)
    out["holds_no_part"] = true;
  else if (checked.is_withheld)
    out["withheld"] = true;
  else
    out["act"] = act_view(checked.act);
  if (checked.person) out["person"] = person_view(*checked.person);
  out["cosigned"] = std::move(cosigned);
  return out;
}

std::string witnesses_in_words(const audit::CosignedCheckpoint& seen) {
  if (seen.by.empty()) return "No witness that you named has cosigned it: a log that was forked could show the same.\n";
  std::string out = "Cosigned by";
  for (const audit::Cosignature& by : seen.by) out += " " + by.witness + " (" + to_rfc3339(by.time) + ")";
  return out + ": they saw the same log.\n";
}

std::string what_it_says(const audit::CheckedReceipt& checked) {
  if (checked.is_pruned)
    return "; it holds no part, so what the entry said is not shown: it is pruned, or was left out here";
  if (checked.is_withheld)
    return "; what it says is withheld, for the sake of somebody else: ask the förbund if you need to prove it";
  return std::string(", and it says the above") + (checked.person ? "" : "; whom it concerned is not in this receipt");
}

std::string in_words(const audit::CheckedReceipt& checked) {
  return "The receipt holds.\n" + as_plain_text(view(checked)) + "Proven: the log `" + checked.seen.checkpoint.origin +
         "` had this entry as number " + std::to_string(checked.index) + " when it had " +
         std::to_string(checked.seen.checkpoint.size) + what_it_says(checked) + ".\n" +
         witnesses_in_words(checked.seen) +
         "Not proven: that what the gateway wrote down is what happened, and that it was the time that it says.\n";
}

Failure does_not_hold(std::string_view what, const std::string& why) {
  return Failure(ExitCode::refused, std::string(what) + " does not hold: " + on_one_line(why),
                 "fetch it again; if it still does not, keep both files and tell the förbund's security officer");
}

std::string cosigned_in_words(std::size_t got, std::size_t asked) {
  return "its checkpoint is cosigned by " + std::to_string(got) + " of the witnesses that you named, not by " +
         std::to_string(asked);
}

Outcome<void> verify_one(const std::string& text, const Keys& keys, const Output& output) {
  const Result<audit::Receipt> receipt = audit::parse_receipt(text);
  if (!receipt) return does_not_hold("the receipt", receipt.error().message);
  const Result<audit::CheckedReceipt> checked = audit::check_receipt(*receipt, keys.trusted());
  if (!checked) return does_not_hold("the receipt", checked.error().message);
  if (checked->seen.by.size() < keys.quorum)
    return does_not_hold("the receipt", cosigned_in_words(checked->seen.by.size(), keys.quorum));
  if (checked->is_pruned && !audit::may_be_pruned(*checked, keys.quorum, SystemClock().wall()))
    return does_not_hold("the receipt", "it holds no part, and is too young to have been pruned");
  output.data(view(*checked), in_words(*checked));
  return {};
}

// SPEC RCPT-13, RCPT-15
Outcome<void> verify_own_log(const std::string& text, const Keys& keys, const Output& output) {
  const Result<audit::OwnLogProof> log = audit::parse_own_log(text);
  if (!log) return does_not_hold("the own log", log.error().message);
  const Result<audit::CheckedOwnLog> checked = audit::check_own_log(*log, keys.trusted());
  if (!checked) return does_not_hold("the own log", checked.error().message);
  const std::size_t cosigned = checked->cosigned_by(keys.quorum);
  if (checked->is_behind(cosigned))
    return does_not_hold("the own log", "receipt " + std::to_string(cosigned) + ": " +
                                            cosigned_in_words(checked->entries[cosigned].seen.by.size(), keys.quorum) +
                                            ", and it is more than an hour older than the newest");
  if (const auto number = checked->left_out(keys.quorum, SystemClock().wall()))
    return does_not_hold("the own log", "receipt " + std::to_string(*number) +
                                            ": it holds no part, and is too young to have been pruned");
  const audit::CheckedReceipt& newest = checked->entries.back();
  const std::size_t all = checked->entries.size();
  json::object out{{"log", newest.seen.checkpoint.origin}, {"entries", all}, {"newest", view(newest)}};
  const auto pruned = std::ranges::count_if(checked->entries, &audit::CheckedReceipt::is_pruned);
  if (pruned > 0) out["pruned_entries"] = pruned;
  const auto withheld = std::ranges::count_if(checked->entries, &audit::CheckedReceipt::is_withheld);
  if (withheld > 0) out["withheld_entries"] = withheld;  // SPEC RCPT-17
  if (keys.quorum > 0) out["cosigned_entries"] = cosigned;
  const std::string witnessed =
      keys.quorum == 0 ? "No witness was asked for: a log that was forked could show the same.\n"
                       : "The first " + std::to_string(cosigned) + " are under checkpoints of your quorum; the last " +
                             std::to_string(all - cosigned) + " so far under the log's own word alone.\n";
  output.data(
      out, "The own log holds.\nProven: entries number 0 to " + std::to_string(all - 1) +
               " of this person, and none is left out between them. The newest is `" +
               std::string(audit::name_of(newest.act.kind)) + "` at " + to_rfc3339(newest.leaf.time) + ", entry " +
               std::to_string(newest.index) + " of `" + newest.seen.checkpoint.origin + "`.\n" +
               (pruned > 0 ? std::to_string(pruned) + " of them are pruned: what they said is gone.\n" : "") +
               (withheld > 0 ? std::to_string(withheld) + " of them are withheld, for the sake of somebody else: what "
                                                          "they say stands in the log, and not here.\n"
                             : "") +
               witnessed +
               "Not proven: what came after the newest, and what the gateway never wrote under this person's tag "
               "(spec/receipt.md says who can look for that).\n");
  return {};
}

json::array proven_view(const audit::CheckedLogKeys& checked) {
  json::array out;
  for (const audit::CheckedLogKeys::Proven& one : checked.later) {
    json::array by;
    for (const audit::Cosignature& cosignature : one.by)
      by.push_back(json::object{{"witness", cosignature.witness}, {"time", to_rfc3339(cosignature.time)}});
    json::object proven{{"generation", one.generation}, {"key", one.key}, {"cosigned", std::move(by)}};
    if (one.ordered_by) {
      proven["proposed_by"] = key_id(one.ordered_by->proposed);
      proven["approved_by"] = key_id(one.ordered_by->approved);
    }
    out.push_back(std::move(proven));
  }
  return out;
}

json::array stated_view(const audit::StatedLogKeys& stated) {
  json::array out;
  for (const audit::StatedLogKey& one : stated.keys)
    out.push_back(json::object{{"generation", one.generation}, {"key", one.key}, {"status", one.status}});
  return out;
}

std::string proven_in_words(const audit::CheckedLogKeys& checked, const Keys& keys) {
  const std::string_view beyond = "no other was announced since.\n";
  if (checked.later.empty())
    return "You know the newest key that the list has.\nNot proven: that " + std::string(beyond);
  const std::string announced =
      "Proven: the log that the witnesses saw announces each of the later keys. The last one is its current key.\n";
  if (!keys.administrators.empty())
    return announced +
           "Proven: two different ones of the administrators that you named ordered each.\n"
           "Not proven: that they were administrators then, other than by your word; that " +
           std::string(beyond);
  return announced +
         "Not proven: who announced them: whoever has a key that signs for the log could, until the log's own next "
         "checkpoint locks it.\nName the administrators whose keys you know (--administrator), or ask the förbund, "
         "before you rely on a new key.\nNot proven: that " +
         std::string(beyond);
}

// SPEC LKEY-12, LKEY-16
Outcome<void> verify_log_keys(const std::string& text, const Keys& keys, const Output& output) {
  if (keys.quorum == 0)
    return usage_failure("--quorum: expected how many of the --witness keys must have cosigned",
                         "who stole a key of the log can make everything else of such a list");
  const Result<audit::StatedLogKeys> stated = audit::parse_log_keys(text);
  if (!stated) return does_not_hold("the list of the log's keys", stated.error().message);
  const Result<audit::CheckedLogKeys> checked = audit::check_log_keys(*stated, keys.grounds());
  if (!checked) return does_not_hold("the list of the log's keys", checked.error().message);
  const json::object out{{"log", stated->origin}, {"later", proven_view(*checked)}, {"stated", stated_view(*stated)}};
  output.data(out, "The list holds.\n" + as_plain_text(out) + proven_in_words(*checked, keys));
  return {};
}

Outcome<void> verify(const Arguments& arguments, const Output& output) {
  const Keys keys = TRY(read_keys(arguments));
  const Result<Bytes> bytes = read_file(arguments.text("FILE"), audit::kMostOwnLogBytes);
  if (!bytes) return usage_failure("FILE: " + bytes.error().message);
  const std::string text(as_text(*bytes));
  const Result<json::value> value = parse_json(text);
  const json::object* object = value ? value->if_object() : nullptr;
  const json::value* format = object ? object->if_contains("format") : nullptr;
  if (format && *format == json::value(json::string(audit::kLogKeysFormat))) return verify_log_keys(text, keys, output);
  if (!keys.administrators.empty())
    return usage_failure("--administrator goes with the list of the log's keys, and this is none",
                         "curl https://GATEWAY/v1/log/keys fetches it");
  if (format && *format == json::value(json::string(audit::kOwnLogFormat))) return verify_own_log(text, keys, output);
  return verify_one(text, keys, output);
}

}  // namespace

std::vector<Command> verify_receipt_commands() {
  return {
      {"verify-receipt",
       "Check a receipt, a person's whole own log, or the list of the log's keys, without asking anybody",
       {"flikvakt verify-receipt reading.receipt --log-key LOG_KEY",
        "flikvakt verify-receipt own-log.json --log-key LOG_KEY --witness WITNESS_KEY --witness WITNESS_KEY --quorum "
        "2",
        "flikvakt verify-receipt log-keys.json --log-key LOG_KEY --witness WITNESS_KEY --witness WITNESS_KEY --quorum "
        "2 \\",
        "    --administrator alice.jwk --administrator bo.jwk"},
       {required_option("FILE", "FILE",
                        "what `receipt`, `person receipt` or `person prove-log` wrote, or /v1/log/keys answered"),
        repeated_option("--log-key", "LOG_KEY", "name+id+key of the log; several while it is being replaced"),
        repeated_option("--witness", "WITNESS_KEY", "name+id+key of a witness that you trust"),
        optional_option("--quorum", "K", "how many of them must have cosigned"),
        repeated_option("--administrator", "KEY",
                        "public key of an administrator whom you know: JWK of `flikvakt key show --jwk`; two of those "
                        "named must have ordered each later key of the log")},
       verify,
       "Exit codes: 0 it holds, 1 it does not (the message says what is wrong), 2 wrong options or no such file."},
  };
}

}  // namespace flikvakt::admin
