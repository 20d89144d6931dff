"""Which of the times a sentence names holds for which number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from entrepot.dossier.cues import VERB
from entrepot.dossier.frame import Frame
from entrepot.dossier.periods import Period, years_on
from entrepot.dossier.words import UNITS

_N = "|".join(["an?", *UNITS, r"\d{1,2}"])
_LATER = (
    rf"(?:(?P<n>{_N}) years? (?P<way>earlier|before|previously|later|on\b|afterwards|after\b)"
    r"|the (?P<back>year before|previous year|preceding year|year earlier|prior year)"
    r"|the (?P<on>following year|next year|year after))"
)
BEHIND = re.compile(
    r",? ?(?:in |over |during |for )?(?:the )?(?:same (?:period|months?|quarter|time|half"
    rf"|season)s? (?:of |in )?)?{_LATER}",
    re.I,
)
AHEAD = re.compile(rf"(?<!than )(?<!as )(?<!from )(?<!on )(?<!of )(?<!than in )\b{_LATER}", re.I)
COMPARED = re.compile(
    r"\b(?:than(?: it was| they were)?(?: in| for| over)?|as in|as (?:many|much|high"
    r"|low) as(?: in)?|compared (?:with|to)(?: those in| that in)?|versus|vs\.?|relative to"
    r"|in comparison (?:with|to)|against(?: that of| those of)?"
    r"|(?:times|twice|double|triple|half|treble) (?:that|those|the (?:level|figure|volume|total"
    r"|value|number|amount|result))s?"
    r"|(?:exceed\w*|above|below|beat\w*|than|against|over|under|surpass\w*) (?:the |that "
    r"|those )?(?:\w+ )?(?:level|figure|volume|result|total|mark|value|record|amount"
    r"|quantit(?:y|ie))s?(?: of| in| for)?"
    r"|(?:level|figure|figures|volume|result|results|total|mark|value|record|peak|average|those"
    r"|that|number|amount|half|third|quarter)s? (?:of|in|for|recorded in|reached in|seen in)"
    r"|on)\s+(?:the )?$",
    re.I,
)
RATE_BASE = re.compile(
    r"(?:\b(?:from|over|against|above|below|vs\.?|on|to|compared (?:with|to)|versus"
    r"|relative to)\s+(?:the )?)$",
    re.I,
)
# A time behind one of these belongs to it: "the road map of 2021", "approved in March 2025".
PAPER = re.compile(
    r"\b(?:treaty|agreements?|decree|law|resolution|road ?map|protocol|contract|memorandum"
    r"|summit|meeting|forum|commission|war|pandemic|crisis|one|accord|deal|declaration|visit"
    r"|earthquake|drought|flood|blockade|sanctions|reform|revolution|talks|convention"
    r"|concession|tender|strategy|programme|letter|report|study|survey|census|edition"
    r"|constitution|code) $",
    re.I,
)
EVENT = re.compile(
    r"(?P<aux>\b(?:was|were|been|being|is|are|be) (?:\w+ly )?)?\b(?:approved|adopted|signed"
    r"|concluded|agreed(?: on| upon)?|ratified|enacted|founded|established|imposed|introduced"
    r"|issued|elected|appointed|launched|opened|reopened|inaugurated|commissioned|began|begun"
    r"|started|created|set up|built|collapsed|joined|ended|expired|closed|returned|broke out"
    r"|lifted|awarded|ordered|finished|completed|taken over|merged|privatised|renamed|published"
    r"|published|independence|came into force|entered into force|entered service|withdrew"
    r"|took effect|took office)(?: [a-z]+){0,3}? $",
    re.I,
)
SUBORDINATE = re.compile(
    r"(?:,? \b(?:which|who|whose|when|because|unless|once|where|until|after|since|if|as soon as"
    r"|following|thanks to|under|what|how)\b)",
    re.I,
)
JOINED = re.compile(r"(?:\band|,|;|–|-)[ \"“]*$", re.I)
FINITE = re.compile(
    rf"(?:{VERB['weak'].pattern})|(?:{VERB['strong'].pattern})|(?:{VERB['target'].pattern})"
    rf"|(?:{VERB['forecast'].pattern})"
    r"|\b(?:is|are|has|have|had|will|said|ran|told|can|do|does|did)\b",
    re.I,
)
GROUPS = {
    "actual": "done",
    "cost": "cost",
    "capacity": "capacity",
    "target": "meant",
    "forecast": "meant",
}


def periods(
    f: Frame, kinds: Sequence[str], measures: Sequence[str], free: Sequence[Period]
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
    f: Frame, i: int, kinds: Sequence[str], measures: Sequence[str], free: Sequence[Period],
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
        return p, "" if p.since else p.value
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


def _respective(f: Frame, i: int, free: Sequence[Period]) -> Period | None:
    """The time of one of two numbers where two times are named: "in 2023 and 2024 ... 1.1 and 1.6"."""
    qs, text = f.quantities, f.text
    for a, b in pairwise(free):
        if not a.value or not b.value or not re.fullmatch(r" and (?:in )?", text[a.end : b.start]):
            continue
        for j in (i - 1, i):
            if (
                j >= 0
                and j + 1 < len(qs)
                and re.fullmatch(r" and (?:about |some )?", text[qs[j].end : qs[j + 1].start])
            ):
                return a if i == j else b
    return None


def _ends(f: Frame, i: int, free: Sequence[Period]) -> tuple[str, str] | None:
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


def usable(f: Frame, p: Period, q_end: int) -> bool:
    """Whether a time tells when what is counted was so, rather than the date of a paper or an event."""
    head = f.text[: p.start]
    if not head.endswith(" "):
        head += " " if head else ""
    own = f.text[p.start : p.end].lower()
    if COMPARED.search(head):
        return False
    if re.search(
        r"\b(?:road ?map|programme|strategy|plan of action|action plan) $", head, re.I
    ) and own.startswith("for "):
        return False
    if PAPER.search(head) and re.match(r"of |in |from |on |(?:19|20)\d\d", own):
        return False
    if re.search(
        r"\b(?:promised|pledged|agreed|set|announced|reported) $", head, re.I
    ) and own.startswith(("in ", "on ", "at ")):
        return False
    if re.search(
        r"\b(?:shelved|scrapped|abandoned|withdrawn|cancelled|given up|dropped) $", head, re.I
    ):
        return False
    event = EVENT.search(head)
    if event:
        direct = event["aux"] and q_end and q_end <= event.start()
        return bool(direct) and not SUBORDINATE.search(head[q_end:])
    return True


def _following(f: Frame, i: int, growth: bool, free: Sequence[Period], stop: int) -> Period | None:
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
        if (
            growth
            and re.match(r"(?:on|from|over|after|against) (?:19|20)", text[p.start : p.end])
            and "/" not in p.value
        ):
            continue
        if not usable(f, p, q.end):
            continue
        if f.hard_between(q.end, p.start) or SUBORDINATE.search(between):
            return None
        if _aside(text, q.start, q.end) and "," in between:
            return None
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
    if re.fullmatch(r",? (?:about |some |around |more than |over )?", after):
        return False
    return bool(re.match(r"\s*[,;.)]", after)) and not re.search(
        r"[a-z]{3,} [a-z]{2,} [a-z]{2,}", after
    )


def _preceding(
    f: Frame, i: int, kinds: Sequence[str], free: Sequence[Period], held: dict[int, int]
) -> Period | None:
    q = f.quantities[i]
    before = [p for p in free if p.end <= q.start and not p.same and usable(f, p, 0)]
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
    if _relative_clause(f.text[p.start : q.start], p, f, q.start):
        return None
    return p


def _relative_clause(between: str, p: Period, f: Frame, at: int) -> bool:
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


def _shared(f: Frame, i: int, kinds: Sequence[str], free: Sequence[Period]) -> Period | None:
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
