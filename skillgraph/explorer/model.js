"use strict";
/* The theory behind the page: degree laws, the load curve, thresholds, components, E(N, P, K), levels.

Laws take y = 1 - x where accuracy near 1 matters. A law is {mean, minimum, text, node(y, k), deficit(y), excess(),
draw(random)}: node is the k-th derivative of L at 1 - y, deficit is 1 - L(1 - y) without cancellation, excess the law
of the other edges of a node met along an edge. The formulas are those of the package, where each has its reference. */

const falling = (d, k) => { let out = 1; for (let i = 0; i < k; i++) out *= Math.max(d - i, 0); return out; };
const power = (y, d, k = 0) => d < k ? 0 : falling(d, k) * (d === k ? 1 : Math.exp((d - k) * Math.log1p(-y)));
const oneMinusPower = (y, d) => d === 0 ? 0 : -Math.expm1(d * Math.log1p(-y));

class LawError extends Error {}

function fixedLaw(d) {
  return { mean: d, minimum: d, text: `fixed:${d}`, node: (y, k = 0) => power(y, d, k), deficit: y => oneMinusPower(y, d),
    excess: () => fixedLaw(d - 1), draw: () => d };
}

function poissonLaw(mean) {
  const law = { mean, minimum: 0, text: `poisson:${mean}`, node: (y, k = 0) => mean ** k * Math.exp(-mean * y),
    deficit: y => -Math.expm1(-mean * y), excess: () => law,
    draw(random) { let n = 0; for (let p = random(), limit = Math.exp(-mean); p > limit; p *= random()) n++; return n; } };
  return law;
}

function binomialLaw(n, p) {
  return { mean: n * p, minimum: 0, text: `binomial:${n}:${p}`, node: (y, k = 0) => p ** k * power(p * y, n, k),
    deficit: y => oneMinusPower(p * y, n), excess: () => binomialLaw(n - 1, p),
    draw(random) { let out = 0; for (let i = 0; i < n; i++) out += random() < p; return out; } };
}

function negativeBinomialLaw(mean, dispersion) {
  const scale = mean / dispersion;
  const rising = k => { let out = 1; for (let i = 0; i < k; i++) out *= dispersion + i; return out; };
  return { mean, minimum: 0, text: `negative_binomial:${mean}:${dispersion}`,
    node: (y, k = 0) => rising(k) * scale ** k * Math.exp(-(dispersion + k) * Math.log1p(scale * y)),
    deficit: y => -Math.expm1(-dispersion * Math.log1p(scale * y)),
    excess: () => negativeBinomialLaw(mean * (dispersion + 1) / dispersion, dispersion + 1),
    draw(random) {
      let u = random(), n = 0, p = Math.exp(-dispersion * Math.log1p(scale));
      while (u > p && n < 1e6) { u -= p; p *= (dispersion + n) / (n + 1) * scale / (1 + scale); n++; }
      return n; } };
}

/* Points and weights: a table, or few points that stand for a long range of integers. */
function tableLaw(points, weights, text) {
  let mean = 0;
  for (let i = 0; i < points.length; i++) mean += points[i] * weights[i];
  const sum = f => { let out = 0; for (let i = 0; i < points.length; i++) out += weights[i] * f(points[i]); return out; };
  return { mean, minimum: points[0], text, node: (y, k = 0) => sum(d => power(y, d, k)), deficit: y => sum(d => oneMinusPower(y, d)),
    excess() {
      const kept = points.map((d, i) => [d - 1, d * weights[i] / mean]).filter(([d]) => d >= 0);
      return tableLaw(kept.map(a => a[0]), kept.map(a => a[1]), `excess of ${text}`); },
    draw(random) { let u = random(); for (let i = 0; i < points.length; i++) { u -= weights[i]; if (u < 0) return Math.round(points[i]); }
      return Math.round(points[points.length - 1]); } };
}

