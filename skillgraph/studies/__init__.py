"""Parameter studies: adaptive, resumable, the same numbers here, on Slurm and on Dask."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
