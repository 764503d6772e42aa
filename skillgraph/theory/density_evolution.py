"""Theory of peeling at infinite size: what is learned after k rounds and in the end, how fast, and what is stable.

Written once for every ensemble in terms of its `LoadCurve`. The *message* x is the probability that a skill is unknown
to one of its texts (edge perspective); u is the unlearned share of skills (node perspective); they coincide for Poisson
ensembles with uniform popularity.
"""

from __future__ import annotations

import numpy as np

from skillgraph.checks import count, share
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.records import Record
from skillgraph.theory.load_curve import LoadCurve, log_of

__all__ = [
    "FixedPoint",
    "Rate",
    "asymptotic_rate",
    "bottleneck_rounds",
    "evolve",
    "fixed_points",
    "learned_share",
    "load_curve",
    "rounds_to_converge",
    "texts_with_one_unknown",
    "unlearned_share",
]


class FixedPoint(Record):
    """One fixed point of density evolution.

    Attributes
    ----------
    unlearned_share : float
        u, of skills.
    message : float
        x, of edges.
    slope : float
        Slope of one round at the point.
    stable : bool
        Slope below 1: nearby states are drawn to it.
    """

    unlearned_share: float
    message: float
    slope: float
    stable: bool


class Rate(Record):
    """How density evolution approaches its fixed point.

    Attributes
    ----------
    kind : {"geometric", "quadratic", "algebraic"}
        Errors shrink by ``value`` per round; by ``error -> value * error^2``; or like ``value / k`` (at a threshold).
    value : float
    """

    kind: str
    value: float


def load_curve(ensemble: EnsembleLike, *, learner: int = 1, known: float = 0.0) -> LoadCurve:
    """Return the load curve after checking the parameters.

    Raises
    ------
    ValueError
        If ``learner`` < 1 or ``known`` lies outside [0, 1].
    """
    return LoadCurve(parse_ensemble(ensemble), count("learner", learner), share("known", known))


def loads_of(ensemble: EnsembleLike, texts_per_skill_ratio: np.ndarray | float | None) -> np.ndarray:
    """Return the loads of ratios, (n,) float64; all texts of a configuration ensemble if None."""
    ensemble = parse_ensemble(ensemble)
    full = ensemble.full_ratio
    if texts_per_skill_ratio is None:
        if full is None:
            raise ValueError("texts_per_skill_ratio must be given for an ensemble of texts by law")
        return np.ones(1)
    ratio = np.atleast_1d(np.asarray(texts_per_skill_ratio, dtype=float))
    if not np.all(np.isfinite(ratio)) or np.any(ratio < 0):
        raise ValueError("texts_per_skill_ratio must be finite and not negative")
    if full is not None and np.any(ratio > full * (1 + 1e-9)):
        raise ValueError(f"texts_per_skill_ratio must not exceed {full:.6g}, all texts, got {ratio.max():.6g}")
    load = ensemble.load_per_ratio * ratio
    return load if full is None else np.minimum(load, 1.0)


def evolve(
    ensemble: EnsembleLike,
    texts_per_skill_ratio: float | None = None,
    *,
    rounds: int,
    learner: int = 1,
    known: float = 0.0,
) -> np.ndarray:
    """Return the unlearned share of skills after rounds 0, 1, ..., ``rounds``.

    Parameters
    ----------
    ensemble : Ensemble or str
    texts_per_skill_ratio : float, optional
        r; all texts of a configuration ensemble if omitted.
    rounds : int
        At least 0.
    learner : int
        Unknown skills that one text can teach.
    known : float
        Share of skills known beforehand, in [0, 1].

    Returns
    -------
    (rounds + 1,) float64 array

    Raises
    ------
    ValueError
        If a parameter is out of range.

    References
    ----------
    Richardson & Urbanke, Modern Coding Theory (2008), section 3.9, for D = 1; Liao, Chang & Hong (2024),
    arXiv:2404.07009, for D-skill learners.

    Examples
    --------
    >>> evolve("poisson:4", 1.0, rounds=3).round(4).tolist()
    [1.0, 0.9294, 0.9074, 0.8993]
    """
    ensemble = parse_ensemble(ensemble)
    number = count("rounds", rounds, least=0)
    curve, load = (
        load_curve(ensemble, learner=learner, known=known),
        float(loads_of(ensemble, texts_per_skill_ratio)[0]),
    )
    x, shares = curve.unknown, [curve.unknown]
    for _ in range(number):
        shares.append(float(curve.unlearned(x, load)))
        x = float(curve.step(x, load))
    return np.array(shares)


