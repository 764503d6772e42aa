"""Results of every question: each fits one screen, comes back from its JSON, goes to a table, and can be drawn."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pytest
from matplotlib.figure import Figure

import skillgraph as sg
from skillgraph import figures
from skillgraph.adjacent_possible.overview import tap_overview
from skillgraph.adjacent_possible.simulation import simulate_explosions
from skillgraph.agreement import SimulatedEnsemble
from skillgraph.agreement_types import TopicsOverview, compare_types
from skillgraph.analysis import AnalysedTable
from skillgraph.ensembles.types import topics
from skillgraph.graphs.tables import read_graph
from skillgraph.levels.overview import levels_overview
from skillgraph.limits.overview import limits_overview
from skillgraph.limits.spec import read_spec as read_limits
from skillgraph.optimal.cost import CostModel
from skillgraph.optimal.objectives import expected_learned
from skillgraph.optimal.overview import optimal_overview
from skillgraph.theory.overview import describe, describe_erasure
from skillgraph.theory.types_components import percolation_by_class
from skillgraph.theory.types_learning import learned_by_class, learning_jumps

LEVELS = """
[levels]
composite_skills = 40
links = [1, 3]
prerequisites = [0, 1]
[task]
weights = [0.5, 0.5]
[scale]
num_skills = "log:100:1000:4"
texts_per_skill_ratio = 2
"""
LIMITS = """
[model]
skills_per_text = "pmf:1=0.5,2=0.3,3=0.2"
[surface]
data = [100, 200, 400]
model = [100, 200, 400]
steps = [1, 4, inf]
replicates = 3
seed = 1
[limits]
ratios = [0.25]
[dynamics]
ldpc = "3,6"
known = [0.55]
rounds = 32
[laws]
hold_out = 0.25
resamples = 0
seed = 0
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """One result of each kind that can be drawn, by the name of its class."""
    folder = tmp_path_factory.mktemp("results")
    return {type(one).__name__: one for one in (*_agreements(folder), *_questions(folder))}


def _agreements(folder):
    ensemble = sg.texts_by_law("poisson:3")
    agreement = sg.compare(ensemble, 50, np.linspace(0, 2, 5), replicates=3, seed=1)
    yield from (agreement, describe(ensemble), describe_erasure(sg.ldpc(3, 6)))
    yield SimulatedEnsemble(describe(ensemble), agreement)
    classes = topics(2, 0.05, "poisson:4")
    typed = compare_types(classes, 60, np.array([0.5, 1.0]), replicates=2, seed=1)
    learned = np.column_stack([learned_by_class(classes, typed.scale)] * 2)[:, :3]
    yield from (
        typed,
        TopicsOverview(classes, percolation_by_class(classes), learning_jumps(classes), typed.scale, learned),
    )
    table = folder / "table.csv"
    table.write_text("text,skill\n" + "".join(f"t{i},s{j}\n" for i in range(30) for j in {i % 7, i % 11}))
    graph, report = read_graph(table)
    analysis = sg.analyse(graph, points=5, replicates=2, seed=1)
    yield from (analysis, AnalysedTable(table.name, report, analysis))


def _questions(folder):
    ensemble = sg.texts_by_law("poisson:6")
    optimal = optimal_overview(expected_learned(ensemble), CostModel(), np.array([1e20, 1e22]), ensemble)
    yield from (optimal, optimal.sizes)
    (folder / "levels.toml").write_text(LEVELS)
    levels = levels_overview(sg.levels.read_spec(folder / "levels.toml"), replicates=2, seed=1)
    yield from (levels, levels.curve)
    (folder / "limits.toml").write_text(LIMITS)
    limits = limits_overview(read_limits(folder / "limits.toml"))
    yield from (limits, limits.surface, limits.surface.theory, limits.laws)
    law = sg.adjacent_possible.parse_innovation("powers:0.05")
    runs = simulate_explosions(law, 4, 0.06, replicates=12, seed=2)
    scarce = sg.adjacent_possible.Resources(context_cap=50)
    tap = tap_overview(law, 4, 0.06, resources=scarce, steps=20, simulation=runs)
    yield from (tap, tap.trajectory, runs, runs.law)


@cache
def drawn_kinds():
    """Return the classes that have a drawing, the results of a study apart: they are tested with the commands."""
    return sorted(set(figures._DRAWINGS) - {"Results"})


@pytest.mark.parametrize("kind", drawn_kinds())
def test_every_result_leaves_whole(results, kind):
    result = results[kind]
    lines = repr(result).splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 120
    assert result._repr_html_().startswith("<table>")
    back = sg.from_record(json.loads(json.dumps(result.record(), allow_nan=False)))
    assert back == result
    assert type(back) is type(result)
    assert repr(back) == repr(result)
    assert len(result.to_dataframe()) >= 1


@pytest.mark.parametrize("kind", drawn_kinds())
def test_every_result_with_a_drawing_is_drawn_after_its_way_through_json(results, kind):
    here, there = (sg.draw(one) for one in (results[kind], sg.from_record(results[kind].record())))
    assert isinstance(here, Figure)
    for one, other in zip(here.axes, there.axes, strict=True):
        assert len(one.lines) + len(one.patches) + len(one.collections) > 0
        for line, same_line in zip(one.lines, other.lines, strict=True):
            np.testing.assert_array_equal(line.get_xydata(), same_line.get_xydata())


def test_a_result_without_a_drawing_is_named():
    with pytest.raises(TypeError, match="there is no drawing of a PercolationThreshold: known are Agreement"):
        sg.draw(sg.percolation_threshold("poisson:2"))


def test_rows_and_grids_hold_the_numbers(results):
    surface = results["SurfaceComparison"]
    frame, data = surface.to_dataframe(), surface.to_xarray()
    assert data["performance"].dims == ("data", "model", "steps")
    for row in frame.itertuples():
        cell = data.sel(data=row.data, model=row.model, steps=row.steps)
        assert (cell["performance"], cell["simulated"]) == (row.performance, row.simulated)
    levels = results["LevelsOverview"].to_dataframe()
    np.testing.assert_array_equal(levels.accuracy, results["LevelsCurve"].accuracy)
    assert list(results["TapOverview"].to_dataframe().columns) == ["replicate", "explosion_time", "extinction_time"]
    assert list(results["LawComparison"].to_dataframe().form) == [one.form for one in results["LawComparison"].fits]


def test_the_worst_residual_is_shown(results):
    for kind in ("Agreement", "SimulatedEnsemble", "LevelsOverview", "LimitsOverview", "SurfaceComparison"):
        assert "largest |z|" in repr(results[kind])
    assert "z-scores" in repr(results["TapOverview"])
