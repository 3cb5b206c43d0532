"""The offline verifier names what it did not prove, and writes its page from what it proved."""

from __future__ import annotations

import hashlib
import json
import re
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from okr_es.evidence import okr_es_verify
from okr_es.evidence.okr_es_verify import LANGUAGES, WORDS, main, verify
from tests.support.pipes import ROOT

VECTORS = ROOT / "tests/data/vectors"
GENUINE = VECTORS / "genuine.zip"
INDEX = b"<p>Ben eased it</p>\n"
SHEET = b"PK\x05\x06 x"

Changed = dict[str, bytes]


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A genuine bundle with index pages, as an export writes it."""
    return packed(tmp_path / "bundle.zip", {"index.html": INDEX, "index.xlsx": SHEET})


def packed(target: Path, changed: Changed, **stated: object) -> Path:
    """Write the genuine bundle with some files changed or added, and a manifest that fits them."""
    with zipfile.ZipFile(GENUINE) as opened:
        files = {name: opened.read(name) for name in opened.namelist()} | changed
    manifest = json.loads(files.pop("manifest.json")) | stated
    manifest["files"] = {name: hashlib.sha256(files[name]).hexdigest() for name in files}
    with zipfile.ZipFile(target, "w") as written:
        written.writestr("manifest.json", json.dumps(manifest))
        for name, content in files.items():
            written.writestr(name, content)
    return target


def flips(content: bytes) -> list[bytes]:
    """Every content that differs in one byte by one bit."""
    return [
        content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :] for at in range(len(content))
    ]


def page_of(bundle: Path, *options: str) -> str:
    """The page that the verifier writes of a bundle that is proven."""
    target = bundle.with_name("page.html")
    assert main([str(bundle), "--page", str(target), *options]) == 0
    return target.read_text(encoding="utf-8")


def shown(page: str) -> str:
    """What is read on a page: its text, blanks as one."""
    body = page.partition("<body>")[2]
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())


class TestWhatIsNotProven:
    def test_is_named_at_the_end(self, bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main([str(bundle)]) == 0
        said = capsys.readouterr().out
        assert said.startswith("Proven: 22 events")
        after = said.partition("Not proven, for reading only:\n")[2].splitlines()
        assert [line.strip() for line in after] == [
            "README.txt", "index.html", "index.xlsx", "okr_es_verify.py",
            "manifest.json: exported_at, exported_by, search",
            "checkpoints.jsonl: cause, signed_at",
        ]  # fmt: skip

    def test_is_there_as_json(self, bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main([str(bundle), "--json"]) == 0
        said = json.loads(capsys.readouterr().out)
        assert (said["proven"], said["events"], said["is_complete"]) == (True, 22, True)
        assert {"index.html", "index.xlsx"} <= set(said["not_proven"])

    def test_json_says_as_well_what_failed(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main([str(VECTORS / "another-root.zip"), "--json"]) == 1
        said = capsys.readouterr()
        assert json.loads(said.out)["proven"] is False
        assert said.err == f"NOT PROVEN: {json.loads(said.out)['failure']}\n"

    def test_no_byte_of_an_index_page_is_proven_or_reaches_the_page(self, bundle: Path) -> None:
        untouched = page_of(bundle)
        for name, content in (("index.html", INDEX), ("index.xlsx", SHEET)):
            assert f"<li>{name}</li>" in untouched
            for flipped in flips(content):
                altered = packed(bundle, {"index.html": INDEX, "index.xlsx": SHEET, name: flipped})
                assert page_of(altered) == untouched

    def test_is_also_a_file_that_nobody_knows(self, tmp_path: Path) -> None:
        odd = packed(tmp_path / "odd.zip", {"\x1b[2Jfindings.pdf": b"x", "access.checkpoint": b""})
        left = verify(odd).not_proven
        assert "\\u001b[2Jfindings.pdf" in left
        assert "access.checkpoint" in left  # there are no reads that it could be of

    def test_is_all_but_the_event_that_was_asked_for(self, bundle: Path) -> None:
        assert "events.jsonl, texts.jsonl: all but event 7" in verify(bundle, only=7).not_proven

    def test_nothing_that_the_manifest_states_besides_reaches_the_page(self, bundle: Path) -> None:
        altered = packed(bundle, {}, search={"words": "FORGED"}, exported_by="FORGED")
        assert "FORGED" not in page_of(altered)
        assert "exported_by" in page_of(altered)


class TestThePage:
    def test_has_every_proven_event_in_order(self, bundle: Path) -> None:
        page = page_of(bundle)
        assert re.findall(r'<article id="e(\d+)">', page) == [str(n + 1) for n in range(22)]

    def test_says_who_when_and_what_was_recorded_before(self, bundle: Path) -> None:
        page = page_of(bundle)
        retitled, *_ = re.findall(
            r'<article id="e\d+"><h3>\d+ · objective.retitled.*?</article>', page
        )
        said = shown(f"<body>{retitled}")
        assert "By 00000000-0000-0000-0000-0000000000a1" in said
        assert "2025-07-15T12:00:00.000000Z" in said
        assert re.search(r"title .+ \(event \d+\) .+", said)

    def test_gives_no_value_before_where_events_between_are_left_out(self, bundle: Path) -> None:
        with zipfile.ZipFile(bundle) as opened:
            events = [json.loads(line) for line in opened.read("events.jsonl").splitlines()]
        later = next(each for each in events if each["type"] == "objective.retitled")
        page = page_of(bundle, "--position", str(later["position"]))
        assert "not in this bundle" in page
        assert "(event" not in page

    def test_names_checkpoint_keys_and_what_is_missing(self, bundle: Path) -> None:
        said = shown(page_of(bundle))
        assert "okr-es.example" in said
        assert "MPb4NhuT+q5pMUM89YA16aCwToL3ExWOi1cYU6YgGYk=" in said
        assert "signed this checkpoint" in said
        assert "No checkpoint was given that was kept elsewhere" in said
        assert "These are all events of the log" in said
        assert "index.html" in said

    def test_is_the_same_each_time_and_in_each_language(self, bundle: Path) -> None:
        for language in LANGUAGES:
            first = page_of(bundle, "--language", language)
            assert page_of(bundle, "--language", language) == first
            assert f'<html lang="{language}">' in first
        assert [sorted(WORDS[each]) for each in LANGUAGES] == [sorted(WORDS["en"])] * 2

    def test_has_no_script_and_fetches_nothing(self, bundle: Path) -> None:
        page = page_of(bundle)
        assert "default-src 'none'" in page
        assert not re.search(r"<script|<link|<img|\bsrc=|\bhref=|url\(|@import", page)

    def test_is_for_its_owners_eyes(self, bundle: Path) -> None:
        page_of(bundle)
        assert stat.S_IMODE(bundle.with_name("page.html").stat().st_mode) == 0o600

    def test_escapes_what_people_wrote(self) -> None:
        assert okr_es_verify.as_html("<b onclick='x'>&\u202e\x00 a\u200db\nc") == (
            "&lt;b onclick=&#x27;x&#x27;&gt;&amp;\\u202e\\u0000 a\u200db\nc"
        )

    def test_tells_spans_apart_by_their_first_day(self) -> None:
        data = {"target": {"starts": "2025-07-01", "target": "5"}, "steps": ["a"], "due": None}
        assert list(okr_es_verify.flat("", data)) == [
            ("due", "–"), ("steps", '["a"]'),
            ("target (2025-07-01).starts", "2025-07-01"), ("target (2025-07-01).target", "5"),
        ]  # fmt: skip


class TestWhatIsNotProvenHasNoPage:
    @pytest.mark.parametrize(
        "name", ["an-event-less", "another-root", "another-text", "other-words"]
    )
    def test_a_forged_bundle(self, name: str, tmp_path: Path) -> None:
        target = tmp_path / "page.html"
        assert main([str(VECTORS / f"{name}.zip"), "--page", str(target)]) == 1
        assert list(tmp_path.iterdir()) == []

    def test_an_event_that_is_altered_after_it_was_checked(
        self, bundle: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        checked: Callable[..., okr_es_verify.Proven] = okr_es_verify.verify_bundle
        altered = bundle.with_name("altered.zip")
        with zipfile.ZipFile(GENUINE) as opened:
            events = opened.read("events.jsonl")
        packed(
            altered, {"events.jsonl": events.replace(b"objective.retitled", b"objective.restyled")}
        )

        def check_then_alter(opened: okr_es_verify.Bundle, *more: object) -> object:
            found = checked(opened, *more)
            opened.zip.close()
            opened.zip = zipfile.ZipFile(altered)
            return found

        monkeypatch.setattr(okr_es_verify, "verify_bundle", check_then_alter)
        target = bundle.with_name("page.html")
        assert main([str(bundle), "--page", str(target)]) == 1
        assert not target.exists()


class TestWhereThePageGoes:
    def test_not_in_the_place_of_the_bundle(self, bundle: Path) -> None:
        before = bundle.read_bytes()
        with pytest.raises(SystemExit) as ended:
            main([str(bundle), "--page", str(bundle)])
        assert ended.value.code == 2
        assert bundle.read_bytes() == before

    def test_a_folder_that_is_not_there_says_nothing_about_the_bundle(self, bundle: Path) -> None:
        run = [sys.executable, okr_es_verify.__file__, str(bundle), "--page", "nowhere/page.html"]
        done = subprocess.run(run, capture_output=True, text=True, check=False, cwd=bundle.parent)
        assert done.returncode == 141
        assert done.stderr.startswith("The output cannot be written: ")

    def test_nothing_of_it_stays_where_it_could_not_be_written(
        self, bundle: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_page: okr_es_verify.Page) -> Iterator[str]:
            yield "<!doctype html>"
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(okr_es_verify.Page, "parts", full)
        with pytest.raises(okr_es_verify.NotWritten):
            verify(bundle, page=bundle.with_name("page.html"))
        assert [each.name for each in bundle.parent.iterdir()] == ["bundle.zip"]

    def test_alone_beside_nothing_of_this_project(self, bundle: Path) -> None:
        run = [sys.executable, "-I", okr_es_verify.__file__, bundle.name, "--page", "page.html"]
        done = subprocess.run(run, capture_output=True, text=True, check=False, cwd=bundle.parent)
        assert (done.returncode, done.stderr) == (0, "")
        assert "objective.retitled" in (bundle.parent / "page.html").read_text(encoding="utf-8")
