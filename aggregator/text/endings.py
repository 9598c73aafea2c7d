"""Words that tell whether a full stop ends a sentence, and whether a text breaks off."""

from typing import Final


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


ORDINALS: Final = _words("bs cs da de et eu fi fo hr hu is lb lv nb nn no pl sk sl sr tr")
"""Languages in which a number with a full stop is an ordinal: `am 3. März`."""

BEFORE_NUMBERS: Final = _words(
    "abs al art bl c ca cap cca ch cit ext fig gl hl kap kl lk no nos nr num núm p pag pág pos pp s"
    " sec str sv tab tel v vol z zl ziff č čl м н п рис с ст стр №"
)
"""Words with a full stop that a number belongs to: `No. 7`."""

_ENGLISH: Final = (
    "mr mrs ms dr prof st sr jr rev hon gov sen rep gen col maj capt sgt lt cmdr adm pres supt"
    " nos vol vs etc inc ltd co corp dept est approx ave blvd mt ft jan feb mar apr jun jul aug"
    " sep sept oct nov dec e.g i.e u.s u.k u.n e.u"
)
_SCANDINAVIAN: Final = (
    "bl.a f.eks t.ex m.m m.fl d.v.s dvs o.s.v osv kl dr prof nr ca mio mia mill mrd kr jf hr fr st"
    " tlf tel s.k jan feb febr mar apr jun jul aug sep sept okt nov dec des"
)
_CZECH: Final = (
    "č čl např tzv tj prof dr ing mgr mudr judr phdr doc sv hod tis mil mld kč ul nám str min"
)
_SERBIAN: Final = "g gđa dr prof mr ul tzv npr str mil mlrd sv др проф г ул млн тзв"
_ABBREVIATIONS: Final = {
    "bg": "г гр ул проф акад д-р млн млрд хил лв т.е т.н",
    "ca": "sr sra dr dra prof núm pàg av st sta",
    "da": _SCANDINAVIAN,
    "cs": _CZECH,
    "de": "dr prof bzw evtl ggf usw z.b d.h u.a str nr abs bd hl tel inkl vgl sog mio mrd ca hr fr"
    " st jan feb mär apr jun jul aug sep sept okt nov dez",
    "el": "κ κκ κα δρ καθ αρ τηλ π.χ κ.λπ κ.ά μ.μ π.μ εκ δισ ευρ",
    "en": _ENGLISH,
    "es": "sr sra srta dr dra prof ud uds ee.uu ff.aa ee uu ff jj oo pág núm dña avda gral lic"
    " ing ene feb abr ago sept oct nov dic",
    "et": "hr pr dr prof nr lk jne s.o u tln mln mlrd",
    "fi": "esim mm ns ym eli tri prof milj mrd n ts klo nro",
    "fr": "m mm mme mmes mlle mgr me dr pr st ste art av env p.ex janv févr avr juil sept oct"
    " nov déc",
    "hi": "डॉ प्रो श्री पं रु",
    "hr": _SERBIAN,
    "hu": "dr ifj id özv prof pl stb kb ún u.n ill st",
    "id": "jl dr drs dra prof ir h hj no rp tn ny kab kec kel pt cv",
    "it": "sig sigg dott prof avv ing on sen p.es s.p.a ecc art gen feb mar apr mag giu lug ago set"
    " ott nov dic",
    "nl": "dhr mevr mw mr drs ir ing prof dr bv bijv o.a d.w.z m.b.t jl nr blz enz st mln mld",
    "no": _SCANDINAVIAN,
    "nb": _SCANDINAVIAN,
    "nn": _SCANDINAVIAN,
    "pl": "r ul prof dr hab inż mgr św tys mln mld zł m.in np tzw tzn godz im pl płk ks bp abp al",
    "pt": "sr sra srs sras dr dra prof profa exmo eng av art núm pág tel ltda gen cel",
    "ro": "dl dna dr prof nr str bd sf ex lei st",
    "ru": "г гг ул им тыс млн млрд руб долл т.е т.д т.п т.к т.н стр проф акад др",
    "sk": _CZECH,
    "sl": "dr prof g ga oz npr t.i mio mrd ul sv",
    "sr": _SERBIAN,
    "sv": _SCANDINAVIAN,
    "tr": "dr prof doç av sn vb vs bkz mah cad sok no alb org",
    "uk": "р рр м вул ім тис млн млрд грн т.д т.п т.зв проф акад обл",
    "vi": "tp ts gs pgs ths bs q p tx",
}
_LISTED: Final = {language: _words(listed) for language, listed in _ABBREVIATIONS.items()}

_DANGLING: Final = {
    language: _words(listed)
    for language, listed in {
        "de": "der die das den dem des ein eine einen einer und oder mit von zu für auf im am zum"
        " zur bei nach dass als wie sich nicht",
        "en": "the a an of to and or with from by for at in on into that which who whose than as"
        " but is are was were has have had its his their her be will would could may one",
        "es": "el la los las un una de del y o a al en por para con que se su",
        "fr": "le la les un une des du de et ou à au aux en pour par sur dans avec que qui se son"
        " sa",
        "it": "il lo la i gli le un una di del della dei e o a al alla in per con che si",
        "nl": "de het een en of van te voor met op in aan dat die om",
        "pt": "o a os as um uma de do da dos das e ou em no na por para com que se",
        "ru": "и в на с к по о от до из за что как не у для",
    }.items()
}


def is_abbreviation(word: str, language: str) -> bool:
    """Whether a word without its full stop is one that sentences go on after.

    Abbreviations of a language that is not listed are English.
    """
    return word in _LISTED.get(language, _LISTED["en"])


def is_dangling(word: str, language: str) -> bool:
    """Whether no sentence of the language ends with this word."""
    return word in _DANGLING.get(language, ())
