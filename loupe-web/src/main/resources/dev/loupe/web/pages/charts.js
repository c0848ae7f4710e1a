// Small charts: figures with a text that says the same.
import "d3";
import { html, svg, nothing } from "./base.js";
import { number } from "./format.js";

export const d3 = globalThis.d3;

/**
 * Bars over bins. options: {counts, edges (counts.length + 1) | labels, width, height, log (x axis), logCounts,
 * marker: {value, text}, selected: index, onPick: index => void, title, minusBelow: value, format}
 */
export function histogram(options) {
  const { counts, edges, width = 340, height = 120, log = false, logCounts = false, marker, selected, onPick, title, minusBelow, format = number } = options;
  const bottom = 20;
  const top = 16;
  const from = log ? Math.max(edges[0], edges.at(-1) * 1e-4, Number.MIN_VALUE) : edges[0];
  const to = edges.at(-1) > from ? edges.at(-1) : from + 1;
  const x = (log ? d3.scaleLog() : d3.scaleLinear()).domain([from, to]).range([0, width]).clamp(true);
  const most = Math.max(1, options.max ?? d3.max(counts));
  const y = (logCounts ? d3.scaleSymlog() : d3.scaleLinear()).domain([0, most]).range([height - bottom, top]);
  const ticks = log ? logTicks(from, to, width) : x.ticks(Math.max(2, Math.floor(width / 90)));
  const at = marker && Number.isFinite(marker.value) ? x(Math.max(marker.value, from)) : null;
  return html`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label=${title}>
    ${counts.map((count, i) => {
      const left = x(Math.max(edges[i], from));
      const w = Math.max(0.8, x(Math.max(edges[i + 1], from)) - left - 0.8);
      const bar = svg`<rect class="bar ${onPick ? "pick" : ""} ${selected === i ? "sel" : ""} ${minusBelow !== undefined && edges[i] < minusBelow ? "minus" : ""}"
        x=${left} y=${count ? Math.min(y(count), height - bottom - 1) : height - bottom} width=${w} height=${count ? Math.max(1, height - bottom - y(count)) : 0}></rect>`;
      return onPick
        ? svg`<g @click=${() => onPick(i)}>${bar}<rect x=${left} y=${top} width=${w + 0.8} height=${height - bottom - top} fill="transparent" style="cursor:pointer"><title>${format(edges[i])} to ${format(edges[i + 1])}: ${count.toLocaleString("en-US")}</title></rect></g>`
        : bar;
    })}
    <line class="axis" x1="0" x2=${width} y1=${height - bottom + 0.5} y2=${height - bottom + 0.5}></line>
    ${ticks.map((tick) => svg`<text class="tick" x=${Math.min(width - 2, Math.max(2, x(tick)))} y=${height - 6} text-anchor=${x(tick) < 12 ? "start" : x(tick) > width - 12 ? "end" : "middle"}>${format(tick, 2)}</text>`)}
    ${at === null ? nothing : svg`<line class="marker" x1=${at} x2=${at} y1=${top - 4} y2=${height - bottom}></line>
      <text class="marker-text" x=${Math.min(width - 4, Math.max(4, at))} y=${top - 5} text-anchor=${at > width * 0.7 ? "end" : at < width * 0.3 ? "start" : "middle"}>${marker.text ?? format(marker.value)}</text>`}
  </svg>`;
}

function logTicks(from, to, width) {
  const scale = d3.scaleLog().domain([from, to]);
  const all = scale.ticks().filter((t) => [1, 2, 5].some((m) => Math.abs(t / 10 ** Math.floor(Math.log10(t) + 1e-9) - m) < 0.01));
  const step = Math.max(1, Math.ceil(all.length / Math.max(2, Math.floor(width / 60))));
  return all.filter((_, i) => i % step === 0);
}

/**
 * Lines. options: {series: [{name, points: [[x, y, low?, high?]], second, style: 0..5}], width, height, logX, logY, yDomain, title, xLabel, yLabel,
 * onPick: x => void, at: x, labelled: names at the ends, marked: a mark at each point}
 */
