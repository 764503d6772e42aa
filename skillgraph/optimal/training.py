"""Training time: what is learned when peeling is not finished, in rounds or in passes over the texts.

A learner that reads texts one by one and forgets a text that could not teach needs several passes. One pass is less
than one peeling to the end, and repeating the same texts makes up for some of it, never for more.
"""

from __future__ import annotations

import numpy as np

from skillgraph._kernels import passes as kernels
from skillgraph.checks import count, mask_of, order_of
from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.graphs.graph import SkillTextGraph
from skillgraph.theory.density_evolution import evolve, load_curve, loads_of

__all__ = ["learned_after_passes", "learned_after_reading", "learned_after_rounds", "read_in_passes"]

_STEPS = 400  # of one pass


def learned_after_rounds(
    ensemble: EnsembleLike, texts_per_skill_ratio: float, rounds: int, *, learner: int = 1, known: float = 0.0
) -> np.ndarray:
    """Return the learned share after rounds 0, 1, ..., in each of which all texts see the state before."""
    ensemble = parse_ensemble(ensemble)
    return 1 - evolve(ensemble, texts_per_skill_ratio, rounds=rounds, learner=learner, known=known)


def learned_after_passes(
    ensemble: EnsembleLike, texts_per_skill_ratio: float, passes: int, *, learner: int = 1, known: float = 0.0
) -> np.ndarray:
    """Return the learned share of an infinite ensemble after 0, 1, ... passes over its texts in random order.

    With x_m(t) the message at time t in [0, 1] of pass m, a text read at time s has last been seen in pass m if s < t
    and in pass m - 1 if not, and by monotonicity only that last time matters:

        x_m(t) = eps phi( load [ int_0^t h(x_m(s)) ds + int_t^1 h(x_(m-1)(s)) ds ] ),    h(x_0) = 0.

    Parameters
    ----------
    ensemble : Ensemble or str
    texts_per_skill_ratio : float
        *Different* texts per skill.
    passes : int
        At least 0.
    learner : int
    known : float
        Share known beforehand.

    Returns
    -------
    (passes + 1,) float64 array

    Raises
    ------
    ValueError
        If a parameter is out of range.

    Examples
    --------
    >>> learned_after_passes('poisson:4', 2.0, 3).round(3).tolist()
    [0.0, 0.192, 0.353, 0.65]
    """
    ensemble = parse_ensemble(ensemble)
    curve = _pass_curve(ensemble, texts_per_skill_ratio, count("passes", passes, least=0), learner, known)
    return curve[::_STEPS]


def learned_after_reading(
    ensemble: EnsembleLike, texts_per_skill_ratio: float, reads: float, *, learner: int = 1, known: float = 0.0
) -> float:
    """Return the learned share when each different text has been read ``reads`` times on average, in order.

    1.5 reads are one pass and a half: a data budget of 1.5 times the unique texts.
    """
    ensemble = parse_ensemble(ensemble)
    if not 0 <= reads < np.inf:
        raise ValueError(f"reads must be a finite number of at least 0, got {reads}")
    curve = _pass_curve(ensemble, texts_per_skill_ratio, int(np.ceil(reads)), learner, known)
    return float(np.interp(reads, np.arange(curve.size) / _STEPS, curve))


def _pass_curve(
    ensemble: Ensemble, texts_per_skill_ratio: float, passes: int, learner: int, known: float
) -> np.ndarray:
    """Learned share at every step of every pass, (passes * steps + 1,)."""
    curve, load = (
        load_curve(ensemble, learner=learner, known=known),
        float(loads_of(ensemble, texts_per_skill_ratio)[0]),
    )
    step = 1 / _STEPS
    before = np.zeros(_STEPS + 1)  # h of the pass before, at the ends of steps
    shares = [np.array([1 - curve.unknown])]
    for _ in range(passes):
        rest = np.concatenate([np.cumsum((before[1:] + before[:-1])[::-1])[::-1] * step / 2, [0.0]])
        middle = (rest[1:] + rest[:-1]) / 2
        taught = np.zeros(_STEPS + 1)

        def rate(done: float, left: float) -> float:
            return float(curve.teaches(curve.unknown * ensemble.edge_survival(load * (done + left))))

        for place in range(_STEPS):  # Runge-Kutta for d taught / dt = h(x(taught))
            at = taught[place]
            k1 = rate(at, rest[place])
            k2 = rate(at + step * k1 / 2, middle[place])
            k3 = rate(at + step * k2 / 2, middle[place])
            k4 = rate(at + step * k3, rest[place + 1])
            taught[place + 1] = at + step * (k1 + 2 * k2 + 2 * k3 + k4) / 6
        total = load * (taught + rest)
        before = np.asarray(curve.teaches(curve.unknown * ensemble.edge_survival(total)))
        shares.append(1 - curve.unknown * ensemble.survival(total[1:]))
    return np.concatenate(shares)


def read_in_passes(
    graph: SkillTextGraph,
    passes: int,
    *,
    known_skills: np.ndarray | None = None,
    learner: int = 1,
    order: np.ndarray | None = None,
) -> np.ndarray:
    """Read the texts of a graph in order, several times, and count what is known after each pass.

    A text with 1 to ``learner`` unknown sockets teaches at the moment it is read; any other is forgotten until the next
    pass. Enough passes end where `skillgraph.simulation.peeling.peel` ends.

    Parameters
    ----------
    graph : SkillTextGraph
    passes : int
    known_skills : (num_skills,) bool array, optional
        Skills known beforehand; none if omitted.
    learner : int
        Unknown skills that one text can teach, at least 1.
    order : (num_texts,) integer array, optional
        Texts as they are read; the order of rows if omitted.

    Returns
    -------
    (passes + 1,) int64 array

    Raises
    ------
    ValueError
        If a parameter is out of range.

    Examples
    --------
    >>> from skillgraph import from_edges
    >>> read_in_passes(from_edges([0, 0, 1], [0, 1, 0]), 2).tolist()
    [0, 1, 2]
    """
    number, capacity = count("passes", passes, least=0), count("learner", learner)
    state = np.zeros(graph.num_skills, np.bool_)
    if known_skills is not None:
        state |= mask_of("known_skills", known_skills, graph.num_skills)
    rows = np.arange(graph.num_texts) if order is None else np.array(order_of(order, graph.num_texts))
    out = np.zeros(number + 1, np.int64)
    indptr = np.asarray(graph.text_indptr, dtype=np.int64)
    kernels.learn_in_passes(indptr, graph.text_skills, rows, capacity, state, out)
    return out
