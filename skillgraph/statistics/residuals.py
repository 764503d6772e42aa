"""Residuals: how far a mean is from its theory, in standard errors of known law."""

from __future__ import annotations

import numpy as np
from scipy import special

__all__ = ["z_score"]


def z_score(difference: np.ndarray, standard_error: np.ndarray, degrees_of_freedom: int) -> np.ndarray:
    """Return the normal quantile of a t statistic.

    Parameters
    ----------
    difference, standard_error : arrays
    degrees_of_freedom : int
        Replicates minus 1; NaN is returned for 0.
    """
    if degrees_of_freedom < 1:
        return np.full(np.shape(difference), np.nan)
    t = np.asarray(difference, dtype=float) / standard_error
    tail = special.stdtr(degrees_of_freedom, -np.abs(t))
    return -np.sign(t) * special.ndtri(np.maximum(tail, 1e-300))
