"""Components of an ensemble of several classes: what hangs together, by class.

Along an edge from a text of class b into a skill of class a, let y_ba be the probability that the skill's other texts
lead to the giant component. With q_b the texts that have arrived,

    tau_ba = q_b (1 - d_a G_b(1 - y_b) / c_ba),  y_ba = 1 - d_b F_a(1 - tau_a) / d_b F_a(1),  S_a = 1 - F_a(1 - tau_a),

the largest solution. The giant component is there once the linear map of small y has an eigenvalue above 1: for texts
by law with Poisson needs the spectral radius of scale sum_b r_b c_ba c_ba' / s_a. The finite component of a random
skill follows by marking every skill with a factor. Association messages: as for one class, see
`skillgraph.theory.associations`.
"""

from __future__ import annotations

import numpy as np
from scipy import optimize

from skillgraph.ensembles.types import TypedEnsemble
from skillgraph.records import Record
from skillgraph.theory.types_branch import iterate
from skillgraph.theory.types_messages import Messages, path, positive_means

__all__ = [
    "ClassPercolation",
    "association_by_class",
    "giant_by_class",
    "percolation_by_class",
    "susceptibility_of_classes",
]

_ROUNDS = 200_000
_TOLERANCE = 1e-14
_LARGEST_RATE = 1e9


class ClassPercolation(Record):
    """Place on a path at which the giant component appears, or None with the reason."""

    along: str
    threshold: float | None
    reason: str | None


def percolation_by_class(ensemble: TypedEnsemble, along: str = "scale", scale: float = 1.0) -> ClassPercolation:
    """Find where the giant component appears along the scale or along the rate of one text class.

    Parameters
    ----------
    ensemble : TypedEnsemble
    along : str
        ``"scale"`` or a text class, whose rate then varies while the others stay at ``scale`` times theirs.
    scale : float

    Returns
    -------
    ClassPercolation
        With classes that no text ties together, the first giant component.
    """
    if along == "known":
        raise ValueError("what hangs together does not depend on what is known: take along = scale or a text class")
    messages, line = Messages(ensemble), path(ensemble, along, scale)

    def growth(p: float) -> float:
        return _radius(_branching(messages, np.zeros((messages.size, 1)), line.at(p)[0][:, 0]))

    if along == "scale":
        radius = growth(1.0)
        if radius == 0:
            return ClassPercolation(along, None, "no text has two skills or no skill two texts: nothing hangs together")
        if 1 / radius > line.largest * (1 + 1e-12):
            reason = f"a giant component would need a scale of {1 / radius:.6g}, beyond the complete ensemble"
            return ClassPercolation(along, None, reason)
        return ClassPercolation(along, 1 / radius, None)
    if growth(0.0) >= 1:
        return ClassPercolation(along, 0.0, None)
    if growth(_LARGEST_RATE) < 1:
        return ClassPercolation(along, None, f'texts of class "{along}" tie nothing together')
    found = optimize.brentq(lambda p: growth(p) - 1, 0.0, _LARGEST_RATE, xtol=1e-15, rtol=1e-14, maxiter=500)
    return ClassPercolation(along, float(found), None)


def _radius(matrix: np.ndarray) -> float:
    return float(np.max(np.abs(np.linalg.eigvals(matrix)))) if matrix.size > 0 else 0.0


