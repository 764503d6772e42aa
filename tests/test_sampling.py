"""Sampling: words by counter against published vectors, every draw against its exact law on tiny cases."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Callable, Hashable, Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from skillgraph._kernels import sampling as kernels
from skillgraph._kernels.counter import bounded, philox, unit, word_pair
from skillgraph.ensembles.degrees import empirical, parse_law
from skillgraph.ensembles.ensemble import Ensemble, configuration, ldpc, measured_popularity, texts_by_law
from skillgraph.graphs.graph import SkillTextGraph
from skillgraph.graphs.sampling import sample, sample_known
from skillgraph.seeding import counter_key, generator
from tests.sizes import scaled

pytestmark = pytest.mark.kernel

FALSE_ALARM = 1e-9
MISS = 1e-6
KEY = np.array([0x0123456789ABCDEF, 0x0F1E2D3C4B5A6978], dtype=np.uint64)

Law = Mapping[Hashable, float]

some_examples = settings(max_examples=scaled(200, 50), deadline=None)


def assert_law(drawn: Counter[Hashable], law: Law, resolution: float) -> None:
    """Fail when draws leave their law (false alarm 1e-9), or when a distortion could be missed (1e-6).

    The distortion is sqrt(sum (p' - p)^2 / p), Cohen's w.
    """
    possible = {outcome: chance for outcome, chance in law.items() if chance > 0}
    assert math.isclose(sum(possible.values()), 1, abs_tol=1e-12)
    assert set(drawn) <= set(possible), "an impossible outcome was drawn"
    total, freedom = drawn.total(), len(possible) - 1
    expected = {outcome: total * chance for outcome, chance in possible.items()}
    assert min(expected.values()) > 15, "too few draws for the chi-square law"
    distance = sum((drawn[outcome] - mean) ** 2 / mean for outcome, mean in expected.items())
    limit = stats.chi2.isf(FALSE_ALARM, freedom)
    assert distance < limit
    assert stats.ncx2.cdf(limit, freedom, total * resolution**2) < MISS, "too few draws to notice"


def words(values: list[int]) -> list[np.uint64]:
    return [np.uint64(value) for value in values]


def equal_rows(num_texts: int, degree: int) -> np.ndarray:
    return np.arange(0, num_texts * degree + 1, degree, dtype=np.int32)


@pytest.mark.parametrize(
    ("key", "counter", "expected"),
    [
        ([0] * 2, [0] * 4, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        ([0xFFFFFFFF] * 2, [0xFFFFFFFF] * 4, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
        (
            [0xA4093822, 0x299F31D0],
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
        ),
    ],
)
def test_philox_gives_the_published_words(key: list[int], counter: list[int], expected: list[int]) -> None:
    assert [int(word) for word in philox(*words(key), *words(counter))] == expected


def test_words_of_a_pair_come_from_every_bit_of_the_address() -> None:
    item, block = 0x1122334455667788, 0x99AABBCC
    key = [int(KEY[0]) & 0xFFFFFFFF, int(KEY[0]) >> 32]
    counter = [item & 0xFFFFFFFF, item >> 32, block, int(KEY[1]) & 0xFFFFFFFF]
    high_0, low_0, high_1, low_1 = (int(word) for word in philox(*words(key), *words(counter)))
    pair = word_pair(KEY, np.uint64(item), np.uint64(block))
    assert [int(word) for word in pair] == [high_0 << 32 | low_0, high_1 << 32 | low_1]
    others = [word_pair(KEY, np.uint64(item ^ 1 << bit), np.uint64(block))[0] for bit in range(64)]
    others += [word_pair(KEY, np.uint64(item), np.uint64(block ^ 1 << bit))[0] for bit in range(32)]
    changed = KEY[None] ^ (np.uint64(1) << np.arange(64, dtype=np.uint64))[:, None] * np.array([[1, 0]], np.uint64)
    others += [word_pair(other, np.uint64(item), np.uint64(block))[0] for other in changed]
    assert len({int(word) for word in [*others, pair[0]]}) == 64 + 32 + 64 + 1


@some_examples
@given(st.integers(0, 2**64 - 1), st.integers(1, 2**32))
def test_bounded_is_the_high_half_of_the_product(word: int, number: int) -> None:
    assert int(bounded(np.uint64(word), np.uint64(number))) == word * number >> 64


def test_unit_lies_strictly_between_0_and_1() -> None:
    assert unit(np.uint64(0)) == 2.0**-53
    assert unit(np.uint64(2**64 - 1)) == 1 - 2.0**-53
    assert unit(np.uint64(2**63)) == 0.5 + 2.0**-53
    assert unit(np.uint64(2**63 - 1)) == 0.5 - 2.0**-53


def words_of(text: int):
    """Yield the 64-bit words of a text, one after another."""
    for block in itertools.count():
        yield from (int(word) for word in word_pair(KEY, np.uint64(text), np.uint64(block)))


@pytest.mark.parametrize(("num_skills", "degree"), [(1, 1), (5, 5), (40, 32), (40, 33), (300, 3)])
def test_uniform_draws_are_the_first_new_skills_of_the_stream(num_skills: int, degree: int) -> None:
    num_texts = 20
    skills = np.empty(num_texts * degree, np.int32)
    kernels.draw_uniform(
        KEY, equal_rows(num_texts, degree), np.uint64(num_skills), np.zeros(num_skills, np.int32), skills
    )
    for text, row in enumerate(skills.reshape(num_texts, degree).tolist()):
        stream, expected = words_of(text), []
        while len(expected) < degree:
            skill = next(stream) * num_skills >> 64
            expected += [skill] if skill not in expected else []
        assert row == expected


def test_uniform_draws_are_uniform_over_ordered_choices() -> None:
    num_texts, skills = scaled(100_000, 4000), np.empty(0, np.int32)
    skills = np.empty(3 * num_texts, np.int32)
    kernels.draw_uniform(KEY, equal_rows(num_texts, 3), np.uint64(5), np.empty(0, np.int32), skills)
    law = dict.fromkeys(itertools.permutations(range(5), 3), 1 / 60)
    assert_law(Counter(map(tuple, skills.reshape(-1, 3).tolist())), law, scaled(0.06, 0.3))


def test_long_uniform_draws_are_uniform() -> None:
    """34 of 35 skills: which one is missing, and which come first and last."""
    num_texts, degree = scaled(20_000, 600), 34
    skills = np.empty(degree * num_texts, np.int32)
    kernels.draw_uniform(KEY, equal_rows(num_texts, degree), np.uint64(35), np.zeros(35, np.int32), skills)
    rows = skills.reshape(-1, degree)
    missing = 35 * 34 // 2 - rows.sum(axis=1)
    for column in (missing, rows[:, 0], rows[:, -1]):
        assert_law(Counter(column.tolist()), dict.fromkeys(range(35), 1 / 35), scaled(0.15, 0.8))


def sequential_law(weights: list[float], draws: int) -> Law:
    """Return the law of ordered draws, each proportional to weight among those not yet drawn."""
    law = {}
    for drawn in itertools.permutations(range(len(weights)), draws):
        left, chance = sum(weights), 1.0
        for skill in drawn:
            chance *= weights[skill] / left if left > 1e-12 else 0.0
            left -= weights[skill]
        law[drawn] = chance
    return law


def draw_weighted(weights: list[float], num_texts: int, degree: int, patience: int) -> np.ndarray:
    relative = np.array(weights) / np.mean(weights)
    keep, alias = np.empty(relative.size), np.empty(relative.size, np.int32)
    kernels.alias_table(relative.copy(), keep, alias)
    skills, stamps = np.empty(num_texts * degree, np.int32), np.zeros(relative.size, np.int32)
    kernels.draw_weighted(KEY, equal_rows(num_texts, degree), relative, keep, alias, patience, stamps, skills)
    return skills.reshape(num_texts, degree)


@pytest.mark.parametrize("patience", [-1, 0, 2, 1000], ids=["race", "race after 1", "race after 3", "no race"])
def test_weighted_draws_follow_the_sequential_law(patience: int) -> None:
    weights = [8.0, 4.0, 0.0, 2.0, 2.0]
    rows = draw_weighted(weights, scaled(60_000, 6000), 3, patience)
    assert_law(Counter(map(tuple, rows.tolist())), sequential_law(weights, 3), scaled(0.08, 0.4))


@pytest.mark.parametrize("patience", [0, 10**6])
def test_weighted_draws_can_take_every_skill(patience: int) -> None:
    weights = [5.0, 0.0, 2.0, 1.0, 1.0]
    rows = draw_weighted(weights, scaled(60_000, 6000), 4, patience)
    assert_law(Counter(map(tuple, rows.tolist())), sequential_law(weights, 4), scaled(0.08, 0.4))


@pytest.mark.parametrize("patience", [0, 10**6])
def test_long_weighted_draws_follow_the_sequential_law(patience: int) -> None:
    """Rows beyond the length up to which skills are compared one by one: first and second skill, and no repeats."""
    weights = [float(1 + skill % 4) for skill in range(36)]
    rows = draw_weighted(weights, scaled(20_000, 1500), 34, patience)
    assert all(len(set(row)) == 34 for row in rows.tolist())
    for place in range(2):
        law: Counter[Hashable] = Counter()
        for drawn, chance in sequential_law(weights, place + 1).items():
            law[drawn[place]] += chance
        assert_law(Counter(rows[:, place].tolist()), law, scaled(0.15, 0.6))


def test_a_skill_of_nearly_all_weight_is_no_endless_loop() -> None:
    weights = measured_popularity(np.array([1.0, *[1e-300] * 9]))
    graph = sample(texts_by_law("fixed:10", weights), 10, 50, rng=generator(1, "sampling", "steep"))
    rows = graph.text_skills.reshape(-1, 10)
    assert (rows[:, 0] == 0).all()
    assert (np.sort(rows) == np.arange(10)).all()


@some_examples
@given(
    st.lists(
        st.one_of(st.just(0.0), st.floats(1e-6, 1e6), st.integers(1, 3).map(float)), min_size=1, max_size=40
    ).filter(lambda weights: sum(weights) > 0)
)
def test_the_alias_table_is_exact(weights: list[float]) -> None:
    relative = np.array(weights) / np.mean(weights)
    keep, alias = np.empty(relative.size), np.empty(relative.size, np.int32)
    kernels.alias_table(relative.copy(), keep, alias)
    chance = keep.copy()
    np.add.at(chance, alias, 1 - keep)
    np.testing.assert_allclose(chance, relative, rtol=1e-12, atol=1e-13 * relative.size)
    assert (chance[relative == 0] == 0).all()
    assert ((keep >= 0) & (keep <= 1)).all()


@pytest.mark.parametrize("size", [0, 1, 2, 127, 128, 129, 130, 257, 1000])
def test_shuffle_is_fisher_yates_on_the_words_of_the_places(size: int) -> None:
    sockets, expected = np.arange(size, dtype=np.int32), list(range(size))
    kernels.shuffle(KEY, sockets)
    for place in range(size - 1):
        partner = place + (int(word_pair(KEY, np.uint64(place), np.uint64(0))[0]) * (size - place) >> 64)
        expected[place], expected[partner] = expected[partner], expected[place]
    assert sockets.tolist() == expected


def test_shuffles_are_uniform_over_permutations() -> None:
    rng, drawn = generator(1, "sampling", "shuffle"), Counter[Hashable]()
    for _ in range(scaled(10_000, 3000)):
        sockets = np.arange(4, dtype=np.int32)
        kernels.shuffle(counter_key(rng), sockets)
        drawn[tuple(sockets.tolist())] += 1
    assert_law(drawn, dict.fromkeys(itertools.permutations(range(4)), 1 / 24), scaled(0.15, 0.3))


def rows_of(graph: SkillTextGraph) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(graph.skills_of(text).tolist()) for text in range(graph.num_texts))


def matching_law(needed: tuple[int, ...], offered: tuple[int, ...]) -> dict[Hashable, float]:
    """Return the law of the rows of a graph, by every matching of labelled sockets; -1 is an empty partner."""
    sockets = [skill for skill, degree in enumerate(offered) for _ in range(degree)]
    sockets += [-1] * (sum(needed) - len(sockets))
    ends = list(itertools.accumulate(needed, initial=0))
    law: Counter[Hashable] = Counter()
    for matched in itertools.permutations(sockets):
        rows = (matched[start:stop] for start, stop in itertools.pairwise(ends))
        law[tuple(tuple(skill for skill in row if skill >= 0) for row in rows)] += 1
    return {rows: count / math.factorial(len(sockets)) for rows, count in law.items()}


def random_matching_law(
    texts: Mapping[int, float], skills: Mapping[int, float], num_texts: int, num_skills: int
) -> Law:
    """Return the law of the rows where every node draws its degree."""
    law: Counter[Hashable] = Counter()
    for needed in itertools.product(texts, repeat=num_texts):
        for offered in itertools.product(skills, repeat=num_skills):
            chance = math.prod(texts[degree] for degree in needed) * math.prod(skills[degree] for degree in offered)
            for rows, share in matching_law(needed, offered).items():
                law[rows] += chance * share
    return law


def drawn_rows(draws: int, draw: Callable[[np.random.Generator], SkillTextGraph], name: str) -> Counter[Hashable]:
    rng = generator(1, "sampling", name)
    return Counter(rows_of(draw(rng)) for _ in range(draws))


def test_configuration_graphs_are_uniform_over_matchings() -> None:
    drawn = drawn_rows(6000, lambda rng: sample(ldpc(2, 3), 3, rng=rng), "regular")
    assert_law(drawn, matching_law((3, 3), (2, 2, 2)), 0.22)


def test_fixed_degrees_are_the_expected_ones_in_random_order() -> None:
    ensemble = configuration("fixed:2", "0.5*fixed:1+0.5*fixed:3")
    law: Counter[Hashable] = Counter()
    for offered in ((1, 3), (3, 1)):
        for rows, chance in matching_law((2, 2), offered).items():
            law[rows] += chance / 2
    drawn = drawn_rows(6000, lambda rng: sample(ensemble, 2, rng=rng), "mixed")
    assert_law(drawn, law, 0.2)


@pytest.mark.parametrize("num_texts", [1, 2])
def test_random_degrees_and_empty_sockets_follow_their_law(num_texts: int) -> None:
    """Skills of 0 to 2 sockets against texts of 1 or 2: the surplus of either side stays empty."""
    texts, skills = {1: 0.5, 2: 0.5}, {0: 0.3, 1: 0.2, 2: 0.5}
    ensemble = configuration(empirical(texts), empirical(skills))
    law = random_matching_law(texts, skills, num_texts, 2)
    assert any(sum(map(len, rows)) < num_texts for rows in law), "no empty socket"
    drawn = drawn_rows(6000, lambda rng: sample(ensemble, 2, num_texts, rng=rng, degrees="random"), "random")
    assert_law(drawn, law, 0.2)


def test_fewer_texts_than_all_leave_skill_sockets_empty() -> None:
    drawn = drawn_rows(6000, lambda rng: sample(ldpc(2, 2), 3, 2, rng=rng), "prefix")
    assert_law(drawn, matching_law((2, 2), (2, 2, 2)), 0.22)


def test_rounded_degree_counts_leave_surplus_text_sockets_empty() -> None:
    """Three skills of degree 1 against two texts of degree 2: one socket finds no partner."""
    ensemble = configuration("fixed:2", "fixed:1")
    assert sample(ensemble, 3, rng=generator(1)).num_texts == 2
    drawn = drawn_rows(6000, lambda rng: sample(ensemble, 3, rng=rng), "surplus")
    assert_law(drawn, matching_law((2, 2), (1, 1, 1)), 0.2)


def test_independent_edges() -> None:
    """Poisson skills per text, uniform: each text holds each skill with c / R, whatever else it holds."""
    chance, num_texts = 0.4, scaled(40_000, 3000)
    graph = sample(texts_by_law("poisson:1.2"), 3, num_texts, rng=generator(1, "sampling", "poisson"))
    law = {
        frozenset(held): chance ** len(held) * (1 - chance) ** (3 - len(held))
        for size in range(4)
        for held in itertools.combinations(range(3), size)
    }
    assert_law(Counter(map(frozenset, rows_of(graph))), law, scaled(0.08, 0.3))
    assert graph.num_repeated_edges == 0


def test_skills_of_independent_edges_have_binomial_degrees() -> None:
    num_skills, num_texts = scaled(60_000, 3000), 5
    graph = sample(
        texts_by_law(f"poisson:{num_skills * 0.3}"), num_skills, num_texts, rng=generator(1, "sampling", "b")
    )
    law = {degree: float(stats.binom.pmf(degree, num_texts, 0.3)) for degree in range(6)}
    law[4] += law.pop(5)
    assert_law(Counter(np.minimum(graph.texts_per_skill, 4).tolist()), law, scaled(0.05, 0.25))


def test_texts_draw_their_degrees_from_the_law() -> None:
    law = {1: 0.5, 2: 0.2, 5: 0.3}
    graph = sample(texts_by_law(empirical(law)), 50, scaled(30_000, 3000), rng=generator(1, "sampling", "law"))
    assert_law(Counter(graph.skills_per_text.tolist()), law, scaled(0.08, 0.25))
    assert graph.num_repeated_edges == 0


def test_a_law_that_reaches_beyond_the_skills_is_conditioned_on_fitting() -> None:
    """P(more than 5 skills) = 1e-7: drawn again, not cut off."""
    ensemble = texts_by_law(empirical({1: 1 - 1e-7, 6: 1e-7}))
    graph = sample(ensemble, 5, scaled(200_000, 2000), rng=generator(1, "sampling", "fit"))
    assert (graph.skills_per_text == 1).all()


def test_fixed_counts_are_the_expected_ones() -> None:
    ensemble = texts_by_law("0.25*fixed:1+0.5*fixed:2+0.25*fixed:5")
    rng = generator(1, "sampling", "counts")
    graphs = [sample(ensemble, 9, 10, rng=rng, degrees="fixed") for _ in range(20)]
    counts = {tuple(np.bincount(graph.skills_per_text, minlength=6).tolist()) for graph in graphs}
    assert counts <= {(0, 3, 5, 0, 0, 2), (0, 2, 5, 0, 0, 3)}
    assert len({tuple(graph.skills_per_text.tolist()) for graph in graphs}) > 10
    law = parse_law("poisson:2.5")
    graph = sample(texts_by_law(law), 10**6, 1000, rng=rng, degrees="fixed")
    expected = 1000 * law.pmf(np.arange(12))
    assert np.abs(np.bincount(graph.skills_per_text, minlength=12)[:12] - expected).max() < 1


ENSEMBLES = [
    texts_by_law("poisson:3"),
    texts_by_law("zipf:1.5:1:40", "zipf:0.8"),
    texts_by_law("fixed:3", measured_popularity(np.arange(50.0))),
    configuration("poisson:4", "geometric:2"),
    ldpc(3, 6),
]


@pytest.mark.parametrize("ensemble", ENSEMBLES, ids=str)
@pytest.mark.parametrize("degrees", [None, "random", "fixed"])
def test_the_same_seed_gives_the_same_graph(ensemble: Ensemble, degrees: str | None) -> None:
    def draw(seed: int) -> tuple[tuple[int, ...], ...]:
        return rows_of(sample(ensemble, 50, 20, rng=generator(seed, "graph"), degrees=degrees))

    assert draw(1) == draw(1)
    assert draw(1) != draw(2)


def test_numbers_of_one_seed_do_not_change() -> None:
    """Changes in results at a given seed belong into the change log."""
    rng = generator(1, "frozen")
    found = [
        rows_of(sample(ensemble, 12, 3, rng=rng))
        for ensemble in (texts_by_law("fixed:3"), texts_by_law("fixed:3", "zipf:1"), ldpc(2, 4))
    ]
    assert found == [
        ((10, 6, 7), (4, 3, 8), (5, 8, 6)),
        ((0, 1, 8), (4, 7, 5), (2, 0, 1)),
        ((4, 11, 7, 2), (11, 6, 7, 1), (2, 0, 9, 9)),
    ]


def test_measured_popularity_is_followed() -> None:
    weights = [0.0, 1.0, 3.0]
    ensemble = texts_by_law("fixed:1", measured_popularity(np.array(weights)))
    graph = sample(ensemble, 3, scaled(20_000, 3000), rng=generator(1, "sampling", "measured"))
    assert_law(Counter(graph.text_skills.tolist()), {0: 0, 1: 0.25, 2: 0.75}, scaled(0.08, 0.2))


def test_known_skills_are_independent() -> None:
    rng = generator(1, "sampling", "known")
    pairs = sample_known(scaled(40_000, 8000), 0.3, rng).reshape(-1, 2)
    law = {(a, b): (0.3 if a else 0.7) * (0.3 if b else 0.7) for a in (False, True) for b in (False, True)}
    assert_law(Counter(map(tuple, pairs.tolist())), law, scaled(0.1, 0.2))
    assert sample_known(5, 1.0, rng).all()
    assert not sample_known(5, 0.0, rng).any()
    assert sample_known(0, 0.5, rng).shape == (0,)
    for share in (-0.1, 1.5, np.nan):
        with pytest.raises(ValueError, match=r"share of known skills must lie in \[0, 1\], got"):
            sample_known(5, share, rng)


@pytest.mark.parametrize(
    ("ensemble", "sizes", "sentence"),
    [
        (texts_by_law("poisson:3"), (0, 5), "num_skills must be an integer from 1 to 2147483647, got 0"),
        (texts_by_law("poisson:3"), (5, 0), "num_texts must be an integer from 1 to 2147483647, got 0"),
        (texts_by_law("poisson:3"), (-5, 1), "num_skills must be an integer from 1 to 2147483647, got -5"),
        (texts_by_law("poisson:3"), (2**31, 1), "num_skills must be an integer from 1 to 2147483647, got 2147483648"),
        (texts_by_law("poisson:3"), (5, None), "num_texts must be given: texts by law can be added without end"),
        (texts_by_law("poisson:3"), (2, 5), "mean skills per text must not exceed num_skills, got 3 and 2"),
        (
            texts_by_law("fixed:3"),
            (2, 5),
            'skills per text "fixed:3" exceed the 2 skills that can be drawn',
        ),
        (texts_by_law("geometric:3"), (9, 5), "exceed the 9 skills that can be drawn in a share"),
        (
            texts_by_law("fixed:2", measured_popularity(np.array([0.0, 0.0, 1.0]))),
            (3, 5),
            "exceed the 1 skills that can be drawn",
        ),
        (
            texts_by_law("fixed:2", measured_popularity(np.ones(3))),
            (4, 5),
            "measured popularity of 3 skills cannot serve 4 skills",
        ),
        (ldpc(3, 6), (8, 5), "num_texts must not exceed 4, all texts of the configuration ensemble on 8 skills, got 5"),
    ],
)
def test_what_cannot_be_drawn_is_named(ensemble: Ensemble, sizes: tuple[int, int | None], sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        sample(ensemble, *sizes, rng=generator(1))


def test_an_unknown_way_to_draw_degrees_is_named() -> None:
    with pytest.raises(ValueError, match='degrees must be "fixed" or "random", got "some"'):
        sample(ldpc(3, 6), 8, rng=generator(1), degrees="some")  # type: ignore[arg-type]
