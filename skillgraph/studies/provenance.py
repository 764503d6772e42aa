"""Where results come from: software, parameters, environment, resources."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
import time
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from skillgraph.studies.ledger import Ledger
from skillgraph.studies.rundir import Run
from skillgraph.studies.standing import Standing
from skillgraph.version import __version__

__all__ = ["provenance", "provenance_schema", "versions"]

_LIBRARIES = ("numpy", "scipy", "numba", "llvmlite", "pydantic")


def provenance_schema() -> dict[str, Any]:
    """Return the JSON Schema of provenance.json."""
    text = resources.files("skillgraph.studies").joinpath("provenance.schema.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def versions() -> dict[str, str]:
    """Return the versions of the libraries that the numbers depend on."""
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "missing"
    return found


def provenance(run: Run, ledger: Ledger, standing: Standing, results: Path) -> dict[str, Any]:
    """Return the provenance record of a study's results."""
    hosts = sorted({str(one.header["host"]) for one in ledger.segments.values() if "host" in one.header})
    return {
        "schema_version": "1.0",
        "software": {"name": "skillgraph", "version": __version__, "libraries": versions()},
        "parameters": {"study": run.study.model_dump(mode="json"), "identity": run.identity},
        "environment": {
            "python": sys.version.split()[0],
            "operating_system": platform.platform(),
            "machine": platform.machine(),
            "processors": os.cpu_count() or 1,
            "hosts_of_workers": hosts,
        },
        "resources": {
            "cpu_seconds": round(standing.cpu_seconds, 3),
            "units": standing.units,
            "units_computed_twice": standing.doubled,
            "segments": len(ledger.segments),
        },
        "results": {"file": results.name, "sha256": hashlib.sha256(results.read_bytes()).hexdigest()},
        "notes": ledger.notes(0.0),
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
