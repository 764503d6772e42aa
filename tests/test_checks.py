"""What callers give at the public door, in Python and on the command line."""

from __future__ import annotations

import numpy as np
import pytest

from skillgraph import checks
from skillgraph.cli import run


def test_a_count_is_any_integer_valued_number():
    assert [checks.count("n", value) for value in (7, 1e5, np.int32(3), np.float64(4))] == [7, 100_000, 3, 4]
    assert checks.count("n", 0, least=0) == 0
    assert checks.count("n", 2**62) == 2**62


@pytest.mark.parametrize("value", [0, -1, 1.5, float("nan"), float("inf"), "3", None, True, 2**63])
def test_what_is_no_count(value):
    with pytest.raises(ValueError, match=r"^n must be an integer of at least 1, got"):
        checks.count("n", value)


def test_bounds_are_told_in_short():
    with pytest.raises(ValueError, match=r"^n must be an integer from 1 to 10\^15, got 0$"):
        checks.count("n", 0, largest=10**15)
    with pytest.raises(ValueError, match=r"^n must be an integer from 0 to 1024, got 2000$"):
        checks.count("n", 2000, least=0, largest=1024)


@pytest.mark.parametrize(
    ("text", "grid"),
    [
        ("0:1:5", [0, 0.25, 0.5, 0.75, 1]),
        ("log:1:1e4:5", [1, 10, 100, 1000, 1e4]),
        ("3", [3]),
        ("1,2,5", [1, 2, 5]),
        ("2:2:1", [2]),
        ("0:1e6:1e1", np.linspace(0, 1e6, 10)),
    ],
)
def test_grids(text, grid):
    np.testing.assert_allclose(checks.parse_grid(text), grid, rtol=1e-15)
    np.testing.assert_array_equal(checks.grid_of(text), checks.parse_grid(text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1:2", "x must have the form START:STOP:COUNT or log:START:STOP:COUNT"),
        ("log:1:2", "x must have the form START:STOP:COUNT or log:START:STOP:COUNT"),
        ("1:2:3:4", "x must have the form"),
        ("2:1:5", 'x must increase from point to point, got "2:1:5"'),
        ("1,1", "x must increase"),
        ("1:2:1", "x from 1 to 2 needs at least 2 points, got 1"),
        ("1:2:0", "COUNT of x must be an integer of at least 1, got 0"),
        ("1:2:1e7", "x must have at most 1000000 points, got 10000000"),
        ("log:0:2:3", "x must start above 0 to be evenly spaced in the logarithm, got 0"),
        ("a", 'x must be a number, got "a"'),
        ("1,inf", "x must be finite, got inf"),
    ],
)
def test_bad_grids(text, message):
    with pytest.raises(ValueError, match=message):
        checks.parse_grid(text, "x")


def test_grids_of_rows():
    assert checks.grid_of([1, 2]).tolist() == [1, 2]
    assert checks.grid_of(3).tolist() == [3]
    for value in ([], [1, 1], [1, np.nan], [[1, 2]]):
        with pytest.raises(ValueError, match="x must be a row of finite, increasing numbers"):
            checks.grid_of(value, "x")
    with pytest.raises(ValueError, match="x must be numbers"):
        checks.grid_of({"a": 1}, "x")


def test_numbers_of_texts():
    assert checks.texts_of("0:1:3", 10, None).tolist() == [0, 5, 10]
    assert checks.texts_of([0.4545], 1000, 5 / 11).tolist() == [454]
    assert checks.texts_of(0, 10, None, above_zero=False).tolist() == [0]
    with pytest.raises(ValueError, match="must reach above 0"):
        checks.texts_of(0, 10, None)
    with pytest.raises(ValueError, match=r"must not exceed 0\.5, where the configuration ensemble has all its texts"):
        checks.texts_of([0.2, 0.6], 1000, 0.5)


SIMULATE = ["simulate", "--skills-per-text", "poisson:3", "--skills", "100", "--texts", "100"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["tap", "--alpha", "0.01", "--seed", "3"],
            "--seed goes with --replicates: without a simulation nothing is drawn",
        ),
        (["tap", "--alpha", "0.01", "--replicates", "3"], "--replicates needs --seed: same seed, same numbers"),
        (["optimal", "--compute", "1e20", "--seed", "3"], "--seed goes with --replicates"),
        (
            ["optimal", "--compute", "1e18:1e20"],
            "--compute must have the form START:STOP:COUNT or log:START:STOP:COUNT",
        ),
        (["analyse", "table.csv"], "Missing option '--seed'"),
        (SIMULATE, "Missing option '--seed'"),
        ([*SIMULATE, "--seed", "-1"], "--seed must be a non-negative integer, got -1"),
        ([*SIMULATE, "--seed", "1", "--replicates", "0"], "--replicates must be an integer of at least 1, got 0"),
        ([*SIMULATE, "--seed", "1", "--replicates", "1.5"], "--replicates must be an integer of at least 1, got 1.5"),
        (["run", "no-study.toml", "-j", "0.5"], "-j must be an integer of at least 1, got 0.5"),
        (["run", "no-study.toml", "-j", "1e0"], "no-study.toml: no such study file or run directory"),
    ],
)
def test_words_of_the_command_line(words, sentence, capsys):
    assert run(words) == 2
    assert sentence in capsys.readouterr().err
