"""A sample of the audit log over HTTP: drawn again by others, each event with its proof."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
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

ACTOR = {"Okr-Actor": ADA}
SAMPLE = f"{PREFIX}/evidence/sample"
Company = dict[str, str]


@pytest.fixture
def client(okr: Okr) -> Iterator[FlaskClient]:
    """A client of the API on the real read side, of a log that is signed."""
    Signer(okr).sign()
    runner = Runner(okr)
    yield client_of(okr, Queries(okr, runner))
    runner.close()


def sample(client: FlaskClient, asked: str) -> Any:
    response = client.get(f"{SAMPLE}?{asked}", headers=ACTOR)
    assert response.status_code == 200, response.text
    return response.json


def positions(found: Any) -> list[int]:
    return [each["entry"]["position"] for each in found["sample"]]


def test_each_event_is_proven_by_what_comes_with_it(client: FlaskClient) -> None:
    found = sample(client, "seed=7&size=5")
    note = verifier.read_note(found["note"])
    assert (note.size, len(found["sample"])) == (found["position"], 5)
    for each in found["sample"]:
        path = [verifier.unb64(hash_) for hash_ in each["proof"]["path"]]
        leaf = verifier.leaf_hash(each["proof"]["line"].encode())
        at = each["entry"]["position"]
        assert json.loads(each["proof"]["line"])["position"] == at
        assert verifier.root_by_inclusion(leaf, at - 1, note.size, path) == note.root


def test_it_is_drawn_again_with_nothing_but_seed_and_positions(client: FlaskClient) -> None:
    found = sample(client, "seed=7&size=5&type=objective&language=sv")
    log = client.get(f"{PREFIX}/audit-log?type=objective&limit=1000", headers=ACTOR).json
    of_search = sorted(each["position"] for each in log["entries"])
    within = [each for each in of_search if each <= found["position"]]
    keys = sorted((sha256(f"7:{each}".encode()).hexdigest(), each) for each in within)[:5]
    assert [(each["key"], each["entry"]["position"]) for each in found["sample"]] == keys
    assert found["population"] == len(within)
    listed = "".join(f"{each}\n" for each in within)
    assert found["population_sha256"] == sha256(listed.encode()).hexdigest()
    assert found["search"] == {"type": "objective"}


def test_up_to_a_checkpoint_it_stays_the_same_while_the_log_grows(
    client: FlaskClient, okr: Okr, company: Company
) -> None:
    before = sample(client, "seed=7")
    Caller(client).done(f"/objectives/{company['objective_id']}/retitle", {"title": "Win"})
    Signer(okr).sign()
    after = sample(client, f"seed=7&up_to={before['position']}")
    assert (positions(after), after["note"]) == (positions(before), before["note"])
    assert sample(client, "seed=7")["population"] > before["population"]


def test_its_bundle_is_proven_and_has_the_same_events(client: FlaskClient, tmp_path: Path) -> None:
    found = sample(client, "seed=7&size=5")
    asked = f"{SAMPLE}?seed=7&size=5&up_to={found['position']}"
    response = client.post(asked, headers=ACTOR)
    assert response.status_code == 200, response.text
    bundle = tmp_path / "sample.zip"
    bundle.write_bytes(response.data)
    assert verifier.verify(bundle, found["note"]).known == found["position"]
    with zipfile.ZipFile(bundle) as packed:
        events = [json.loads(line) for line in packed.read("events.jsonl").splitlines()]
        stated = json.loads(packed.read("manifest.json"))["sample"]
    assert [each["position"] for each in events] == sorted(positions(found))
    assert (stated["seed"], stated["population"]) == ("7", found["population"])
    assert stated["population_sha256"] == found["population_sha256"]


def test_the_read_and_the_export_are_recorded(client: FlaskClient, okr: Okr) -> None:
    sample(client, "seed=7&size=5&text=secret")
    client.post(f"{SAMPLE}?seed=7&size=5&text=secret", headers=ACTOR)
    for what in ("sample", "export"):
        log = client.get(f"{PREFIX}/access-log?what={what}", headers=ACTOR).json
        (read,) = log["entries"]
        assert read["by"]["id"] == ADA
        assert {each["parameter"]: each["asked"] for each in read["about"]} == {
            "text": "withheld", "seed": "7", "sample_size": "5", "position": str(okr.log.head()),
        }  # fmt: skip


def test_a_population_of_nothing_has_an_empty_sample(client: FlaskClient) -> None:
    found = sample(client, "seed=0&origin=import")
    assert (found["population"], found["sample"]) == (0, [])


@pytest.mark.parametrize(
    ("asked", "status", "field"),
    [
        ("", 422, "seed"), ("seed=-1", 422, "seed"), ("seed=1&size=1001", 422, "size"),
        ("seed=1&size=0", 422, "size"), ("seed=1&up_to=2", 404, "up_to"),
        ("seed=1&type=moon", 422, "type"), ("seed=9223372036854775808", 422, "seed"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused_with_its_field(
    client: FlaskClient, asked: str, status: int, field: str
) -> None:
    response = client.get(f"{SAMPLE}?{asked}", headers=ACTOR)
    assert (response.status_code, response.json["field"]) == (status, field)


def test_before_the_first_checkpoint_there_is_none(okr: Okr) -> None:
    with closing(Runner(okr)) as runner:
        response = client_of(okr, Queries(okr, runner)).get(f"{SAMPLE}?seed=1", headers=ACTOR)
    assert (response.status_code, response.json["field"]) == (404, "up_to")
