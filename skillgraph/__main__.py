"""``python -m skillgraph``."""

from skillgraph.cli import main

main()
