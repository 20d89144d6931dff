"""Numbers in cells, as SQL. Nothing is guessed: signs are as the caller says."""

from __future__ import annotations

import re
from dataclasses import dataclass

from entrepot.errors import UsageError

MISSING = ("", "na", "n/a", "n.a.", "nan", "null", "none", "..", "...", ":", ".", "x", "-")
_EXPONENT = "([eE][+-]?[0-9]+)?"


@dataclass(frozen=True, slots=True)
class Numbers:
    """How numbers are written.

    decimal   : point or comma
    thousands : sign between groups of three digits; empty for none
    """

    decimal: str = "."
    thousands: str = ""

    def __post_init__(self) -> None:
        if self.decimal not in (".", ","):
            raise UsageError(f"decimal='{self.decimal}' is neither '.' nor ','.")
        if self.thousands not in ("", ".", ",", " ", "'", "\u00a0", "\u202f"):
            raise UsageError(f"thousands='{self.thousands}' is none of , . ' and blanks.")
        if self.decimal == self.thousands:
            raise UsageError("decimal and thousands are the same sign.")

    @property
    def pattern(self) -> str:
        """The form of a number as a regular expression."""
        point = re.escape(self.decimal)
        whole = f"[+-]?([0-9]+{point}?[0-9]*|{point}[0-9]+){_EXPONENT}"
        if not self.thousands:
            return whole
        grouped = f"[+-]?[0-9]{{1,3}}({re.escape(self.thousands)}[0-9]{{3}})+({point}[0-9]*)?"
        return f"{whole}|{grouped}"

    def sql(self, cell: str) -> str:
        """SQL of a cell's number; NULL for what is none."""
        text = f"replace({cell}, '{_quoted(self.thousands)}', '')" if self.thousands else cell
        if self.decimal != ".":
            text = f"replace({text}, '{self.decimal}', '.')"
        pattern = _quoted(self.pattern)
        number = f"TRY_CAST({text} AS DOUBLE)"
        return (
            f"CASE WHEN regexp_full_match({cell}, '{pattern}') AND isfinite({number})"
            f" THEN {number} END"
        )

    def is_number(self, text: str) -> bool:
        """Whether a text is a number so written."""
        return re.fullmatch(self.pattern, text) is not None

    def tip(self, found: str) -> str:
        """What a cell that is not a number probably means."""
        text = found.strip()
        if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+\.\d*|[+-]?\d{1,3}(,\d{3}){2,}", text):
            return "Pass thousands=','."
        if re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+,\d*|[+-]?\d{1,3}(\.\d{3}){2,}", text):
            return "Pass decimal=',' and thousands='.'."
        if re.fullmatch(r"[+-]?\d{1,3},\d{3}", text):
            return "Pass thousands=',' or decimal=',', whichever it is."
        if re.fullmatch(r"[+-]?\d+,\d*", text):
            return "Pass decimal=','."
        grouped = re.fullmatch(r"[+-]?\d{1,3}(?:([ '\u00a0\u202f])\d{3})+([.,]\d*)?", text)
        if grouped:
            return f"Pass thousands='{grouped[1]}'."
        if re.search(r"[$€£%]", text):
            return "Leave out the sign of the currency."
        return ""


def is_missing(cell: str) -> str:
    """SQL of whether a cell says that there is no value."""
    words = ", ".join(f"'{w}'" for w in MISSING)
    return f"lower({cell}) IN ({words})"


def _quoted(text: str) -> str:
    return text.replace("'", "''")
