"""Forms of a loss law of data size N, model size P and training steps K, built of terms.

A form is a sum, or an s-norm, of a data term, a model term and a steps term, with an optional floor:

    limit theory       A L^P + B N^(-1/2) + C beta^K
    free exponents     A L^P + B N^(-b)   + C beta^K
    chinchilla         A P^(-a) + B N^(-b)
    exponential steps  A P^(-a) + B N^(-b) + C beta^K
    power norm         [(A P^(-a))^s + (B N^(-b))^s]^(1/s) + C beta^K

Everything is computed as logarithms of positive terms, with N and P relative to the middle of the training range.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["CONTAINS", "FORMS", "Form", "Scales", "forms_for"]


@dataclass(frozen=True)
class Scales:
    """Middle of the training range, (data, model, steps): geometric means, and the mean of steps."""

    data: float
    model: float
    steps: float


@dataclass(frozen=True)
class Form:
    """One form of the law.

    Attributes
    ----------
    name : str
    data : {"power", "root", "none"}
        B N^(-b); B N^(-1/2); no term.
    model : {"power", "exponential", "none"}
        A P^(-a); A L^P; no term.
    steps : {"exponential", "none"}
        C beta^K; no term.
    norm : bool
        Whether data and model terms are joined by a free s-norm.
    floor : bool
        Whether a constant is added.
    """

    name: str
    data: str
    model: str
    steps: str
    norm: bool = False
    floor: bool = False

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the fitted parameters, in the order of the vector theta (logarithms of positive numbers)."""
        names: list[str] = []
        if self.data != "none":
            names += ["data_scale"] + (["data_exponent"] if self.data == "power" else [])
        if self.model != "none":
            names += ["model_scale", "model_exponent" if self.model == "power" else "model_rate"]
        if self.steps != "none":
            names += ["steps_scale", "steps_rate"]
        if self.norm and self.data != "none" and self.model != "none":
            names.append("norm")
        if self.floor:
            names.append("floor")
        return tuple(names)

    def log_loss(self, theta: np.ndarray, table: np.ndarray, scales: Scales) -> np.ndarray:
        """Return the logarithm of the loss.

        Parameters
        ----------
        theta : (parameters,) array
            Logarithms of the parameters.
        table : (3, n) array
            Data, model and steps.
        scales : Scales
        """
        value = dict(zip(self.parameters, theta, strict=True))
        powers = [
            term for term in (self._data(value, table, scales), self._model(value, table, scales)) if term is not None
        ]
        if "norm" in value and len(powers) == 2:
            s = np.exp(value["norm"])
            powers = [np.logaddexp(s * powers[0], s * powers[1]) / s]
        if self.steps != "none":
            powers.append(value["steps_scale"] - np.exp(value["steps_rate"]) * (table[2] / scales.steps - 1))
        if self.floor:
            powers.append(np.full(table.shape[1], value["floor"]))
        return np.asarray(np.logaddexp.reduce(np.array(powers), axis=0))

    def _data(self, value: dict[str, float], table: np.ndarray, scales: Scales) -> np.ndarray | None:
        if self.data == "none":
            return None
        exponent = np.exp(value["data_exponent"]) if self.data == "power" else 0.5
        return np.asarray(value["data_scale"] - exponent * np.log(table[0] / scales.data))

    def _model(self, value: dict[str, float], table: np.ndarray, scales: Scales) -> np.ndarray | None:
        if self.model == "none":
            return None
        if self.model == "power":
            return np.asarray(value["model_scale"] - np.exp(value["model_exponent"]) * np.log(table[1] / scales.model))
        return np.asarray(value["model_scale"] - np.exp(value["model_rate"]) * (table[1] / scales.model - 1))

    def natural(self, theta: np.ndarray, scales: Scales) -> dict[str, float]:
        """Return the parameters as they stand in the form: A, a, B, b, C, beta, L, s and the floor.

        Amplitudes that overflow are infinite: they are then not identified by the training range.
        """
        value = {name: float(np.exp(np.clip(t, -700, 700))) for name, t in zip(self.parameters, theta, strict=True)}
        out: dict[str, float] = {}
        if self.data != "none":
            b = value.get("data_exponent", 0.5)
            out |= {"B": _grown(value["data_scale"], b * np.log(scales.data)), "b": b}
        if self.model == "power":
            a = value["model_exponent"]
            out |= {"A": _grown(value["model_scale"], a * np.log(scales.model)), "a": a}
        if self.model == "exponential":
            rate = value["model_rate"]
            out |= {"A": _grown(value["model_scale"], rate), "L": float(np.exp(-rate / scales.model))}
        if self.steps != "none":
            rate = value["steps_rate"]
            out |= {"C": _grown(value["steps_scale"], rate), "beta": float(np.exp(-rate / scales.steps))}
        if "norm" in value:
            out["s"] = value["norm"]
        if self.floor:
            out["floor"] = value["floor"]
        return out


CONTAINS = {
    "free exponents": ("limit theory",),
    "exponential steps": ("chinchilla",),
    "power norm": ("exponential steps", "chinchilla"),
}
"""Forms that a form contains: what is left where its extra parameters are b = 1/2, C = 0, s = 1."""

FORMS = (
    Form("limit theory", "root", "exponential", "exponential"),
    Form("free exponents", "power", "exponential", "exponential"),
    Form("chinchilla", "power", "power", "none"),
    Form("exponential steps", "power", "power", "exponential"),
    Form("power norm", "power", "power", "exponential", norm=True),
)


def forms_for(varies: tuple[bool, bool, bool], *, floor: bool) -> tuple[Form, ...]:
    """Return the forms with the terms of constant axes left out and doubles removed.

    Parameters
    ----------
    varies : tuple of bool
        Whether data, model and steps take more than one value.
    floor : bool
        Whether every form gets a constant.

    Raises
    ------
    ValueError
        If nothing varies.
    """
    if not any(varies):
        raise ValueError("a law needs data, model or steps that vary, got one value of each")
    kept: dict[tuple[object, ...], Form] = {}
    for form in FORMS:
        data, model, steps = (
            term if there else "none" for term, there in zip((form.data, form.model, form.steps), varies, strict=True)
        )
        norm = form.norm and data != "none" and model != "none"
        if (data, model, steps) != ("none", "none", "none"):
            kept.setdefault((data, model, steps, norm), Form(form.name, data, model, steps, norm, floor))
    return tuple(kept.values())


def _grown(scale: float, exponent: float) -> float:
    return float(np.exp(min(np.log(scale) + exponent, 700.0))) if scale > 0 else 0.0
