"""The ledger: append-only segments of JSON lines, one per writer, each line with its checksum.

No locks and no database: writers only ever append to a file of their own, readers skip what is torn or damaged, and
a unit that is recorded twice is the same unit. The checksum of a line is salted with the study's identity, so lines of
another study never pass, even where the header is lost.
"""

from __future__ import annotations

import json
import os
import socket
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from skillgraph.studies.identity import differences, digest

__all__ = ["Entry", "Ledger", "Segment", "encode"]

SUFFIX = ".jsonl"
_HEAD = b'{"crc":"'
_MIDDLE = b'","line":'
_START = len(_HEAD) + 8 + len(_MIDDLE)


def encode(record: Mapping[str, Any], salt: bytes) -> bytes:
    """Return the line of a record: valid JSON, with the CRC-32 of its own text."""
    text = json.dumps(record, separators=(",", ":"), allow_nan=False).encode()
    return b"%s%08x%s%s}\n" % (_HEAD, zlib.crc32(text, zlib.crc32(salt)), _MIDDLE, text)


def decode(line: bytes, salt: bytes) -> dict[str, Any] | None:
    """Return the record of a line without its line break, None if it is damaged or of another study."""
    if not (line.startswith(_HEAD) and line[16:_START] == _MIDDLE and line.endswith(b"}")):
        return None
    text = line[_START:-1]
    if line[8:16] != b"%08x" % zlib.crc32(text, zlib.crc32(salt)):
        return None
    found: dict[str, Any] = json.loads(text)
    return found


@dataclass(frozen=True, eq=False)
class Entry:
    """A line of the ledger: segment, line number from 1, record."""

    segment: str
    line: int
    record: dict[str, Any]


@dataclass(eq=False)
class Segment:
    """What has been read of one segment, and whether its writer still lives."""

    name: str
    offset: int = 0
    lines: int = 0
    tail: int = 0
    foreign: bool = False
    ended: bool = False
    header: dict[str, Any] = field(default_factory=dict)
    stamp: tuple[int, int] = (-1, -1)
    changed_at: float = 0.0

    def alive(self, patience: float) -> bool:
        """Whether its writer gave a sign of life within ``patience`` seconds."""
        if self.ended or self.foreign or time.monotonic() - self.changed_at > patience:
            return False
        if self.header.get("host") != socket.gethostname():
            return True
        return _process_lives(int(self.header.get("pid", 0)))


def _process_lives(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Ledger:
    """Reads all segments of a folder, again and again, each byte once.

    Parameters
    ----------
    folder : Path
        Need not exist yet.
    identity : mapping
        Identity of the study; segments of another are named and skipped.
    """

    def __init__(self, folder: Path, identity: Mapping[str, Any]) -> None:
        self.folder = folder
        self.identity = dict(identity)
        self.salt = digest(identity).encode()
        self.segments: dict[str, Segment] = {}
        self.damage: list[str] = []
        self.scan_seconds = 0.0
        self._own: set[str] = set()

    def skip(self, name: str) -> None:
        """Leave out the segment that the caller writes itself."""
        self._own.add(name)

    def refresh(self) -> list[Entry]:
        """Read what was appended since the last call and return it."""
        start = time.monotonic()
        try:
            names = sorted(entry.name for entry in os.scandir(self.folder) if entry.name.endswith(SUFFIX))
        except FileNotFoundError:
            return []
        entries = [entry for name in names if name not in self._own for entry in self._read(name)]
        self.scan_seconds = time.monotonic() - start
        return entries

    def alive(self, patience: float) -> list[Segment]:
        """Return the segments of other writers that live."""
        return [segment for segment in self.segments.values() if segment.alive(patience)]

    def notes(self, patience: float) -> list[str]:
        """Return one sentence per damaged, torn, empty or foreign segment, for a person."""
        found = list(self.damage)
        for one in self.segments.values():
            if one.stamp[0] == 0:
                found.append(f"{self.folder / one.name} is empty: skipped")
            elif one.tail and not one.alive(patience):
                found.append(
                    f"{self.folder / one.name}, line {one.lines + 1}: torn after {one.tail} bytes, skipped; "
                    "what it held is computed again"
                )
        return found

    def _read(self, name: str) -> Iterator[Entry]:
        segment = self.segments.get(name)
        if segment is None:
            segment = self.segments.setdefault(name, Segment(name))
        try:
            with (self.folder / name).open("rb") as file:
                status = os.fstat(file.fileno())
                self._notice(segment, status)
                if segment.foreign or status.st_size <= segment.offset:
                    return
                file.seek(segment.offset)
                data = file.read()
        except FileNotFoundError:
            return
        end = data.rfind(b"\n") + 1
        segment.offset += end
        segment.tail = len(data) - end
        for line in data[:end].split(b"\n")[:-1]:
            segment.lines += 1
            record = self._decoded(segment, line)
            if segment.foreign:
                return
            if record is not None:
                yield Entry(name, segment.lines, record)

    def _notice(self, segment: Segment, status: os.stat_result) -> None:
        stamp = (status.st_size, status.st_mtime_ns)
        if segment.stamp == stamp:
            return
        first = segment.stamp[0] < 0
        segment.stamp = stamp
        age = max(time.time() - status.st_mtime, 0.0) if first else 0.0
        segment.changed_at = time.monotonic() - age

    def _decoded(self, segment: Segment, line: bytes) -> dict[str, Any] | None:
        record = decode(line, self.salt)
        if record is None and segment.lines == 1:
            header = decode(line, b"")
            if header is not None and header.get("kind") == "header":
                segment.header = header
                self._compare(segment, header.get("identity", {}))
                return None
        if record is None:
            self.damage.append(
                f"{self.folder / segment.name}, line {segment.lines}: damaged, skipped; what it held is computed again"
            )
        elif record["kind"] == "end":
            segment.ended = True
        return record

    def _compare(self, segment: Segment, theirs: Mapping[str, Any]) -> None:
        what = differences(self.identity, theirs)
        if what:
            segment.foreign = True
            self.damage.append(f"{self.folder / segment.name} is of another study, skipped: {'; '.join(what)}")
