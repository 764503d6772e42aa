"""Studies small enough for tests, with a jump in them so that the effort varies from point to point."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

MODEL = '''\
"""A toy with a jump at p = 0.5."""
import math
import os
import time


def jump(rng, *, p):
    time.sleep(float(os.environ.get("TOY_PAUSE", "0")))
    up = bool(rng.random() < 1 / (1 + math.exp(-40 * (p - 0.5))))
    return {"up": up, "height": (0.9 if up else 0.1) + 0.02 * float(rng.standard_normal()), "sum": int(rng.integers(9))}


def brittle(rng, *, p):
    if p == 0.5:
        raise RuntimeError("no value here")
    return {"up": bool(rng.random() < p)}


def deadly(rng, *, p):
    if p == 0.5:
        os.kill(os.getpid(), 9)
    return {"up": bool(rng.random() < p)}


def curve(rng, *, steps, height):
    return {"level": [height * step + float(rng.standard_normal()) for step in steps]}
'''

STUDY = """\
name = "toy"
seed = 7
[model]
function = "toy_model:jump"
[grid]
p = { start = 0, stop = 1, count = 21 }
[measures.up]
half_width = 0.08
[measures.height]
half_width = 0.03
units = "m"
[measures.sum]
[precision]
batch = 8
[[figures]]
name = "heights"
measure = "height"
x = "p"
"""


def write_study(folder: Path, text: str = STUDY) -> Path:
    """Write the toy model and a study file; return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "toy_model.py").write_text(MODEL)
    path = folder / "toy.toml"
    path.write_text(text)
    return path


def sha256(run: Path) -> str:
    """Return the hash of a run's results."""
    return hashlib.sha256((run / "results.csv").read_bytes()).hexdigest()


def units(run: Path) -> list[tuple[str, int]]:
    """Return every unit line of a run's ledger, doubled ones twice."""
    lines = [line for path in (run / "ledger").glob("*.jsonl") for line in path.read_bytes().splitlines()]
    records = []
    for line in lines:
        try:
            records.append(json.loads(line)["line"])
        except (ValueError, KeyError, TypeError):
            continue
    return [(record["point"], record["batch"]) for record in records if record.get("kind") == "unit"]


def start(*words: object, pause: float = 0.0) -> subprocess.Popen[str]:
    """Start a command of skillgraph in a process of its own; each replicate of the toy pauses for some seconds."""
    command = [sys.executable, "-m", "skillgraph", *map(str, words)]
    environment = {**os.environ, "TOY_PAUSE": str(pause)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def wait_until(condition, seconds: float = 60.0, every: float = 0.05) -> None:
    """Wait for a condition and fail if it does not come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(every)