def _branching(messages: Messages, y: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """Return dy_m / dy_m' of one round at one place, (types, types); y: (types, 1)."""
    ensemble, (rows, columns) = messages.ensemble, messages.pairs
    onwards = np.zeros((rows.size, messages.size))
    for b, law in enumerate(ensemble.needs):
        mine = np.flatnonzero(rows == b)
        seen, met = messages.seen(b, y), columns[mine]
        bend = law.second(seen, seen, 1)[:, :, 0, 0] / positive_means(law.means)[:, None]
        onwards[np.ix_(mine, messages.type_of[b][met])] = texts[b] * bend[np.ix_(met, met)]
    return _inwards(messages, _loads(messages, y, texts[:, None])) @ onwards


def _inwards(messages: Messages, loads: np.ndarray) -> np.ndarray:
    """Return -d edge_survival_m / d tau_ba, (types, pairs) at one place."""
    rows, columns = messages.pairs
    out = np.zeros((messages.size, rows.size))
    for a, law in enumerate(messages.ensemble.skill_laws):
        mine, there = np.flatnonzero(messages.skill_of == a), np.flatnonzero(columns == a)
        bend = law.second(loads[:, a], loads[:, a], 1)[:, :, 0, 0] / positive_means(law.means)[:, None]
        out[np.ix_(mine, there)] = bend[np.ix_(messages.text_of[mine], rows[there])]
    return out


def _loads(messages: Messages, y: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """Return tau, (text classes, skill classes, n)."""
    ties = [law.edge_deficit(messages.seen(b, y)) for b, law in enumerate(messages.ensemble.needs)]
    return texts[:, None, :] * np.stack(ties)


def _ties(messages: Messages, loads: np.ndarray) -> np.ndarray:
    """Return y of the loads without cancellation, (types, n)."""
    out = np.empty((messages.size, loads.shape[2]))
    for a, law in enumerate(messages.ensemble.skill_laws):
        mine = np.flatnonzero(messages.skill_of == a)
        out[mine] = law.edge_deficit(loads[:, a])[messages.text_of[mine]]
    return out


def _deficit(messages: Messages, texts: np.ndarray) -> np.ndarray:
    """Iterate y from 1 at n places, (types, n); rounds that shrink it away end at 0."""
    y = np.ones((messages.size, texts.shape[1]))
    active = np.arange(texts.shape[1])
    below = [_radius(_branching(messages, np.zeros((messages.size, 1)), column)) <= 1 for column in texts.T]
    y[:, below] = 0.0
    active = active[~np.array(below)]
    for _ in range(_ROUNDS):
        after = _ties(messages, _loads(messages, y[:, active], texts[:, active]))
        moved = np.any(np.abs(after - y[:, active]) > _TOLERANCE * after, axis=0)
        y[:, active] = after
        active = active[moved]
        if active.size == 0:
            break
    return y


def giant_by_class(ensemble: TypedEnsemble, scale: np.ndarray | float) -> np.ndarray:
    """Return the share of every skill class that lies in the giant component.

    Parameters
    ----------
    ensemble : TypedEnsemble
    scale : float or (n,) array

    Returns
    -------
    (n, skill classes) float64 array
        0 below the threshold. Classes that no text ties together have giant components of their own; each class is
        counted in its own.
    """
    messages, texts = Messages(ensemble), scaled_texts(ensemble, scale)
    loads = _loads(messages, _deficit(messages, texts), texts)
    return np.stack([law.node_deficit(loads[:, a]) for a, law in enumerate(ensemble.skill_laws)], axis=1)


def scaled_texts(ensemble: TypedEnsemble, scale: np.ndarray | float) -> np.ndarray:
    """Return the texts that have arrived at every scale, (text classes, n)."""
    grid = np.atleast_1d(np.asarray(scale, dtype=float))
    if not np.all(np.isfinite(grid)) or np.any(grid < 0):
        raise ValueError("scale must be finite and not negative")
    line = path(ensemble)
    if np.any(grid > line.largest * (1 + 1e-9)):
        raise ValueError(f"scale of a configuration ensemble must not exceed 1, got {grid.max():.6g}")
    return line.at(np.minimum(grid, line.largest))[0]


def susceptibility_of_classes(ensemble: TypedEnsemble, scale: np.ndarray | float) -> np.ndarray:
    """Return the mean component size of a random skill of every class, the giant component excluded.

    A skill in the giant component counts 0; the mean over all skills is ``shares @`` the row.

    Parameters
    ----------
    ensemble : TypedEnsemble
    scale : float or (n,) array

    Returns
    -------
    (n, skill classes) float64 array
        Infinite at and beyond the threshold within rounding.
    """
    messages, texts = Messages(ensemble), scaled_texts(ensemble, scale)
    y = _deficit(messages, texts)
    return np.stack([_mean_sizes(messages, y[:, place : place + 1], texts[:, place]) for place in range(y.shape[1])])


def _mean_sizes(messages: Messages, y: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """Mark every skill: g' = (1 - y) + B g', and one more step to a random skill."""
    ensemble, branching = messages.ensemble, _branching(messages, y, texts)
    if _radius(branching) >= 1:
        return np.full(len(ensemble.shares), np.inf)
    marked = np.linalg.solve(np.eye(messages.size) - branching, 1 - y[:, 0])
    loads, out = _loads(messages, y, texts[:, None]), np.empty(len(ensemble.shares))
    ahead = np.stack([_onwards(messages, b, y, marked[:, None]) for b in range(len(ensemble.needs))])
    for a, law in enumerate(ensemble.skill_laws):
        into = law.first(loads[:, a], loads[:, a], 1)[:, 0, 0]
        out[a] = law.node(loads[:, a], loads[:, a], 1)[0, 0] + into @ (texts * ahead[:, a])
    return out


def _onwards(messages: Messages, b: int, y: np.ndarray, marked: np.ndarray) -> np.ndarray:
    """Return what a text of class b adds to the mark of each skill class, (skill classes,)."""
    law, seen = messages.ensemble.needs[b], messages.seen(b, y)
    bend = law.second(seen, seen, 1)[:, :, 0, 0] / positive_means(law.means)[:, None]
    return bend @ messages.seen(b, marked)[:, 0]


def association_by_class(ensemble: TypedEnsemble, scale: np.ndarray | float) -> np.ndarray:
    """Return the share of every skill class in the giant component of learned skills, joined where they share a text.

    Parameters
    ----------
    ensemble : TypedEnsemble
    scale : float or (n,) array

    Returns
    -------
    (n, skill classes) float64 array
    """
    messages, texts = Messages(ensemble), scaled_texts(ensemble, scale)
    eps = np.broadcast_to(path(ensemble).unknown[:, None], (len(ensemble.shares), texts.shape[1]))
    z = iterate(messages, texts, eps)
    u = messages.unknown(z, eps)
    x, y = np.zeros(u.shape), np.zeros(u.shape)
    for _ in range(_ROUNDS):
        apart, teaching = _text_messages(messages, u, x, y, texts)
        after_x = eps[messages.skill_of] * messages.edge_survival(apart + teaching)
        after_y = np.maximum(messages.edge_survival(apart) - after_x, 0.0)
        change = max(float(np.max(np.abs(after_x - x))), float(np.max(np.abs(after_y - y))))
        x, y = after_x, after_y
        if change <= _TOLERANCE:
            break
    apart, teaching = _text_messages(messages, u, x, y, texts)
    unlearned = eps * messages.node_survival(apart + teaching)
    share = 1 - messages.unlearned(z, texts, eps) - (messages.node_survival(apart) - unlearned)
    return np.where(share > 1e-9, share, 0.0).T


def _text_messages(
    messages: Messages, u: np.ndarray, x: np.ndarray, y: np.ndarray, texts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the loads q (1 - b0), of texts that connect, and q E, of texts that teach and do not."""
    apart, teaching = [], []
    for b, (law, learner) in enumerate(zip(messages.ensemble.needs, messages.ensemble.learners, strict=True)):
        mine_u, mine_x, mine_y = (messages.seen(b, one) for one in (u, x, y))
        missing, means = np.where(law.means[:, None] > 0, 1 - mine_y, 0.0), positive_means(law.means)[:, None, None]
        with_x = law.first(missing, mine_x, learner + 1) / means
        with_u = law.first(missing, mine_u, learner + 1) / means
        known = law.first(np.maximum(missing - mine_u, 0.0), mine_u, 1)[:, 0] / means[:, 0]
        blocked = np.minimum((with_x - with_u).sum(axis=1) + known, 1.0)
        apart.append(texts[b] * (1 - blocked))
        teaching.append(texts[b] * with_x[:, :learner].sum(axis=1))
    return np.stack(apart), np.stack(teaching)
