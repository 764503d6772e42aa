"""What peeling leaves unlearned with a fixed number of texts, by a recursion that keeps that number.

State: unprocessed skills, those of them that are learned and wait, and texts with more than D unprocessed skills. All
terms are positive. In rational numbers it is exact; the same lines work with floats. Nothing is Poisson here, so this
is a second way beside Cauchy's integral.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from fractions import Fraction
from functools import cache

from tests.reference import peeling

Number = Fraction | float


def by_law(law: dict[int, Number], num_skills: int) -> list[list[Number]]:
    """Return chances[u][j]: a text of the law has j skills among u given ones."""
    return [
        [
            sum(share * _hypergeometric(num_skills, u, degree, j) for degree, share in law.items() if degree >= j)
            for j in range(num_skills + 1)
        ]
        for u in range(num_skills + 1)
    ]


def independent_edges(chance: Number, num_skills: int) -> list[list[Number]]:
    """Return chances[u][j] where every skill is in the text with the same chance."""
    return [[_binomial(u, j, chance) for j in range(num_skills + 1)] for u in range(num_skills + 1)]


def unlearned_law(
    chances: list[list[Number]], num_texts: int, learner: int = 1, unknown: dict[int, Number] | None = None
) -> list[Number]:
    """Return P(so many skills stay unlearned); unknown: P(so many are unknown beforehand), all if omitted."""
    size = len(chances) - 1
    law: list[Number] = [0 * chances[0][0]] * (size + 1)
    for number, share in (unknown or {size: 1}).items():
        for u, chance in enumerate(_from(chances, number, num_texts, learner)):
            law[u] += share * chance
    return law


def _from(chances: list[list[Number]], number: int, num_texts: int, learner: int) -> list[Number]:
    """Return the law for a given number of unknown skills; state[texts][waiting]."""
    zero = 0 * chances[0][0]
    law, state = [zero] * (number + 1), {num_texts: [zero + 1] + [zero] * number}
    left = zero + 1
    for j in range(min(learner, number) + 1):  # texts with j unknown skills, one number after another
        state = _moved(state, min(chances[number][j] / left if left else zero, zero + 1), number, j)
        left -= chances[number][j]
    for u in range(number, -1, -1):
        law[u] = sum((row[0] for row in state.values()), zero)
        if u == 0:
            break
        state = {texts: row[1:] for texts, row in state.items()}
        more = sum(chances[u][learner + 1 :], zero)
        chance = (learner + 1) * chances[u][learner + 1] / (u * more) if learner < u and more else zero
        state = _moved(state, min(chance, zero + 1), u - 1, learner)
    return law


def _moved(state: dict[int, list[Number]], chance: Number, pool: int, marks: int) -> dict[int, list[Number]]:
    """Let each text with the given chance mark skills of the pool and go."""
    if not chance:
        return state
    after: dict[int, list[Number]] = {}
    for texts, row in state.items():
        for going in range(texts + 1):
            share = _binomial(texts, going, chance)
            kept = after.setdefault(texts - going, [0 * chance] * (pool + 1))
            after[texts - going] = [mass + share * part for mass, part in zip(kept, row, strict=True)]
            row = _marked(row, pool, marks) if marks else row  # noqa: PLW2901
    return after


def _marked(row: list[Number], pool: int, marks: int) -> list[Number]:
    """Mark a uniform choice of skills; how many wait now."""
    after = [0 * row[0]] * (pool + 1)
    for waiting, mass in enumerate(row):
        if mass:
            for new in range(min(marks, pool - waiting) + 1):
                after[waiting + new] += mass * _hypergeometric(pool, pool - waiting, marks, new)
    return after


def _binomial(number: int, k: int, chance: Number) -> Number:
    return math.comb(number, k) * chance**k * (1 - chance) ** (number - k)


@cache
def _hypergeometric(size: int, special: int, drawn: int, k: int) -> Fraction:
    ways = math.comb(special, k) * math.comb(size - special, drawn - k) if k <= drawn else 0
    return Fraction(ways, math.comb(size, drawn))


def by_all_graphs(
    law: dict[int, Fraction], num_skills: int, num_texts: int, learner: int, known: Fraction
) -> list[Fraction]:
    """Return the law by peeling every graph; for a handful of skills and texts. Texts choose uniformly."""
    rows = [
        (row, share / math.comb(num_skills, degree))
        for degree, share in law.items()
        for row in itertools.combinations(range(num_skills), degree)
    ]
    subsets = [set(s) for n in range(num_skills + 1) for s in itertools.combinations(range(num_skills), n)]
    out = [Fraction(0)] * (num_skills + 1)
    for unknown in subsets:
        before = (1 - known) ** len(unknown) * known ** (num_skills - len(unknown))
        for texts in itertools.combinations_with_replacement(rows, num_texts):
            orders = math.factorial(num_texts) // math.prod(map(math.factorial, Counter(texts).values()))
            chance = orders * before * math.prod(share for _, share in texts)
            left = peeling.unlearned([list(row) for row, _ in texts], set(unknown), learner)
            out[len(left)] += chance
    return out
