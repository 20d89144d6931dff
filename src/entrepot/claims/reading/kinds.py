"""Which kind of claim a number is: actual, target, forecast, capacity or cost; and whether denied."""

from __future__ import annotations

import re

from entrepot.claims.reading.bounds import MORE
from entrepot.claims.reading.cue_file import words
from entrepot.claims.reading.cues import (
    AFTER,
    EACH,
    FUTURE,
    LENT,
    NEGATION,
    NOT_NEGATION,
    NOUN,
    OWN_SUBJECT,
    PLEDGED,
    SAID_SO,
    STOCK,
    TRADE,
    UNMET,
    VERB,
)
from entrepot.claims.reading.quantity import Quantity
from entrepot.claims.reading.sentence import Sentence
from entrepot.claims.reading.units import RATES, is_money
from entrepot.claims.reading.words import ABOUT

MEANT = re.compile(
    rf"[^,;:.]{{0,25}}?\b(?<!than )(?<!as )(?:{words('planned_behind')})\b",
    re.I,
)
OF_TRADE = re.compile(r"\b(?:estimated at|put at|valued at|worth)\b", re.I)
BASE_FORM = re.compile(
    r"(?:\b(?:to|will|would|could|may|might|should|must|shall|can)|n['’]t)(?: also| then| not"
    r"| soon| again)? $",
    re.I,
)
OF_IT = re.compile(rf"(?<!total) of {ABOUT}$", re.I)
ONLY_WILL = re.compile(rf"[^,;:.]{{0,60}}?\b(?:{words('only_will')})\b", re.I)
SUBJECT_AT = re.compile(r"^\W*$|(?:,|\bthat|\band|[–—:]) $", re.I)
ASIDE = re.compile(r",[^,]*\b(?:that|which|who|whose|where|when)\b[^,]*(?=,)")


def kinds(f: Sentence) -> list[str]:
    """Kind of each number of a sentence."""
    out: list[str] = []
    for i in range(len(f.quantities)):
        out.append(_kind(f, i, out))
    return out


def _kind(f: Sentence, i: int, earlier: list[str]) -> str:
    q = f.quantities[i]
    if q.attributive and not is_money(q.unit):
        return "actual"
    text = f.text
    tail = text[q.end : f.tail_end(i)]
    if f.is_before(q):
        meant = MEANT.match(tail)
        if meant:
            return "target"
        found = _before_number(f, i)
        governed = _noun(f, i)
        for kind in (governed, found):
            if kind in ("cost", "capacity"):
                return kind
        if is_money(q.unit) and i and earlier[-1] == "cost":
            return "cost"
        return "actual"
    if (
        SUBJECT_AT.search(text[f.clause(i) : q.start])
        and (own := _after(q, tail))
        and own != "actual"
    ):
        return own
    cue = _before_number(f, i)
    if (
        q.measure != "share"
        and cue in ("", "actual")
        and (meant := MEANT.match(tail))
        and "," not in tail[: meant.end()]
    ):
        return "target"
    if cue in ("target", "forecast") and f.topic(i) < f.clause(i):
        if i and earlier[-1] == "cost" and is_money(q.unit):
            return "cost"
        if of := _noun(f, i):
            return of
    if cue:
        return (
            _said(f, q) or cue
            if cue in ("actual", "forecast") and FUTURE.search(text[f.begin(i) : q.start])
            else cue
        )
    governed = _noun(f, i)
    own = "" if OF_IT.search(text[: q.start]) and ONLY_WILL.match(tail) else _after(q, tail)
    if own == "actual" and tail.startswith(" and ") and FUTURE.search(text[f.begin(i) : q.start]):
        own = ""
    if own and not (own == "actual" and governed):
        return own
    if governed:
        return governed
    chain = [
        j for j in range(i) if not f.is_before(f.quantities[j]) and not f.quantities[j].attributive
    ]
    if (
        chain
        and not f.hard_between(f.quantities[chain[-1]].end, q.start, colon=False)
        and _fits(earlier[chain[-1]], q)
        and not (earlier[chain[-1]] == "actual" and FUTURE.search(text[f.begin(i) : q.start]))
    ):
        return earlier[chain[-1]]
    if FUTURE.search(text[f.begin(i) : q.start]):
        interest = q.unit == "percent" and re.search(
            r"\b(?:interest|rate) of ", text[f.begin(i) : q.start]
        )
        return "actual" if interest else _said(f, q) or "forecast"
    return "actual"


def _after(q: Quantity, tail: str) -> str:
    """Kind by the verb whose subject the number is."""
    order: tuple[str, ...]
    if is_money(q.unit):
        order = ("cost", "target", "forecast", "actual")
    elif q.unit in RATES:
        order = ("target", "forecast", "actual")
    else:
        order = ("capacity", "target", "forecast", "actual")
    return next((k for k in order if AFTER[k].match(tail)), "")


def _said(f: Sentence, q: Quantity) -> str:
    """What the verb of saying at the end makes of a sentence with "will"."""
    return next((k for k, p in SAID_SO.items() if p.search(f.text, q.end)), "")


