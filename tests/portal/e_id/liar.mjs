// An issuer of ID tokens that lies, in one way at a time. Small and by hand: no library would sign what it signs.
//
//   node liar.mjs SETTINGS.json     {certificates: {good, other_host, other_ca, over}, client: CLIENT_ID}
//
// Every row below is an issuer of its own, at /ROW/auth, /ROW/token, /ROW/jwks. What is said besides: `lie` and `who` in the address of
// auth, as the test appends them, or as /be?lie=…&who=… set them for a browser, which only follows links. Prints one line of JSON when it
// listens: the rows' addresses, the lies by kind. Ends when its standard input does.
import { constants, createHmac, createSign, generateKeyPairSync, randomBytes, sign as signBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { createServer as plainServer } from "node:net";

const settings = JSON.parse(readFileSync(process.argv[2], "utf8"));
const LOA3 = "http://id.elegnamnden.se/loa/1.0/loa3";
const LOA2 = "http://id.elegnamnden.se/loa/1.0/loa2";
const NUMBER = "https://id.oidc.se/claim/personalIdentityNumber";
const PREVIOUS = "https://id.oidc.se/claim/previousCoordinationNumber";
const NAME = "Lögnhild Personuppgift"; // stands in every token: it must stand in no log of the gateway
const SECONDS = () => Math.floor(Date.now() / 1000);

// ---- Keys

const ec = (kid) => ({ kid, alg: "ES256", ...generateKeyPairSync("ec", { namedCurve: "P-256" }) });
const rsa = (kid, modulusLength = 2048) => ({ kid, alg: "RS256", ...generateKeyPairSync("rsa", { modulusLength }) });
const own = ec("own"), ownRsa = rsa("own-rsa"), neighbour = ec("neighbour"), weak = rsa("weak", 1024), stranger = ec("stranger");
const jwkOf = (key) => ({ ...key.publicKey.export({ format: "jwk" }), kid: key.kid, alg: key.alg, use: "sig" });

const base64 = (bytes) => Buffer.from(bytes).toString("base64url");

const signedBy = (key, text) => {
  if (key.alg === "RS256") return signBytes("sha256", Buffer.from(text), key.privateKey);
  return signBytes("sha256", Buffer.from(text), { key: key.privateKey, dsaEncoding: "ieee-p1363" });
};

// `header` and `claims`: objects, or text as it is to stand there.
const token = (header, claims, signature) => {
  const text = [header, claims].map((one) => base64(typeof one === "string" ? one : JSON.stringify(one))).join(".");
  return `${text}.${base64(signature(text))}`;
};

// ---- What is said of a person

const truth = (asked) => ({
  iss: issuerOf(asked.row), aud: asked.client_id, sub: `sub-${asked.who}`, iat: SECONDS(), exp: SECONDS() + 300, auth_time: SECONDS(),
  nonce: asked.nonce, acr: LOA3, name: NAME, [NUMBER]: asked.who,
});

const HEADER = { alg: "ES256", kid: "own", typ: "JWT" };
const say = (header, claims, key = own) => token(header, claims, (text) => signedBy(key, text));
// The truth with other claims, or with another header.
const claiming = (change) => (asked) => {
  const claims = truth(asked);
  change(claims, asked);
  return say(HEADER, claims);
};
const headed = (header, key = own) => (asked) => say({ ...HEADER, ...header }, truth(asked), key);

const seen = { nonce: "", token: "" }; // of the last one that was true

const LIES = {
  // who says it, to whom
  iss_other: claiming((c) => { c.iss = issuerOf("neighbour"); }),
  iss_with_slash: claiming((c) => { c.iss += "/"; }),
  iss_missing: claiming((c) => { delete c.iss; }),
  iss_list: claiming((c) => { c.iss = [c.iss]; }),
  aud_other: claiming((c) => { c.aud = "another-client"; }),
  aud_missing: claiming((c) => { delete c.aud; }),
  aud_several_without_azp: claiming((c) => { c.aud = [c.aud, "another-client"]; }),
  aud_several_with_azp: claiming((c) => { c.azp = c.aud; c.aud = [c.aud, "another-client"]; }),
  azp_other: claiming((c) => { c.azp = "another-client"; }),
  sub_missing: claiming((c) => { delete c.sub; }),
  sub_empty: claiming((c) => { c.sub = ""; }),
  // how it is signed
  alg_none: (asked) => token({ alg: "none" }, truth(asked), () => ""),
  alg_none_with_kid: (asked) => token({ alg: "none", kid: "own" }, truth(asked), () => ""),
  alg_None: (asked) => token({ alg: "None", kid: "own" }, truth(asked), (text) => signedBy(own, text)),
  hs256_public_key: (asked) => token({ alg: "HS256", kid: "own-rsa" }, truth(asked), (text) =>
    createHmac("sha256", ownRsa.publicKey.export({ type: "spki", format: "pem" })).update(text).digest()),
  hs256_jwk: (asked) => token({ alg: "HS256", kid: "own" }, truth(asked), (text) =>
    createHmac("sha256", JSON.stringify(jwkOf(own))).update(text).digest()),
  sha1: (asked) => token({ alg: "RS256", kid: "own-rsa" }, truth(asked), (text) => createSign("RSA-SHA1").update(text).sign(ownRsa.privateKey)),
  alg_rs1: (asked) => token({ alg: "RS1", kid: "own-rsa" }, truth(asked), (text) => createSign("RSA-SHA1").update(text).sign(ownRsa.privateKey)),
  alg_of_another_kind: headed({ kid: "own-rsa" }), // ES256 for a key that is RSA
  kid_unknown: headed({ kid: "nobody-knows" }),
  kid_missing: headed({ kid: undefined }),
  kid_number: headed({ kid: 1 }),
  key_of_another_issuer: headed({}, neighbour),
  kid_of_another_issuer: headed({ kid: "neighbour" }, neighbour),
  key_in_header: headed({ kid: "stranger", jwk: jwkOf(stranger) }, stranger),
  key_from_address: headed({ kid: "stranger", jku: `https://127.0.0.1/jwks` }, stranger),
  certificate_in_header: headed({ kid: "stranger", x5c: ["AAAA"] }, stranger),
  crit: headed({ crit: ["exp"] }),
  not_base64: headed({ b64: false, crit: ["b64"] }),
  typ_access_token: headed({ typ: "at+jwt" }),
  signature_truncated: (asked) => say(HEADER, truth(asked)).slice(0, -2),
  signature_missing: (asked) => say(HEADER, truth(asked)).replace(/[^.]*$/, ""),
  signature_zero: (asked) => token(HEADER, truth(asked), () => Buffer.alloc(64)),
  signature_der: (asked) => token(HEADER, truth(asked), (text) => signBytes("sha256", Buffer.from(text), own.privateKey)),
  signature_padded: (asked) => `${say(HEADER, truth(asked))}==`,
  signature_of_other_claims: (asked) => {
    const [header, , signature] = say(HEADER, truth(asked)).split(".");
    return `${header}.${base64(JSON.stringify({ ...truth(asked), [NUMBER]: asked.other }))}.${signature}`;
  },
  // when
  expired: claiming((c) => { c.exp = SECONDS() - 1; c.iat = SECONDS() - 30; }),
  exp_missing: claiming((c) => { delete c.exp; }),
  exp_text: claiming((c) => { c.exp = String(c.exp); }),
  exp_before_iat: claiming((c) => { c.iat = SECONDS() + 30; c.exp = SECONDS() + 20; }),
  iat_in_the_future: claiming((c) => { c.iat = SECONDS() + 120; c.exp = c.iat + 300; }),
  iat_before_it_was_asked: claiming((c) => { c.iat = SECONDS() - 200; }),
  iat_missing: claiming((c) => { delete c.iat; }),
  lifetime_of_six_minutes: claiming((c) => { c.exp = c.iat + 360; }),
  lifetime_of_a_year: claiming((c) => { c.exp = c.iat + 365 * 86400; }),
  time_as_fraction: (asked) => say(HEADER, JSON.stringify(truth(asked)).replace(/"iat":(\d+)/, '"iat":$1.5')),
  // for what
  nonce_missing: claiming((c) => { delete c.nonce; }),
  nonce_other: claiming((c) => { c.nonce = base64(randomBytes(32)); }),
  nonce_empty: claiming((c) => { c.nonce = ""; }),
  nonce_replayed: claiming((c) => { c.nonce = seen.nonce; }),
  token_replayed: () => seen.token,
  // of what level
  acr_low: claiming((c) => { c.acr = LOA2; }),
  acr_missing: claiming((c) => { delete c.acr; }),
  acr_list: claiming((c) => { c.acr = [c.acr]; }),
  // whose
  number_missing: claiming((c) => { delete c[NUMBER]; }),
  number_malformed: claiming((c) => { c[NUMBER] = "198112189877"; }), // its check digit is 6
  number_of_ten_digits: claiming((c) => { c[NUMBER] = c[NUMBER].slice(2); }), // whose century somebody would have to guess
  number_with_dash: claiming((c) => { c[NUMBER] = c[NUMBER].replace(/(....)$/, "-$1"); }),
  number_as_number: claiming((c) => { c[NUMBER] = Number(c[NUMBER]); }),
  number_list: claiming((c) => { c[NUMBER] = [c[NUMBER]]; }),
  number_with_more: claiming((c) => { c[NUMBER] += "\n" + c[NUMBER]; }),
  previous_malformed: claiming((c) => { c[PREVIOUS] = "198112189877"; }),
  previous_no_coordination_number: claiming((c, asked) => { c[PREVIOUS] = asked.other; }),
  // what it looks like
  claims_twice: (asked) => say(HEADER, JSON.stringify(truth(asked)).replace(/}$/, `,"${NUMBER}":"${asked.other}"}`)),
  header_twice: (asked) => say('{"alg":"ES256","kid":"own","kid":"neighbour"}', truth(asked)),
  claims_no_object: () => say(HEADER, "[]"),
  claims_no_json: () => say(HEADER, "{"),
  four_parts: (asked) => `${say(HEADER, truth(asked))}.`,
  encrypted: headed({ enc: "A256GCM", zip: "DEF" }),
  huge: claiming((c) => { c.filler = "x".repeat(1 << 20); }),
  large: claiming((c) => { c.filler = "x".repeat(20 << 10); }),
};

