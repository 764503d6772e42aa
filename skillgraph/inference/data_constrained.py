"""Losses where tokens are read again: the data-constrained form of Muennighoff et al.

    L = E + A / N'^alpha + B / D'^beta,   D' = U + U R_D (1 - exp(-(D/U - 1) / R_D)),   U unique tokens, D tokens read,
    N' = V + V R_N (1 - exp(-(N/V - 1) / R_N)),   V = min(N, the compute-optimal parameters of U tokens read once).

R_D and R_N are how many repetitions, and how many times the useful parameters, wear out to 1/e of their worth.

References
----------
Muennighoff et al. (2023), Scaling data-constrained language models, arXiv:2305.16264.
"""

from __future__ import annotations

import numpy as np
from scipy import optimize

from skillgraph.inference.chinchilla import DELTA, Chinchilla, Minimum
from skillgraph.inference.losses import LossTable

__all__ = ["NAMES", "WEAR", "DataConstrained", "constrained_loss", "optimal_constant"]

NAMES = ("A", "B", "E", "alpha", "beta", "R_D", "R_N")
_STARTS = ((15.0, 5.0), (5.0, 15.0), (30.0, 2.0))
WEAR = (0.05, 1000.0)  # bounds of R_D and R_N
_LOWEST = np.array([-9, -9, -8, 0.01, 0.01, *np.log([WEAR[0]] * 2)])  # of logarithms, and of exponents
_HIGHEST = np.array([60, 60, 6, 3, 3, *np.log([WEAR[1]] * 2)])


def optimal_constant(values: np.ndarray) -> float:
    """Return G of the compute-optimal parameters G (C/6)^(beta / (alpha + beta))."""
    scale_a, scale_b, _, alpha, beta = values[:5]
    return float((alpha * scale_a / (beta * scale_b)) ** (1 / (alpha + beta)))


def constrained_loss(parameters: np.ndarray, tokens: np.ndarray, unique: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the loss for values (A, B, E, alpha, beta, R_D, R_N)."""
    scale_a, scale_b, floor, alpha, beta, wear_data, wear_model = values
    constant = optimal_constant(values)
    useful = np.minimum(parameters, constant * (unique * constant) ** (beta / alpha))
    worth = [
        base * (1 - wear * np.expm1(-(given / base - 1) / wear))
        for base, given, wear in ((useful, parameters, wear_model), (unique, tokens, wear_data))
    ]
    return np.asarray(floor + scale_a * worth[0] ** -alpha + scale_b * worth[1] ** -beta)


class DataConstrained:
    """Huber's loss of log residuals for the seven parameters.

    Starts are the Chinchilla fit of the runs that repeat nothing, where there are enough, with three pairs of R_D, R_N.
    """

    def __init__(self, table: LossTable) -> None:
        if not table.repeats:
            raise ValueError(f"{table.name}: the data-constrained form needs runs that read tokens more than once")
        if np.ptp(table.parameters) == 0 or table.size < len(NAMES) + 2:
            raise ValueError(
                f"{table.name}: the data-constrained form needs at least {len(NAMES) + 2} runs and parameters that vary"
            )
        self.table = table
        self.target = np.log(table.loss)

    def fit(self) -> Minimum:
        """Minimise from a Chinchilla fit."""
        once = self.table.part(self.table.unique_tokens >= self.table.tokens)
        enough = once.size >= 8 and np.ptp(once.parameters) > 0 and np.ptp(once.tokens) > 0
        base = Chinchilla(once if enough else self.table).fit().parameters
        ones = np.ones(self.target.size)
        found = [self._search(np.append(base, pair), ones) for pair in _STARTS]
        return min(found, key=lambda one: one.objective)

    def refit(self, start: np.ndarray, weights: np.ndarray) -> list[Minimum]:
        """Minimise for every row of weights."""
        return [self._search(start, row) for row in weights]

    def profile(self, start: np.ndarray, place: int, value: float) -> Minimum:
        """Minimise with one parameter held."""
        held = start.copy()
        held[place] = value
        return self._search(held, np.ones(self.target.size), place)

    def statistic(self, objective: float, least: float) -> float:
        """Twice the log likelihood ratio, errors as Laplace's with a free scale."""
        return float(2 * self.target.size * np.log(max(objective, 1e-300) / max(least, 1e-300)))

    def _search(self, start: np.ndarray, weight: np.ndarray, held: int | None = None) -> Minimum:
        inner = _inner(start)
        middle = np.array([np.log(self.table.parameters).mean(), np.log(self.table.tokens).mean()])
        inner[:2] -= inner[3:5] * middle
        free = np.array([place for place in range(inner.size) if place != held])
        table = self.table

        def values(searched: np.ndarray) -> np.ndarray:
            theta = inner.copy()
            theta[free] = searched
            theta[:2] += theta[3:5] * middle
            if held is not None and held < 2:
                theta[held] = np.log(start[held])
            return _natural(theta)

        def residuals(searched: np.ndarray) -> np.ndarray:
            predicted = constrained_loss(table.parameters, table.tokens, table.unique_tokens, values(searched))
            return np.asarray(self.target - np.log(predicted))[weight > 0]

        counts = weight[weight > 0]

        def huber(squares: np.ndarray) -> np.ndarray:
            """Huber's loss of squares in units of delta, with derivatives, every run as often as it counts."""
            inside = squares <= 1
            size = np.sqrt(np.maximum(squares, 1.0))
            value = np.where(inside, squares, 2 * size - 1)
            first = np.where(inside, 1.0, 1 / size)
            return np.stack([value, first, np.where(inside, 0.0, -0.5 / size**3)]) * counts

        found = optimize.least_squares(
            residuals,
            np.clip(inner[free], _LOWEST[free] + 1e-6, _HIGHEST[free] - 1e-6),
            bounds=(_LOWEST[free], _HIGHEST[free]),
            loss=huber,
            f_scale=DELTA,
            x_scale="jac",
            max_nfev=200,
        )
        return Minimum(values(found.x), float(found.cost))


def _inner(values: np.ndarray) -> np.ndarray:
    theta = np.log(np.maximum(values, 1e-250))
    theta[3:5] = values[3:5]
    return np.asarray(theta)


def _natural(theta: np.ndarray) -> np.ndarray:
    values = np.exp(theta)
    values[3:5] = theta[3:5]
    return np.asarray(values)
