"""Words that tell what a number is: its kind, a rise or a fall, a denial."""

from __future__ import annotations

import re

from entrepot.claims.reading.words import ABOUT

_RAISE = (
    r"(?:bring|raise|lift|take|increase|double|triple|boost|expand|cut|reduce|lower|shorten|get"
    r"|push|drive|build|lay|buy"
    r"|purchase|run|grow|reach|hit|send|ship|export|import|supply|deliver|carry|move|open|add"
    r"|plant|hire|train)"
)
_HAPPEN = (
    r"(?:be|reach|open|start|rise|grow|carry|handle|run|come|increase|arrive|begin|enter|take"
    r"|deliver|exceed|double|total"
    r"|fall|drop|amount|go|follow|end|expire|close|cross|pass|finish|complete|cost|launch"
    r"|triple|shrink|cut|move|hit|join)"
)
# Verbs and turns that tell a kind; the last one before a number holds.
VERBS = {
    "target": r"aim(?:s|ed|ing)?\b|target(?:s|ed|ing)?\b|plan(?:s|ned|ning)?\b|intend(?:s|ed|ing)?\b"
    r"|(?:is|are|was|were) to\b(?! be seen| some| a )|wants?\b|wanted\b|seek(?:s|ing)?\b"
    r"|sought to\b|must\b|should\b|ought to\b"
    r"|(?:has|have|had|needs?) to (?=[a-z]+\b)|(?:instruct|order)(?:s|ed) (?:[\w']+ ){1,6}?to\b"
    r"|foresee(?:s|n)?\b|foresaw\b|schedul(?:es?|ed)\b|slated\b"
    r"|ready to (?:bring|raise|lift|take|increase|double|boost|expand|cut|lower|invest)\b"
    r"|promis(?:e|es|ed|ing)\b|guarantee(?:s|d)?\b|pledg(?:e|es|ed|ing)\b|undert(?:ook|akes?"
    r"|aken)\b"
    rf"|agree(?:s|d)? (?:(?:in|on|at) [\w ]{{1,25}} )?(?:to|on) (?=(?:let|allow|admit|exchange|provide|receive|halve|treble|{_RAISE})\b)"
    r"|(?:hopes?|hoped|hoping|decided?|decides|failed"
    rf"|resolved|tasked|urged|asked|told|called on) (?:\w+ ){{0,4}}?to {_RAISE}\b"
    r"|commit(?:s|ted|ting)? (?:itself |themselves )?to\b|committed\b|ey(?:es|ed|eing)\b|eye (?=[$€£\d])"
    r"|envisag\w+|provid(?:e|es|ed|ing) for\b|vow(?:s|ed)?\b"
    r"|propos(?:es?|ed|al|ing)\b|(?:meant|supposed) to\b|(?:its|their|his|her) sights on\b"
    r"|(?:call(?:s|ed)? for|demanded|demands that)\b|striv(?:es?|ing)\b|bent on\b"
    r"|prepar(?:es|ing) to\b|set about\b|would like to\b|stipulat\w+|calls? for\b|seeking\b"
    rf"|(?:road ?map|programme|program|plan|agreement|memorandum|strategy|deal|decree)(?: (?:for|of) [\w-]+)? to (?={_RAISE}\b)"
    r"|agreed on\b(?! (?:a|an|the) (?:[\w-]+ )?(?:discounts?|rebates?|rates?|tariffs?|fees?|dut(?:y|ies)"
    r"|prices?|reductions?)\b)|agree on\b|set (?:itself|themselves)\b|envision\w*"
    r"|(?:we|I)(?: (?:will|shall)|['’]ll)\b(?! be able)|(?:will|shall) (?:then |also "
    r"|soon )?(?:be )?(?:built|laid|bought|extended|widened|lengthened|purchased|delivered|raised|lifted|brought|cut"
    r"|lowered|reduced|shortened|added|supplied|shipped|hired|trained|planted|electrified"
    r"|modernised|modernized|repaired|refitted|rebuilt|installed|procured|build|lay|buy"
    r"|purchase|order|raise|lift|bring|lower|reduce|add|supply|ship|send|hire|train|plant"
    r"|electrify|modernise|modernize|repair|install|procure)\b",
    "forecast": r"expect(?:s|ed|ing)?\b|pegged at\b|(?:tipped|estimated) to\b|confident (?:of|that)\b|forecast(?:s|ed|ing)?\b|project(?:s|ing|ed)\b(?! (?:worth|cost))"
        r"|predict(?:s|ed|ing)?\b|could\b|(?-i:may)\b(?! \d)|might\b"
    r"|likely\b|hop(?:es?|ed|ing)\b|prospects?\b|(?:stands? )?ready to (?:supply|send|ship"
    r"|export|deliver|transport|carry|provide|handle|move|receive)\b|would\b|anticipat\w+"
    r"|reckon(?:s|ed)?\b(?! with)"
    rf"|(?:set|due|on track|on course|poised|bound|going) to (?={_HAPPEN}\b)|possibl[ey]\b"
    r"|fears?\b|feared\b|assum(?:e|es|ing)\b|sees\b|seen (?=[a-z]+ing\b|at\b|as\b)|foresee(?:s"
    r"|n)? by (?:analysts|experts)\b"
    r"|(?:analysts|experts|economists|forecasters|observers|consultants|researchers|agency|bank"
    r"|fund|brokers|traders) (?:also |now |still )?(?:put|see|reckon|estimate|count on"
    r"|place)s?\b|can (?:become|reach|grow|rise|bring|save|increase|exceed|expect|earn|attract|draw|yield|be (?:raised"
    r"|increased|brought))\b",
    "capacity": r"can (?:\w+ )?(?:handle|carry|process|take|pass|receive|accept|serve|load|unload|store"
        r"|hold|accommodate|move|tranship|transship|house|hoist|service|park|dispatch|transport"
        r"|clear)\b"
    r"|able (?:now )?to (?:handle|carry|process|take|pass|receive|accept|serve|load|store|hold"
    r"|accommodate|move|tranship|clear)\b|design(?:ed)? (?:for|to)\b|capable of\b"
    r"|accommodat(?:es?|ing)\b"
    r"|will (?:be able to )?(?:handle|process|accommodate|hold)\b(?=[^,;]*(?:\byear|annual"
    r"|\bday|\bmonth|\bat a time|\bat once|\bup to\b))|room for\b|space for\b|(?:hold"
    r"|contain)s? (?:up to|as many as)\b|(?:silos?|warehouses?|depots?|elevators?|tanks?"
    r"|hangars?|yards?|granar(?:y|ies)) holds?\b"
    r"|(?:built|rated|laid out|dimensioned|equipped|sized) (?:for|at|to handle|to process"
    r"|to take)\b",
    "cost": r"cost(?:s|ing|ed)?\b|put at\b|worth\b(?! of\b)|lend(?:s|ing)?\b|lent\b|invest(?:s|ed"
        r"|ing)?\b(?! in [^,;]* (?:reached|rose|grew))|fund(?:s|ed)\b|allocat(?:e|es|ed|ing)\b|allot(?:s|ted)\b"
        r"|earmark\w*"
    r"|pa(?:y|ys|id|ying)\b|will put\b|put(?:s|ting)? up\b|financ(?:e|es|ed|ing)\b(?! gap)|spen[dt]s?\b"
    r"|spending\b|estimated at\b|valued at\b|charg(?:e|es|ed|ing)\b|borrow(?:s|ed)?\b"
    r"|set(?:s|ting)? aside\b|contribut(?:e|es|ed|ing)\b|subsidis\w+|subsidiz\w+|disburs\w+"
    r"|plough\w*|sunk into\b|priced at\b|fined\b|quot(?:e|es|ed)\b|fetch(?:es|ed)?\b|trad(?:es"
    r"|ed|ing) at\b|offered a (?:loan|credit)\b",
    "weak": r"(?<!to have )(?<!will have )(?<!would have )(?<!could have )(?<!should have )(?<!be )(?:reached"
        r"|amount(?:ed|s) to|total(?:l?ed|s)|came to|stood at|stands at|numbered|was|were|rose|fell"
        r"|grew|exceeded|passed"
    r"|topped|averaged|dropped|climbed|jumped|increased|decreased|declined|shrank|doubled"
    r"|tripled|slumped|plunged|peaked|sank|slipped|surged|soared|dwindled|went|got to|hit"
    r"|made up|accounted|remained)\b(?! (?:to\b|planned|expected|due|likely|set\b|forecast"
    r"|scheduled|projected|supposed))",
    "strong": r"(?<!to have )(?<!will have )(?<!would have )(?<!could have )(?<!should have )(?<!be )(?<!been )(?:handled"
        r"|carried|shipped|exported|imported|hauled|transported|moved|processed|received|crossed"
        r"|delivered|sold|bought"
    r"|(?:re)?loaded|unloaded|stored|earned|brought in|took in|served|transshipped|transhipped|recorded"
    r"|registered|collected|supplied|sent|dispatched|produced|built|laid|ran|cleared|attracted"
    r"|visited|travelled|used)\b",
}  # fmt: skip
# Nouns that govern the numbers of their clause until another verb of doing comes.
NOUNS = {
    "target": r"goals?\b|targets?\b|(?<!business )(?:plan|plans)\b|ambitions?\b|aims?\b|objectives?\b|tasks? of\b"
        r"|road ?map (?:foresees|sets)\b|programme (?:foresees|sets)\b|benchmark\b|pledge of\b"
        r"|promise of\b|commitment (?:of|to)\b",
    "forecast": r"forecasts?\b|projections?\b|potential\b|estimates? for 20|prospects?\b|outlook\b",
    "capacity": r"capacity\b|capacities\b|throughput limit\b",
    "cost": r"costs?\b|price(?:s| tag)?\b|loans?\b|credits?\b|credit lines?\b|grants?\b|budgets?\b"
        r"|fees?\b|tolls?\b|dues\b|charges?\b|outlays?\b|(?<!exchange )rates?\b(?! of exchange"
        r"| of growth)"
    r"|fines?\b|rents?\b|lease\b|subsid(?:y|ies)\b|compensation\b|financing\b(?! gap)|funding\b"
    r"|expenditures?\b|spending\b|investments? (?:of|worth|required|needed|programme|volume"
    r"|in (?:the|a|its|building))\b|tariffs? (?:of|for)\b"
    r"|fares?\b|tickets?\b|bills?\b|deposit\b|guarantee of\b|premiums?\b|bonds?\b|tranche\b"
    r"|excise\b|surcharges?\b|levy\b|stake worth\b|contracts? (?:worth|of|for)\b"
    r"|contract value\b|investors?\b",
}  # fmt: skip
VERB = {k: re.compile(rf"\b(?:{t})", re.I) for k, t in VERBS.items()}
NOUN = {k: re.compile(rf"\b(?:{t})", re.I) for k, t in NOUNS.items()}
# A verb that says something new.
FINITE = re.compile(
    rf"(?:{VERB['weak'].pattern})|(?:{VERB['strong'].pattern})|(?:{VERB['target'].pattern})"
    rf"|(?:{VERB['forecast'].pattern})"
    r"|\b(?:is|are|has|have|had|will|said|ran|told|can|do|does|did)\b",
    re.I,
)
# A thing measured that takes the number from the noun before it: "the plan helped: trade reached".
OWN_SUBJECT = re.compile(
    r"(?<!of )(?<!for )(?<!in )(?<!raising )(?<!lifting )(?<!bringing )\b(?:trade|turnover"
    r"|exports|imports|freight|transit|volumes?|cargo|traffic|shipments|throughput"
    r"|deliveries)\b",
    re.I,
)
FUTURE = re.compile(r"\b(?:will|shall)\b|['’]ll\b", re.IGNORECASE)
# Up to the verb whose subject a number is, not over "and" to another verb.
_UP_TO_VERB = (
    r"(?:(?! and (?:then |later )?(?:could|might|may|would|will|should|must|is|are|was|were|can"
    r"|plans?"
    r"|aims?|hopes?|expects?|wants?|intends?)\b)[^,;:.]){0,60}?"
)
# Behind a number: what it was meant to be, or the verb whose subject it is.
AFTER = {
    "target": re.compile(
        _UP_TO_VERB + r"\b(?:planned|foreseen|targeted|promised|pledged|envisaged|intended"
        r"|aimed at|scheduled|stipulated|hoped for|(?:is|are|was|were) (?:to|due)|should"
        r"|(?:will|shall) (?:then |also |soon )?be (?:laid|built|bought|delivered|installed"
        r"|added|opened"
        r"|finished|completed|hired|rebuilt|modernised|raised|reconstructed|electrified"
        r"|repaired|refitted|planted|supplied|shipped|purchased)"
        r"|must|due (?:by|in|to be)|wanted"
        r"|(?:is|are|was|remains?|as) (?:the|a|its|their|our|his) (?:\w+ )?(?:goal|target|aim|objective|ambition))\b",
        re.I,
    ),
    "forecast": re.compile(
        _UP_TO_VERB + r"\b(?:expected|forecast|projected|predicted|anticipated|might|could"
        r"|(?-i:may)(?= [a-z])|would|will|shall|likely|possible|conceivable|feasible|realistic)\b",
        re.I,
    ),
    "cost": re.compile(
        _UP_TO_VERB
        + r"\b(?:set aside|sanctioned|ordered|bought|purchased|allocated|spent|invested|earmarked|lent|granted"
        r"|contributed|disbursed|borrowed|(?:is|are|was|were|will be|has been"
        r"|have been) (?:needed|required|provided|paid)|has been paid|for the (?:construction"
        r"|building|purchase))\b",
        re.I,
    ),
    "capacity": re.compile(
        r" (?:of )?(?:annual |yearly |design )?capacity\b|"
        + _UP_TO_VERB
        + r"\bcan (?:\w+ )?(?:pass|cross|be (?:handled|processed|carried|stored"
        r"|loaded|moved|accepted|accommodated|transshipped|received|served))\b",
        re.I,
    ),
    "actual": re.compile(
        r" ?(?:[a-z' -]{0,40}?\b)?(?:is|are|was|were|has|have|had|passed|crossed|moved|went"
        r"|came|ran|arrived|left|changed)\b(?! (?:to\b|planned|due|expected|likely|forecast"
        r"|scheduled|projected|supposed|foreseen))",
        re.I,
    ),
}
SAID_SO = {
    "target": re.compile(r",[\"”]? (?:the )?[a-z' -]{3,50}? (?:promised?s?|pledged|vowed)\b", re.I),
    "forecast": re.compile(
        r",[\"”]? (?:the )?[a-z' -]{3,50}? (?:predicts?|predicted|forecasts?|expects?|expected"
        r"|fears?|hopes?|hoped|reckons?|reckoned|projects|projected|estimates)\b",
        re.I,
    ),
}
TRADE = re.compile(
    r"\b(?:trade|turnover|commerce|exports?|exported|imports?|imported|shipments?|goods|sales"
    r"|sold|receipts|revenues?|earnings|income)\b",
    re.I,
)
LENT = re.compile(
    r" (?:in|of) (?:[\w-]+ )?(?:loans?|credits?|grants?|investments?|financing|funding|aid"
    r"|subsid(?:y|ies)|compensation|damages)\b"
    r"|[- ](?:loan|credit|grant|investment|project|contract|tender|bond|package|deal|facility"
    r"|scheme|programme|upgrade|terminal|railway|line)\b",
    re.I,
)
EACH = re.compile(
    r" (?:an?|per|each|for (?:each|every|a)|to the) (?:\w+ )?(?:tonne|ton|container|box|truck"
    r"|lorry|wagon|railcar|barrel|vehicle|car|kilomet\w+|km|teu|feu|head|passenger|seat|ticket"
    r"|kg|kilo|litre|cubic|trip|permit|crossing|entry|unit|consignment|visa)\b",
    re.I,
)
STOCK = re.compile(
    r"\b(?:mutual|bilateral|foreign|direct|accumulated|cumulative|reciprocal|fdi|inward|outward"
    r"|[a-z]+(?:ese|ian|ish|kh|bek|men)) (?:direct )?investments?\b"
    r"|\binvestments? (?:since|flows?|stock|from)\b|\b(?:attract|drew|drawn|inflow)\w*\b",
    re.I,
)
PLEDGED = re.compile(
    r"\b(?:pledg(?:e|es|ed|ing)|promis(?:e|es|ed)|committed|commits|offer(?:s|ed)?|put"
    r"|provid(?:e|es|ed)|lend|award(?:s|ed)?|secure[sd]?|raised|approv(?:e|es|ed)|need(?:s|ed)?"
    r"|requir(?:e|es|ed)|demand(?:s|ed)?)(?: (?:a|an|some|about|another|further|up to|more than"
    r"|at least|over|nearly|almost|loan|the|of|total|additional))* ?$",
    re.I,
)

