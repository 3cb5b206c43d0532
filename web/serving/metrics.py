"""Figures for Prometheus: requests, commands, places, connections, read model, outages."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from okr_es.database.outages import reason_of
from web.api.problems import Problem, answer
from web.app import ENDPOINT, ROUTE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from okr_es.application import Okr
    from projections.queries import Queries

OUTCOME = "okr_es.outcome"
OTHER = "other"
COMMANDS = "commands."
READ_BY = "GET, HEAD, OPTIONS"
READ_ALONE = ("method-not-allowed", 405, "Method Not Allowed", "The figures are read by GET.")
SECONDS = (0.005, 0.025, 0.1, 0.5, 2.5, 10.0, 30.0)
log = logging.getLogger("okr_es.server")
disable_created_metrics()  # type: ignore[no-untyped-call]
Gauges = Callable[[], Iterable[tuple[str, dict[str, str], float]]]

# Every gauge, on one page; the counters stand below.
GAUGES = {
    "okr_es_places": "Places of a lane.",
    "okr_es_places_taken": "Places of a lane that are at work.",
    "okr_es_requests_waiting": "Requests that wait for a place.",
    "okr_es_streams": "Answers in parts under way.",
    "okr_es_connections": "Connections that are open.",
    "okr_es_buffered_bytes": "Bytes of bodies and answers under way.",
    "okr_es_pool_connections_used": "Connections to a database that are in use.",
    "okr_es_log_position": "The last position of the log: how many events there are.",
    "okr_es_read_model_position": "The position of the read model.",
    "okr_es_read_model_behind": "Events that the read model has not read.",
    "okr_es_read_models": "Read models that this process built, or set aside as unusable.",
    "okr_es_outage": "1 while the database is unavailable for this kind of work.",
}


class Metrics:
    """The figures of one process. Labels are routes and words, never ids or texts."""

    def __init__(self, *gauges: Gauges) -> None:
        self.gauges = gauges
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "okr_es_requests", "Requests that were answered.", ("route", "method", "status"),
            registry=self.registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "okr_es_request_seconds", "From the head of a request to the end of its answer.",
            ("route",), buckets=SECONDS, registry=self.registry,
        )  # fmt: skip
        self.commands = Counter(
            "okr_es_commands", "Commands, by what came of them.", ("kind", "outcome"),
            registry=self.registry,
        )  # fmt: skip
        self.registry.register(self)

    def note(self, environ: WSGIEnvironment, method: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        route = environ.get(ROUTE, OTHER)
        self.requests.labels(route, method, str(status)).inc()
        self.seconds.labels(route).observe(seconds)
        endpoint = environ.get(ENDPOINT, "")
        if endpoint.startswith(COMMANDS) and method == "POST":
            outcome = environ.get(OUTCOME) or outcome_of(status)
            self.commands.labels(endpoint.removeprefix(COMMANDS), outcome).inc()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges; what the database does not say now is left out."""
        found: dict[str, GaugeMetricFamily] = {}
        for gauges in self.gauges:
            for name, labels, value in gauges():
                if name not in found:
                    found[name] = GaugeMetricFamily(name, GAUGES[name], labels=list(labels))
                found[name].add_metric(list(labels.values()), value)
        yield from found.values()

    def app(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer with all figures; they are read, and nothing else."""
        environ[ROUTE] = "/metrics"
        method = environ["REQUEST_METHOD"]
        if method == "OPTIONS":
            start("200 OK", [("Allow", READ_BY), ("Content-Length", "0")])
            return []
        if method not in {"GET", "HEAD"}:
            return answer(Problem(*READ_ALONE, headers={"Allow": READ_BY}))(environ, start)
        body = generate_latest(self.registry)
        start("200 OK", [("Content-Type", CONTENT_TYPE_LATEST), ("Content-Length", str(len(body)))])
        return [body]


def outcome_of(status: int) -> str:
    """Return what came of a command, in a word."""
    if status == 202:
        return "waiting"
    if status < 300:
        return "done"
    if status < 500:
        return "refused"
    return "unavailable" if status == 503 else "failed"


def gauges_of_data(okr: Okr, queries: Queries) -> Iterator[tuple[str, dict[str, str], float]]:
    """Yield the gauges of log and read model, and of the pools."""
    areas = {"log": okr.database, "directory": okr.directory.database}
    for name, database in (areas | {"access log": okr.access_log.database}).items():
        kept = len(database.spare)
        for use, engine, idle in (
            ("reading", database.reader, kept),
            ("writing", database.writer, 0),
        ):
            used = getattr(engine.pool, "checkedout", int)() - idle
            yield "okr_es_pool_connections_used", {"area": name, "use": use}, used
    for what in ("built", "set_aside"):
        yield "okr_es_read_models", {"what": what}, queries.runner.counts[what]
    try:
        position = queries.position()
    except Exception as error:  # noqa: BLE001  - the other figures are shown all the same
        log.warning("The position of the read model is not known: %s", reason_of(error))
        return
    yield "okr_es_log_position", {}, position["log"]
    yield "okr_es_read_model_position", {}, position["read_model"]
    yield "okr_es_read_model_behind", {}, position["behind"]
