"""Words of acts: openings with a date, things agreed, introduced or ended, and talk that is neither."""

from __future__ import annotations

import re

OPENS = re.compile(
    r"\b(?:(?:re)?open(?:s|ed|ing)?|complet(?:e|es|ed|ion|ing)|commission(?:ed|ing)|launch(?:ed"
    r"|es)?|inaugurat(?:e|es|ed|ion)|(?:enter(?:ed|s)?|came|comes?|coming|go(?:es)?"
    r"|went) into (?:force|effect|operation|service|use|being)"
    r"|begin(?:s|ning)?|began|begun|start(?:s|ed)?(?: (?:work|up|operating|running|operations?"
    r"|production))?|finish(?:ed|es)?|ready|put off|postponed|put back|pushed back|moved to"
    r"|brought forward"
    r"|put into (?:service|operation|use)|(?:took|takes?|taking) effect|delayed|operational"
    r"|on stream|enter(?:ed|s)? service|commenc(?:e|es|ed)|due|(?:will|to|should) apply(?= from| as of)|be over|(?:to|will|should) end"
    r"|ended|end(?:s)?(?= on| in| by)|expir(?:e|es|ed|y)|lapse[sd]?"
    r"|clos(?:es|ed|ure)|to close|shut(?: down)?|in (?:operation|service|use)|up and running"
    r"|handed over|hand(?:s)? over|put on hold until|take up (?:work|service)|took up (?:work"
    r"|service)|resum(?:e|es|ed|ption)|goes? live|went live|switched on|be done|be in place"
    r"|come on line|came on line|come online|be laid|be built|(?:was|were) built(?= in\b))\b",
    re.IGNORECASE,
)
# What begins or opens without being a work of transport or a rule.
NOT_WORKS = re.compile(
    r"\b(?<!last )(?<!this )(?<!next )(?:forum|meeting|summit|exhibition|fair|conference|talks|session|war|pandemic|crisis"
    r"|conflict|visit|negotiations|year|season|festival|seminar|congress|round|month|ramadan"
    r"|quarter|term|consultations|embargo|invasion|strike|hearing|museum|monument|memorial|statue|concert|gallery|stadium"
    r"|theatre|library|course)s?\b"
    r"(?: [\w-]+){0,6}?(?: (?:was|were|is|are|had|has|have|been|be|will|which|that|to|due"
    r"|scheduled|would))* ?,? ?$",
    re.I,
)
ACTS = re.compile(
    r"\b(?:agree(?:d|s)?|sign(?:s|ed)|sign(?= (?:a|an|the|no))|abolish(?:es|ed)?|scrap(?:s"
    r"|ped)?|do(?:es|ne)? away with|did away with|simplif(?:y|ies|ied)|introduc(?:e|es|ed)"
    r"|remov(?:e|es|ed)|(?:re)?opened|(?:to|will|shall) (?:re)?open"
    r"|launch(?:ed|es)|(?:to|will) launch|built|build|complet(?:e|es|ed)|ratif(?:y|ies|ied)"
    r"|approv(?:e|es|ed)|establish(?:es|ed)?|set up|pledg(?:e|es|ed)|cancel(?:s|l?ed)?|waiv(?:e"
    r"|es|ed)|halt(?:s|ed)?|lift(?:s|ed)? (?:its|the|their|all|a)\b[^,.;]*(?:ban|restriction"
    r"|embargo|limit|quota|suspension|requirement|obligation|visa|fee|dut(?:y|ies)|tariff|tax)"
    r"|(?:restriction|ban|embargo|quota|limit)s?\b[^,.;]{0,60}?\blifted|bann(?:ed|ing)|(?:to"
    r"|will) ban|prohibit(?:s|ed)?|clos(?:es|ed)|(?:to|will) close|suspend(?:s|ed)?|stopped"
    r"|stops? (?=\w+ing\b|all\b|the\b)|resum(?:e|es|ed)|exempt(?:s|ed)?|restor(?:e|es|ed)|unif(?:y|ied|ies)|harmonis(?:e"
    r"|es|ed)|recognis(?:e|es|ed)"
    r"|(?:become|becomes|became) (?:compulsory|mandatory|obligatory|free|void|visa-free"
    r"|duty-free)|impos(?:e|es|ed)|eas(?:e|es|ed)|tighten(?:s|ed)?|electrif(?:y|ied)"
    r"|privatis(?:e|ed)|postpon(?:e|es|ed)|withdr(?:aw|ew|awn)|acced(?:e|es|ed)"
    r"|(?:mutually )?recogniz(?:e|es|ed)|legalis(?:e|ed)|allow(?:s|ed)?|permitted|grant(?:s"
    r"|ed)?|chang(?:es|ed)|(?:put|came|comes?|enters?|entered) into (?:force|effect|operation"
    r"|service)|made (?:compulsory|mandatory|free)|replac(?:e|es|ed) (?:by|with)|switch(?:es"
    r"|ed)? to|transferr?(?:ed)? to|merg(?:e|es|ed)|create(?:s|d)?|creat(?:e|es|ed)|adopt(?:s"
    r"|ed)? (?:a|an|the|new|common|joint|single)\b(?! (?:[\w-]+ )?(?:resolution|declaration|statement|communiqu[eé]))|connect(?:s|ed)?"
    r"|link(?:ed)?(?= (?:to|by|their|its|the|up)\b)|(?:has|have) (?:begun|started)|(?:has|have) been concluded|concluded (?=an?\b|the\b)|extended (?=for|until|by)|dropped (?=(?:the|all|its|their|plans|a|any|visas?|permits?|duties)\b)"
    r"|reach(?:ed)? (?:an )?(?:agreement|deal)|agreement was reached|deal was (?:struck|reached"
    r"|done)|annul(?:s|led)?|revok(?:e|es|ed)|renew(?:s|ed)|terminat(?:e|es|ed)|shut down"
    r"|blocked)\b",
    re.IGNORECASE,
)
NEGATED_ACTS = re.compile(
    r"\b(?:export|import|ship|carr(?:y|ie)|buy|bought|s(?:ell|old)|deliver|cross|reach|pass"
    r"|receiv|mov|chang|start|beg(?:i|u)n|rais|pay|paid|arriv|run|ran|join|levi|charg"
    r"|(?:un)?load|dispatch|handl|process|clear|repair|return|leav|left|accept|issu|publish"
    r"|found|find|award|hir|finish|connect|us(?=ed)|enter|tak|made|mak|decid|need|requir"
    r"|electrif|resolv)"
    r"(?:s|ed|e|d|n|en|es|y|ied|ing)?\b",
    re.IGNORECASE,
)
# What is linked, opened, created or agreed only in a manner of speaking.
COURTESY = re.compile(
    r"\b(?:ties\b|friendship|(?<!diplomatic )relations(?:hips?)?\b|bonds?\b(?= (?:of|between|that))"
    r"|good-neighbourl\w+|brotherhood|brotherly|fraternal|mutual (?:respect|trust|understanding"
    r"|interest|benefit)|atmosphere|spirit|(?:favourable|necessary|good|all) conditions|impetus"
    r"|impulse|momentum|(?:new|fresh|golden) (?:chapter|page|era|stage|horizons?|prospects?"
    r"|opportunit\w+|perspectives?|possibilities|dimension|quality)|opportunities|prospects"
    r"|common (?:values|history|culture|heritage|interests|past|religion|roots)|centuries"
    r"|hospitality|goodwill|strategic partnership|(?:special|great|particular) (?:attention"
    r"|importance|interest|significance)|shared (?:values|history|culture|heritage|vision)"
    r"|peoples\b|hearts|dream|dialogue|great potential|solid foundation|basis for|cornerstone"
    r"|history\b|potential\b|confidence|optimism|hopes?\b(?= that| of)|interest in)",
    re.I,
)
VAGUELY = re.compile(
    r"\bagreed? (?:to (?:further |jointly |continue |also )?(?:strengthen|deepen|continue|intensify|promote"
    r"|enhance|keep|maintain(?! the)|meet|explore|study|examine|consider|discuss|step up|work (?:closely"
    r"|together|towards|on)|cooperate|develop(?= (?:ties|relations|cooperation|trade))|expand"
    r" (?:cooperation|relations|ties)|consult|stay in|look into|hold|support|encourage|speed up"
    r"|accelerate|pay)|(?:on|about) (?:the )?(?:need|importance|further|closer|next steps|necessity)"
    r"|that (?:there|it|such|cooperation|relations|ties)|(?:with|,) )|\bagrees?\b(?! (?:to|on)\b)",
    re.I,
)
# Sentences whose main verb is talk: nothing is claimed in them.
TALK = re.compile(
    r"\b(?:discuss(?:ed|es)?|talked|exchanged (?:views|opinions)|consider(?:ed|s)?|studied"
    r"|stud(?:y|ies)|examin(?:e|ed|es)|welcom(?:e|ed|es)|prais(?:e|ed|es)|thank(?:ed|s)?"
    r"|stress(?:ed|es)?|underlin(?:e|ed|es)|took note|takes? note|emphasi[sz]ed"
    r"|call(?:ed|s) for|call(?:ed|s) on|urg(?:e|ed|es)|congratulat\w+|met|will meet|visit(?:ed"
    r"|s)?|arriv(?:ed|es)|touched (?:up)?on|review(?:ed|s)?|recall(?:ed|s)?|express(?:ed|es)"
    r"|voiced|reaffirm\w*|mull(?:ed|s)?|weigh(?:ed|s)?|debat(?:ed|es)|attend(?:ed|s)?"
    r"|took part|(?:named?|set|sets|gave|fixed|mentioned) (?:a|no) date|toured|spoke|speaks"
    r"|explored?|hailed)\b",
    re.I,
)
