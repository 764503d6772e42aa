"""The one segment that a process writes: append, sync, give signs of life."""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from skillgraph.studies.identity import digest
from skillgraph.studies.ledger import SUFFIX, encode
from skillgraph.studies.points import Unit

__all__ = ["LedgerFullError", "Writer"]


class LedgerFullError(OSError):
    """The ledger cannot be written; what was recorded before is safe."""


class Writer:
    """Appends to a segment of its own, made at the first record.

    Parameters
    ----------
    folder : Path
    identity : mapping
    beat : float
        Seconds between signs of life (the file's time is renewed).
    """

    def __init__(self, folder: Path, identity: Mapping[str, Any], *, beat: float = 5.0) -> None:
        self.folder = folder
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}"
        self._identity = dict(identity)
        self._salt = digest(identity).encode()
        self._file = -1
        self._beat = beat
        self._closed = threading.Event()
        self._pulse: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        if self._pulse is not None:
            self._pulse.join()
        if self._file >= 0:
            try:
                if not isinstance(error, LedgerFullError):
                    self._append([{"kind": "end"}])
            finally:
                os.close(self._file)

    def units(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Record finished units or failures; they are on disk when this returns."""
        self._append(records)
        try:
            os.fsync(self._file)
        except OSError as error:
            raise self._full(error) from error

    def claim(self, units: Iterable[Unit], *, release: bool = False) -> None:
        """Tell other workers what is about to be computed here (or no longer is); a hint, never a lock."""
        self._append([{"kind": "release" if release else "claim", "units": [list(unit) for unit in units]}])

    def retry(self, failures: Iterable[tuple[str, int]]) -> None:
        """Let recorded failures be tried again; each is named by segment and line."""
        self._append([{"kind": "retry", "failures": [list(one) for one in failures]}])

    def _append(self, records: Iterable[Mapping[str, Any]]) -> None:
        try:
            if self._file < 0:
                self._open()
            self._put(b"".join(encode(record, self._salt) for record in records))
        except OSError as error:
            raise self._full(error) from error

    def _put(self, data: bytes) -> None:
        """Write all or nothing: a torn line is cut off again."""
        good = os.lseek(self._file, 0, os.SEEK_END)
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError:
            os.ftruncate(self._file, good)
            raise

    def _open(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / self.name
        self._file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o644)
        header = {
            "kind": "header",
            "identity": self._identity,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "started": round(time.time(), 3),
            "slurm_job": os.environ.get("SLURM_ARRAY_JOB_ID", os.environ.get("SLURM_JOB_ID")),
        }
        self._put(encode(header, b""))
        self._pulse = threading.Thread(target=self._live, args=(path,), name="sign of life", daemon=True)
        self._pulse.start()

    def _live(self, path: Path) -> None:
        while not self._closed.wait(self._beat):
            try:
                os.utime(path)
            except OSError:  # the file system is gone; the next record says so
                return

    def _full(self, error: OSError) -> LedgerFullError:
        return LedgerFullError(
            f"the ledger {self.folder} cannot be written: {error.strerror or error}; what is recorded is safe: "
            "make room and run the same command again"
        )
