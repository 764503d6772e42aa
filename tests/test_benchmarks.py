"""Benchmarks run, and the peers that are installed find the same answers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.sizes import scaled

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    "words",
    [
        ["peers.py", "components", scaled("5000", "300")],
        ["peers.py", "sweep", scaled("5000", "300")],
        ["peers.py", "projection", scaled("5000", "300")],
        ["peers.py", "peeling", scaled("5000", "300")],
        ["peers.py", "many", scaled("200", "20")],
        ["batch.py", scaled("40", "2"), scaled("300", "120")],
        ["main_job.py", scaled("5000", "100"), scaled("9000", "150"), "poisson:4"],
        ["billion.py", scaled("40000", "1000")],
    ],
    ids=lambda words: "-".join(words[:2]),
)
def test_benchmarks_run(words):
    script = ROOT / "benchmarks" / words[0]
    done = subprocess.run([sys.executable, script, *words[1:]], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "ns per edge" in done.stdout