/* Eigenvalues and first components of a symmetric tridiagonal matrix with zero diagonal, by the implicit QL method. */
function tridiagonal(off) {
  const n = off.length + 1, d = new Array(n).fill(0), e = [...off, 0], z = new Array(n).fill(0);
  z[0] = 1;
  for (let l = 0; l < n; l++) {
    for (let sweep = 0; sweep < 60; sweep++) {
      let m = l;
      while (m < n - 1 && Math.abs(e[m]) > 1e-17 * (Math.abs(d[m]) + Math.abs(d[m + 1]) + off[0])) m++;
      if (m === l) break;
      let g = (d[l + 1] - d[l]) / (2 * e[l]), r = Math.hypot(g, 1);
      g = d[m] - d[l] + e[l] / (g + (g >= 0 ? r : -r));
      let s = 1, c = 1, p = 0;
      for (let i = m - 1; i >= l; i--) {
        const f = s * e[i], b = c * e[i];
        r = Math.hypot(f, g); e[i + 1] = r; s = f / r; c = g / r; g = d[i + 1] - p;
        r = (d[i] - g) * s + 2 * c * b; p = s * r; d[i + 1] = g + p; g = c * r - b;
        const t = z[i + 1]; z[i + 1] = s * z[i] + c * t; z[i] = c * z[i] - s * t;
      }
      d[l] -= p; e[l] = g; e[m] = 0;
    }
  }
  return { values: d, first: z };
}

/* Points and weights that stand for the integers first, ..., last: short ranges exactly, then blocks of Gauss points. */
function integers(first, last) {
  const points = [], weights = [], order = 14;
  let cut = Math.min(last, first + 127);
  for (let k = first; k <= cut; k++) { points.push(k); weights.push(1); }
  while (cut < last) {
    const end = Math.min(last, Math.floor(cut * 1.3) + order), count = end - cut;
    if (count <= order) for (let k = 0; k < count; k++) { points.push(cut + 1 + k); weights.push(1); }
    else {
      const off = [];
      for (let k = 1; k < order; k++) off.push(Math.sqrt(k * k * (count * count - k * k) / (4 * (4 * k * k - 1))));
      const { values, first: z } = tridiagonal(off);
      values.forEach((v, i) => { points.push(cut + 1 + v + (count - 1) / 2); weights.push(count * z[i] * z[i]); });
    }
    cut = end;
  }
  return [points, weights];
}

function zipfLaw(exponent, low, high) {
  const [points, counts] = integers(low, high), raw = points.map((k, i) => counts[i] * (k / low) ** -exponent);
  const total = raw.reduce((a, b) => a + b, 0);
  return tableLaw(points, raw.map(w => w / total), `zipf:${exponent}:${low}:${high}`);
}

function mixtureLaw(parts) {
  const total = parts.reduce((sum, [w]) => sum + w, 0), kept = parts.map(([w, law]) => [w / total, law]).filter(([w]) => w > 0);
  if (!(total > 0)) throw new LawError("the weights of a mixture must not sum to 0");
  if (kept.length === 1) return kept[0][1];
  const sum = f => kept.reduce((out, [w, law]) => out + w * f(law), 0), mean = sum(law => law.mean);
  return { mean, minimum: Math.min(...kept.map(([, law]) => law.minimum)), text: kept.map(([w, law]) => `${w}*${law.text}`).join("+"),
    node: (y, k = 0) => sum(law => law.node(y, k)), deficit: y => sum(law => law.deficit(y)),
    excess: () => mixtureLaw(kept.filter(([, law]) => law.mean > 0).map(([w, law]) => [w * law.mean / mean, law.excess()])),
    draw(random) { let u = random(); for (const [w, law] of kept) { u -= w; if (u < 0) return law.draw(random); }
      return kept[kept.length - 1][1].draw(random); } };
}

