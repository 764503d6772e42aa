"""Ensembles of several classes: laws, the text form, sampling, learning by class."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skillgraph.ensembles.degrees import parse_law
from skillgraph.ensembles.ensemble import configuration, ldpc
from skillgraph.ensembles.joint_laws import (
    Independent,
    JointFixed,
    JointMixture,
    JointPoisson,
    Split,
    independent,
    rows,
)
from skillgraph.ensembles.types import coupled_chain, joint_degrees, one_class, protograph, topics, types
from skillgraph.ensembles.types_text import parse_topics, read_types, types_from
from skillgraph.graphs.graph import from_edges
from skillgraph.graphs.sampling import sample
from skillgraph.graphs.types_sampling import sample_known_by_class, sample_types
from skillgraph.seeding import generator
from skillgraph.simulation.types import learned_at_each
from tests.reference import types as reference
from tests.sizes import scaled

LAWS = {
    "poisson": JointPoisson((1.2, 0.0, 0.7)),
    "independent": Independent(tuple(parse_law(t) for t in ("fixed:2", "poisson:0.8", "0.5*fixed:1+0.5*fixed:3"))),
    "fixed": JointFixed((2, 0, 3)),
    "split": Split(parse_law("0.5*fixed:2+0.5*binomial:4:0.5"), (0.5, 0.2, 0.3)),
    "mixture": JointMixture((0.25, 0.75), (JointFixed((1, 2, 0)), Split(parse_law("fixed:3"), (0.1, 0.9, 0.0)))),
}
Y = np.array([[0.3, 1.0], [0.6, 0.2], [0.1, 0.9]])


@pytest.mark.parametrize("name", LAWS)
def test_generating_function_is_the_mean_over_draws(name):
    """G and its derivatives against 200 000 draws, five standard errors."""
    law, x = LAWS[name], 1 - Y
    drawn = law.sample(generator(3, name), 200_000)
    np.testing.assert_allclose(drawn.mean(axis=0), law.means, atol=5 * drawn.std(axis=0).max() / np.sqrt(2e5) + 1e-12)
    powers = np.prod(x.T[:, None, :] ** drawn, axis=2)
    error = 5 * powers.std(axis=1) / np.sqrt(2e5) + 1e-12
    assert np.all(np.abs(powers.mean(axis=1) - law.node(Y, Y, 1)[0]) < error)
    np.testing.assert_allclose(law.node_deficit(Y), 1 - law.node(Y, Y, 1)[0], atol=1e-14)


@pytest.mark.parametrize("name", LAWS)
def test_jets_are_taylor_coefficients(name):
    law, steps = LAWS[name], np.linspace(-0.2, 0.2, 9)
    inside, along = 0.2 + 0.6 * Y, 0.5 * Y
    values = np.stack([law.node(inside - t * along, along, 1)[0] for t in steps])
    wanted = np.polynomial.polynomial.polyfit(steps, values, 8)[:4]
    np.testing.assert_allclose(law.node(inside, along, 4), wanted, atol=1e-7)
    for a in range(3):
        shift = np.zeros((3, 1))
        shift[a] = 1e-5
        slope = (law.node(inside - shift, along, 3) - law.node(inside + shift, along, 3)) / 2e-5
        np.testing.assert_allclose(law.first(inside, along, 3)[a], slope, atol=1e-7)
        bend = (law.first(inside - shift, along, 2) - law.first(inside + shift, along, 2)) / 2e-5
        np.testing.assert_allclose(law.second(inside, along, 2)[a], bend, atol=1e-7)
        if law.means[a] > 0:
            edge = 1 - law.first(inside, along, 1)[a, 0] / law.means[a]
            np.testing.assert_allclose(law.edge_deficit(inside)[a], edge, atol=1e-13)


def test_exactly_k_unknown_skills():
    """The k-th coefficient of G is the probability of k unknown skills, by enumeration."""
    laws, u = [parse_law("fixed:2"), parse_law("0.5*fixed:1+0.5*fixed:3")], np.array([[0.3], [0.8]])
    found = independent(laws).node(u, u, 7)[:, 0]
    wanted = np.zeros(7)
    for counts, chance in reference.pmf(laws, 2, 3):
        for k in itertools.product(*(range(n + 1) for n in counts)):
            parts = [
                parse_law(f"binomial:{n}:{u[a, 0]}").pmf(k[a]) if n > 0 else float(k[a] == 0)
                for a, n in enumerate(counts)
            ]
            wanted[sum(k)] += chance * float(np.prod(parts))
    np.testing.assert_allclose(found, wanted, atol=1e-14)


def test_laws_are_recognised():
    assert isinstance(independent([parse_law("poisson:1"), parse_law("fixed:0")]), JointPoisson)
    assert isinstance(independent([parse_law("fixed:1"), parse_law("fixed:0")]), JointFixed)
    assert isinstance(rows([1.0], [[1, 2]]), JointFixed)
    assert str(rows([0.5, 0.5], [[1, 2], [0, 1]])) == "0.5 (fixed:1 x fixed:2) + 0.5 (fixed:0 x fixed:1)"


TEXT = """
[skills.language]
share = 0.4
known = 0.05
[skills.maths]
share = 0.6

