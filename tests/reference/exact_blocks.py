"""Exact laws of what peeling leaves unlearned, in rational numbers: a recursion, and matchings one by one.

Matching sockets uniformly is the same whichever socket is looked at first. So follow peeling by the number of unknown
sockets of every text alone: the skill at a socket of a text that teaches is any unknown skill, in proportion to its
sockets, and its other sockets are a uniform choice among those that remain.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache

from tests.reference import peeling

Degrees = tuple[int, ...]


@cache
def unlearned_law(skills: Degrees, texts: Degrees, learner: int = 1) -> dict[int, Fraction]:
    """Return P(so many skills stay unlearned): unknown skills with these sockets, texts with these unknown sockets.

    Both tuples are sorted and have the same sum.
    """
    teaching = next((count for count in texts if 0 < count <= learner), None)
    if teaching is None:
        return {len(skills): Fraction(1)}
    law: Counter[int] = Counter()
    sockets = sum(skills)
    others = _changed(texts, teaching, teaching - 1)
    for degree, number in Counter(skills).items():
        chance = Fraction(degree * number, sockets)
        for left, share in _removed(others, degree - 1):
            for unlearned, probability in unlearned_law(_changed(skills, degree, None), left, learner).items():
                law[unlearned] += chance * share * probability
    return dict(law)


def known_beforehand(skills: Degrees, texts: Degrees, unknown: int, learner: int = 1) -> dict[int, Fraction]:
    """Return the law of unlearned skills where all are known but ``unknown`` of them, chosen uniformly."""
    law: Counter[int] = Counter()
    subsets = list(itertools.combinations(skills, unknown))
    for kept, number in Counter(tuple(sorted(subset)) for subset in subsets).items():
        for left, share in _removed(tuple(sorted(texts)), sum(texts) - sum(kept)):
            for unlearned, probability in unlearned_law(kept, left, learner).items():
                law[unlearned] += Fraction(number, len(subsets)) * share * probability
    return dict(law)


def unknown_at_random(skills: Degrees, texts: Degrees, epsilon: Fraction, learner: int = 1) -> dict[int, Fraction]:
    """Return the law of unlearned skills where each is unknown beforehand with probability ``epsilon``."""
    law: Counter[int] = Counter()
    size = len(skills)
    for unknown in range(size + 1):
        chance = math.comb(size, unknown) * epsilon**unknown * (1 - epsilon) ** (size - unknown)
        for unlearned, probability in known_beforehand(skills, texts, unknown, learner).items():
            law[unlearned] += chance * probability
    return dict(law)


def choices_with_replacement(num_skills: int, degree: int, num_texts: int) -> dict[int, Fraction]:
    """Return the law of unlearned skills where each socket of each skill takes any text, all alike."""
    law: Counter[int] = Counter()
    sockets = num_skills * degree
    for texts in _partitions(sockets, num_texts):
        ways = math.factorial(sockets) // math.prod(map(math.factorial, texts))
        orders = math.factorial(num_texts) // math.prod(map(math.factorial, Counter(texts).values()))
        for unlearned, probability in unlearned_law((degree,) * num_skills, texts).items():
            law[unlearned] += Fraction(ways * orders, num_texts**sockets) * probability
    return dict(law)


def by_all_matchings(skills: Degrees, texts: Degrees, learner: int = 1) -> dict[int, Fraction]:
    """Return the law of unlearned skills by peeling every matching of labelled sockets; for a handful of sockets."""
    sockets = [skill for skill, degree in enumerate(skills) for _ in range(degree)]
    law: Counter[int] = Counter()
    for matched in itertools.permutations(sockets):
        left = peeling.unlearned(rows_of(matched, texts), set(range(len(skills))), learner)
        law[len(left)] += 1
    return {unlearned: Fraction(count, math.factorial(len(sockets))) for unlearned, count in law.items()}


def rows_of(matched: Sequence[int], texts: Degrees) -> list[list[int]]:
    """Cut a row of matched sockets into texts."""
    ends = list(itertools.accumulate(texts, initial=0))
    return [list(matched[start:stop]) for start, stop in itertools.pairwise(ends)]


def block_failure(law: dict[int, Fraction]) -> Fraction:
    """Return the probability that a skill stays unlearned."""
    return 1 - law.get(0, Fraction(0))


def mean_unlearned(law: dict[int, Fraction]) -> Fraction:
    """Return the mean number of skills that stay unlearned."""
    return sum((unlearned * probability for unlearned, probability in law.items()), Fraction(0))


def _changed(degrees: Degrees, old: int, new: int | None) -> Degrees:
    """Replace one entry, or leave it out; sorted."""
    kept = list(degrees)
    kept.remove(old)
    return tuple(sorted(kept if new is None else [*kept, new]))


@cache
def _removed(texts: Degrees, sockets: int) -> list[tuple[Degrees, Fraction]]:
    """Return what is left of texts, and how likely, when sockets chosen uniformly are taken from them."""
    ways: Counter[Degrees] = Counter({(): 1})
    for degree in texts:
        longer: Counter[Degrees] = Counter()
        for left, number in ways.items():
            for stay in range(degree + 1):
                longer[tuple(sorted((*left, stay)))] += number * math.comb(degree, stay)
        ways = longer
    goal, total = sum(texts) - sockets, math.comb(sum(texts), sockets)
    return [(left, Fraction(number, total)) for left, number in ways.items() if sum(left) == goal]


def _partitions(total: int, parts: int, most: int | None = None) -> Iterator[Degrees]:
    """Yield the sorted tuples of ``parts`` non-negative integers with this sum."""
    if parts == 0:
        if total == 0:
            yield ()
        return
    for last in range(min(total, total if most is None else most) + 1):
        for rest in _partitions(total - last, parts - 1, last):
            yield (*rest, last)
