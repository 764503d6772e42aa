"""Result files as evaluation tools write them, read as rows of one raw table.

Known are results and samples of the lm-evaluation-harness (with and without filters), records of Every Eval Ever, logs
of Inspect as JSON, and runs of HELM (``stats.json`` with ``run_spec.json`` beside it). Aggregates of other tasks are
left out where the file names them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from skillgraph.inference.columns import RawTable
from skillgraph.inference.lm_harness import harness_rows
from skillgraph.inference.tool_rows import Row, number_of, step_of, table_of

__all__ = ["read_json"]

_HELM = ("exact_match", "quasi_", "prefix_", "classification_", "f1_score", "rouge", "bleu", "ifeval", "math_equiv")
_SAMES = {"accuracy": "acc", "Accuracy": "acc"}


def read_json(path: Path) -> RawTable | None:
    """Read one JSON file; None for one that only accompanies others (HELM's ``run_spec.json``, a JSON Schema).

    Raises
    ------
    ValueError
        If it is no JSON, or of no known kind.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: no readable JSON ({error})") from None
    if isinstance(content, dict) and ("adapter_spec" in content or "$schema" in content):
        return None
    if isinstance(content, dict):
        if isinstance(content.get("evaluation_results"), list):
            return table_of(path, _every_eval_ever(content))
        if isinstance(content.get("eval"), dict) and "plan" in content:
            return table_of(path, _inspect(content))
        if isinstance(content.get("results"), dict):
            return table_of(path, harness_rows(content, path))
    if (
        isinstance(content, list)
        and content
        and isinstance(content[0], dict)
        and isinstance(content[0].get("name"), dict)
    ):
        return table_of(path, _helm(content, path))
    raise ValueError(
        f"{path}: unknown JSON: known are results of the lm-evaluation-harness, records of Every Eval Ever, logs of "
        "Inspect, and stats.json of HELM"
    )


def _every_eval_ever(content: dict[str, Any]) -> Iterator[Row]:
    model = content.get("model_info") or {}
    details = model.get("additional_details") or {}
    about = {"model": model.get("id") or model.get("name"), "steps": step_of(str(details.get("revision", "")))}
    about["parameters"] = _parameters(details)
    for result in content["evaluation_results"]:
        score = result.get("score_details") or {}
        metric = result.get("metric_config") or {}
        value = number_of(score.get("score"))
        if value is None:
            continue
        known = score.get("uncertainty") or {}
        percent = metric.get("metric_unit") == "percent" or number_of(metric.get("max_score")) == 100
        scale = 0.01 if percent else 1.0
        error = number_of((known.get("standard_error") or {}).get("value"))
        task, name = _named(result, metric)
        yield about | {
            "task": task,
            "metric": name,
            "value": value * scale,
            "stderr": None if error is None else error * scale,
            "total": number_of(known.get("num_samples")),
        }


def _parameters(details: dict[str, Any]) -> float | None:
    for key, factor in (("num_parameters", 1.0), ("params_billions", 1e9)):
        try:
            return float(round(float(details[key]) * factor))
        except (KeyError, TypeError, ValueError):
            continue
    return None


def _named(result: dict[str, Any], metric: dict[str, Any]) -> tuple[str, str]:
    """Return task and metric: by identifiers where there are any, else by the sentences that converters write."""
    source = result.get("source_data") or {}
    task = str(result.get("evaluation_name") or source.get("dataset_name"))
    name = metric.get("metric_id") or metric.get("metric_name")
    said = str(metric.get("evaluation_description") or "")
    if " on " in task:  # "accuracy on arc_easy for scorer choice"
        first, _, rest = task.partition(" on ")
        name, task = name or first, rest.split(" for scorer ")[0]
    filtered = re.fullmatch(r"(\S+)(?: \(filter: (\S+)\))?", said)
    if filtered is not None and name is None:
        name, method = filtered[1], filtered[2]
        if method:
            name, task = f"{name},{method}", task.removesuffix(f"/{method}")
    if name is None:
        name = said.partition(" on ")[0] or "score"
    return task, _SAMES.get(str(name), str(name))


def _inspect(content: dict[str, Any]) -> Iterator[Row]:
    about = content["eval"]
    model = about.get("model")
    task = str(about.get("task_registry_name") or about.get("task") or "").rpartition("/")[2]
    step = step_of(str((about.get("model_args") or {}).get("revision", "")))
    scores = (content.get("results") or {}).get("scores") or []
    for score in scores:
        metrics = score.get("metrics") or {}
        error = number_of((metrics.get("stderr") or {}).get("value"))
        total = number_of(score.get("scored_samples")) or number_of((content["results"]).get("completed_samples"))
        for key, measured in metrics.items():
            value = number_of(measured.get("value"))
            if key in ("stderr", "std", "var", "bootstrap_stderr") or value is None:
                continue
            named = _SAMES.get(key, key)
            label = named if len(scores) == 1 else f"{named},{score.get('name')}"
            seen = {"metric": label, "value": value, "stderr": error, "total": total}
            yield {"model": model, "steps": step, "task": task, **seen}


def _helm(content: list[dict[str, Any]], path: Path) -> Iterator[Row]:
    beside = path.with_name("run_spec.json")
    if not beside.is_file():
        raise ValueError(f"{path}: HELM names model and task in run_spec.json, which must lie beside it")
    spec = json.loads(beside.read_text(encoding="utf-8"))
    adapter = spec.get("adapter_spec") or {}
    plain = [one for one in content if not one["name"].get("perturbation") and one["name"].get("split")]
    split = "test" if any(one["name"]["split"] == "test" for one in plain) else "valid"
    means = {one["name"]["name"]: number_of(one.get("mean")) for one in plain if one["name"]["split"] == split}
    about = {
        "model": adapter.get("model"),
        "task": _helm_task(str(spec.get("name", ""))),
        "total": means.get("num_instances"),
        "shots": number_of(adapter.get("max_train_instances")),
    }
    for name, value in means.items():
        if value is not None and name.startswith(_HELM) and "@" not in name:
            yield about | {"metric": name, "value": value}


def _helm_task(name: str) -> str:
    """Return the task of a run's name: ``commonsense:dataset=hellaswag,method=...,model=...`` is hellaswag."""
    scenario, _, given = name.partition(":")
    options = dict(pair.split("=", 1) for pair in given.split(",") if "=" in pair)
    part = options.get("subject") or options.get("subset")
    return options.get("dataset") or options.get("task") or (f"{scenario}_{part}" if part else scenario)
