"""Where real data lie, and one model's evaluations written in every format that is read."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("SKILLGRAPH_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))

MODEL, PARAMETERS, TOKENS_PER_STEP = "lab/tiny-12m", 12_000_000.0, 2048
STEPS, COUNTS = (1000, 2000), {"sums": ((30, 120), (66, 120)), "words": ((55, 250), (200, 250))}


def real(*parts: str) -> Path:
    """Return a file or folder of real data, or skip the test saying so."""
    path = DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"real data not found: {path}")
    return path


def measured():
    """Yield step, task, right answers, questions, share, standard error of the evaluations that are written."""
    for task, counts in COUNTS.items():
        for step, (correct, total) in zip(STEPS, counts, strict=True):
            share = correct / total
            yield step, task, correct, total, share, math.sqrt(share * (1 - share) / (total - 1))


def write_long(path: Path) -> Path:
    """Write counts as a long table."""
    rows = [f"{MODEL},{PARAMETERS},{s * TOKENS_PER_STEP},{s},{t},acc,{c},{n}" for s, t, c, n, _, _ in measured()]
    path.write_text("\n".join(["model,parameters,tokens,steps,task,metric,correct,total", *rows]) + "\n")
    return path


def write_percent(path: Path) -> Path:
    """Write percent with their standard errors and the number of questions, under other names, tab separated."""
    rows = [
        f"{MODEL}\t12\t{s * TOKENS_PER_STEP / 1e9!r}\t{s}\t{t}\t{100 * v!r}\t{100 * e!r}\t{n}"
        for s, t, _, n, v, e in measured()
    ]
    path.write_text("\n".join(["checkpoint\tmillions\tB_tokens\tstep\tbench\tacc\tse\tn", *rows]) + "\n")
    return path


PERCENT_ROLES = [
    "model=checkpoint",
    "parameters=millions*1e6",
    "tokens=B_tokens*1e9",
    "steps=step",
    "task=bench",
    "stderr=se",
    "total=n",
]


def write_parquet(path: Path) -> Path:
    """Write shares and counts as Parquet."""
    parquet = pytest.importorskip("pyarrow.parquet")
    import pyarrow as arrow

    rows = list(measured())
    columns = {
        "model": [MODEL] * len(rows),
        "parameters": [PARAMETERS] * len(rows),
        "tokens": [row[0] * TOKENS_PER_STEP for row in rows],
        "steps": [row[0] for row in rows],
        "task": [row[1] for row in rows],
        "metric": ["acc"] * len(rows),
        "value": [row[4] for row in rows],
        "total": [row[3] for row in rows],
    }
    parquet.write_table(arrow.table(columns), path)
    return path


def write_sizes(path: Path) -> Path:
    """Write the small table of sizes that files of evaluation tools lack; the model goes by its short name."""
    path.write_text(f"model,parameters,tokens_per_step\ntiny-12m,{PARAMETERS:.0f},{TOKENS_PER_STEP}\n")
    return path


def write_harness(folder: Path, *, old: bool = False) -> Path:
    """Write results of the lm-evaluation-harness, one file per step, with a group; or of its old form."""
    folder.mkdir()
    for step in STEPS:
        results, samples = {}, {}
        for s, task, _, total, share, error in measured():
            if s == step:
                filtered = "" if old else ",none"
                results[task] = {f"acc{filtered}": share, f"acc_stderr{filtered}": error}
                samples[task] = {"original": total, "effective": total}
        content = {"results": results, "config": {"model_args": f"pretrained={MODEL},revision=step{step}"}}
        if not old:
            results["everything"] = {"acc,none": 0.5, "acc_stderr,none": "N/A", "alias": "everything"}
            content |= {"n-samples": samples, "group_subtasks": {"everything": list(COUNTS), "sums": []}}
        (folder / f"results_{step}.json").write_text(json.dumps(content))
    return folder


def write_samples(folder: Path) -> Path:
    """Write the samples of the lm-evaluation-harness, a folder per checkpoint."""
    for s, task, correct, total, _, _ in measured():
        inside = folder / f"{MODEL.replace('/', '__')}__step{s}"
        inside.mkdir(parents=True, exist_ok=True)
        lines = [
            json.dumps({"doc_id": i, "acc": float(i < correct), "filter": "none", "metrics": ["acc"]})
            for i in range(total)
        ]
        (inside / f"samples_{task}_2026-01-21T03-44-18.458309.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def write_every_eval(folder: Path) -> Path:
    """Write records of Every Eval Ever, one per step."""
    folder.mkdir()
    for step in STEPS:
        results = [
            {
                "evaluation_name": task,
                "source_data": {"dataset_name": task, "source_type": "other"},
                "metric_config": {"metric_id": "accuracy", "lower_is_better": False, "max_score": 1.0},
                "score_details": {
                    "score": share,
                    "uncertainty": {"standard_error": {"value": error}, "num_samples": total},
                },
            }
            for s, task, _, total, share, error in measured()
            if s == step
        ]
        model = {"id": MODEL, "name": "tiny", "additional_details": {"revision": f"step{step}"}}
        record = {"schema_version": "0.3.0", "model_info": model, "evaluation_results": results}
        (folder / f"{step}.json").write_text(json.dumps(record))
    return folder


def write_inspect(folder: Path) -> Path:
    """Write logs of Inspect, one per step and task."""
    folder.mkdir()
    for s, task, _, total, share, error in measured():
        metrics = {"accuracy": {"value": share}, "stderr": {"value": error}}
        log = {
            "version": 2,
            "eval": {"model": MODEL, "task": f"evals/{task}", "model_args": {"revision": f"step{s}"}},
            "plan": {},
            "results": {"scores": [{"name": "choice", "scored_samples": total, "metrics": metrics}]},
        }
        (folder / f"{s}-{task}.json").write_text(json.dumps(log))
    return folder
