"""What a compute budget should buy: sizes, exponents, the order and the design of texts."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
