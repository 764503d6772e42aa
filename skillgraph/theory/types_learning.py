"""What an ensemble of several classes learns: by class, all fixed points, every jump with its finite-size width."""

from __future__ import annotations

import numpy as np
from scipy import special
from scipy.stats import qmc

from skillgraph.ensembles.types import TypedEnsemble
from skillgraph.records import Record
from skillgraph.theory.types_branch import Fold, branch, iterate
from skillgraph.theory.types_components import scaled_texts
from skillgraph.theory.types_messages import Messages, Path, path
from skillgraph.theory.types_width import JumpWidth, jump_correlation, jump_width

__all__ = [
    "ClassJump",
    "ClassJumps",
    "failures_of_jumps",
    "fixed_points_by_class",
    "learned_by_class",
    "learning_jumps",
]

_STARTS = 128
_NEWTON = 30
_LARGEST_LOAD = 40.0
_LARGEST_SYSTEM = 400
_FAR, _TINY = 8.5, 1e-15


class ClassJump(Record):
    """One jump of what is learned.

    Attributes
    ----------
    at : float
        Value of the parameter.
    learned_before, learned_after : float
        Learned share of all skills on both sides.
    unlearned_before, unlearned_after : (skill classes,) float64 arrays
        The same by class, unlearned.
    width : JumpWidth
        ``alpha`` and ``beta`` of the place at which a system of R skills jumps, with fixed numbers of skills and texts
        of every class: mean at + beta R^(-2/3), deviation alpha / sqrt(R); None with a ``reason`` where not known.
    """

    at: float
    learned_before: float
    learned_after: float
    unlearned_before: np.ndarray
    unlearned_after: np.ndarray
    width: JumpWidth

    @property
    def alpha(self) -> float | None:
        """Width of the jump."""
        return self.width.alpha

    @property
    def beta(self) -> float | None:
        """Shift of the jump."""
        return self.width.beta


class ClassJumps(Record):
    """Result of `learning_jumps`: the jumps by increasing parameter; ``reason`` says why there are none."""

    along: str
    jumps: tuple[ClassJump, ...]
    reason: str | None


def learned_by_class(ensemble: TypedEnsemble, scale: np.ndarray | float) -> np.ndarray:
    """Return the learned share of every skill class, known beforehand or learned.

    Parameters
    ----------
    ensemble : TypedEnsemble
    scale : float or (n,) array
        Multiplies all rates; a configuration ensemble ends at 1.

    Returns
    -------
    (n, skill classes) float64 array

    Examples
    --------
    >>> from skillgraph.ensembles.types import types
    >>> two = types((0.5, 0.5), (0.5, 0.5), [[4, 0.2], [0.2, 6]])
    >>> learned_by_class(two, [1.0, 2.0]).round(3).tolist()
    [[0.08, 0.018], [1.0, 1.0]]
    """
    messages, texts = Messages(ensemble), scaled_texts(ensemble, scale)
    eps = np.repeat(1 - np.array(ensemble.known)[:, None], texts.shape[1], axis=1)
    return 1 - messages.unlearned(iterate(messages, texts, eps), texts, eps).T


def learning_jumps(
    ensemble: TypedEnsemble, along: str = "scale", *, scale: float = 1.0, until: float | None = None
) -> ClassJumps:
    """Find every jump of what is learned along a path.

    Parameters
    ----------
    ensemble : TypedEnsemble
    along : str
        ``"scale"`` (all rates), a text class (its rate), or ``"known"`` (share known of what was unknown beforehand;
        one minus the erasure probability of coding theory).
    scale : float
        Of the rates that do not vary.
    until : float, optional
        Look no further.

    Returns
    -------
    ClassJumps

    Raises
    ------
    ValueError
        If there is no such path, or the ensemble has more than 400 message types.
    """
    messages, line = Messages(ensemble), path(ensemble, along, scale)
    if messages.size > _LARGEST_SYSTEM:
        raise ValueError(f"jumps are followed for at most {_LARGEST_SYSTEM} message types, got {messages.size}")
    jumps = tuple(_jump(messages, line, fold) for fold in branch(messages, line, until))
    reason = None if jumps else "what is learned grows without a jump"
    return ClassJumps(along, jumps, reason)


def _jump(messages: Messages, line: Path, fold: Fold) -> ClassJump:
    texts, eps = line.at(fold.at)
    before, after = (messages.unlearned(z[:, None], texts, eps)[:, 0] for z in (fold.before, fold.after))
    shares = np.array(messages.ensemble.shares)
    width = jump_width(messages, line, fold.at, before)
    return ClassJump(fold.at, float(1 - shares @ before), float(1 - shares @ after), before, after, width)


