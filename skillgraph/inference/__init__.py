"""Inference: evaluation tables in; laws, levels and forecasts out."""
