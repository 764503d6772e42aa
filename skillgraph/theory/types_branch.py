"""The branch of the largest fixed point along a path, and every jump on it.

More texts or more prior knowledge only ever push the largest fixed point down, continuously but for jumps. The branch
is followed by pseudo-arclength continuation: predict along the tangent, correct by Newton's method in the plane across
it. Where the tangent turns back (the parameter has a maximum, the map an eigenvalue 1) the fixed point ends: a jump.
From there plain iteration, which cannot pass below a fixed point of an increasing map, falls to the largest fixed point
that is left, and the branch goes on. Classes that no text ties together are followed apart.

References
----------
Keller (1977), Numerical solution of bifurcation and nonlinear eigenvalue problems, pseudo-arclength continuation.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import optimize
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from skillgraph.theory.types_messages import Messages, Path

__all__ = ["Fold", "branch", "iterate"]

_ALIGNED = 0.985  # least cosine between tangents of neighbouring points
_SMALLEST, _LARGEST = 1e-9, 0.05  # steps in z, the largest per unit of 1 + |z|
_NOTHING = {False: 1e-12, True: 1e-7}  # messages below do not matter any more; configuration: 1 - load is rounded
_ROUNDED = {False: 1e-14, True: 1e-10}  # residuals below are rounding
_NEWTON = 12
_POINTS = 20_000
_ROUNDS = 400_000
_FURTHEST = 1e7  # in units of the first place where loads are of order 1
_SETTLED = 1e-13
_CONVERGED = 1e-9  # last change of Newton's method, whose square is what is left
_AT_END = 1e-9


@dataclass(frozen=True, eq=False)
class Fold:
    """An end of the largest fixed point.

    Attributes
    ----------
    at : float
        p of the path.
    before, after : (types,) float64 arrays
        Loads of the fixed point that ends, and of the largest that is left.
    """

    at: float
    before: np.ndarray
    after: np.ndarray


def iterate(
    messages: Messages, texts: np.ndarray, eps: np.ndarray, start: np.ndarray | None = None, rounds: int = _ROUNDS
) -> np.ndarray:
    """Iterate density evolution until nothing moves: the largest fixed point below the start.

    Parameters
    ----------
    messages : Messages
    texts, eps : (text classes, n) and (skill classes, n) arrays
    start : (types, n) array, optional
        Loads to start from; 0, nothing learned, if omitted.
    rounds : int
        At most so many.

    Returns
    -------
    (types, n) float64 array
    """
    z = np.zeros((messages.size, texts.shape[1])) if start is None else start.copy()
    active = np.arange(texts.shape[1])
    for _ in range(rounds):
        after = messages.step(z[:, active], texts[:, active], eps[:, active])
        moved = np.any(np.abs(after - z[:, active]) > _SETTLED * (1e-3 + np.abs(after)), axis=0)
        z[:, active] = after
        active = active[moved]
        if active.size == 0:
            break
    return z


def branch(messages: Messages, along: Path, until: float | None = None) -> list[Fold]:
    """Return every jump of the largest fixed point along a path, by increasing p.

    Parameters
    ----------
    messages : Messages
    along : Path
    until : float, optional
        Where to stop; the end of the path, or where nothing is left to learn, if omitted.
    """
    end = min(along.largest, np.inf if until is None else until)
    folds = [fold for part in _parts(messages, along) for fold in _Walk(messages, along, part, end).folds()]
    return _merged(sorted(folds, key=lambda fold: fold.at))


def _merged(folds: list[Fold]) -> list[Fold]:
    """Unite jumps of untied classes at one place (equal classes)."""
    out: list[Fold] = []
    for fold in folds:
        if out and abs(fold.at - out[-1].at) <= 1e-11 * fold.at:
            moved = fold.after != fold.before
            both = [
                np.where(moved, new, old) for new, old in ((fold.before, out[-1].before), (fold.after, out[-1].after))
            ]
            out[-1] = Fold(out[-1].at, *both)
        else:
            out.append(fold)
    return out


def _parts(messages: Messages, along: Path) -> list[np.ndarray]:
    """Return the message types that can ever be learned, by groups that texts tie together."""
    rows, columns = messages.pairs
    classes, shape = messages.ensemble.mean_needs.shape[1], messages.ensemble.mean_needs.shape
    meets = coo_array((np.ones(rows.size), (rows, columns + shape[0])), shape=(sum(shape), sum(shape)))
    label = connected_components(meets, directed=False)[1][shape[0] : shape[0] + classes]
    probe = min(1.0, along.largest) / 2
    texts, eps = along.at(probe)
    texts, z = np.maximum(texts, 0.0), np.zeros((messages.size, 1))
    for _ in range(messages.size + 1):
        z = messages.step(z, texts, eps)
    alive = z[:, 0] > 0
    groups = [np.flatnonzero(alive & (label[messages.skill_of] == group)) for group in np.unique(label)]
    return [group for group in groups if group.size > 0]


@dataclass(eq=False)
class _Walk:
    """Continuation of one group of message types; a state is (loads of the group, p / unit)."""

    messages: Messages
    along: Path
    part: np.ndarray
    end: float
    unit: float = field(init=False)
    others: np.ndarray = field(init=False)
    nothing: float = field(init=False)
    rounded: float = field(init=False)

    def __post_init__(self) -> None:
        kind = self.messages.ensemble.is_configuration
        self.nothing, self.rounded = _NOTHING[kind], _ROUNDED[kind]
        self.others = np.zeros(self.messages.size)
        texts, eps = self.along.at(0.0)
        rise = self._slope(np.zeros(self.part.size), texts[:, 0], eps[:, 0])
        steep = float(np.max(np.abs(rise), initial=0.0))
        self.unit = 1 / steep if steep > 0 else 1.0
        if np.isfinite(self.along.largest):
            self.unit = min(self.unit, self.along.largest)

    def folds(self) -> list[Fold]:
        """Walk to the end and return the jumps."""
        found: list[Fold] = []
        state = self._first()
        while state is not None:
            state, fold = self._until_fold(state)
            if fold is not None:
                found.append(fold)
        return found

    def _first(self) -> np.ndarray | None:
        """Return the fixed point just beyond the start of the path."""
        p = 1e-9 * self.unit
        return None if p >= self.end else self._settled(np.zeros(self.part.size), p)

    def _until_fold(self, state: np.ndarray) -> tuple[np.ndarray | None, Fold | None]:
        """Follow the branch; return where it goes on after a jump (None at the end) and the jump."""
        upwards = np.zeros(state.size)
        upwards[-1] = 1.0
        points, tangents, step = [state], [self._tangent(state, upwards)], 1e-3
        for _ in range(_POINTS):
            if self._finished(points[-1]):
                return None, None
            found, step = self._advanced(points[-1], tangents[-1], step)
            if found is None:
                raise ArithmeticError(f"the branch of fixed points is lost at {points[-1][-1] * self.unit:.9g}")
            points.append(found[0])
            tangents.append(found[1])
            place = self._turning(points[-3:], tangents[-3:])
            if place is not None:
                return self._jumped(place)
        raise ArithmeticError(f"no end of the branch of fixed points up to {points[-1][-1] * self.unit:.9g}")

    def _finished(self, state: np.ndarray) -> bool:
        p = state[-1] * self.unit
        eps = self.along.at(p)[1][self.messages.skill_of[self.part], 0]
        nothing = bool(np.max(eps * np.exp(-state[:-1])) < self.nothing)
        return nothing or p >= min(self.end * (1 - _AT_END), _FURTHEST * self.unit)

    def _advanced(
        self, point: np.ndarray, tangent: np.ndarray, step: float
    ) -> tuple[tuple[np.ndarray, np.ndarray] | None, float]:
        """Take the next step, as long as the curve allows; return point and tangent, and the step to try next."""
        reach = 1 + float(np.max(np.abs(point[:-1])))
        step = min(step, _LARGEST * reach / max(float(np.max(np.abs(tangent[:-1]))), 1e-3))
        if tangent[-1] > 0 and np.isfinite(self.end):
            step = min(step, max(self.end / self.unit - point[-1], 2 * _SMALLEST) / tangent[-1])
        while step > _SMALLEST:
            following = self._corrected(point, tangent, step)
            if following is not None:
                direction = self._tangent(following, tangent)
                if float(direction @ tangent) > _ALIGNED:
                    return (following, direction), 1.6 * step
            step /= 2
        return None, step

    def _turning(self, points: list[np.ndarray], tangents: list[np.ndarray]) -> np.ndarray | None:
        """Return the first maximum of p on the last steps, or None; two turns may hide between three points."""
        if tangents[-1][-1] <= 0:
            return self._fold_after(points[-2], tangents[-2], float(tangents[-2] @ (points[-1] - points[-2])))
        if len(points) < 3 or not tangents[0][-1] > tangents[1][-1] < tangents[2][-1]:
            return None
        start, direction = points[0], tangents[0]
        length = float(direction @ (points[2] - start))
        found = optimize.minimize_scalar(
            lambda s: self._rise(start, direction, s),
            bounds=(0.0, length),
            method="bounded",
            options={"xatol": 1e-6 * length},
        )
        return self._fold_after(start, direction, float(found.x)) if found.fun < 0 else None

    def _fold_after(self, point: np.ndarray, tangent: np.ndarray, length: float) -> np.ndarray:
        """Find the maximum of p between a point and ``length`` further on."""
        s = optimize.brentq(lambda s: self._rise(point, tangent, s), 0.0, length, xtol=1e-11 * length, rtol=1e-14)
        found = self._corrected(point, tangent, s)
        assert found is not None
        return found

    def _rise(self, point: np.ndarray, tangent: np.ndarray, s: float) -> float:
        """Return dp/ds at a distance along the tangent."""
        found = self._corrected(point, tangent, s) if s > 0 else point
        if found is None:
            return 1.0
        return float(self._tangent(found, tangent)[-1])

    def _jumped(self, top: np.ndarray) -> tuple[np.ndarray | None, Fold | None]:
        """Fall from a fold to the largest fixed point that is left."""
        if top[-1] * self.unit >= self.end:
            return None, None
        direction = np.abs(self._tangent(top, np.ones(top.size))[:-1])
        direction /= np.max(direction)
        p, landed = (
            float(top[-1] * self.unit),
            self._settled(self._stepped_off(top, direction), float(top[-1] * self.unit)),
        )
        before, after = self.others.copy(), self.others.copy()
        before[self.part], after[self.part] = top[:-1], landed[:-1]
        return landed, Fold(p, before, after)

    def _stepped_off(self, top: np.ndarray, direction: np.ndarray) -> np.ndarray:
        """Return loads a little beyond a fold: as far as the residual still grows like the square of the distance."""
        p, off = float(top[-1] * self.unit), 1e-4
        residual = self._residual(top[:-1] + off * direction, p) @ direction
        while off < 0.05:
            further = self._residual(top[:-1] + 2 * off * direction, p) @ direction
            if not 3 * residual < further < 5 * residual:
                break
            off, residual = 2 * off, further
        return top[:-1] + off * direction

    def _residual(self, z: np.ndarray, p: float) -> np.ndarray:
        texts, eps = self.along.at(p)
        return self._step(z, texts, eps) - z

    def _settled(self, z: np.ndarray, p: float) -> np.ndarray:
        """Fall from z, where everything still moves, to the largest fixed point below at a fixed p; return the state.

        A round of plain iteration never passes a fixed point, but crawls where one has just ended. An implicit step,
        z' = z + tau (Z(z') - z'), does not pass one either; it is taken linearised, short, and only while everything
        still moves on afterwards.
        """
        texts, eps = self.along.at(p)
        tau = 1.0
        residual = self._step(z, texts, eps) - z
        for _ in range(_ROUNDS):
            reach = 1 + float(np.max(np.abs(z)))
            settled = float(np.max(np.abs(residual))) < self.rounded * reach
            if settled or np.max(eps[self.messages.skill_of[self.part], 0] * np.exp(-z)) < self.nothing:
                break
            move = self._implicit(z, residual, texts[:, 0], eps[:, 0], tau)
            following, after = z + move, None
            if np.all((move >= 0) & (move <= _LARGEST * reach)):
                after = self._step(following, texts, eps) - following
            if after is None or np.min(after) < -self.rounded * reach:
                tau, z = max(tau / 4, 0.1), z + residual
                residual = self._step(z, texts, eps) - z
            else:
                tau, z, residual = min(2 * tau, 1e12), following, after
        return np.append(z, p / self.unit)

    def _implicit(
        self, z: np.ndarray, residual: np.ndarray, texts: np.ndarray, eps: np.ndarray, tau: float
    ) -> np.ndarray:
        """Return the move of a linearised implicit step."""
        return np.linalg.solve((1 + 1 / tau) * np.eye(z.size) - self._jacobian(z, texts, eps), residual)

    def _step(self, z: np.ndarray, texts: np.ndarray, eps: np.ndarray) -> np.ndarray:
        return self.messages.step(self._whole(z)[:, None], texts, eps)[self.part, 0]

    def _whole(self, z: np.ndarray) -> np.ndarray:
        whole = self.others.copy()
        whole[self.part] = z
        return whole

    def _jacobian(self, z: np.ndarray, texts: np.ndarray, eps: np.ndarray) -> np.ndarray:
        return self.messages.jacobian(self._whole(z), texts, eps)[np.ix_(self.part, self.part)]

    def _slope(self, z: np.ndarray, texts: np.ndarray, eps: np.ndarray) -> np.ndarray:
        """Return dZ/dp."""
        whole = self._whole(z)
        out = self.messages.texts_slope(whole, texts, eps) @ self.along.texts_slope
        if np.any(self.along.unknown_slope):
            relative = np.divide(self.along.unknown_slope, eps, out=np.zeros(eps.size), where=eps > 0)
            out = out - self.messages.jacobian(whole, texts, eps) @ relative[self.messages.skill_of]
        return out[self.part]

    def _system(self, state: np.ndarray) -> np.ndarray:
        """Return the derivative of z - Z(z, p) by the state, (types of the group, types + 1)."""
        texts, eps = (one[:, 0] for one in self.along.at(state[-1] * self.unit))
        z = state[:-1]
        rise = self._slope(z, texts, eps) * self.unit
        return np.column_stack([np.eye(z.size) - self._jacobian(z, texts, eps), -rise])

    def _tangent(self, state: np.ndarray, before: np.ndarray) -> np.ndarray:
        """Return the unit tangent that goes on in the direction of the one before."""
        matrix = np.vstack([self._system(state), before])
        right = np.zeros(state.size)
        right[-1] = 1.0
        tangent = np.linalg.solve(matrix, right)
        return tangent / np.linalg.norm(tangent)

    def _corrected(self, point: np.ndarray, tangent: np.ndarray, step: float) -> np.ndarray | None:
        """Return the solution in the plane across the tangent at a distance; None where Newton's method fails."""
        state = point + step * tangent
        for _ in range(_NEWTON):
            state[-1] = min(max(state[-1], 0.0), self.along.largest / self.unit)
            state[:-1] = np.maximum(state[:-1], 0.0)
            texts, eps = self.along.at(state[-1] * self.unit)
            residual = np.append(state[:-1] - self._step(state[:-1], texts, eps), tangent @ (state - point) - step)
            change = np.linalg.solve(np.vstack([self._system(state), tangent]), residual)
            state = state - change
            size = float(np.max(np.abs(change)))
            if not np.isfinite(size) or size > 1.0:
                return None
            if size < _CONVERGED * (1 + float(np.max(np.abs(state)))):
                return state
        return None
