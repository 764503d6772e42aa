"""Sizes of tests: full with compiled kernels, small where the kernels run as plain Python."""

from __future__ import annotations

import os

JIT_DISABLED = os.environ.get("NUMBA_DISABLE_JIT", "0") not in {"", "0"}


def scaled(full, nojit):
    """Return ``full``, or ``nojit`` where the compiler is switched off."""
    return nojit if JIT_DISABLED else full
