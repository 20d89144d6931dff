"""Whether a number is a level, a growth or a share, and the sign of a fall."""

from __future__ import annotations

import re

from entrepot.claims.reading.cue_file import words
from entrepot.claims.reading.cues import (
    DOWN,
    FUTURE,
    UP,
    VERB,
)
from entrepot.claims.reading.quantities import RISEN
from entrepot.claims.reading.quantity import Quantity
from entrepot.claims.reading.sentence import Sentence
from entrepot.claims.reading.units import RATES
from entrepot.claims.reading.words import ABOUT

Measured = tuple[str, float | None, float | None]

BEHIND = re.compile(
    (
        rf" ?(?:year[- ]on[- ]year |on average |points? )?(?P<up>{words('rise_behind')})\b| ?(?:y"
        rf"ear[- ]on[- ]year |on average )?(?P<down>{words('fall_behind')})\b"
    ),
    re.I,
)
AS_SHARE = re.compile(
    rf" ?(?:{words('as_share')})",
    re.I,
)
SAVES = re.compile(rf"\b(?:save[sd]?|saving|shave[sd]?|shaving) {ABOUT}$", re.I)
AND_BY = re.compile(rf" and (?:by )?{ABOUT}", re.I)
BY = re.compile(rf"\bby {ABOUT}$", re.I)
RISE_OF = re.compile(
    (
        rf"\b(?P<up>{words('rise_noun')})s? (?:in [^,;]{{1,40}} )?(?:of|by) {ABOUT}$|\b(?P<down>"
        rf"{words('fall_noun')})s? (?:in [^,;]{{1,40}} )?(?:of|by) {ABOUT}$"
    ),
    re.I,
)
GROWN_AT = re.compile(
    (
        rf"\b(?:{words('grown_at')})(?: [\w-]+){{0,3}}? (?:at|by) (?:an? )?(?:{words('growth_rate')}"
        rf")*(?:average|rate|pace|growth rate) of {ABOUT}$"
    ),
    re.I,
)
TO = re.compile(rf"\b(?:{words('to_level')}) {ABOUT}$", re.I)
SHARE_NOUN = re.compile(
    rf"\b(?:{words('share_noun')})\b",
    re.I,
)
# Words of a rise or a fall that tell none.
NO_CHANGE = re.compile(
    rf"\b(?:{words('no_change')})\b",
    re.I,
)
# "will buy 700 more": so many besides, not a growth of so many.
INTENDED = re.compile(
    rf"{VERB['target'].pattern}|{FUTURE.pattern}",
    re.I,
)
RATE_NOUN = re.compile(
    rf"\b(?:{words('rate_noun')})\b",
    re.I,
)


def measure(f: Sentence, i: int, earlier: list[Measured]) -> Measured:
    """Measure and both ends of a number, falls below nought."""
    q, text = f.quantities[i], f.text
    head, tail = text[f.begin(i) : q.start], text[q.end : f.tail_end(i)]
    if q.unit == "times":
        last = _last_change(head)
        return ("growth", *_signed(q, last)) if last < 0 else ("growth", q.low, q.high)
    if q.measure != "level":
        return q.measure, q.low, q.high
    if q.unit not in RATES:
        sign = _absolute(head, text[q.start : q.end], tail)
        if not sign and i and earlier[-1][0] == "growth" and f.quantities[i - 1].unit not in RATES:
            link = text[f.quantities[i - 1].end : q.start]
            sign = _sign_of(earlier[-1]) if AND_BY.fullmatch(link) else 0
        return ("growth", *_signed(q, sign)) if sign else ("level", q.low, q.high)
    if q.unit == "percentage points":
        return ("growth", *_signed(q, _last_change(head) or _behind(tail) or 1))
    return _percent(f, i, head, tail, earlier)


