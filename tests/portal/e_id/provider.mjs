// Issuers of ID tokens as they should be: oidc-provider, a certified implementation that is not ours, set up as the Swedish profile
// says. One process, one issuer a port, over TLS on loopback. Who signs in is a button; what an app would show is on the page.
//
//   node provider.mjs SETTINGS.json     {tls: {cert, key}, client: {id, jwks_uri}, issuers: [{name, redirect_uri, people, claims, acr}]}
//
// `people`: account -> claims. Prints one line of JSON when it listens, and ends when its standard input does.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { Provider } from "oidc-provider";

const settings = JSON.parse(readFileSync(process.argv[2], "utf8"));
const LOA3 = "http://id.elegnamnden.se/loa/1.0/loa3";
const MESSAGE = "https://id.oidc.se/param/userMessage";

const escaped = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

const page = (title, body) =>
  `<!doctype html><html lang="sv"><meta charset="utf-8"><title>${escaped(title)}</title><h1>${escaped(title)}</h1>${body}</html>`;

const signingKey = () => ({
  ...generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" }),
  kid: randomBytes(8).toString("hex"), alg: "ES256", use: "sig",
});

const configurationOf = (issuer) => ({
  clients: [{
    client_id: settings.client.id,
    client_name: "Flikvakt",
    redirect_uris: [issuer.redirect_uri],
    response_types: ["code"],
    grant_types: ["authorization_code"],
    token_endpoint_auth_method: "private_key_jwt",
    token_endpoint_auth_signing_alg: "ES256",
    id_token_signed_response_alg: "ES256",
    jwks_uri: settings.client.jwks_uri,
  }],
  jwks: { keys: [signingKey()] },
  acrValues: issuer.acr,
  claims: { openid: ["sub"], who: issuer.claims },
  scopes: ["openid"],
  features: { devInteractions: { enabled: false }, claimsParameter: { enabled: true } },
  extraParams: [MESSAGE],
  pkce: { required: () => true },
  ttl: { IdToken: 300, AuthorizationCode: 60, AccessToken: 60, Interaction: 600, Session: 600, Grant: 600 },
  // The portal is on loopback, where it would not go otherwise.
  fetch: (url, { dispatcher: _, signal: __, ...options }) => globalThis.fetch(url, options),
  cookies: { keys: [randomBytes(32).toString("hex")] },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  async findAccount(_ctx, sub) {
    const claims = issuer.people[sub];
    return claims && { accountId: sub, claims: async () => ({ sub, ...claims }) };
  },
  async loadExistingGrant(ctx) {  // consent is the portal's business
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope("openid");
    grant.addOIDCClaims(issuer.claims);
    await grant.save();
    return grant;
  },
});

const bodyOf = async (request) => {
  let out = "";
  for await (const piece of request) out += piece;
  return new URLSearchParams(out);
};

const messageOf = (params) => {
  if (!params[MESSAGE]) return "";
  return Buffer.from(JSON.parse(params[MESSAGE]).message, "base64").toString("utf8");
};

const show = (issuer, details, response) => {
  const message = messageOf(details.params);
  const people = Object.keys(issuer.people)
    .map((one) => `<p><button name="who" value="${escaped(one)}">${escaped(one)}</button></p>`).join("");
  response.setHeader("Content-Type", "text/html; charset=utf-8");
  response.end(page(issuer.name, `<p id="for">${message ? "Du skriver under" : "Du loggar in"} hos ${escaped(details.params.client_id)}</p>
<pre id="message">${escaped(message)}</pre><p id="locales">${escaped(details.params.ui_locales ?? "")}</p>
<form method="post">${people}<p><button name="cancel" value="1">Avbryt</button></p></form>`));
};

const finish = async (provider, issuer, request, response) => {
  const form = await bodyOf(request);
  const who = form.get("who");
  const result = form.get("cancel") || !issuer.people[who]
    ? { error: "access_denied", error_description: "avbröts" }
    : { login: { accountId: who, acr: issuer.acr[0], amr: ["pop"], remember: false } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
};

// As with an e-ID, whoever comes is asked who they are: nobody is still signed in from the time before.
const forget = (request) => {
  request.headers.cookie = (request.headers.cookie ?? "").split("; ").filter((one) => !one.startsWith("_session")).join("; ");
};

const listen = (issuer) => new Promise((resolve) => {
  let handle = null;
  const server = createServer({ ...settings.tls, minVersion: "TLSv1.3" }, (request, response) => handle(request, response));
  server.listen(0, "127.0.0.1", () => {
    const address = `https://127.0.0.1:${server.address().port}`;
    const provider = new Provider(address, configurationOf(issuer));
    const own = provider.callback();
    handle = async (request, response) => {
      forget(request);
      if (!request.url.startsWith("/interaction/")) return own(request, response);
      try {
        if (request.method === "POST") return await finish(provider, issuer, request, response);
        show(issuer, await provider.interactionDetails(request, response), response);
      } catch (error) {
        response.statusCode = 400;
        response.end(String(error));
      }
    };
    for (const event of ["server_error", "grant.error", "authorization.error"]) {
      provider.on(event, (_ctx, error) => console.error(`${issuer.name}: ${event}: ${error.message} ${error.error_detail ?? ""}`));
    }
    resolve({ name: issuer.name, issuer: address, authorization_endpoint: `${address}/auth`, token_endpoint: `${address}/token`,
              jwks_uri: `${address}/jwks` });
  });
});

console.log(JSON.stringify(await Promise.all(settings.issuers.map((one) => listen({ acr: [LOA3], ...one })))));
process.stdin.on("end", () => process.exit(0)).resume();
