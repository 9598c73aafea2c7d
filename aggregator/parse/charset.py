"""Bytes to text: which encoding a document is really in, and text that is fit for XML."""

import codecs
import re
from collections.abc import Iterator

_LABELS = {
    "utf-8": "utf-8 utf8 unicode-1-1-utf-8 x-unicode20utf8",
    "windows-1252": "windows-1252 cp1252 x-cp1252 ascii us-ascii ansi_x3.4-1968 "
    "iso-8859-1 iso8859-1 iso_8859-1 latin1 latin-1 l1",
    "windows-1250": "windows-1250 cp1250 x-cp1250",
    "windows-1251": "windows-1251 cp1251 x-cp1251 win-1251",
    "windows-1253": "windows-1253 cp1253 x-cp1253",
    "windows-1254": "windows-1254 cp1254 x-cp1254 iso-8859-9 iso8859-9 iso_8859-9 latin5",
    "windows-1255": "windows-1255 cp1255 x-cp1255",
    "windows-1256": "windows-1256 cp1256 x-cp1256",
    "windows-1257": "windows-1257 cp1257 x-cp1257",
    "windows-1258": "windows-1258 cp1258 x-cp1258",
    "iso-8859-2": "iso-8859-2 iso8859-2 iso_8859-2 latin2",
    "iso-8859-3": "iso-8859-3 iso8859-3 iso_8859-3 latin3",
    "iso-8859-4": "iso-8859-4 iso8859-4 iso_8859-4 latin4",
    "iso-8859-5": "iso-8859-5 iso8859-5 iso_8859-5 cyrillic",
    "iso-8859-6": "iso-8859-6 iso8859-6 iso_8859-6 arabic",
    "iso-8859-7": "iso-8859-7 iso8859-7 iso_8859-7 greek",
    "iso-8859-8": "iso-8859-8 iso-8859-8-i iso8859-8 iso_8859-8 hebrew",
    "iso-8859-10": "iso-8859-10 latin6",
    "iso-8859-13": "iso-8859-13",
    "iso-8859-14": "iso-8859-14",
    "iso-8859-15": "iso-8859-15 iso8859-15 iso_8859-15 latin9 latin-9",
    "iso-8859-16": "iso-8859-16",
    "koi8-r": "koi8-r koi8 koi koi8_r",
    "koi8-u": "koi8-u koi8-ru",
    "cp866": "ibm866 cp866 866",
    "mac-roman": "macintosh mac x-mac-roman",
    "mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "cp874": "windows-874 tis-620 iso-8859-11 iso8859-11",
    "gb18030": "gb18030 gbk gb2312 gb_2312 gb_2312-80 x-gbk chinese",
    "big5hkscs": "big5 big5-hkscs cn-big5 x-x-big5",
    "euc_jp": "euc-jp x-euc-jp",
    "iso2022_jp": "iso-2022-jp",
    "cp932": "shift_jis shift-jis sjis x-sjis ms_kanji windows-31j ms932",
    "cp949": "euc-kr ks_c_5601-1987 ksc5601 windows-949 korean",
}
"""Python's codec for each label of the WHATWG Encoding Standard; no other codec is ever used."""

_CODECS = {label: codec for codec, labels in _LABELS.items() for label in labels.split()}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE = (
    (re.compile(rb"[\x09\x0a\x0d\x20-\x7e]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0[\x09\x0a\x0d\x20-\x7e]"), "utf-32-be"),
    (re.compile(rb"(?:[\x09\x0a\x0d\x20-\x7e]\0){2}"), "utf-16-le"),
    (re.compile(rb"(?:\0[\x09\x0a\x0d\x20-\x7e]){2}"), "utf-16-be"),
)
_HTTP_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s;\"']+)", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_UNFIT = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FIT = re.compile("[ -\ud7ff\t\n\r\ue000-\ufffd\U00010000-\U0010ffff]*+")
_CONTROLS = bytes(code for code in range(32) if chr(code) not in "\t\n\r")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
_SERVER_DEFAULT = "windows-1252"


def decode(body: bytes, content_type: str | None) -> str:
    """Return the text of a document, whatever its labels say; never fails.

    A byte order mark wins, then what is valid UTF-8, then the labels of HTTP and of the XML
    declaration (RFC 7303, section 3; the HTTP label yields where it is a server's default). Bytes
    that fit no label are read one by one as windows-1252.
    """
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(codec, "replace")
    for pattern, codec in _WIDE:
        if pattern.match(body):
            return body.decode(codec, "replace")
    for codec in _candidates(body, content_type):
        try:
            return body.decode(codec)
        except UnicodeDecodeError:
            continue
    return body.decode("utf-8", "aggregator.windows-1252")


def fit(text: str) -> str:
    """Return `text` without the characters that XML 1.0 (section 2.2) forbids."""
    return text if text.isprintable() or _FIT.fullmatch(text) else _UNFIT.sub("", text)


def fit_document(text: str) -> str:
    """Do what `fit` does, faster on texts of many megabytes."""
    encoded = text.encode("utf-8", "ignore").translate(None, _CONTROLS)
    return encoded.decode("utf-8").replace("\ufffe", "").replace("\uffff", "")


def fit_references(text: str) -> str:
    """Drop numeric references to characters that do not exist or that XML forbids."""
    return _REFERENCE.sub(_fit_reference, text) if "&#" in text else text


def _candidates(body: bytes, content_type: str | None) -> Iterator[str]:
    http = _CODECS.get(_http_label(content_type))
    declared = _CODECS.get(_xml_label(body))
    labels = [declared, http] if http == _SERVER_DEFAULT else [http, declared]
    codecs_ = [codec for codec in labels if codec]
    if codecs_ and codecs_[0] == "iso2022_jp":  # its bytes are all ASCII: valid UTF-8 as well
        yield "iso2022_jp"
    yield "utf-8"
    yield from (codec for codec in codecs_ if codec != "utf-8")


def _http_label(content_type: str | None) -> str:
    match = _HTTP_CHARSET.search(content_type or "")
    return match[1].lower() if match else ""


def _xml_label(body: bytes) -> str:
    match = _XML_CHARSET.search(body[:2048])
    return match[1].decode("ascii").lower() if match else ""


def _fit_reference(match: re.Match[str]) -> str:
    digits = (match[1] or match[2]).lstrip("0")
    if not digits or len(digits) > 7:
        return ""
    number = int(digits, 16 if match[1] else 10)
    if number > 0x10FFFF or _UNFIT.match(chr(number)):
        return ""
    return match[0]


def _read_as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("windows-1252", "replace"), error.end


codecs.register_error("aggregator.windows-1252", _read_as_windows_1252)
