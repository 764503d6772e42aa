"""Numba kernels: arrays in, arrays out; no validation, no files, no hidden randomness.

Compiled code is cached on disk in a folder whose name is a hash of all kernel sources and of the versions that
compile them, so an edit in any kernel can never leave stale machine code behind in another.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import llvmlite
import numba
import numpy as np

__all__ = ["cache_folder", "inline", "jit"]

F = TypeVar("F", bound=Callable[..., Any])


def cache_folder() -> Path | None:
    """Return the folder for compiled kernels, or None where no folder can be written."""
    root = os.environ.get("SKILLGRAPH_CACHE_DIR")
    base = Path(root) if root else _user_cache() / "skillgraph"
    folder = base / f"kernels-{_fingerprint()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None


def _user_cache() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))


def _fingerprint() -> str:
    """Hash every kernel source, the compiler's version and what changes the code it makes."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    build = (
        platform.machine(),
        sys.version,
        numba.__version__,
        llvmlite.__version__,
        np.__version__,
        os.environ.get("NUMBA_BOUNDSCHECK", ""),
        os.environ.get("NUMBA_CPU_NAME", ""),
        os.environ.get("NUMBA_CPU_FEATURES", ""),
    )
    digest.update(repr(build).encode())
    return digest.hexdigest()


_FOLDER = cache_folder()


def jit(function: F) -> F:
    """Compile a kernel on first use: no Python objects, no global lock held, cached on disk."""
    return _compiled(function, inline=False)


def inline(function: F) -> F:
    """Compile a small function into its callers, so that loops around it can work on several items at once."""
    return _compiled(function, inline=True)


def _compiled(function: F, inline: bool) -> F:
    before = numba.config.CACHE_DIR
    try:
        if _FOLDER is not None and not before:
            numba.config.CACHE_DIR = str(_FOLDER)
        cached = _FOLDER is not None
        return numba.njit(nogil=True, cache=cached, error_model="numpy", forceinline=inline)(function)
    finally:
        numba.config.CACHE_DIR = before
