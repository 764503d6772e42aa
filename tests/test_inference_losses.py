"""Loss surfaces: the published minima, what is recovered, intervals that cover, bounds that are marked."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from skillgraph._kernels import loss_surfaces as kernel
from skillgraph.figures.inference import draw_losses
from skillgraph.inference.chinchilla import DELTA, Chinchilla, chinchilla_loss
from skillgraph.inference.data_constrained import DataConstrained, constrained_loss
from skillgraph.inference.evaluations import evaluations
from skillgraph.inference.loss_laws import compare_loss_laws
from skillgraph.inference.loss_surfaces import allocation, fit_losses
from skillgraph.inference.losses import loss_table, losses
from skillgraph.inference.readers import read_evaluations
from skillgraph.seeding import generator
from tests import inference_support as support
from tests.sizes import JIT_DISABLED, scaled

compiled = pytest.mark.skipif(JIT_DISABLED, reason="4,500 starts are too many for plain Python")

TRUE = np.array([480.0, 2100.0, 1.8, 0.35, 0.37])
MINIMUM = {"A": 477.82, "B": 2143.45, "E": 1.81722, "alpha": 0.34731, "beta": 0.36717}
PUBLISHED = {"A": (482.01, 124.58), "B": (2085.43, 1293.23), "E": (1.8172, 0.03), "alpha": (0.3478, 0.02)}
PUBLISHED |= {"beta": (0.3658, 0.02)}


def grid(count=7):
    mesh = np.meshgrid(np.geomspace(2e7, 2e10, count), np.geomspace(5e8, 5e11, count))
    return [axis.ravel() for axis in mesh]


def runs(seed=0, noise=0.004, count=7):
    parameters, tokens = grid(count)
    errors = generator(seed, "runs").laplace(0, noise, parameters.size)
    return loss_table(parameters, tokens, chinchilla_loss(parameters, tokens, TRUE) * np.exp(errors), name="runs.csv")


@pytest.fixture(scope="module")
def published_points():
    path = support.real("chinchilla", "chinchilla_points.csv")
    pytest.importorskip("pyarrow")
    roles = ["parameters=params_N", "tokens=tokens_D", "compute=flops_C"]
    return losses(read_evaluations(path, columns=roles, where="outlier5=False"))


def brute(theta, table, delta):
    """Sum of Huber's loss, written out."""
    fitted = np.exp(theta[0]) / table.parameters ** theta[3] + np.exp(theta[1]) / table.tokens ** theta[4]
    r = np.abs(np.log(table.loss) - np.log(fitted + np.exp(theta[2])))
    return np.sum(np.where(r <= delta, r**2 / 2, delta * (r - delta / 2)))


def test_the_kernel_computes_hubers_loss_and_its_derivatives():
    table = runs(3)
    theta = np.array([*np.log(TRUE[:3]), *TRUE[3:]]) + 0.01
    axes = [np.log(column) for column in (table.parameters, table.tokens, table.loss)]
    weight = np.ones(table.size)
    assert kernel.huber(theta, *axes, weight, DELTA) == pytest.approx(brute(theta, table, DELTA), rel=1e-12)
    slope, curve, scale = np.empty(5), np.empty((5, 5)), np.empty(5)
    kernel._derivatives(theta, *axes, weight, DELTA, slope, curve, scale)
    numeric = optimize.approx_fprime(theta, lambda t: brute(t, table, DELTA), 1e-8)
    np.testing.assert_allclose(slope, numeric, rtol=1e-4, atol=1e-6)


@pytest.mark.kernel
def test_a_descent_ends_at_the_law_that_made_the_losses():
    parameters, tokens = grid(4)
    axes = [np.log(column) for column in (parameters, tokens, chinchilla_loss(parameters, tokens, TRUE))]
    middle = np.array([axes[0].mean(), axes[1].mean()])
    truth = np.array([*np.log(TRUE[:3]), *TRUE[3:]])
    truth[:2] -= truth[3:] * middle
    theta = truth + np.array([0.1, -0.1, 0.05, 0.02, -0.02])
    shifted = (axes[0] - middle[0], axes[1] - middle[1], axes[2])
    value = kernel.descend(theta, np.ones(5, dtype=bool), *shifted, np.ones(16), DELTA, 300)
    assert value < 1e-20
    np.testing.assert_allclose(theta, truth, rtol=1e-6, atol=1e-6)


