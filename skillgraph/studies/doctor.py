"""Is a machine, and a folder, fit for studies?"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

from skillgraph.checks import processors
from skillgraph.records import Record
from skillgraph.studies.provenance import versions

__all__ = ["Finding", "examine"]

_SLOW_SYNC, _SKEW, _ROOM = 0.05, 5.0, 1e9


class Finding(Record):
    """One thing examined; the verdict is "good", "note" or "broken"."""

    what: str
    verdict: str
    found: str
    keys: ClassVar[Mapping[str, str]] = {"found": "remark"}


def examine(folder: Path) -> list[Finding]:
    """Examine software, processors, the file system of a folder, Slurm and Dask."""
    findings = [_software(), Finding("processors", "good", f"{processors()} for this process")]
    findings += [_room(folder), *_files(folder), _slurm(), _extra("dask", "distributed"), _extra("io", "xarray")]
    return findings


def _software() -> Finding:
    found = versions()
    missing = [name for name, version in found.items() if version == "missing"]
    text = f"Python {sys.version.split()[0]}, " + ", ".join(f"{name} {version}" for name, version in found.items())
    return Finding("software", "broken" if missing else "good", text)


def _room(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    return Finding("room", "good" if free > _ROOM else "note", f"{free / 1e9:.1f} GB free in {folder.resolve()}")


def _files(folder: Path) -> list[Finding]:
    """Append, sync and read back as the ledger does."""
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
            start = time.perf_counter()
            for _ in range(10):
                os.write(file.fileno(), b"x" * 200)
                os.fsync(file.fileno())
            seconds = (time.perf_counter() - start) / 10
            skew = os.stat(file.name).st_mtime - time.time()
    except OSError as error:
        return [Finding("files", "broken", f"{folder} cannot be written: {error.strerror}")]
    slow, skewed = seconds > _SLOW_SYNC, abs(skew) > _SKEW
    return [
        Finding("append and sync", "note" if slow else "good", f"{seconds * 1e3:.2f} ms per record"),
        Finding("clock of the files", "note" if skewed else "good", f"{skew:+.1f} s against this machine"),
    ]


def _slurm() -> Finding:
    if shutil.which("sbatch") is None:
        return Finding("Slurm", "note", "not here: skillgraph submit works on a login node of a cluster")
    try:
        done = subprocess.run(["sinfo", "--summarize"], capture_output=True, text=True, check=False, timeout=10)
    except subprocess.TimeoutExpired:
        return Finding("Slurm", "broken", "sinfo does not answer within 10 s")
    if done.returncode:
        return Finding("Slurm", "note", f"installed, but {done.stderr.strip().splitlines()[-1]}")
    return Finding("Slurm", "good", f"{max(len(done.stdout.splitlines()) - 1, 0)} partitions")


def _extra(extra: str, module: str) -> Finding:
    if find_spec(module) is None:
        return Finding(extra, "note", f'not installed: pip install "skillgraph[{extra}]"')
    return Finding(extra, "good", f"{module} is installed")
