"""Composite skills: levels and prerequisites, emergence, accuracy, plateaus, metrics, curricula."""
