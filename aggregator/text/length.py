"""How long a text is, in words as editors count them."""

import re
from itertools import filterfalse
from typing import Final

_LETTER: Final = re.compile(r"\w")
# Chinese and Japanese put no spaces between words: each character counts, as editors count.
_UNSPACED: Final = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_CHARACTER_OR_WORD: Final = re.compile(rf"{_UNSPACED.pattern}|(?:(?!{_UNSPACED.pattern})\w)+")


def count_words(plain: str) -> int:
    """The words of a plain text; in Chinese and Japanese its characters."""
    if not plain.isascii() and _UNSPACED.search(plain):
        return len(_CHARACTER_OR_WORD.findall(plain))
    runs = plain.split()
    doubtful = [run for run in filterfalse(str.isalnum, runs) if not run[0].isalnum()]
    return len(runs) - sum(not _LETTER.search(run) for run in doubtful)
