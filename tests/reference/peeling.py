"""Peeling in the slow, obvious ways: all subsets, sweep after sweep, and from scratch after every text.

A text is the list of its sockets: one that names a skill twice has two sockets of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Set

Rows = list[list[int]]


def stopping_sets(rows: Rows, unknown: Set[int], learner: int = 1) -> Iterator[set[int]]:
    """Yield every subset of the unknown skills of which no text has 1 to ``learner`` sockets."""
    skills = sorted(unknown)
    for mask in range(2 ** len(skills)):
        subset = {skill for place, skill in enumerate(skills) if mask >> place & 1}
        if not any(1 <= sum(skill in subset for skill in row) <= learner for row in rows):
            yield subset


def union_of_stopping_sets(rows: Rows, unknown: Set[int], learner: int = 1) -> set[int]:
    """Return the skills that are in some stopping set."""
    return set().union(*stopping_sets(rows, unknown, learner))


def unlearned(rows: Rows, unknown: Set[int], learner: int = 1) -> set[int]:
    """Return what stays unlearned, by looking through all texts for one that teaches until there is none."""
    left = set(unknown)
    while True:
        teaching = next((row for row in rows if 1 <= sum(skill in left for skill in row) <= learner), None)
        if teaching is None:
            return left
        left -= set(teaching)


def rounds(rows: Rows, num_skills: int, known: Set[int], learner: int = 1) -> list[int]:
    """Return the round in which each skill is learned, every text seeing what was known before the round; -1 never."""
    learned = [0 if skill in known else -1 for skill in range(num_skills)]
    for round_ in range(1, num_skills + 1):
        before = {skill for skill in range(num_skills) if learned[skill] < 0}
        for row in rows:
            if 1 <= sum(skill in before for skill in row) <= learner:
                for skill in before.intersection(row):
                    learned[skill] = round_
    return learned


def arrivals(rows: Rows, num_skills: int, known: Set[int], order: list[int], learner: int = 1) -> list[int]:
    """Return after how many texts each skill is learned, peeling from scratch after every text; -1 never."""
    learned = [0 if skill in known else -1 for skill in range(num_skills)]
    unknown = set(range(num_skills)) - known
    for arrived in range(1, len(rows) + 1):
        left = unlearned([rows[text] for text in order[:arrived]], unknown, learner)
        for skill in unknown - left:
            if learned[skill] < 0:
                learned[skill] = arrived
    return learned
