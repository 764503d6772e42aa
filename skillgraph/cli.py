"""The command line: parse, call, print. Commands are loaded when they are called, so ``--help`` answers at once."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from skillgraph.version import __version__

COMMANDS = {
    "threshold": "Thresholds of the infinite ensemble: percolation, peeling, LDPC.",
    "simulate": "Simulate an ensemble with its theory beside it.",
    "topics": "Topics, hubs, chains: ensembles of several classes, by class.",
    "analyse": "The same questions for a real text-skill table.",
    "optimal": "What a compute budget should buy.",
    "levels": "Accuracy against scale, plateaus, curricula.",
    "limits": "Performance E(N, P, K): limits, rates, Lipschitz numbers, laws.",
    "tap": "Theory of the adjacent possible.",
    "explore": "Write the interactive page.",
    "reproduce": "Recompute a figure and compare its numbers.",
    "new": "Write a study file to start from.",
    "check": "Check a study file: size, memory, cost.",
    "run": "Run or resume a parameter study here or on Dask.",
    "submit": "Submit a study to Slurm.",
    "work": "Work on a study beside other workers.",
    "status": "Where a study stands.",
    "combine": "Unite runs of one study computed apart.",
    "finalize": "Write the results of a study.",
    "plot": "Draw the figures of a study.",
    "verify": "Check a ledger and compute random units again.",
    "doctor": "Is this machine fit for studies?",
    "schema": "JSON Schema of the study file, of provenance.json, or of a command's JSON.",
}


class _LazyGroup(click.Group):
    """A group whose commands live in ``skillgraph.commands`` and are imported on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"skillgraph.commands.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            known = ", ".join(COMMANDS)
            raise click.UsageError(f'unknown command "{args[0]}": known commands are {known}')
        return super().resolve_command(ctx, args)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="skillgraph")
def group() -> None:
    """Random graphs of skills and texts: what is learned, what hangs together, and the exact theory beside it."""


def run(args: Sequence[str]) -> int:
    """Run one command and return its exit code.

    0 done, 1 outside tolerance or error, 2 bad input, 3 incomplete and resumable, 130 interrupted.
    """
    try:
        code: Any = group.main(list(args), prog_name="skillgraph", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _complain("interrupted", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader of our pipe left
        return 0
    except click.ClickException as error:
        return _complain(error.format_message(), 2)
    except (ValueError, OSError) as error:
        if os.environ.get("SKILLGRAPH_TRACEBACK"):
            raise
        return _complain(_sentence(error), 2)
    return code if isinstance(code, int) else 0


def _sentence(error: ValueError | OSError) -> str:
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def _complain(sentence: str, code: int) -> int:
    print(f"skillgraph: {sentence}", file=sys.stderr)
    return code


def main() -> None:
    """Entry point of the ``skillgraph`` command."""
    sys.exit(run(sys.argv[1:]))
