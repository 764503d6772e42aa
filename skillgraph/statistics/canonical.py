"""The binomial between the microcanonical and the canonical: from n elements to elements each there with a chance."""

from __future__ import annotations

import numpy as np

__all__ = ["canonical"]


def canonical(
    values: np.ndarray,
    probability: np.ndarray | float,
    *,
    steps: np.ndarray | None = None,
    tolerance: float = 1e-15,
) -> np.ndarray:
    """Mix a microcanonical curve with the binomial: its mean when each of n elements is there with a probability.

    The binomial is summed over a window around its mode, in logarithms, and normalised there. By Bernstein's
    inequality the window leaves out at most ``tolerance`` of the mass, so the result is off by at most ``tolerance``
    times the range of the values (plus rounding); at the default it holds about 8.4 standard deviations to each side.

    Parameters
    ----------
    values : (n + 1,) array
        Observable after 0, 1, ..., n elements. It must enter linearly: mix ``sum_squares``, not a ratio of two curves.
        With ``steps``: (entries,) array, interpolated linearly between them.
    probability : float or array
        Probabilities in [0, 1], any shape.
    steps : (entries,) integer array, optional
        Number of elements of each value, increasing from 0 to n.
    tolerance : float
        Mass of the binomial that may be left out, between 0 and 1.

    Returns
    -------
    array of the shape of ``probability``, float64

    Raises
    ------
    ValueError
        If a probability is outside [0, 1], ``values`` or ``steps`` have the wrong shape, ``steps`` do not increase
        from 0, or ``tolerance`` is not between 0 and 1.

    References
    ----------
    Newman & Ziff (2001), Phys. Rev. E 64, 016706, eq. 2; Boucheron, Lugosi & Massart (2013), Concentration
    Inequalities, eq. 2.10 (Bernstein).

    Examples
    --------
    >>> import numpy as np
    >>> canonical(np.array([0.0, 1.0, 1.0]), np.array([0.5])).tolist()  # at least one of two texts
    [0.75]
    """
    curve = np.asarray(values)
    if curve.ndim != 1 or curve.size == 0:
        raise ValueError(f"values must be a curve of one dimension with at least one entry, got shape {curve.shape}")
    if not 0 < tolerance < 1:
        raise ValueError(f"tolerance must lie between 0 and 1, got {tolerance}")
    chances = np.asarray(probability, dtype=np.float64)
    outside = ~((chances >= 0) & (chances <= 1))
    if outside.any():
        raise ValueError(f"probability must lie in [0, 1], got {chances[outside].flat[0]}")
    places = None if steps is None else _interpolation_steps(steps, curve.size)
    total = curve.size - 1 if places is None else int(places[-1])
    mixed = [_mix(curve, places, total, float(chance), tolerance) for chance in chances.flat]
    return np.array(mixed, dtype=np.float64).reshape(chances.shape)


def _mix(curve: np.ndarray, places: np.ndarray | None, total: int, chance: float, tolerance: float) -> float:
    first, weights = _binomial_window(total, chance, tolerance)
    last = first + weights.size
    if places is None:
        return float(weights @ curve[first:last])
    return float(weights @ np.interp(np.arange(first, last), places, curve))


def _binomial_window(total: int, chance: float, tolerance: float) -> tuple[int, np.ndarray]:
    """Return the first outcome and the normalised weights of Binomial(total, chance) around its mode."""
    if chance in (0.0, 1.0):
        return total * int(chance), np.ones(1)
    surprise = np.log(2 / tolerance)
    reach = surprise / 3 + np.sqrt(surprise**2 / 9 + 2 * surprise * total * chance * (1 - chance))
    mode = min(int((total + 1) * chance), total)
    first = max(0, min(mode, int(np.floor(total * chance - reach))))
    last = min(total, max(mode, int(np.ceil(total * chance + reach))))
    up, down = np.arange(mode + 1, last + 1, dtype=np.float64), np.arange(mode, first, -1, dtype=np.float64)
    odds = np.log(chance) - np.log1p(-chance)
    rising = np.cumsum(np.log((total + 1 - up) / up) + odds)
    falling = np.cumsum(np.log(down / (total + 1 - down)) - odds)
    weights = np.exp(np.concatenate((falling[::-1], [0.0], rising)))
    return first, weights / weights.sum()


def _interpolation_steps(steps: np.ndarray, entries: int) -> np.ndarray:
    array = np.asarray(steps)
    if array.dtype.kind not in "iu" or array.shape != (entries,) or array[0] != 0 or (array[1:] <= array[:-1]).any():
        raise ValueError(
            f"steps must be one integer per value and increase strictly from 0, got {array[:5]}... of {array.size}"
        )
    return array.astype(np.int64)
