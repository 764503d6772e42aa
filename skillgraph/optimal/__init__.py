"""Compute-optimal sizes: cost, closed form, numerical optimum, simulation, excess entropy, training time, design."""
