"""The index of an evidence bundle, for people: its events on an HTML page and in a workbook.

Both are written event by event, however many there are. Cells are written as text, never as
formulas, whatever a goal is called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import xlsxwriter

from projections.audit_log.answers import AuditLogEntry

Entries = Callable[[Sequence[int]], list[AuditLogEntry]]

MOST_ROWS = 1_048_575  # of a sheet, below its heading
LONGEST_CELL = 32_767
WORDS = {
    "en": {
        "title": "Evidence from the log", "log": "Log", "events": "Checkpoint over events",
        "root": "Root", "search": "Searched for", "everything": "everything",
        "proof": "This page is for reading, and nothing proves it. What is proven stands in "
        "events.jsonl and texts.jsonl: okr_es_verify.py checks it, and --page writes it to read.",
        "position": "Position", "recorded_at": "Recorded at (UTC)", "type": "Event",
        "by": "By", "on_behalf_of": "On behalf of", "goal": "Goal", "sentence": "What happened",
        "reason": "Reason", "comment": "Comment", "origin": "Origin", "changes": "Changes",
        "field": "Field", "before": "Before", "after": "After",
    },
    "sv": {
        "title": "Bevis ur loggen", "log": "Logg", "events": "Kontrollpunkt över händelser",
        "root": "Rot", "search": "Sökt efter", "everything": "allt",
        "proof": "Den här sidan är till för läsning, och inget bevisar den. Bevisat är det som "
        "står i events.jsonl och texts.jsonl: okr_es_verify.py kontrollerar det, och --page "
        "skriver det för läsning.",
        "position": "Position", "recorded_at": "Registrerad (UTC)", "type": "Händelse",
        "by": "Av", "on_behalf_of": "För", "goal": "Mål", "sentence": "Vad som hände",
        "reason": "Skäl", "comment": "Kommentar", "origin": "Ursprung", "changes": "Ändringar",
        "field": "Fält", "before": "Före", "after": "Efter",
    },
}  # fmt: skip
COLUMNS = (
    "position", "recorded_at", "type", "by", "on_behalf_of", "goal", "sentence", "reason",
    "comment", "origin", "changes",
)  # fmt: skip
WIDTHS = (10, 27, 26, 22, 22, 34, 80, 40, 40, 10, 60)
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem;
  color: #1d2733; background: #fff }
h1 { font-size: 1.5rem }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem }
dt { color: #5b6876 } dd { margin: 0; overflow-wrap: anywhere }
article { border-top: 1px solid #d8dee5; padding: .8rem 0 } p { margin: .2rem 0 }
.meta { color: #5b6876; font-size: .85rem } table { border-collapse: collapse; margin-top: .4rem }
th, td { border: 1px solid #d8dee5; padding: .15rem .5rem; text-align: left; font-size: .85rem;
  overflow-wrap: anywhere } th { background: #f3f5f8; font-weight: 600 }
@media (prefers-color-scheme: dark) { body { background: #14181d; color: #e3e8ee }
  th { background: #1f262e } th, td, article { border-color: #36414d }
  dt, .meta { color: #9aa7b5 } }
"""


