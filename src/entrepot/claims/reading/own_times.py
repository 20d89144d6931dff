"""Times that are those of a paper, a programme, an event or a comparison, and not of a number."""

from __future__ import annotations

import re

from entrepot.claims.reading.cues import FINITE
from entrepot.claims.reading.periods import Period
from entrepot.claims.reading.sentence import Sentence

COMPARED = re.compile(
    r"\b(?:than (?:(?:in|for|during|over|the|whole|of|all|entire|same|full|that|those|it|was|were"
    r"|had|been|a|period|months?) )*(?:whole|all|entire|full|period|months?)|than(?: it was| they were)?(?: in| for| over)?|as in|as (?:many|much|high"
    r"|low) as(?: in)?|compared (?:with|to)(?: those in| that in)?|versus|vs\.?|relative to"
    r"|in comparison (?:with|to)|against(?: that of| those of)?"
    r"|(?:times|twice|double|triple|half|treble) (?:that|those|the (?:level|figure|volume|total"
    r"|value|number|amount|result|estimate|plan|price|cost|rate|average|output))s?"
    r"|(?:exceed\w*|above|below|beat\w*|than|against|over|under|surpass\w*) (?:the |that "
    r"|those )?(?:\w+ )?(?:level|figure|volume|result|total|mark|value|record|amount"
    r"|quantit(?:y|ie))s?(?: of| in| for)?"
    r"|(?:level|figure|figures|volume|result|results|total|mark|value|record|peak|average|estimate|plan|forecast|those"
    r"|that|number|amount|half|third|quarter)s? (?:of|in|for|recorded in|reached in|seen in)"
    r"|(?:above|below|than|over|against|under|compared (?:with|to)|as) (?:that|those)|on)\s+(?:the )?$",
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
# The years of a programme are its own: "a programme of cooperation for 2026-2028".
_PROGRAMME = (
    r"(?:road ?maps?|programmes?|programs?|strateg(?:y|ies)|plans? of action|action plans?"
    r"|concepts?|agendas?|master ?plans?|framework|memorand(?:um|a)|protocols?)"
)
_PLAN = rf"(?:{_PROGRAMME}|plans?|schedules?|agreements?|contracts?)"
_OF_WHAT = r"(?: (?:of|for|on|between|with|in|to)(?: [\w'’-]+){1,6})?"
PAPER_BEHIND = re.compile(
    r" (?:contract|agreement|treaty|decree|law|resolution|accord|deal|memorandum|protocol|convention"
    r"|tender|study|report|survey|census|summit|declaration|order|pact|statute|road ?map)\b",
    re.I,
)
PROGRAMME_FOR = re.compile(rf"\b{_PROGRAMME}(?P<what>{_OF_WHAT}) $", re.I)
PLAN_FOR = re.compile(rf"\b{_PLAN}(?P<what>{_OF_WHAT}) $", re.I)
PLAN_BEHIND = re.compile(rf" (?:(?!the\b|an?\b|its\b|their\b)[a-z-]+ ){{0,2}}{_PLAN}\b", re.I)
EVENT = re.compile(
    r"(?P<aux>\b(?:was|were|been|being|is|are|be) (?:\w+ly )?)?\b(?:approved|adopted|signed"
    r"|concluded|agreed(?! to\b)(?: on| upon)?|ratified|enacted|founded|established|imposed|introduced"
    r"|issued|elected|appointed|launched|opened|reopened|inaugurated|commissioned|began|begun"
    r"|started|created|set up|built|collapsed|joined|ended|expired|closed|returned|broke out"
    r"|lifted|awarded|ordered|finished|completed|taken over|merged|privatised|renamed|published"
    r"|independence|came into force|entered into force|entered service|withdrew"
    r"|took effect|took office)(?: [a-z]+){0,3}? $",
    re.I,
)
SUBORDINATE = re.compile(
    r"(?:,? \b(?:which|who|whose|when|because|unless|once|where|until|after|since|if|as soon as"
    r"|following|thanks to|under|what|how)\b)"
    r"|, (?:including|among them|such as|notably|one of them|led by)\b[^,]*$",
    re.I,
)


def usable(f: Sentence, p: Period, q_end: int) -> bool:
    """Whether a time tells when what is counted was so, rather than the date of a paper or an event."""
    head = f.text[: p.start]
    if not head.endswith(" "):
        head += " " if head else ""
    own = f.text[p.start : p.end].lower()
    if COMPARED.search(head):
        return False
    if _of_programme(f.text, p):
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


def _of_programme(text: str, p: Period) -> bool:
    """Whether a time is that of a programme, strategy or plan named at it."""
    years = re.fullmatch(r"\d{4}/\d{4}", p.value) is not None
    if (PLAN_BEHIND if years else PAPER_BEHIND).match(text, p.end):
        return True
    if re.match(r"(?:in|by|on|until|since|during|over) ", text[p.start :], re.I):
        return False
    named = (PLAN_FOR if years else PROGRAMME_FOR).search(text[: p.start])
    return named is not None and FINITE.search(named["what"]) is None
