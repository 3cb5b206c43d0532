"""Small CSV files, the maps they are read by, and an application to import them into."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.context import Context
from okr_es.domain.kpi import Kpi
from okr_es.imports import recorded
from okr_es.imports.kpis import Mapping, Report, import_kpis, mapping_from, reading_id
from tests.support.begun import Begun

ME = UUID("00000000-0000-0000-0000-000000000001")
NOW = datetime(2025, 1, 15, 10, tzinfo=UTC)

# In the simple files, a row is: name, year, target, actual.
SIMPLE = {
    "columns": {"name": "name", "year": "year", "target": "target", "actual": "actual"},
    "defaults": {"unit": "%", "direction": "at_least", "source": "x", "cadence": "yearly"},
}


def opened(begun: Begun) -> Iterator[Okr]:
    """An application with one registered person, at a fixed time."""
    with begun.fresh("someone", begin) as url, closing(Okr(url, clock=lambda: NOW)) as okr:
        yield okr


def begin(url: str) -> None:
    with closing(Okr(url, clock=lambda: NOW)) as okr:
        okr.execute(c.RegisterPerson("Someone", id=ME), Context(by=ME))


def imported(okr: Okr, file: Path, mapping: Mapping, **options: object) -> Report:
    return import_kpis(okr, file, mapping, by=ME, **options)  # type: ignore[arg-type]


def simple(
    tmp_path: Path, *rows: str, encoding: str = "utf-8", **told: object
) -> tuple[Path, Mapping]:
    """A file of rows and the map it is read by."""
    file = tmp_path / "simple.csv"
    mark = str(told.get("delimiter", ","))
    file.write_text("\n".join([mark.join(("name", "year", "target", "actual")), *rows]), encoding)
    return file, mapping_from({**SIMPLE, **told})


def written(
    tmp_path: Path, content: str | bytes, columns: dict[str, object], **told: object
) -> tuple[Path, Mapping]:
    """A file with that content, and a map with these columns and the simple defaults."""
    file = tmp_path / "written.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file, mapping_from({**SIMPLE, "columns": columns, **told})


def kpi_of(okr: Okr, id_: UUID) -> Kpi:
    return recorded.loaded(okr.work(Context(by=ME)), Kpi, [id_])[0]


def all_kpis(okr: Okr) -> dict[str, Kpi]:
    """Every KPI of the log by its name."""
    return {kpi.name: kpi for kpi in recorded.all_of(okr.work(Context(by=ME)), Kpi)}


def value_of(okr: Okr, kpi: UUID, as_of: str) -> Decimal:
    id_ = reading_id(kpi, date.fromisoformat(as_of))
    return recorded.readings(okr, [id_])[id_].values[-1]