const _number = (word, text) => {
  const value = Number(word);
  if (word === undefined || word.trim() === "" || !Number.isFinite(value)) throw new LawError(`the law "${text}" needs a number where it says "${word ?? ""}"`);
  return value;
};
const _whole = (value, text) => { if (!Number.isInteger(value) || value < 0) throw new LawError(`the law "${text}" needs a whole number, got ${value}`); return value; };
const _positive = (value, name, text) => { if (!(value >= 0)) throw new LawError(`the ${name} of "${text}" must not be negative`); return value; };

const FORMS = {
  fixed: [["DEGREE"], (v, t) => fixedLaw(_whole(v[0], t))],
  poisson: [["MEAN"], (v, t) => poissonLaw(_positive(v[0], "mean", t))],
  binomial: [["TRIALS", "PROBABILITY"], (v, t) => {
    if (!(v[1] >= 0 && v[1] <= 1)) throw new LawError(`the probability of "${t}" must lie in [0, 1]`);
    return binomialLaw(_whole(v[0], t), v[1]); }],
  geometric: [["MEAN"], (v, t) => negativeBinomialLaw(_positive(v[0], "mean", t), 1)],
  negative_binomial: [["MEAN", "DISPERSION"], (v, t) => {
    if (!(v[1] > 0)) throw new LawError(`the dispersion of "${t}" must be positive`);
    return negativeBinomialLaw(_positive(v[0], "mean", t), v[1]); }],
  zipf: [["EXPONENT", "MINIMUM", "MAXIMUM"], (v, t) => {
    if (!(v[1] >= 1 && v[1] <= v[2] && v[2] < 2 ** 31)) throw new LawError(`"${t}" needs 1 <= MINIMUM <= MAXIMUM`);
    return zipfLaw(v[0], _whole(v[1], t), _whole(v[2], t)); }],
};

function _pairs(name, rest, text) {
  const items = new Map();
  for (const pair of rest.split(",")) {
    const [degree, value] = pair.split("=");
    if (value === undefined) throw new LawError(`the law "${text}" must have the form ${name}:DEGREE=VALUE,...`);
    items.set(_whole(_number(degree, text), text), _positive(_number(value, text), "share", text));
  }
  const degrees = [...items.keys()].sort((a, b) => a - b).filter(d => items.get(d) > 0), total = degrees.reduce((s, d) => s + items.get(d), 0);
  if (!(total > 0)) throw new LawError(`the shares of "${text}" must not sum to 0`);
  if (name === "pmf" && Math.abs(total - 1) > 1e-3) throw new LawError(`the shares of "${text}" must sum to 1, got ${total.toPrecision(6)}; use counts`);
  return tableLaw(degrees, degrees.map(d => items.get(d) / total), text);
}

function _single(text) {
  const [name, ...words] = text.split(":");
  if (name === "pmf" || name === "counts") return _pairs(name, words.join(":"), text);
  if (!(name in FORMS)) throw new LawError(`unknown law "${text}": known are ${[...Object.keys(FORMS), "pmf", "counts"].join(", ")}, and mixtures 0.4*A+0.6*B`);
  const [names, build] = FORMS[name];
  if (words.length !== names.length) throw new LawError(`the law "${text}" must have the form ${[name, ...names].join(":")}`);
  return build(words.map(w => _number(w, text)), text);
}

/* Read a law of the grammar: poisson:6, fixed:3, zipf:1.5:1:1000, pmf:1=0.5,3=0.5, 0.4*fixed:2+0.6*poisson:5, ... */
function parseLaw(given) {
  const text = given.trim(), parts = text.split(/\+(?=\s*[0-9.]+(?:[eE][+-]?[0-9]+)?\s*\*)/);
  const law = parts.length === 1 && !text.includes("*") ? _single(text) : mixtureLaw(parts.map(part => {
    const star = part.indexOf("*");
    if (star < 0) throw new LawError(`every part of a mixture needs a weight like 0.4*fixed:2, got "${part}"`);
    return [_positive(_number(part.slice(0, star), text), "weight", text), _single(part.slice(star + 1).trim())]; }));
  if (!(law.mean > 0)) throw new LawError(`skills per text must have a positive mean, got "${text}"`);
  return law;
}

