"""Theory of the association graph: learned skills, two of them joined if they share a text.

Whether a skill is learned and whether it connects are not independent: the text that teaches it also joins it to the
text's other skills. Messages along edges keep both apart. A skill is, without one of its texts, in a state

    U0, U1: unlearned; once learned it would not, or would, connect to the giant component by its other texts;
    L0, L1: learned, and not, or indeed, connected.

Let u, x, y be the probabilities of U, U0 and L0 along an edge, and rho the edge perspective of skills per text. Seen
from a learned skill, a text with k unlearned others teaches them if k <= D, and connects if one of its learned skills
does; seen from an unlearned one it teaches if k <= D - 1:

    E  = sum_{k<D}  x^k/k! rho^(k)(y)                                              (teaches, does not connect)
    b0 = sum_{k<=D} (x^k - u^k)/k! rho^(k)(y) + rho(y + u)                         (does not connect)
    x  = eps phi(load (1 - b0 + E)),   x + y = phi(load (1 - b0))

The giant share is S = 1 - u - y with u and y taken at a random skill.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import optimize

from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.theory.components import giant_component, percolation_threshold
from skillgraph.theory.density_evolution import load_curve, loads_of
from skillgraph.theory.least_fixed_point import least_fixed_point
from skillgraph.theory.load_curve import LoadCurve, log_of

__all__ = ["association_threshold", "giant_association", "independent_association"]

_ROUNDS = 20_000
_TOLERANCE = 1e-14
_PLACES = 400  # on each stretch of the load curve
_FEW = 8  # derivatives of a generating function that neither overflow nor cancel
_FURTHEST = 1e15  # place beyond which nothing changes


def giant_association(
    ensemble: EnsembleLike,
    texts_per_skill_ratio: np.ndarray | float,
    *,
    learner: int = 1,
    known: float = 0.0,
) -> np.ndarray:
    """Compute the giant component of the association graph of learned skills, as a share of all skills.

    Parameters
    ----------
    ensemble : Ensemble or str
    texts_per_skill_ratio : float or (n,) array
    learner : int
        Unknown skills that one text can teach.
    known : float
        Share of skills known beforehand, in [0, 1].

    Returns
    -------
    (n,) float64 array
        0 where there is no giant component.

    Raises
    ------
    ValueError
        If a parameter is out of range.

    References
    ----------
    Messages with two marks (learned without this text, connected given learned), exact for any pair of laws; see
    `docs/theory.md`.

    Examples
    --------
    >>> giant_association("poisson:1", [2.0]).round(5).tolist()
    [0.55411]
    """
    ensemble = parse_ensemble(ensemble)
    curve, loads = load_curve(ensemble, learner=learner, known=known), loads_of(ensemble, texts_per_skill_ratio)
    if curve.unknown == 0:  # everything is learned: the graph itself
        return giant_component(ensemble, texts_per_skill_ratio).share
    u = curve.largest_root(loads)
    x, y = least_fixed_point(lambda at, x, y: _step(curve, loads[at], u[at], x, y), loads.size)
    not_connecting, teaching = _text_messages(curve, u, x, y)
    unconnected = ensemble.survival(loads * (1 - not_connecting))
    unlearned = curve.unknown * ensemble.survival(loads * (1 - not_connecting + teaching))
    share = 1 - curve.unlearned(u, loads) - (unconnected - unlearned)
    return np.where(share > 1e-9, share, 0.0)


def _step(
    curve: LoadCurve, loads: np.ndarray, u: np.ndarray, x: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the messages x (U0) and y (L0) after one round."""
    not_connecting, teaching = _text_messages(curve, u, x, y)
    unconnected = curve.ensemble.edge_survival(np.maximum(loads * (1 - not_connecting), 0.0))
    unlearned = curve.unknown * curve.ensemble.edge_survival(
        np.clip(loads * (1 - not_connecting + teaching), 0.0, None)
    )
    return unlearned, np.maximum(unconnected - unlearned, 0.0)