@compiled
def test_minima_agree_with_a_general_minimiser():
    table = runs(4, count=scaled(7, 4))
    found = Chinchilla(table).fit()
    start = np.array([*np.log(found.parameters[:3]), *found.parameters[3:]])
    for moved in (0.0, 0.02, -0.02):
        slow = optimize.minimize(brute, start + moved, (table, DELTA), method="Nelder-Mead",
                                 options={"maxiter": 4000, "maxfev": 4000, "xatol": 1e-9, "fatol": 1e-13})  # fmt: skip
        assert found.objective <= slow.fun * (1 + 1e-9)


@compiled
@pytest.mark.parametrize("estimator", ["huber", "absolute", "projection"])
def test_exact_losses_give_back_their_law(estimator):
    parameters, tokens = grid(scaled(7, 4))
    table = loss_table(parameters, tokens, chinchilla_loss(parameters, tokens, TRUE))
    fit = fit_losses(table, estimator=estimator, resamples=0, profile=False)
    np.testing.assert_allclose(fit.values, TRUE, rtol=2e-3 if estimator == "projection" else 1e-6)
    assert fit.at_bound == ()
    np.testing.assert_allclose(fit.loss(parameters, tokens), table.loss, rtol=1e-6)


@compiled
def test_published_minimum_and_headline(published_points):
    fit = fit_losses(published_points, resamples=200)
    assert published_points.size == 240
    for name, value in MINIMUM.items():
        assert fit.parameters[name] == pytest.approx(value, rel=1e-4)
        assert fit.bootstrap[name][0] < value < fit.bootstrap[name][1]
        assert fit.profile[name][0] < value < fit.profile[name][1]
    headline = fit_losses(published_points, estimator="absolute", resamples=0, profile=False)
    squares = fit_losses(published_points, estimator="projection", resamples=0, profile=False)
    for name, (value, error) in PUBLISHED.items():
        assert abs(headline.parameters[name] - value) < 0.05 * error
        if name in ("A", "alpha"):
            assert abs(squares.parameters[name] - value) < error
    assert squares.rms < fit.rms


@compiled
def test_published_split_of_budgets(published_points):
    fit = fit_losses(published_points, resamples=100, profile=False)
    found = allocation(fit, [5.76e23, 1e26])
    low, high = found.tokens_per_parameter_interval.T
    assert np.all((low < 20) & (high > 20))  # the rule of thumb
    assert np.all((low < found.mechanism) & (found.mechanism < high))
    assert found.mechanism[1] == pytest.approx(18.2, abs=0.1)
    np.testing.assert_allclose(6 * found.parameters * found.tokens, found.compute, rtol=1e-12)


@compiled
def test_a_split_of_budgets_is_a_minimum():
    fit = fit_losses(runs(), resamples=0, profile=False)
    found = allocation(fit, 1e21)
    for stretch in (0.99, 1.01):
        beside = fit.loss(found.parameters * stretch, found.tokens / stretch)
        assert beside[0] > fit.loss(found.parameters, found.tokens)[0]


@compiled
def test_intervals_cover_the_truth():
    """25 tables: 95 % bootstrap intervals of alpha and beta miss seldom.

    A percentile bootstrap of 49 runs covers about 92 %: Binomial(50, .08) exceeds 15 with probability 3e-6.
    """
    missed = 0
    for seed in range(scaled(25, 2)):
        fit = fit_losses(runs(seed, count=scaled(7, 4)), resamples=scaled(80, 20), seed=seed, profile=False)
        for name, truth in (("alpha", 0.35), ("beta", 0.37)):
            low, high = fit.bootstrap[name]
            missed += not low < truth < high
    assert missed <= 15


