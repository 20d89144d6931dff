"""Claims without a number: an opening with its date, a thing agreed, done or denied."""

from __future__ import annotations

import re
from dataclasses import dataclass

from entrepot.claims.reading.acts import (
    ACTS,
    COURTESY,
    NEGATED_ACTS,
    OPENS,
    VAGUELY,
)
from entrepot.claims.reading.cue_file import words
from entrepot.claims.reading.cues import (
    FUTURE,
    NEGATION,
    NOT_NEGATION,
    VERB,
)
from entrepot.claims.reading.periods import Period
from entrepot.claims.reading.sentence import Sentence

NOT_BEFORE = re.compile(r"\b(?:before|until|till|earlier than)\b", re.I)
_MEANT = rf"(?:{words('event_meant')})"
_FOR = r"(?: (?:for completion|for))?(?: (?:the|early|late))*"
_FIRST = rf"(?:(?:which|that) (?:was|had been) )?(?:{words('event_first')})?"
# "the opening, first planned for 2023, is now expected in 2026": up to the first and the second time.
AT_FIRST = re.compile(rf"[\w '’-]{{0,60}}?,? {_FIRST}{_MEANT}(?: originally| first)?{_FOR} ", re.I)
NOW = re.compile(
    (
        rf",? (?:(?:but|and) )?(?:(?:is|are|was|were|has been|have been|had been|has|have) )?(?:(?:"
        rf"then|now|later|meanwhile|currently|not) )*(?:{_MEANT}|slipped(?: back)?|"
        rf"(?:came|took place)(?: only)?)(?: (?:the|early|late))* "
    ),
    re.I,
)
# "the bridge, first planned for 2021, will open in 2026"
ASIDE = re.compile(rf", {_FIRST}(?P<word>{_MEANT}){_FOR} $", re.I)
SUBJECT_BEGINS = re.compile(
    rf"(?:^|[,;:–—-] |\b(?:{words('subject_begins')}) )$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class EventClaim:
    """An opening or the like with the time named for it."""

    start: int
    period: Period
    negated: bool
    planned: bool


def events(f: Sentence) -> list[EventClaim]:
    """Openings and the like, with the time named for them."""
    text = f.text
    out: list[EventClaim] = []
    taken: set[int] = set()
    for m in OPENS.finditer(text):
        later = [p for p in f.periods if p.start >= m.end() and not p.same and p.value]
        if not later or later[0].start in taken:
            continue
        p = later[0]
        between = text[m.end() : p.start]
        busy = any(m.end() <= q.start < p.start for q in f.quantities)
        if asides := _put_off(f, m, later):
            taken |= {e.period.start for e in asides}
            out += asides
            continue
        if busy or len(between) > 60 or f.hard_between(m.end(), p.start) or "," in between:
            continue
        if re.search(r"\b(?:and|which|that|of|than)\b", between) and not re.match(
            r" (?:of|and)\b", between
        ):
            continue
        head = text[: m.start()]
        if re.match(r" [a-z]* ?(?:talks|negotiations|meeting)", between):
            continue
        if re.search(r"\b(?:since|after|from)\b", text[p.start : p.end][:6], re.I) and m[
            0
        ].lower().startswith(("clos", "in ")):
            continue
        if _reduced(head, m[0]):
            continue
        if _counted(f, m.start()):
            continue
        taken.add(p.start)
        clause = head[max([0, *(h for h in f.hard if h <= m.start())]) :]
        words = text[p.start : p.end]
        near = NOT_NEGATION.sub("", clause[-40:].rsplit(",", 1)[-1])
        late = NOT_BEFORE.search(text[m.end() - 1 : p.start] + words) or re.search(r"yet to", near)
        negated = NEGATION.search(near) is not None and not late
        planned = VERB["target"].search(text[: m.end()]) or FUTURE.search(text)
        out.append(EventClaim(m.start(), p, negated, bool(planned)))
        for other in f.periods:  # "not by 2026 but in 2028"
            if other.value and re.fullmatch(
                r",?(?: as \w+,)? but (?:only |probably |not until )?", text[p.end : other.start]
            ):
                taken.add(other.start)
                out.append(EventClaim(other.start, other, False, bool(planned)))
    for p in f.periods:  # "the bridge, first planned for 2021, will open in 2026"
        aside = ASIDE.search(text[: p.start])
        if out and aside and p.value and p.start not in taken and text[p.end : p.end + 2] == ", ":
            out.append(EventClaim(aside.start("word"), p, False, True))
    return out


def _put_off(f: Sentence, m: re.Match[str], later: list[Period]) -> list[EventClaim]:
    """Both times of "the opening, first planned for 2023, is now expected in 2026"."""
    text = f.text
    out: list[EventClaim] = []
    at = m.end()
    for p in later:
        link = text[at : p.start]
        if not (AT_FIRST if p is later[0] else NOW).fullmatch(link):
            break
        if any(at <= q.start < p.start for q in f.quantities):
            break
        out.append(EventClaim(p.start if out else m.start(), p, False, True))
        at = p.end
    return out


def _reduced(head: str, word: str) -> bool:
    """Whether the act only describes a thing: "the line opened in 2014 carried"; not told here."""
    return bool(
        re.search(
            r"\b(?:year|month|quarter|season|period),? (?:\(|(?:which|that)(?: had)? )?$",
            head,
            re.I,
        )
    ) or (
        word.lower() in ("start", "end", "begin", "due")
        and bool(re.search(r"\b(?:the|a|since the|from the) $", head, re.I))
    )


def _counted(f: Sentence, at: int) -> bool:
    """Whether what is due is a number of things: "28 more are due by 2026"."""
    return any(
        q.end <= at
        and re.fullmatch(
            r" (?:\w+ ){0,3}?(?:are|is|were|was|have|has|had|will|should|must|could"
            r"|may)(?: \w+){0,3} ",
            f.text[q.end : at],
        )
        and not q.attributive
        and SUBJECT_BEGINS.search(f.text[: q.start])
        for q in f.quantities
    )


def act(f: Sentence) -> tuple[bool, bool] | None:
    """(negated, intended) of an act without a number; None where the sentence tells none."""
    text = f.text
    plain = NOT_NEGATION.sub("", text)
    negated = NEGATION.search(plain) is not None
    found = next((m for m in ACTS.finditer(text) if not _other(text, m)), None)
    if found is None and negated:
        found = NEGATED_ACTS.search(text)
    if found is None:
        return None
    if COURTESY.search(text) or VAGUELY.match(text, found.start()):
        return None
    intended = (
        FUTURE.search(text) or VERB["target"].search(text) or found[0].lower().startswith("agree")
    )
    return negated, bool(intended)


def _other(text: str, m: re.Match[str]) -> bool:
    """Whether the word is not an act here: a forum that opened, an agreement concluded long ago."""
    head = text[: m.start()]
    if m[0].endswith("ed") and re.search(r"\b(?:the|an?|this|its|their) $", head, re.I):
        return True  # "the closed border"
    if re.search(r"\b(?:whether|if|unless|should|doubt\w*|rumou?rs|speculat\w+)\b", head, re.I):
        return True
    if re.match(r"(?:re)?open|launch", m[0], re.I) and re.match(
        r" (?:an?|the|its|their) (?:[\w-]+ ){0,3}?(?:exhibition|forum|fair|meeting|conference|session"
        r"|festival|summit|seminar|talks|event|round)\b",
        text[m.end() :],
    ):
        return True
    if re.match(r"(?:establish|creat)", m[0], re.I) and re.match(
        r" (?:in|on) [\w ]{0,15}\d{4}\b", text[m.end() :]
    ):
        return True
    if re.match(r" (?:by|under|between|within)\b", text[m.end() :]) and not re.search(
        r"\b(?:was|were|has|have|had|is|are|be|been|being)(?: \w+)? $", head
    ):
        return True
    return bool(
        re.search(
            r"\b(?:under|according to|by|of|resolution|decree) (?:the |a )?(?:[\w ]{0,30})$",
            head,
            re.I,
        )
        and re.match(r"(?:adopted|approved|signed|changed|created|agreed)$", m[0], re.I)
        and not re.search(r"\b(?:was|were|has|have|had|is|are|be|been) $", head)
    )