/* Gauss-Legendre points of [-1, 1] by Newton's method. */
function legendre(n) {
  const points = [], weights = [];
  for (let i = 0; i < n; i++) {
    let x = Math.cos(Math.PI * (i + 0.75) / (n + 0.5)), slope = 1;
    for (let step = 0; step < 50; step++) {
      let a = 1, b = x;
      for (let k = 2; k <= n; k++) [a, b] = [b, ((2 * k - 1) * x * b - (k - 1) * a) / k];
      slope = n * (x * b - a) / (x * x - 1);
      const move = b / slope; x -= move;
      if (Math.abs(move) < 1e-16) break;
    }
    points.push(x); weights.push(2 / ((1 - x * x) * slope * slope));
  }
  return [points, weights];
}

/* Relative popularities w and the shares of skills that have them, for infinitely many skills of weights i^-exponent. */
function popularityNodes(exponent) {
  if (exponent === 0) return [[1], [1]];
  const [x, v] = legendre(20), w = [], q = [];
  for (let panel = 0; panel < Math.ceil(36 / (1 - exponent) / 2); panel++)
    for (let i = 0; i < 20; i++) { const t = 2 * panel + 1 + x[i]; w.push(Math.exp(exponent * t)); q.push(v[i] * Math.exp(-t)); }
  const total = q.reduce((a, b) => a + b, 0), mean = q.reduce((s, a, i) => s + a * w[i], 0) / total;
  return [w.map(a => a / mean), q.map(a => a / total)];
}

/* Texts by law with skills of a popularity: survival Phi(s) = E exp(-w s), and phi = Phi' / Phi'(0) along an edge. */
function makeEnsemble(law, exponent = 0) {
  if (!(exponent >= 0 && exponent <= 0.95)) throw new LawError(`the exponent of popularity must lie in [0, 0.95], got ${exponent}`);
  const [w, q] = popularityNodes(exponent), uniform = w.length === 1;
  const sum = (s, j) => { let out = 0; for (let i = 0; i < w.length; i++) out += q[i] * w[i] ** j * Math.exp(-w[i] * s); return out; };
  const reach = (s, j) => { let out = 0; for (let i = 0; i < w.length; i++) out -= q[i] * w[i] ** j * Math.expm1(-w[i] * s); return out; };
  return { law, excess: law.excess(), mean: law.mean, exponent,
    survival: uniform ? s => Math.exp(-s) : s => sum(s, 0), reached: uniform ? s => -Math.expm1(-s) : s => reach(s, 0),
    edge: uniform ? s => Math.exp(-s) : s => sum(s, 1), edgeReached: uniform ? s => -Math.expm1(-s) : s => reach(s, 1),
    edgeSlope: uniform ? s => -Math.exp(-s) : s => -sum(s, 2),
    secondMoment: uniform ? 1 : exponent < 0.5 ? (1 - exponent) ** 2 / (1 - 2 * exponent) : Infinity };
}

/* Roots of a function between neighbouring points of opposite sign, by bisection with secant steps (Illinois). */
function root(f, a, b, fa = f(a), fb = f(b)) {
  for (let i = 0; i < 200 && Math.abs(b - a) > 4e-16 * Math.abs(b); i++) {
    let c = b - fb * (b - a) / (fb - fa);
    if (!(c > Math.min(a, b) && c < Math.max(a, b)) || i % 3 === 2) c = (a + b) / 2;
    const fc = f(c);
    if (fc === 0) return c;
    if ((fc > 0) !== (fb > 0)) { a = b; fa = fb; } else fa /= 2;
    b = c; fb = fc;
  }
  return b;
}