def _before_number(f: Sentence, i: int) -> str:
    """The kind told by the last verb before a number, or by a noun that governs it."""
    q, text = f.quantities[i], f.text
    begin = f.begin(i, colon=False)
    head = ASIDE.sub(lambda m: " " * len(m[0]), text[begin : q.start])
    words = text[:begin] + head + text[q.start :]
    body = text[max(f.begin(i), q.start - 5) : q.end]  # "will not exceed three days"
    body = body.removesuffix("projects")
    if is_money(q.unit) and (
        EACH.match(text[q.end :])
        or (LENT.match(text[q.end :]) and not _stock(f, i))
        or (PLEDGED.search(head) and not TRADE.search(text))
    ):
        return "cost"
    found: list[tuple[int, str]] = []
    for kind, pattern in VERB.items():
        if kind == "strong" or _fits(kind, q):
            found += [
                (m.end() - begin, kind)
                for m in pattern.finditer(words, begin)
                if m.end() <= q.start
                and not (kind == "strong" and BASE_FORM.search(words, begin, m.start()))
                and not (kind == "cost" and _of_trade(m, text[f.clause(i) : q.start]))
            ]
    nouns = [
        (m.end(), kind)
        for kind, pattern in NOUN.items()
        if _fits(kind, q)
        for m in pattern.finditer(head)
        if not (kind == "cost" and m[0].lower().startswith("invest") and _stock(f, i))
    ]
    last = max(found, default=(-1, ""))
    noun = max(nouns, default=(-1, ""))
    if noun[0] > last[0]:
        return noun[1]
    if last[1] == "strong":
        if noun[1] and _governs(head, noun[0], last):
            return noun[1]
        return "actual"
    if (
        last[1] in ("target", "forecast")
        and noun[1] in ("capacity", "cost")
        and _governs(head, noun[0], last)
    ):
        return noun[1]
    if last[1]:
        return last[1]
    inside = [k for k in ("target", "forecast") if VERB[k].search(body)]
    if re.search(
        r"(?:will|shall|won['’]t) (?:not|never)? ?(?:exceed|surpass)",
        text[f.begin(i) : q.end],
        re.I,
    ):
        return _said(f, q) or "forecast"
    if inside:
        return inside[0]
    if i or found or re.search(r"\b(?:is|are|was|were|has|have|had|did|does|said|agreed)\b", head):
        return ""
    return (
        "cost"
        if is_money(q.unit) and re.search(r"^[^,;:]*\w to (?:get|receive|draw)\b[^,;:]*$", head)
        else ""
    )


def _of_trade(m: re.Match[str], head: str) -> bool:
    """Whether a worth is that of goods traded."""
    if OF_TRADE.match(m[0]) is None:
        return False
    return TRADE.search(head) is not None


def _governs(head: str, noun: int, verb: tuple[int, str]) -> bool:
    """Whether a noun still tells the kind when a verb stands between it and the number."""
    between = head[noun : verb[0]]
    if verb[1] == "strong":
        return False
    return not OWN_SUBJECT.search(between) and not re.search(
        r"\b(?:which|who|whose)\b|, (?!or\b|and\b|including)", between
    )


def _noun(f: Sentence, i: int) -> str:
    """Kind by a noun before it in its clause, though other numbers stand between."""
    q = f.quantities[i]
    head = f.text[f.topic(i) : q.start]
    if not i or f.quantities[i - 1].end <= f.topic(i):
        return ""
    fits = [k for k in ("cost", "capacity") if _fits(k, q) and NOUN[k].search(head)]
    if not fits or (is_money(q.unit) and (TRADE.search(head) or STOCK.search(head))):
        return ""
    if VERB["strong"].search(head):
        return ""
    return fits[0]


def _stock(f: Sentence, i: int) -> bool:
    return STOCK.search(f.text[f.clause(i) : f.quantities[i].start]) is not None


def _fits(kind: str, q: Quantity) -> bool:
    if kind == "cost":
        return is_money(q.unit)
    if kind == "capacity":
        return not is_money(q.unit) and q.unit not in RATES and q.unit not in ("days", "hours")
    return True


def negated(f: Sentence, i: int) -> bool:
    """Whether the sentence denies what it says of a number."""
    q, text = f.quantities[i], f.text
    head = NOT_NEGATION.sub("", text[f.begin(i) : q.start])
    if re.search(r"(?:not|never|n['’]t)$", head.strip()) and re.match(
        r"(?:exceed|surpass|pass|top)", text[q.start :]
    ):
        return False
    if re.match(r"(?:not|never|no)\b|n['’]t\b", text[q.start : q.end]):
        return False
    denials = list(NEGATION.finditer(head))
    if denials and q.low is None and re.search(MORE, text[q.start : q.end], re.I):
        denials = []
    least = re.match(r"below|under|less|fewer", text[q.start : q.end], re.I)
    if denials and q.high is None and least:
        denials = []
    if denials:
        rest = head[denials[-1].end() :]
        if "," not in rest.strip() or re.match(r", [^,]*, (?!and|but)", rest):
            return not re.search(r"\b(?:only|and) (?:then|that)\b", rest)
    tail = text[q.end : f.tail_end(i)]
    return UNMET.match(tail) is not None
