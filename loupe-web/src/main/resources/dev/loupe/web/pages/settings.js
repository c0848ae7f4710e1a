// What a person prefers in this browser.
const KEY = "loupe.settings";
const DEFAULTS = { theme: "", keys: true, whitespace: true, window: "snippet" };
const listeners = new Set();
let current = { ...DEFAULTS, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };

export const settings = () => current;

export function change(values) {
  current = { ...current, ...values };
  localStorage.setItem(KEY, JSON.stringify(current));
  if ("theme" in values) {
    if (values.theme) document.documentElement.dataset.theme = values.theme;
    else delete document.documentElement.dataset.theme;
  }
  listeners.forEach((listener) => listener(current));
}

export const onChange = (listener) => { listeners.add(listener); return () => listeners.delete(listener); };

/** Whether the page is dark now. */
export const isDark = () => current.theme ? current.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