def _percent(f: Sentence, i: int, head: str, tail: str, earlier: list[Measured]) -> Measured:
    q, text = f.quantities[i], f.text
    clause = text[f.topic(i) : q.start]
    rate = RATE_NOUN.search(clause)
    share = SHARE_NOUN.search(clause)
    rest: Measured = (
        "share" if share else "level" if rate or RATE_NOUN.search(tail) else "share",
        q.low,
        q.high,
    )
    if re.search(r"\b(?:loans?|credits?|bonds?|deposits?)\b.* at $", clause, re.I):
        return "level", q.low, q.high
    before = _previous(f, i, earlier)
    if q.paired:
        return ("share" if share else "level" if rate else "share", q.low, q.high)
    behind = _behind(tail)
    if (
        not behind
        and re.fullmatch(r",? (?:and|or|to) ", text[q.end : f.stop(i)])
        and i + 1 < len(f.quantities)
    ):
        after = f.quantities[i + 1]
        behind = _behind(text[after.end :]) if after.unit == "percent" else 0
    if behind and not re.match(r" ?(?:up|down|more|less) (?:to|from)\b", tail):
        return ("growth", *_signed(q, behind))
    of = RISE_OF.search(head)
    if of:
        return ("growth", *_signed(q, 1 if of["up"] else -1))
    if GROWN_AT.search(head):
        return ("growth", *_signed(q, _last_change(head)))
    mark = re.search(r"(?:^|[ (,])([+−–-])$", text[: q.start])
    if mark and not re.search(r"\w $", text[: mark.start(1)]):
        return ("growth", *_signed(q, 1 if mark[1] == "+" else -1))
    last = _last_change(head)
    if f.is_before(q):
        return (before[0], q.low, q.high) if before else rest
    if BY.search(head):
        sign = last or _last_change(clause)
        if sign:
            return ("growth", *_signed(q, sign))
        if not share:
            return (
                "growth",
                *_signed(q, _sign_of(before) if before and before[0] == "growth" else 1),
            )
    if AS_SHARE.match(tail) and not re.search(
        r"(?<!make )(?<!makes )(?<!made )(?<!making )\b(?:up|down|grew|rose|fell|dropped|lost|shed"
        r"|gained|lose|loses) ?$",
        head,
    ):
        return ("share", q.low, q.high)
    if (
        re.search(
            r"\b(?:growth|increase|rise|expansion)\b[^,;]*$",
            clause if f.topic(i) < f.clause(i) else head,
            re.I,
        )
        and TO.search(head)
        and not share
    ):
        return ("growth", q.low, q.high)
    if TO.search(head) and re.search(r"\b(?:discount|rebate|reduction)s?\b[^,;]*$", head, re.I):
        return ("growth", *_signed(q, -1))
    if TO.search(head) and not re.search(
        r"\b(?:rise|growth|fall|drop|discounts?|rebates?) of ", head
    ):
        if (
            before
            and before[0] == "growth"
            and not rate
            and not share
            and not last
            and _list_like(text[f.quantities[i - 1].end : q.start])
        ):
            return ("growth", *_signed(q, _sign_of(before)))
        return rest
    if last:
        return ("growth", *_signed(q, last))
    ahead = re.match(r"[^,;.]{0,25}", tail)
    if ahead and not share and (up := _last_change(ahead[0])) and not re.match(r" of\b", tail):
        return ("growth", *_signed(q, up))
    if before and not re.search(r"\b(?:is|was|are|were|of)\b", head):
        return (
            (before[0], *_signed(q, _sign_of(before)))
            if before[0] == "growth"
            else (before[0], q.low, q.high)
        )
    return rest


def _list_like(between: str) -> bool:
    return len(between) < 25


def _previous(f: Sentence, i: int, earlier: list[Measured]) -> Measured | None:
    for j in range(i - 1, -1, -1):
        if f.quantities[j].unit == "percent":
            return (
                None
                if f.hard_between(
                    f.quantities[j].end, f.quantities[i].start, parallel=False, colon=False
                )
                else earlier[j]
            )
    return None


def _sign_of(m: Measured) -> int:
    value = m[1] if m[1] is not None else m[2]
    return -1 if value is not None and value < 0 else 1


def _behind(tail: str) -> int:
    """Sign told by the word right behind a number: "16 % more", "a 9 % fall"."""
    m = BEHIND.match(tail)
    return 0 if m is None else 1 if m["up"] else -1


def _absolute(head: str, inside: str, tail: str) -> int:
    """Sign of a change told in a unit of its own: "by two days", "0.9 million tonnes less"."""
    if BY.search(head) and (sign := _last_change(head)):
        return sign
    if RISEN.search(head) and re.match(r" to\b", tail) and (sign := _last_change(head)):
        return sign
    if SAVES.search(head):
        return -1
    of = RISE_OF.search(head)
    if of and not re.search(r"\b(?:saving|loss|surplus|discount|rebate)s? ", of[0], re.I):
        return 1 if of["up"] else -1
    m = re.match(
        r" (?:(?P<up>more|higher|longer|greater|above|up(?= on))|(?P<down>less|fewer|lower|shorter"
        r"|faster|quicker|cheaper|below|down(?= on)))(?: (?:on|than|the|that|its|last|(?:19|20)\d\d)\b|[.,;]|$)",
        tail,
        re.I,
    )
    if m is None and re.match(r" than\b", tail):
        m = re.search(r" (?:(?P<up>more)|(?P<down>fewer|less)) ", inside)
    if m is None or (not re.match(r" \w+ (?:than|on)\b", tail) and INTENDED.search(head)):
        return 0
    return 1 if m["up"] else -1


def _last_change(head: str) -> int:
    head = NO_CHANGE.sub("", head)
    ups, downs = list(UP.finditer(head)), list(DOWN.finditer(head))
    if not ups and not downs:
        return 0
    last_up = ups[-1].end() if ups else -1
    last_down = downs[-1].end() if downs else -1
    return -1 if last_down > last_up else 1


def _signed(q: Quantity, sign: int) -> tuple[float | None, float | None]:
    """Both ends, turned round where they are those of a fall."""
    if sign >= 0:
        return q.low, q.high
    return (None if q.high is None else -q.high), (None if q.low is None else -q.low)
