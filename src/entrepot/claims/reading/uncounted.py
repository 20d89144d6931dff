"""Numbers that count nothing a text of trade claims: names, ages, occasions, spans of time."""

from __future__ import annotations

import re

from entrepot.claims.reading.bounds import with_bound
from entrepot.claims.reading.cues import CHANGING
from entrepot.claims.reading.units import (
    COUNTS,
    PEOPLE,
    TIMES,
)
from entrepot.claims.reading.words import ABOUT
from entrepot.claims.reading.written import Written

# A number behind one of these names something and counts nothing.
LABEL = re.compile(
    r"\b(?:articles?|art\.|nos?\.?|number|resolution|decree|law|paragraphs?|sections?|chapters?"
    r"|points?|clauses?|items?|annex|pages?|p\.|lines?|routes?|road|highway|motorway|halls?"
    r"|stand"
    r"|platform|gate|pier|rooms?|floor|flight|phase|stage|group of|class|type|model|boeing"
    r"|airbus|bus|channel|zone|corridor|version|euro|iso|gost|protocol|kilomet(?:re"
    r"|er)|km|aged|age of|age|tel\.?|phone|call"
    r"|category|group|part|table|figure|terminal|berth|tranche|package|section|unit"
    r"|block|building|g|e|m|instalment|round|train no\.?|directive|regulation"
    r"|appendix|hangar|quay|warehouse|track|track no\.?|booth|vision"
    r"|agenda) $",
    re.I,
)
LEADING = re.compile(r" (?:largest|biggest|leading|main|busiest|top|oldest|member) ", re.I)
EVERY = re.compile(r"\b(?:per|every|each) $", re.I)
SPAN_OF_TIME = re.compile(
    r"\b(?:last|next|past|first|previous|coming|following|final|preceding|every) $", re.I
)
AGO = re.compile(
    r" (?:ago|later|earlier|before(?= \w)|after|(?:of|in) (?:talks|negotiations|meetings|rest"
    r"|mourning|consultations|discussions|bargaining|wrangling|preparations?|work|service|war"
    r"|conflict|isolation|sanctions|silence|stalemate|deadlock|absence|interruption|suspension"
    r"|diplomatic|friendship|independence|cooperation|office|prison|closed-door|difficult))\b",
    re.I,
)
FROM = re.compile(
    rf"\b(?:from|after|against|(?:instead|rather) (?:of|than)|compared (?:with|to)|to|is|was|takes|took) {ABOUT}$",
    re.I,
)
_PAUSE = (
    r"(?:break|pause|interruption|gap|hiatus|lull|absence|visits?|trip|tour|mission|talks"
    r"|negotiations|discussions|consultations|meeting|suspension|standstill|strike|ceasefire"
    r"|truce|mourning|holidays?|vacation|closure|stoppage|blockade|silence|session|forum"
    r"|exhibition|conference|stopover|internship|course|service|term|friendship|history"
    r"|experience|ceremony|outage|war)"
)
# What lasts so long is a pause, a visit or talks.
PAUSE = re.compile(
    rf"\b(?:{_PAUSE} (?:of|for|lasting|after)|{_PAUSE}\b[^,;.]{{0,40}}? (?:last(?:ed|s)|took"
    r"|went on for|goes on for|dragged on for)|(?:spent|spends?|spending|stay(?:ed|s)?|negotiated|talked"
    r"|met|discussed|toured|halted|suspended|interrupted|blocked|stopped|stranded|shut|closed)(?: to [a-z]+)?(?: for)?"
    r"|(?:toured|visited)\b[^,;.]{0,40} (?:in|for|over)|held up\b[^,;.]{0,40} for)"
    rf" ?{ABOUT}$",
    re.I,
)
AWAY = re.compile(
    r" (?:(?:from (?!\d)(?![^,.;]* to )|north|south|east|west|away|off|outside|inland|upstream"
    r"|down the road)\b)",
    re.I,
)
KIND_OF_VEHICLE = re.compile(
    r"\b(?:ships|vessels|trucks|lorries|vehicles|wagons|tankers|aircraft|carriers|consignments"
    r"|loads|boats|barges|rigs)(?: [a-z]+)? ?(?:of|over|above|under|weighing|heavier than"
    r"|lighter than|longer than|with a [a-z ]*(?:weight|draught|load|length) of|up to"
    r"|exceeding)? ?$",
    re.I,
)
MEETING = re.compile(
    r"\b(?:attend\w*|took part|delegat\w+|participat\w+|exhibit\w+|gathered|brought together"
    r"|consortium|panel|jury|team of|group of)\b",
    re.I,
)
KNOWN = re.compile(r"\b(?:the|these|those|all|both|its|their|our|all of the|last|first) $", re.I)


def skipped(text: str, a: Written) -> bool:
    """Whether a number counts nothing that a text of trade claims."""
    head, tail = a.head, text[a.end :]
    spelt = not a.number[0].isdigit()
    if not spelt and not a.size and a.unit in COUNTS.values() and LABEL.search(head):
        return True
    if EVERY.search(head):
        return True
    if a.unit in TIMES and (
        SPAN_OF_TIME.search(head)
        or PAUSE.search(text[: with_bound(text, a.start)[0]])
        or (AGO.match(tail) and not (FROM.search(head) and tail.startswith(" before")))
    ):
        return True
    if (
        a.unit in TIMES
        and spelt
        and a.plain == 1
        and re.search(r"\bin (?:just |only |a single )?$", head, re.I)
    ):
        return True
    if a.unit == "hours" and a.plain == 24 and re.match(r" (?:a|per) day", tail):
        return True
    if a.unit in COUNTS.values() and LEADING.search(text[a.start : a.end]):
        return True
    if a.unit in TIMES and a.glued:
        return True  # "a 24-hour strike"
    if a.unit in ("km", "miles") and AWAY.match(tail):
        return True
    begin = with_bound(text, a.start)[0]
    if (
        a.unit in ("t", "m", "kg")
        and a.plain < 100_000
        and not a.size
        and KIND_OF_VEHICLE.search(text[:begin])
    ):
        return True
    if a.unit == "t" and a.glued and a.value < 1000:
        return True
    if a.unit in PEOPLE and MEETING.search(text):
        return True
    if a.unit in COUNTS.values() and spelt and not a.size:
        if a.plain == 1:
            return True
        if a.plain < 10 and re.search(r"\b(?:when|after|before|if|where|because|as) $", head, re.I):
            return True
        if a.plain < 10 and KNOWN.search(head) and not re.search(r"\bof (?:the|its|their) $", head):
            return True
    return bool(a.unit == "m" and a.glued)


def compares(text: str, a: Written) -> bool:
    """Whether "three times" compares rather than counts occasions."""
    tail = text[a.end :]
    if re.match(
        r"[ -](?:as|more|higher|less|fewer|lower|larger|bigger|greater|the|what|that|above|over"
        r"|faster|longer|cheaper|last|its|their)\b",
        tail,
        re.I,
    ):
        return True
    if text[: a.end].lower().endswith("fold"):
        return True
    return (
        bool(CHANGING.search(a.head[-80:]))
        and not re.match(r" (?:a|per|in|each|every|this|last)\b", tail)
    ) or bool(
        re.search(
            r"\b(?:by|up|rose|grew|increased|risen|grown|jumped|multiplied|fell|down"
            rf"|dropped) {ABOUT}$",
            a.head,
            re.I,
        )
    )