// Only when somebody signs: the user must have been verified for this, and be the same as in the session.
const LIES_OF_SIGNING = {
  not_verified_anew: claiming((c) => { c.auth_time = SECONDS() - 1200; }),
  auth_time_missing: claiming((c) => { delete c.auth_time; }),
  auth_time_in_the_future: claiming((c) => { c.auth_time = SECONDS() + 600; }),
  number_of_another_person: claiming((c, asked) => { c[NUMBER] = asked.other; }),
};

// Nothing false: the denied ones' twins.
const TRUTHS = {
  plain: claiming(() => {}),
  aud_list: claiming((c) => { c.aud = [c.aud]; }),
  azp_own: claiming((c) => { c.azp = c.aud; }),
  rs256: (asked) => say({ alg: "RS256", kid: "own-rsa" }, truth(asked), ownRsa),
  without_typ: (asked) => say({ alg: "ES256", kid: "own" }, truth(asked)),
};

// What comes back to the portal instead of a code of this ceremony.
const RETURNS = {
  cancelled: (to) => { to.delete("code"); to.set("error", "access_denied"); },
  cancelled_and_more: (to) => { to.set("error", "access_denied"); },
  error_with_a_number: (to, asked) => { to.delete("code"); to.set("error", `fel för ${asked.who}`); to.set("error_description", NAME); },
  server_error: (to) => { to.delete("code"); to.set("error", "server_error"); },
  state_missing: (to) => { to.delete("state"); },
  state_wrong: (to) => { to.set("state", base64(randomBytes(32))); },
  code_missing: (to) => { to.delete("code"); },
  code_invented: (to) => { to.set("code", "invented"); },
  iss_of_another: (to) => { to.set("iss", issuerOf("neighbour")); }, // RFC 9207
  mixed_up: (_to, asked) => { asked.redirect_uri = asked.redirect_uri.replace(/[^/]*$/, "neighbour"); }, // RFC 9700 section 4.4
};