def search_line(search: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """Return what was searched for, in a line."""
    return ", ".join(f"{name}={value}" for name, value in search.items()) or words["everything"]


class HtmlIndex:
    """The index as one HTML page without scripts."""

    def __init__(self, path: Path, entries: Entries, about: Mapping[str, Any]) -> None:
        self.file = path.open("w", encoding="utf-8")
        self.entries = entries
        self.words = WORDS[about["language"]]
        self.write_head(about)

    def write_head(self, about: Mapping[str, Any]) -> None:
        """Write what the bundle is about."""
        words, title = self.words, escape(self.words["title"])
        facts = {
            words["log"]: about["origin"],
            words["events"]: str(about["size"]),
            words["root"]: about["root"],
            words["search"]: search_line(about["search"], words),
        }
        listed = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in facts.items())
        self.file.write(
            f'<!doctype html>\n<html lang="{about["language"]}"><head><meta charset="utf-8">\n'
            f'<meta name="viewport" content="width=device-width"><title>{title}</title>\n'
            f"<style>{STYLE}</style></head><body>\n<h1>{title}</h1>\n<dl>{listed}</dl>\n"
            f"<p>{escape(words['proof'])}</p>\n"
        )

    def add(self, positions: Sequence[int]) -> None:
        """Write events."""
        for entry in self.entries(positions):
            self.file.write(self.article(entry))

    def article(self, entry: AuditLogEntry) -> str:
        """Return one event."""
        rows = "".join(
            f"<tr><td>{escape(each['label'])}</td><td>{escape(each['before_text'] or '')}</td>"
            f"<td>{escape(each['after_text'] or '')}</td></tr>"
            for each in entry["changes"]
        )
        heads = "".join(f"<th>{escape(self.words[n])}</th>" for n in ("field", "before", "after"))
        table = f"<table><tr>{heads}</tr>{rows}</table>" if rows else ""
        return (
            f'<article id="e{entry["position"]}"><p>{escape(entry["sentence"])}</p>'
            f'<p class="meta">{entry["position"]} · {escape(entry["recorded_at"])} · '
            f"{escape(entry['type'])} · {escape(entry['id'])}</p>{table}</article>\n"
        )

    def close(self) -> None:
        """Finish the page."""
        self.file.write("</body></html>\n")
        self.file.close()


class SheetIndex:
    """The index as a workbook: a row an event, on as many sheets as that takes."""

    def __init__(self, path: Path, entries: Entries, about: Mapping[str, Any]) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self.book = xlsxwriter.Workbook(str(path), options)
        self.entries = entries
        self.words = WORDS[about["language"]]
        self.bold = self.book.add_format({"bold": True})
        self.begin_sheet()

    def begin_sheet(self) -> None:
        """Begin a sheet with its headings."""
        self.sheet, self.row = self.book.add_worksheet(), 0
        for number, (name, width) in enumerate(zip(COLUMNS, WIDTHS, strict=True)):
            self.sheet.set_column(number, number, width)
            self.sheet.write_string(0, number, self.words[name], self.bold)
        self.sheet.freeze_panes(1, 0)

    def add(self, positions: Sequence[int]) -> None:
        """Write events."""
        for entry in self.entries(positions):
            if self.row == MOST_ROWS:
                self.begin_sheet()
            self.row += 1
            self.sheet.write_number(self.row, 0, entry["position"])
            for number, text in enumerate(cells_of(entry), 1):
                self.sheet.write_string(self.row, number, text[:LONGEST_CELL])

    def close(self) -> None:
        """Finish the workbook."""
        self.book.close()


def cells_of(entry: AuditLogEntry) -> list[str]:
    """Return the cells of an event behind its position."""
    goal = entry["goal"]
    changes = "\n".join(
        f"{each['label']}: {each['before_text'] or '–'} → {each['after_text'] or '–'}"
        for each in entry["changes"]
    )
    actors = [each and each["name"] for each in (entry["by"], entry["on_behalf_of"])]
    who = [entry["recorded_at"], entry["type"], *actors]
    what = [goal and goal["title"], entry["sentence"], entry["reason"], entry["comment"]]
    return [text or "" for text in [*who, *what, entry["origin"], changes]]


class SharedEntries:
    """Gives both indexes the same entries, which are read and decrypted but once."""

    def __init__(self, read: Entries) -> None:
        self.read = read
        self.positions: Sequence[int] = ()
        self.entries: list[AuditLogEntry] = []

    def __call__(self, positions: Sequence[int]) -> list[AuditLogEntry]:
        """Return the entries of events."""
        if positions != self.positions:
            self.positions, self.entries = positions, self.read(positions)
        return self.entries
