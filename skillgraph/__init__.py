"""skillgraph: the random-graph emergence simulator.

Skills and texts form a bipartite random graph. What is learned is peeling, what hangs together is percolation; theory
and simulation of the same ensemble come in one call, with a residual that says whether they agree.

Names are loaded when they are first used, so importing the package costs next to nothing; ``__init__.pyi`` lists them.
"""

import lazy_loader

from skillgraph.version import __version__ as __version__

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
