// Runs before the first paint: a chosen theme must not flash, and what this address needs is asked for at once, while the modules load.
(() => {
  const settings = JSON.parse(localStorage.getItem("loupe.settings") ?? "{}");
  if (settings.theme) document.documentElement.dataset.theme = settings.theme;
  const self = document.currentScript.src;
  if (!self) return; // in a file of its own, with all that it shows
  const [, first, dictionary, feature] = location.pathname.split("/");
  const of = first === "d" || first === "embed" ? dictionary : undefined;
  const page = of === undefined ? first || "suite" : feature ? "feature" : "dictionary";
  const needs = of === undefined ? (page === "suite" ? "/api/suite" : null) : `/api/dictionaries/${of}` + (feature ? `/features/${feature}` : "");
  globalThis.LOUPE_FIRST = needs ? { [needs]: fetch(needs) } : {};
  if (!["suite", "dictionary", "feature", "prompt", "search", "steer", "compare", "notes"].includes(page)) return; // as router.js has them
  for (const preload of [`pages/${page}.js`, ...(page === "feature" ? ["own-text.js", "notes-panel.js", "results.js"] : [])]) {
    const link = document.createElement("link");
    link.rel = "modulepreload";
    link.href = self.replace("first.js", preload);
    document.head.append(link);
  }
})();