def unlearned_share(
    ensemble: EnsembleLike,
    texts_per_skill_ratio: np.ndarray | float | None = None,
    *,
    learner: int = 1,
    known: float = 0.0,
) -> np.ndarray:
    """Return the share of skills that is never learned: the largest fixed point of density evolution.

    Parameters
    ----------
    ensemble : Ensemble or str
    texts_per_skill_ratio : float or (n,) array, optional
        r; all texts of a configuration ensemble if omitted.
    learner : int
        Unknown skills that one text can teach.
    known : float
        Share of skills known beforehand, in [0, 1].

    Returns
    -------
    (n,) float64 array
        Accurate relative to u, also where u is tiny.
    """
    ensemble = parse_ensemble(ensemble)
    loads = loads_of(ensemble, texts_per_skill_ratio)
    curve = load_curve(ensemble, learner=learner, known=known)
    return curve.unlearned_at(curve.branch(log_of(loads)))


def learned_share(
    ensemble: EnsembleLike,
    texts_per_skill_ratio: np.ndarray | float | None = None,
    *,
    learner: int = 1,
    known: float = 0.0,
) -> np.ndarray:
    """Return 1 - u, the share of skills that is learned or known; see `unlearned_share`.

    Parameters
    ----------
    ensemble : Ensemble or str
    texts_per_skill_ratio : float or (n,) array
        r, not negative; at most the full ratio of a configuration ensemble.
    learner : int
        Unknown skills that one text can teach, D.
    known : float
        Share of skills known beforehand.

    Returns
    -------
    (n,) float64 array

    Raises
    ------
    ValueError
        If a parameter is out of range.

    References
    ----------
    Luby, Mitzenmacher, Shokrollahi & Spielman (2001), doi:10.1109/18.910575.

    Examples
    --------
    >>> learned_share("poisson:4", [1.0, 2.0]).round(4).tolist()
    [0.1059, 0.9997]
    """
    loads = loads_of(ensemble, texts_per_skill_ratio)
    curve = load_curve(ensemble, learner=learner, known=known)
    return known + curve.learned_at(curve.branch(log_of(loads)))


def fixed_points(
    ensemble: EnsembleLike,
    texts_per_skill_ratio: float | None = None,
    *,
    learner: int = 1,
    known: float = 0.0,
) -> tuple[FixedPoint, ...]:
    """Return all fixed points of density evolution, from the largest message to the smallest.

    Learning starts above the largest and ends there; the others are reached from better starting knowledge. Stable and
    unstable points alternate.

    Parameters
    ----------
    ensemble : Ensemble or str
    texts_per_skill_ratio : float or (n,) array
        r, not negative; at most the full ratio of a configuration ensemble.
    learner : int
        Unknown skills that one text can teach, D.
    known : float
        Share of skills known beforehand.

    Returns
    -------
    tuple of FixedPoint
        From the largest unlearned share to the smallest.

    Raises
    ------
    ValueError
        If a parameter is out of range.

    References
    ----------
    Richardson & Urbanke, Modern Coding Theory (2008), section 3.12.

    Examples
    --------
    >>> [round(point.unlearned_share, 4) for point in fixed_points("poisson:6", 4.5)]
    [0.8367, 0.7915, 0.0]
    """
    ensemble = parse_ensemble(ensemble)
    curve, load = (
        load_curve(ensemble, learner=learner, known=known),
        float(loads_of(ensemble, texts_per_skill_ratio)[0]),
    )
    found = []
    for place in curve.places(load):
        inside = 0 < place < np.inf
        message = float(curve.message(place))
        slope = float(curve.slope(place) if inside else curve.map_slope(message, load))
        found.append(FixedPoint(float(curve.unlearned_at(place)), message, slope, slope < 1))
    return tuple(found)


def asymptotic_rate(
    ensemble: EnsembleLike,
    texts_per_skill_ratio: float | None = None,
    *,
    learner: int = 1,
    known: float = 0.0,
) -> Rate:
    """Return how fast density evolution approaches the fixed point that it reaches.

    Geometric with the slope T'(x) of the map; quadratic where the slope vanishes (LDPC without degree-2 skills);
    algebraic, k (x_k - x) -> 2/|T''(x)|, where it is 1 (on a threshold, within rounding).
    """
    ensemble = parse_ensemble(ensemble)
    curve, load = (
        load_curve(ensemble, learner=learner, known=known),
        float(loads_of(ensemble, texts_per_skill_ratio)[0]),
    )
    x = _reached_or_ghost(curve, load)
    slope = float(curve.map_slope(x, load))
    if slope > 1 - 1e-6:
        return Rate("algebraic", 2 / abs(_curvature(curve, x, load)))
    if slope < 1e-12:
        return Rate("quadratic", _curvature(curve, max(x, 1e-9), load) / 2)
    return Rate("geometric", slope)


