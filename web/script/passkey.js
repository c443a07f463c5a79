// The portal's one script: asks the browser for a passkey, or for a new one, and sends what it says in the form that asked.
// A form that wants it has data-passkey="get" or "create" and data-options, the options as JSON (WebAuthn Level 3).
"use strict";

const decode = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0)).buffer;

const encode = (buffer) =>
  btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// For browsers without parseRequestOptionsFromJSON and parseCreationOptionsFromJSON.
const withBytes = (options) => {
  const credential = (one) => ({ ...one, id: decode(one.id) });
  const out = { ...options, challenge: decode(options.challenge) };
  if (options.user) out.user = { ...options.user, id: decode(options.user.id) };
  if (options.allowCredentials) out.allowCredentials = options.allowCredentials.map(credential);
  if (options.excludeCredentials) out.excludeCredentials = options.excludeCredentials.map(credential);
  return out;
};

// For browsers without toJSON.
const asJson = (credential) => {
  if (credential.toJSON) return credential.toJSON();
  const response = {};
  for (const name of ["clientDataJSON", "authenticatorData", "signature", "userHandle", "attestationObject"]) {
    if (credential.response[name]) response[name] = encode(credential.response[name]);
  }
  return { id: credential.id, rawId: encode(credential.rawId), type: credential.type, response, clientExtensionResults: {} };
};

const ask = (kind, options) =>
  kind === "create"
    ? navigator.credentials.create({ publicKey: withBytes(options) })
    : navigator.credentials.get({ publicKey: withBytes(options) });

const begin = async (form, event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  const problem = form.querySelector("[data-problem]");
  button.disabled = true;
  if (problem) problem.hidden = true;
  try {
    const credential = await ask(form.dataset.passkey, JSON.parse(form.dataset.options));
    form.elements.namedItem("answer").value = JSON.stringify(asJson(credential));
    form.submit();
  } catch {
    // Turned back, too slow, or no such passkey here: the browser does not tell which.
    button.disabled = false;
    if (problem) {
      problem.hidden = false;
      problem.focus();
    }
  }
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.querySelector("button").disabled = false;
  form.addEventListener("submit", (event) => begin(form, event));
}
// A page that comes back from the browser's memory has its button again.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
