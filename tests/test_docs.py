"""The documentation is complete, its links lead somewhere, and every example works."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from okr_es.application import Okr
from okr_es.domain.refusals import Refusal
from okr_es.example import build
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.house.idioms import idioms_in
from tests.support.examples import Reader, blocks
from web.app import PREFIX
from web.cli.main import main

ROOT = Path(__file__).parents[1]
DOCS = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [*sorted(ROOT.glob("*.md")), *DOCS]
EXAMPLE = ROOT / "docs/guides/example-company.md"
NAMED = re.compile(r"^export (\w+)=(\S+) +# (.+?) “(.+)”$", re.MULTILINE)
PLACEHOLDER = re.compile(r"<[^>]+>|\{[^}]+\}")
OURS = "okr_es|projections|web|tests|bench|docs"
# Described already, and made by changes that come next.
COMING: set[str] = set()
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")


def named(value: Path | str) -> str:
    return str(value.relative_to(ROOT)) if isinstance(value, Path) else value


def text_of(pages: list[Path]) -> str:
    return "\n".join(page.read_text() for page in pages)


# ---- examples ---------------------------------------------------------------------------


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example company, as `make demo` leaves it."""
    folder = tmp_path_factory.mktemp("documentation")
    (folder / "build/demo").mkdir(parents=True)
    okr = Okr(f"sqlite:///{folder}/build/demo/okr.db")
    build(okr)
    runner = Runner(okr)
    runner.catch_up()
    runner.close()
    okr.close()
    return folder


