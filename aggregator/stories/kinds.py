"""Kinds of articles that are no report of one event: roundups, listings, series, questions."""

import re
from typing import Final

_ROUNDUP: Final = re.compile(
    r"""
    \b(?:news\ (?:briefs?|roundup|digest|quiz)|briefs?\ -|round-?up|newsletter|podcast|crossword
        |(?:morning|evening|daily|weekly|(?:mon|tues|wednes|thurs|fri|satur|sun)day)
        \ (?:briefing|brief|digest|news|update)|weekly\ update
        |week\ in\ (?:review|pictures)|(?:photos|pictures|quiz|quote|best)\ of\ the\ (?:day|week)
        |week['’]s\ (?:best|top)|key\ events|things\ to\ know|medal\ (?:count|table|standings)
        |opinion\ of\ the\ day|reviews:|horoscopes?|full\ schedule|olympics\ schedule
        |printables|tv\ listings|unwrapped:|all\ of\ \w+\ today)
    |\b(?:live\ ?(?:updates|blog)|(?:news|politics|sports?|markets?|business)\ live)\b
    |\b\d{1,2}\ (?:\w+\ ){1,3}to\ (?:know|read|stream)\b
    |^(?:see\ the|how\ to\ (?:watch|follow)|quiz\b|best\ of\b|open\ thread|links?\ (?:for|of)\b)
    |^\w+\ news:
    |[.!?]\ (?:And|Plus),\ (?:(?:an?|the)\ |.*\b(?:and|set|to|is|are|has|for)\b)
    |^\W*(?:presseschau|newsblog|live-?(?:blog|ticker)|nachrichten\ (?:vom|des))
    |^\W*(?:kurz\ notiert|kurzmeldungen)
    |^\W*(?:revue\ de\ presse|les\ titres\ du|resumen\ del\ d[ií]a|en\ (?:directo?|vivo)\b)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_MONTHS: Final = (
    r"(?:jan|feb|fév|mar|mär|apr|avr|abr|ma[iy]|jun|jui|jul|aug|ao[uû]|ago|sep|o[ck]t|out|nov"
    r"|de[czs]|dé[cz]|янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек)\w*\.?"
)
_DATED: Final = re.compile(
    rf"""
    \b\d{{1,2}}(?:st|nd|rd|th|\.)?\ {_MONTHS}\ \d{{4}}\b
    | \b{_MONTHS}\ \d{{1,2}}(?:st|nd|rd|th)?,?\ \d{{4}}\b
    | \b\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}\b | \b\d{{4}}-\d{{2}}-\d{{2}}\b
    | \b\d{{1,2}}\ ?[–-]\ ?\d{{1,2}}\ {_MONTHS}(?:\b|$)
    | ^\d{{1,2}}/\d{{1,2}}:
    """,
    re.IGNORECASE | re.VERBOSE,
)
_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_NUMBERED: Final = re.compile(
    r"\#\ ?\d+\b|^(?:episode|lecture)\ \d+\b|\bvol\.?\ \d+,\ no\b"
    r"|\b(?:no|nr|vol|issue|episode|ep|day|week)\.?\ [\d,]+\s*$",
    re.IGNORECASE,
)
_QUESTION: Final = re.compile(
    r"""
    [?？؟;]\W*$
    |(?:^\W*|:\W+)(?:why|what|how|where|when|who|which|whose
        |warum|wieso|weshalb|woher|wer|wie|pourquoi|comment|qui|por\ qué|qué|quién|cómo
        |perché|cosa|chi|por\ que|o\ que|quem|waarom|hoe|dlaczego|kim|почему|зачем|кто|что|как)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_EXPLAINER: Final = re.compile(
    r"""
    \b(?:what|all|everything)\ (?:we|you|to)\ (?:\w+\ )?(?:know|need|expect|watch)\b
    |\bwhat(?:['’]s|\ comes|\ happens)\ next\b|\bhere(?:['’]s|\ is)\ (?:what|why|how|who|where)\b
    |\b(?:explained|explainer|takeaways|timeline\ of|fact[-\ ]?check(?:ing)?|q\ ?&\ ?a)\b
    |\bin\ (?:pictures|photos|charts|graphics|maps)\W*(?:$|:)
    |^\W*in\ (?:pictures|photos|charts|graphics|maps)\b
    |^\W*(?:(?:a|the)\ )?(?:\w+\ )?(?:look|glance)\ (?:at|back|inside)\b|^\W*inside\ (?:an?|the)\b
    |^\W*(?:analysis|opinion|editorial|comment|commentary|perspective|profile|timeline|interview
        |analyse|kommentar|porträt|hintergrund|faktencheck|chronologie|décryptage|tribune|portrait
        |análisis|opinión|perfil|cronología|claves|análise|entenda|analisi|scheda|cronologia|ritratto
        |opinie|analiza|komentarz|kalendarium|анализ|мнение|хроника)\W*[:|–—-]
    |[|–—-]\ (?:analysis|opinion|editorial|comment|profile|explainer|interview|analyse)\W*$
    |\bwas\ (?:wir|man)\ .*\b(?:weiß|wissen)\b|\bwas\ bekannt\ ist\b|\bim\ überblick\b
    |\bce\ (?:que\ l['’]on|qu['’]on|qu['’]il\ faut)\ sa(?:it|voir)\b|\ben\ images\b
    |\b(?:lo|o)\ que\ (?:se\ |já\ |ya\ )?sab(?:e|emos)\b|\ben\ (?:fotos|imágenes)\b
    |\b(?:cosa|quello\ che)\ sappiamo\b|\bwat\ we\ weten\b
    |\bco\ (?:już\ )?(?:wiemy|wiadomo)\b|\bчто\ (?:уже\ )?(?:известно|мы\ знаем)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)


def is_service(title: str) -> bool:
    """Whether a title announces a roundup, a listing or the next of a series, not an event.

    Such an article stands alone: it would tie together whatever it lists.
    """
    return any(pattern.search(title) for pattern in (_ROUNDUP, _NUMBERED)) or _is_dated(title)


def _is_dated(title: str) -> bool:
    """Whether a title begins or ends with a date; amid words it is an event's."""
    around = ((title[: date.start()], title[date.end() :]) for date in _DATED.finditer(title))
    return any(not (_WORD.search(before) and _WORD.search(after)) for before, after in around)


def is_question(title: str) -> bool:
    """Whether a title asks or explains rather than reports: it tells of an event, but not it."""
    return _QUESTION.search(title) is not None or _EXPLAINER.search(title) is not None
