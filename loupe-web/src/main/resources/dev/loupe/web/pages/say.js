// Things said in passing: to screen readers, and as a toast.
import { html } from "./base.js";

let live;
let toast;
let timer;

/** Announces without showing. */
export function announce(text) {
  live ??= document.body.appendChild(Object.assign(document.createElement("div"), { className: "sr" }));
  live.setAttribute("role", "status");
  live.setAttribute("aria-live", "polite");
  live.textContent = text;
}

/** Shows for some seconds, with one action at most. */
export function tell(text, action) {
  toast?.remove();
  clearTimeout(timer);
  toast = document.createElement("div");
  toast.className = "toast";
  toast.setAttribute("role", "status");
  toast.append(text);
  if (action) {
    const button = document.createElement("button");
    button.textContent = action[0];
    button.addEventListener("click", () => { toast.remove(); action[1](); });
    toast.append(button);
  }
  document.body.append(toast);
  timer = setTimeout(() => toast.remove(), action ? 9000 : 3500);
}

export async function copy(text, what = "Link") {
  try {
    await navigator.clipboard.writeText(text);
    tell(`${what} copied`);
  } catch {
    tell(text);
  }
}

/** A command for a terminal, with a button that copies it. */
export const command = (text) => html`<code class="mono">${text}</code> <button type="button" class="btn quiet tiny" aria-label="Copy the command" @click=${() => copy(text, "Command")}>copy</button>`;
