"""What a replicate of a batch draws, word by word, in plain integers: streams, alias tables, decks, repeats."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from skillgraph._kernels.batch_draws import SOCKETS, UNIFORM, Law
from skillgraph._kernels.counter import philox

DEGREES, SKILLS, KNOWN, REST = range(4)
CALLS = 64  # side by side


def words(key: np.ndarray, replicate: int, stream: int, calls: int = CALLS) -> Iterator[int]:
    """Yield the 32-bit words of a stream: of a block of calls all first words, then all second ones, and so on."""
    first = 0
    while True:
        block = [call(key, replicate, stream, first + i) for i in range(calls)]
        for place in range(4):
            yield from (one[place] for one in block)
        first += calls


def call(key: np.ndarray, replicate: int, stream: int, number: int) -> list[int]:
    """Return the four words of one counter."""
    counter = (int(key[0]) % 2**32, int(key[0]) >> 32, number, replicate, stream, int(key[1]) % 2**32)
    return [int(word) for word in philox(*(np.uint64(one) for one in counter))]


def alias_draws(key: np.ndarray, replicate: int, stream: int, keep: np.ndarray, alias: np.ndarray) -> Iterator[int]:
    """Yield columns of an alias table: words 0 and 1 of every call of a block, then words 2 and 3."""
    first = 0
    while True:
        block = [call(key, replicate, stream, first + i) for i in range(CALLS)]
        for high, low in [one[:2] for one in block] + [one[2:] for one in block]:
            scaled = (high << 32 | low) * keep.size
            column = scaled >> 64
            yield column if scaled % 2**64 < int(keep[column]) else int(alias[column])
        first += CALLS


def even_draws(key: np.ndarray, replicate: int, number: int) -> Iterator[int]:
    """Yield skills that are equally likely: words beyond the largest multiple of their number are passed over."""
    for word in words(key, replicate, SKILLS):
        if word * number % 2**32 >= 2**32 % number:
            yield word * number >> 32


def cards(key: np.ndarray, replicate: int, stream: int, deck: np.ndarray, rest: Iterator[int]) -> Iterator[int]:
    """Yield the cards of a deck in random order: card i changes places with any of those from i on."""
    left = deck.tolist()
    line = words(key, replicate, stream, CALLS // 2 if stream == DEGREES else CALLS)
    for place in range(len(left)):
        open_ones, word = len(left) - place, next(line)
        while word * open_ones % 2**32 < 2**32 % open_ones:
            word = next(rest)
        partner = place + (word * open_ones >> 32)
        left[place], left[partner] = left[partner], left[place]
        yield left[place]


def rest_of(key: np.ndarray, replicate: int) -> Iterator[int]:
    """Yield the first word of every call of stream REST."""
    number = 0
    while True:
        yield call(key, replicate, REST, number)[0]
        number += 1


def rows_of(key: np.ndarray, replicate: int, law: Law, num_texts: int) -> list[list[int]]:
    """Return the skills of every text; no text loses patience."""
    if law.kind == SOCKETS:
        rest = rest_of(key, replicate)
        lengths = cards(key, replicate, DEGREES, law.degrees, rest)
        sockets = cards(key, replicate, SKILLS, law.sockets, rest)
        rows = [[next(sockets) for _ in range(next(lengths))] for _ in range(num_texts)]
        return [[skill for skill in row if skill < law.num_skills] for row in rows]
    lengths = alias_draws(key, replicate, DEGREES, law.degree_keep, law.degree_alias)
    if law.kind == UNIFORM:
        skills = even_draws(key, replicate, int(law.num_skills))
    else:
        skills = alias_draws(key, replicate, SKILLS, law.skill_keep, law.skill_alias)
    return [without_repeats(skills, next(lengths)) for _ in range(num_texts)]


def without_repeats(skills: Iterator[int], length: int) -> list[int]:
    """Take skills that are not yet in the row."""
    row: list[int] = []
    while len(row) < length:
        skill = next(skills)
        if skill not in row:
            row.append(skill)
    return row


def known_of(key: np.ndarray, replicate: int, share: float, num_skills: int) -> list[bool]:
    """Return which skills are known beforehand: of a block, words i and i + 128 are the two halves of one number."""
    line, out = words(key, replicate, KNOWN), []
    while len(out) < num_skills:
        block = [next(line) for _ in range(4 * CALLS)]
        numbers = [high << 32 | low for high, low in zip(block[: 2 * CALLS], block[2 * CALLS :], strict=True)]
        out += [((one >> 12) + 0.5) * 2.0**-52 < share for one in numbers]
    return out[:num_skills]
