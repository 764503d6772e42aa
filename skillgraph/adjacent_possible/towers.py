"""Numbers beyond double precision: towers of exponentials, as the iterated innovation law makes them.

A tower (height, mantissa) is exp applied ``height`` times to the mantissa. Height 0 is an ordinary number up to 1e300;
above, the mantissa lies between ln 1e300 and 1e300, so the pair is unique. Once the combinatorial term dominates, every
step of an exponential law adds one storey: M' = s (1 + q)^M.
"""

from __future__ import annotations

import math

from skillgraph.adjacent_possible.innovation import Innovation

__all__ = ["LARGEST", "advance", "log10_of", "value_of"]

LARGEST = 1e300
_LOG_LARGEST = math.log(LARGEST)


def advance(innovation: Innovation, extinction: float, height: int, mantissa: float) -> tuple[int, float]:
    """Return the tower one step later.

    Parameters
    ----------
    innovation : Innovation
    extinction : float
        Share of items that expire in the step.
    height : int
    mantissa : float

    Returns
    -------
    height : int
    mantissa : float
    """
    if height == 0:
        items = (1 - extinction) * mantissa + innovation.rate(mantissa)
        if items <= LARGEST:
            return 0, items
        return _normal(1, _log_sum(innovation.log_rate(mantissa), math.log(max(1 - extinction, 1e-300) * mantissa)))
    if innovation.degree is None:
        return _exponential_law(innovation, height, mantissa)
    return _polynomial_law(innovation, extinction, innovation.degree, height, mantissa)


def value_of(height: int, mantissa: float) -> float:
    """Return the tower as a double, inf where it does not fit."""
    return mantissa if height == 0 else math.inf


def log10_of(height: int, mantissa: float) -> float:
    """Return the decimal logarithm, inf where it does not fit, -inf for 0."""
    if height == 0:
        return math.log10(mantissa) if mantissa > 0 else -math.inf
    return mantissa / math.log(10) if height == 1 else math.inf


def _exponential_law(innovation: Innovation, height: int, mantissa: float) -> tuple[int, float]:
    """Take ln M' = M ln(1 + q) + ln s, where ln s is below the precision of M > 1e300."""
    if height == 1:
        return _normal(2, mantissa + math.log(innovation.log_growth))
    return _normal(height + 1, mantissa)


def _polynomial_law(
    innovation: Innovation, extinction: float, degree: int, height: int, mantissa: float
) -> tuple[int, float]:
    """Take ln M' = k ln M + ln(alpha_k / k!); lower powers are below the precision of M > 1e300."""
    leading = innovation.weights[degree - 1] / math.factorial(degree) + (1 - extinction if degree == 1 else 0.0)
    if height == 1:
        return _normal(1, degree * mantissa + math.log(leading))
    return _normal(height, mantissa + math.log(degree)) if height == 2 else (height, mantissa)


def _normal(height: int, mantissa: float) -> tuple[int, float]:
    while height > 0 and mantissa <= _LOG_LARGEST:
        height, mantissa = height - 1, math.exp(mantissa)
    while mantissa > LARGEST:
        height, mantissa = height + 1, math.log(mantissa)
    return height, mantissa


def _log_sum(one: float, other: float) -> float:
    high, low = max(one, other), min(one, other)
    return high + math.log1p(math.exp(low - high))
