"""Words in every script: random ones, and the table of what people type and what it has to find."""

import re
from pathlib import Path
from typing import NamedTuple

from hypothesis import strategies as st

LANGUAGES = [None, "en", "de", "fr", "ru", "ar", "he", "hi", "ja", "ko", "tr", "el", "und"]
ALPHABET = (
    "aAeésSßüÜoØıİ'’\"-&.,+#_ 12٣０ Ｃ＋éя́йЁάς"
    "אבגָ״׳كکيیةً\u200c\u200d\u00adहिन्दीไทยกำ日本語のカｶﾞ한국어\U00020000"
)
words = st.text(st.sampled_from(ALPHABET) | st.characters(), max_size=24)
_TABLE = Path(__file__).parents[1] / "fixtures" / "text" / "words.txt"
_ESCAPE = re.compile(r"\\u([0-9a-f]{4})")


class Row(NamedTuple):
    query: str
    text: str
    language: str | None
    found: bool


def rows() -> list[Row]:
    _, _, table = _TABLE.read_text("utf-8").partition("\n\n")
    lines = [line for line in table.splitlines() if line and not line.startswith("## ")]
    return [_row(*_ESCAPE.sub(_character, line).split(" | ")) for line in lines]


def _row(query: str, text: str, language: str, found: str) -> Row:
    return Row(
        query, text, None if language == "-" else language, {"yes": True, "no": False}[found]
    )


def _character(match: re.Match[str]) -> str:
    return chr(int(match[1], 16))