// ---- Issuers that lie by other means

const answer = (response, status, body, type = "application/json", more = {}) => {
  response.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(body), ...more });
  response.end(body);
};
const tokenOf = (asked) => JSON.stringify({ access_token: randomBytes(16).toString("hex"), token_type: "Bearer", id_token: TRUTHS.plain(asked) });
const held = []; // answers that do not come
let released = false;

const offCurve = () => {
  const jwk = jwkOf(own);
  const y = Buffer.from(jwk.y, "base64url");
  y[31] ^= 1;
  return { ...jwk, y: base64(y) };
};
const keys = (...list) => (response) => answer(response, 200, JSON.stringify({ keys: list }));

const ROWS = {
  liar: {},
  neighbour: { jwks: keys(jwkOf(neighbour)), key: neighbour, kid: "neighbour" },
  // the token endpoint
  token_html: { token: (r) => answer(r, 200, "<!doctype html><p>Logga in först</p>", "text/html") },
  token_500: { token: (r, asked) => answer(r, 500, tokenOf(asked)) },
  token_201: { token: (r, asked) => answer(r, 201, tokenOf(asked)) },
  token_redirect: { token: (r) => answer(r, 302, "", "text/plain", { Location: `${issuerOf("liar")}/token` }) },
  hangs: { token: (r) => { if (released) r.destroy(); else held.push(r); } }, // until /release
  token_silent: { token: () => {} },
  token_drips: { token: (r) => { r.writeHead(200, { "Content-Length": 1000 }); setInterval(() => r.write("{"), 1000).unref(); } },
  token_garbage: { token: (r) => answer(r, 200, '{"id_token": "a.b.c"') },
  token_empty: { token: (r) => answer(r, 200, "") },
  token_without: { token: (r) => answer(r, 200, '{"access_token": "a", "token_type": "Bearer"}') },
  token_no_text: { token: (r) => answer(r, 200, '{"id_token": {"a": 1}}') },
  token_twice: { token: (r, asked) => answer(r, 200, tokenOf(asked).replace(/}$/, `,"id_token":"${TRUTHS.plain(asked)}"}`)) },
  token_cut: { token: (r) => { r.writeHead(200, { "Content-Length": 1000 }); r.write("{"); setTimeout(() => r.destroy(), 50); } },
  token_closes: { token: (r) => { r.destroy(); } },
  token_refuses: { token: (r, asked) => answer(r, 400, JSON.stringify({ error: "invalid_grant", error_description: `${NAME} ${asked.who}` })) },
  token_own_words: { token: (r, asked) => answer(r, 400, JSON.stringify({ error: `${NAME} ${asked.who}` })) },
  token_on_other_host: { token_at: "other_host" },
  token_of_other_ca: { token_at: "other_ca" },
  token_over: { token_at: "over" },
  token_old_tls: { token_at: "old_tls" },
  token_without_tls: { token_at: "without_tls" },
  down: { at: "down" },
  // its keys
  jwks_weak: { jwks: keys(jwkOf(weak)), key: weak, kid: "weak" },
  jwks_sha1: { jwks: keys({ ...jwkOf(ownRsa), alg: "RS1" }), key: ownRsa, kid: "own-rsa" },
  jwks_off_curve: { jwks: keys(offCurve()) },
  jwks_twice: { jwks: keys(jwkOf(own), { ...jwkOf(stranger), kid: "own" }) },
  jwks_for_encryption: { jwks: keys({ ...jwkOf(own), use: "enc" }) },
  jwks_private: { jwks: keys({ ...own.privateKey.export({ format: "jwk" }), kid: "own" }) },
  jwks_symmetric: { jwks: keys({ kty: "oct", k: base64(randomBytes(32)), kid: "own", alg: "HS256" }) },
  jwks_empty: { jwks: keys() },
  jwks_html: { jwks: (r) => answer(r, 200, "<!doctype html>", "text/html") },
  jwks_500: { jwks: (r) => answer(r, 500, JSON.stringify({ keys: [jwkOf(own)] })) },
  jwks_redirect: { jwks: (r) => answer(r, 302, "", "text/plain", { Location: `${issuerOf("liar")}/jwks` }) },
  jwks_huge: { jwks: (r) => answer(r, 200, JSON.stringify({ keys: [jwkOf(own)], filler: "x".repeat(1 << 20) })) },
};

