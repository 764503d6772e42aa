"""Skill-text graphs: what is accepted, what is refused, both sides of the edges, names, bridges."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skillgraph.graphs.graph import SkillTextGraph, from_edges
from tests.sizes import scaled

pytestmark = pytest.mark.kernel

Rows = list[list[int]]

some_examples = settings(max_examples=scaled(200, 60), deadline=None)


def graph_of(rows: Rows, num_skills: int) -> SkillTextGraph:
    indptr = np.cumsum([0, *map(len, rows)])
    return SkillTextGraph(num_skills, indptr, np.array([skill for row in rows for skill in row], dtype=np.int64))


@st.composite
def small_rows(draw: st.DrawFn) -> tuple[Rows, int]:
    """Empty texts, orphan skills and repeated edges are all common here."""
    num_skills = draw(st.integers(0, 8))
    row = st.lists(st.integers(0, num_skills - 1), max_size=6) if num_skills else st.just([])
    return draw(st.lists(row, max_size=8)), num_skills


@some_examples
@given(small_rows())
def test_both_sides_hold_the_same_edges(drawn: tuple[Rows, int]) -> None:
    rows, num_skills = drawn
    graph = graph_of(rows, num_skills)
    texts_of = [
        [text for text, row in enumerate(rows) for entry in row if entry == skill] for skill in range(num_skills)
    ]
    assert [graph.skills_of(text).tolist() for text in range(len(rows))] == rows
    assert [graph.texts_of(skill).tolist() for skill in range(num_skills)] == texts_of
    assert graph.skills_per_text.tolist() == list(map(len, rows))
    assert graph.texts_per_skill.tolist() == list(map(len, texts_of))
    assert graph.num_edges == sum(map(len, rows)) == graph.skill_texts.size
    assert (graph.num_texts, graph.num_skills) == (len(rows), num_skills)
    assert graph.num_empty_texts == rows.count([])
    assert graph.num_orphan_skills == texts_of.count([])
    assert graph.num_repeated_edges == sum(len(row) - len(set(row)) for row in rows)


def test_long_rows_are_transposed_like_short_ones() -> None:
    """More edges than the kernels fetch ahead."""
    rng = np.random.Generator(np.random.PCG64(1))
    texts, skills = rng.integers(0, 40, 3000), rng.integers(0, 70, 3000)
    graph = from_edges(texts, skills)
    assert [graph.skills_of(text).tolist() for text in range(40)] == [skills[texts == t].tolist() for t in range(40)]
    assert [graph.texts_of(skill).tolist() for skill in range(70)] == [
        np.sort(texts[skills == s]).tolist() for s in range(70)
    ]
    assert graph.num_repeated_edges == 3000 - len(set(zip(texts.tolist(), skills.tolist(), strict=True)))


@some_examples
@given(small_rows(), st.randoms(use_true_random=False))
def test_edges_in_any_order_give_rows_in_the_order_of_their_edges(drawn: tuple[Rows, int], random: Any) -> None:
    rows, num_skills = drawn
    edges = [(text, skill) for text, row in enumerate(rows) for skill in row]
    random.shuffle(edges)
    pairs = np.array(edges, dtype=np.int64).reshape(-1, 2)
    graph = from_edges(pairs[:, 0], pairs[:, 1], len(rows), num_skills)
    expected = [[skill for text, skill in edges if text == row] for row in range(len(rows))]
    assert [graph.skills_of(text).tolist() for text in range(len(rows))] == expected


def test_sizes_are_the_largest_numbers_plus_1_if_omitted() -> None:
    graph = from_edges(np.array([0, 4, 4]), np.array([7, 0, 7]))
    assert (graph.num_texts, graph.num_skills, graph.num_edges) == (5, 8, 3)
    assert (graph.num_empty_texts, graph.num_orphan_skills) == (3, 6)
    empty = from_edges(np.array([]), np.array([]))
    assert (empty.num_texts, empty.num_skills, empty.num_edges) == (0, 0, 0)
    assert empty.skill_indptr.tolist() == [0]


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int32, np.uint32, np.int64, np.uint64])
def test_any_integers_become_int32(kind: type) -> None:
    graph = SkillTextGraph(3, np.array([0, 2, 3], kind), np.array([0, 2, 1], kind))
    assert graph.text_indptr.dtype == graph.text_skills.dtype == np.int32
    assert graph.skill_indptr.dtype == graph.skill_texts.dtype == np.int32
    assert graph.texts_of(2).tolist() == [0]
    assert from_edges(np.array([0, 1], kind), np.array([1, 0], kind)).skills_of(0).tolist() == [1]


def test_arrays_are_read_only() -> None:
    graph = graph_of([[0, 1], [1]], 2)
    for array in (graph.text_indptr, graph.text_skills, graph.skill_indptr, graph.skill_texts, graph.skills_of(0)):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(AttributeError):
        graph.num_skills = 3  # type: ignore[misc]


def test_names_are_kept() -> None:
    graph = SkillTextGraph(2, np.array([0, 1]), np.array([1]), skill_names=["a", 7], text_names=("t",))
    assert graph.skill_names == ("a", 7)
    assert graph.text_names == ("t",)
    assert graph_of([[0]], 1).skill_names is None
    assert from_edges(np.array([0]), np.array([0]), skill_names=["s"], text_names=["t"]).skill_names == ("s",)


def test_a_graph_shows_its_sizes() -> None:
    assert repr(graph_of([[0, 1], []], 3)) == "<SkillTextGraph: 3 skills, 2 texts, 2 edges>"


NUMBERS = np.array([0, 1])

BROKEN: list[tuple[Callable[[], object], str]] = [
    (lambda: SkillTextGraph(-1, NUMBERS, NUMBERS), "num_skills must be an integer from 0 to 2147483647, got -1"),
    (lambda: SkillTextGraph(2**31, NUMBERS, NUMBERS), "num_skills must be an integer from 0 to 2147483647"),
    (lambda: SkillTextGraph(2, np.array([1, 2]), NUMBERS), "text_indptr must rise from 0 to the number of edges, 2"),
    (lambda: SkillTextGraph(2, np.array([0, 3]), NUMBERS), "text_indptr must rise from 0 to the number of edges, 2"),
    (lambda: SkillTextGraph(2, np.array([0, 2, 1, 2]), NUMBERS), "text_indptr must rise from 0"),
    (lambda: SkillTextGraph(2, np.array([], int), NUMBERS[:0]), "text_indptr must rise from 0"),
    (
        lambda: SkillTextGraph(2, np.array([0, 2]), np.array([0, 2])),
        "text_skills must lie in 0, ..., num_skills - 1 = 1, got 2",
    ),
    (
        lambda: SkillTextGraph(2, np.array([0, 2]), np.array([0, -1])),
        "text_skills must lie in 0, ..., num_skills - 1 = 1, got -1",
    ),
    (lambda: SkillTextGraph(2, np.array([0, 2]), np.array([0, 2**32])), "num_skills - 1 = 1, got 4294967296"),
    (
        lambda: SkillTextGraph(2, np.array([0, 2]), np.array([0.0, 1.0])),
        "text_skills must be a row of integers, got float64 of shape (2,)",
    ),
    (
        lambda: SkillTextGraph(2, np.array([0, 2]), np.array([[0, 1]])),
        "text_skills must be a row of integers, got int64 of shape (1, 2)",
    ),
    (lambda: SkillTextGraph(2, np.array([0.0, 2.0]), NUMBERS), "text_indptr must be a row of integers, got float64"),
    (
        lambda: SkillTextGraph(2, np.array([0, 2]), np.array([True, False])),
        "text_skills must be a row of integers, got bool",
    ),
    (lambda: SkillTextGraph(2, np.array([0, 2]), NUMBERS, ["a"]), "skill_names must be 2 names, got 1"),
    (
        lambda: SkillTextGraph(2, np.array([0, 2]), NUMBERS, ["a", "a"]),
        "skill_names must all be different, got 1 repeated",
    ),
    (lambda: SkillTextGraph(2, np.array([0, 2]), NUMBERS, None, ["a", "b"]), "text_names must be 1 names, got 2"),
    (lambda: from_edges(NUMBERS, NUMBERS[:1]), "texts and skills must have the same length, got 2 and 1"),
    (lambda: from_edges(NUMBERS, NUMBERS, 1), "texts must lie in 0, ..., num_texts - 1 = 0, got 1"),
    (lambda: from_edges(NUMBERS, NUMBERS, 2, 1), "skills must lie in 0, ..., num_skills - 1 = 0, got 1"),
    (lambda: from_edges(np.array([0, -2]), NUMBERS), "texts must lie in 0, ..., num_texts - 1 = 0, got -2"),
    (
        lambda: from_edges(np.array([0, 2**31 - 1]), NUMBERS),
        "num_texts must be an integer from 0 to 2147483647, got 2147483648",
    ),
    (lambda: from_edges(np.array([0.5, 1.0]), NUMBERS), "texts must be a row of integers, got float64"),
    (lambda: graph_of([[0]], 1).skills_of(1), "text must lie in 0, ..., 0, got 1"),
    (lambda: graph_of([[0]], 1).texts_of(-1), "skill must lie in 0, ..., 0, got -1"),
]


@pytest.mark.parametrize(("make", "sentence"), BROKEN, ids=[sentence for _, sentence in BROKEN])
def test_what_is_no_graph_is_named(make: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        make()
