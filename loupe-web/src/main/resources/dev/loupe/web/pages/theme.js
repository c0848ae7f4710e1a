// Runs before the first paint, so that a chosen theme does not flash.
(() => {
  const settings = JSON.parse(localStorage.getItem("loupe.settings") ?? "{}");
  if (settings.theme) document.documentElement.dataset.theme = settings.theme;
})();
