"""The example company served in development mode, on a fixed day, for a browser to look at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from threading import Thread
from typing import NamedTuple

from playwright.sync_api import Page
from werkzeug.serving import WSGIRequestHandler, make_server

from okr_es.access.sessions import Sessions
from okr_es.application import Okr
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.support.page_addresses import addresses
from web.api.entrance import Mode
from web.app import create_app

NOW = datetime(2026, 3, 27, 12, tzinfo=UTC)  # when more than one reading is overdue


class Quiet(WSGIRequestHandler):
    """Answers without a line for each request."""

    def log(self, type: str, message: str, *args: object) -> None:
        """Write nothing."""


class ExamplePages(NamedTuple):
    """Where they are served, and the address of each page by its name."""

    at: str
    addresses: dict[str, str]


@contextmanager
def served(url: str) -> Iterator[ExamplePages]:
    """A server on this database, which holds the example company."""
    with closing(Okr(url, clock=lambda: NOW)) as okr, closing(Runner(okr)) as runner:
        runner.catch_up()
        with closing(Sessions(url)) as sessions:
            sessions.create()
            queries = Queries(okr, runner)
            app = create_app(okr, queries, sessions=sessions, mode=Mode.DEVELOPMENT)
            server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
            thread = Thread(target=server.serve_forever)
            thread.start()
            try:
                at = f"http://127.0.0.1:{server.server_port}"
                yield ExamplePages(at, addresses(app, queries))
            finally:
                server.shutdown()
                thread.join()
                server.server_close()


def choose(page: Page, at: str, name: str) -> None:
    """Sign in by the list of people."""
    page.goto(f"{at}/choose")
    page.get_by_role("button", name=re.compile(f" {name}$")).click()
    page.wait_for_url(re.compile("/home"))
