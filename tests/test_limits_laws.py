"""Which law E(N, P, K) follows: recovery on the Zipf model, verdicts, tables, one sentence per error."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from skillgraph.limits.forms import FORMS, Scales, forms_for
from skillgraph.limits.law_tables import read_law_table
from skillgraph.limits.laws_fit import LawTable, compare_laws, law_table, split_by_scale
from skillgraph.limits.places import grid_points
from skillgraph.limits.surface import skill_model, theory_surface
from skillgraph.seeding import generator
from tests.sizes import scaled

ADDITIVE = ("limit theory", "free exponents", "chinchilla", "exponential steps")


def zipf_table(data, model, steps):
    surface = theory_surface(
        skill_model("pmf:1=0.5,2=0.3,3=0.2", "zipf:1.5", damping=0.25), grid_points(data, model, steps)
    )
    where = surface.points
    return law_table(where.data_size, where.model_size, where.steps, loss=surface.loss, name="zipf")


@pytest.fixture(scope="module")
def zipf_comparison():
    """Tail exponent a = 0.5: parameters 0.5, data a/(1+a) = 1/3; trained up to N = 10^6, held out to 10^8."""
    steps = (4, 8, 16, 32, 64)
    train = zipf_table(np.logspace(3, 6, 7), np.round(np.logspace(2, 4, 7)), steps)
    held_out = zipf_table(np.logspace(6, 8, 5)[1:], np.round(np.logspace(4, 5.3, 5))[1:], steps)
    return compare_laws(train, held_out, resamples=20, seed=0)


def test_power_norm_wins_on_the_zipf_model(zipf_comparison):
    assert zipf_comparison.verdict == "decided"
    assert zipf_comparison.winner == "power norm"
    best = zipf_comparison.fit("power norm")
    assert best.aicc < min(zipf_comparison.fit(name).aicc for name in ADDITIVE) - 500
    assert best.held_out_rms < 0.03
    assert min(zipf_comparison.fit(name).held_out_rms for name in ADDITIVE) > 0.08
    assert best.identifiable


def test_power_norm_recovers_the_exponents(zipf_comparison):
    best = zipf_comparison.fit("power norm")
    assert best.parameters["a"] == pytest.approx(0.5, rel=0.03)
    assert best.parameters["b"] == pytest.approx(1 / 3, rel=0.08)
    assert best.parameters["beta"] == pytest.approx(0.75, abs=0.01)  # 1 - eta
    low, high = best.intervals["a"]
    assert low < best.parameters["a"] < high


def test_additive_forms_are_biased(zipf_comparison):
    chinchilla_like = zipf_comparison.fit("exponential steps").parameters
    assert chinchilla_like["a"] > 0.5 * 1.05
    assert chinchilla_like["b"] > 1 / 3 * 1.1


def synthetic(form_name: str, rng: np.random.Generator, noise: float) -> LawTable:
    mesh = np.meshgrid(np.logspace(3, 6, 6), np.logspace(2, 5, 6), [1.0, 3.0, 9.0], indexing="ij")
    axes = np.array([m.ravel() for m in mesh])
    form = next(form for form in FORMS if form.name == form_name)
    values = {"data_exponent": 0.35, "model_exponent": 0.5, "norm": 3.0, "steps_rate": 1.2, "model_rate": 0.3}
    theta = np.log([values.get(name, 0.2) for name in form.parameters])
    loss = np.exp(form.log_loss(theta, axes, Scales(3e4, 3e3, 4.0)) + noise * rng.normal(size=axes.shape[1]))
    return law_table(*axes, loss=loss, name=form_name)


@pytest.mark.parametrize("form", ["limit theory", "exponential steps", "power norm"])
def test_the_law_that_made_the_table_predicts_best(form):
    train, held_out = split_by_scale(synthetic(form, generator(8, form), 0.01), 0.3)
    result = compare_laws(train, held_out, resamples=0, seed=0)
    least = min(fit.held_out_rms for fit in result.fits)
    assert result.fit(form).held_out_rms < 1.25 * least
    assert result.fit(form).aicc < result.fits[0].aicc + 10


@pytest.mark.parametrize("noise", [0.0, 0.01])
@pytest.mark.parametrize("form", [form.name for form in FORMS])
def test_nested_forms_are_told_apart_by_their_extra_parameter(form, noise):
    """A form that others contain wins on its own data, exact or noisy; so does one that contains others."""
    verdicts = []
    for place in range(scaled(3, 1)):
        train, held_out = split_by_scale(synthetic(form, generator(9, form, place), noise), 0.3)
        verdicts.append(compare_laws(train, held_out, seed=1, resamples=0).winner)
    assert verdicts.count(form) == len(verdicts)


def test_undecided_where_strangers_fit_alike():
    """Too much noise to tell an exponential from a power."""
    train, held_out = split_by_scale(synthetic("limit theory", generator(9, "noise"), 1.0), 0.3)
    result = compare_laws(train, held_out, seed=1, resamples=0)
    assert result.verdict == "undecided"
    assert result.winner is None
    assert result.reasons


def test_steps_proportional_to_data_are_not_identified_twice():
    data = np.logspace(3, 6, 40)
    model = np.tile([100.0, 1000.0], 20)
    table = law_table(data, model, np.ones(40), loss=0.3 * (data / 1e4) ** -0.3 + 0.1 * (model / 300) ** -0.4)
    names = [fit.form for fit in compare_laws(table, resamples=0, seed=0).fits]
    assert "exponential steps" not in names  # the steps term is left out, and then the form is Chinchilla's


def test_without_held_out_scales_the_verdict_is_undecided():
    result = compare_laws(synthetic("power norm", generator(10, "alone"), 0.01), resamples=0, seed=0)
    assert result.verdict == "undecided"
    assert "no held-out scales were given" in result.reasons


def test_forms_drop_axes_that_do_not_vary():
    assert {form.name for form in forms_for((True, False, False), floor=True)} == {"limit theory", "free exponents"}
    with pytest.raises(ValueError, match="one value of each"):
        forms_for((False, False, False), floor=False)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"performance": [0.1, np.nan, 0.2]}, "performance must be finite, got nan in row 2"),
        ({"data": [1, -2, 3]}, "data must be positive, got -2"),
        ({"steps": [1, -2, 3]}, "steps must not be negative, got -2"),
        ({"model": [1, 2]}, "same length"),
        ({"performance": [0.1, 1.0, 0.2]}, "performance must be below 1, got 1"),
        ({"performance": None, "loss": [0.1, 0.0, 0.2]}, "loss must be positive, got 0"),
        ({"loss": [0.1, 0.1, 0.2]}, "give performance or loss, one of them"),
    ],
)
def test_bad_tables_are_one_sentence(change, message):
    columns = {"data": [1, 2, 3], "model": [1, 2, 3], "steps": [1, 2, 3], "performance": [0.1, 0.2, 0.3]} | change
    with pytest.raises(ValueError, match=message):
        law_table(columns["data"], columns["model"], columns["steps"], performance=columns["performance"],
                  loss=columns.get("loss"))  # fmt: skip


def test_too_small_a_table():
    table = law_table([1, 2, 3], [1, 2, 3], [1, 2, 4], performance=[0.1, 0.2, 0.3], name="tiny.csv")
    with pytest.raises(ValueError, match="needs 11 training points, got 3"):
        compare_laws(table, seed=0)
    with pytest.raises(ValueError, match=r"share of held-out points must lie in \(0, 1\), got 0"):
        split_by_scale(table, 0.0)


def test_tables_are_read_with_roles_and_filters(tmp_path):
    path = tmp_path / "runs.csv.gz"
    with gzip.open(path, "wt") as file:
        file.write("N,P,K,acc,kind\n10,2,1,0.5,a\n20,2,2,0.6,b\n30,2,3,0.7,a\n")
    roles = {"data": "N", "model": "P", "steps": "K", "performance": "acc"}
    table = read_law_table(path, roles, {"kind": "a"})
    assert table.data.tolist() == [10, 30]
    assert table.loss == pytest.approx([0.5, 0.3])
    with pytest.raises(ValueError, match='no column "data"; the table has N, P, K, acc, kind'):
        read_law_table(path)
    with pytest.raises(ValueError, match="no row satisfies"):
        read_law_table(path, roles, {"kind": "c"})
    with pytest.raises(ValueError, match='kind must be a number, got "a" in row 1'):
        read_law_table(path, roles | {"performance": "kind"})
    with pytest.raises(ValueError, match='unknown column role "tokens"'):
        read_law_table(path, {"tokens": "N"})


def test_real_table_of_data_constrained_runs():
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    path = Path(os.environ.get("SKILLGRAPH_DATA", default)) / "datablations" / "datablations_runs.csv"
    if not path.is_file():
        pytest.skip(f"real data not found: {path}")
    roles = {"data": "unique_tokens_U", "model": "params_P", "steps": "epochs", "loss": "val_loss"}
    table = read_law_table(path, roles, {"in_parametric_fit": "True"})
    train, held_out = split_by_scale(table, 0.2)
    result = compare_laws(train, held_out, floor=True, resamples=0, seed=0)
    assert table.loss.size == 195
    assert result.fit("limit theory").aicc > result.fits[0].aicc + 10
    assert result.fit("limit theory").held_out_rms > 1.5 * min(fit.held_out_rms for fit in result.fits)
