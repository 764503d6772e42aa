"""The command ``tap``: numbers, files, and one clear sentence for bad input."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from skillgraph.commands.tap import command
from tests.records_support import opened
from tests.sizes import scaled


def call(*words: Any) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words])


def record(*words: Any) -> dict[str, Any]:
    result = call(*words, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = opened(result.output, "tap")
    return found


@pytest.mark.parametrize(("alpha", "steps"), [(1, 4), (1e-2, 84), (1e-4, 7806)])
def test_blow_up(alpha: float, steps: int) -> None:
    assert record("--alpha", alpha)["steps_beyond_bound"] == steps


def test_power_law_and_continuous_time() -> None:
    found = record("--alpha", 1, "--decay", 1000)
    assert found["steps_beyond_bound"] == 1391
    assert found["continuous"]["integral"] == pytest.approx(1381.449, abs=1e-3)
    assert found["equilibrium"]["items"] is None
    assert "equilibrium" in found["reasons"]


def test_extinction_and_equilibrium() -> None:
    found = record("--alpha", 0.01, "--extinction", 0.00499)
    assert found["steps_beyond_bound"] == 503
    assert found["critical_extinction"] == pytest.approx(0.005)
    assert found["equilibrium"]["steps_per_decade"] == pytest.approx(182, abs=1)
    gone = record("--alpha", 0.01, "--extinction", 0.1)
    assert gone["steps_beyond_bound"] is None
    assert "extinction outruns" in gone["reason"]
    assert gone["stochastic"]["extinction_probability"] == pytest.approx(1, abs=0.01)


def test_exact_and_simulated_explosion_time() -> None:
    words = ["--innovation", "powers:0.01:1", "--items", 10, "--replicates", scaled(2000, 10), "--seed", 1]
    found = record(*words)
    assert found["stochastic"]["mean"] == pytest.approx(241.7296, abs=1e-3)
    assert found["stochastic"]["standard_deviation"] == pytest.approx(27.767, abs=1e-3)
    assert found["simulation"]["replicates"] == scaled(2000, 10)
    assert abs(found["simulation"]["z_scores"]["mean"]) < scaled(6, 12)
    assert record(*words, "--threads", 3) == found
    mortal = record("--innovation", "powers:0.01:1", "--items", 10, "--extinction", 0.01)
    assert mortal["stochastic"]["extinction_probability"] == pytest.approx(0.4943, abs=1e-4)
    leaps = record(*words, "--method", "tau-leaping", "--epsilon", 0.1)
    assert leaps["simulation"]["epsilon"] == 0.1


def test_resources() -> None:
    found = record("--alpha", 0.01, "--items", 3, "--extinction", 0.01, "--training", 0.9, "--context-cap", 50)
    limits = found["constrained"]
    assert (limits["final"]["items"], limits["final"]["outcome"], limits["scarcest"]) == (50, "cap", "context")
    assert limits["steady"]["bistable"] is True
    assert (found["resources"]["training"], found["resources"]["training_cap"]) == (0.9, "inf")
    starved = record("--alpha", 0.01, "--items", 3, "--extinction", 0.01, "--training", 0.5, "--context", 0.5)
    assert starved["constrained"]["final"]["outcome"] == "extinct"
    assert record("--alpha", 0.01)["constrained"] is None


def test_files(tmp_path: Path) -> None:
    table, figure, runs = tmp_path / "path.csv", tmp_path / "tap.pdf", tmp_path / "runs.csv"
    found = record("--alpha", 1, "--steps", 6, "--csv", table, "--figure", figure, "--context-cap", 100)
    rows = list(csv.DictReader(table.open()))
    assert [float(row["items"]) for row in rows[:4]] == [2, 3, 7, 127]
    assert rows[5]["items"] == ""  # beyond double precision: its logarithm is still there
    assert float(rows[5]["log10_items"]) == found["trajectory"]["log10_items"][5] > 1e37
    assert float(rows[-1]["constrained_items"]) == 100
    assert figure.read_bytes().startswith(b"%PDF")
    words = ["--innovation", "powers:0.05", "--items", 4, "--extinction", 0.06, "--replicates", 12, "--seed", 2]
    assert call(*words, "--csv", runs, "--figure", tmp_path / "runs.png").exit_code == 0
    rows = list(csv.DictReader(runs.open()))
    assert len(rows) == 12
    assert all((row["explosion_time"] == "") != (row["extinction_time"] == "") for row in rows)


def test_for_a_person() -> None:
    result = call("--alpha", 0.01, "--items", 3, "--extinction", 0.01, "--training-cap", 50)
    assert result.exit_code == 0
    assert "steps beyond bound" in result.output
    assert "resources outcome" in result.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--alpha", 0], "alpha must be positive and finite, got 0"),
        (["--alpha", -1], "alpha must be positive and finite, got -1"),
        (["--alpha", "nan"], "alpha must be positive and finite, got nan"),
        (["--alpha", 1, "--decay", 0], "a must be positive and finite, got 0"),
        (["--alpha", 1, "--extinction", 1], "mu (extinction rate) must lie in [0, 1), got 1"),
        (["--alpha", 1, "--items", 0.5], "M0 must be at least 1 item"),
        (["--alpha", 1, "--items", 5, "--context-cap", 3], "the cap must be at least M0 = 5, got 3 (context)"),
        (["--alpha", 1, "--training", 1.2], "training factor must lie in [0, 1], got 1.2"),
        (["--alpha", 1, "--architecture", -0.1], "architecture factor must lie in [0, 1], got -0.1"),
        (["--alpha", 1, "--bound", 1], "bound must lie between M0 = 2 and 1e300, got 1"),
        (["--innovation", "linear:1"], 'unknown innovation law "linear:1"'),
        (["--alpha", 1, "--items", 2.5, "--replicates", 3, "--seed", 1], "M0 must be an integer of at least 1"),
    ],
)
def test_bad_numbers_are_named(words: list[Any], message: str) -> None:
    result = call(*words)
    assert isinstance(result.exception, ValueError)  # the command line turns it into one sentence and exit code 2
    assert message in str(result.exception)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "name one innovation law"),
        (["--alpha", 1, "--innovation", "constant:1"], "name one innovation law"),
        (["--innovation", "constant:1", "--decay", 2], "--decay goes with --alpha"),
        (["--alpha", 1, "--replicates", 5], "--replicates needs --seed"),
        (["--alpha", "x"], "not a valid float"),
        (["--alpha", 1, "--figure", "tap.doc"], "must end in one of"),
    ],
)
def test_bad_options_are_named(words: list[Any], message: str) -> None:
    result = call(*words)
    assert result.exit_code == 2
    assert message in result.output
