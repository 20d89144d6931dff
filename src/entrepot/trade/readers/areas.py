"""Which country a code of a trade file stands for.

A code is alpha-3, alpha-2 or numeric of ISO 3166-1, one of the numbers that UN Comtrade and BACI
use beside it, or no country at all: the world, a union of states, bunkers, areas not specified.
States that no longer exist keep the alpha-3 code they had; who took their place is for the user
to say. Numbers and names follow the lists of partner areas that UN Comtrade and CEPII publish.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from entrepot.errors import nearest
from entrepot.facts.countries import CODES, FREE

# alpha-3, alpha-2 and numeric in one word each.
_ISO = """
ABWAW533 AFGAF004 AGOAO024 AIAAI660 ALAAX248 ALBAL008 ANDAD020 AREAE784 ARGAR032 ARMAM051
ASMAS016 ATAAQ010 ATFTF260 ATGAG028 AUSAU036 AUTAT040 AZEAZ031 BDIBI108 BELBE056 BENBJ204
BESBQ535 BFABF854 BGDBD050 BGRBG100 BHRBH048 BHSBS044 BIHBA070 BLMBL652 BLRBY112 BLZBZ084
BMUBM060 BOLBO068 BRABR076 BRBBB052 BRNBN096 BTNBT064 BVTBV074 BWABW072 CAFCF140 CANCA124
CCKCC166 CHECH756 CHLCL152 CHNCN156 CIVCI384 CMRCM120 CODCD180 COGCG178 COKCK184 COLCO170
COMKM174 CPVCV132 CRICR188 CUBCU192 CUWCW531 CXRCX162 CYMKY136 CYPCY196 CZECZ203 DEUDE276
DJIDJ262 DMADM212 DNKDK208 DOMDO214 DZADZ012 ECUEC218 EGYEG818 ERIER232 ESHEH732 ESPES724
ESTEE233 ETHET231 FINFI246 FJIFJ242 FLKFK238 FRAFR250 FROFO234 FSMFM583 GABGA266 GBRGB826
GEOGE268 GGYGG831 GHAGH288 GIBGI292 GINGN324 GLPGP312 GMBGM270 GNBGW624 GNQGQ226 GRCGR300
GRDGD308 GRLGL304 GTMGT320 GUFGF254 GUMGU316 GUYGY328 HKGHK344 HMDHM334 HNDHN340 HRVHR191
HTIHT332 HUNHU348 IDNID360 IMNIM833 INDIN356 IOTIO086 IRLIE372 IRNIR364 IRQIQ368 ISLIS352
ISRIL376 ITAIT380 JAMJM388 JEYJE832 JORJO400 JPNJP392 KAZKZ398 KENKE404 KGZKG417 KHMKH116
KIRKI296 KNAKN659 KORKR410 KWTKW414 LAOLA418 LBNLB422 LBRLR430 LBYLY434 LCALC662 LIELI438
LKALK144 LSOLS426 LTULT440 LUXLU442 LVALV428 MACMO446 MAFMF663 MARMA504 MCOMC492 MDAMD498
MDGMG450 MDVMV462 MEXMX484 MHLMH584 MKDMK807 MLIML466 MLTMT470 MMRMM104 MNEME499 MNGMN496
MNPMP580 MOZMZ508 MRTMR478 MSRMS500 MTQMQ474 MUSMU480 MWIMW454 MYSMY458 MYTYT175 NAMNA516
NCLNC540 NERNE562 NFKNF574 NGANG566 NICNI558 NIUNU570 NLDNL528 NORNO578 NPLNP524 NRUNR520
NZLNZ554 OMNOM512 PAKPK586 PANPA591 PCNPN612 PERPE604 PHLPH608 PLWPW585 PNGPG598 POLPL616
PRIPR630 PRKKP408 PRTPT620 PRYPY600 PSEPS275 PYFPF258 QATQA634 REURE638 ROURO642 RUSRU643
RWARW646 SAUSA682 SDNSD729 SENSN686 SGPSG702 SGSGS239 SHNSH654 SJMSJ744 SLBSB090 SLESL694
SLVSV222 SMRSM674 SOMSO706 SPMPM666 SRBRS688 SSDSS728 STPST678 SURSR740 SVKSK703 SVNSI705
SWESE752 SWZSZ748 SXMSX534 SYCSC690 SYRSY760 TCATC796 TCDTD148 TGOTG768 THATH764 TJKTJ762
TKLTK772 TKMTM795 TLSTL626 TONTO776 TTOTT780 TUNTN788 TURTR792 TUVTV798 TWNTW158 TZATZ834
UGAUG800 UKRUA804 UMIUM581 URYUY858 USAUS840 UZBUZ860 VATVA336 VCTVC670 VENVE862 VGBVG092
VIRVI850 VNMVN704 VUTVU548 WLFWF876 WSMWS882 YEMYE887 ZAFZA710 ZMBZM894 ZWEZW716
"""
ALPHA_2 = {w[3:5]: w[:3] for w in _ISO.split()} | {
    "EL": "GRC",
    "UK": "GBR",
    "XK": "XKX",
    "XS": "SRB",
}
NUMERIC = {str(int(w[5:])): w[:3] for w in _ISO.split()}

# Statistical numbers for a customs territory that is the country but for some outlying part.
_SAME = {
    "251": "FRA", "381": "ITA", "412": "XKX", "579": "NOR", "699": "IND", "757": "CHE",
    "842": "USA",
}  # fmt: skip
# Codes read as a country, with what the file really means by them.
_READ_AS = {
    "58": ("BEL", "Belgium-Luxembourg"),
    "230": ("ETH", "Ethiopia before 1993"),
    "280": ("DEU", "Federal Republic of Germany before 1991"),
    "490": ("TWN", "Other Asia, nes"),
    "588": ("PAK", "East and West Pakistan"),
    "590": ("PAN", "Panama without the Canal Zone"),
    "711": ("ZAF", "Southern African Customs Union"),
    "736": ("SDN", "Sudan before 2012"),
    "841": ("USA", "USA and Puerto Rico"),
    "868": ("VNM", "Republic of Viet Nam before 1975"),
    "886": ("YEM", "Arab Republic of Yemen before 1991"),
    "S19": ("TWN", "Other Asia, nes"),
    "ZA1": ("ZAF", "Southern African Customs Union"),
    "BUR": ("MMR", "an older code of Myanmar"),
    "ROM": ("ROU", "an older code of Romania"),
    "TMP": ("TLS", "an older code of Timor-Leste"),
    "ZAR": ("COD", "an older code of DR Congo"),
    "XKV": ("XKX", "Kosovo"),
    "KSV": ("XKX", "Kosovo"),
    "KOS": ("XKX", "Kosovo"),
    "_KS": ("XKX", "Kosovo"),
}
_GONE = {
    "200": "CSK", "278": "DDR", "530": "ANT", "532": "ANT", "536": "NTZ", "582": "PCI",
    "592": "PCZ", "720": "YMD", "810": "SUN", "849": "PUS", "866": "VDR", "890": "YUG",
    "891": "SCG",
}  # fmt: skip
# Rows that are sums of others, and rows whose partner is not told.
_TOTALS = {
    "0": "World", "W": "World", "W0": "World", "W00": "World", "WLD": "World", "WORLD": "World",
    "97": "European Union", "975": "ASEAN", "EUN": "European Union", "EUR": "European Union",
    "_T": "total",
}  # fmt: skip
_UNTOLD = {
    "80": "British Antarctic Territory", "129": "Caribbean, nes", "221": "Eastern Europe, nes",
    "290": "Northern Africa, nes", "471": "CACM, nes", "472": "Africa CAMEU region, nes",
    "473": "LAIA, nes", "492": "Europe EU, nes", "527": "Oceania, nes", "568": "Other Europe, nes",
    "577": "Other Africa, nes", "636": "Rest of America, nes", "637": "North America, nes",
    "697": "Europe EFTA, nes", "830": "Channel Islands", "837": "Bunkers", "838": "Free zones",
    "839": "Special categories", "879": "Western Asia, nes", "899": "Areas, nes",
    "X1": "Bunkers", "X2": "Free zones", "XX": "Areas, nes", "_X": "not specified",
    "_Z": "not applicable", "_U": "unknown",
    # Of the nomenclature of countries of Eurostat.
    "QP": "High seas", "QQ": "Stores", "QR": "Stores", "QS": "Stores", "QU": "not specified",
    "QV": "not specified", "QW": "not specified", "QX": "kept secret", "QY": "kept secret",
    "QZ": "kept secret",
}  # fmt: skip
# Groups of countries as SDMX providers and UN Comtrade write them: W1, EU27_2020, EA20, G7, B4,
# GX170, TX087, OECD, EXT_EU27_2020, _AC. Looked up only after every country.
_GROUP = re.compile(
    r"_\w+|W\d{1,2}|W_\w+|E[AU]\d+\w*|E[UA]|EU_\w+|[A-Z]\d{1,2}|[A-Z]{1,2}\d{3}|G\d{2}"
    r"|(OECD|EXT|INT|NMS|ASEAN|EFTA|APEC|OPEC|WORLD|WXD|DAE)\w*"
)
NONE: Mapping[str, str] = MappingProxyType({})
ALL_KINDS = frozenset({"alpha-3", "alpha-2", "numeric"})


@dataclass(frozen=True, slots=True)
class Area:
    """What a code stands for.

    country : alpha-3, or the zone the user's own mapping names; empty when it is not a country
    meaning : the name of what is not a country, or what the code really says; empty if plain
    is_total : whether its rows repeat those of countries
    """

    country: str
    meaning: str = ""
    is_total: bool = False


def area_of(
    code: str,
    own: Mapping[str, str] = NONE,
    listed: Mapping[str, str] = NONE,
    kinds: frozenset[str] = ALL_KINDS,
) -> Area | None:
    """The area of a code; None when nobody knows it.

    own    : the user's codes to zones, empty text for no country; asked first
    listed : the codes of the file's own list to alpha-3; asked last
    kinds  : which kinds of codes the file holds
    """
    text = code.strip()
    plain = str(int(text)) if text.isascii() and text.isdigit() else text
    for form in (text, plain):
        if form in own:
            return Area(own[form], "" if own[form] else "left out on request")
    known = _known(plain, kinds)
    if known is None and plain in listed:
        known = _known(listed[plain], ALL_KINDS)
    return known


def _known(text: str, kinds: frozenset[str]) -> Area | None:
    if text.isascii() and text.isdigit():
        if "numeric" not in kinds:
            return None
        plain = NUMERIC.get(text) or _SAME.get(text)
        if plain:
            return Area(plain)
        if text in _GONE:
            return Area(_GONE[text], "a state that no longer exists")
    elif text in CODES:
        return Area(text)
    elif text in ALPHA_2:
        return Area(ALPHA_2[text]) if "alpha-2" in kinds else None
    elif text in _GONE.values():
        return Area(text, "a state that no longer exists")
    if text in _READ_AS:
        return Area(*_READ_AS[text])
    if text in _TOTALS:
        return Area("", _TOTALS[text], is_total=True)
    if text in _UNTOLD:
        return Area("", _UNTOLD[text])
    if FREE.fullmatch(text):
        return Area(text, "" if text == "XKX" else "a code that ISO 3166 leaves to users")
    if _GROUP.fullmatch(text):
        return Area("", "a group or an area not specified", is_total=True)
    return None


def kinds_of(codes: Iterable[str]) -> frozenset[str]:
    """Which kinds of codes a file holds. Two letters count only where most codes have two.

    In a file of alpha-3 codes `NA` is a missing value, in one of alpha-2 codes it is Namibia.
    """
    codes = {code.strip() for code in codes}
    two = len(codes & ALPHA_2.keys())
    three = len(codes & CODES)
    return ALL_KINDS if two > three else ALL_KINDS - {"alpha-2"}


def near_countries(code: str) -> str:
    """A suggestion for a code nobody knows."""
    text = code.strip()
    if text.isdigit():
        known = [(f"{n} ({a})", n) for n, a in (NUMERIC | _SAME).items()]
        near = nearest(text, known, 2)
    elif text.upper() in CODES:
        near = (text.upper(),)
    else:
        near = nearest(text, sorted(CODES), 3) if len(text) < 6 else ()
    tip = f"Nearest: {', '.join(near)}. " if near else ""
    return f"{tip}Name it in areas={{'{text}': …}}."