def _text_messages(curve: LoadCurve, u: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return b0 (a text does not connect a learned skill) and E (it teaches and does not connect)."""
    law = curve.ensemble.skills_per_text
    unconnected, unlearned = _unknown_others(curve, x, y), _unknown_others(curve, u, y)
    teaching = sum(unconnected[:-1])
    replaced = sum(one - other for one, other in zip(unconnected, unlearned, strict=True))
    return np.minimum(law.edge(np.minimum(y + u, 1.0)) + replaced, 1.0), np.asarray(teaching)


def _unknown_others(curve: LoadCurve, x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """Return x^k/k! rho^(k)(y) for k = 0, ..., D; by logarithms where powers and factorials would overflow."""
    if curve.learner > _FEW:
        return [np.exp(curve.others.log_marked(k, x, y)) for k in range(curve.learner + 1)]
    rest = 1 - y
    return [x**k / math.factorial(k) * curve.others.node_at(y, rest, k) for k in range(curve.learner + 1)]


def association_threshold(ensemble: EnsembleLike, *, learner: int = 1, known: float = 0.0) -> float | None:
    """Find the smallest texts per skill at which learned skills form a giant component.

    The state without one is unstable once the Jacobian of the messages has an eigenvalue above 1. That eigenvalue is
    explicit along the load curve, so the branch that learning follows is searched from its start; at a jump of the
    learned share the threshold may be the jump itself.

    Parameters
    ----------
    ensemble : Ensemble or str
    learner : int
    known : float
        In [0, 1).

    Returns
    -------
    float or None
        None if there is none: learning never starts, or all texts are too few; infinite beyond the range of numbers.
    """
    ensemble = parse_ensemble(ensemble)
    start, curve = percolation_threshold(ensemble).threshold, load_curve(ensemble, learner=learner, known=known)
    if start is None or curve.stuck:
        return None
    if start == 0 or curve.unknown == 0:
        return start
    for low, high in _stretches(curve, start * ensemble.load_per_ratio):
        place = _unstable_place(curve, low, high)
        if place is not None:
            return float(curve.load(place)) / ensemble.load_per_ratio
    return None


def _stretches(curve: LoadCurve, percolation_load: float) -> list[tuple[float, float]]:
    """Return the ends, in places, of the stretches of the branch with at least the load of percolation."""
    texts_run_out = curve.ensemble.full_ratio is not None
    start = float(curve.branch(log_of(np.array([percolation_load])))[0])
    end = float(curve.branch(np.zeros(1))[0]) if texts_run_out else max(1e3, 8 * percolation_load)
    last = min(end, _FURTHEST)
    found = []
    for record, top in enumerate(curve.records):
        if start <= top:
            found.append((start, min(float(top), last)))
            start = curve.after_jump(record)
        if start > last:
            return found
    return [*found, (min(start, _FURTHEST), last)]


def _unstable_place(curve: LoadCurve, low: float, high: float) -> float | None:
    """Return the first place of a stretch at which the state without a giant component is unstable."""
    if high <= low:
        return low if float(_growth(curve, np.array([low]))[0]) > 1 else None
    grid = np.geomspace(low, high, _PLACES)
    above = np.flatnonzero(_growth(curve, grid) > 1)
    if above.size == 0:
        return None
    first = int(above[0])
    if first == 0:
        return low

    def excess(place: float) -> float:
        return float(np.log(_growth(curve, np.array([place]))[0]))

    return float(optimize.brentq(excess, grid[first - 1], grid[first], xtol=1e-300, rtol=1e-14))


def _growth(curve: LoadCurve, places: np.ndarray) -> np.ndarray:
    """Largest eigenvalue of the messages' Jacobian at the state without a giant component (x = u, y = 1 - u).

    Sums of positive terms: m_k is the probability that k of a text's other skills are unknown, and what a learned skill
    adds is computed as a deficit.
    """
    ensemble, d, at, load = curve.ensemble, curve.learner, curve.state(places), curve.log_load(places)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        marked = [load + curve.others.log_marked(k, at.x, at.known) for k in range(d + 1)]
        counted = [k * np.exp(marked[k]) / at.x for k in range(d + 1)]  # load times k m_k / x
        teaching_x, teaching_y, blocked_x = (sum(counted[i:j]) for i, j in ((1, d), (1, d + 1), (1, d + 1)))
        blocked_y = np.exp(load) * float(curve.others.mean)
        decay = -curve.unknown * ensemble.edge_survival(at.s, 1)
        learned = -curve.unknown * ensemble.edge_reached(at.s, order=1)
        learned = learned - curve.known * float(ensemble.edge_survival(0.0, 1))
        x_x, x_y = decay * counted[d], decay * (blocked_y - teaching_y)
        y_x, y_y = learned * blocked_x + decay * teaching_x, learned * blocked_y + decay * teaching_y
        half, spread = (x_x + y_y) / 2, ((x_x - y_y) / 2) ** 2 + x_y * y_x
        values = half + np.sqrt(np.maximum(spread, 0.0))
    return np.where(np.isnan(values), np.inf, values)


def independent_association(
    ratio: np.ndarray | float, mean_skills_per_text: float, unlearned: np.ndarray
) -> np.ndarray:
    """Return the giant share if being learned and being connected were independent given the degree; an approximation.

    For Poisson texts: site percolation in which a skill with k texts is learned with probability 1 - (1 - P)^k,
    P = e^{-c u}; giant iff c^2 r (1 - (1 - P)^2 e^{-c r P}) > 1. It overestimates (0.558 at c = 1, r = 2, where the
    exact value is 0.5541); kept for comparison.

    Parameters
    ----------
    ratio : float or (n,) array
        Texts per skill r.
    mean_skills_per_text : float
        c.
    unlearned : (n,) array
        u at each ratio.
    """
    c, r, u = mean_skills_per_text, np.atleast_1d(np.asarray(ratio, dtype=float)), np.atleast_1d(unlearned)
    taught = np.exp(-c * u)

    def occupied(v: np.ndarray) -> np.ndarray:
        """Mean of v^k over learned skills, k the number of texts (same for the excess degree of Poisson laws)."""
        return np.exp(-c * r * (1 - v)) - np.exp(-c * r * (1 - v * (1 - taught)))

    def excess(v: np.ndarray) -> np.ndarray:
        return np.exp(-c * r * (1 - v)) - (1 - taught) * np.exp(-c * r * (1 - v * (1 - taught)))

    v = np.zeros(r.shape)
    start = excess(np.ones(r.shape))
    for _ in range(_ROUNDS):
        after = np.exp(-c * (start - excess(v)))
        if np.all(np.abs(after - v) <= _TOLERANCE):
            break
        v = after
    return occupied(np.ones(r.shape)) - occupied(v)
