"""Checkpoints, proofs and evidence bundles over HTTP."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from okr_es.application import Okr
from okr_es.evidence import okr_es_verify as verifier
from okr_es.evidence.signer import Signer
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.web.conftest import ADA, Caller, client_of
from web.app import PREFIX

Company = dict[str, str]
FORMULA = '=HYPERLINK("http://127.0.0.1/","<b>win</b>")'


@pytest.fixture
def client(okr: Okr) -> Iterator[FlaskClient]:
    """A client of the API on the real read side."""
    runner = Runner(okr)
    yield client_of(okr, Queries(okr, runner))
    runner.close()


@pytest.fixture
def signer(okr: Okr) -> Signer:
    """The signer of the log."""
    return Signer(okr, origin="okr-es.example")


def got(client: FlaskClient, path: str, status: int = 200) -> Any:
    """The answer to a GET."""
    response = client.get(PREFIX + path)
    assert response.status_code == status, response.text
    return response


def evidence(client: FlaskClient, tmp_path: Path, query: str = "", body: str = "") -> Path:
    """A bundle, as it came."""
    response = client.post(
        f"{PREFIX}/evidence{query}", data=body, content_type="text/plain",
        headers={"Okr-Actor": ADA},
    )  # fmt: skip
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == "application/zip"
    assert response.headers["Cache-Control"] == "no-store"
    assert "okr-es-evidence-" in response.headers["Content-Disposition"]
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(response.data)
    return bundle


class TestCheckpoints:
    def test_before_the_first_there_is_none(self, client: FlaskClient) -> None:
        assert got(client, "/checkpoints").json == {
            "checkpoints": [], "keys": [], "next_before": None,
        }  # fmt: skip
        assert got(client, "/checkpoints/latest", 404).json["field"] == "size"

    def test_they_are_listed_newest_first_a_page_at_a_time(
        self, client: FlaskClient, signer: Signer, company: Company
    ) -> None:
        first = signer.sign()
        Caller(client).done(f"/objectives/{company['objective_id']}/retitle", {"title": "Win"})
        second = signer.sign()
        assert first is not None
        assert second is not None
        page = got(client, "/checkpoints?limit=1").json
        assert [each["size"] for each in page["checkpoints"]] == [second.size]
        rest = got(client, f"/checkpoints?before={page['next_before']}").json
        assert [each["note"] for each in rest["checkpoints"]] == [first.note]
        assert rest["next_before"] is None
        (key,) = rest["keys"]
        assert key["key"].startswith("okr-es.example+")

    def test_each_is_shown_as_it_was_signed(self, client: FlaskClient, signer: Signer) -> None:
        made = signer.sign()
        assert made is not None
        latest, same = got(client, "/checkpoints/latest"), got(client, f"/checkpoints/{made.size}")
        assert latest.text == same.text == made.note
        assert latest.headers["Cache-Control"] == "no-cache"
        assert "immutable" in same.headers["Cache-Control"]
        got(client, f"/checkpoints/{made.size + 1}", 404)

    def test_one_goes_on_from_an_earlier_size(self, client: FlaskClient, signer: Signer) -> None:
        made = signer.sign()
        assert made is not None
        told = got(client, f"/checkpoints/{made.size}/consistency?from=5").json
        proof = [verifier.unb64(each) for each in told["proof"]]
        earlier = signer.checkpoints.tree(5).root
        assert verifier.is_consistent(5, earlier, made.size, made.root, proof)
        got(client, f"/checkpoints/{made.size}/consistency?from={made.size + 1}", 404)
        assert got(client, f"/checkpoints/{made.size}/consistency", 422).json["field"] == "from"


class TestProofs:
    def test_an_event_is_proven(self, client: FlaskClient, signer: Signer) -> None:
        signer.sign()
        told = got(client, "/events/3/proof").json
        leaf = verifier.leaf_hash(told["line"].encode())
        path = [verifier.unb64(each) for each in told["path"]]
        note = verifier.read_note(told["note"])
        assert verifier.root_by_inclusion(leaf, 2, note.size, path) == note.root
        assert verifier.b64(leaf) == told["leaf"]

    def test_what_is_not_signed_is_not_proven(
        self, client: FlaskClient, signer: Signer, company: Company
    ) -> None:
        got(client, "/events/3/proof", 404)
        signer.sign()
        Caller(client).done(f"/objectives/{company['objective_id']}/retitle", {"title": "Win"})
        head = signer.okr.log.head()
        assert got(client, f"/events/{head}/proof", 404).json["field"] == "position"
        assert got(client, "/events/3/proof?size=0", 422).json["field"] == "size"


class TestBundles:
    def test_all_of_the_log_is_proven(self, client: FlaskClient, okr: Okr, tmp_path: Path) -> None:
        proven = verifier.verify(evidence(client, tmp_path))
        assert proven.events == okr.log.head()

    def test_a_search_chooses_what_is_in_it(
        self, client: FlaskClient, company: Company, tmp_path: Path
    ) -> None:
        bundle = evidence(client, tmp_path, f"?goal_id={company['objective_id']}&origin=api")
        everything = evidence(client, tmp_path)
        assert 0 < verifier.verify(bundle).events <= verifier.verify(everything).events
        with zipfile.ZipFile(evidence(client, tmp_path, "?type=objective")) as packed:
            lines = packed.read("events.jsonl").splitlines()
        assert lines
        assert all(b'"type":"objective.' in line for line in lines)

    def test_it_connects_to_a_known_checkpoint(
        self, client: FlaskClient, signer: Signer, company: Company, tmp_path: Path
    ) -> None:
        known = signer.sign()
        assert known is not None
        Caller(client).done(f"/objectives/{company['objective_id']}/retitle", {"title": "Win"})
        bundle = evidence(client, tmp_path, body=known.note)
        assert verifier.verify(bundle, known.note).known == known.size

    def test_what_is_no_checkpoint_is_refused(self, client: FlaskClient) -> None:
        response = client.post(f"{PREFIX}/evidence", data="hello", content_type="text/plain")
        assert (response.status_code, response.json["field"]) == (422, "known")

    def test_a_bad_filter_is_named(self, client: FlaskClient) -> None:
        response = client.post(f"{PREFIX}/evidence?goal=1&origin=moon")
        assert response.status_code == 422
        assert set(response.json["errors"]) == {"goal", "origin"}

    def test_the_export_is_recorded(self, client: FlaskClient, okr: Okr, tmp_path: Path) -> None:
        evidence(client, tmp_path, "?text=secret&type=objective")
        (read,) = got(client, "/access-log?what=export").json["entries"]
        assert read["by"]["id"] == ADA
        assert {each["parameter"]: each["asked"] for each in read["about"]} == {
            "type": "objective", "text": "withheld", "position": str(okr.log.head()),
        }  # fmt: skip

    def test_an_unknown_reader_gets_nothing(self, client: FlaskClient) -> None:
        stranger = {"Okr-Actor": "6a0c5f0e-5b1c-4d53-9a51-0d8a3f6d2fff"}
        assert client.post(f"{PREFIX}/evidence", headers=stranger).status_code == 403

    def test_nothing_is_left_behind(
        self, client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import tempfile

        (tmp_path / "temporary").mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
        evidence(client, tmp_path)
        assert list((tmp_path / "temporary").iterdir()) == []

    def test_a_changed_log_is_said_to_be(
        self, client: FlaskClient, okr: Okr, signer: Signer
    ) -> None:
        import sqlite3

        signer.sign()
        bare = sqlite3.connect(okr.database.path, isolation_level=None)
        bare.execute("DROP TRIGGER events_refuse_update")
        bare.execute("UPDATE events SET origin = 'import' WHERE position = 4")
        bare.close()
        response = client.post(f"{PREFIX}/evidence")
        assert (response.status_code, response.json["type"]) == (500, "/problems/log-was-changed")

    def test_the_verifier_comes_with_it(self, client: FlaskClient) -> None:
        assert "def verify(" in got(client, "/evidence/verifier").text


class TestIndexes:
    @pytest.fixture
    def named(self, client: FlaskClient, company: Company) -> Company:
        """A company whose goal has a name that a careless index would run."""
        path = f"/objectives/{company['objective_id']}/retitle"
        Caller(client).done(path, {"title": FORMULA, "reason": "<script>alert(1)</script>"})
        return company

    def test_the_page_is_escaped(self, client: FlaskClient, named: Company, tmp_path: Path) -> None:
        with zipfile.ZipFile(evidence(client, tmp_path)) as packed:
            page = packed.read("index.html").decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<script" not in page
        assert "<b>win" not in page
        assert page.endswith("</body></html>\n")

    def test_the_sheet_has_no_formulas(
        self, client: FlaskClient, named: Company, tmp_path: Path
    ) -> None:
        with zipfile.ZipFile(evidence(client, tmp_path)) as packed:
            book = zipfile.ZipFile(io.BytesIO(packed.read("index.xlsx")))
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "HYPERLINK" in sheet

    @pytest.mark.parametrize(
        ("language", "title"), [("en", "Evidence from the log"), ("sv", "Bevis ur loggen")]
    )
    def test_they_are_shown_in_a_language(
        self, language: str, title: str, client: FlaskClient, tmp_path: Path
    ) -> None:
        with zipfile.ZipFile(evidence(client, tmp_path, f"?language={language}")) as packed:
            page = packed.read("index.html").decode()
        assert f"<title>{title}</title>" in page
        assert f'<html lang="{language}">' in page

    def test_addresses_stay_at_home(
        self, client: FlaskClient, company: Company, tmp_path: Path
    ) -> None:
        response = client.post(
            f"{PREFIX}/objectives/{company['objective_id']}/retitle", json={"title": "Win"},
            headers={"Okr-Actor": ADA, "User-Agent": "telltale/1.0"},
            environ_overrides={"REMOTE_ADDR": "192.0.2.7"},
        )  # fmt: skip
        assert response.status_code == 200
        assert "192.0.2.7" in got(client, "/audit-log?limit=1").text
        with zipfile.ZipFile(evidence(client, tmp_path)) as packed:
            for name in packed.namelist():
                assert b"192.0.2.7" not in packed.read(name)
                assert b"telltale" not in packed.read(name)
