"""What can go wrong, as a family.

EntrepotError                    exit code 70: a bug, or something nobody foresaw
├── UsageError                   2: the call asks for something that makes no sense
│   └── UnknownNameError         2: a name nobody knows, with the nearest known ones
├── BadInputError                3: data that cannot be used, with every fault found
├── InfeasibleError              4: no solution, or none within the limits
└── InterruptedRunError          5: stopped half way; can be taken up again
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault.

    row : as a spreadsheet shows it, the header being row 1; 0 when the whole file is meant
    key : the row's key, for people
    """

    file: str
    row: int
    key: str
    column: str
    found: str
    expected: str
    suggestion: str = ""

    def as_dict(self) -> dict[str, str | int]:
        return {
            "file": self.file,
            "row": self.row,
            "key": self.key,
            "column": self.column,
            "found": self.found,
            "expected": self.expected,
            "suggestion": self.suggestion,
        }


def format_findings(findings: Sequence[Finding]) -> str:
    """Findings grouped by file, as text."""
    lines: list[str] = []
    for file in dict.fromkeys(f.file for f in findings):
        own = [f for f in findings if f.file == file]
        lines.append(f"{file}: {len(own)} fault{'s' if len(own) > 1 else ''}")
        for f in own:
            where = f"row {f.row}" if f.row else "file"
            key = f" ({f.key})" if f.key else ""
            tip = f"   {f.suggestion}" if f.suggestion else ""
            column = f" {f.column}" if f.column else ""
            lines.append(f"  {where}{key}{column}: found '{f.found}', expected {f.expected}{tip}")
        lines.append("")
    return "\n".join(lines).rstrip()


class EntrepotError(Exception):
    """Base of all errors raised on purpose."""

    exit_code = 70


class UsageError(EntrepotError):
    """The call asks for something that makes no sense."""

    exit_code = 2


class UnknownNameError(UsageError):
    """A name nobody knows.

    known  : names, or (shown, also tried) pairs, to look for near ones in
    listed : names to show as a list, where there are few enough to read
    """

    def __init__(
        self,
        name: str,
        kind: str,
        known: Iterable[str | tuple[str, str]],
        listed: Sequence[str] = (),
    ) -> None:
        self.name, self.kind = name, kind
        self.nearest = nearest(name, known)
        near = f" Nearest: {', '.join(self.nearest)}." if self.nearest else ""
        every = f" Known: {', '.join(listed)}." if listed else ""
        super().__init__(f"Unknown {kind}: '{name}'.{near}{every}")


class BadInputError(EntrepotError):
    """Data that cannot be used. findings: every fault, not just the first."""

    exit_code = 3

    def __init__(self, message: str, findings: Sequence[Finding] = ()) -> None:
        self.findings = tuple(findings)
        super().__init__(message)


class InfeasibleError(EntrepotError):
    """No solution, or none within the limits."""

    exit_code = 4


class InterruptedRunError(EntrepotError):
    """Stopped half way."""

    exit_code = 5


def nearest(name: str, known: Iterable[str | tuple[str, str]], most: int = 3) -> tuple[str, ...]:
    """Known names that look like a name, best first."""
    pairs = [(k, k) if isinstance(k, str) else k for k in known]
    lowered: dict[str, str] = {}
    for shown, tried in pairs:
        lowered.setdefault(shown.lower(), shown)
        lowered.setdefault(tried.lower(), shown)
    wanted = name.lower()
    hits = difflib.get_close_matches(wanted, list(lowered), n=50, cutoff=0.6)
    # Of names equally near, people mean the one that begins like theirs.
    hits.sort(key=lambda h: (-_alike(wanted, h), -_same_start(wanted, h)))
    return tuple(dict.fromkeys(lowered[h] for h in hits))[:most]


def _alike(wanted: str, name: str) -> float:
    return difflib.SequenceMatcher(None, name, wanted).ratio()


def _same_start(a: str, b: str) -> int:
    """How many letters two words begin with together."""
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(a))