[texts.books]
rate = 0.3
learner = 2
needs = {language = 3.5, maths = "fixed:1"}
[texts.notes]
rate = 0.7
total = "fixed:4"
split = {language = 0.9, maths = 0.1}
[texts.sheets]
rate = 0.1
rows = [{weight = 3, language = 2, maths = 1}, {language = 4}]
"""


def test_the_text_form(tmp_path):
    path = tmp_path / "three.toml"
    path.write_text(TEXT)
    made = read_types(path)
    assert made.skill_classes == ("language", "maths")
    assert made.known == (0.05, 0.0)
    assert made.learners == (2, 1, 1)
    np.testing.assert_allclose(made.mean_needs, [[3.5, 1], [3.6, 0.4], [2.5, 0.75]])
    assert not made.is_configuration


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("share = 0.6", "share = 0.7", "must sum to 1, they sum to 1.1"),
        ("maths = 0.1}", "maths = 0.2}", "split of .texts.notes. must be shares that sum to 1"),
        ("maths = 1}", "arts = 1}", 'unknown class "arts": known are language, maths'),
        ("rate = 0.3", "rates = 0.3", "unknown key rates"),
        ("rate = 0.3", "", "must say rate, a number"),
        ('total = "fixed:4"', "", "total with split, or rows"),
        ("learner = 2", "learner = 0", 'learner of text class "books" must be an integer'),
        ("known = 0.05", "known = 2", r"must lie in \[0, 1\], got 2"),
        ("[texts.books]", "[texts.books", "is not a TOML file"),
    ],
)
def test_bad_text(tmp_path, old, new, words):
    path = tmp_path / "three.toml"
    path.write_text(TEXT.replace(old, new))
    with pytest.raises(ValueError, match=words):
        read_types(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({}, "needs tables"),
        ({"topics": {"blocks": 2, "overlap": 0.1}, "skills": {}}, "leave out skills"),
        ({"topics": {"blocks": 2}}, r"\[topics\] needs"),
        ({"topics": {"blocks": 2, "overlap": 1.5}}, "overlap must lie in"),
        ({"chain": {"texts_per_skill": 3, "skills_per_text": 7, "length": 1}}, "multiple of 3"),
        ({"protograph": {"base": [[1, -1]]}}, "non-negative integers"),
        ({"skills": {"a": {"texts": {"b": 2}}}, "texts": {"b": {"rate": 1, "needs": {"a": 3}}}}, "same number"),
    ],
)
def test_bad_mappings(content, words):
    with pytest.raises(ValueError, match=words):
        types_from(content)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (((0.5, 0.4), (1,), [[1, 1]]), "they sum to 0.9"),
        (((0.5, 0.5), (0, 0), [[1, 1], [1, 1]]), "must not all be zero"),
        (((0.5, 0.5), (1,), [[1, 0]]), 'skill class "a2" is used by no text'),
        (((0.5, 0.5), (1, 0), [[1, 0], [0, 2]]), 'skill class "a2" is used by no text'),
        (((1.0,), (1, 1), [[1], [0]]), 'text class "b2" needs no skill'),
        (((1.0,), (-1,), [[1]]), "finite and not negative"),
        (((1.0,), (1,), [[1, 2]]), "must have 1 entries"),
    ],
)
def test_bad_ensembles(arguments, words):
    with pytest.raises(ValueError, match=words):
        types(*arguments)


def test_other_forms_of_the_same():
    assert parse_topics("2:0.25", "poisson:4", (1.6, 1.2)) == topics(2, 0.25, 4, (1.6, 1.2))
    with pytest.raises(ValueError, match="BLOCKS:OVERLAP"):
        parse_topics("2")
    with pytest.raises(ValueError, match="one per topic"):
        parse_topics("3:0.1", "poisson:4", (1.0, 2.0))
    np.testing.assert_allclose(topics(3, 0.3, "fixed:4").mean_needs, 4 * (0.55 * np.eye(3) + 0.15))
    np.testing.assert_allclose(types_from({"protograph": {"base": [[3, 3]]}}).mean_needs, [[3, 3]])
    assert coupled_chain(3, 6, 1).mean_needs.tolist() == [[2, 0, 0], [2, 2, 0], [2, 2, 2], [0, 2, 2], [0, 0, 2]]


@given(st.integers(3, 400), st.floats(0.01, 3))
@settings(max_examples=60, deadline=None)
def test_numbers_of_every_prefix_are_the_expected_ones(num_skills, scale):
    """Texts stand in order of arrival: the first ones of a graph are the texts of every smaller scale."""
    three = types((0.4, 0.4, 0.2), (0.3, 0.4, 0.3), np.eye(3, dtype=int).tolist())
    sizes = three.sizes(num_skills)
    assert sizes.sum() == num_skills
    assert np.all(np.abs(sizes - num_skills * np.array(three.shares)) < 1)
    if np.any(sizes == 0):
        return
    typed = sample_types(three, num_skills, scale, rng=generator(1))
    for part in (0.2, 0.71, 1.0):
        numbers = three.text_numbers(num_skills, part * scale)
        arrived = typed.text_class[: numbers.sum()]
        assert np.bincount(arrived, minlength=3).tolist() == numbers.tolist()


@pytest.mark.kernel
def test_texts_by_law_draw_within_their_classes():
    """Numbers of skills by class against the laws (five standard errors); no skill twice in a text."""
    law = Split(parse_law("fixed:5"), (0.7, 0.3))
    two = types((0.3, 0.7), (0.5, 1.5), [["poisson:2", "fixed:3"], law])
    size = scaled(4000, 300)
    typed = sample_types(two, size, 1.0, rng=generator(4))
    graph, classes = typed.graph, typed.skill_class
    text = np.repeat(np.arange(graph.num_texts), graph.skills_per_text)
    needed = np.zeros((graph.num_texts, 2))
    np.add.at(needed, (text, classes[graph.text_skills]), 1)
    assert np.all(needed[typed.text_class == 0, 1] == 3)
    assert np.all(needed[typed.text_class == 1].sum(axis=1) == 5)
    first = needed[typed.text_class == 0, 0]
    assert abs(first.mean() - 2) < 5 * np.sqrt(2 / first.size)
    split = needed[typed.text_class == 1, 0]
    assert abs(split.mean() - 3.5) < 5 * np.sqrt(5 * 0.21 / split.size)
    assert graph.num_repeated_edges == 0
    uses = graph.texts_per_skill[classes == 1]
    mean = (0.5 * 3 + 1.5 * 1.5) / 0.7
    assert abs(uses.mean() - mean) < 5 * np.sqrt(mean / uses.size)
    assert abs(uses.var() - mean) < 6 * mean * np.sqrt(2 / uses.size) + 5 * np.sqrt(mean / uses.size)


@pytest.mark.kernel
def test_configurations_have_the_degrees_asked_for():
    size = scaled(3000, 90)
    chain = coupled_chain(3, 6, 1)
    typed = sample_types(chain, size, rng=generator(2))
    assert np.all(typed.graph.texts_per_skill == 3)
    needed = np.zeros((5, 3))
    text = np.repeat(typed.text_class, typed.graph.skills_per_text)
    np.add.at(needed, (text, typed.skill_class[typed.graph.text_skills]), 1)
    per_text = needed / np.bincount(typed.text_class)[:, None]
    np.testing.assert_allclose(per_text, chain.mean_needs)
    with pytest.raises(ValueError, match="must not exceed 1"):
        sample_types(chain, 90, 1.2, rng=generator(1))


@pytest.mark.kernel
def test_joint_degrees_of_a_table_come_back():
    """Edges between degrees as often as in the table, on a graph of the same size."""
    graph = sample(
        configuration("0.5*fixed:2+0.5*fixed:6", "0.5*fixed:2+0.5*fixed:4"), scaled(2000, 200), rng=generator(5)
    )
    pair = np.repeat(graph.skills_per_text, graph.skills_per_text), graph.texts_per_skill[graph.text_skills]
    used = int(np.count_nonzero(graph.texts_per_skill))
    again = sample_types(joint_degrees(*pair), used, rng=generator(6)).graph
    assert abs(again.num_edges - graph.num_edges) <= 12
    new = np.repeat(again.skills_per_text, again.skills_per_text), again.texts_per_skill[again.text_skills]
    for j, k in ((2, 2), (2, 4), (6, 2), (6, 4)):
        counts = [np.count_nonzero((one[0] == j) & (one[1] == k)) for one in (pair, new)]
        assert abs(counts[0] - counts[1]) <= 60


def test_one_class_is_one():
    assert one_class(ldpc(3, 6)).rates == (0.5,)
    assert protograph([[3, 3]]).shares == (0.5, 0.5)


@pytest.mark.parametrize(
    ("ensemble", "size", "words"),
    [
        (types((0.001, 0.999), (1,), [[1, 1]]), 100, '"a1" has none'),
        (types((0.1, 0.9), (1,), [[5, 1]]), 30, "must not exceed the class, got 5 of 3"),
        (types((0.1, 0.9), (1,), [["fixed:5", 1]]), 30, "do not fit"),
    ],
)
def test_graphs_that_cannot_be(ensemble, size, words):
    with pytest.raises(ValueError, match=words):
        sample_types(ensemble, size, rng=generator(1))


@pytest.mark.kernel
@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_texts_of_different_capacity_teach_as_the_reference(seed):
    rng = np.random.default_rng(seed)
    texts = [rng.choice(9, size=rng.integers(1, 5), replace=False) for _ in range(12)]
    capacity, known = rng.integers(1, 4, len(texts)), rng.random(9) < 0.2
    graph = from_edges(np.repeat(np.arange(12), [t.size for t in texts]), np.concatenate(texts), 12, 9)
    found = learned_at_each(graph, capacity, known)
    np.testing.assert_array_equal(found, reference.teach([t.tolist() for t in texts], capacity.tolist(), known))


def test_capacities_are_checked():
    graph = from_edges(np.array([0, 1]), np.array([0, 1]))
    with pytest.raises(ValueError, match="one per text"):
        learned_at_each(graph, np.array([1]))


def test_known_skills_by_class():
    two = types((0.25, 0.75), (1,), [[1, 1]], known=(1.0, 0.0))
    known = sample_known_by_class(two, two.sizes(40), generator(1))
    assert known[:10].all()
    assert not known[10:].any()
