"""Addresses of randomness: (root seed, task words, replicate) -> an independent generator.

A seed is an address, never a state that is passed around: the numbers of one replicate do not depend on which
worker draws them, in which order, or how often a run was interrupted.
"""

from __future__ import annotations

import hashlib

import numpy as np

from skillgraph.checks import seed_of

__all__ = ["counter_key", "generator"]


def generator(seed: int, *address: int | str) -> np.random.Generator:
    """Return the generator that stands at an address.

    Parameters
    ----------
    seed : int
        Root seed, at least 0.
    *address : int or str
        Where below the root: words (task, purpose) and non-negative integers (replicate).

    Returns
    -------
    numpy.random.Generator
        PCG64DXSM on ``SeedSequence(seed, spawn_key=...)``; generators at different addresses are independent.

    Raises
    ------
    ValueError
        If the seed or an integer of the address is negative.

    Examples
    --------
    >>> one, again = generator(1, "compare", 7), generator(1, "compare", 7)
    >>> bool(one.random() == again.random())
    True
    """
    spawn_key = tuple(part for word in address for part in _spawn_words(word))
    sequence = np.random.SeedSequence(seed_of(seed), spawn_key=spawn_key)
    return np.random.Generator(np.random.PCG64DXSM(sequence))


def counter_key(rng: np.random.Generator) -> np.ndarray:
    """Draw the key of a counter-based kernel.

    Parameters
    ----------
    rng : numpy.random.Generator

    Returns
    -------
    (2,) uint64 array
        Key such that every further number is a pure function of (key, counter).
    """
    return rng.integers(0, 2**64, size=2, dtype=np.uint64)


def _spawn_words(word: int | str) -> tuple[int, ...]:
    """Turn one word of an address into uint32 words; a leading tag keeps texts and integers apart."""
    if isinstance(word, str):
        digest = hashlib.blake2b(word.encode(), digest_size=16).digest()
        return (1, *np.frombuffer(digest, dtype="<u4").tolist())
    number = seed_of(word, "address")
    return (0, number & 0xFFFFFFFF, number >> 32)
