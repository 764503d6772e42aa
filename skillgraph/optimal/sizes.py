"""Compute-optimal sizes: the R and T that a budget should buy, their exponents, and isoFLOP curves."""

from __future__ import annotations

import numpy as np
from scipy import optimize

from skillgraph.optimal.cost import Cost, num_texts_within
from skillgraph.optimal.objectives import Objective
from skillgraph.records import Record

__all__ = ["IsoFlop", "OptimalSizes", "SimulatedOptimum", "fitted_exponent", "isoflop", "optimal_sizes"]

_POINTS = 48  # of the scan that brackets an optimum
_LOWEST = 1e-9
_SPENT, _EDGE = 1e-6, 1e-3  # relative


class OptimalSizes(Record):
    """What each budget should buy.

    Attributes
    ----------
    compute : (budgets,) float64 array
        FLOPs.
    num_skills, num_texts, parameters, tokens : (budgets,) float64 arrays
    tokens_per_parameter : (budgets,) float64 array
    value : (budgets,) float64 array
        Of the objective: expected number of learned skills, or share of uses mastered.
    parameters_exponent, tokens_exponent : (budgets,) float64 arrays
        Local exponents d ln(parameters) / d ln(compute) and the same for tokens; NaN for a single budget and where
        compute is left over.
    unspent : (budgets,) float64 array
        Share of the compute that buys nothing: all useful texts have been read.
    """

    compute: np.ndarray
    num_skills: np.ndarray
    num_texts: np.ndarray
    parameters: np.ndarray
    tokens: np.ndarray
    tokens_per_parameter: np.ndarray
    value: np.ndarray
    parameters_exponent: np.ndarray
    tokens_exponent: np.ndarray
    unspent: np.ndarray

    @property
    def spent(self) -> np.ndarray:
        """Budgets that are spent whole, (budgets,) bool: only these tell an exponent."""
        return self.unspent < _SPENT


class SimulatedOptimum(Record):
    """Where simulation puts the optimum of one budget.

    Attributes
    ----------
    budget : float
        R T.
    num_skills : (sizes,) int64 array
    num_texts : (sizes,) int64 array
    mean_learned, standard_error : (sizes,) float64 arrays
        Learned skills over the replicates.
    optimum : float
        R that maximises the mean, after the log odds of the unlearned share have been smoothed by a cubic in ln R.
    interval : (low, high)
        Its 2.5 and 97.5 % points when replicates are resampled.
    at_edge : bool
        Whether it is only the end of the sizes tried.
    """

    budget: float
    num_skills: np.ndarray
    num_texts: np.ndarray
    mean_learned: np.ndarray
    standard_error: np.ndarray
    optimum: float
    interval: tuple[float, float]
    at_edge: bool


class IsoFlop(Record):
    """One budget spent in different ways.

    Attributes
    ----------
    compute : float
    num_skills, num_texts, value : (n,) float64 arrays
    """

    compute: float
    num_skills: np.ndarray
    num_texts: np.ndarray
    value: np.ndarray


def optimal_sizes(objective: Objective, cost: Cost, compute: np.ndarray | float) -> OptimalSizes:
    """Find the sizes that maximise an objective at each budget.

    Parameters
    ----------
    objective : callable
        (num_skills, num_texts) -> worth, for example from `expected_learned`; called with the *distinct* texts.
    cost : Cost
    compute : float or (budgets,) array
        FLOPs, positive.

    Returns
    -------
    OptimalSizes

    Raises
    ------
    ValueError
        If a budget is not positive, buys not even one skill and one text, or has its optimum at the edge of the search:
        one skill, one text, or a bound of the objective (``ratio_range``).

    Examples
    --------
    >>> from skillgraph.optimal.cost import CostModel
    >>> from skillgraph.optimal.objectives import expected_learned
    >>> found = optimal_sizes(expected_learned('poisson:6'), CostModel(), 1e22)
    >>> float((found.tokens / found.parameters).round(1)[0])
    18.7
    """
    budgets = np.atleast_1d(np.asarray(compute, dtype=float))
    if budgets.ndim != 1 or budgets.size == 0 or not np.all(np.isfinite(budgets)) or np.any(budgets <= 0):
        raise ValueError(f"compute must be positive and finite, got {_first_bad(budgets)}")
    skills = np.array([_best(objective, cost, float(budget)) for budget in budgets])
    texts = np.array([_useful(cost, num_texts_within(cost, b, r)) for b, r in zip(budgets, skills, strict=True)])
    _refuse_edges(objective, budgets, skills, texts)
    worth = np.array([objective(r, cost.distinct_texts(t)) for r, t in zip(skills, texts, strict=True)])
    used = np.array([cost.compute(r, t) for r, t in zip(skills, texts, strict=True)])
    unspent = np.maximum(1 - used / budgets, 0.0)
    parameters = np.array([cost.parameters(r) for r in skills])
    tokens = np.array([cost.tokens(t) for t in texts])
    return OptimalSizes(
        budgets,
        skills,
        texts,
        parameters,
        tokens,
        tokens / parameters,
        worth,
        _local_exponent(budgets, parameters, unspent < _SPENT),
        _local_exponent(budgets, tokens, unspent < _SPENT),
        unspent,
    )


