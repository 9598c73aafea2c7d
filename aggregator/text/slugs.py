"""Slugs: the identity of a label in URLs, file names and queries."""

import re
import unicodedata
from hashlib import sha256
from typing import Final

from aggregator.text.folding import INVISIBLE, MARKS, alike

_APOSTROPHES: Final = re.compile(r"(?<=\w)['\"](?=\w)")
_INITIALS: Final = re.compile(r"(?<!\w)[^\W\d_](?:\.[^\W\d_])+(?!\w)")
_SHARP: Final = re.compile(r"(?<!\w)([^\W\d_])#(?!\w)")
_KEPT: Final = re.compile(rf"[\w{MARKS}]+\+*")
_UNSEEN: Final = re.compile(f"[{INVISIBLE}]+")
_LONGEST: Final = 120


def slug(label: str) -> str:
    """The lower-case, hyphenated form of a label, safe in file names, in at most 120 bytes.

    Every script is kept. What has no letters gets a name from its hash: only '' gives ''.
    """
    words = _KEPT.findall(_spelled(label))
    name = "-".join(words)
    if len(name.encode()) > _LONGEST:
        head = name.encode()[: _LONGEST - 9].decode(errors="ignore").rstrip("-")
        return f"{head}-{_digest(name)}"
    return name or (label and f"tag-{_digest(label)}")


def _spelled(label: str) -> str:
    folded = unicodedata.normalize("NFKC", _UNSEEN.sub("", alike(label))).casefold()
    text = alike(unicodedata.normalize("NFKC", folded)).replace("i\u0307", "i")
    text = _INITIALS.sub(lambda match: match[0].replace(".", ""), text)
    return _APOSTROPHES.sub("", _SHARP.sub(r"\1-sharp", text))


def _digest(text: str) -> str:
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]