// ---- Serving

const ports = {};
const originOf = (place) => `https://127.0.0.1:${ports[place]}`;
const issuerOf = (row) => `${originOf("good")}/${row}`;
const placesOf = (row) => {
  const at = originOf(ROWS[row].at ?? "good"), token = originOf(ROWS[row].token_at ?? ROWS[row].at ?? "good");
  return { issuer: issuerOf(row), authorization_endpoint: `${originOf("good")}/${row}/auth`, token_endpoint: `${token}/${row}/token`,
           jwks_uri: `${at}/${row}/jwks` };
};

const codes = new Map(); // code -> what was asked
let redeemed = 0; // how often a token endpoint was asked
let current = { lie: "plain", who: "" }; // of a browser

const authorize = (row, query, response) => {
  const asked = { row, lie: current.lie, who: current.who, other: "191212121212", ...Object.fromEntries(query) };
  const code = randomBytes(16).toString("hex");
  codes.set(code, asked);
  const to = new URLSearchParams({ code, state: asked.state });
  RETURNS[asked.lie]?.(to, asked);
  answer(response, 302, "", "text/plain", { Location: `${asked.redirect_uri}?${to}` });
};

const redeem = async (row, request, response) => {
  redeemed += 1;
  let body = "";
  for await (const piece of request) body += piece;
  const asked = codes.get(new URLSearchParams(body).get("code"));
  if (!asked) return answer(response, 400, '{"error": "invalid_grant"}');
  if (ROWS[row].token) return ROWS[row].token(response, asked);
  const lie = LIES[asked.lie] ?? LIES_OF_SIGNING[asked.lie];
  if (lie) return answer(response, 200, JSON.stringify({ access_token: "a", token_type: "Bearer", id_token: lie(asked) }));
  const { key = own, kid = "own" } = ROWS[row];
  const truly = key === own ? (TRUTHS[asked.lie] ?? TRUTHS.plain)(asked) : say({ alg: key.alg, kid }, truth(asked), key);
  Object.assign(seen, { nonce: asked.nonce, token: truly });
  answer(response, 200, JSON.stringify({ access_token: "a", token_type: "Bearer", id_token: truly }));
};

