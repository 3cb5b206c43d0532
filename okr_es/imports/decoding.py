"""From bytes to text: what a file's mark says of its encoding, else what the map says."""

from __future__ import annotations

import codecs
from contextlib import suppress

EVERY_BYTE = bytes(range(256))
BYTE_ORDER_MARK = "\ufeff"
# In this order: the mark of UTF-32 begins with that of UTF-16.
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def text_of(content: bytes, encoding: str) -> str:
    """Return the text of a file, without its byte order mark; raise UnicodeDecodeError.

    A file with a mark is in the encoding of the mark, whatever else is said of it; only where it
    cannot be, the mark is dropped and the rest read as said.
    """
    for mark, of in MARKS:
        if content.startswith(mark):
            bare = content.removeprefix(mark)
            with suppress(UnicodeDecodeError):
                return bare.decode(of)
            if not is_wide(encoding):
                content = bare
            break
    return content.decode(encoding).removeprefix(BYTE_ORDER_MARK)


def is_rather_utf_8(content: bytes, encoding: str) -> bool:
    """Return whether text said to have a byte for each letter is in truth in UTF-8, unmarked.

    Other text is hardly ever UTF-8 by chance, unless it is in ASCII, which is the same in both.
    """
    has_mark = content.startswith(codecs.BOM_UTF8)
    if has_mark or content.isascii() or codecs.lookup(encoding).name.startswith("utf"):
        return False
    if len(EVERY_BYTE.decode(encoding, "replace")) != len(EVERY_BYTE):
        return False
    with suppress(UnicodeDecodeError):
        content.decode("utf-8")
        return True
    return False


def is_wide(encoding: str) -> bool:
    """Return whether an encoding writes its own mark, which says the order of bytes."""
    return codecs.lookup(encoding).name in {"utf-16", "utf-32"}
