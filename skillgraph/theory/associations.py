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
from skillgraph.theory.load_curve import LoadCurve

__all__ = ["association_threshold", "giant_association", "independent_association"]

_ROUNDS = 20_000
_TOLERANCE = 1e-14


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
    if known == 1:
        return giant_component(ensemble, texts_per_skill_ratio).share
    curve, loads = load_curve(ensemble, learner=learner, known=known), loads_of(ensemble, texts_per_skill_ratio)
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
    derivatives = [law.edge(y, k) / math.factorial(k) for k in range(curve.learner + 1)]
    teaching = sum(x**k * derivatives[k] for k in range(curve.learner))
    replaced = sum((x**k - u**k) * derivatives[k] for k in range(curve.learner + 1))
    return np.minimum(law.edge(np.minimum(y + u, 1.0)) + replaced, 1.0), np.asarray(teaching)


def association_threshold(
    ensemble: EnsembleLike, *, learner: int = 1, known: float = 0.0, largest_ratio: float | None = None
) -> float | None:
    """Find the smallest texts per skill at which learned skills form a giant component.

    The state without one is unstable once the Jacobian of the messages has an eigenvalue above 1; at a jump of the
    learned share the threshold may be the jump itself.

    Parameters
    ----------
    ensemble : Ensemble or str
    learner : int
    known : float
        In [0, 1).
    largest_ratio : float, optional
        Where to stop looking; 1000 percolation thresholds, or all texts, if omitted.

    Returns
    -------
    float or None
        None if there is none up to there.
    """
    ensemble = parse_ensemble(ensemble)
    start = percolation_threshold(ensemble).threshold
    if start is None:
        return None
    curve = load_curve(ensemble, learner=learner, known=known)
    end = ensemble.full_ratio or largest_ratio or 1000 * max(start, 1e-3)
    grid = np.geomspace(max(start, 1e-6 * end), end, 200)
    growth = _growth(curve, loads_of(ensemble, grid)) - 1
    above = np.flatnonzero(growth > 0)
    if above.size == 0:
        return None
    if above[0] == 0:
        return float(grid[0])
    low, high = float(grid[above[0] - 1]), float(grid[above[0]])
    return float(
        optimize.brentq(lambda r: float(_growth(curve, loads_of(ensemble, r))[0]) - 1, low, high, xtol=1e-13 * high)
    )


def _growth(curve: LoadCurve, loads: np.ndarray) -> np.ndarray:
    """Largest eigenvalue of the messages' Jacobian at the state without a giant component (x = u, y = 1 - u)."""
    ensemble, law, d = curve.ensemble, curve.ensemble.skills_per_text, curve.learner
    u = curve.largest_root(loads)
    rho = [law.edge_complement(u, k) for k in range(d + 2)]
    teaching = sum(u**k / math.factorial(k) * rho[k] for k in range(d))
    teaching_x = sum((u ** (k - 1) / math.factorial(k - 1) * rho[k] for k in range(1, d)), np.zeros(u.shape))
    teaching_y = sum(u**k / math.factorial(k) * rho[k + 1] for k in range(d))
    blocked_x = sum(u ** (k - 1) / math.factorial(k - 1) * rho[k] for k in range(1, d + 1))
    blocked_y = float(law.edge_complement(0.0, 1))
    start = -float(ensemble.edge_survival(0.0, 1)) * loads
    decay = -curve.unknown * ensemble.edge_survival(loads * teaching, 1) * loads
    x_x, x_y = decay * (blocked_x - teaching_x), decay * (blocked_y - teaching_y)
    y_x, y_y = start * blocked_x - x_x, start * blocked_y - x_y
    half, spread = (x_x + y_y) / 2, ((x_x - y_y) / 2) ** 2 + x_y * y_x
    return half + np.sqrt(np.maximum(spread, 0.0))


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
