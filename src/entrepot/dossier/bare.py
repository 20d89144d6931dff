"""What a number without a unit of its own counts: "instead of 45", "11 have been refitted"."""

from __future__ import annotations

import re

from entrepot.dossier.atoms import Atom
from entrepot.dossier.quantity import Quantity
from entrepot.dossier.uncounted import LABEL
from entrepot.dossier.units import COUNTS, MEASURES, TIMES
from entrepot.dossier.words import MONTHS, SHORT_MONTHS

ABOUT = (
    r"(?:about |some |only |just |almost |nearly |around |roughly |the |a |over |more than "
    r"|less than |under |perhaps |even |at least |up to |as (?:many|much) as )*"
)
BY = re.compile(r"\bby (?:about |some |almost |nearly )*$", re.I)
BARE_BEFORE = re.compile(
    r"\b(?:instead of|rather than|against|from|to|compared (?:with|to)|versus|vs\.?|than|was"
    rf"|were|reached|at|not|but|and not) {ABOUT}$",
    re.I,
)
COMPARES = re.compile(
    r"\b(?:instead of|rather than|against|from|compared (?:with|to)|versus|vs\.?|but|than"
    rf"|and not) {ABOUT}$",
    re.I,
)
ENDS = re.compile(
    r"(?:[.,;:)!?\"”]|$| (?:in|by|a|an|per|for|at|on|two|last|this|next|over|during|until"
    r"|before|earlier|now|today|previously|the (?:year|month|season)\b"
    r"|planned|foreseen|promised|expected|targeted|recorded|registered|hoped|forecast|envisaged"
    r"|agreed|seen|allowed|at present|currently|once|and)\b)",
    re.I,
)
VERB_NEXT = re.compile(
    r" (?:more |others? |of them |of these |of which )?(?:(?<!more )(?:more|fewer|less) than"
    r"|have|has|are|is|were|was|will|had|ran|came|went|arrived|passed|crossed|remain|would"
    r"|could|can|may|should|must|left|moved|sailed|called|did|do|operate|work|(?:at|in|from|to|on|via) (?-i:[A-Z])\w+)\b",
    re.I,
)
RUN_BEFORE = re.compile(
    r"\b(?:run|ran|reach|reached|handle|handled|runs|total|totalled|to|was|were|be|is|are|have"
    r"|had|operate|operates|operated|send|sends|sent|get|got|plan|plans|planned|expects?"
    r"|expected|lay|laid|build|built|carry|carried|move|moved|ship|shipped|export|exported"
    r"|haul|hauled|take|took|transport|transported|aims at|hopes for|ordered|bought"
    rf"|received) {ABOUT}$",
    re.I,
)
LAID = ("km", "t", "TEU", "ha", "MW")
LAY_BEFORE = re.compile(
    r"\b(?:lay|laid|build|built|carry|carried|handle|handled|move|moved|ship|shipped|send|sent"
    rf"|export|exported|haul|hauled|take|took|transport|transported) {ABOUT}$",
    re.I,
)
SINGLE = {w.removesuffix("s"): w for w in COUNTS if w.endswith("s")}
NUMBER_OF = re.compile(
    r"\b(?:numbers?|quotas?|total|count|fleet|stock|contingent|shortage|lack|surplus) (?:of"
    r"|for) (?:[a-z-]+ ){0,2}?(?P<noun>" + "|".join(map(re.escape, COUNTS)) + r")\b"
    r"|\b(?P<single>" + "|".join(map(re.escape, SINGLE)) + r") numbers\b",
    re.I,
)
YEAR = re.compile(r"(?:19|20)\d\d")
MONTH_BEFORE = re.compile(rf"\b(?:{'|'.join(MONTHS)}|{'|'.join(SHORT_MONTHS)}\.?) $", re.I)
MONTH_AFTER = re.compile(
    rf"(?: of)? (?:{'|'.join(MONTHS)}|(?:{'|'.join(SHORT_MONTHS)})\.?)\b(?! be\b)", re.I
)


def bare_unit(
    text: str, a: Atom, earlier: list[Quantity]
) -> tuple[str | None, float, float | None]:
    """(unit, factor, magnitude) of a number without a word of its own; unit None: it counts nothing."""
    head, tail = a.head, text[a.end :]
    last = next((q for q in reversed(earlier) if q.unit not in ("percent", "times")), None)
    if a.size:
        if (
            len(written := text[a.start : a.end].lstrip("0123456789.,- ")) == 1
            and written.islower() is False
            and last is None
        ):
            return None, 1.0, None
        fits = last is not None and last.unit not in TIMES and (last.high or last.low or 0) >= 1000
        noun = re.match(
            r" (?!(?:times|was|is|has|across|less|this|plus)\b)([a-z]{4,}[^s\W]s)\b(?! (?:the|a"
            r"|to|in)\b)",
            tail,
        )
        return (last.unit if last and fits else noun[1] if noun else ""), 1.0, a.size
    if (YEAR.fullmatch(a.number) and not NUMBER_OF.search(head)) or LABEL.search(head):
        return None, 1.0, None
    if BY.search(head) and re.match(
        r" and [\w' -]{1,40} by [\d.,]+ ?(?:%|per ?cent|pct)", tail, re.I
    ):
        return "percent", 1.0, None
    if MONTH_BEFORE.search(head) or MONTH_AFTER.match(tail) or re.match(r"-?[A-Za-z%]|-\d", tail):
        return None, 1.0, None
    counted = NUMBER_OF.search(head)
    if counted and BARE_BEFORE.search(head) and ENDS.match(tail):
        return unit_counted(counted), 1.0, None
    if earlier and COMPARES.search(head) and ENDS.match(tail):
        return like(text, earlier[-1], a)
    if last is None:
        return None, 1.0, None
    things = last.unit in COUNTS.values()
    begins = re.search(
        r"(?:^|[,;:–—] ?|\band |\bonly |\bremaining |\bother |\banother |\bfurther |\bof which "
        r"|\bof these |\bof them |\bjust |\bwhile )$",
        head,
        re.I,
    )
    if things and begins and VERB_NEXT.match(tail):
        return last.unit, 1.0, None
    if (
        (things or (last.unit in LAID and LAY_BEFORE.search(head)))
        and a.plain > 1
        and RUN_BEFORE.search(head)
        and re.match(r"[.,;\"”)]|$| (?:in|for|by|this|next|last|a|per)\b", tail)
        and not re.search(r"\bto $", head)
    ):
        return (last.unit, 1.0, None) if things else like(text, last, a)
    return None, 1.0, None


def unit_counted(m: re.Match[str]) -> str:
    """Unit of "the number of trains" and of "train numbers"."""
    return COUNTS[(m["noun"] or SINGLE[m["single"].lower()]).lower()]


def like(text: str, other: Quantity, a: Atom) -> tuple[str, float, float | None]:
    """Unit and magnitude of a number set against another one."""
    level = other.high if other.high is not None else other.low
    size = next((s for s in (1e9, 1e6) if level and level >= s and a.plain < 1000), None)
    words = text[other.start : other.end].lower()
    factors = [f for w, (u, f) in MEASURES.items() if u == other.unit and words.endswith(" " + w)]
    return other.unit, factors[0] if factors else 1.0, size
