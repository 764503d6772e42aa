"""The Chinchilla form L = E + A / parameters^alpha + B / tokens^beta by three estimators.

huber        Huber's loss of log residuals, delta = 1e-3, from the published grid of 4,500 starts (Hoffmann et al.).
absolute     Huber's density with a free scale, by which the headline of Besiroglu et al. was computed. Its likelihood
             is highest at a scale of 4e-6: all residuals then lie where Huber's loss is linear, and the estimate is
             that of least absolute log residuals. Computed as the limit of ever smaller delta.
projection   Least squares of the loss itself by variable projection: for given exponents A, B and E are linear and not
             negative, so only two parameters are searched.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from skillgraph._kernels import loss_surfaces
from skillgraph.inference.losses import LossTable

__all__ = ["ESTIMATORS", "NAMES", "Chinchilla", "chinchilla_loss", "estimator"]

NAMES = ("A", "B", "E", "alpha", "beta")
ESTIMATORS = ("huber", "absolute", "projection")
DELTA = 1e-3
_SHRINKING = DELTA * 10.0 ** -np.arange(0, 5.5, 0.5)
_DESCENTS = 60  # starts of the grid that are followed down
_ROUNDS = 300
_NOTHING = -600.0  # logarithm of a term that is left out
_EXPONENTS = (0.0, 3.0)


@dataclass(frozen=True, eq=False)
class Minimum:
    """Parameters at a minimum, in the order of `NAMES`, and the objective there."""

    parameters: np.ndarray
    objective: float


def chinchilla_loss(parameters: np.ndarray, tokens: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return E + A / parameters^alpha + B / tokens^beta for values (A, B, E, alpha, beta)."""
    scale_a, scale_b, floor, alpha, beta = values
    return np.asarray(floor + scale_a * parameters**-alpha + scale_b * tokens**-beta)


def estimator(table: LossTable, name: str) -> Chinchilla | Projection:
    """Return the estimator of a name, ready to be applied to a table.

    Raises
    ------
    ValueError
        If the name is unknown.
    """
    if name not in ESTIMATORS:
        raise ValueError(f'estimator must be one of {", ".join(ESTIMATORS)}, got "{name}"')
    return Projection(table) if name == "projection" else Chinchilla(table, name)


class Chinchilla:
    """Estimators on logarithms of the loss; terms of axes that do not vary are left out (their parameters are NaN)."""

    def __init__(self, table: LossTable, name: str = "huber") -> None:
        self.x, self.y, self.target = (np.log(column) for column in (table.parameters, table.tokens, table.loss))
        self.middle = np.array([self.x.mean(), self.y.mean()])
        self.axes = (self.x - self.middle[0], self.y - self.middle[1], self.target)
        self.deltas = np.array([DELTA]) if name == "huber" else _SHRINKING
        varies = [np.ptp(self.x) > 0, np.ptp(self.y) > 0]
        self.free = np.array([*varies, True, *varies])

    def fit(self) -> Minimum:
        """Minimise from the published grid."""
        starts = self._grid()
        values = np.empty(starts.shape[0])
        ones = np.ones(self.target.size)
        loss_surfaces.best_starts(starts, *self.axes, ones, DELTA, values)
        followed = starts[np.argsort(values, kind="stable")[:_DESCENTS]]
        return self._minimum(followed, ones[None], self.free)[0]

    def refit(self, start: np.ndarray, weights: np.ndarray) -> list[Minimum]:
        """Minimise for every row of weights, from a minimum of the table as it is."""
        return self._minimum(self._inner(start)[None], weights, self.free)

    def profile(self, start: np.ndarray, place: int, value: float) -> Minimum:
        """Minimise with one parameter held."""
        held = start.copy()
        held[place] = value
        free = self.free.copy()
        free[place] = False
        inner = self._inner(start)
        if place > 2:
            inner[place - 3] = np.log(max(start[place - 3], 1e-300)) - value * self.middle[place - 3]
            inner[place] = value
            return self._minimum(inner[None], np.ones((1, self.target.size)), free)[0]
        inner[place] = self._inner(held)[place]
        return self._held_scale(inner, free, place)

    def _held_scale(self, inner: np.ndarray, free: np.ndarray, place: int) -> Minimum:
        """Minimise with A, B or E held; A and B are held together with their exponents, which are then searched."""
        ones = np.ones((1, self.target.size))
        if place == 2:
            return self._minimum(inner[None], ones, free)[0]
        outer = inner[place] + inner[place + 3] * self.middle[place]
        free[place + 3] = False

        def at(exponent: float) -> Minimum:
            trial = inner.copy()
            trial[place], trial[place + 3] = outer - exponent * self.middle[place], exponent
            return self._minimum(trial[None], ones, free)[0]

        near = float(inner[place + 3])
        found = optimize.minimize_scalar(
            lambda exponent: at(exponent).objective, bracket=(0.98 * near, 1.02 * near), options={"xtol": 1e-6}
        )
        return at(float(found.x))

    def statistic(self, objective: float, least: float) -> float:
        """Twice the log likelihood ratio, errors as Laplace's with a free scale."""
        return float(2 * self.target.size * np.log(max(objective, 1e-300) / max(least, 1e-300)))

    def _grid(self) -> np.ndarray:
        rows = itertools.product(
            np.arange(0.0, 30, 5), np.arange(0.0, 30, 5), np.arange(-1, 1.5, 0.5), *[np.arange(0, 2.5, 0.5)] * 2
        )
        starts = np.array(list(rows))
        starts[:, :2] -= starts[:, 3:] * self.middle
        return self._without_constant(starts)

    def _without_constant(self, theta: np.ndarray) -> np.ndarray:
        theta[..., :2] = np.where(self.free[:2], theta[..., :2], _NOTHING)
        theta[..., 3:] = np.where(self.free[3:], theta[..., 3:], 0.0)
        return np.unique(theta, axis=0) if theta.ndim == 2 else theta

    def _inner(self, values: np.ndarray) -> np.ndarray:
        """Return parameters as the kernel has them: logarithms, axes centred."""
        scales = np.log(np.maximum(np.nan_to_num(values[:3]), 1e-250))
        exponents = np.nan_to_num(values[3:])
        scales[:2] -= exponents * self.middle
        return self._without_constant(np.concatenate([scales, exponents]))

    def _minimum(self, starts: np.ndarray, weights: np.ndarray, free: np.ndarray) -> list[Minimum]:
        out, values = np.empty((weights.shape[0], 5)), np.empty(weights.shape[0])
        loss_surfaces.refit(starts, free, *self.axes, weights, self.deltas, _ROUNDS, out, values)
        out[:, :2] += out[:, 3:] * self.middle
        out[:, :3] = np.exp(np.clip(out[:, :3], -700, 700))
        out[:, ~self.free] = np.nan
        return [Minimum(row, float(value)) for row, value in zip(out, values, strict=True)]


