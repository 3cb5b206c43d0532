"""The examples of the documentation: what stands in its code blocks, and what executes it."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from click.testing import CliRunner
from flask.testing import FlaskClient

from okr_es.application import Okr
from projections.queries import Queries
from web.api.entrance import Mode
from web.app import create_app
from web.cli.main import main

FENCE = re.compile(r"^```(\w+) ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
REQUEST = re.compile(r"^(?=(?:GET|POST) /)", re.MULTILINE)
NAMED = re.compile(r"^# \$(\w+) is the (\w+) in the answer$", re.MULTILINE)
CAPTURED = re.compile(r"(\w+)=\$\((.+)\)")
VARIABLE = re.compile(r"\$(\w+)")
FOR_EVER = ("okr-es serve", "okr-es demo", "okr-es worker")
FAILED = "failures"  # better empty
NOT_OURS = (". .venv/bin/activate", "make ")


class Block(NamedTuple):
    """A code block: its language, what stands behind that, its text."""

    language: str
    name: str
    text: str


def blocks(page: Path) -> list[Block]:
    return [Block(*found) for found in FENCE.findall(page.read_text())]


def shell_lines(text: str) -> Iterator[str]:
    """The commands of a block, without comments, continued lines as one."""
    for line in text.replace("\\\n", " ").splitlines():
        bare = re.sub(r"(^|\s)#.*$", "", line).strip()
        if bare:
            yield bare


def requests(text: str) -> list[str]:
    """The requests of a block, each with its headers and body."""
    return [each for each in REQUEST.split(text) if each.strip()]


def has_something(answer: Any) -> bool:
    """Whether an answer has no list, or one that is not empty: a search that finds something."""
    if isinstance(answer, list):
        return bool(answer)
    lists = [value for name, value in answer.items() if isinstance(value, list) and name != FAILED]
    return not lists or any(lists)


@dataclass
class Reader:
    """Somebody who types the examples of a page, one after the other, in a folder of their own."""

    folder: Path
    names: dict[str, str] = field(default_factory=dict)
    clients: dict[str, FlaskClient] = field(default_factory=dict)
    opened: list[Okr] = field(default_factory=list)

    def read(self, page: Path) -> None:
        for block in blocks(page):
            if block.name:
                (self.folder / block.name).write_text(block.text)
            elif block.language == "sh":
                for line in shell_lines(block.text):
                    self.type(line)
            elif block.language == "http":
                for request in requests(block.text):
                    self.send(request)

    # ---- the terminal -------------------------------------------------------------------

    def type(self, line: str) -> None:
        if line.startswith((*NOT_OURS, *FOR_EVER)):
            return
        if line.startswith("export "):
            name, _, value = line.removeprefix("export ").partition("=")
            self.names[name] = self.filled(value)
        elif captured := CAPTURED.fullmatch(line):
            self.names[captured[1]] = self.printed(captured[2]).strip()
        elif line.startswith("okr-es "):
            assert self.printed(line).strip(), f"{line} prints nothing"
        else:
            self.run(line)

    def printed(self, line: str) -> str:
        """What a command of ours prints; `> FILE` keeps it in a file too."""
        words, _, target = line.partition(" > ")
        done = CliRunner().invoke(main, shlex.split(self.filled(words))[1:], env=self.environment())
        assert done.exit_code == 0, f"{line}\n{done.output}{done.exception or ''}"
        if target:
            (self.folder / target).write_text(done.stdout)
        if "--json" in words:
            assert has_something(msgspec.json.decode(done.stdout)), f"{line} finds nothing"
        return done.stdout

    def environment(self) -> dict[str, str | None]:
        """The settings of the page, and none of the machine's."""
        clean = {name: None for name in os.environ if name.startswith("OKR_ES_")}
        return clean | {k: v for k, v in self.names.items() if k.startswith("OKR_ES_")}

    def run(self, line: str) -> None:
        """The offline verifier is a program of its own."""
        words = shlex.split(self.filled(line))
        assert words[0] == "python", f"nobody knows how to execute {line}"
        subprocess.run([sys.executable, *words[1:]], check=True, cwd=self.folder, timeout=60)

    def filled(self, text: str) -> str:
        return VARIABLE.sub(lambda found: self.names[found[1]], text)

    # ---- requests -----------------------------------------------------------------------

    def send(self, request: str) -> None:
        head, _, body = request.partition("\n\n")
        (method, address), headers = head.splitlines()[0].split(), head.splitlines()[1:]
        answer = self.client.open(
            self.filled(address),
            method=method,
            headers=dict(self.filled(each).split(": ") for each in headers if ": " in each),
            data=self.filled(NAMED.sub("", body)).strip() or None,
            follow_redirects=True,
        )
        assert 200 <= answer.status_code < 300, f"{method} {address}: {answer.text}"
        if method == "GET" and answer.is_json:
            assert has_something(answer.json), f"{address} finds nothing"
        elif method == "GET" and answer.mimetype == "application/x-ndjson":
            assert len(answer.text.splitlines()) > 1, f"{address} has no step"
        elif answer.mimetype == "application/x-ndjson":
            assert '"problem":' not in answer.text, f"{address}: {answer.text}"
        for name, of in NAMED.findall(request):
            self.names[name] = answer.json[of]

    @property
    def client(self) -> FlaskClient:
        """A client of the API on the database of the page."""
        url = self.names["OKR_ES_DATABASE"]
        if url not in self.clients:
            okr = Okr(url, timezone=self.names.get("OKR_ES_TIMEZONE", "UTC"))
            self.opened.append(okr)
            actor = self.names.get("OKR_ES_DEFAULT_ACTOR")
            app = create_app(
                okr,
                Queries(okr),
                default_actor=UUID(actor) if actor else None,
                mode=Mode.DEVELOPMENT,
            )
            self.clients[url] = app.test_client()
        return self.clients[url]

    def close(self) -> None:
        for okr in self.opened:
            okr.close()
