"""Theory of the adjacent possible: what is possible next is what can be made of what is known."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
