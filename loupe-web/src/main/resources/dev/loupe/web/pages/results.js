// The set of features that is gone through: what a table, a search or a list showed last.
const KEY = "loupe.results";
let set = JSON.parse(sessionStorage.getItem(KEY) ?? "null");

/** Keeps a list of feature numbers of a dictionary, and the address that showed it. */
export function keepResults(dictionary, features, href) {
  set = { dictionary, features: Array.from(features), href };
  try {
    sessionStorage.setItem(KEY, JSON.stringify(set));
  } catch {
    sessionStorage.removeItem(KEY); // too large to outlive a reload
  }
}

/** The set that a feature is in: {features, index, href}; null where there is none. */
export function resultSet(dictionary, feature) {
  if (!set || set.dictionary !== dictionary) return null;
  const index = set.features.indexOf(feature);
  return index < 0 ? null : { ...set, index };
}