def _reached_or_ghost(curve: LoadCurve, load: float) -> float:
    """Return the fixed point reached; on a threshold, within rounding, the one that is just vanishing."""
    for s in curve.maxima:
        if abs(float(curve.load(s)) / load - 1) < 1e-11:
            return float(curve.message(s))
    return float(curve.largest_root(np.array([load]))[0])


def _curvature(curve: LoadCurve, x: float, load: float) -> float:
    """Second derivative of one round by a central difference of its exact slope."""
    width = min(1e-5, 0.1 * x, 0.1 * (1 - x)) if 0 < x < 1 else 1e-5
    slopes = curve.map_slope(np.array([x - width, x + width]), load)
    return float((slopes[1] - slopes[0]) / (2 * width))


def rounds_to_converge(
    ensemble: EnsembleLike,
    texts_per_skill_ratio: float | None = None,
    *,
    learner: int = 1,
    known: float = 0.0,
    tolerance: float = 1e-6,
    limit: int = 10_000_000,
) -> int | None:
    """Count the rounds until the message is within ``tolerance`` of the fixed point; None beyond ``limit`` rounds."""
    ensemble = parse_ensemble(ensemble)
    curve, load = (
        load_curve(ensemble, learner=learner, known=known),
        float(loads_of(ensemble, texts_per_skill_ratio)[0]),
    )
    end = float(curve.largest_root(np.array([load]))[0])
    x = curve.unknown
    for rounds in range(limit):
        if x - end <= tolerance:
            return rounds
        x = float(curve.step(x, load))
    return None


def bottleneck_rounds(ensemble: EnsembleLike, *, known: float, known_at_threshold: float, learner: int = 1) -> float:
    """Return the rounds lost in the bottleneck left behind by a fixed point that has just vanished.

    With g the growth of T with eps and f'' its curvature at the threshold, pi sqrt(2 / (g |f''| delta)) rounds, delta
    the distance of eps below its threshold (all texts of a configuration ensemble).

    Parameters
    ----------
    ensemble : Ensemble or str
        Configuration ensemble.
    known, known_at_threshold : float
        Prior knowledge above the threshold value, and the threshold value 1 - eps*.
    """
    ensemble = parse_ensemble(ensemble)
    delta = known - known_at_threshold
    if not delta > 0:
        raise ValueError(f"known must exceed its threshold {known_at_threshold}, got {known}")
    curve = load_curve(ensemble, learner=learner, known=known_at_threshold)
    x = _stationary_message(curve)
    growth = float(curve.step(x, 1.0)) / curve.unknown
    return float(np.pi * np.sqrt(2 / (growth * abs(_curvature(curve, x, 1.0)) * delta)))


def _stationary_message(curve: LoadCurve) -> float:
    """Message at the stationary point of the load curve whose load is closest to 1: the ghost fixed point."""
    places = curve.stationary
    if places.size == 0:
        raise ValueError("an ensemble without a jump has no bottleneck")
    loads = np.array([float(curve.load(s)) for s in places])
    return float(curve.message(places[int(np.argmin(np.abs(loads - 1)))]))


def texts_with_one_unknown(
    ensemble: EnsembleLike, texts_per_skill_ratio: float, unlearned: np.ndarray, *, known: float = 0.0
) -> np.ndarray:
    """Return the texts with exactly one unknown skill, per skill, while peeling has left ``unlearned`` skills.

    For Poisson texts n1(u) = u (c r e^{-c u} + ln u); for any law of skills per text with uniform popularity
    n1(u) = u (c r rho(1 - u) + ln(u / eps)): edges from unlearned skills into texts whose other skills are all known,
    less those texts that have already taught. Peeling goes on while n1 > 0.

    Parameters
    ----------
    ensemble : Ensemble or str
        Texts by law with uniform popularity.
    texts_per_skill_ratio : float
    unlearned : (n,) array
        Unlearned shares, in (0, 1 - known].
    """
    ensemble = parse_ensemble(ensemble)
    if ensemble.popularity is None or not ensemble.popularity.is_uniform:
        raise ValueError("texts with one unknown skill are known for texts by law with uniform popularity only")
    u, law = np.asarray(unlearned, dtype=float), ensemble.skills_per_text
    return u * (law.mean * texts_per_skill_ratio * law.edge_complement(u) + np.log(u / (1 - known)))