@compiled
def test_the_bootstrap_is_an_address():
    table = runs(count=4)
    one, other = (fit_losses(table, resamples=n, seed=5, profile=False) for n in (20, 40))
    assert one.draws.tolist() == other.draws[:20].tolist()
    assert one.draws.tolist() != fit_losses(table, resamples=20, seed=6, profile=False).draws.tolist()


@compiled
def test_profiles_end_where_the_likelihood_ratio_does():
    table = runs(2, count=5)
    solver = Chinchilla(table)
    best = solver.fit()
    fit = fit_losses(table, resamples=0)
    for place, name in ((0, "A"), (2, "E"), (4, "beta")):
        for end in fit.profile[name]:
            held = solver.profile(best.parameters, place, end)
            assert held.parameters[place] == pytest.approx(end, rel=1e-6)
            assert solver.statistic(held.objective, best.objective) == pytest.approx(3.841459, abs=0.02)


def test_a_term_that_is_not_there_is_marked():
    parameters, tokens = grid(6)
    no_floor = loss_table(parameters, tokens, 9 - 0.15 * np.log(parameters) - 0.1 * np.log(tokens))
    fit = fit_losses(no_floor, estimator="projection", resamples=0)
    assert fit.at_bound == ("E",)
    assert np.isnan(fit.profile["E"]).all()


@compiled
def test_an_axis_that_does_not_vary_has_no_term():
    parameters, _ = grid(6)
    table = loss_table(parameters, np.full(parameters.size, 1e10), 2 + 480 * parameters**-0.35)
    for estimator in ("huber", "projection"):
        fit = fit_losses(table, estimator=estimator, resamples=0)
        assert fit.parameters["alpha"] == pytest.approx(0.35, rel=1e-3)
        assert fit.parameters["E"] == pytest.approx(2, rel=1e-3)
        assert np.isnan(fit.parameters["B"])
        assert "B" not in fit.profile
        with pytest.raises(ValueError, match="an allocation needs a surface with a term of parameters and a term of"):
            allocation(fit, 1e21)


CONSTRAINED = np.array([521.0, 1488.0, 1.87, 0.353, 0.353, 15.4, 5.3])


def repeated_runs():
    parameters, unique, epochs = np.meshgrid(np.geomspace(5e7, 1e10, 5), np.geomspace(1e8, 1e10, 3), [1, 4, 16, 64])
    parameters, unique, epochs = (axis.ravel() for axis in (parameters, unique, epochs))
    loss = constrained_loss(parameters, unique * epochs, unique, CONSTRAINED)
    return loss_table(parameters, unique * epochs, loss, unique_tokens=unique, name="repeats.csv")


@compiled
def test_repeated_data_give_back_their_law():
    table = repeated_runs()
    fit = fit_losses(table, form="data-constrained", resamples=0, profile=False)
    np.testing.assert_allclose(fit.values, CONSTRAINED, rtol=2e-3)
    assert fit.at_bound == ()


def test_nothing_repeated_is_chinchillas_law():
    """With one reading and parameters below the optimum both worths are what they are."""
    tokens = np.array([1e11, 1e12])
    small = np.array([1e8, 1e8])
    once = constrained_loss(small, tokens, tokens, CONSTRAINED)
    np.testing.assert_allclose(once, chinchilla_loss(small, tokens, CONSTRAINED[:5]), rtol=1e-14)


