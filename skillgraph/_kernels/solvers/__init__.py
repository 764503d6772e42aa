"""Deterministic kernels: arrays in, arrays out, no random number; theory may use them."""