/* Density evolution of D-skill learners as an explicit curve: x = eps phi(s) is a fixed point at the load s / h(x). */
function loadCurve(ensemble, learner = 1, known = 0) {
  const eps = 1 - known, factorial = [1];
  for (let j = 1; j <= learner; j++) factorial.push(factorial[j - 1] * j);
  const teaches = x => { let out = 0; for (let j = 0; j < learner; j++) out += x ** j / factorial[j] * ensemble.excess.node(x, j); return out; };
  const teachesSlope = x => -(x ** (learner - 1)) / factorial[learner - 1] * ensemble.excess.node(x, learner);
  const message = s => eps * ensemble.edge(s), load = s => s / teaches(message(s));
  const slope = s => { const x = message(s), value = eps * ensemble.edgeSlope(s) * s * teachesSlope(x) / teaches(x); return Number.isFinite(value) ? value : 0; };
  const step = (x, at) => eps * ensemble.edge(at * teaches(x)), unlearned = (x, at) => eps * ensemble.survival(at * teaches(x));
  let top = 16;
  while (ensemble.edge(top) > 1e-18) top *= 1.25;
  const grid = [];
  for (let i = 0; i < 900; i++) grid.push(1e-12 * (top / 1e-12) ** (i / 899));
  for (let i = 1; i < 400; i++) grid.push(top * i / 399);
  grid.sort((a, b) => a - b);
  return { ensemble, learner, known, eps, teaches, message, load, slope, step, unlearned, grid, top, stuck: eps === 1 && teaches(1) === 0 };
}

function _stationary(curve) {
  const points = [...curve.grid], slopes = points.map(curve.slope), extra = [];
  for (let i = 1; i < points.length - 1; i++)
    if (slopes[i] >= slopes[i - 1] && slopes[i] >= slopes[i + 1] && slopes[i] > 0.9 && slopes[i] < 1) extra.push(_summit(curve.slope, points[i - 1], points[i + 1]));
  points.push(...extra);
  points.sort((a, b) => a - b);
  const found = [], excess = s => curve.slope(s) - 1;
  for (let i = 0; i + 1 < points.length; i++) {
    const a = excess(points[i]), b = excess(points[i + 1]);
    if (a * b < 0) found.push(root(excess, points[i], points[i + 1], a, b));
  }
  return found;
}

function _summit(f, a, b) {
  const golden = (Math.sqrt(5) - 1) / 2;
  for (let i = 0; i < 80; i++) { const c = b - golden * (b - a), d = a + golden * (b - a); if (f(c) > f(d)) b = d; else a = c; }
  return (a + b) / 2;
}

/* The largest fixed point at a load: what density evolution reaches from everything unknown. */
function largestRoot(curve, load) {
  if (curve.stuck) return 1;
  let high = curve.eps, inner = -1;
  curve.cache ??= curve.grid.map(s => [s, curve.load(s), curve.message(s)]);
  for (let i = 0; i < curve.cache.length; i++) if (curve.cache[i][1] >= load) { inner = i; break; }
  if (inner < 0) {
    let x = curve.cache[curve.cache.length - 1][2];
    for (let i = 0; i < 200; i++) x = curve.step(x, load);
    return x;
  }
  if (inner > 0) high = curve.cache[inner - 1][2];
  let low = curve.cache[inner][2];
  for (let i = 0; i < 70; i++) {
    const middle = low < high / 2 ? Math.sqrt(low * high) : (low + high) / 2;
    if (curve.step(middle, load) > middle) low = middle; else high = middle;
  }
  return (low + high) / 2;
}

