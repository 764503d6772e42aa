"use strict";
/* The page: state in the URL, controls, and one drawing per question. */

const DEFAULTS = { law: "poisson:6", d: 1, k: 0, a: 0, r: 4.5, seed: 1, tn: 3, to: 0.02, ts: 1.5, en: 4, ep: 3, ek: 20, es: 1.5, ll: "1,2,4", lp: 1, ls: 3, lw: 1 };
const byId = id => document.getElementById(id);
const state = { ...DEFAULTS };

function readUrl(text) {
  for (const [name, value] of new URLSearchParams(text)) {
    if (!(name in DEFAULTS)) continue;
    if (typeof DEFAULTS[name] === "string") state[name] = value;
    else if (value.trim() !== "" && Number.isFinite(Number(value))) state[name] = Number(value);
  }
}

function urlOf() {
  const kept = Object.entries(state).filter(([name, value]) => value !== DEFAULTS[name]);
  return kept.length ? `#${new URLSearchParams(kept)}` : "#";
}

/* Drawing: axes with ticks, lines of (x, y), dashed levels, dots; everything as SVG with a sentence for those who hear it. */
const W = 420, H = 260, LEFT = 52, RIGHT = 14, TOP = 12, BOTTOM = 42;

const escaped = text => String(text).replace(/[&<>"]/g, c => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

function shortNumber(v) {
  if (v === 0) return "0";
  const size = Math.abs(v);
  return size >= 1e5 || size < 1e-3 ? v.toExponential(Number.isInteger(Math.log10(size)) ? 0 : 1).replace("e+", "e") : String(Number(v.toPrecision(3)));
}

function ticks(low, high, log) {
  if (log) {
    const out = [], decades = Math.log10(high / low), every = Math.max(1, Math.ceil(decades / 6));
    for (let e = Math.ceil(Math.log10(low) - 1e-9); e <= Math.log10(high) + 1e-9; e += every) out.push(10 ** e);
    return out.length >= 2 ? out : [low, Math.sqrt(low * high), high];
  }
  const raw = (high - low) / 5, unit = 10 ** Math.floor(Math.log10(raw)), step = [1, 2, 5, 10].map(m => m * unit).find(s => s >= raw), out = [];
  for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + step * 1e-9; v += step) out.push(Number(v.toPrecision(12)));
  return out;
}

function draw(id, { x, y, xlabel, ylabel, lines = [], levels = [], dots = [], said, wide = false }) {
  const width = wide && byId(id).clientWidth > 560 ? 860 : W;
  const place = ([low, high, log], from, to) => v => log ? from + (to - from) * Math.log(v / low) / Math.log(high / low) : from + (to - from) * (v - low) / (high - low);
  const px = place(x, LEFT, width - RIGHT), py = place(y, H - BOTTOM, TOP), parts = [];
  for (const v of ticks(...x)) parts.push(`<path class="grid" d="M${px(v).toFixed(1)} ${TOP}V${H - BOTTOM}"/><text x="${px(v).toFixed(1)}" y="${H - BOTTOM + 16}" text-anchor="middle">${shortNumber(v)}</text>`);
  for (const v of ticks(...y)) parts.push(`<path class="grid" d="M${LEFT} ${py(v).toFixed(1)}H${width - RIGHT}"/><text x="${LEFT - 6}" y="${(py(v) + 4).toFixed(1)}" text-anchor="end">${shortNumber(v)}</text>`);
  parts.push(`<path class="axis" d="M${LEFT} ${TOP}V${H - BOTTOM}H${width - RIGHT}"/>`);
  const inside = v => Math.min(1e4, Math.max(-1e4, v)).toFixed(1);
  parts.push(`<clipPath id="clip-${id}"><path d="M${LEFT} ${TOP - 4}H${width - RIGHT + 4}V${H - BOTTOM + 4}H${LEFT}Z"/></clipPath><g clip-path="url(#clip-${id})">`);
  for (const one of levels) parts.push(one.x !== undefined ? `<path class="level" d="M${inside(px(one.x))} ${TOP}V${H - BOTTOM}"/>` : `<path class="level" d="M${LEFT} ${inside(py(one.y))}H${width - RIGHT}"/>`);
  for (const one of lines) {
    let path = "", open = false;
    for (const [u, v] of one.points) { const fine = Number.isFinite(u) && Number.isFinite(v) && !(x[2] && u <= 0) && !(y[2] && v <= 0); if (fine) path += `${open ? "L" : "M"}${inside(px(u))} ${inside(py(v))}`; open = fine; }
    parts.push(`<path class="curve s${one.color}" d="${path}"/>`);
  }
  for (const [u, v] of dots) parts.push(`<circle class="dot" cx="${inside(px(u))}" cy="${inside(py(v))}" r="4.5"/>`);
  parts.push("</g>");
  const named = lines.filter(one => one.label);
  named.forEach((one, i) => { const across = width > W ? 8 : 3, per = (width - LEFT - RIGHT) / Math.max(Math.min(named.length, across), 2), at = LEFT + (i % across) * per, down = H + 10 + 18 * Math.floor(i / across); parts.push(`<path class="curve s${one.color}" d="M${at.toFixed(1)} ${down}h22"/><text x="${(at + 27).toFixed(1)}" y="${down + 4}">${escaped(one.label)}</text>`); });
  parts.push(`<text x="${(LEFT + width - RIGHT) / 2}" y="${H - 8}" text-anchor="middle">${escaped(xlabel)}</text><text transform="translate(13 ${(H - BOTTOM + TOP) / 2}) rotate(-90)" text-anchor="middle">${escaped(ylabel)}</text>`);
  byId(id).innerHTML = `<svg viewBox="0 0 ${width} ${H + (named.length ? 22 + 18 * (Math.ceil(named.length / (width > W ? 8 : 3)) - 1) : 0)}" role="img" aria-label="${escaped(said)}">${parts.join("")}</svg>`;
}

const row = (low, high, count) => Array.from({ length: count }, (_, i) => low + (high - low) * i / (count - 1));
const logRow = (low, high, count) => row(Math.log(low), Math.log(high), count).map(Math.exp);
const percent = v => `${(100 * v).toFixed(1)} %`;

let curve = null, found = null, lawText = "", span = 10;

function solve() {
  const error = byId("law-error");
  try {
    const ensemble = makeEnsemble(parseLaw(state.law), state.a);
    curve = loadCurve(ensemble, state.d, state.k);
    found = peelingThreshold(curve);
    error.textContent = "";
    byId("law").removeAttribute("aria-invalid");
    const percolation = percolationThreshold(ensemble);
    span = 2 * Math.max(found.threshold ?? 0, percolation && !found.threshold ? Math.min(4 * percolation, 10) : 0) || 4;
    if (state.r > span && state.r < 20 * span) span = 1.2 * state.r;
    return true;
  } catch (problem) {
    if (!(problem instanceof LawError)) throw problem;
    error.textContent = problem.message;
    byId("law").setAttribute("aria-invalid", "true");
    return false;
  }
}

function numbers() {
  const ensemble = curve.ensemble, percolation = percolationThreshold(ensemble), items = [];
  items.push(["peeling threshold r*", found.threshold === null ? found.reason : found.threshold.toPrecision(10), "threshold", found.threshold === null]);
  if (found.threshold !== null) {
    const last = found.jumps[found.jumps.length - 1];
    items.push(["unlearned at the jump", `${last.before.toPrecision(4)} → ${last.after.toPrecision(4)}`, "jump"]);
    if (found.jumps.length > 1) items.push(["all jumps", found.jumps.map(j => j.ratio.toPrecision(5)).join(", "), "jumps"]);
  }
  items.push(["percolation threshold", percolation === null ? "none: no text has two skills" : percolation.toPrecision(6), "percolation", percolation === null]);
  items.push([`learned at ${shortNumber(state.r)} texts per skill`, percent(learnedShare(curve, state.r)), "learned"]);
  items.push(["giant component there", percent(giantComponent(ensemble, state.r)), "giant"]);
  byId("numbers").innerHTML = items.map(([name, value, key, words]) => `<div><dt>${escaped(name)}</dt><dd data-key="${key}"${words ? ' class="words"' : ""}>${escaped(value)}</dd></div>`).join("");
}

function plotCurve() {
  const jumps = found.jumps.map(j => j.ratio), at = [...row(0, span, 240), ...jumps.flatMap(j => [j * (1 - 1e-9), j * (1 + 1e-9)])].filter(v => v <= span).sort((a, b) => a - b);
  const learned = at.map(r => [r, learnedShare(curve, r)]), giant = at.map(r => [r, giantComponent(curve.ensemble, r)]);
  draw("plot-curve", { x: [0, span], y: [0, 1], xlabel: "texts per skill", ylabel: "share of skills", levels: [{ x: state.r }], dots: [[state.r, learnedShare(curve, state.r)]],
    lines: [{ points: learned, color: 0, label: "learned" }, { points: giant, color: 1, label: "giant component" }],
    said: `Learned share rises from ${percent(learned[0][1])} to ${percent(learned[learned.length - 1][1])} at ${shortNumber(span)} texts per skill${jumps.length ? `, with ${jumps.length === 1 ? "a jump" : "jumps"} at ${jumps.map(shortNumber).join(", ")}` : ""}.` });
}

function plotLoad() {
  const c = curve.ensemble.mean, points = [], cut = Math.max(2.2 * (found.threshold ?? 0), 1.3 * state.r, 1e-6);
  for (const s of curve.grid) { const x = curve.message(s), ratio = curve.load(s) / c; if (Number.isFinite(ratio) && x > 1e-5) points.push([x, ratio]); }
  const fixed = [];
  for (let i = 0; i + 1 < points.length; i++) { const a = points[i][1] - state.r, b = points[i + 1][1] - state.r; if (a * b < 0) fixed.push([points[i][0] + (points[i + 1][0] - points[i][0]) * a / (a - b), state.r]); }
  if (curve.stuck) fixed.unshift([1, state.r]);
  draw("plot-load", { x: [1e-4, 1, true], y: [0, cut], xlabel: "unlearned share seen along an edge", ylabel: "texts per skill", levels: [{ y: state.r }], dots: fixed, lines: [{ points, color: 0 }],
    said: `At ${shortNumber(state.r)} texts per skill ${fixed.length} fixed point${fixed.length === 1 ? "" : "s"} above 0.0001${fixed.length ? `: unlearned shares ${fixed.map(f => shortNumber(f[0])).join(", ")}` : ""}.` });
}

function plotCobweb() {
  const load = state.r * curve.ensemble.mean, path = rounds(curve, state.r), stairs = [[path[0], 0]];
  path.slice(0, -1).forEach((x, i) => stairs.push([x, path[i + 1]], [path[i + 1], path[i + 1]]));
  draw("plot-cobweb", { x: [0, 1], y: [0, 1], xlabel: "unlearned before a round", ylabel: "after it",
    lines: [{ points: [[0, 0], [1, 1]], color: 6, label: "no change" }, { points: row(0, 1, 200).map(x => [x, curve.step(x, load)]), color: 0, label: "one round" }, { points: stairs, color: 1, label: "learning" }],
    said: `Learning takes ${path.length - 1 >= 200 ? "more than 200" : path.length - 1} rounds and leaves an unlearned share of ${shortNumber(path[path.length - 1])} seen along an edge.` });
}

function topicsOf() {
  const n = Math.min(6, Math.max(1, Math.round(state.tn))), mean = curve.ensemble.mean, raw = row(0, n - 1, Math.max(n, 2)).slice(0, n).map(i => state.ts ** -i), total = raw.reduce((a, b) => a + b, 0);
  return { shares: raw.map(() => 1 / n), rates: raw.map(w => w / total), skills: raw.map((_, b) => raw.map((_, a) => n === 1 ? mean : a === b ? mean * (1 - state.to) : mean * state.to / (n - 1))) };
}

function plotTopics() {
  const topics = topicsOf(), n = topics.shares.length, end = 1.6 * span, at = row(0, end, 160), runs = at.map(scale => topicsUnlearned(topics, scale, state.k));
  const lines = topics.shares.map((_, a) => ({ points: at.map((v, i) => [v, 1 - runs[i][a]]), color: a, label: n > 1 ? `topic ${a + 1}` : "learned" }));
  const all = at.map((v, i) => [v, 1 - runs[i].reduce((s, u) => s + u / n, 0)]);
  if (n > 1) lines.push({ points: all, color: 6, label: "all" });
  draw("plot-topics", { x: [0, end], y: [0, 1], xlabel: "texts per skill", ylabel: "learned share", lines, levels: [{ x: state.r }], wide: true,
    said: `Learned share of ${n} topics against texts per skill; at ${shortNumber(end)} texts per skill ${percent(all[all.length - 1][1])} of all skills are learned.` });
}

function plotPerformance() {
  const law = parseLaw(state.law), N = 10 ** state.en, P = Math.round(10 ** state.ep), K = state.ek, here = performanceMap(law, state.es, P), now = here(N, K);
  const starts = law.node(1, 1) > 0, label = "E";
  const data = logRow(1, 1e9, 40).map(v => [v, here(v, K)]), model = logRow(1, 1e7, 30).map(v => [v, performanceMap(law, state.es, v)(N, K)]), steps = row(0, 200, 41).map(v => [v, here(N, v)]);
  const say = (what, points) => starts ? `E against ${what}: from ${percent(points[0][1])} to ${percent(points[points.length - 1][1])}.` : "Nothing is learned: no text has one skill.";
  draw("plot-n", { x: [1, 1e9, true], y: [0, 1], xlabel: "data size N", ylabel: label, lines: [{ points: data, color: 0 }], dots: [[N, now]], said: say("data size", data) });
  draw("plot-p", { x: [1, 1e7, true], y: [0, 1], xlabel: "model size P", ylabel: label, lines: [{ points: model, color: 0 }], dots: [[P, now]], said: say("model size", model) });
  draw("plot-k", { x: [0, 200], y: [0, 1], xlabel: "training steps K", ylabel: label, lines: [{ points: steps, color: 0 }], dots: [[K, now]], said: say("training steps", steps) });
}

function plotLevels() {
  const words = state.ll.split(",").map(w => Number(w.trim())), fine = words.length <= 6 && words.every(v => Number.isInteger(v) && v >= 1 && v <= 60), error = byId("ll-error");
  error.textContent = fine ? "" : `a list of one to six whole numbers from 1 to 60, such as 1,2,4, got "${state.ll}"`;
  if (!fine) return;
  const S = 10 ** state.ls, spec = { skillsPerText: curve.ensemble.mean, compositeSkills: S, links: words, prerequisites: words.map((_, l) => l ? Math.max(0, Math.round(state.lp)) : 0) };
  const raw = words.map((_, l) => state.lw ** -l), total = raw.reduce((a, b) => a + b, 0), last = 3 * Math.max(...words) * (S / spec.skillsPerText) ** 2, at = logRow(Math.min(S, last) / 100, last, 400), shares = at.map(T => levelShares(T, spec));
  const accuracy = at.map((T, i) => [T, shares[i].reduce((s, g, l) => s + g * raw[l] / total, 0)]);
  const lines = words.map((eta, l) => ({ points: at.map((T, i) => [T, shares[i][l]]), color: l, label: `level ${l + 1}` }));
  draw("plot-levels", { x: [at[0], at[at.length - 1], true], y: [0, 1], xlabel: "texts", ylabel: "share, accuracy", lines: [...lines, { points: accuracy, color: 6, label: "accuracy" }], wide: true,
    said: `Accuracy of a task of ${words.length} levels rises from ${percent(accuracy[0][1])} to ${percent(accuracy[accuracy.length - 1][1])} and rests between levels.` });
}

/* Peeling on a graph of 200 skills. */
const SKILLS = 200;
let peel = null, timer = null;

function newPeel() {
  const random = stream(Math.round(state.seed)), count = Math.min(4000, Math.round(state.r * SKILLS)), texts = sampleTexts(curve.ensemble, SKILLS, count, random);
  const known = Array.from({ length: SKILLS }, () => random() < state.k);
  peel = { texts, known, unknown: known.map(v => !v), round: known.map(v => v ? 0 : -1), at: 0, taught: new Map(), done: false };
  drawPeel();
}

function stepPeel() {
  if (peel.done) return;
  const taught = teachableSkills(peel.texts, peel.unknown, state.d);
  peel.taught = taught;
  if (taught.size === 0) peel.done = true;
  else { peel.at++; for (const skill of taught.keys()) { peel.unknown[skill] = false; peel.round[skill] = peel.at; } }
  drawPeel();
}

function drawPeel() {
  const size = 26, columns = byId("peel").clientWidth > 560 ? 25 : 14, parts = [], where = s => [size * (s % columns) + 16, size * Math.floor(s / columns) + 16];
  if (!peel.done) for (const [skill, text] of peel.taught) {
    const [x, y] = where(skill);
    for (const other of peel.texts[text]) if (other !== skill) { const [u, v] = where(other); parts.push(`<path class="thread" d="M${u} ${v}L${x} ${y}"/>`); }
  }
  for (let s = 0; s < SKILLS; s++) {
    const [x, y] = where(s), kind = peel.unknown[s] ? (peel.done ? "left" : "") : peel.round[s] === 0 ? "known" : peel.round[s] === peel.at && !peel.done ? "now" : "learned";
    parts.push(`<rect class="skill ${kind}" x="${x - 8}" y="${y - 8}" width="16" height="16" rx="3"/>`);
  }
  const left = peel.unknown.filter(Boolean).length, words = peel.done
    ? left ? `After ${peel.at} round${peel.at === 1 ? "" : "s"} nothing more can be learned: a stopping set of ${left} skills is left (${percent(1 - left / SKILLS)} learned, ${percent(learnedShare(curve, state.r))} in an infinite graph).` : `All 200 skills are learned after ${peel.at} rounds.`
    : `Round ${peel.at}: ${SKILLS - left} of 200 skills known, ${peel.taught.size} taught in this round, ${peel.texts.length} texts.`;
  byId("peel-said").textContent = words;
  byId("peel").innerHTML = `<svg viewBox="0 0 ${size * columns + 8} ${size * Math.ceil(SKILLS / columns) + 8}" role="img" aria-label="${escaped(words)}">${parts.join("")}</svg>`;
  byId("peel-step").disabled = peel.done;
  if (peel.done) stopRun();
}

function stopRun() { clearInterval(timer); timer = null; byId("peel-run").setAttribute("aria-pressed", "false"); byId("peel-run").textContent = "Run"; }

function toggleRun() {
  if (timer) return stopRun();
  if (peel.done) newPeel();
  byId("peel-run").setAttribute("aria-pressed", "true");
  byId("peel-run").textContent = "Pause";
  timer = setInterval(stepPeel, 700);
}

/* Controls. */
const NUMBERS = ["k", "a", "r"], OUT = { to: v => percent(v), ts: v => v.toFixed(2), en: v => shortNumber(10 ** v), ep: v => shortNumber(Math.round(10 ** v)), ek: v => String(v), es: v => v.toFixed(2), ls: v => shortNumber(10 ** v), lw: v => v.toFixed(2) };
const MAIN = new Set(["law", "d", "k", "a", "r"]);

function show() {
  byId("r").max = span;
  for (const name of Object.keys(DEFAULTS)) {
    const control = byId(name);
    if (control && control !== document.activeElement) control.value = state[name];
    if (NUMBERS.includes(name) && byId(`${name}-number`) !== document.activeElement) byId(`${name}-number`).value = Number(Number(state[name]).toPrecision(8));
    if (name in OUT) byId(`${name}-out`).textContent = OUT[name](state[name]);
  }
}

function limits() {
  const within = (v, low, high) => Math.min(high, Math.max(low, v));
  state.d = within(Math.round(state.d), 1, 20); state.k = within(state.k, 0, 0.999999); state.a = within(state.a, 0, 0.95); state.r = within(state.r, 0, 1e6);
}

function update(changed) {
  limits();
  history.replaceState(null, "", urlOf());
  const all = changed === null || MAIN.has(changed);
  if (all && !solve()) return show();
  show();
  if (all) { numbers(); plotCurve(); plotLoad(); plotCobweb(); stopRun(); newPeel(); }
  if (all || changed.startsWith("t")) plotTopics();
  if (all || changed.startsWith("e")) plotPerformance();
  if (all || changed.startsWith("l")) plotLevels();
}

let waiting = null;
function changed(name, value) {
  if (typeof DEFAULTS[name] === "number") { const number = Number(value); if (value === "" || !Number.isFinite(number)) return; state[name] = number; } else state[name] = value;
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(() => update(name));
}

for (const name of Object.keys(DEFAULTS)) byId(name)?.addEventListener("input", event => changed(name, event.target.value));
for (const name of NUMBERS) byId(`${name}-number`).addEventListener("input", event => changed(name, event.target.value));
byId("controls").addEventListener("submit", event => event.preventDefault());
byId("preset").addEventListener("change", event => { if (!event.target.value) return; Object.assign(state, { law: DEFAULTS.law, d: 1, k: 0, a: 0 }); readUrl(event.target.value); event.target.value = ""; update(null); });
byId("peel-new").addEventListener("click", () => { state.seed++; history.replaceState(null, "", urlOf()); stopRun(); newPeel(); });
byId("peel-reset").addEventListener("click", () => { stopRun(); newPeel(); });
byId("peel-step").addEventListener("click", stepPeel);
byId("peel-run").addEventListener("click", toggleRun);
byId("link").addEventListener("click", async () => {
  try { await navigator.clipboard.writeText(location.href); byId("link-said").textContent = " copied"; } catch { byId("link-said").textContent = " the address bar holds the link"; }
});
window.addEventListener("hashchange", () => { Object.assign(state, DEFAULTS); readUrl(location.hash.slice(1)); update(null); });
window.addEventListener("resize", () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(() => { if (!curve) return; plotTopics(); plotLevels(); drawPeel(); }); });
readUrl(location.hash.slice(1));
update(null);
if (!curve) { const kept = state.law; state.law = DEFAULTS.law; solve(); state.law = kept; }
