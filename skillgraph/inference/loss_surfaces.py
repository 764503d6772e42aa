"""Loss surfaces fitted to runs: parameters with intervals of two kinds, what is at a bound, what a budget should buy.

Bootstrap intervals resample runs. Profile intervals hold one parameter, minimise over the others, and end where twice
the log likelihood ratio exceeds the chi-square quantile: errors are taken as Laplace's for the estimators on log
residuals (whose delta lies far below the typical residual), as normal for least squares, each with a free scale.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from skillgraph.checks import count
from skillgraph.inference import chinchilla, data_constrained
from skillgraph.inference.chinchilla import Chinchilla, Projection, chinchilla_loss, estimator
from skillgraph.inference.data_constrained import DataConstrained, constrained_loss
from skillgraph.inference.losses import LossTable
from skillgraph.seeding import generator

__all__ = ["FORMS", "Allocation", "SurfaceFit", "allocation", "fit_losses"]

Estimator = Chinchilla | Projection | DataConstrained
Interval = tuple[float, float]

FORMS = ("chinchilla", "data-constrained")
_LEVEL = 0.95
_SMALL = 1e-3  # share of the loss that a term must reach somewhere to be there at all
_FARTHEST = 64.0  # factor beyond which a profile interval is called open
_PLACES = 64  # bisections of the end of a profile interval


@dataclass(frozen=True, eq=False)
class SurfaceFit:
    """A loss surface fitted to a table.

    Attributes
    ----------
    form : {"chinchilla", "data-constrained"}
    estimator : str
    parameters : dict
        A, B, E, alpha, beta (and R_D, R_N); NaN where the table has one value of an axis.
    standard_error, bootstrap, profile : dict
        Standard deviation and 95 % interval over resampled tables; 95 % profile interval, infinite where it is open.
    at_bound : tuple of str
        Parameters that lie at a bound, or belong to a term of less than 0.1 % of the loss: their values mean nothing.
    condition_number : float
        Of the Jacobian of log loss with columns of norm 1.
    objective, rms : float
        What was minimised, and root mean square of log residuals.
    num_runs, resamples : int
    draws : (resamples, parameters) float64 array
        Parameters of the resampled tables.
    notes : tuple of str
    """

    form: str
    estimator: str
    parameters: dict[str, float]
    standard_error: dict[str, float]
    bootstrap: dict[str, Interval]
    profile: dict[str, Interval]
    at_bound: tuple[str, ...]
    condition_number: float
    objective: float
    rms: float
    num_runs: int
    resamples: int
    draws: np.ndarray
    notes: tuple[str, ...] = ()

    @property
    def values(self) -> np.ndarray:
        """The parameters in order, (parameters,) float64."""
        return np.array(list(self.parameters.values()))

    def loss(self, parameters: np.ndarray, tokens: np.ndarray, unique_tokens: np.ndarray | None = None) -> np.ndarray:
        """Return the fitted loss at given sizes; nothing is repeated where ``unique_tokens`` is left out."""
        unique = tokens if unique_tokens is None else unique_tokens
        return _surface(self.form)(np.asarray(parameters, float), np.asarray(tokens, float), unique, self.values)


@dataclass(frozen=True, eq=False)
class Allocation:
    """What budgets should buy by a fitted surface, and by the mechanism of skills and texts.

    Attributes
    ----------
    compute : (budgets,) float64 array
        FLOPs, 6 parameters tokens.
    parameters, tokens, tokens_per_parameter : (budgets,) float64 arrays
    tokens_per_parameter_interval : (budgets, 2) float64 array
        95 %, over the bootstrap.
    exponent : float
        Of parameters in compute, beta / (alpha + beta).
    exponent_interval : tuple of float
    mechanism : (budgets,) float64 array
        Tokens per parameter that maximise the expected number of learned skills at the published costs.
    """

    compute: np.ndarray
    parameters: np.ndarray
    tokens: np.ndarray
    tokens_per_parameter: np.ndarray
    tokens_per_parameter_interval: np.ndarray
    exponent: float
    exponent_interval: Interval
    mechanism: np.ndarray


def fit_losses(
    table: LossTable,
    *,
    form: str = "chinchilla",
    estimator: str = "huber",
    resamples: int = 1000,
    seed: int = 0,
    profile: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> SurfaceFit:
    """Fit a loss surface to runs.

    Parameters
    ----------
    table : LossTable
    form : {"chinchilla", "data-constrained"}
    estimator : {"huber", "absolute", "projection"}
        See `skillgraph.inference.chinchilla`; the data-constrained form has "huber" only.
    resamples : int
        Tables of the bootstrap, at least 20; 0 for none.
    seed : int
        Of the bootstrap.
    profile : bool
        Whether profile intervals are computed.
    progress : callable, optional
        Called with the number of tables fitted and of all.

    Raises
    ------
    ValueError
        If the form or the estimator is unknown, or the table cannot carry the form.

    References
    ----------
    Hoffmann et al. (2022), arXiv:2203.15556; Besiroglu et al. (2024), arXiv:2404.10102.

    Examples
    --------
    >>> import numpy as np
    >>> from skillgraph.inference.losses import loss_table
    >>> N, D = (grid.ravel() for grid in np.meshgrid(np.geomspace(1e7, 1e10, 8), np.geomspace(1e9, 1e12, 8)))
    >>> fit = fit_losses(loss_table(N, D, 1.8 + 480 / N**0.35 + 2100 / D**0.37), resamples=0, profile=False)
    >>> {name: round(value, 3) for name, value in fit.parameters.items()}
    {'A': 480.0, 'B': 2100.0, 'E': 1.8, 'alpha': 0.35, 'beta': 0.37}
    """
    names, solver = _solver(table, form, estimator)
    if count("resamples", resamples, least=0) and resamples < 20:
        raise ValueError(f"resamples must be 0 or at least 20, got {resamples}")
    best = solver.fit()
    draws = _draws(solver, best.parameters, table.size, resamples, seed, progress)
    predicted = _surface(form)(table.parameters, table.tokens, table.unique_tokens, _full(best.parameters))
    bound = _at_bound(form, names, table, best.parameters)
    return SurfaceFit(
        form,
        estimator,
        dict(zip(names, best.parameters.tolist(), strict=True)),
        dict(zip(names, draws.std(axis=0, ddof=1).tolist(), strict=True)) if resamples else {},
        _quantiles(names, draws),
        _profiles(solver, names, best, bound) if profile else {},
        bound,
        _condition(form, table, best.parameters),
        best.objective,
        float(np.sqrt(np.mean(np.log(table.loss / predicted) ** 2))),
        table.size,
        resamples,
        draws,
        table.notes,
    )


def _solver(table: LossTable, form: str, name: str) -> tuple[tuple[str, ...], Estimator]:
    if form not in FORMS:
        raise ValueError(f'form must be one of {", ".join(FORMS)}, got "{form}"')
    if form == "chinchilla":
        return chinchilla.NAMES, estimator(table, name)
    if name != "huber":
        raise ValueError(f'the data-constrained form has the estimator huber only, got "{name}"')
    return data_constrained.NAMES, DataConstrained(table)


def _surface(form: str) -> Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]:
    if form == "data-constrained":
        return constrained_loss
    return lambda parameters, tokens, unique, values: chinchilla_loss(parameters, tokens, _full(values))


def _full(values: np.ndarray) -> np.ndarray:
    """Return parameters with terms that are left out as zeros."""
    return np.nan_to_num(values)


def _draws(
    solver: Estimator,
    start: np.ndarray,
    size: int,
    resamples: int,
    seed: int,
    progress: Callable[[int, int], None] | None,
) -> np.ndarray:
    """Fit resampled tables, in lots; the same tables whatever the lots."""
    found: list[np.ndarray] = []
    lot = max(1, resamples // 20)
    for first in range(0, resamples, lot):
        places = range(first, min(first + lot, resamples))
        weights = np.array([_weights(size, seed, place) for place in places])
        found += [one.parameters for one in solver.refit(start, weights)]
        if progress is not None:
            progress(len(found), resamples)
    return np.array(found).reshape(-1, start.size)


def _weights(size: int, seed: int, place: int) -> np.ndarray:
    chosen = generator(seed, "loss surface", "bootstrap", place).integers(0, size, size)
    return np.bincount(chosen, minlength=size).astype(float)


def _quantiles(names: tuple[str, ...], draws: np.ndarray) -> dict[str, Interval]:
    if not draws.size:
        return {}
    low, high = np.quantile(draws, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2], axis=0)
    return {name: (float(low[place]), float(high[place])) for place, name in enumerate(names)}


def _profiles(
    solver: Estimator, names: tuple[str, ...], best: chinchilla.Minimum, bound: tuple[str, ...]
) -> dict[str, Interval]:
    found = {}
    for place, name in enumerate(names):
        if np.isfinite(best.parameters[place]):
            ends = [_profile_end(solver, best, place, up) if name not in bound else np.nan for up in (False, True)]
            found[name] = (float(ends[0]), float(ends[1]))
    return found


def _profile_end(solver: Estimator, best: chinchilla.Minimum, place: int, up: bool) -> float:
    """Return where the profile leaves the interval, 0 or infinite if it does not."""
    limit, middle = float(stats.chi2.ppf(_LEVEL, 1)), float(best.parameters[place])

    def excess(stretch: float) -> float:
        if stretch == 0:
            return -limit
        value = middle * np.exp(stretch if up else -stretch)
        return solver.statistic(solver.profile(best.parameters, place, value).objective, best.objective) - limit

    near, far = 0.0, 0.01
    while excess(far) < 0:
        near, far = far, 2 * far
        if far > np.log(_FARTHEST):
            return np.inf if up else 0.0
    end = optimize.brentq(excess, near, far, xtol=1e-5, maxiter=_PLACES)
    return float(middle * np.exp(end if up else -end))


def _at_bound(form: str, names: tuple[str, ...], table: LossTable, values: np.ndarray) -> tuple[str, ...]:
    scale_a, scale_b, floor, alpha, beta = _full(values[:5])
    terms = {
        "A": scale_a * table.parameters**-alpha,
        "B": scale_b * table.tokens**-beta,
        "E": np.full(table.size, floor),
    }
    found = [
        name
        for name, term in terms.items()
        if np.isfinite(values[names.index(name)]) and np.max(term / table.loss) < _SMALL
    ]
    found += [
        name
        for name, value in (("alpha", alpha), ("beta", beta))
        if value <= 1e-6 and np.isfinite(values[names.index(name)])
    ]
    found += [name for name, value in (("alpha", alpha), ("beta", beta)) if value >= 3 - 1e-6]
    if form == "data-constrained":
        low, high = data_constrained.WEAR
        found += [
            name for name, value in zip(names[5:], values[5:], strict=True) if not 1.01 * low < value < 0.99 * high
        ]
    return tuple(found)


def _condition(form: str, table: LossTable, values: np.ndarray) -> float:
    """Condition number of d ln L / d ln(parameter), by central differences, columns of norm 1."""
    surface, columns = _surface(form), []
    for place in np.flatnonzero(np.isfinite(values) & (values != 0)):
        moved = []
        for step in (1e-4, -1e-4):
            trial = values.copy()
            trial[place] *= 1 + step
            moved.append(np.log(surface(table.parameters, table.tokens, table.unique_tokens, _full(trial))))
        columns.append((moved[0] - moved[1]) / 2e-4)
    jacobian = np.array(columns).T
    norms = np.linalg.norm(jacobian, axis=0)
    if np.any(norms < 1e-12):
        return float("inf")
    return float(np.linalg.cond(jacobian / norms))


def allocation(fit: SurfaceFit, compute: np.ndarray | float) -> Allocation:
    """Return the compute-optimal sizes of a fitted surface, with intervals, and the mechanism's beside them.

    Minimises A / N^alpha + B / D^beta at C = 6 N D: N = G (C/6)^(beta / (alpha + beta)) with
    G = (alpha A / (beta B))^(1 / (alpha + beta)).
    The mechanism maximises the expected number of learned skills (texts of Poisson(6) skills, 2e5 parameters per skill,
    8e5 tokens per text).

    Parameters
    ----------
    fit : SurfaceFit
        With both terms.
    compute : float or (budgets,) array
        FLOPs, positive.

    Raises
    ------
    ValueError
        If a term is missing or a budget is not positive.
    """
    budgets = np.atleast_1d(np.asarray(compute, dtype=float))
    if not np.all(np.isfinite(budgets) & (budgets > 0)):
        raise ValueError(f"compute must be positive and finite, got {budgets[~(budgets > 0)].tolist() or 'infinity'}")
    if not np.all(np.isfinite(fit.values)) or {"alpha", "beta", "A", "B"} & set(fit.at_bound):
        raise ValueError(
            "an allocation needs a surface with a term of parameters and a term of tokens, neither at a bound"
        )
    parameters, tokens, exponent = _split(fit.values, budgets)
    usable = fit.draws[np.all(fit.draws[:, :5] > 0, axis=1)] if fit.draws.size else fit.values[None]
    parts = [_split(one, budgets) for one in usable]
    low, high = np.quantile([one[1] / one[0] for one in parts], [0.025, 0.975], axis=0)
    spread = np.quantile([one[2] for one in parts], [0.025, 0.975])
    return Allocation(
        budgets,
        parameters,
        tokens,
        tokens / parameters,
        np.stack([low, high], axis=1) if fit.draws.size else np.full((budgets.size, 2), np.nan),
        exponent,
        (float(spread[0]), float(spread[1])) if fit.draws.size else (np.nan, np.nan),
        _mechanism(budgets),
    )


def _split(values: np.ndarray, compute: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    alpha, beta = values[3:5]
    exponent = float(beta / (alpha + beta))
    parameters = data_constrained.optimal_constant(values) * (compute / 6) ** exponent
    return parameters, compute / (6 * parameters), exponent


def _mechanism(budgets: np.ndarray) -> np.ndarray:
    from skillgraph.ensembles.ensemble import texts_by_law
    from skillgraph.optimal.cost import CostModel
    from skillgraph.optimal.objectives import expected_learned
    from skillgraph.optimal.sizes import optimal_sizes

    enough = budgets >= 1e16  # below, a budget buys a handful of skills
    found = np.full(budgets.size, np.nan)
    if enough.any():
        objective = expected_learned(texts_by_law("poisson:6"))
        found[enough] = optimal_sizes(objective, CostModel(), budgets[enough]).tokens_per_parameter
    return found