@pytest.fixture
def reader(example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    """Somebody with a copy of the example company who pasted the lines of its page."""
    shutil.copytree(example, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    reader = Reader(tmp_path)
    for line in re.findall(r"^export [^#\n]+", EXAMPLE.read_text(), re.MULTILINE):
        reader.type(line.strip())
    yield reader
    reader.close()


with_examples = [
    page for page in PAGES if {block.language for block in blocks(page)} & {"sh", "http"}
]


@pytest.mark.parametrize("page", with_examples, ids=named)
def test_every_example_works_and_finds_something(page: Path, reader: Reader) -> None:
    reader.read(page)


def test_an_example_that_finds_nothing_is_noticed(reader: Reader) -> None:
    with pytest.raises(AssertionError, match="finds nothing"):
        reader.send("GET /api/v1/audit-log?cycle=2025-Q3&type=approval")
    with pytest.raises(AssertionError, match="prints nothing"):
        reader.type("okr-es audit log --cycle 2025-Q3 --type approval")


def test_an_example_that_is_refused_is_noticed(reader: Reader) -> None:
    with pytest.raises(AssertionError, match="cycle-is-closed"):
        reader.send("POST /api/v1/cycles/2025-Q3/close\nOkr-Actor: $SAMIR")
    with pytest.raises(AssertionError, match="no cycle 2031-Q1"):
        reader.type("okr-es board 2031-Q1")
    with pytest.raises(AssertionError, match="nobody knows"):
        reader.type("rm okr.db")


def test_the_names_of_the_guides_are_what_they_say(reader: Reader) -> None:
    queries = Queries(Okr(reader.names["OKR_ES_DATABASE"]))
    of_kind = {
        "person": lambda id_: named_in(queries.people()["people"], id_),
        "team": lambda id_: named_in(queries.teams()["teams"], id_),
        "KPI": lambda id_: queries.kpi(id_)["name"],
        "objective": lambda id_: queries.objective(id_)["title"],
        "key result": lambda id_: queries.key_result(id_)["title"],
    }
    found = NAMED.findall(EXAMPLE.read_text())
    assert len(found) >= 8
    for name, id_, kind, title in found:
        assert (name, of_kind[kind](id_)) == (name, title)
    queries.runner.close()
    queries.okr.close()


def named_in(rows: list[dict[str, str]], id_: str) -> str:
    return next(row["name"] for row in rows if row["id"] == id_)


def test_every_make_target_that_is_named_exists() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    found = re.findall(r"(?:`|^)make ([a-z-]+)", text_of(PAGES), re.MULTILINE)
    assert {*found} - {*targets} - COMING == set()


def test_every_command_that_is_named_exists() -> None:
    for words in re.findall(r"`okr-es ([a-z][a-z -]*[a-z])", text_of(PAGES)):
        if words.partition(" ")[0] not in COMING:
            assert is_command(main, words.split()), f"okr-es {words}"


def is_command(command: click.Command, words: list[str]) -> bool:
    """Whether words lead to a command; what comes behind it are its arguments."""
    if not isinstance(command, click.Group) or not words:
        return True
    found = command.commands.get(words[0])
    return found is not None and is_command(found, words[1:])


# ---- completeness -----------------------------------------------------------------------


def test_every_route_and_no_other_is_documented(reader: Reader) -> None:
    written = re.findall(r"`((?:GET|POST) /[^\s`]*)`", text_of(DOCS))
    documented = {PLACEHOLDER.sub("{}", each).replace(PREFIX, "") for each in written}
    routes = {
        f"{method} {PLACEHOLDER.sub('{}', rule.rule).removeprefix(PREFIX)}"
        for rule in reader.client.application.url_map.iter_rules()
        for method in rule.methods & {"GET", "POST"}
        if not rule.rule.startswith(f"{PREFIX}/docs/")
    }
    # Metrics come from the shell around the application.
    assert documented - {"GET /docs", "GET /metrics"} == routes


def test_every_command_is_documented() -> None:
    page = (ROOT / "docs/reference/command-line.md").read_text()
    assert [each for each in every_command(main) if f"## {each}\n" not in page] == []


def every_command(group: click.Group, path: str = "okr-es") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from every_command(command, f"{path} {name}")
        yield f"{path} {name}"


def test_every_refusal_is_documented() -> None:
    page = (ROOT / "docs/reference/problems.md").read_text()
    slugs = [each.slug for each in subclasses(Refusal)]
    assert len(slugs) > 30
    assert [slug for slug in slugs if f"| `{slug}` |" not in page] == []


def subclasses(cls: type[Refusal]) -> Iterator[type[Refusal]]:
    for each in cls.__subclasses__():
        if each.__module__ == Refusal.__module__:
            yield each
            yield from subclasses(each)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/nowhere", {}, 404),
        ("DELETE", "/cycles", {}, 405),
        ("POST", "/cycles", {"Transfer-Encoding": "chunked"}, 411),
        ("POST", "/cycles", {"data": b" " * (2**20 + 1)}, 413),
        ("POST", "/cycles", {"data": b"x"}, 415),
        ("POST", "/cycles", {"data": b"{", "Content-Type": "application/json"}, 400),
    ],
)
def test_what_http_itself_refuses_is_documented(
    method: str, path: str, headers: dict[str, str], status: int, reader: Reader
) -> None:
    answer = reader.client.open(
        PREFIX + path, method=method, data=headers.pop("data", None), headers=headers
    )
    slug = answer.json["type"].removeprefix("/problems/")
    assert answer.status_code == status
    assert f"| `{slug}` | {status} |" in (ROOT / "docs/reference/problems.md").read_text()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_file_of_ours_that_is_named_exists(page: Path) -> None:
    found = re.findall(rf"(?<![\w/.])(?:{OURS})/[\w/.-]*\w", page.read_text())
    assert [name for name in {*found} - COMING if not (ROOT / name).exists()] == []


def test_readme_is_a_tour_and_no_manual() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 140


# ---- links and language -----------------------------------------------------------------


def links(page: Path) -> list[str]:
    return [link for link in LINK.findall(page.read_text()) if "://" not in link]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each).lower().replace(" ", "-") for each in headings}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, wanted = set(), [ROOT / "README.md"]
    while wanted:
        page = wanted.pop()
        reached.add(page)
        found = {(page.parent / link.partition("#")[0]).resolve() for link in links(page)}
        wanted += [each for each in found - reached if each.suffix == ".md"]
    assert {named(page) for page in PAGES} - {named(page) for page in reached} == set()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_page_is_written_in_plain_english(page: Path) -> None:
    assert idioms_in(page.read_text()) == []
