"""A company in which one person, the canary, does everything and says a telling word each time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from click.testing import CliRunner

from okr_es.application import Okr
from okr_es.domain.cycle import CycleName
from okr_es.people.identities import Identities, Identity
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.web.conftest import ADA, METRIC, NOW, Caller, client_of, found_company
from web.api.queries import ROUTES, Route
from web.app import PREFIX
from web.cli.main import main

ROWS = "KPI,Year,Target,Actual\nVacancy,2023,{target},{actual}\n"
MAP = """
[columns]
name = "KPI"
year = "Year"
target = "Target"
actual = "Actual"
[defaults]
unit = "%"
direction = "decrease"
source = "report"
cadence = "yearly"
"""
ABOUT = {
    "kpis": "kpi_id",
    "key-results": "key_result_id",
    "cycles": "cycle_id",
    "approvals": "asked_id",
    "people": "ada_id",
    "teams": "team_id",
    "readings": "reading_id",
}
# What a question has to be asked with, by the last word of its path.
ASKED = {
    "compare": "from=12&to=14",
    "scoreboard": "cycle=2025-Q3",
    "explanation": "from=12&to=14",
    "who-could": "may=see",
}


class Words(NamedTuple):
    """Words that were never written before, on whatever disk."""

    about: str  # in the name and the address of the canary, and in what is written about them
    record: str  # in what the canary writes about goals
    other: str  # in what the canary writes about somebody else, and the canary alone


class Company:
    """The company, its API and its command line, with all that came out of them."""

    def __init__(self, url: str, folder: Path, words: Words) -> None:
        self.url, self.folder, self.words = url, folder, words
        self.word = words.about
        self.okr = Okr(url, clock=lambda: NOW)
        self.runner = Runner(self.okr)
        self.queries = Queries(self.okr, self.runner)
        self.client = client_of(self.okr, self.queries)
        self.ada = Caller(self.client)
        self.ada.done("/people", {"name": "Ada", "id": ADA})
        self.ids = found_company(self.ada) | {"ada_id": ADA}
        self.canary, self.other = str(uuid4()), str(uuid4())
        self.told = 0

    def close(self) -> None:
        self.runner.close()
        self.okr.close()

    def says(self, word: str) -> dict[str, str]:
        """Reason and comment, with the word in each; a number tells them apart."""
        self.told += 1
        return {
            "reason": f"reason {self.told}: {word} was ill",
            "comment": f"comment {self.told}: ask {word} about it",
        }

    def does(self, path: str, **body: Any) -> str:
        """The canary does something and says why, in a text about themself or of a goal."""
        about_them = path.startswith(f"/people/{self.canary}/") or path.endswith("/grade")
        word = self.words.about if about_them else self.words.record
        caller = Caller(self.client, self.canary)
        return str(caller.done(path.format(**self.ids), body | self.says(word))["id"])

    def calls(self, *words: str) -> str:
        """What the command line prints, on either stream."""
        done = CliRunner().invoke(main, ["--database", self.url, *words])
        assert done.exit_code == 0, done.output
        return done.output

    # ---- what the canary leaves ---------------------------------------------------------

    def live(self) -> None:
        """Let the canary do what leaves words: goals, key results, readings, grades, imports."""
        person = {"name": f"Quincunx {self.word}", "email": f"{self.word}@example.org"}
        self.ada.done("/people", person | {"id": self.canary})
        self.ada.done("/people", {"name": "Bo", "id": self.other})
        self.correct_person()
        account = Identity(f"https://{self.word}.example", f"{self.word} at the provider")
        assert Identities(self.okr.directory).connect(UUID(self.canary), account)
        self.does("/objectives/{draft_id}/commit")
        self.does("/cycles/2025-Q3/commit-plan")
        self.runner.rebuild()
        self.change_goals()
        self.measure()
        self.imports("3", "2")
        self.imports("4", "2.5", "--reason", f"recounted by {self.words.record}")
        self.runner.rebuild()
        self.finish()

    def correct_person(self) -> None:
        """Let name and address be corrected, twice each, so that earlier ones are left behind."""
        about = f"/people/{self.canary}"
        for number in ("first", "second"):
            self.ada.done(f"{about}/rename", {"name": f"Quincunx {number} {self.word}"})
            self.does(f"{about}/email", email=f"{number}.{self.word}@example.org")
        self.does(f"{about}/deactivate")
        self.ada.done(f"{about}/reactivate", self.says(self.words.about))
        for step in ("hold", "release"):
            self.ada.done(f"{about}/{step}", {"matter": "T 1", **self.says(self.words.about)})
        self.ada.done(
            "/grants", {"person_id": self.canary, "role": "hr", **self.says(self.words.about)}
        )
        self.does_about_other()
        self.ada.done(f"/people/{ADA}/deputy", {"deputy_id": self.canary, "ends": "2025-09-30"})

    def does_about_other(self) -> None:
        """The canary writes about somebody else."""
        caller = Caller(self.client, self.canary)
        caller.done(f"/people/{self.other}/deactivate", self.says(self.words.other))

    def change_goals(self) -> None:
        self.does("/objectives/{objective_id}/retitle", title="Lead every market")
        self.does("/objectives/{objective_id}/reassign", owner_id=self.canary)
        self.does(
            "/objectives/{draft_id}/realign", aligned_to_objective_id=self.ids["objective_id"]
        )
        self.does("/key-results/{key_result_id}/retarget", measure=METRIC | {"target": 900})
        self.does("/key-results/{key_result_id}/reweight", weight=2)
        added = self.does(
            "/objectives/{objective_id}/key-results", title="Three more", measure=METRIC
        )
        self.ids["added_id"] = added
        self.does("/key-results/{added_id}/drop")
        asked = Caller(self.client, self.canary).done(
            "/cycles/2025-Q4/require-approval", {"of": [], **self.says(self.words.record)}
        )
        self.ids["asked_id"] = asked["approval_id"]
        self.ada.done(f"/approvals/{asked['approval_id']}/approve", {"comment": "So be it."})

    def measure(self) -> None:
        told = {"as_of": "2025-08-14", "confidence": 7, "value": "410"}
        reading = self.does("/key-results/{key_result_id}/check-ins", **told)
        self.does(f"/readings/{reading}/correct", value="400")
        self.does("/readings/{reading_id}/correct", value="3.4")
        self.does("/readings/{reading_id}/retract")
        self.does("/kpis/{kpi_id}/readings", as_of="2025-08-13", value="3")
        span = {"starts": "2025-07-01", "ends": "2025-09-30", "target": "1"}
        self.does("/kpis/{kpi_id}/retarget", target=span)
        reading = {"kpi_id": self.ids["kpi_id"], "as_of": "2025-08-12", "value": "3"}
        Caller(self.client, self.canary).done(
            "/readings", {"readings": [reading]} | self.says(self.words.record)
        )

    def imports(self, target: str, actual: str, *more: str) -> None:
        file, map_ = self.folder / "kpis.csv", self.folder / "map.toml"
        file.write_text(ROWS.format(target=target, actual=actual))
        map_.write_text(MAP)
        self.calls("import", "kpis", str(file), "--map", str(map_), "--by", self.canary, *more)

    def finish(self) -> None:
        self.does("/objectives/{objective_id}/grade", adjusted_grade=0.5)
        later = {"as_of": "2025-08-14", "confidence": 7, "value": "415"}
        self.does("/key-results/{key_result_id}/check-ins", **later)
        self.does("/objectives/{draft_id}/abandon")
        self.does("/cycles/2025-Q3/close")
        self.does("/cycles/2025-Q3/reopen")
        self.does("/objectives/{objective_id}/reopen")
        self.does("/objectives/{objective_id}/grade")
        self.does("/cycles/2025-Q3/close")

    def erase(self, person: str = "") -> None:
        """Ada has the canary erased, or somebody else, and names nobody as she does."""
        self.calls(
            "people", "erase", person or self.canary, "--yes", "--legal-ground", "GDPR Article 17",
            "--reason", "They asked for it.", "--by", ADA,
        )  # fmt: skip

    # ---- what can be taken out ----------------------------------------------------------

    def exports(self) -> Iterator[tuple[str, bytes]]:
        """Everything that can be asked for, by name: each way out of the system has its line."""
        for route in ROUTES:
            for address in self.addresses(route):
                yield f"GET {address}", self.answer(address)
        yield from self.printed()
        yield from unpacked(self.bundle())

    def bundle(self, known: str = "") -> bytes:
        """An evidence bundle of the whole log, connected to a known checkpoint if one is given."""
        response = self.client.post(
            f"{PREFIX}/evidence", data=known, headers={"Okr-Actor": ADA}, content_type="text/plain"
        )
        assert response.status_code == 200, response.text
        return response.data

    def addresses(self, route: Route) -> Iterator[str]:
        """The query of a route about something, and of a history about everything there is."""
        kind, asked = route.path.split("/")[1], ASKED.get(route.path.rpartition("/")[2])
        ids = [self.ids[ABOUT.get(kind, "objective_id")]]
        if route.question == "history":
            rows = self.okr.log.rows(0, 10_000, ("stream",))
            ids = sorted({str(stream) for _, stream in rows})
        for id_ in ids:
            path = route.path.replace("<uuid:id>", id_).replace("<cycle:id>", id_)
            yield PREFIX + path + (f"?{asked}" if asked else "")

    def answer(self, address: str) -> bytes:
        response = self.client.get(address, headers={"Okr-Actor": ADA})
        assert response.status_code == 200, (address, response.text)
        return response.data

    def printed(self) -> Iterator[tuple[str, bytes]]:
        about = self.ids["objective_id"]
        asked: list[tuple[str, ...]] = [
            ("history", about), ("history", about, "--json"), ("people", "list"),
            ("audit", "access-log"), *((word, "2025-Q3") for word in ("plan", "results", "review")),
            ("board", "2025-Q3"), ("tree", "2025-Q3"), ("kpis", "list"), ("goal", about),
            ("explain", about, "--from", "12", "--to", "14"), ("compare", "12", "14"),
            ("replay", "2025-Q3"),
        ]  # fmt: skip
        for words in asked:
            yield " ".join(words), self.calls(*words, *self.reading(words)).encode()

    def reading(self, words: tuple[str, ...]) -> tuple[str, ...]:
        recorded = {"history", "people", "audit", "plan", "results", "review"}
        return ("--by", ADA) if words[0] in recorded else ()

    def held(self) -> str:
        """What this process remembers of goals and people."""
        queries, reader = self.queries, self.queries.reader
        caches = (self.okr.aggregate_cache, queries.objective_cache, reader.moments, reader.dates)
        return repr((*map(vars, caches), queries.naming.kept))

    def numbers(self) -> dict[str, Any]:
        """All that was promised, measured and graded, without who did it."""
        ask: dict[str, Callable[[CycleName], dict[str, Any]]] = {
            "board": self.queries.board,
            "review": self.queries.review,
        }
        found = {name: question(CycleName("2025-Q3")) for name, question in ask.items()}
        return {
            name: {key: value for key, value in told.items() if "position" not in key}
            for name, told in found.items()
        }


def unpacked(archive: bytes, name: str = "evidence") -> Iterator[tuple[str, bytes]]:
    """The files of an archive, and of the archives in it."""
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        for each in packed.namelist():
            content = packed.read(each)
            yield f"{name} {each}", content
            if each.endswith(".xlsx"):
                yield from unpacked(content, each)
