// What the pages ask. Answers about files never change while their tag holds, so they are kept.
const kept = new Map();
const MOST_KEPT = 400;

export class ApiError extends Error {
  constructor(status, message, retryAfter) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
    this.title = status === 404 ? "Not here." : status === 429 ? "The model is busy." : status === 0 ? "The server does not answer." : "This did not work.";
  }
}

async function failure(response) {
  let message = `${response.status} ${response.statusText}`;
  try { message = (await response.json()).error ?? message; } catch { /* no JSON: the status says it */ }
  return new ApiError(response.status, message, Number(response.headers.get("Retry-After")) || undefined);
}

/** The answer that first.js has asked for already, once. */
function early(path) {
  const answer = globalThis.LOUPE_FIRST?.[path];
  if (answer) delete globalThis.LOUPE_FIRST[path];
  return answer;
}

async function request(path, options) {
  try {
    const asked = options ? undefined : early(path);
    if (asked) return await asked;
    return await fetch(path, options);
  } catch (e) {
    if (e.name === "AbortError") throw e;
    throw new ApiError(0, "Is `loupe serve` still running? " + e.message);
  }
}

function keep(key, promise) {
  kept.delete(key);
  kept.set(key, promise);
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
  promise.catch(() => kept.delete(key));
  return promise;
}

/** JSON of a GET whose answer stays: from memory if it was asked before. */
export function get(path) {
  const embedded = globalThis.LOUPE_FILE?.[path];
  if (embedded) return Promise.resolve(embedded);
  if (globalThis.LOUPE_FILE) return Promise.reject(new ApiError(404, "This file holds only the features that were chosen for it."));
  if (kept.has(path)) return keep(path, kept.get(path));
  return keep(path, request(path).then(async (r) => { if (!r.ok) throw await failure(r); return r.json(); }));
}

/** JSON of a GET whose answer may be another now. */
export async function fresh(path, signal) {
  const response = await request(path, { signal });
  if (!response.ok) throw await failure(response);
  return response.json();
}

/** Text of a GET; a browser asks each time whether it still holds. */
export async function text(path, signal) {
  const response = await request(path, { signal });
  if (!response.ok) throw await failure(response);
  return response.text();
}

export async function post(path, body) {
  const response = await request(path, { method: "POST", headers: { "Content-Type": "application/json", "X-Loupe-Token": token() ?? "" }, body: JSON.stringify(body) });
  if (!response.ok) throw await failure(response);
  return response.json();
}

/** Events of an answer that comes line by line; an {error} line ends it. Aborting the signal stops the work there, too. */
export async function* stream(path, body, signal) {
  const response = await request(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal });
  if (!response.ok) throw await failure(response);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      for (const line of lines) {
        if (!line.trim()) continue;
        const event = JSON.parse(line);
        if (event.type === "error") throw new ApiError(event.status ?? 500, event.error);
        yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

export const suite = () => get("/api/suite");
export const record = (name) => { const [d, f] = name.split("/"); return get(`/api/dictionaries/${d}/features/${f}`); };
export const dictionary = (d) => get(`/api/dictionaries/${d}`);
export const previews = (d, features) => features.length ? get(`/api/dictionaries/${d}/previews?features=${features.join(",")}`) : Promise.resolve([]);
export const isFile = () => Boolean(globalThis.LOUPE_FILE);

/** Columns of all features as typed arrays: {features, columns: {name: {data, width}}, ...header}. */
export function columns(d, part = "") {
  const path = `/api/dictionaries/${d}/columns${part}`;
  if (kept.has(path)) return keep(path, kept.get(path));
  return keep(path, request(path).then(async (r) => {
    if (!r.ok) throw await failure(r);
    return unpack(await r.arrayBuffer());
  }));
}

const TYPES = { f4: Float32Array, i4: Int32Array, i1: Int8Array };

export function unpack(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const start = Math.ceil((4 + length) / 8) * 8;
  const columns = {};
  for (const c of header.columns) {
    columns[c.name] = { width: c.width, data: new TYPES[c.type](buffer, start + c.offset, header.features * c.width) };
  }
  return { ...header, columns };
}

// The token that lets these pages write: in the address that serve prints, kept for this tab's server.
export function token() {
  return sessionStorage.getItem("loupe.token") ?? localStorage.getItem("loupe.token");
}

export function takeToken() {
  const match = /^#token=([\w-]+)$/.exec(location.hash);
  if (!match) return;
  localStorage.setItem("loupe.token", match[1]);
  history.replaceState(history.state, "", location.pathname + location.search);
}
