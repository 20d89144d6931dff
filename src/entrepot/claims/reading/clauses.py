"""Where the clauses of a sentence begin.

That is at "but", a semicolon and the like, and where a verb of another time takes over: "reached 287
in 2024 and is planned to reach 600".
"""

from __future__ import annotations

import re

BREAK = re.compile(
    r"[;:](?!\d)|,?\s+\b(?:but|while|whereas|although|though|however)\b|,? and (?=that\b)"
    r"|, (?=having\b|(?:after|following) (?:falling|growing|rising|dropping|reaching|hitting|increasing"
    r"|declining|shrinking|gaining|losing)\b)"
    r"|(?<=[\"”]),? (?=(?:the )?[\w ]{0,40}?\b(?:said|told|added|stated|announced)\b)",
    re.IGNORECASE,
)
_ADVERB = (
    r"(?:(?:now|also|then|still|later|further|currently|already|even|eventually|ultimately|soon"
    r"|probably|reportedly|never|not|no longer|both|together|next|next year|this year) )*"
)
_TOWARDS = (
    r"(?:planned|expected|forecast|forecasted|projected|predicted|scheduled|slated|due|likely"
    r"|unlikely|supposed|targeted|tipped|hoped|estimated to|anticipated|foreseen|intended|meant"
    r"|envisaged|poised|on (?:course|track)|about to|ready to|bound to|certain to|set to"
    r"|going to|aiming|hoping|planning|seeking|looking to|preparing to|targeting|expecting"
    r"|working to|seen|reckoned|to (?=[a-z]+\b))"
)
_SOME = r"(?:an?|the|about|some|around|another|at least|up to|more|further|its|over|[$€£\d])"
_MEANING = (
    rf"(?:(?:will|shall|should|would|could|(?-i:may)|might|must|can|cannot)\b|['’]ll\b|won['’]t\b"
    rf"|(?:is|are|was|were|has been|have been|had been) {_ADVERB}{_TOWARDS}"
    r"|(?:plan|intend|aim|hope|expect|want|seek|mean|propose|promise|pledge|undertake|target"
    r"|project|need|wish|look)s? to\b|(?:has|have) (?:pledged |promised |vowed |committed "
    r"|agreed |undertaken )?to\b|vow(?:s|ed)? to\b"
    r"|(?:planned|intended|aimed|hoped|expected|wanted|promised|pledged|agreed|decided) to\b"
    r"|(?:hopes?|expects?|predicts?) that\b|confident (?:of|that)\b"
    r"|(?:does|do)(?: not|n['’]t) (?:expect|plan|intend|want|hope|foresee)\b"
    r"|(?:expects?|forecasts?|projects|predicts?|anticipates?|foresees?|envisages?|targets?|eyes?"
    rf"|wants?|needs?|requires?|(?:plan|aim|hope)s? for|aims? at|seeks?|plans?) (?={_SOME}\b|{_SOME}))"
)
_BOUND_TO = (
    r"(?:expected|set|due|planned|forecast|projected|likely|slated|poised|scheduled|on course"
    r"|on track) to\b"
)
MEANING = re.compile(rf"\b{_MEANING}", re.I)
_SUBJECT = r"(?P<subject>(?:[A-Za-zÀ-ž'’-]+ ){0,9}?)"
TO_MEANING = re.compile(
    rf"(?:,? (?:and|but|yet|with)|, (?:which|who|where))(?= {_SUBJECT}{_ADVERB}(?:{_MEANING}|{_BOUND_TO}))",
    re.I,
)
TO_FACT = re.compile(
    rf"(?:,? (?:and|but|yet)|, (?:which|where))(?= {_SUBJECT}{_ADVERB}(?:has|have|had|reached|stood"
    r"|came|totalled|totaled|amounted|rose|fell|grew|carried|handled|shipped|exported|imported"
    r"|moved|received|was|were|is|are|hit|exceeded|bought|built|laid|delivered|opened)\b"
    rf"(?! {_ADVERB}{_TOWARDS}))",
    re.I,
)
# "and is to", "but they hope to": what is said is said of the subject before it.
SAME_SUBJECT = re.compile(
    rf",? (?:and|but|yet),? (?:(?:it|they|this|these|that|the (?:figure|number|share|rate|total|volume))"
    rf" )?{_ADVERB}(?:{_MEANING}|{_BOUND_TO})",
    re.I,
)
# A verb that tells what was; verbs of saying tell nothing of a number.
FACT = re.compile(
    r"\b(?:(?!(?:said|added|stated|reported|announced|noted|stressed|planned|expected|projected"
    r"|scheduled|promised|pledged|intended|hoped|united|unified|limited|combined|based|related"
    r"|so-called)\b)[a-z]{2,}ed|rose|fell|grew|shrank|sank|stood|came|went|ran|took|built|laid"
    r"|bought|sold|sent|hit|made|got|cut|has|have|had|is|are|was|were|carries|handles|accounts"
    r"|forecast|up|down|stands|costs?|takes?|paid|spent|drew|won|began|lent)\b",
    re.I,
)
COUNTED = re.compile(
    r"\d|\b(?:half|quarter|third|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|doubl"
    r"|tripl|halv)",
    re.I,
)


def breaks(text: str) -> list[int]:
    """Places in a sentence where a clause begins that does not go on with what stands before it."""
    hard = [m.start() for m in BREAK.finditer(text)]
    ends = zip([0, *hard], [*hard, len(text)], strict=True)
    return sorted({*hard, *(t for a, b in ends for t in _turns(text, a, b))} - {0})


def _turns(text: str, start: int, end: int) -> list[int]:
    """Places in a clause where another verb takes over that tells of another time than the first."""
    out: list[int] = []
    at = start
    for m in re.finditer(r",? (?:and|but|yet|with)\b|, (?:which|who|where)\b", text[:end]):
        if m.start() <= at:
            continue
        head = text[at : m.start()]
        if not COUNTED.search(head):
            continue
        if MEANING.search(head):
            turn = TO_FACT.match(text, m.start(), end)
        else:
            turn = TO_MEANING.match(text, m.start(), end)
            if turn and turn["subject"] and not FACT.search(head):
                continue
        if turn and not re.search(r"\b(?:is|are|was|were|has|have|had|that)\b", turn["subject"]):
            out.append(m.start())
            at = m.end()
    return out