/* Every jump as texts per skill grow; the last one is the threshold. */
function peelingThreshold(curve) {
  const c = curve.ensemble.mean;
  if (curve.stuck) return { jumps: [], threshold: null, reason: `learning never starts: no text has ${curve.learner === 1 ? "one skill" : `1 to ${curve.learner} skills`} and nothing is known beforehand` };
  const turns = _stationary(curve), jumps = [];
  let highest = -Infinity;
  turns.forEach((s, i) => {
    const value = curve.load(s), before = curve.load(i ? turns[i - 1] : s / 2), after = curve.load(i + 1 < turns.length ? turns[i + 1] : Math.min(2 * s, (s + curve.top) / 2));
    const least = value * (1 - 1e-13);
    if (!(least > before && least > after) || value <= highest) return;
    highest = value;
    const x = curve.message(s), above = value * (1 + 1e-14), rest = largestRoot(curve, above);
    jumps.push({ ratio: value / c, before: curve.unlearned(x, value), after: curve.unlearned(rest, above) });
  });
  const last = jumps[jumps.length - 1];
  return { jumps, threshold: last ? last.ratio : null, reason: last ? null : "learning is continuous: no jump" };
}

const learnedShare = (curve, ratio) => { const load = ratio * curve.ensemble.mean; return 1 - curve.unlearned(largestRoot(curve, load), load); };

/* Rounds of density evolution from everything unknown: [x_0, x_1, ...]. */
function rounds(curve, ratio, most = 200) {
  const load = ratio * curve.ensemble.mean, path = [curve.eps];
  for (let i = 0; i < most; i++) { const x = curve.step(path[i], load); path.push(x); if (Math.abs(x - path[i]) < 1e-12) break; }
  return path;
}

/* Giant component of skills that share texts. */
function giantComponent(ensemble, ratio) {
  const load = ratio * ensemble.mean, rises = y => ensemble.edgeReached(load * ensemble.excess.deficit(y)) > y;
  if (!rises(1e-17)) return 0;
  let low = 1e-17, high = 1;
  for (let i = 0; i < 75; i++) { const middle = low < high / 2 ? Math.sqrt(low * high) : (low + high) / 2; if (rises(middle)) low = middle; else high = middle; }
  return ensemble.reached(load * ensemble.excess.deficit((low + high) / 2));
}

const percolationThreshold = ensemble => { const branching = ensemble.law.node(0, 2) * ensemble.secondMoment; return branching === 0 ? null : 1 / branching; };

/* Poisson texts of several topics: unlearned share of every topic after density evolution from everything unknown.
   shares, rates: skills and texts per skill of each topic; skills[b][a]: mean skills of topic a in a text of topic b. */
function topicsUnlearned(topics, scale, known = 0) {
  const { shares, rates, skills } = topics, n = shares.length;
  let u = shares.map(() => 1 - known);
  for (let round = 0; round < 20000; round++) {
    const open = skills.map(row => Math.exp(-row.reduce((sum, c, a) => sum + c * u[a], 0)));
    const next = shares.map((s, a) => { let sum = 0; for (let b = 0; b < n; b++) sum += rates[b] * skills[b][a] * open[b]; return (1 - known) * Math.exp(-scale / s * sum); });
    let moved = 0;
    for (let a = 0; a < n; a++) moved = Math.max(moved, Math.abs(next[a] - u[a]));
    u = next;
    if (moved < 1e-13) break;
  }
  return u;
}

/* E(N, P, K): skills of frequencies p_i = i^-exponent / norm, i = 1, ..., P of infinitely many (exponent > 1). */
function performanceMap(law, exponent, model) {
  const [ranks, counts] = integers(1, Math.max(1, Math.round(model))), zeta = _zeta(exponent);
  const p = ranks.map(i => i ** -exponent / zeta), beyond = Math.max(0, 1 - p.reduce((s, a, i) => s + a * counts[i], 0)), excess = law.excess();
  return (data, steps) => {
    let q = 1;
    for (let k = 0; k < steps; k++) {
      const reach = data * law.mean * excess.node(q);
      let next = beyond;
      for (let i = 0; i < p.length; i++) next += counts[i] * p[i] * Math.exp(-reach * p[i]);
      if (Math.abs(next - q) < 1e-14) { q = next; break; }
      q = next;
    }
    return 1 - q;
  };
}

