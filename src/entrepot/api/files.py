"""Files that commands read and write: regular files within a budget, places that can be written."""

from __future__ import annotations

from entrepot.facts.files import check_output, read_text

__all__ = ["check_output", "read_text"]
