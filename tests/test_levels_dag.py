"""Curricula: gates, order, bottleneck_skills, cycles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillgraph.levels.dag import acquire, bottleneck_skills, curriculum, read_curriculum

TABLE = curriculum({"x": (["a", "b", "c"], "2-of"), "y": (["x", "a"], "or"), "z": (["x", "y"], "and")})
OWN = {"a": 3.0, "b": 5.0, "c": 9.0, "x": 1.0}


def at(result: object, name: str) -> float:
    return float(result.acquired[TABLE.skills.index(name)])  # type: ignore[attr-defined]


def test_gates_wait_for_the_last_the_first_and_the_kth() -> None:
    result = acquire(TABLE, OWN)
    assert [at(result, name) for name in "abcxyz"] == [3, 5, 9, 5, 3, 5]
    held = {TABLE.skills[i]: TABLE.skills[h] for i, h in enumerate(result.held_by) if h >= 0}
    assert held == {"x": "b", "y": "a", "z": "x"}
    assert TABLE.skills[result.order[0]] == "a"


def test_never_spreads_through_and_but_not_through_or() -> None:
    result = acquire(TABLE, {"b": np.inf, "c": np.inf})
    assert at(result, "x") == np.inf
    assert at(result, "y") == 0
    assert at(result, "z") == np.inf
    assert [TABLE.skills[place] for place in result.order] == ["a", "y"]
    worst = bottleneck_skills(TABLE, {"b": np.inf, "c": np.inf})[0]
    assert worst.skill in "bc"
    assert worst.unlocked == 2


def test_bottlenecks_are_what_easing_saves() -> None:
    found = {one.skill: one for one in bottleneck_skills(TABLE, OWN)}
    assert found["b"].delayed == 2
    assert found["b"].saved == 4
    assert "x" not in found


@given(st.integers(1, 8), st.randoms(use_true_random=False))
def test_acquisition_equals_waiting_step_by_step(number: int, random: object) -> None:
    names = [f"s{i}" for i in range(number)]
    rules = {}
    for i, name in enumerate(names):
        required = [other for other in names[:i] if random.random() < 0.5]  # type: ignore[attr-defined]
        rule = f"{random.randint(1, len(required))}-of" if required else "and"  # type: ignore[attr-defined]
        rules[name] = (required, rule)
    table = curriculum(rules)
    own = {name: float(random.randint(0, 9)) for name in names}  # type: ignore[attr-defined]
    result = acquire(table, own)
    known: dict[str, int] = {}
    for moment in range(12):
        for name in names:  # prerequisites come first in names
            required, rule = rules[name]
            needed = int(rule.split("-")[0]) if required else 0
            if name not in known and own[name] <= moment and sum(r in known for r in required) >= needed:
                known[name] = moment
    assert {table.skills[i]: result.acquired[i] for i in range(number)} == known


def test_tables_are_read(tmp_path: Path) -> None:
    path = tmp_path / "skills.csv"
    path.write_text("skill,requires,rule\nadd,,\ncarry,add,and\ntimes,add;carry,1-of\n")
    table = read_curriculum(path)
    assert set(table.skills) == {"add", "carry", "times"}
    assert table.needed[table.skills.index("times")] == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("skill,requires,rule\na,b,and\nb,c,and\nc,a,and\n", "cycle, got [abc] -> [abc] -> [abc] -> [abc]"),
        ("skill,requires,rule\na,a,and\n", "cycle, got a -> a"),
        ("skill,rule\na,and\n", "must have columns skill,requires,rule, got skill,rule"),
        ("skill,requires,rule\n,b,and\n", "line 2: skill must not be empty"),
        ("skill,requires,rule\na,,\na,,\n", 'line 3: skill "a" stands on an earlier line already'),
        ("skill,requires,rule\na,b,xor\n", 'rule of "a" must be and, or, or k-of such as 2-of, got "xor"'),
        ("skill,requires,rule\na,b,2-of\n", 'rule of "a" must ask for 1 to 1 of its 1 prerequisites'),
        ("skill,requires,rule\n", "needs at least one skill, got none"),
    ],
)
def test_bad_tables_are_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "skills.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_curriculum(path)


def test_bad_moments_are_named() -> None:
    with pytest.raises(ValueError, match='does not have: "q"'):
        acquire(TABLE, {"q": 1.0})
    with pytest.raises(ValueError, match="6 non-negative numbers"):
        acquire(TABLE, np.full(6, np.nan))
