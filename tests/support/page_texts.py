"""The texts of pages as they stand in code and templates, and the catalogue of their translations.

`python -m tests.support.page_texts --write` adds what is missing to each catalogue, with nothing
as its translation, and takes out what stands nowhere any more.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

PAGES = Path(__file__).parents[2] / "web" / "pages"
LOCALE = PAGES / "locale"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
KEYWORDS = {
    "_": None, "gettext": None, "said": None, "ngettext": (1, 2), "several": (1, 2),
    "trans": None,
}  # fmt: skip
OPTIONS = {"templates/**.html": {"trimmed": "true", "newstyle_gettext": "true"}}


def texts() -> Iterator[str | tuple[str, ...]]:
    """Each text that pages show, once; one with a plural as both."""
    seen = set()
    found = extract_from_dir(str(PAGES), METHODS, OPTIONS, keywords=KEYWORDS, directory_filter=ours)
    for _, _, text, _, _ in found:
        if text not in seen:
            seen.add(text)
            yield text


def ours(folder: str) -> bool:
    return Path(folder).name not in {"static", "locale", "__pycache__"}


def catalogue(language: str) -> Catalog:
    with (LOCALE / language / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def renewed(language: str) -> Catalog:
    """The catalogue with all the texts there are, and no others."""
    old, new = catalogue(language), Catalog(locale=language, fuzzy=False, charset="utf-8")
    for text in sorted(texts(), key=str):
        key = text if isinstance(text, str) else text[0]
        before = old.get(key)
        new.add(text, before.string if before is not None else None)
    return new


def write(language: str) -> None:
    path = LOCALE / language / "messages.po"
    with path.open("wb") as file:
        write_po(file, renewed(language), omit_header=False, width=100, sort_output=True,
                 no_location=True)  # fmt: skip
    lines = path.read_text().splitlines(keepends=True)
    dated = ('"POT-Creation-Date', '"PO-Revision-Date', '"Last-Translator', '"Language-Team',
             '"Generated-By', '"Report-Msgid-Bugs-To', '"Project-Id-Version', "#")  # fmt: skip
    kept = [line for line in lines if not line.startswith(dated) or line.startswith("#,")]
    path.write_text("".join(kept).lstrip("\n"))


if __name__ == "__main__" and "--write" in sys.argv:
    for folder in LOCALE.iterdir():
        write(folder.name)
