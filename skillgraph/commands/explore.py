"""``skillgraph explore``: the interactive page."""

from __future__ import annotations

from pathlib import Path

import click

from skillgraph.commands.output import json_option, print_envelope


@click.command(name="explore")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("explorer.html"), show_default=True)
@click.option("--open", "in_browser", is_flag=True, help="Open the page in the browser.")
@json_option
def command(output: Path, in_browser: bool, as_json: bool) -> int:
    """Write the explorer: one page that opens from disk and computes thresholds, curves and graphs in the browser."""
    from skillgraph.explorer import ExplorerPage, write_explorer

    path = write_explorer(output).resolve()
    if as_json:
        print_envelope("explore", ExplorerPage(path))
    else:
        click.echo(str(path))
    if in_browser:
        click.launch(path.as_uri())
    return 0
