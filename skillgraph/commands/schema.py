"""``skillgraph schema``: the JSON Schema of the study file, of provenance.json, or of what a command prints as JSON."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click

from skillgraph.commands.output import json_option, print_envelope, print_json
from skillgraph.records import Record, envelope_schema

RESULTS: Mapping[str, tuple[str, ...]] = {
    "threshold": ("theory.overview:Overview", "theory.overview:ErasureOverview"),
    "simulate": ("agreement:SimulatedEnsemble",),
    "topics": ("agreement_types:TopicsOverview",),
    "analyse": ("analysis:AnalysedTable",),
    "optimal": ("optimal.overview:OptimalOverview",),
    "levels": ("levels.overview:LevelsOverview",),
    "limits": ("limits.overview:LimitsOverview",),
    "tap": ("adjacent_possible.overview:TapOverview",),
    "explore": ("explorer:ExplorerPage",),
    "reproduce": ("reproduce:Reproductions",),
    "new": ("studies.reports:NewStudy",),
    "check": ("studies.reports:CostReport",),
    "run": ("studies.reports:RunReport",),
    "submit": ("studies.reports:SubmissionReport",),
    "work": ("studies.reports:RunReport",),
    "status": ("studies.reports:StatusReport",),
    "combine": ("studies.compact:Merged",),
    "finalize": ("studies.results:Results",),
    "plot": ("studies.reports:StudyFigures",),
    "verify": ("studies.verify:Verified",),
    "doctor": ("studies.reports:Examination",),
    "schema": ("studies.reports:PrintedSchema",),
}
"""Where the records of every command stand, ``module:Class``."""


@click.command(name="schema")
@click.argument("which", type=click.Choice(["study", "provenance", *RESULTS]), default="study", metavar="[WHICH]")
@json_option
def command(which: str, as_json: bool) -> int:
    """Print the JSON Schema of the study file (default), of provenance.json, or of ``skillgraph WHICH --json``.

    WHICH is study, provenance, or the name of a command.
    """
    found = _schema(which)
    if as_json:
        from skillgraph.studies.reports import PrintedSchema

        print_envelope("schema", PrintedSchema(which, found))
    else:
        print_json(found)
    return 0


def _schema(which: str) -> dict[str, Any]:
    if which == "study":
        from skillgraph.studies.study_file import schema

        return schema()
    if which == "provenance":
        from skillgraph.studies.provenance import provenance_schema

        return provenance_schema()
    return envelope_schema(which, results_of(which))


def results_of(command: str) -> list[type[Record]]:
    """Return the classes of the results of a command."""
    places = (place.partition(":") for place in RESULTS[command])
    return [getattr(importlib.import_module(f"skillgraph.{module}"), name) for module, _, name in places]
