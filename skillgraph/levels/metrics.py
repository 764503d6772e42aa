"""One competence, many metrics: is an abrupt rise in the ability or in the way it is scored?

A competence p (probability that one token, step or composite skill is right) shows as p per token, p^n by exact match,
1 - (1-p)^k by pass@k, 1 - (1-p)^2 by the Brier score. Long answers and exact match turn a gradual rise of p into a
late, steep one; an ability that emerges is steep in every metric.
"""

from __future__ import annotations

import numpy as np

from skillgraph.records import Record

__all__ = ["MetricVerdict", "Rise", "brier", "exact_match", "judge", "pass_at", "per_token", "rise"]


class Rise(Record):
    """From where to where a metric rises.

    Attributes
    ----------
    start, end : float or None
        Scale at 10 and 90 % of the way from the lowest to the highest value; None with a flat metric.
    decades : float or None
        log10(end / start).
    """

    start: float | None
    end: float | None
    decades: float | None


class MetricVerdict(Record):
    """Whether a rise is emergence or an artefact of the metric.

    Attributes
    ----------
    kind : {"emergence", "artefact", "gradual"}
        Steep per token as well; steep by exact match only; steep in neither.
    competence, metric : Rise
    sharpening : float or None
        Decades of the competence's rise over decades of the metric's.
    """

    kind: str
    competence: Rise
    metric: Rise
    sharpening: float | None


def per_token(competence: np.ndarray | float) -> np.ndarray:
    """Return the competence itself, the partial credit per token."""
    return _competence(competence)


def exact_match(competence: np.ndarray | float, length: int) -> np.ndarray:
    """Return the probability that all of ``length`` independent tokens are right, p^length."""
    return _competence(competence) ** _count("length", length)


def pass_at(competence: np.ndarray | float, tries: int, length: int = 1) -> np.ndarray:
    """Return the probability that one of ``tries`` answers of ``length`` tokens is right, 1 - (1 - p^length)^tries."""
    once = exact_match(competence, length)
    return np.asarray(-np.expm1(_count("tries", tries) * np.log1p(-np.minimum(once, 1 - 1e-16))))


def brier(competence: np.ndarray | float) -> np.ndarray:
    """Return 1 - (1-p)^2: one minus the squared error of the probability given to the right answer."""
    return 1 - (1 - _competence(competence)) ** 2


def _competence(values: np.ndarray | float) -> np.ndarray:
    p = np.asarray(values, dtype=float)
    if not np.all((p >= 0) & (p <= 1)):
        raise ValueError(f"competence must lie in [0, 1], got values from {np.min(p):g} to {np.max(p):g}")
    return p


def _count(name: str, value: int) -> int:
    if value < 1 or int(value) != value:
        raise ValueError(f"{name} must be an integer of at least 1, got {value}")
    return int(value)


def rise(scale: np.ndarray, values: np.ndarray) -> Rise:
    """Measure where a metric rises, in the logarithm of scale.

    Parameters
    ----------
    scale, values : (n,) arrays
        Scale increasing and positive.
    """
    x, y = np.log10(np.asarray(scale, dtype=float)), np.asarray(values, dtype=float)
    if x.shape != y.shape or x.ndim != 1 or np.any(np.diff(x) <= 0):
        raise ValueError("scale must be increasing, with one value per scale")
    low, high = float(y.min()), float(y.max())
    if high - low < 1e-12:
        return Rise(None, None, None)
    start, end = (_first_crossing(x, y, low + share * (high - low)) for share in (0.1, 0.9))
    return Rise(float(10**start), float(10**end), float(end - start))


def _first_crossing(x: np.ndarray, y: np.ndarray, value: float) -> float:
    place = int(np.argmax(y >= value))
    if place == 0:
        return float(x[0])
    share = (value - y[place - 1]) / (y[place] - y[place - 1])
    return float(x[place - 1] + share * (x[place] - x[place - 1]))


def judge(scale: np.ndarray, competence: np.ndarray, metric: np.ndarray, *, steep: float = 0.5) -> MetricVerdict:
    """Tell emergence from an artefact of the metric.

    Parameters
    ----------
    scale : (n,) array
    competence : (n,) array
        Per-token accuracy.
    metric : (n,) array
        The score that looks abrupt, for instance exact match.
    steep : float
        A rise from 10 to 90 % within so many decades counts as steep.
    """
    below, above = rise(scale, competence), rise(scale, metric)
    kind = "gradual"
    if above.decades is not None and above.decades <= steep:
        kind = "emergence" if below.decades is not None and below.decades <= steep else "artefact"
    sharpening = below.decades / above.decades if below.decades is not None and above.decades else None
    return MetricVerdict(kind, below, above, sharpening)
