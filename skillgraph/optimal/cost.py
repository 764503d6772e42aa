"""What sizes cost: parameters hold skills, tokens carry texts, compute pays for both."""

from __future__ import annotations

from dataclasses import fields
from typing import Protocol

import numpy as np
from scipy import optimize

from skillgraph.records import Record

__all__ = ["Cost", "CostModel", "num_texts_within"]


class Cost(Protocol):
    """What a cost model of one's own must offer: sizes in, compute out, increasing in both sizes."""

    def compute(self, num_skills: float, num_texts: float) -> float:
        """Return the compute (FLOPs) that a model of ``num_skills`` skills and ``num_texts`` texts takes."""
        ...

    def parameters(self, num_skills: float) -> float:
        """Return the parameters that hold ``num_skills`` skills."""
        ...

    def tokens(self, num_texts: float) -> float:
        """Return the tokens of ``num_texts`` texts, repetitions included."""
        ...

    def distinct_texts(self, num_texts: float) -> float:
        """Return how many different texts there are among ``num_texts`` texts read."""
        ...


class CostModel(Record):
    """Training and inference of a dense model.

    compute = parameters * (training_flops * tokens + inference_flops * inference_tokens)

    Parameters
    ----------
    parameters_per_skill, tokens_per_text : float
        Costs of one skill and one text; 2e5 and 8e5 in Nayak & Varshney (2024).
    training_flops : float
        Per parameter and token, 6 for a dense transformer.
    inference_tokens : float
        Tokens served over the life of the model; 0 leaves inference out.
    inference_flops : float
        Per parameter and token served.
    unique_texts : float or None
        Texts that exist; more texts are read by reading them again, in passes. None: no end of texts.
    """

    parameters_per_skill: float = 2e5
    tokens_per_text: float = 8e5
    training_flops: float = 6.0
    inference_tokens: float = 0.0
    inference_flops: float = 2.0
    unique_texts: float | None = None

    def __post_init__(self) -> None:
        may_vanish = {"inference_tokens", "inference_flops"}
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None:
                continue
            lowest = value >= 0 if field.name in may_vanish else value > 0
            if not (lowest and np.isfinite(value)):
                rule = "not be negative" if field.name in may_vanish else "be positive"
                raise ValueError(f"{field.name} must {rule} and finite, got {value:g}")

    def compute(self, num_skills: float, num_texts: float) -> float:
        """Return FLOPs."""
        served = self.inference_flops * self.inference_tokens
        return self.parameters(num_skills) * (self.training_flops * self.tokens(num_texts) + served)

    def parameters(self, num_skills: float) -> float:
        """Return parameters."""
        return num_skills * self.parameters_per_skill

    def tokens(self, num_texts: float) -> float:
        """Return tokens read, repetitions included."""
        return num_texts * self.tokens_per_text

    def distinct_texts(self, num_texts: float) -> float:
        """Return different texts among those read in passes."""
        return num_texts if self.unique_texts is None else min(num_texts, self.unique_texts)


def num_texts_within(cost: Cost, compute: float, num_skills: float) -> float:
    """Return the texts that a budget leaves for a model of ``num_skills`` skills; 0 if it leaves none."""
    if isinstance(cost, CostModel):
        served = cost.inference_flops * cost.inference_tokens
        left = compute / cost.parameters(num_skills) - served
        return max(left, 0.0) / (cost.training_flops * cost.tokens_per_text)
    if cost.compute(num_skills, 0.0) >= compute:
        return 0.0
    high = 1.0
    while cost.compute(num_skills, high) < compute:
        high *= 4
    return float(optimize.brentq(lambda texts: cost.compute(num_skills, texts) - compute, 0.0, high, rtol=1e-12))