def _useful(cost: Cost, num_texts: float) -> float:
    """Return the fewest texts read that are worth as much: none is read again for nothing."""
    different = cost.distinct_texts(num_texts)
    if cost.distinct_texts(different) == different:
        return different
    return num_texts


def _refuse_edges(objective: Objective, budgets: np.ndarray, skills: np.ndarray, texts: np.ndarray) -> None:
    """Raise where an optimum lies at the edge of what was searched: it is none."""
    low, high = getattr(objective, "ratio_range", (0.0, np.inf))
    for budget, r, t in zip(budgets, skills, texts, strict=True):
        edge = "one skill" if r < 1 + _EDGE else "one text" if t < 1 + _EDGE else None
        if not low * (1 + _EDGE) < t / r < high * (1 - _EDGE):
            edge = f"{t / r:.4g} texts per skill, of {low:.4g} to {high:.4g} covered by the law"
        if edge is not None:
            raise ValueError(f"compute of {budget:g} has no optimum inside the search: it ends at {edge}")


def _first_bad(budgets: np.ndarray) -> str:
    bad = budgets[~(np.isfinite(budgets) & (budgets > 0))]
    return f"{bad[0]:g}" if bad.size else "no budget"


def _best(objective: Objective, cost: Cost, budget: float) -> float:
    """Scan from one skill to the model that leaves one text, then refine around the best."""

    def worth(log_skills: float) -> float:
        skills = float(np.exp(log_skills))
        return objective(skills, cost.distinct_texts(num_texts_within(cost, budget, skills)))

    if cost.compute(1.0, 1.0) > budget:
        raise ValueError(
            f"compute must buy at least one skill and one text, {cost.compute(1.0, 1.0):g}, got {budget:g}"
        )
    last = float(optimize.brentq(lambda s: np.log(cost.compute(np.exp(s), 1.0) / budget), 0.0, 200.0))
    low, high = 0.0, last
    for _ in range(2):  # coarse, then fine: the maximum can be narrow
        grid = np.linspace(low, high, _POINTS)
        place = int(np.argmax([worth(s) for s in grid]))
        low, high = grid[max(place - 2, 0)], grid[min(place + 2, _POINTS - 1)]
    found = optimize.minimize_scalar(
        lambda s: -worth(s), bounds=(low, high), method="bounded", options={"xatol": _LOWEST}
    )
    return float(np.exp(found.x))


def _local_exponent(x: np.ndarray, y: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    out = np.full(x.shape, np.nan)
    if np.count_nonzero(chosen) > 1:
        out[chosen] = np.gradient(np.log(y[chosen]), np.log(x[chosen]))
    return out


def fitted_exponent(compute: np.ndarray, size: np.ndarray, lowest: float = 0.0, highest: float = np.inf) -> float:
    """Return the least-squares slope of ln(size) against ln(compute) for budgets in [lowest, highest].

    Parameters
    ----------
    compute, size : (n,) arrays
    lowest, highest : float
        Range of compute that counts.

    Returns
    -------
    float
        Slope of ln size against ln compute.

    Raises
    ------
    ValueError
        If fewer than two points lie in the range.

    Examples
    --------
    >>> round(fitted_exponent(np.array([1e10, 1e12, 1e14]), np.array([1e5, 1e6, 1e7])), 6)
    0.5
    """
    chosen = (compute >= lowest) & (compute <= highest)
    if np.count_nonzero(chosen) < 2:
        raise ValueError(f"an exponent needs at least 2 budgets in [{lowest:g}, {highest:g}], got {chosen.sum()}")
    return float(np.polyfit(np.log(compute[chosen]), np.log(size[chosen]), 1)[0])


def isoflop(objective: Objective, cost: Cost, compute: float, num_skills: np.ndarray) -> IsoFlop:
    """Return the worth of one budget spent on models of different sizes.

    Parameters
    ----------
    objective : callable
    cost : Cost
    compute : float
        FLOPs.
    num_skills : (n,) array
        Sizes to compare; the budget buys the texts.

    Returns
    -------
    IsoFlop

    Raises
    ------
    ValueError
        If the budget or a size is not positive.

    Examples
    --------
    >>> from skillgraph.optimal.cost import CostModel
    >>> from skillgraph.optimal.objectives import expected_learned
    >>> flops = isoflop(expected_learned('poisson:6'), CostModel(), 1e20, np.array([1e3, 2e3]))
    >>> flops.num_texts.shape
    (2,)
    """
    if not 0 < compute < np.inf:
        raise ValueError(f"compute must be positive and finite, got {compute:g}")
    skills = np.atleast_1d(np.asarray(num_skills, dtype=float))
    texts = np.array([num_texts_within(cost, compute, r) for r in skills])
    worth = np.array([objective(r, cost.distinct_texts(t)) for r, t in zip(skills, texts, strict=True)])
    return IsoFlop(float(compute), skills, texts, worth)