class Projection:
    """Least squares of the loss; A, B and E are eliminated."""

    def __init__(self, table: LossTable) -> None:
        self.x, self.y, self.loss = np.log(table.parameters), np.log(table.tokens), table.loss
        self.varies = (bool(np.ptp(self.x) > 0), bool(np.ptp(self.y) > 0))

    def fit(self) -> Minimum:
        """Minimise from a grid of exponents."""
        ones = np.ones(self.loss.size)
        grid = np.linspace(0.1, 1.0, 7)
        starts = np.array(list(itertools.product(grid if self.varies[0] else [0.0], grid if self.varies[1] else [0.0])))
        best = starts[int(np.argmin([self._given(start, ones, {})[1] for start in starts]))]
        return self._search(best, ones, {})

    def refit(self, start: np.ndarray, weights: np.ndarray) -> list[Minimum]:
        """Minimise for every row of weights."""
        return [self._search(np.nan_to_num(start[3:]), row, {}) for row in weights]

    def profile(self, start: np.ndarray, place: int, value: float) -> Minimum:
        """Minimise with one parameter held."""
        return self._search(np.nan_to_num(start[3:]), np.ones(self.loss.size), {place: value})

    def statistic(self, objective: float, least: float) -> float:
        """Twice the log likelihood ratio, errors normal with a free spread."""
        return float(self.loss.size * np.log(max(objective, 1e-300) / max(least, 1e-300)))

    def _search(self, start: np.ndarray, weight: np.ndarray, held: Mapping[int, float]) -> Minimum:
        free = [axis for axis in (0, 1) if self.varies[axis] and axis + 3 not in held]
        exponents = np.array([held.get(axis + 3, start[axis]) for axis in (0, 1)])

        def objective(searched: np.ndarray) -> float:
            exponents[free] = searched
            outside = np.sum(np.maximum(_EXPONENTS[0] - searched, 0) + np.maximum(searched - _EXPONENTS[1], 0))
            return self._given(np.clip(exponents, *_EXPONENTS), weight, held)[1] * (1 + outside)

        if free:
            options = {"xatol": 1e-8, "fatol": 1e-14, "maxiter": 400}
            found = optimize.minimize(objective, exponents[free], method="Nelder-Mead", options=options)
            exponents[free] = found.x
        exponents = np.clip(exponents, *_EXPONENTS)
        scales, value = self._given(exponents, weight, held)
        values = np.concatenate([scales, exponents])
        values[~np.array([*self.varies, True, *self.varies])] = np.nan
        return Minimum(values, value)

    def _given(self, exponents: np.ndarray, weight: np.ndarray, held: Mapping[int, float]) -> tuple[np.ndarray, float]:
        """Return A, B, E of given exponents, and the sum of squares."""
        middle = np.array([self.x.mean(), self.y.mean()])
        columns = np.stack(
            [
                np.exp(-exponents[0] * (self.x - middle[0])) * self.varies[0],
                np.exp(-exponents[1] * (self.y - middle[1])) * self.varies[1],
                np.ones(self.loss.size),
            ],
            axis=1,
        )
        units = np.exp(np.append(exponents * middle, 0.0))
        known = np.array([held.get(place, 0.0) / units[place] for place in range(3)])
        free = [place for place in range(3) if place not in held]
        root = np.sqrt(weight)
        rest = (self.loss - columns @ known) * root
        solved, norm = optimize.nnls(columns[:, free] * root[:, None], rest)
        known[free] = solved
        return known * units, float(norm**2)