PAID_FOR = re.compile(
    r"\b(?:stakes?|shares?|terminal|port|company|plant|concession"
    r"|lease)\b[^,;]{0,40} sold (?:\w+ ){0,4}?(?:for|at) " + ABOUT + r"$|\b(?:bought|ordered"
    r"|purchased|acquired|(?:re)?built|refurbished|renovated|upgraded|modernised|leased|hired|rented|won|awarded|sell|sells|buy|buys|order|purchase"
    r"|lease)\b[^,;]{0,60} (?:for|at) " + ABOUT + "$",
    re.I,
)

UP = re.compile(
    r"\b(?:rose|ris(?:es?|en|ing)|gr(?:ew|ows?|own|owing|owth)|increas\w+|up|climb\w*|jump\w*"
    r"|soar\w*|surg\w+|gain\w*|expan\w+|more|higher|above"
    r"|rais(?:ed?|es|ing)|added|adds|boost\w*|upsurge|skyrocket\w*|balloon\w*|upturn|hik\w+|advanc(?:es|ed|ing)|accelerat\w+"
    r"|swell\w*|swollen|leap\w*|leapt|rocket\w*|rebound\w*|recover\w*|lengthen\w*|longer"
    r"|exten(?:d\w*|sions?)|strengthen\w*"
    r"|edged up|picked up|improv\w+|mount(?:ed|ing)|lift(?:ed|s|ing)?|widen\w*|spik\w+"
    r"|multipl\w+|progress\w*|put up|greater|plus|appreciat\w+|outstrip\w*|beat|beats"
    r"|exceed(?:s|ed|ing)?|outpaced?)\b",
    re.IGNORECASE,
)
DOWN = re.compile(
    r"\b(?:fell|fall(?:s|en|ing)?|drop\w*|declin\w+|decreas\w+|down|cut|cuts|cutting|slump\w*"
    r"|less|lower\w*|reduc\w+|fewer|below"
    r"|shr[aiu]nk\w*|discount\w*|shorten\w*|plung\w+|lost|lose[s]?|losing|slip\w*|trim\w*"
    r"|dwindl\w+|s[aiu]nk|sinks?|sinking|contract(?:ed|ion|ing)|tumbl\w+|div(?:ed|es|ing)"
    r"|dip\w*|crash\w*|collaps\w+|halv\w+"
    r"|rebates?|slash\w*|shed|sheds|eas(?:ed|ing)|weaken\w*|deteriorat\w+|slid|slides?|sliding"
    r"|retreat\w*|recede\w*|curb\w*|curtail\w*|minus|shorter|cheap\w*|slow\w*|narrow\w*|sagg\w*"
    r"|nosediv\w*|plummet\w*|tanked|taper\w*|depreciat\w+|pared|brought down|bring down|faster|quicker|sooner|saved?|saves"
    r"|saving|compress\w*|wane\w*|descend\w*|ebbed|reverted|subsid(?:ed|ing))\b",
    re.IGNORECASE,
)
CHANGING = re.compile(
    rf"(?:{UP.pattern})|(?:{DOWN.pattern})|\b(?:went|go(?:es)?|going|brought|bring\w*|chang\w+"
    r"|turn\w*|mov(?:ed|es|ing)|took|take)\b",
    re.I,
)
SPANNING = re.compile(r"\b(?:rang\w+|var(?:y|ies|ied|ying)|anywhere|fluctuat\w+|between)\b", re.I)
NEGATION = re.compile(
    r"\b(?:not|never|no(?!\.? ?\d)|neither|nor|den(?:ied|ies|y|ying)|fail(?:s|ed|ing)? to"
    r"|fell short of"
    r"|falls? short of|fall(?:s|ing)? short of|(?:well|far|just|still|remain\w*"
    r"|stopp\w+) short of|untrue|not true|no truth|false(?= that)|miss(?:ed|es|ing)?|cannot"
    r"|hardly|none of|yet to|nowhere near|far from"
    r"|refut\w+|reject(?:s|ed)|disput(?:es|ed)|ruled out|no longer|not a single|refus(?:es"
    r"|ed) to|unable to|neither|nobody|no one|none|nothing|contrary to)\b|n[’']t\b",
    re.IGNORECASE,
)
NOT_NEGATION = re.compile(
    r"\b(?:not only|not just|no (?:less|fewer|more|later|longer|lower|higher|greater|larger) than|not (?:less|fewer|more"
    r"|longer|later) than|no doubt|contrary to|from nothing|next to nothing|nothing (?:but|less)|not least|not until|whether or not|no matter)\b",
    re.I,
)
UNMET = re.compile(
    r"[^,;.]{0,60}?\b(?:(?:was|were|is|are|been|has|have|had)(?:n[’']t| not"
    r"| never)(?: yet)?(?: been)? (?:reached|met|achieved|attained|fulfilled|hit|realised"
    r"|realized|kept|carried|delivered|shipped|moved|laid|built|paid|come|met|made|materialised"
    r"|honoured)"
    r"|(?:was|were|been|will be) missed|never (?:came|materialised|materialized|arrived|passed"
    r"|moved|happened|reached|left)|did(?:n[’']t| not) (?:come|materialise|materialize|arrive"
    r"|happen|pass)|(?:has|have) yet to|failed to (?:arrive|materialise|materialize)"
    r"|out of reach|(?:came|come) to nothing|(?:was|were|has been|been) (?:abandoned|shelved"
    r"|dropped|scrapped)|fell through|remains? (?:unmet|a dream|on paper))",
    re.I,
)
