"""Random words as a pure function of (key, counter): Philox4x32-10.

Every 32-bit word travels in the low half of a uint64, so no product and no sum leaves 64 bits: the same code runs
compiled and as plain Python, without overflow warnings.

References
----------
Salmon, Moraes, Dror & Shaw (2011), Parallel random numbers: as easy as 1, 2, 3, SC'11.
"""

from __future__ import annotations

import numpy as np

from skillgraph._kernels import inline, jit

__all__ = ["bounded", "choices", "line_up", "philox", "unit", "word_pair", "word_pairs"]

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_TWELVE = np.uint64(12)
_STEP = 2.0**-52  # with 2**53 steps the middle of the last one would be rounded to 1


@inline
def philox(
    key_0: np.uint64, key_1: np.uint64, c_0: np.uint64, c_1: np.uint64, c_2: np.uint64, c_3: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Encrypt a counter of four 32-bit words with a key of two, ten rounds; all arguments uint64 below 2**32."""
    for _ in range(10):
        product_0, product_1 = _MULTIPLIER_0 * c_0, _MULTIPLIER_1 * c_2
        c_0, c_1 = (product_1 >> _HALF) ^ c_1 ^ key_0, product_1 & _LOW
        c_2, c_3 = (product_0 >> _HALF) ^ c_3 ^ key_1, product_0 & _LOW
        key_0, key_1 = (key_0 + _WEYL_0) & _LOW, (key_1 + _WEYL_1) & _LOW
    return c_0, c_1, c_2, c_3


@jit
def word_pair(key: np.ndarray, item: np.uint64, block: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Return two random 64-bit words.

    key: (2,) uint64, of which all of the first and the low half of the second word count; item: uint64, the thing that
    draws (a text); block: uint64 below 2**32, two words of the item's stream.
    """
    w_0, w_1, w_2, w_3 = philox(key[0] & _LOW, key[0] >> _HALF, item & _LOW, item >> _HALF, block & _LOW, key[1] & _LOW)
    return (w_0 << _HALF) | w_1, (w_2 << _HALF) | w_3


@jit
def word_pairs(key: np.ndarray, items: np.ndarray, count: int, one: np.ndarray, other: np.ndarray) -> None:
    """Write `word_pair` of block 0 for the first ``count`` items; all arrays (capacity,) uint64, both words written."""
    key_0, key_1, tail = key[0] & _LOW, key[0] >> _HALF, key[1] & _LOW
    zero = np.uint64(0)
    for i in range(count):
        w_0, w_1, w_2, w_3 = philox(key_0, key_1, items[i] & _LOW, items[i] >> _HALF, zero, tail)
        one[i] = (w_0 << _HALF) | w_1
        other[i] = (w_2 << _HALF) | w_3


@jit
def line_up(key: np.ndarray, first: np.uint64, items: np.ndarray, words: np.ndarray) -> None:
    """Write both words of counters first, first + 1, ... side by side: all first words, then all second words.

    items: (n,) uint64, scratch; words: (2 n,) uint64, written.
    """
    for i in range(items.size):
        items[i] = first + np.uint64(i)
    word_pairs(key, items, items.size, words[: items.size], words[items.size :])


@jit
def choices(
    key: np.ndarray, items: np.ndarray, blocks: np.ndarray, count: int, number: np.uint64, out: np.ndarray
) -> None:
    """Write two integers of 0, ..., number - 1 for each of the first ``count`` (item, block): `bounded` `word_pair`.

    items, blocks: (capacity,) uint64, uint32; number: uint64, at most 2^32; out: (2 capacity,) uint32, written.
    """
    key_0, key_1, tail = key[0] & _LOW, key[0] >> _HALF, key[1] & _LOW
    for i in range(count):
        block = np.uint64(blocks[i])
        w_0, w_1, w_2, w_3 = philox(key_0, key_1, items[i] & _LOW, items[i] >> _HALF, block, tail)
        out[2 * i] = np.uint32((w_0 * number + ((w_1 * number) >> _HALF)) >> _HALF)
        out[2 * i + 1] = np.uint32((w_2 * number + ((w_3 * number) >> _HALF)) >> _HALF)


@jit
def bounded(word: np.uint64, number: np.uint64) -> np.uint64:
    """Turn a random 64-bit word into an integer of 0, ..., number - 1: the high half of word * number.

    number: uint64, 1 to 2**32. The whole word counts, so no integer is favoured by more than number / 2**64.
    """
    return ((word >> _HALF) * number + (((word & _LOW) * number) >> _HALF)) >> _HALF


@jit
def unit(word: np.uint64) -> float:
    """Turn a random 64-bit word into a float64 strictly between 0 and 1, the middle of one of 2**52 equal steps."""
    return (np.float64(word >> _TWELVE) + 0.5) * _STEP