const when = (holds, then) => (holds() ? then() : setTimeout(when, 20, holds, then));

const serve = (request, response) => {
  const address = new URL(request.url, "https://liar");
  const [, row, what] = address.pathname.split("/");
  if (row === "be") {
    current = { lie: "plain", who: "", ...Object.fromEntries(address.searchParams) };
    return answer(response, 200, "{}");
  }
  if (row === "held") return when(() => held.length >= Number(address.searchParams.get("at_least")), () => answer(response, 200, "{}"));
  if (row === "redeemed") return answer(response, 200, String(redeemed));
  if (row === "release") {
    released = true;
    for (const one of held.splice(0)) one.destroy();
    return answer(response, 200, "{}");
  }
  if (!Object.hasOwn(ROWS, row)) return answer(response, 404, "{}");
  if (what === "auth") return authorize(row, address.searchParams, response);
  if (what === "token") return redeem(row, request, response);
  if (what === "jwks") return (ROWS[row].jwks ?? keys(jwkOf(own), jwkOf(ownRsa)))(response);
  return answer(response, 404, "{}");
};

const listen = (server) => new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server.address().port)));
const secured = (certificate, options = {}) => listen(createServer({ ...certificate, ...options }, serve));
const { good, other_host, other_ca, over } = settings.certificates;
ports.good = await secured(good);
ports.other_host = await secured(other_host);
ports.other_ca = await secured(other_ca);
ports.over = await secured(over);
ports.old_tls = await secured(good, { maxVersion: "TLSv1.2", secureOptions: constants.SSL_OP_NO_TLSv1_3 });
ports.without_tls = await listen(plainServer((socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")));
ports.down = await new Promise((resolve) => {  // a port that was free a moment ago, and that nobody listens on
  const server = plainServer();
  server.listen(0, "127.0.0.1", () => { const { port } = server.address(); server.close(() => resolve(port)); });
});

console.log(JSON.stringify({
  rows: Object.fromEntries(Object.keys(ROWS).map((row) => [row, placesOf(row)])), origin: originOf("good"), name: NAME,
  lies: Object.keys(LIES), lies_of_signing: Object.keys(LIES_OF_SIGNING), returns: Object.keys(RETURNS), truths: Object.keys(TRUTHS),
}));
process.stdin.on("end", () => process.exit(0)).resume();
