"""What one of many replicates draws, word by word: a pure function of (key, replicate).

A replicate reads streams of 32-bit words, made side by side by blocks of ``CALLS`` Philox counters (call, replicate,
stream): all first words of a block, then all second, third and fourth ones.

* ``DEGREES``: skills per text, two words each, through an alias table.
* ``SKILLS``: one word per skill of a uniform law, two per skill of a law of popularity (alias table). A word that would
  favour a skill is passed over, and so is a skill that the text has already: texts draw without replacement.
* ``DEGREES`` and ``SKILLS`` of a configuration: the cards that the next text and the next socket take from a deck.
* ``KNOWN``: two words per skill. ``REST``: whatever is needed rarely.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from skillgraph._kernels import inline, jit
from skillgraph._kernels.counter import philox, unit

__all__ = [
    "CALLS",
    "DEGREES",
    "KNOWN",
    "POPULAR",
    "REST",
    "SKILLS",
    "SOCKETS",
    "UNIFORM",
    "Law",
    "Room",
    "draw_known",
    "draw_lengths",
    "draw_rows",
    "next_degrees",
    "next_skills",
    "open_replicate",
    "remaining_skill",
]

UNIFORM, POPULAR, SOCKETS = 0, 1, 2  # kinds of laws
DEGREES, SKILLS, KNOWN, REST = np.uint64(0), np.uint64(1), np.uint64(2), np.uint64(3)  # streams
CALLS = 64  # Philox calls side by side
ZERO, ONE, TWO, HALF, LOW = np.uint64(0), np.uint64(1), np.uint64(2), np.uint64(32), np.uint64(2**32 - 1)
CARDS = np.uint64(2**32)


class Law(NamedTuple):
    """What all replicates draw from.

    kind: `UNIFORM`, `POPULAR` or `SOCKETS`; num_skills: uint64, fewer than 2^32.
    degree_keep, degree_alias: (n,) uint64, uint32, alias table of skills per text: column k stands for k skills with
    probability keep / 2^64, else for alias skills; empty for sockets.
    skill_keep, skill_alias, weights: (num_skills,) uint64, uint32, float64, the same for skills, and their weights,
    which need no scale; empty unless popular.
    degrees: (texts,) uint32, skills of every text, and sockets: (n,) uint32, a skill per socket, ``num_skills`` for one
    that stays empty; empty unless sockets.
    patience: int64, skills that a text may draw in vain before it looks through the remaining ones.
    """

    kind: int
    num_skills: np.uint64
    degree_keep: np.ndarray
    degree_alias: np.ndarray
    skill_keep: np.ndarray
    skill_alias: np.ndarray
    weights: np.ndarray
    degrees: np.ndarray
    sockets: np.ndarray
    patience: int


class Room(NamedTuple):
    """What one thread draws in: all written before it is read.

    clock: (4,) uint64, calls made of every stream; words: (4 CALLS,) uint32; columns: (2 CALLS,) uint32; fractions:
    (2 CALLS,) uint64; degrees, skills: (2 CALLS,), (4 CALLS,) uint32, drawn; degree_deck, socket_deck: as ``degrees``
    and ``sockets`` of the law.
    """

    clock: np.ndarray
    words: np.ndarray
    columns: np.ndarray
    fractions: np.ndarray
    degrees: np.ndarray
    skills: np.ndarray
    degree_deck: np.ndarray
    socket_deck: np.ndarray


@jit
def open_replicate(law: Law, room: Room) -> None:
    """Let the next replicate draw: all streams from their beginning, all cards in their place."""
    for stream in range(room.clock.size):
        room.clock[stream] = ZERO
    for card in range(law.degrees.size):
        room.degree_deck[card] = law.degrees[card]
    for card in range(law.sockets.size):
        room.socket_deck[card] = law.sockets[card]


@jit
def make_words(key: np.ndarray, replicate: np.uint64, stream: np.uint64, clock: np.ndarray, words: np.ndarray) -> None:
    """Write the next words of a stream; words: (4 n,) uint32."""
    key_0, key_1, tail, first = key[0] & LOW, key[0] >> HALF, key[1] & LOW, clock[stream]
    calls = words.size // 4
    for i in range(calls):
        w_0, w_1, w_2, w_3 = philox(key_0, key_1, first + np.uint64(i), replicate, stream, tail)
        words[i], words[calls + i], words[2 * calls + i], words[3 * calls + i] = w_0, w_1, w_2, w_3
    clock[stream] += np.uint64(calls)


@jit
def make_columns(
    key: np.ndarray,
    replicate: np.uint64,
    stream: np.uint64,
    clock: np.ndarray,
    number: np.uint64,
    columns: np.ndarray,
    fractions: np.ndarray,
) -> None:
    """Split the next pairs of words into columns 0, ..., number - 1 and what is left of them, out of 2^64.

    columns: (2 n,) uint32, fractions: (2 n,) uint64, written: first and second word of every call, then third and
    fourth.
    """
    key_0, key_1, tail, first = key[0] & LOW, key[0] >> HALF, key[1] & LOW, clock[stream]
    calls = columns.size // 2
    for i in range(calls):
        w_0, w_1, w_2, w_3 = philox(key_0, key_1, first + np.uint64(i), replicate, stream, tail)
        low, other_low = w_1 * number, w_3 * number
        high, other_high = w_0 * number + (low >> HALF), w_2 * number + (other_low >> HALF)
        columns[i], columns[calls + i] = high >> HALF, other_high >> HALF
        fractions[i] = ((high & LOW) << HALF) | (low & LOW)
        fractions[calls + i] = ((other_high & LOW) << HALF) | (other_low & LOW)
    clock[stream] += np.uint64(calls)


@inline
def choose(columns: np.ndarray, fractions: np.ndarray, keep: np.ndarray, alias: np.ndarray, out: np.ndarray) -> None:
    """Look columns up in an alias table; out: (columns,) uint32, written."""
    for i in range(columns.size):
        column = columns[i]
        limit, other = keep[column], alias[column]
        out[i] = column if fractions[i] < limit else other


@jit
def next_degrees(key: np.ndarray, replicate: np.uint64, law: Law, room: Room) -> None:
    """Draw how many skills the next texts have, into ``room.degrees``."""
    if law.kind == SOCKETS:
        dealt = room.clock[DEGREES] << TWO
        make_words(key, replicate, DEGREES, room.clock, room.words[: room.degrees.size])
        deal(key, replicate, room, dealt, room.degree_deck, room.degrees)
    else:
        number = np.uint64(law.degree_keep.size)
        make_columns(key, replicate, DEGREES, room.clock, number, room.columns, room.fractions)
        choose(room.columns, room.fractions, law.degree_keep, law.degree_alias, room.degrees)


@jit
def next_skills(key: np.ndarray, replicate: np.uint64, law: Law, room: Room) -> None:
    """Draw the next skills, into ``room.skills``; ``num_skills`` stands for none."""
    if law.kind == UNIFORM:
        make_skills(key, replicate, room.clock, law.num_skills, room.skills)
    elif law.kind == SOCKETS:
        dealt = room.clock[SKILLS] << TWO
        make_words(key, replicate, SKILLS, room.clock, room.words)
        deal(key, replicate, room, dealt, room.socket_deck, room.skills)
    else:
        half = room.columns.size
        for begin in range(0, room.skills.size, half):
            make_columns(key, replicate, SKILLS, room.clock, law.num_skills, room.columns, room.fractions)
            out = room.skills[begin : begin + half]
            choose(room.columns, room.fractions, law.skill_keep, law.skill_alias, out)


@jit
def make_skills(key: np.ndarray, replicate: np.uint64, clock: np.ndarray, number: np.uint64, out: np.ndarray) -> None:
    """Turn the next words into skills 0, ..., number - 1, or ``number`` for one of the words too many.

    Of the 2^32 words as many stand for every skill; those for which there are not enough are passed over.

    References
    ----------
    Lemire (2019), Fast random integer generation in an interval, ACM Trans. Model. Comput. Simul. 29, 3.
    """
    key_0, key_1, tail, first = key[0] & LOW, key[0] >> HALF, key[1] & LOW, clock[SKILLS]
    too_many = (CARDS - number) % number
    calls = out.size // 4
    for i in range(calls):
        w_0, w_1, w_2, w_3 = philox(key_0, key_1, first + np.uint64(i), replicate, SKILLS, tail)
        p_0, p_1, p_2, p_3 = w_0 * number, w_1 * number, w_2 * number, w_3 * number
        out[i] = p_0 >> HALF if p_0 & LOW >= too_many else number
        out[calls + i] = p_1 >> HALF if p_1 & LOW >= too_many else number
        out[2 * calls + i] = p_2 >> HALF if p_2 & LOW >= too_many else number
        out[3 * calls + i] = p_3 >> HALF if p_3 & LOW >= too_many else number
    clock[SKILLS] += np.uint64(calls)


@jit
def deal(
    key: np.ndarray, replicate: np.uint64, room: Room, first: np.uint64, deck: np.ndarray, out: np.ndarray
) -> None:
    """Take the next cards of a deck, each any of those left: a shuffle as far as it is needed.

    first: uint64, cards taken before; room.words: a word per card; deck: (cards,) uint32, changed, at most 2^32; out:
    (n,) uint32, written as far as there are cards.

    References
    ----------
    Fisher & Yates; Durstenfeld (1964), Algorithm 235.
    """
    cards = np.uint64(deck.size)
    for i in range(min(np.uint64(out.size), cards - min(first, cards))):
        place = first + np.uint64(i)
        left = cards - place
        product = np.uint64(room.words[i]) * left
        while product & LOW < left and product & LOW < (CARDS - left) % left:
            product = next_rest(key, replicate, room) * left
        partner = place + (product >> HALF)
        out[i] = deck[partner]
        deck[partner] = deck[place]


@jit
def next_rest(key: np.ndarray, replicate: np.uint64, room: Room) -> np.uint64:
    """Return the first word of the next call of stream ``REST``."""
    word, _, _, _ = philox(key[0] & LOW, key[0] >> HALF, room.clock[REST], replicate, REST, key[1] & LOW)
    room.clock[REST] += ONE
    return word


@jit
def remaining_skill(
    key: np.ndarray, replicate: np.uint64, law: Law, room: Room, marks: np.ndarray, text: np.uint64
) -> np.uint64:
    """Draw a skill that the text does not have, proportional to weight, by looking through them all.

    marks: (num_skills,) uint64, whose upper half names the last text that has a skill.
    """
    total = 0.0
    for skill in range(law.num_skills):
        if marks[skill] >> HALF != text:
            total += law.weights[skill]
    high, low = next_rest(key, replicate, room), next_rest(key, replicate, room)
    left = total * unit((high << HALF) | low)
    found = ZERO
    for skill in range(law.num_skills):
        if marks[skill] >> HALF != text and law.weights[skill] > 0.0:
            found = np.uint64(skill)
            left -= law.weights[skill]
            if left < 0.0:
                break
    return found


@jit
def draw_known(key: np.ndarray, replicate: np.uint64, share: float, room: Room, known: np.ndarray) -> int:
    """Draw the skills known beforehand, each with probability ``share``; known: (num_skills,) bool, written.

    Returns their number.
    """
    number: Any = 0
    for first in range(0, known.size, 2 * CALLS):
        make_words(key, replicate, KNOWN, room.clock, room.words)
        for i in range(min(2 * CALLS, known.size - first)):
            word = (np.uint64(room.words[i]) << HALF) | np.uint64(room.words[2 * CALLS + i])
            known[first + i] = unit(word) < share
            number += np.int64(known[first + i])
    return number


@jit
def draw_lengths(key: np.ndarray, replicate: np.uint64, law: Law, room: Room, lengths: np.ndarray) -> None:
    """Draw how many skills every text has; lengths: (num_texts,) int64, written. The replicate has just been opened."""
    block = room.degrees.size
    for first in range(0, lengths.size, block):
        next_degrees(key, replicate, law, room)
        for i in range(min(block, lengths.size - first)):
            lengths[first + i] = room.degrees[i]


@jit
def draw_rows(
    key: np.ndarray,
    replicate: np.uint64,
    law: Law,
    room: Room,
    indptr: np.ndarray,
    marks: np.ndarray,
    text_skills: np.ndarray,
) -> None:
    """Draw the skills of every text.

    indptr: (num_texts + 1,) int64, by the lengths drawn before; where sockets stay empty, rows become shorter. marks:
    (num_skills,) uint64, scratch; text_skills: (edges,) int32, written up to the last entry of indptr.
    """
    for one in range(marks.size):
        marks[one] = LOW << HALF
    written, stop = 0, indptr[0]
    cursor: Any = np.uint64(room.skills.size)
    for text in range(np.uint64(indptr.size - 1)):
        left, in_vain = indptr[text + ONE] - stop, 0
        stop = indptr[text + ONE]
        while left > 0:
            if cursor == np.uint64(room.skills.size):
                next_skills(key, replicate, law, room)
                cursor = ZERO
            skill = np.uint64(room.skills[cursor])
            cursor += ONE
            if law.kind == SOCKETS:
                left -= 1
                if skill == law.num_skills:
                    continue
            elif skill == law.num_skills:
                continue
            elif marks[skill] >> HALF == text:
                in_vain += 1
                if in_vain <= law.patience:
                    continue
                skill = remaining_skill(key, replicate, law, room, marks, np.uint64(text))
                left -= 1
            else:
                left -= 1
            marks[skill] = np.uint64(text) << HALF
            text_skills[written] = np.int32(skill)
            written += 1
        indptr[text + ONE] = written
