"""Which of the times a sentence names holds for which number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from entrepot.claims.reading.cue_file import words
from entrepot.claims.reading.cues import FINITE
from entrepot.claims.reading.own_times import SUBORDINATE, usable
from entrepot.claims.reading.periods import Period, years_on
from entrepot.claims.reading.sentence import Sentence
from entrepot.claims.reading.words import ABOUT, UNITS

_N = "|".join(["an?", *UNITS, r"\d{1,2}"])
_LATER = (
    rf"(?:(?P<n>{_N}) years? (?P<way>{words('years_later')})|the (?P<back>"
    rf"{words('year_before')})|the (?P<on>following year|next year|year after))"
)
BEHIND = re.compile(
    (
        rf",? ?(?:in |over |during |for )?(?:the )?(?:same (?:{words('year_on')})s? (?:of |in )?)?"
        rf"{_LATER}"
    ),
    re.I,
)
AHEAD = re.compile(rf"(?<!than )(?<!as )(?<!from )(?<!on )(?<!of )(?<!than in )\b{_LATER}", re.I)
BASE = re.compile(r"(?:on|from|over|after|against) (?!\d{1,2} )", re.I)
RATE_BASE = re.compile(
    rf"(?:\b(?:{words('rate_base')})\s+(?:the )?)$",
    re.I,
)
GROWTH_BEFORE = re.compile(rf"\b(?:{words('growth_before')}) $", re.I)
CLOSED = re.compile(r"[^(]*\)")  # a time in brackets stays in them
JOINED = re.compile(r"(?:\band|,|;|–|-)[ \"“]*$", re.I)
GROUPS = {
    "actual": "done",
    "cost": "cost",
    "capacity": "capacity",
    "target": "meant",
    "forecast": "meant",
}


def periods(
    f: Sentence, kinds: Sequence[str], measures: Sequence[str], free: Sequence[Period]
) -> list[str]:
    """Period of each number of a sentence."""
    out: list[str] = []
    held: dict[int, int] = {}  # start of a time to the first number that has it
    for i in range(len(f.quantities)):
        p, value = _time(f, i, kinds, measures, free, out, held)
        if p is not None:
            held.setdefault(p.start, i)
        out.append(value)
    return out


def _time(
    f: Sentence, i: int, kinds: Sequence[str], measures: Sequence[str], free: Sequence[Period],
    earlier: Sequence[str], held: dict[int, int],
) -> tuple[Period | None, str]:  # fmt: skip
    q, text, stop = f.quantities[i], f.text, f.stop(i)
    if q.attributive:
        return None, ""
    last = next((v for v in reversed(earlier) if v), "")
    growth = measures[i] == "growth"
    behind = BEHIND.match(text, q.end)
    if behind and not growth:
        return None, _shifted(last, behind)
    if q.paired and (ends := _ends(f, i, free)):
        return None, ends[0] if q.before else ends[1]
    p = _following(f, i, growth, free, stop)
    if p is not None:
        if p.same:
            return None, _same(p, last) if f.is_before(q) else ""
        ended = f.is_before(q) and text.startswith("before", p.start)  # "from 12 before 2020"
        return p, "" if p.since or ended else p.value
    if f.is_before(q):
        return None, ""
    ahead = AHEAD.search(text, f.begin(i), q.start)
    if ahead and last and not growth:
        return None, _shifted(last, ahead)
    if (pair := _respective(f, i, free)) is not None:
        return pair, pair.value
    p = _preceding(f, i, kinds, free, held)
    if p is not None:
        return p, "" if p.since else p.value
    p = _shared(f, i, kinds, free)
    return p, p.value if p and not p.since else ""


def _respective(f: Sentence, i: int, free: Sequence[Period]) -> Period | None:
    """The time of one of two numbers where two times are named: "in 2023 and 2024 ... 1.1 and 1.6"."""
    qs, text = f.quantities, f.text
    for a, b in pairwise(free):
        if not a.value or not b.value or not re.fullmatch(r" and (?:in )?", text[a.end : b.start]):
            continue
        for j in (i - 1, i):
            if (
                j >= 0
                and j + 1 < len(qs)
                and re.fullmatch(rf" and {ABOUT}", text[qs[j].end : qs[j + 1].start])
            ):
                return a if i == j else b
    return None


def _ends(f: Sentence, i: int, free: Sequence[Period]) -> tuple[str, str] | None:
    """First and last year of a span that both ends of a change belong to."""
    q = f.quantities[i]
    spans = [p for p in free if re.fullmatch(r"\d{4}/\d{4}", p.value)]
    if len(spans) != 1 or f.hard_between(
        min(spans[0].start, q.start), max(spans[0].start, q.start)
    ):
        return None
    first, last = spans[0].value.split("/")
    return first, last


def _shifted(period: str, m: re.Match[str]) -> str:
    if not period:
        return ""
    if m["back"] or m["on"]:
        return years_on(period, -1 if m["back"] else 1)
    word = m["n"].lower()
    n = 1 if word in ("a", "an") else int(word) if word.isdigit() else UNITS[word]
    return years_on(period, -n if m["way"].lower() in ("earlier", "before", "previously") else n)


def _same(p: Period, last: str) -> str:
    """The same part of another year."""
    if not p.value:
        return ""
    return (
        re.sub(r"^(?:19|20)\d\d", p.value, re.sub(r"/(?:19|20)\d\d", f"/{p.value}", last))
        if last
        else p.value
    )


def _following(
    f: Sentence, i: int, growth: bool, free: Sequence[Period], stop: int
) -> Period | None:
    """The first time between a number and the next one that belongs to it."""
    q, text = f.quantities[i], f.text
    for p in free:
        if not q.end <= p.start < stop:
            continue
        between = text[q.end : p.start]
        if p.same:
            return p if f.is_before(q) else None
        if growth and p.value and RATE_BASE.search(text[: p.start] + " ") and not p.deadline:
            continue
        if growth and p.value and "/" not in p.value and BASE.match(text, p.start):
            continue
        if not usable(f, p, q.end):
            continue
        if f.hard_between(q.end, p.start) or SUBORDINATE.search(between):
            return None
        if _aside(text, q.start, q.end) and "," in between:
            return None
        if p.vague and JOINED.search(between):
            return None
        if (
            "(" in between
            and ")" not in between
            and ")" not in text[p.end : stop]
            and stop < len(text)
        ):
            return None  # "412 million (2023: 388 million)"
        if (
            i + 1 < len(f.quantities)
            and re.search(r",? and (?!later|then)\w[^,]*$|;", between)
            and FINITE.search(text[p.end : stop])
        ):
            return None
        if i + 1 < len(f.quantities) and JOINED.search(between) and not _own(text[p.end : stop]):
            return None
        return p
    return None


def _aside(text: str, start: int, end: int) -> bool:
    """Whether a number stands in brackets or commas of its own: "the line, 146 km long, is"."""
    return bool(
        re.search(r"[\w’'\"”], (?:some |about |around )*$", text[:start])
        and re.match(
            r"(?: [\w-]+){0,4}, (?:is|are|was|were|has|have|had|will|would|to)\b", text[end:]
        )
    )


def _own(after: str) -> bool:
    """Whether a time joined by "and" or a comma still belongs to the number before it."""
    if re.fullmatch(rf",? {ABOUT}", after):
        return False
    return bool(re.match(r"\s*[,;.)]", after)) and not re.search(
        r"[a-z]{3,} [a-z]{2,} [a-z]{2,}", after
    )


def _preceding(
    f: Sentence, i: int, kinds: Sequence[str], free: Sequence[Period], held: dict[int, int]
) -> Period | None:
    q = f.quantities[i]
    before = [
        p
        for p in free
        if p.end <= q.start
        and not p.same
        and usable(f, p, 0)
        and not _base(f.text, p)
        and not CLOSED.match(f.text, p.end, q.start)
        and not _relative_clause(f.text[p.start : q.start], p, f, q.start)
    ]
    if not before:
        return None
    p = before[-1]
    if kinds[i] == "cost" and p.deadline and not p.vague:
        return None
    if f.hard_between(p.end, q.start, parallel=False, colon=False):
        return None
    user = held.get(p.start)
    if user is not None and user != i and GROUPS[kinds[user]] != GROUPS[kinds[i]]:
        return None
    if user is not None and kinds[i] in ("capacity", "cost") and kinds[user] != kinds[i]:
        return None
    return p


def _base(text: str, p: Period) -> bool:
    """Whether a time is only what a growth is reckoned from: "7 % up on 2023"."""
    return BASE.match(text, p.start) is not None and bool(GROWTH_BEFORE.search(text[: p.start]))


def _relative_clause(between: str, p: Period, f: Sentence, at: int) -> bool:
    """Whether a time stands in a clause of its own that ended before the number."""
    head = f.text[: p.start]
    if re.search(r"\b(?:cover|refer|relate|appl)\w*(?: to)? $", head, re.I):
        return False
    opened = list(re.finditer(r"\b(?:which|who|whose|when|after|because|since)\b", head, re.I))
    if not opened:
        return False
    inside = head[opened[-1].start() :]
    if any(q.start >= opened[-1].start() and q.end <= p.start for q in f.quantities):
        return False
    closes = between[p.end - p.start :]
    return "," not in inside and "," in closes and opened[-1].start() > 0


def _shared(f: Sentence, i: int, kinds: Sequence[str], free: Sequence[Period]) -> Period | None:
    """A time named once behind a list of numbers."""
    for j in range(i + 1, len(f.quantities)):
        link = f.text[f.quantities[j - 1].end : f.quantities[j].start]
        other = f.quantities[j]
        if kinds[j] != kinds[i] or f.is_before(other) or len(link) > 70:
            return None
        if f.hard_between(f.quantities[j - 1].end, other.start) or _breaks(link):
            return None
        p = _following(f, j, other.measure == "growth", free, f.stop(j))
        if p is not None:
            return None if p.same else p
        if any(f.quantities[j].end <= p.start < f.stop(j) for p in free):
            return None
    return None


def _breaks(link: str) -> bool:
    """Whether what stands between two numbers says something new."""
    return FINITE.search(re.sub(r"\b(?:which|that) (?:is|was|are|were)\b", "", link)) is not None
