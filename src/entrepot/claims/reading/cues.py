"""Words that tell what a number is: its kind, a rise or a fall, a denial."""

from __future__ import annotations

import re

from entrepot.claims.reading.cue_file import words

_RAISE = rf"(?:{words('raising')})"
_HAPPEN = rf"(?:{words('happening')})"
# Verbs and turns that tell a kind; the last one before a number holds.
VERBS = {
    "target": (rf"{words('verbs_target')}|agree(?:s|d)? (?:(?:in|on|at) [\w ]{{1,25}} )?(?:to|on) (?=(?:" rf"{_RAISE})\b)|(?:{words('deciding')}) (?:\w+ ){{0,4}}?to {_RAISE}\b"),
    "forecast": rf"{words('verbs_forecast')}|(?:{words('set_to')}) to (?={_HAPPEN}\b)",
    "capacity": rf"{words('verbs_capacity')}",
    "cost": rf"{words('verbs_cost')}",
    "strong": (rf"(?<!to have )(?<!will have )(?<!would have )(?<!could have )(?<!should have )(?<!be )(?<" rf"!been )(?:{words('verbs_strong')})\b"),
}  # fmt: skip
# Nouns that govern the numbers of their clause until another verb of doing comes.
NOUNS = {
    "target": rf"{words('nouns_target')}",
    "capacity": r"capacity\b|capacities\b|throughput limit\b",
    "cost": rf"{words('nouns_cost')}",
}  # fmt: skip
VERB = {k: re.compile(rf"\b(?:{t})", re.I) for k, t in VERBS.items()}
NOUN = {k: re.compile(rf"\b(?:{t})", re.I) for k, t in NOUNS.items()}
# A verb that says something new.
FINITE = re.compile(
    (
        rf"(?:{VERB['strong'].pattern})|(?:{VERB['target'].pattern})|(?:"
        rf"{VERB['forecast'].pattern})|\b(?:{words('finite')})\b"
    ),
    re.I,
)
# A thing measured that takes the number from the noun before it: "the plan helped: trade reached".
OWN_SUBJECT = re.compile(
    (
        rf"(?<!of )(?<!for )(?<!in )(?<!raising )(?<!lifting )(?<!bringing )\b(?:"
        rf"{words('own_subject')})\b"
    ),
    re.I,
)
FUTURE = re.compile(r"\b(?:will|shall)\b|['’]ll\b", re.IGNORECASE)
# Up to the verb whose subject a number is, not over "and" to another verb.
_UP_TO_VERB = rf"(?:(?! and (?:then |later )?(?:{words('up_to_verb')})\b)[^,;:.]){{0,60}}?"
# Behind a number: what it was meant to be, or the verb whose subject it is.
AFTER = {
    "target": re.compile(
        rf"{_UP_TO_VERB}\b(?:{words('after_target')})\b",
        re.I,
    ),
    "forecast": re.compile(
        rf"{_UP_TO_VERB}\b(?:{words('after_forecast')})\b",
        re.I,
    ),
    "cost": re.compile(
        rf"{_UP_TO_VERB}\b(?:{words('after_cost')})\b",
        re.I,
    ),
    "capacity": re.compile(
        (
            rf" (?:of )?(?:annual |yearly |design )?capacity\b|{_UP_TO_VERB}\bcan (?:\w+ )?(?:pass|cros"
            rf"s)\b"
        ),
        re.I,
    ),
    "actual": re.compile(
        (
            rf" ?(?:[a-z' -]{{0,40}}?\b)?(?:{words('after_actual')})\b(?! (?:{words('not_actual')})"
            rf")"
        ),
        re.I,
    ),
}
SAID_SO = {
    "target": re.compile(r",[\"”]? (?:the )?[a-z' -]{3,50}? (?:promised?s?|pledged|vowed)\b", re.I),
}
TRADE = re.compile(
    rf"\b(?:{words('trade')})\b",
    re.I,
)
LENT = re.compile(
    rf" (?:in|of) (?:[\w-]+ )?(?:{words('lent')})\b|[- ](?:{words('sum_of')})\b",
    re.I,
)
EACH = re.compile(
    rf" (?:{words('each')}) (?:\w+ )?(?:{words('priced_unit')})\b",
    re.I,
)
STOCK = re.compile(
    r"\binvestments? (?:since|flows?|stock|from)\b|\b(?:attract|drew|drawn|inflow)\w*\b",
    re.I,
)
PLEDGED = re.compile(
    rf"\b(?:{words('pledged')}) ?$",
    re.I,
)


UP = re.compile(
    rf"\b(?:{words('up')})\b",
    re.IGNORECASE,
)
DOWN = re.compile(
    rf"\b(?:{words('down')})\b",
    re.IGNORECASE,
)
CHANGING = re.compile(
    rf"(?:{UP.pattern})|(?:{DOWN.pattern})|\b(?:{words('changing')})\b",
    re.I,
)
SPANNING = re.compile(rf"\b(?:{words('spanning')})\b", re.I)
NEGATION = re.compile(
    rf"\b(?:{words('negation')})\b|n[’']t\b",
    re.IGNORECASE,
)
NOT_NEGATION = re.compile(
    rf"\b(?:{words('not_negation')})\b",
    re.I,
)
UNMET = re.compile(
    rf"[^,;.]{{0,60}}?\b(?:{words('unmet')})",
    re.I,
)