@compiled
def test_real_runs_with_repeats_follow_the_published_law():
    path = support.real("datablations", "datablations_runs.csv")
    pytest.importorskip("pyarrow")
    roles = ["parameters=params_P", "tokens=tokens_trained", "unique_tokens=unique_tokens_U", "value=val_loss"]
    roles += ["task=:c4", "metric=:loss", "chance=law_pred*0.1"]  # law_pred travels as a number of its own
    table = read_evaluations(path, columns=roles, where="in_parametric_fit=True")
    ours = losses(table)
    published = np.array([520.824952, 1487.716094, 1.86914368, 0.3526596, 0.3526596, 15.387756, 5.309743])
    predicted = constrained_loss(ours.parameters, ours.tokens, ours.unique_tokens, published)
    np.testing.assert_allclose(predicted, 10 * table.chance, rtol=1e-5)
    fit = fit_losses(ours, form="data-constrained", resamples=0, profile=False)
    assert fit.objective < 0.5 * brute_constrained(ours, published)
    assert fit.parameters["R_D"] > 10
    assert fit.at_bound == ("R_N",)  # the table does not tell how extra parameters wear out


def brute_constrained(table, values):
    fitted = constrained_loss(table.parameters, table.tokens, table.unique_tokens, values)
    r = np.abs(np.log(table.loss / fitted))
    return np.sum(np.where(r <= DELTA, r**2 / 2, DELTA * (r - DELTA / 2)))


def test_the_forms_of_the_limit_theory_are_compared():
    result = compare_loss_laws(runs(6, noise=0.001))
    assert result.fits[0].form == "chinchilla"
    assert {"limit theory", "power norm"} <= {fit.form for fit in result.fits}
    rounds = compare_loss_laws(repeated_runs())
    assert any(fit.form == "exponential steps" for fit in rounds.fits)


@compiled
def test_figure():
    table = runs(count=4)
    fit = fit_losses(table, resamples=20, profile=False)
    drawn = draw_losses(fit, table, allocation(fit, np.geomspace(1e18, 1e24, 4)))
    assert len(drawn.axes) == 3
    line = drawn.axes[2].get_lines()[0].get_ydata()
    assert line.tolist() == allocation(fit, np.geomspace(1e18, 1e24, 4)).tokens_per_parameter.tolist()


def bad(**columns):
    row = {"parameters": np.geomspace(1, 9, 8), "tokens": np.geomspace(1, 9, 8), "loss": np.geomspace(4, 2, 8)}
    return row | columns


BAD = [
    (bad(loss=np.ones(8)), "all losses are 1, so there is no law to fit"),
    (bad(loss=np.ones(7)), "parameters must have 7 values, one per loss, got 8"),
    (bad(parameters=np.ones(8), tokens=np.ones(8)), "needs parameters or tokens that vary, got one value of each"),
    (bad(tokens=np.arange(8)), "tokens must be positive, got 0 in row 1"),
    ({k: v[:5] for k, v in bad().items()}, "a law of losses needs at least 7 runs, got 5"),
    (
        bad(unique_tokens=np.full(8, 2.0)),
        "must be positive and at most the 1 tokens read, got 2 in row 1",
    ),
]


@pytest.mark.parametrize(("columns", "message"), BAD, ids=range(len(BAD)))
def test_bad_tables_are_one_sentence(columns, message):
    with pytest.raises(ValueError, match=message):
        loss_table(**columns)


def test_bad_requests_are_one_sentence():
    table = runs(count=4)
    with pytest.raises(ValueError, match='estimator must be one of huber, absolute, projection, got "lasso"'):
        fit_losses(table, estimator="lasso")
    with pytest.raises(ValueError, match='form must be one of chinchilla, data-constrained, got "power"'):
        fit_losses(table, form="power")
    with pytest.raises(ValueError, match="resamples must be 0 or at least 20, got 5"):
        fit_losses(table, resamples=5)
    with pytest.raises(ValueError, match="needs runs that read tokens more than once"):
        DataConstrained(table)
    two = {"value": [3.0, 2.0], "task": ["a", "b"], "metric": ["loss", "loss"], "parameters": [1.0, 2.0]}
    with pytest.raises(ValueError, match=r"choose with task and metric: a \(loss\), b \(loss\)"):
        losses(evaluations(two))
    with pytest.raises(ValueError, match=r"needs tokens \(or compute\) in every row; give a table of sizes"):
        losses(evaluations(two), task="a")
