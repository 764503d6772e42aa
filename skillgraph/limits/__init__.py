"""Performance E(N, P, K) of data size, model size and training steps: its limits, their rates, its laws."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
