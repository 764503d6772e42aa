"""skillgraph: the random-graph emergence simulator."""

__version__ = "0.1.0"
