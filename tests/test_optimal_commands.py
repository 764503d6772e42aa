"""Commands ``optimal`` and ``levels``: records, tables, figures, bad input."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from skillgraph.commands.levels import command as levels
from skillgraph.commands.optimal import command as optimal
from tests.records_support import opened

SPEC = """
[levels]
composite_skills = 40
links = [1, 3]
prerequisites = [0, 1]
[task]
weights = [0.5, 0.5]
[scale]
num_skills = "log:100:10000:7"
texts_per_skill_ratio = 2
"""


def run(command: object, *words: object) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words], standalone_mode=False)  # type: ignore[arg-type]


def test_optimal_prints_full_precision() -> None:
    record = opened(run(optimal, "--compute", "5.73e23", "--published", "--json").output, "optimal")
    assert record["sizes"]["tokens_per_parameter"][0] == pytest.approx(18.71, abs=0.02)
    assert record["limit_tokens_per_parameter"] == pytest.approx(18.132, abs=1e-3)
    assert record["fitted_parameters_exponent"] is None
    assert record["sizes"]["parameters_exponent"] == [None]


def test_optimal_writes_a_table_and_a_figure(tmp_path: Path) -> None:
    table, figure = tmp_path / "o.csv", tmp_path / "o.png"
    result = run(optimal, "--compute", "log:1e20:1e22:3", "--csv", table, "--figure", figure)
    assert "exponents: parameters 0.50" in result.output
    assert len(table.read_text().splitlines()) == 4
    assert figure.stat().st_size > 1000


@pytest.mark.kernel
def test_optimal_simulates() -> None:
    printed = run(optimal, "--compute", "2e16", "--replicates", 3, "--seed", 1, "--json").output
    record = opened(printed, "optimal")
    assert record["simulated"][0]["budget"] == pytest.approx(2e16 / 9.6e11)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--compute", "0"), "compute must be positive and finite"),
        (("--compute", "1"), "compute must buy at least one skill"),
        (("--compute", "x"), '--compute must be a number, got "x"'),
        (
            ("--compute", "1e20", "--published", "--skills-per-text", "fixed:3"),
            "--published needs skills per text poisson:C",
        ),
        (("--compute", "1e20", "--published", "--learner", "2"), "--published goes with"),
        (("--compute", "1e20", "--replicates", "3"), "--replicates needs --seed"),
        (("--compute", "1e24", "--replicates", "3", "--seed", "1"), "must not exceed 1e"),
    ],
)
def test_optimal_names_bad_input(words: tuple[str, ...], message: str) -> None:
    assert message in str(run(optimal, *words).exception)


@pytest.mark.kernel
def test_levels_prints_simulates_and_draws(tmp_path: Path) -> None:
    path, table, figure = tmp_path / "t.toml", tmp_path / "l.csv", tmp_path / "l.png"
    path.write_text(SPEC)
    words = ("--csv", table, "--figure", figure, "--replicates", 2, "--seed", 1)
    record = opened(run(levels, path, "--json", *words).output, "levels")
    assert len(record["curve"]["accuracy"]) == len(record["simulated"]["accuracy"]) == 7
    assert record["curve"]["accuracy"][-1] == pytest.approx(1.0, abs=1e-3)
    assert record["simulated"]["accuracy"][-1] > 0.95
    assert len(table.read_text().splitlines()) == 8
    assert figure.stat().st_size > 1000
    assert "accuracy" in run(levels, path).output


def test_levels_reads_a_curriculum(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("skill,requires,rule\nadd,,\ntimes,add;carry,and\n")
    path = tmp_path / "t.toml"
    path.write_text('[curriculum]\ntable = "c.csv"\n[curriculum.moments]\nadd = 3\n')
    assert "times, held up by add" in run(levels, path).output
    found = opened(run(levels, path, "--json").output, "levels")
    assert found["curriculum"]["order"][-1] == {"skill": "times", "acquired": 3.0, "held_by": "add"}
    assert "need [levels]" in str(run(levels, path, "--replicates", 2, "--seed", 1).exception)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("weights = [0.5, 0.5]", "weights = [0.5, 0.4]", "they sum to 0.9"),
        ("links = [1, 3]", "links = []", "must say count, at least 1"),
        ("prerequisites = [0, 1]", "prerequisites = [0, 41]", "level 2 needs 41 prerequisites"),
        (
            "composite_skills = 40",
            "composite_skills = 40.5",
            "composite_skills must be an integer of at least 0, got 40.5",
        ),
    ],
)
def test_levels_names_bad_input(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "t.toml"
    path.write_text(SPEC.replace(old, new))
    assert message in str(run(levels, path).exception)
