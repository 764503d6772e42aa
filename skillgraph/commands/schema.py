"""``skillgraph schema``: the JSON Schema of the study file or of provenance.json."""

from __future__ import annotations

import click

from skillgraph.commands.output import print_json


@click.command(name="schema")
@click.argument("which", type=click.Choice(["study", "provenance"]), default="study")
def command(which: str) -> int:
    """Print the JSON Schema of the study file (default) or of provenance.json."""
    if which == "study":
        from skillgraph.studies.study_file import schema

        print_json(schema())
    else:
        from skillgraph.studies.provenance import provenance_schema

        print_json(provenance_schema())
    return 0