function _zeta(s) {
  let sum = 0;
  const n = 40;
  for (let k = 1; k < n; k++) sum += k ** -s;
  return sum + n ** (1 - s) / (s - 1) + n ** -s / 2 + s * n ** (-s - 1) / 12 - s * (s + 1) * (s + 2) * n ** (-s - 3) / 720;
}

/* Giant component of G(n, k/n): the root of g = 1 - e^(-k g). */
function giantShare(k) {
  if (!(k > 1)) return 0;
  let g = Math.min(1, 2 * (k - 1));
  for (let i = 0; i < 200; i++) { const next = g - (g - 1 + Math.exp(-k * g)) / (1 - k * Math.exp(-k * g)); if (Math.abs(next - g) < 1e-15) break; g = Math.min(1, Math.max(1e-300, next)); }
  return g;
}

/* P(Poisson(mean) >= least). */
function poissonTail(mean, least) {
  let term = Math.exp(-mean), below = 0;
  for (let k = 0; k < least; k++) { below += term; term *= mean / (k + 1); }
  if (mean > least) return Math.max(0, 1 - below);
  let above = 0;
  for (let k = least; k < least + 400; k++) { above += term; term *= mean / (k + 1); if (term < 1e-18 * above) break; }
  return above;
}

/* Accuracy of a task over levels l = 1, ..., with T texts of d skills, S composite skills per level, eta_l links and
   sigma_l prerequisites: mean links d^2 T / S^2, gamma_l = giant(S p_l gamma_(l-1)^(2 sigma_l)). */
function levelShares(texts, { skillsPerText, compositeSkills, links, prerequisites }) {
  const mean = skillsPerText ** 2 * texts / compositeSkills ** 2;
  let below = 1;
  return links.map((eta, l) => { below = giantShare(compositeSkills * poissonTail(mean, eta) * below ** (2 * prerequisites[l])); return below; });
}

/* A reproducible stream of uniform numbers from a whole-number seed (xorshift128+ on 32-bit halves: sfc32). */
function stream(seed) {
  let a = seed | 0, b = 0x9e3779b9, c = 0x243f6a88, d = 1;
  const next = () => { const t = (a + b | 0) + d | 0; d = d + 1 | 0; a = b ^ b >>> 9; b = c + (c << 3) | 0; c = (c << 21 | c >>> 11) + t | 0; return (t >>> 0) / 4294967296; };
  for (let i = 0; i < 20; i++) next();
  return next;
}

/* A random graph of texts by law: an array of arrays of different skills. */
function sampleTexts(ensemble, numSkills, numTexts, random) {
  const texts = [], weights = Array.from({ length: numSkills }, (_, i) => (i + 1) ** -ensemble.exponent), sums = [];
  weights.reduce((s, w, i) => sums[i] = s + w, 0);
  const draw = () => { const u = random() * sums[numSkills - 1]; let low = 0, high = numSkills - 1; while (low < high) { const m = low + high >> 1; if (sums[m] > u) high = m; else low = m + 1; } return low; };
  for (let t = 0; t < numTexts; t++) {
    const wanted = Math.min(numSkills, ensemble.law.draw(random)), chosen = new Set();
    while (chosen.size < wanted) chosen.add(draw());
    texts.push([...chosen]);
  }
  return texts;
}

/* One round of peeling: the skills that texts with 1 to D unknown skills teach. */
function teachableSkills(texts, unknown, learner) {
  const taught = new Map();
  texts.forEach((skills, t) => {
    const open = skills.filter(s => unknown[s]);
    if (open.length >= 1 && open.length <= learner) open.forEach(s => { if (!taught.has(s)) taught.set(s, t); });
  });
  return taught;
}

if (typeof module !== "undefined") module.exports = { parseLaw, makeEnsemble, loadCurve, peelingThreshold, learnedShare, giantComponent, percolationThreshold, topicsUnlearned, performanceMap, levelShares, poissonTail, giantShare, largestRoot, rounds, stream, sampleTexts, teachableSkills, LawError };
