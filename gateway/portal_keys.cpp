#include "gateway/portal_keys.h"

#include "gateway/problem.h"

namespace flikvakt::gateway {
namespace {

Response add_page(PortalContext& context, const OwnPage& page) {
  std::vector<policy::Passkey> existing;
  for (const policy::DeviceKey& key : page.overview.keys) {
    if (key.passkey && key.status != policy::DeviceKeyStatus::removed) existing.push_back(*key.passkey);
  }
  return passkey_page(context, page.visit(), "add_passkey", web::Data(), page.names.text("add_passkey.name"), existing);
}

// Made, but it counts only when a key of the person's has signed for it.
Response added(PortalContext& context, const OwnPage& page, const Form& form) {
  const Result<json::object> made = made_passkey(context, page.exchange, form);
  if (!made) return not_signed_page(context.site, page.visit());
  ToSign to_sign;
  to_sign.act = *made;
  to_sign.act["kind"] = "add_key";
  to_sign.title = page.names.text("add_passkey.sign_title");
  to_sign.button = page.names.text("add_passkey.button");
  to_sign.paragraphs = {page.names.text("add_passkey.effect")};
  to_sign.back = "/me/keys";
  return sign_page(context, page.visit(), page.overview, to_sign);
}

}  // namespace

Result<json::object> made_passkey(PortalContext& context, const Exchange& exchange, const Form& form) {
  const service::CeremonyCookie cookie = ceremony_of(exchange);
  const service::NewPasskeyAnswer answer = TRY(service::parse_new_passkey_answer(form.text("answer")));
  const service::NewPasskey made = TRY(context.sessions().finish_new_passkey(cookie, answer));
  return json::object{{"jwk", made.jwk}, {"thumbprint", to_json(made.thumbprint)}, {"passkey", to_json(made.passkey)}};
}

Response passkey_page(PortalContext& context, const Visit& visit, std::string_view page, web::Data data,
                      const std::string& device_name, const std::vector<policy::Passkey>& existing) {
  const service::PasskeyCeremony ceremony = context.sessions().begin_new_passkey(*visit.cookie, device_name, existing);
  put_form(visit, data);
  data.set("options", json::serialize(ceremony.options));
  PortalSite::Options options;
  options.script = PageScript::passkey;
  Response response = context.site.page(visit, page, std::move(data), options);
  set_cookie(response, kCeremonyCookie, ceremony.cookie.value, service::kCeremonyLife);
  return response;
}

void add_key_pages(PortalContext& context, Router& router) {
  router
      .add(Method::get, "/me/keys/add", AccessRule::person_page, no_body(),
           own_page(context, [&context](const OwnPage& page) { return add_page(context, page); }))
      .add(
          Method::post, "/me/keys/add", AccessRule::person_page, whole_body(256 * 1024),
          form_page(context, [&context](const OwnPage& page, const Form& form) { return added(context, page, form); }));
}

}  // namespace flikvakt::gateway
