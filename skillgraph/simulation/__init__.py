"""Simulation: samples, never solves."""
