#include "admin/admin_client.h"

#include "admin/json_text.h"
#include "admin/signed_act.h"

namespace flikvakt::admin {
namespace {

constexpr std::chrono::seconds kTimeout{30};

}  // namespace

json::object approval(const std::string& proposal, json::value act) {
  return {{"kind", "approve"}, {"proposal", proposal}, {"act", std::move(act)}};
}

Outcome<AdminClient> AdminClient::connect(const std::filesystem::path& socket, const std::string& name) {
  HttpClient http(TRY(connect_unix(socket, kTimeout)), "localhost");
  const HttpResponse answer = TRY(http.send(get("/v1/status")));
  TRY_VOID(expect_gateway_name(TRY(json_of(answer)), name));
  return AdminClient(std::move(http), name);
}

Result<json::value> AdminClient::status() {
  const HttpResponse answer = TRY(http_.send(get("/v1/status")));
  return json_of(answer);
}

Result<json::value> AdminClient::ask(const std::string& path) {
  const HttpResponse answer = TRY(http_.send(get(path)));
  return json_of(answer);
}

Result<std::string> AdminClient::metrics() {
  HttpResponse answer = TRY(http_.send(get("/v1/metrics")));
  if (!answer.head.is_success()) return problem_of(answer);
  return std::move(answer.body);
}

Result<std::string> AdminClient::handle_of(const std::string& number) {
  const HttpResponse answer = TRY(http_.send(post("/v1/handles", json::object{{"number", number}})));
  return text_of(TRY(json_of(answer)), "handle");
}

Result<json::value> AdminClient::act(const crypto::SigningKey& key, json::value act) {
  const ActEnvelope envelope = wrap_act(std::move(act), audience_, SystemClock().wall());
  const json::value body = TRY(sign_act(key, kAdminActType, envelope.body));
  const HttpResponse answer = TRY(http_.send(post("/v1/acts", body)));
  return json_of(answer);
}

Outcome<json::value> AdminClient::act(const crypto::SigningKey& first, const crypto::SigningKey* second,
                                      json::value act) {
  json::value answer = TRY(this->act(first, act));
  if (text_of(answer, "status") != "proposed" || !second) return answer;
  return TRY(this->act(*second, approval(text_of(answer, "proposal"), std::move(act))));
}

Result<json::array> AdminClient::proposals(const crypto::SigningKey& key, const std::optional<std::string>& id) {
  json::object which{{"kind", "read_proposals"}};
  if (id) which["proposal"] = *id;
  json::value answer = TRY(this->act(key, std::move(which)));
  json::value* found = answer.is_object() ? answer.get_object().if_contains("proposals") : nullptr;
  if (!found || !found->is_array()) return fail(ErrorCode::malformed, "the gateway does not say what waits");
  return std::move(found->get_array());
}

Result<json::value> AdminClient::invitation(const crypto::SigningKey& key) {
  const ActEnvelope envelope = wrap_act(json::object{{"kind", "read_proposals"}}, audience_, SystemClock().wall());
  const json::value body = TRY(sign_act(key, kAdminActType, envelope.body));
  const HttpResponse answer = TRY(http_.send(post("/v1/portal-invitations", body)));
  return json_of(answer);
}

Outcome<Applied> apply_file(AdminClient& client, const crypto::SigningKey& first, const crypto::SigningKey* second,
                            const ApplyOptions& options) {
  const std::vector<json::value> acts = TRY(read_act_file(options.file));
  if (options.from > acts.size() && options.from > 1) {
    return usage_failure("--from: `" + options.file.string() + "` has " + std::to_string(acts.size()) +
                         " acts, so there is none number " + std::to_string(options.from));
  }
  Applied applied;
  if (!options.ids.empty()) applied.symbols = TRY(Symbols::read(options.ids));
  const Expander expander{applied.symbols, options.file.parent_path(),
                          [&](const std::string& number) { return client.handle_of(number); }};
  for (std::size_t i = options.from; i <= acts.size(); ++i) {
    const json::value& written = acts[i - 1];
    const Outcome<json::object> act = expand_act(written, expander);
    // Before the act: ids that the gateway may know must not be lost.
    if (act && !options.ids.empty()) TRY_VOID(applied.symbols.write(options.ids));
    Outcome<json::value> answer =
        act ? client.act(first, second, json::value(*act)) : Outcome<json::value>(act.error());
    if (!answer) {
      Failure failure = answer.error();
      failure.message = "act " + std::to_string(i) + " of " + std::to_string(acts.size()) + " (" +
                        text_of(written, "kind") + "): " + failure.message;
      failure.next = "the acts before it are done; mend it and run the same with --from " + std::to_string(i) +
                     (options.ids.empty() ? "" : " --ids " + options.ids.string());
      return failure;
    }
    applied.answers.push_back(std::move(*answer));
  }
  return applied;
}

}  // namespace flikvakt::admin