export function lines(options) {
  const { series, width = 520, height = 220, logX, logY, yDomain, title, xLabel = "", yLabel = "", onPick, at, labelled = false, marked = false } = options;
  const left = 46;
  const bottom = 32;
  const right = width - (labelled ? 14 + 6.6 * Math.max(...series.map((s) => s.name.length)) : 8);
  const points = series.flatMap((s) => s.points).filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b) && (!logX || a > 0) && (!logY || b > 0));
  if (!points.length) return html`<p class="muted small">Nothing to draw yet.</p>`;
  const x = (logX ? d3.scaleLog() : d3.scaleLinear()).domain(d3.extent(points, (p) => p[0])).range([left, right]);
  const y = (logY ? d3.scaleLog() : d3.scaleLinear()).domain(yDomain ?? d3.extent(points, (p) => p[1])).nice().range([height - bottom, 10]);
  const draw = d3.line((p) => x(p[0]), (p) => y(p[1])).defined((p) => Number.isFinite(p[1]) && (!logX || p[0] > 0) && (!logY || p[1] > 0));
  const yTicks = logY ? logTicks(...y.domain(), height * 1.4) : y.ticks(4);
  const xTicks = logX ? logTicks(...x.domain(), width) : x.ticks(Math.max(2, Math.floor(width / 110)));
  const integers = points.every((p) => Number.isInteger(p[0]));
  return html`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label=${title}
      @click=${onPick ? (e) => { const box = e.currentTarget.getBoundingClientRect(); onPick(x.invert(((e.clientX - box.left) / box.width) * width)); } : nothing}>
    ${yTicks.map((t) => svg`<line class="gridline" x1=${left} x2=${right} y1=${y(t)} y2=${y(t)}></line><text class="tick" x=${left - 6} y=${y(t) + 4} text-anchor="end">${number(t, 2)}</text>`)}
    ${xTicks.filter((t) => !integers || Number.isInteger(t)).map((t) => svg`<text class="tick" x=${x(t)} y=${height - bottom + 15} text-anchor="middle">${short(t)}</text>`)}
    <line class="axis" x1=${left} x2=${right} y1=${height - bottom} y2=${height - bottom}></line>
    <text class="tick" x=${right} y=${height - 2} text-anchor="end">${xLabel}</text><text class="tick" x="0" y="8">${yLabel}</text>
    ${at === undefined ? nothing : svg`<line class="marker" x1=${x(at)} x2=${x(at)} y1="8" y2=${height - bottom}></line>`}
    ${series.map((s) => svg`${s.points.filter((p) => Number.isFinite(p[2])).map((p) => svg`<line class="interval s${s.style}" x1=${x(p[0])} x2=${x(p[0])} y1=${y(p[2])} y2=${y(p[3])}></line>`)}
      <path class="curve ${s.second ? "two" : ""} ${s.style === undefined ? "" : `s${s.style}`}" d=${draw(s.points)}></path>
      ${marked ? s.points.map((p) => svg`<path class="point s${s.style}" d=${d3.symbol(d3.symbolsFill[s.style ?? 0], 34)()} transform="translate(${x(p[0])},${y(p[1])})"></path>`) : nothing}`)}
    ${labelled ? ends(series, draw, y).map(({ name, style, place }) => svg`<text class="name s${style}" x=${right + 8} y=${place + 4}>${name}</text>`) : nothing}
  </svg>`;
}

/** Where the names of lines stand: at their ends, but apart from each other. */
function ends(series, draw, y) {
  const known = series.map((s) => ({ ...s, last: s.points.findLast((p) => draw.defined()(p)) })).filter((s) => s.last);
  const placed = d3.sort(known.map((s) => ({ ...s, place: y(s.last[1]) })), (s) => s.place);
  for (let i = placed.length - 2; i >= 0; i--) placed[i].place = Math.min(placed[i].place, placed[i + 1].place - 14);
  for (let i = 0; i < placed.length; i++) placed[i].place = Math.max(placed[i].place, i ? placed[i - 1].place + 14 : 10);
  return placed;
}

/** A number of an axis: 200k, 1.5M. */
const short = (value) => Math.abs(value) >= 1000 ? d3.format("~s")(value) : number(value, 2);

/** A line of bars as wide as a word. */
export function spark(counts, width = 64, height = 16) {
  const most = Math.max(1, ...counts);
  const w = width / counts.length;
  return html`<svg viewBox="0 0 ${width} ${height}" width=${width} height=${height} aria-hidden="true" class="chart" style="width:${width}px">
    ${counts.map((c, i) => c ? svg`<rect class="bar" x=${i * w} width=${Math.max(0.7, w - 0.3)} y=${height - Math.max(1, (Math.log1p(c) / Math.log1p(most)) * height)} height=${Math.max(1, (Math.log1p(c) / Math.log1p(most)) * height)}></rect>` : nothing)}
  </svg>`;
}
