"""Which law does E(N, P, K) follow: fit on a training range, score on held-out larger scales, and say if undecided.

Logarithms of the loss are fitted by least squares (errors relative and alike). A form that another one contains can
never be beaten by a margin, so the two are told apart by the interval of the extra parameters: where the 99 % region of
the profile likelihood holds the values at which the larger form is the smaller one, the smaller stands for both. What
stands then wins if it has both the smallest AICc on the training range and the best held-out errors among all forms
that neither contain it nor are contained, each by a margin; otherwise the verdict is "undecided". Parameters carry
parametric-bootstrap intervals and a condition number: a large one means that the table cannot tell the parameters of
that form apart (steps proportional to data, for example).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from scipy import optimize, special

from skillgraph.limits.forms import CONTAINS, Form, Scales, forms_for
from skillgraph.records import Record
from skillgraph.records.words import short
from skillgraph.seeding import generator

__all__ = ["FittedLaw", "LawComparison", "LawTable", "compare_laws", "fit_form", "law_table", "split_by_scale"]

MARGIN = 10.0  # AICc by which the runner-up must trail
NESTED_LEVEL = 0.01  # of the test whether extra parameters are needed
EXACT = 1e-7  # rms of log loss below which a form fits to rounding
IDENTIFIABLE = 1e4  # largest condition number of identified parameters
_STARTS = 12
_DRIFT = 40.0  # bound of every logarithmic parameter around its start


class LawTable(Record):
    """Measured losses.

    Attributes
    ----------
    data, model, steps, loss : (n,) float64 arrays
    name : str
    """

    data: np.ndarray
    model: np.ndarray
    steps: np.ndarray
    loss: np.ndarray
    name: str = ""

    @property
    def axes(self) -> np.ndarray:
        """Data, model and steps, (3, n)."""
        return np.array([self.data, self.model, self.steps])

    def part(self, chosen: np.ndarray) -> LawTable:
        """Return the rows of a mask."""
        return LawTable(self.data[chosen], self.model[chosen], self.steps[chosen], self.loss[chosen], self.name)


class FittedLaw(Record):
    """One form, fitted.

    Attributes
    ----------
    form : str
    parameters : dict
        As they stand in the form.
    intervals : dict
        95 % parametric bootstrap interval of every parameter.
    aicc, train_rms : float
        On the training range; rms of log loss.
    held_out_rms, held_out_score : float or None
        On held-out scales; the score is the mean log predictive density of log loss.
    condition_number : float
        Of the Jacobian with columns of norm 1.
    identifiable : bool
    residuals : tuple of float
        Held-out log loss minus prediction.
    """

    form: str
    parameters: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    aicc: float
    train_rms: float
    held_out_rms: float | None
    held_out_score: float | None
    condition_number: float
    identifiable: bool
    residuals: tuple[float, ...]
    keys: ClassVar[Mapping[str, str]] = {"parameters": "coefficients"}


class LawComparison(Record):
    """All forms on one table.

    Attributes
    ----------
    fits : tuple of FittedLaw
        Best AICc first.
    verdict : str
        "decided" or "undecided".
    winner : str or None
    reasons : tuple of str
        Why undecided; empty otherwise.
    training, held_out : int
        Numbers of points.
    """

    fits: tuple[FittedLaw, ...]
    verdict: str
    winner: str | None
    reasons: tuple[str, ...]
    training: int
    held_out: int
    keys: ClassVar[Mapping[str, str]] = {"reasons": "why_undecided"}

    def headline(self) -> Mapping[str, Any]:
        """Return the verdict and the laws, best first."""
        fits = {one.form: f"AICc {short(one.aicc)}, held-out rms {short(one.held_out_rms)}" for one in self.fits[:8]}
        points = {"training points": self.training, "held-out points": self.held_out}
        return {"winner": self.winner or "undecided", "reasons": self.reasons} | points | fits

    def columns(self) -> Mapping[str, Any]:
        """Return one row per form."""
        names = ("form", "aicc", "train_rms", "held_out_rms", "held_out_score", "condition_number", "identifiable")
        return {name: [getattr(one, name) for one in self.fits] for name in names}

    def fit(self, form: str) -> FittedLaw:
        """Return the fit of a form by name."""
        return next(one for one in self.fits if one.form == form)


def law_table(data: object, model: object, steps: object, *, performance: object = None, loss: object = None,
              name: str = "table") -> LawTable:  # fmt: skip
    """Check and return a table of losses; give performance (loss = 1 - performance) or the loss itself.

    Parameters
    ----------
    data, model, steps : array-like
        One row per measurement; steps may be 0.
    performance, loss : array-like
        One of them.
    name : str
        For messages.

    Returns
    -------
    LawTable

    Raises
    ------
    ValueError
        If columns differ in length, are not finite, sizes are not positive, or a loss is not positive.

    Examples
    --------
    >>> law_table([10, 100], [5, 5], [1, 1], performance=[0.5, 0.75]).loss.tolist()
    [0.5, 0.25]
    """
    if (performance is None) == (loss is None):
        raise ValueError(f"{name}: give performance or loss, one of them")
    columns = [np.asarray(column, dtype=float).ravel() for column in (data, model, steps)]
    given = np.asarray(loss if performance is None else performance, dtype=float).ravel()
    what = "loss" if performance is None else "performance"
    if len({column.size for column in (*columns, given)}) != 1:
        raise ValueError(f"{name}: columns must have the same length")
    for label, column in zip(("data", "model", "steps", what), (*columns, given), strict=True):
        if not np.all(np.isfinite(column)):
            row = int(np.flatnonzero(~np.isfinite(column))[0])
            raise ValueError(f"{name}: {label} must be finite, got {column[row]} in row {row + 1}")
    for label, column in zip(("data", "model"), columns, strict=False):
        if np.any(column <= 0):
            raise ValueError(f"{name}: {label} must be positive, got {column.min():g}")
    if np.any(columns[2] < 0):
        raise ValueError(f"{name}: steps must not be negative, got {columns[2].min():g}")
    losses = given if performance is None else 1 - given
    if np.any(losses <= 0):
        limit = "positive" if performance is None else "below 1"
        raise ValueError(f"{name}: {what} must be {limit}, got {given[np.argmin(losses)]:g}")
    return LawTable(columns[0], columns[1], columns[2], losses, name)


def split_by_scale(table: LawTable, share: float = 0.25) -> tuple[LawTable, LawTable]:
    """Split into a training range and the share of points of largest data times model (held out)."""
    if not 0 < share < 1:
        raise ValueError(f"share of held-out points must lie in (0, 1), got {share}")
    scale = np.log(table.data) + np.log(table.model)
    held = scale > np.quantile(scale, 1 - share)
    return table.part(~held), table.part(held)


def compare_laws(
    train: LawTable,
    held_out: LawTable | None = None,
    *,
    floor: bool = False,
    seed: int,
    resamples: int = 100,
) -> LawComparison:
    """Fit every form to a training table and score it on a held-out one.

    Parameters
    ----------
    train : LawTable
    held_out : LawTable, optional
        Larger scales; without them the verdict rests on AICc alone and is "undecided".
    floor : bool
        Whether every form gets a constant.
    seed : int
        Of the starts and the bootstrap.
    resamples : int
        Parametric bootstrap samples, at least 20; 0 for no intervals.

    Returns
    -------
    LawComparison

    Raises
    ------
    ValueError
        If the training table has fewer than 3 points more than the largest form has parameters.

    References
    ----------
    AICc: Hurvich & Tsai (1989), doi:10.1093/biomet/76.2.297.

    Examples
    --------
    >>> data, model = (axis.ravel() for axis in np.meshgrid(np.logspace(3, 6, 6), np.logspace(2, 5, 6)))
    >>> table = law_table(data, model, np.ones(36), loss=2 * data**-0.3 + 3 * model**-0.4)
    >>> train, held_out = split_by_scale(table)
    >>> compare_laws(train, held_out, seed=1, resamples=0).fits[0].form
    'chinchilla'
    """
    if resamples and resamples < 20:
        raise ValueError(f"resamples must be 0 or at least 20, got {resamples}")
    forms = forms_for(tuple(np.ptp(column) > 0 for column in train.axes), floor=floor)
    most = max(len(form.parameters) for form in forms)
    if train.loss.size < most + 4:
        raise ValueError(
            f"{train.name}: a comparison with {most} parameters needs {most + 4} training points, got {train.loss.size}"
        )
    fits = [fit_form(form, train, held_out, seed=seed, resamples=resamples) for form in forms]
    ranked = tuple(sorted(fits, key=lambda one: one.aicc))
    free = {form.name: len(form.parameters) for form in forms}
    best = _standing(ranked, free, train.loss.size)
    reasons = _doubts(best, _strangers(best, ranked), seed)
    winner = None if reasons else best.form
    number = 0 if held_out is None else held_out.loss.size
    return LawComparison(ranked, "undecided" if reasons else "decided", winner, reasons, train.loss.size, number)


def fit_form(
    form: Form, train: LawTable, held_out: LawTable | None = None, *, seed: int, resamples: int = 100
) -> FittedLaw:
    """Fit one form by least squares of log loss from several starts; see `compare_laws`."""
    scales = _scales(train)
    target = np.log(train.loss)
    rng = generator(seed, "laws", form.name)
    found = _best_fit(form, train.axes, target, scales, rng)
    number, count = target.size, len(form.parameters) + 1
    variance = max(2 * found.cost / number, 1e-30)
    aicc = number * np.log(variance) + 2 * count + 2 * count * (count + 1) / (number - count - 1)
    sigma = float(np.sqrt(2 * found.cost / max(number - count + 1, 1)))
    condition = _condition(found.jac)
    rms = score = None
    residuals = np.empty(0)
    if held_out is not None:
        residuals = np.log(held_out.loss) - form.log_loss(found.x, held_out.axes, scales)
        rms = float(np.sqrt(np.mean(residuals**2)))
        score = float(np.mean(_log_density(residuals, sigma)))
    return FittedLaw(
        form.name,
        form.natural(found.x, scales),
        _intervals(form, found.x, train.axes, scales, sigma, rng, resamples),
        float(aicc),
        float(np.sqrt(variance)),
        rms,
        score,
        condition,
        condition < IDENTIFIABLE,
        tuple(residuals.tolist()),
    )


def _scales(train: LawTable) -> Scales:
    middle = [float(np.exp(np.mean(np.log(column)))) for column in (train.data, train.model)]
    return Scales(middle[0], middle[1], max(float(np.mean(train.steps)), 1e-12))


def _best_fit(
    form: Form, axes: np.ndarray, target: np.ndarray, scales: Scales, rng: np.random.Generator
) -> optimize.OptimizeResult:
    start = _start(form, target)
    best = _solve(form, axes, target, scales, start)
    for _ in range(_STARTS):
        trial = _solve(form, axes, target, scales, start + rng.normal(0, 1.0, start.size))
        if trial.cost < best.cost:
            best = trial
    return best


def _start(form: Form, target: np.ndarray) -> np.ndarray:
    """Logarithms to start from: every term a share of the typical loss, exponents 0.4, rates 1, s = 2."""
    typical = float(np.mean(target)) - 1
    values = {"data_exponent": np.log(0.4), "model_exponent": np.log(0.4), "norm": np.log(2.0)}
    rates = {"model_rate": 0.0, "steps_rate": 0.0, "floor": float(target.min()) - 0.5}
    return np.array([{**values, **rates}.get(name, typical) for name in form.parameters])


def _solve(
    form: Form, axes: np.ndarray, target: np.ndarray, scales: Scales, start: np.ndarray, most: int = 400
) -> optimize.OptimizeResult:
    bounds = (start - _DRIFT, start + _DRIFT)
    for name in ("norm", "data_exponent", "model_exponent", "model_rate", "steps_rate"):
        if name in form.parameters:
            place = form.parameters.index(name)
            bounds[0][place], bounds[1][place] = np.log(1e-3), np.log(1e3 if "rate" in name else 50.0)
    inside = np.clip(start, bounds[0] + 1e-6, bounds[1] - 1e-6)
    return optimize.least_squares(
        lambda theta: form.log_loss(theta, axes, scales) - target, inside, bounds=bounds, max_nfev=most
    )


def _condition(jacobian: np.ndarray) -> float:
    norms = np.linalg.norm(jacobian, axis=0)
    if np.any(norms < 1e-10 * max(float(norms.max()), 1e-300)):
        return float("inf")
    singular = np.linalg.svd(jacobian / norms, compute_uv=False)
    return float(singular[0] / max(float(singular[-1]), 1e-300))


def _log_density(residuals: np.ndarray, sigma: float) -> np.ndarray:
    spread = max(sigma, 1e-12)
    return np.asarray(-0.5 * (residuals / spread) ** 2 - np.log(spread * np.sqrt(2 * np.pi)))


def _intervals(
    form: Form,
    theta: np.ndarray,
    axes: np.ndarray,
    scales: Scales,
    sigma: float,
    rng: np.random.Generator,
    resamples: int,
) -> dict[str, tuple[float, float]]:
    """Refit to data drawn from the fitted law; 2.5 and 97.5 % points of every parameter."""
    if not resamples:
        return {}
    fitted = form.log_loss(theta, axes, scales)
    drawn = [
        form.natural(_solve(form, axes, fitted + sigma * rng.normal(size=fitted.size), scales, theta, 60).x, scales)
        for _ in range(resamples)
    ]
    return {
        name: tuple(float(v) for v in np.quantile([one[name] for one in drawn], [0.025, 0.975]))  # type: ignore[misc]
        for name in drawn[0]
    }


def _standing(ranked: tuple[FittedLaw, ...], free: dict[str, int], number: int) -> FittedLaw:
    """Return the best form, or the smallest one inside it whose extra parameters are not needed."""
    best = ranked[0]
    inner = [one for one in ranked if one.form in CONTAINS.get(best.form, ()) and not _needed(best, one, free, number)]
    return min(inner, key=lambda one: free[one.form], default=best)


def _needed(larger: FittedLaw, smaller: FittedLaw, free: dict[str, int], number: int) -> bool:
    """Whether the profile interval of the extra parameters leaves out the values that make the larger form the smaller.

    F = (RSS_smaller - RSS_larger)/extra / (RSS_larger/free), the exact region of a linear model.
    """
    if smaller.train_rms < EXACT:
        return False
    extra, spare = free[larger.form] - free[smaller.form], number - free[larger.form]
    ratio = (smaller.train_rms / max(larger.train_rms, 1e-300)) ** 2 - 1
    return bool(special.fdtrc(extra, spare, max(ratio, 0.0) * spare / extra) < NESTED_LEVEL)


def _strangers(best: FittedLaw, ranked: tuple[FittedLaw, ...]) -> tuple[FittedLaw, ...]:
    """Return the forms that neither contain the best one nor are contained in it, best AICc first."""
    kin = {best.form, *CONTAINS.get(best.form, ()), *(name for name, inner in CONTAINS.items() if best.form in inner)}
    return tuple(one for one in ranked if one.form not in kin)


def _doubts(best: FittedLaw, strangers: tuple[FittedLaw, ...], seed: int) -> tuple[str, ...]:
    """Return why no form can be declared the winner."""
    if not strangers:
        return ("no other form that applies to this table could be told apart",)
    reasons = []
    if strangers[0].aicc - best.aicc < MARGIN:
        reasons.append(
            f"AICc of {best.form} leads {strangers[0].form} by {strangers[0].aicc - best.aicc:.1f} only "
            f"(margin {MARGIN:g})"
        )
    if best.held_out_rms is None:
        return (*reasons, "no held-out scales were given")
    nearest = min(strangers, key=lambda one: one.held_out_rms or 0.0)
    if (nearest.held_out_rms or 0.0) < best.held_out_rms:
        reasons.append(f"{best.form} has the best AICc but {nearest.form} predicts held-out scales best")
    elif not _clear(best, nearest, seed):
        reasons.append(f"held-out errors of {best.form} and {nearest.form} do not differ beyond their scatter")
    if not best.identifiable:
        reasons.append(f"parameters of {best.form} are not identified: condition number {best.condition_number:.1e}")
    return tuple(reasons)


def _clear(first: FittedLaw, second: FittedLaw, seed: int) -> bool:
    """Whether squared held-out errors differ: bootstrap interval of their mean difference above 0."""
    gain = np.array(second.residuals) ** 2 - np.array(first.residuals) ** 2
    rng = generator(seed, "laws", "held out")
    means = gain[rng.integers(0, gain.size, (2000, gain.size))].mean(axis=1)
    return bool(np.quantile(means, 0.025) > 0)
