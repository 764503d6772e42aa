"""Fits of L = E + A N^-alpha + B D^-beta to logarithms of losses under Huber's loss: damped Newton steps, many starts.

theta: (5,) float64, (a, b, e, alpha, beta) with ln L = logsumexp(a - alpha x, b - beta y, e); x, y: (n,) float64,
logarithms of parameters and tokens, centred; target: (n,) float64, ln of the losses; weight: (n,) float64, how often
a point counts; delta: float64, residual from which on Huber's loss is linear.
"""

from __future__ import annotations

import math

import numpy as np

from skillgraph._kernels import jit

__all__ = ["best_starts", "descend", "huber", "refit"]

SIZE = 5
LARGEST = 700.0


@jit
def _log_loss(theta: np.ndarray, x: float, y: float, share: np.ndarray) -> float:
    """Return ln L at one place; share: (3,) float64, written: shares of the model, data and constant term."""
    first, second, third = theta[0] - theta[3] * x, theta[1] - theta[4] * y, theta[2]
    top = max(first, second, third)
    share[0], share[1], share[2] = math.exp(first - top), math.exp(second - top), math.exp(third - top)
    total = share[0] + share[1] + share[2]
    for j in range(3):
        share[j] /= total
    return top + math.log(total)


@jit
def huber(
    theta: np.ndarray, x: np.ndarray, y: np.ndarray, target: np.ndarray, weight: np.ndarray, delta: float
) -> float:
    """Sum of weight times Huber's loss of the residuals."""
    share = np.empty(3)
    total = 0.0
    for i in range(x.size):
        if weight[i] > 0.0:
            r = abs(target[i] - _log_loss(theta, x[i], y[i], share))
            total += weight[i] * (0.5 * r * r if r <= delta else delta * (r - 0.5 * delta))
    return total


@jit
def _derivatives(
    theta: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    target: np.ndarray,
    weight: np.ndarray,
    delta: float,
    slope: np.ndarray,
    curve: np.ndarray,
    scale: np.ndarray,
) -> None:
    """Gradient and Hessian of `huber`, and what damping is measured in.

    Outputs: slope (5,), curve (5, 5), scale (5,) float64: sum of weight min(1, delta/|r|) (d ln L / d theta)^2.
    """
    slope[:] = 0.0
    curve[:] = 0.0
    scale[:] = 0.0
    share, g = np.empty(3), np.empty(SIZE)
    for i in range(x.size):
        if weight[i] <= 0.0:
            continue
        r = target[i] - _log_loss(theta, x[i], y[i], share)
        g[0], g[1], g[2] = share[0], share[1], share[2]
        g[3], g[4] = -x[i] * share[0], -y[i] * share[1]
        inside = abs(r) <= delta
        pull = weight[i] * (r if inside else math.copysign(delta, r))
        near = weight[i] if inside else 0.0
        soft = weight[i] * (1.0 if inside else delta / abs(r))
        for j in range(SIZE):
            slope[j] -= pull * g[j]
            scale[j] += soft * g[j] * g[j]
            for k in range(j + 1):
                curve[j, k] += (near + pull) * g[j] * g[k]
        curve[0, 0] -= pull * share[0]
        curve[1, 1] -= pull * share[1]
        curve[2, 2] -= pull * share[2]
        curve[3, 0] += pull * x[i] * share[0]
        curve[4, 1] += pull * y[i] * share[1]
        curve[3, 3] -= pull * x[i] * x[i] * share[0]
        curve[4, 4] -= pull * y[i] * y[i] * share[1]
    for j in range(SIZE):
        for k in range(j):
            curve[k, j] = curve[j, k]


@jit
def _solve(matrix: np.ndarray, right: np.ndarray, out: np.ndarray) -> bool:
    """Solve a positive definite system by Cholesky; False where it is not positive definite. matrix is overwritten."""
    for j in range(SIZE):
        for k in range(j + 1):
            total = matrix[j, k]
            for m in range(k):
                total -= matrix[j, m] * matrix[k, m]
            if j == k:
                if not total > 1e-300:
                    return False
                matrix[j, j] = math.sqrt(total)
            else:
                matrix[j, k] = total / matrix[k, k]
    for j in range(SIZE):
        total = right[j]
        for m in range(j):
            total -= matrix[j, m] * out[m]
        out[j] = total / matrix[j, j]
    for j in range(SIZE - 1, -1, -1):
        total = out[j]
        for m in range(j + 1, SIZE):
            total -= matrix[m, j] * out[m]
        out[j] = total / matrix[j, j]
    return True


@jit
def descend(
    theta: np.ndarray,
    free: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    target: np.ndarray,
    weight: np.ndarray,
    delta: float,
    rounds: int,
) -> float:
    """Minimise `huber` over the free parameters; theta is changed. free: (5,) bool. Returns the minimum."""
    slope, curve, scale = np.empty(SIZE), np.empty((SIZE, SIZE)), np.empty(SIZE)
    matrix, step, trial = np.empty((SIZE, SIZE)), np.empty(SIZE), np.empty(SIZE)
    value, damping = huber(theta, x, y, target, weight, delta), 1e-2
    still = 0
    for _ in range(rounds):
        _derivatives(theta, x, y, target, weight, delta, slope, curve, scale)
        better = False
        while damping < 1e12:
            for j in range(SIZE):
                for k in range(SIZE):
                    matrix[j, k] = curve[j, k] if free[j] and free[k] else 0.0
                matrix[j, j] += damping * scale[j] + 1e-280 if free[j] else 1.0
            for j in range(SIZE):
                trial[j] = slope[j] if free[j] else 0.0
            if _solve(matrix, trial, step):
                for j in range(SIZE):
                    trial[j] = theta[j] - step[j]
                now = huber(trial, x, y, target, weight, delta)
                if now <= value:
                    better = True
                    break
            damping = max(4.0 * damping, 1e-10)
        if not better:
            break
        gain = value - now
        theta[:] = trial
        value = now
        damping *= 0.2
        still = still + 1 if gain <= 1e-13 * value else 0
        if still >= 3:
            break
    return value


@jit
def best_starts(
    starts: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    target: np.ndarray,
    weight: np.ndarray,
    delta: float,
    values: np.ndarray,
) -> None:
    """Evaluate `huber` at every start; starts: (m, 5) float64. Outputs: values (m,) float64."""
    for place in range(starts.shape[0]):
        values[place] = huber(starts[place], x, y, target, weight, delta)


@jit
def refit(
    starts: np.ndarray,
    free: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    target: np.ndarray,
    weights: np.ndarray,
    deltas: np.ndarray,
    rounds: int,
    out: np.ndarray,
    values: np.ndarray,
) -> None:
    """Minimise for every row of weights, from every start, the deltas one after the other; keep the best.

    starts: (m, 5) float64; weights: (b, n) float64; deltas: (d,) float64, descending.
    Outputs: out (b, 5) float64, values (b,) float64 of the last delta.
    """
    theta = np.empty(SIZE)
    for row in range(weights.shape[0]):
        values[row] = np.inf
        for place in range(starts.shape[0]):
            theta[:] = starts[place]
            found = np.inf
            for delta in deltas:
                found = descend(theta, free, x, y, target, weights[row], delta, rounds)
            if found < values[row]:
                values[row] = found
                out[row] = theta
