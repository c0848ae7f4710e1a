// Every state has an address. Pages are fetched when they are first opened.
const PAGES = [
  [/^\/$/, "loupe-suite", () => import("./pages/suite.js"), []],
  [/^\/d\/([^/]+)$/, "loupe-dictionary", () => import("./pages/dictionary.js"), ["dictionary"]],
  [/^\/d\/([^/]+)\/(\d+)$/, "loupe-feature", () => import("./pages/feature.js"), ["dictionary", "feature"]],
  [/^\/embed\/([^/]+)\/(\d+)$/, "loupe-feature", () => import("./pages/feature.js"), ["dictionary", "feature"]],
  [/^\/prompt$/, "loupe-prompt", () => import("./pages/prompt.js"), []],
  [/^\/search$/, "loupe-search", () => import("./pages/search.js"), []],
  [/^\/steer$/, "loupe-steer", () => import("./pages/steer.js"), []],
  [/^\/compare$/, "loupe-compare", () => import("./pages/compare.js"), []],
  [/^\/explanations(?:\/([^/]+))?$/, "loupe-explanations-page", () => import("./pages/explanations.js"), ["dictionary"]],
  [/^\/rate\/([^/]+)$/, "loupe-rate", () => import("./pages/rate.js"), ["dictionary"]],
  [/^\/notes$/, "loupe-notes", () => import("./pages/notes.js"), []],
];

const inFile = () => Boolean(globalThis.LOUPE_FILE);

/** Where the reader is. A file on a disk has but one address: there it stands behind the #. */
export const address = () => inFile() ? new URL(location.hash.slice(1) || "/", "http://file.invalid") : new URL(location.href);

const listeners = new Set();
export const onRoute = (listener) => listeners.add(listener);

/** The page of the current address: {tag, load, params, query, embed}; tag null where there is none. */
export function route() {
  const { pathname, search } = address();
  if (inFile() && pathname === "/") return { tag: "loupe-file", load: () => import("./pages/file.js"), params: {}, query: new URLSearchParams(), embed: false };
  const path = pathname.replace(/(.)\/$/, "$1");
  for (const [pattern, tag, load, names] of PAGES) {
    const match = pattern.exec(path);
    if (match) {
      const params = Object.fromEntries(names.map((name, i) => [name, match[i + 1] && decodeURIComponent(match[i + 1])]));
      return { tag, load, params, query: new URLSearchParams(search), embed: path.startsWith("/embed/") };
    }
  }
  return { tag: null, load: async () => {}, params: {}, query: new URLSearchParams(), embed: false };
}

/** Goes to an address of these pages. */
export function go(href, { replace = false } = {}) {
  const url = new URL(href, address());
  if (url.href === address().href) return;
  if (inFile()) { location.hash = url.pathname + url.search; return; }
  history[replace ? "replaceState" : "pushState"]({}, "", url);
  listeners.forEach((listener) => listener());
}

/** Changes parts of the address's query; null takes one out. Replaces by default: a slider is no history. */
export function setQuery(values, { push = false } = {}) {
  const url = address();
  for (const [key, value] of Object.entries(values)) {
    if (value === null || value === undefined || value === "") url.searchParams.delete(key);
    else url.searchParams.set(key, value);
  }
  go(url.href, { replace: !push });
}

export function startRouter() {
  addEventListener("popstate", () => listeners.forEach((listener) => listener()));
  document.addEventListener("click", (event) => {
    const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
    if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    if (inFile() && link.getAttribute("href").startsWith("/")) { event.preventDefault(); return go(link.getAttribute("href")); }
    if (link.target || link.hasAttribute("download") || link.origin !== location.origin || link.pathname.startsWith("/api/")) return;
    if (link.hash && link.pathname === location.pathname && link.search === location.search) return;
    event.preventDefault();
    go(link.href);
  });
}
