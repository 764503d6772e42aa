"""Where peeling stops: the first time that an empirical process meets the diagonal.

Learner D = 1, texts by law with uniform popularity, a Poisson number of texts of mean m. Skills are processed one by
one; while u are left, a skill has not been taught yet with probability S(u) = unmarked * exp(-m g(u)), g(u) the
probability that it is the only skill of a text that is left, and independently of all others. So the number N(u) of
skills not taught is Binomial(number, S(u)), a pure death process, and learning stops at the largest u with N(u) = u.
Renewal at the diagonal,

    P(N(v) = v) = sum_{u >= v} F(u) P(N(v) = v | N(u) = u),   N(v) given N(u) = u: Binomial(u, S(v) / S(u)),

is solved from the largest u on, for complex m as well.
"""

from __future__ import annotations

import math

import numpy as np

from skillgraph._kernels import jit
from skillgraph._kernels.solvers.masses import binomial_mass, powers

__all__ = ["diagonal", "first_passage"]

NEGLIGIBLE = 1e-19


@jit
def diagonal(
    number: float, unmarked: float, places: np.ndarray, rates: np.ndarray, mean: float, chances: np.ndarray
) -> None:
    """Fill chances with P(N(v) = v) for real m.

    number: float64, skills; unmarked: float64, share not taught before any text; places: (n,) int64, v; rates: (n,)
    float64, g(v); mean: float64, m; chances: (n,) float64, written.
    """
    for i in range(places.size):
        exponent = -mean * rates[i]
        miss = (1.0 - unmarked) - unmarked * math.expm1(exponent)
        chances[i] = binomial_mass(number, float(places[i]), unmarked * math.exp(exponent), miss)


@jit
def first_passage(
    number: float,
    unmarked: float,
    places: np.ndarray,
    rates: np.ndarray,
    mean: float,
    shift_real: np.ndarray,
    shift_imag: np.ndarray,
    chances: np.ndarray,
    real: np.ndarray,
    imag: np.ndarray,
) -> None:
    """Fill real and imag with F(v; m) for every m = mean + shift.

    number, unmarked, places, rates, mean: see `diagonal`, places decreasing; shift_real, shift_imag: (nodes,) float64,
    the first shift is 0; chances: (n,) float64, P(N(v) = v) at mean; real, imag: (n, nodes) float64, written.

    All quantities are kept relative to those at the real mean, which are probabilities: with E(u) = exp(-shift g(u))
    and s = S(v) / S(u) at the mean, P(N(v) = v | N(u) = u) is that at the mean times

        E(v)^v E(u)^(-u) [E(u) + (E(u) - E(v)) s / (1 - s)]^(u - v).
    """
    count, nodes = places.size, shift_real.size
    e_real, e_imag = np.empty((count, nodes)), np.empty((count, nodes))  # E - 1
    g_real, g_imag = np.empty((count, nodes)), np.empty((count, nodes))  # F(u) E(u)^(-u)
    base_real, base_imag, t_real, t_imag = np.empty(nodes), np.empty(nodes), np.empty(nodes), np.empty(nodes)
    for i in range(count):
        v, chance = places[i], chances[i]
        exponent = -mean * rates[i]
        miss = (1.0 - unmarked) - unmarked * math.expm1(exponent)
        odds = unmarked * math.exp(exponent) / miss if miss > 0.0 else 0.0
        for k in range(nodes):
            x, y = -shift_real[k] * rates[i], -shift_imag[k] * rates[i]
            half = math.sin(0.5 * y)
            e_real[i, k] = math.expm1(x) * math.cos(y) - 2 * half * half
            e_imag[i, k] = math.exp(x) * math.sin(y)
            base_real[k], base_imag[k] = 1.0 - odds * e_real[i, k], -odds * e_imag[i, k]
            real[i, k], imag[i, k] = chance, 0.0
        powers(np.int64(number) - v, base_real, base_imag, real[i], imag[i])
        for j in range(i):
            jump = mean * (rates[i] - rates[j])
            if jump <= 0.0:
                continue
            u, stay, leave = places[j], math.exp(-jump), -math.expm1(-jump)
            mass = binomial_mass(float(u), float(v), stay, leave)
            if mass * real[j, 0] <= NEGLIGIBLE * chance / count:
                continue
            odds = stay / leave
            for k in range(nodes):
                t_real[k], t_imag[k] = mass * g_real[j, k], mass * g_imag[j, k]
                base_real[k] = 1.0 + e_real[j, k] + odds * (e_real[j, k] - e_real[i, k])
                base_imag[k] = e_imag[j, k] + odds * (e_imag[j, k] - e_imag[i, k])
            powers(u - v, base_real, base_imag, t_real, t_imag)
            for k in range(nodes):
                real[i, k] -= t_real[k]
                imag[i, k] -= t_imag[k]
        for k in range(nodes):
            x, y = -shift_real[k] * rates[i] * v, -shift_imag[k] * rates[i] * v
            size, cosine, sine = math.exp(x), math.cos(y), math.sin(y)
            g_real[i, k], g_imag[i, k] = real[i, k], imag[i, k]  # times E(v)^v E(v)^(-v)
            kept = real[i, k]
            real[i, k] = size * (kept * cosine - imag[i, k] * sine)
            imag[i, k] = size * (kept * sine + imag[i, k] * cosine)
