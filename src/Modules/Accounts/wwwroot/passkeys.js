// Passkeys: has the browser's authenticator answer what the server asks. Forms with data-passkey stay hidden where a browser cannot.
(() => {
  const able = () => !!window.PublicKeyCredential?.parseRequestOptionsFromJSON;
  const post = (path, fields) =>
    fetch(path, { method: "POST", body: new URLSearchParams(fields ?? {}), headers: { Accept: "application/json" } });
  const problem = async (answer) => {
    const said = await answer.json().catch(() => null);
    return (said?.errors && Object.values(said.errors).flat().join(" ")) || said?.title || "The server cannot be reached. Try again.";
  };
  const refused = (error) =>
    error?.name === "InvalidStateError" ? "This device has a passkey of yours already."
    : error?.name === "NotAllowedError" ? "No passkey was chosen, or it took too long. Try again."
    : "This browser could not use a passkey here. Try another way.";

  // Adds one. Answers null when it is there, else what went wrong.
  const add = async (name) => {
    if (!able()) return "This browser cannot make passkeys.";
    const asked = await post("/account/passkeys/options");
    if (!asked.ok) return problem(asked);
    let credential;
    try {
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(await asked.json());
      credential = await navigator.credentials.create({ publicKey });
    } catch (error) {
      return refused(error);
    }
    const added = await post("/account/passkeys", { name, credential: JSON.stringify(credential) });
    return added.ok ? null : problem(added);
  };

  const verify = async (form) => {
    const says = form.querySelector("[role=alert]");
    says.textContent = "";
    try {
      const asked = await post("/sign-in/passkeys/options");
      if (!asked.ok) {
        says.textContent = await problem(asked);
        return;
      }
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(await asked.json());
      form.elements.credential.value = JSON.stringify(await navigator.credentials.get({ publicKey }));
      form.submit();
    } catch (error) {
      says.textContent = refused(error);
    }
  };

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-passkey]")) return;
    event.preventDefault();
    verify(event.target);
  });
  document.addEventListener("DOMContentLoaded", () => {
    for (const form of document.querySelectorAll("form[data-passkey]")) form.hidden = !able();
  });
  window.tenetPasskeys = { able, add };
})();
