"""Random numbers by counter: a pure function of (key, counter), Philox4x32-10.

All arithmetic is on uint64 words that stay below 2**64, so nothing overflows with or without the compiler.
"""

from __future__ import annotations

import numpy as np

from skillgraph._kernels import jit

__all__ = ["bounded", "philox", "unit"]

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint64(0x9E3779B9)
_W1 = np.uint64(0xBB67AE85)
_TO_UNIT = 2.0**-53
_DROP = np.uint64(11)


@jit
def philox(key: np.uint64, first: np.uint64, second: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Return two random words for a counter.

    Parameters
    ----------
    key : uint64
    first, second : uint64
        Counter of 128 bits: 32-bit words first low, first high, second low, second high.

    Returns
    -------
    two uint64
        Output words 0 and 1 (low, high) and 2 and 3.

    References
    ----------
    Salmon, Moraes, Dror & Shaw (2011), doi:10.1145/2063384.2063405.
    """
    c0, c1, c2, c3 = first & _LOW, first >> _HALF, second & _LOW, second >> _HALF
    k0, k1 = key & _LOW, key >> _HALF
    for _ in range(10):
        product0, product1 = _M0 * c0, _M1 * c2
        c0, c1, c2, c3 = (product1 >> _HALF) ^ c1 ^ k0, product1 & _LOW, (product0 >> _HALF) ^ c3 ^ k1, product0 & _LOW
        k0, k1 = (k0 + _W0) & _LOW, (k1 + _W1) & _LOW
    return c0 | (c1 << _HALF), c2 | (c3 << _HALF)


@jit
def bounded(word: np.uint64, bound: np.uint64) -> np.uint64:
    """Map a random word to 0, ..., bound - 1 (bound < 2**32) by the high part of a product; bias below 2**-32."""
    high = (word >> _HALF) * bound
    low = (word & _LOW) * bound
    return (high + (low >> _HALF)) >> _HALF


@jit
def unit(word: np.uint64) -> float:
    """Map a random word to [0, 1), all multiples of 2**-53."""
    return np.float64(word >> _DROP) * _TO_UNIT
