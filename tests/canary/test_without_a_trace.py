"""A person is erased, and not a byte of what is about them is left, while every proof stands.

One word is in the name, the e-mail, and every text about one person, who does all there is to do;
others are in what they write about goals, and about somebody else. Each is looked for in every
file, in every answer given afterwards, and in all that was logged; and each place where it must be
found before shows that looking finds it.
"""

import io
import json
import logging
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.exc import OperationalError

from okr_es.evidence import okr_es_verify as verifier
from okr_es.people.directory import FORMER_COLLEAGUE
from tests.canary.receipts import receipts, told, warned
from tests.canary.scan import forms, found_in, hits, plant
from tests.canary.world import Company, Words
from tests.okr_es.log.test_hash import assert_every_hash_is_right, rows


@pytest.fixture
def words() -> Words:
    """A word for each class and subject."""
    return Words(
        *(f"{bird}{uuid4().hex[:12]}" for bird in ("kanarienvogel", "zeisig", "stieglitz"))
    )


@pytest.fixture
def word(words: Words) -> str:
    """The word in all that is about the canary."""
    return words.about


@pytest.fixture
def company(
    database_url: str, tmp_path: Path, words: Words, caplog: pytest.LogCaptureFixture
) -> Iterator[Company]:
    """The company after all that, with everything logged that can be."""
    caplog.set_level(logging.DEBUG)
    (tmp_path / "files").mkdir()
    company = Company(database_url, tmp_path / "files", words)
    company.live()
    yield company
    company.close()


def test_not_a_byte_is_left_and_every_proof_stands(
    company: Company, word: str, caplog: pytest.LogCaptureFixture
) -> None:
    log = company.okr.log
    told_before = [name for name, data in company.exports() if found_in(data, word)]
    records = [name for name, data in company.exports() if found_in(data, company.words.record)]
    hashes, numbers, evidence = rows(log), company.numbers(), company.bundle()
    for each in company.words:
        assert hits(company.okr, each) == []  # nothing readable was ever stored
    assert word in company.held()

    company.erase()

    for each in company.words:
        assert hits(company.okr, each) == []
    assert [name for name, data in company.exports() if found_in(data, word)] == []
    assert hits(company.okr, word) == []  # nor has asking left anything
    assert word not in company.held()
    assert word not in caplog.text
    assert rows(log)[:-1] == hashes
    assert_every_hash_is_right(log, len(hashes) + 1)
    assert company.numbers() == numbers
    assert_what_was_proven_is_proven(company, evidence)
    assert_it_was_there(company, told_before)
    assert_records_stay(company, records)
    assert_what_is_about_another_stays_with_that_one(company)


def assert_what_was_proven_is_proven(company: Company, before: bytes) -> None:
    """Evidence from before stands, and evidence from now goes on from its checkpoint."""
    (known,) = (json.loads(line)["note"] for line in member(before, "checkpoints.jsonl")[-1:])
    events = member(before, "events.jsonl")
    for bundle in (before, company.bundle(known)):
        path = company.folder / "bundle.zip"
        path.write_bytes(bundle)
        proven = verifier.verify(path, known)
        assert proven.events >= len(events)
        assert member(bundle, "events.jsonl")[: len(events)] == events
        path.unlink()


def member(bundle: bytes, name: str) -> list[bytes]:
    """The lines of a file in a bundle."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as packed:
        return packed.read(name).splitlines()


def assert_it_was_there(company: Company, told_before: list[str]) -> None:
    """The control: before the erasure it was told wherever reasons, comments and names are."""
    for place in ("history", "people"):
        assert any(name.startswith("GET") and place in name for name in told_before), place
        assert any(name.startswith(place) for name in told_before), place
    for file in ("index.html", "sheet1.xml"):
        assert any(name.endswith(file) for name in told_before), file
    assert company.told > 20


def assert_records_stay(company: Company, before: list[str]) -> None:
    """What the canary wrote about goals is told wherever it was, by a former colleague."""
    word = company.words.record
    assert [name for name, data in company.exports() if found_in(data, word)] == before
    for place in ("history", "plan", "results"):
        assert any(name.startswith("GET") and place in name for name in before), place


def assert_what_is_about_another_stays_with_that_one(company: Company) -> None:
    """Until that person is erased too."""
    word = company.words.other
    assert any(found_in(data, word) for _, data in company.exports())
    company.erase(company.other)
    assert hits(company.okr, word) == []
    assert not any(found_in(data, word) for _, data in company.exports())


def test_what_is_left_reads_as_a_former_colleague(company: Company, word: str) -> None:
    company.erase()
    people = {each["id"]: each for each in company.queries.people()["people"]}
    erased = people[company.canary]
    assert (erased["name"], erased["email"]) == (FORMER_COLLEAGUE, None)
    assert (erased["erased"], erased["legal_ground"]) == (True, "GDPR Article 17")
    history = company.calls("history", company.ids["objective_id"])
    (retitled,) = [line for line in history.splitlines() if "objective.retitled" in line]
    assert FORMER_COLLEAGUE in retitled
    assert company.words.record in retitled
    assert FORMER_COLLEAGUE in company.calls("review", "2025-Q3")


def test_receipts_hold_ids_and_no_name_or_title(company: Company) -> None:
    found = receipts(company.okr)
    assert [word for each in found for word in told(each)] == []
    assert set().union(*map(warned, found)) >= {
        "closed_before_its_end", "graded_before", "span_is_over", "waits_for_approval",
    }  # fmt: skip


@pytest.mark.parametrize(
    "planted",
    [
        {"id": None, "warnings": ["The KPI that fed “x” was retired."]},
        {"id": None, "warnings": [{"code": "other", "things": [{"kind": "kpi", "title": "x"}]}]},
        {"id": None, "warnings": [{"code": "other", "facts": {"ends": "Ada"}}]},
    ],
)
def test_a_name_in_a_receipt_is_found(planted: dict[str, Any]) -> None:
    assert [*told(planted)] != []


def test_a_word_in_the_clear_is_found(company: Company, word: str) -> None:
    """The control: looking finds the word where somebody stored it after all."""
    plant(company.okr, word)
    assert "text" in {form for _, form in hits(company.okr, word)}


@pytest.mark.parametrize("form", ["text", "UTF-16", "hex", "HEX", "base64+0", "base64+2"])
def test_it_is_found_in_each_form(form: str, tmp_path: Path, word: str) -> None:
    assert form in found_in(b"\x01\x02" + forms(word)[form] + b"\x03", word)
    assert found_in(f"a {word[:-1]}".encode(), word) == []


def test_nothing_is_shown_where_something_goes_wrong(
    company: Company, word: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = {"name": word, "email": f"{word}@example.org", "reason": word, "comment": word}
    failures = (
        OperationalError("INSERT", {"name": word}, Exception("away"), hide_parameters=True),
        RuntimeError("nobody foresaw this"),
    )
    for failure in failures:

        def fails(*_: object, failure: Exception = failure) -> None:
            raise failure

        with monkeypatch.context() as patch:
            patch.setattr(company.okr.log, "append", fails)
            assert company.ada.post("/people", person).status_code >= 500
    logged = [record.getMessage() for record in caplog.records]
    assert "Unexpected error" in logged
    assert any("The database is unavailable" in message for message in logged)
    assert word not in caplog.text
    assert hits(company.okr, word) == []