def failures_of_jumps(
    ensemble: TypedEnsemble, jumps: tuple[ClassJump, ...], num_skills: int, at: np.ndarray | float
) -> np.ndarray:
    """Return the probability that a system of R skills has not made each jump along the scale.

    The places of neighbouring jumps are jointly normal, and a jump is made only after those before it.

    Parameters
    ----------
    ensemble : TypedEnsemble
    jumps : tuple of ClassJump
        Of `learning_jumps` along the scale.
    num_skills : int
    at : float or (n,) array

    Returns
    -------
    (jumps, n) float64 array
        NaN where a width is not known.
    """
    place = np.atleast_1d(np.asarray(at, dtype=float))
    out = np.full((len(jumps), place.size), np.nan)
    if any(jump.alpha is None for jump in jumps):
        return out
    passed = [_standardised(jump, num_skills, place) for jump in jumps]
    made = np.ones(place.size)
    for k, beyond in enumerate(passed):
        alone = special.ndtr(beyond)
        if k == 0:
            made = alone
        else:
            both = _both_below(passed[k - 1], beyond, _correlation(ensemble, jumps[k - 1], jumps[k]))
            before = special.ndtr(passed[k - 1])
            made = made * np.divide(both, before, out=alone.copy(), where=before > _TINY)
        out[k] = 1 - made
    return np.clip(out, 0.0, 1.0)


def _both_below(first: np.ndarray, second: np.ndarray, correlation: float) -> np.ndarray:
    """Return P(X < first, Y < second) of two normal numbers, by Gauss-Legendre quadrature over X."""
    nodes, weights = np.polynomial.legendre.leggauss(96)
    half = (np.clip(first, -_FAR, _FAR) + _FAR) / 2
    x = -_FAR + half * (1 + nodes[:, None])
    rest = np.sqrt(max(1 - correlation**2, 1e-12))
    inside = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi) * special.ndtr((second - correlation * x) / rest)
    return np.asarray(half * (weights @ inside))


def _standardised(jump: ClassJump, num_skills: int, place: np.ndarray) -> np.ndarray:
    """Distance beyond the mean place of a jump, in deviations."""
    assert jump.alpha is not None
    assert jump.beta is not None
    return (place - jump.at - jump.beta * num_skills ** (-2 / 3)) * np.sqrt(num_skills) / jump.alpha


def _correlation(ensemble: TypedEnsemble, first: ClassJump, second: ClassJump) -> float:
    shares, texts = np.array(ensemble.shares), np.array(ensemble.rates) * (first.at + second.at) / 2
    states = (first.width, first.unlearned_before), (second.width, second.unlearned_before)
    return jump_correlation(shares, texts, *states)


def fixed_points_by_class(ensemble: TypedEnsemble, scale: float = 1.0, starts: int = _STARTS) -> np.ndarray:
    """Return the fixed points of density evolution at one scale, the largest unlearned share first.

    The largest is found by iteration from nothing, the smallest from everything; between them Newton's method starts
    from ``starts`` quasi-random points, so a fixed point with a tiny basin can be missed where classes are many.

    Parameters
    ----------
    ensemble : TypedEnsemble
    scale : float
    starts : int
        A power of 2.

    Returns
    -------
    (points, skill classes) float64 array
        Unlearned share by class.
    """
    messages, texts = Messages(ensemble), scaled_texts(ensemble, scale)
    eps = 1 - np.array(ensemble.known)[:, None]
    ends = [iterate(messages, texts, eps, start) for start in (None, np.full((messages.size, 1), _LARGEST_LOAD))]
    inside = qmc.Sobol(messages.size, scramble=False).random(starts)
    first = ends[0][:, 0] + inside**2 * (np.minimum(ends[1][:, 0], _LARGEST_LOAD) - ends[0][:, 0])
    found = [end[:, 0] for end in ends]
    for z in first:
        solved = _newton(messages, z, texts[:, 0], eps[:, 0])
        if solved is not None:
            found.append(solved)
    return _distinct(np.stack([messages.unlearned(z[:, None], texts, eps)[:, 0] for z in found]), ensemble)


def _newton(messages: Messages, z: np.ndarray, texts: np.ndarray, eps: np.ndarray) -> np.ndarray | None:
    """Solve z = Z(z) from a start; None if that fails."""
    for _ in range(_NEWTON):
        matrix = np.eye(z.size) - messages.jacobian(z, texts, eps)
        residual = messages.step(z[:, None], texts[:, None], eps[:, None])[:, 0] - z
        try:
            change = np.linalg.solve(matrix, residual)
        except np.linalg.LinAlgError:
            return None
        z = np.maximum(z + np.clip(change, -1.0, 1.0), 0.0)
        if np.max(np.abs(change)) < 1e-12 * (1 + np.max(z)):
            return z
    return None


def _distinct(points: np.ndarray, ensemble: TypedEnsemble) -> np.ndarray:
    kept: list[np.ndarray] = []
    for point in points[np.argsort(-(points @ np.array(ensemble.shares)), kind="stable")]:
        if not any(np.allclose(point, other, rtol=1e-7, atol=1e-12) for other in kept):
            kept.append(point)
    return np.stack(kept)
