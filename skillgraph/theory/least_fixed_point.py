"""The least fixed point of a monotone map of two messages, by Newton's method from below, at many places side by side.

Where a map is a power series with coefficients that are not negative, as messages of random graphs are, iteration from
zero rises to the least fixed point, and Newton's method from zero rises to it at least as fast and never passes it
(Esparza, Kiefer & Luttenberger 2010, doi:10.1137/090765073). Slopes are taken downwards: those of a convex map are then
too small rather than too large, so a leap stays below. One step of the map is always taken, also where no leap can be
made, so places converge as they would without.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["Step", "least_fixed_point"]

Step = Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""From numbers of places, (n,) int64, and their two messages to the messages after one round."""

_SHIFT = 1e-6  # relative step of a slope


def least_fixed_point(
    step: Step, places: int, *, rounds: int = 20_000, tolerance: float = 1e-14
) -> tuple[np.ndarray, np.ndarray]:
    """Iterate from zero at all places until no message changes by more than the tolerance.

    Parameters
    ----------
    step : callable
        Monotone, places independent of each other.
    places : int
    rounds : int
        Largest number of rounds.
    tolerance : float
        Largest change in a round of a message that has settled.

    Returns
    -------
    x, y : (places,) float64 arrays
    """
    state, moving = np.zeros((2, places)), np.arange(places)
    for _ in range(rounds):
        here = state[:, moving]
        after = np.stack(step(moving, *here))
        state[:, moving] = after
        still = np.max(np.abs(after - here), axis=0) > tolerance
        moving = moving[still]
        if moving.size == 0:
            break
        state[:, moving] = _leap(step, moving, here[:, still], after[:, still])
    return state[0], state[1]


def _leap(step: Step, moving: np.ndarray, here: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return where Newton's method goes from ``here``, or ``after`` where it goes nowhere."""
    (x, y), rest = here, after - here
    by_x = _slopes(after, step(moving, x - _SHIFT * x, y), _SHIFT * x)
    by_y = _slopes(after, step(moving, x, y - _SHIFT * y), _SHIFT * y)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        determinant = (1 - by_x[0]) * (1 - by_y[1]) - by_x[1] * by_y[0]
        ahead_x = ((1 - by_y[1]) * rest[0] + by_y[0] * rest[1]) / determinant
        ahead_y = ((1 - by_x[0]) * rest[1] + by_x[1] * rest[0]) / determinant
        leap = here + np.stack([ahead_x, ahead_y])
        good = (determinant > 0) & np.all(leap >= after, axis=0) & np.all(leap <= 1, axis=0)
    return np.where(good, leap, after)


def _slopes(after: np.ndarray, before: tuple[np.ndarray, np.ndarray], shift: np.ndarray) -> np.ndarray:
    """Return the slopes of both messages, 0 where the one that is shifted is 0, from where it cannot go down."""
    return np.divide(after - np.stack(before), shift, out=np.zeros(after.shape), where=shift > 0)
