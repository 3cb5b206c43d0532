"""Abuse: requests that nobody sends by mistake are refused, or bounded; and so the server goes on.

Each family sends raw requests to a server in which people sign in, and counts those that are
answered as they should not be: wrong. The control sends the same to a server that believes all it
is sent; there every family must find something.
"""

from __future__ import annotations

import random
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from okr_es.access.links import Links, Purpose
from okr_es.access.sessions import Sessions
from okr_es.application import Okr
from okr_es.commands import GrantRole, RegisterPerson
from okr_es.context import Context
from okr_es.domain.grant import Role
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.support.served import Serving, serving
from web.api.entrance import Mode
from web.api.throttle import MOST
from web.app import create_app
from web.pages.refusals import MOST_RECORDED
from web.serving.hosts import Hosts, answering_to
from web.serving.limits import Limits

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

ADA, BO = UUID(int=0xA1), UUID(int=0xA2)
API = "/api/v1"
MOST_ANSWER = 64 * 1024
MIB = 1024 * 1024
CONTROL = "control"
FORM = "application/x-www-form-urlencoded"


@dataclass
class Attacked:
    """A server, and what somebody who is signed in sends with each request."""

    at: Serving
    link: Callable[[], str]
    cookie: str = ""
    token: str = ""
    head: int = 0  # where the log ends, as long as nobody but its own pages records anything

    def raw(self, data: bytes) -> tuple[int, bytes]:
        """Send bytes; return the status and all that came, 0 where the connection was cut."""
        try:
            answer = self.at.send(data)
        except ConnectionError:
            return 0, b""
        head = "".join(f"{name}: {value}\n" for name, value in answer.headers.items())
        return answer.status, head.encode() + answer.body

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: bytes = b"",
        *,
        signed_in: bool = True,
        **named: str,
    ) -> tuple[int, bytes]:
        """Send a request, as somebody who is signed in unless said otherwise."""
        head = {"Host": f"localhost:{self.at.port}", "Connection": "close"}
        if signed_in:
            head |= {"Cookie": self.cookie, "CSRF-Token": self.token}
        head |= {name.replace("_", "-"): value for name, value in named.items()}
        if method != "GET":
            head = {"Content-Type": "application/json"} | head | {"Content-Length": str(len(body))}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
        return self.raw("\r\n".join([*lines, "", ""]).encode("latin-1") + body)

    def sign_in(self, **named: str) -> tuple[int, bytes]:
        """Use a link."""
        form = f"link={self.link()}".encode()
        return self.ask("/sign-in", "POST", form, signed_in=False, Content_Type=FORM, **named)


Family = Callable[[Attacked, random.Random, int], Iterator[tuple[str, bool]]]


def refuses(answer: tuple[int, bytes]) -> bool:
    """Whether an answer is one refusal, and no more than that."""
    status, said = answer
    return 400 <= status < 500 and len(said) < MOST_ANSWER and b"HTTP/1.1" not in said


# ---- families: each yields what it tried, and whether that went as it should ------------


DOTS = ("..", "%2e%2e", "%252e%252e", ".%2e", "%c0%ae%c0%ae", "..;", "%e0%80%ae%e0%80%ae", "...")
SLASHES = ("/", "%2f", "%5c", "\\", "%252f", "%c0%af", "//", "/./", "%00/")
AIMS = ("etc/passwd", "pyproject.toml", "okr.db", "web/app.py", "api/v1/people", "metrics")
BEGINS = ("", f"{API}/docs", f"{API}/goals", "/sign-in", f"{API}/people", "/health/live")


def paths(of: Attacked, rng: random.Random, cases: int) -> Iterator[tuple[str, bool]]:
    """Steps upwards, encoded slashes, NUL and letters that are longer than they may be."""
    for _ in range(cases):
        ups = "".join(rng.choice(DOTS) + rng.choice(SLASHES) for _ in range(rng.randint(1, 6)))
        path = f"{rng.choice(BEGINS)}/{ups}{rng.choice(AIMS)}"
        status, said = of.ask(path)
        to_ourselves = status == 308 and b"location: http://localhost" in said.lower()
        yield path, refuses((status, said)) or to_ourselves


def bodies(of: Attacked, rng: random.Random, cases: int) -> Iterator[tuple[str, bool]]:
    """Bodies that are deep, wide or long, and forms as well."""
    makes: dict[str, Callable[[int], bytes]] = {
        "lists": lambda n: b"[" * n + b"]" * n,
        "objects": lambda n: b'{"a":' * n + b"1" + b"}" * n,
        "open": lambda n: b'{"name":[' * n,
        "digits": lambda n: b'{"name":' + b"9" * n + b"}",
        "escapes": lambda n: b'{"name":"' + rb"\ud800" * n + b'"}',
        "fields": lambda n: b"{" + b",".join(b'"%d":1' % at for at in range(n // 10)) + b"}",
        "long": lambda n: b'{"name":"' + b"x" * (n + MIB) + b'"}',
    }
    for _ in range(cases):
        name, size = rng.choice(list(makes)), rng.randint(10_000, 80_000)
        path = rng.choice([f"{API}/teams", f"{API}/people", f"{API}/readings", f"{API}/cycles"])
        yield f"{name} {size}", refuses(of.ask(path, "POST", makes[name](size)))
    form = b"link=" + b"&".join(b"a=%d" % at for at in range(20_000))
    yield "a form", refuses(of.ask("/sign-in", "POST", form, signed_in=False, Content_Type=FORM))


INJECTED = b"injected: yes"


def heads(of: Attacked, rng: random.Random, cases: int) -> Iterator[tuple[str, bool]]:
    """Lines in values, lengths that contradict each other, a request inside another one's body."""
    for end in ("\r\n", "\n", "\r", "%0d%0a", "\x00", "\u0085"):
        for name in ("Idempotency-Key", "Okr-Actor", "Accept-Language", "Correlation-Id", "Origin"):
            status, said = of.ask(f"{API}/people", **{name: f"a{end}Injected: yes"})
            in_head = INJECTED in said.partition(b"{")[0].lower()
            yield f"{name} {end!r}", not in_head and status < 500
        status, said = of.ask(f"/sign-in?link=a{end}Injected:%20yes".replace(" ", "%20"))
        yield f"a link {end!r}", INJECTED not in said.lower() and 400 <= status < 500
    inside = f"GET {API}/people HTTP/1.1\r\nHost: localhost\r\nCookie: {of.cookie}\r\n\r\n"
    for lines in (
        "Content-Length: 5\r\nContent-Length: 6", "Content-Length: 0\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "Content-Length: -1",
        "Content-Length: +5", "Content-Length: 5, 5", "Transfer-Encoding : chunked",
        "Transfer-Encoding: \x0bchunked", "Content-Length: 1_0", "Content-Length: 0x5",
    ):  # fmt: skip
        head = (
            f"POST {API}/teams HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{lines}\r\n\r\n"
        )
        status, said = of.raw((head + "0\r\n\r\n" + inside).encode("latin-1"))
        yield lines, (status == 0 or refuses((status, said))) and b'"people"' not in said
    for _ in range(cases):
        noise = bytes(rng.randrange(256) for _ in range(rng.randint(1, 300)))
        status, _ = of.raw(noise + b"\r\n\r\n")
        yield f"noise {noise!r}", status == 0 or 400 <= status < 500


NAMES = (
    "evil.example", "localhost.evil.example", "localhost@evil.example", "evil.example#localhost",
    "127.0.0.1.evil.example", "2130706433", "0x7f000001", "127.1", "0.0.0.0", "[::]",
    "localhost,evil", "", "localhost:x", "localhost:80:80", "::1", "..",
    "\u212aocalhost".encode().decode("latin-1"),
)  # fmt: skip


def hosts(of: Attacked, rng: random.Random, cases: int) -> Iterator[tuple[str, bool]]:
    """Names of others, as a page has whose name was let point here (rebinding)."""
    for name in NAMES:
        for path in (f"{API}/people", "/health/live", "/sign-in", f"{API}/docs/", "/nowhere"):
            yield f"{name} {path}", refuses(of.ask(path, Host=name))
    for _ in range(cases):
        name = "".join(rng.choice("abz019.-:[]@,%/ ") for _ in range(rng.randint(1, 20)))
        yield name, refuses(of.ask(f"{API}/people", Host=f"evil{name}"))
    twice = f"GET {API}/people HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n"
    yield (
        "two hosts",
        refuses(of.raw(twice.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").encode())),
    )


def origins(of: Attacked, rng: random.Random, cases: int) -> Iterator[tuple[str, bool]]:
    """Pages of other sites that send what a browser adds the cookie to, token and all."""
    port = of.at.port
    found = [
        "null", "https://evil.example", f"http://evil.example:{port}", f"https://localhost:{port}",
        "http://localhost", f"http://localhost:{port + 1}", f"http://localhost:{port}.evil.example",
        f"http://localhost:{port}, http://evil.example", f"http://localhost:{port}/", "file://",
    ]  # fmt: skip
    found += [f"http://evil{rng.randrange(10**9)}.example" for _ in range(cases)]
    for origin in found:
        for path, body in ((f"{API}/teams", b'{"name": "Evil"}'), ("/sign-in", b"link=a")):
            kind = {"Content_Type": FORM} if path == "/sign-in" else {}
            yield f"{origin} {path}", refuses(of.ask(path, "POST", body, Origin=origin, **kind))
    for site in ("cross-site", "same-site", "", "SAME-ORIGIN"):
        sent = of.ask(f"{API}/teams", "POST", b'{"name": "Evil"}', Sec_Fetch_Site=site)
        yield f"a page that is {site!r}", refuses(sent)
    for token in ("", "a", of.token[::-1], of.token[:-1]):
        body = b'{"name": "Evil"}'
        yield (
            f"the token {token!r}",
            refuses(of.ask(f"{API}/teams", "POST", body, CSRF_Token=token)),
        )


def fixation(of: Attacked, rng: random.Random, cases: int) -> Iterator[tuple[str, bool]]:
    """A cookie that somebody else put there before the sign-in opens nothing after it."""
    for _ in range(cases):
        planted = f"okr-es-session-{of.at.port}={rng.randbytes(32).hex()}"
        of.sign_in(Cookie=planted)
        yield planted, refuses(of.ask(f"{API}/sessions", signed_in=False, Cookie=planted))


def guessing(of: Attacked, rng: random.Random, cases: int) -> Iterator[tuple[str, bool]]:
    """Cookies, keys and links that somebody makes up; who says to be another machine waits too."""
    last = 0
    for number in range(max(cases, MOST + 5)):
        made_up, address = rng.randbytes(32).hex(), f"203.0.113.{number % 256}"
        cookie = f"okr-es-session-{of.at.port}={made_up}"
        yield "a cookie", refuses(of.ask(f"{API}/people", signed_in=False, Cookie=cookie))
        key = of.ask(
            f"{API}/people", signed_in=False, Authorization=f"Bearer okres_{made_up}",
            X_Forwarded_For=address,
        )  # fmt: skip
        yield "a key", refuses(key)
        link = of.ask(f"/sign-in?link={made_up}", signed_in=False, X_Forwarded_For=address)
        yield "a link", refuses(link)
        last = min(link[0], key[0])
    yield "that it must wait", last == 429


def forwarded(of: Attacked, rng: random.Random, cases: int) -> Iterator[tuple[str, bool]]:
    """Headers by which proxies say who asked, from somebody who is no proxy."""
    for name in ("X_Forwarded_Proto", "X_Forwarded_Ssl", "X_Forwarded_Scheme", "Forwarded"):
        status, said = of.sign_in(**{name: "proto=https" if name == "Forwarded" else "https"})
        yield name, status == 303 and b"__Host-" not in said and b"strict-transport" not in said
    for _ in range(cases):
        evil = f"evil{rng.randrange(10**6)}.example"
        sent = of.ask(
            f"{API}/teams", "POST", b'{"name": "Evil"}', Origin=f"http://{evil}",
            X_Forwarded_Host=evil, Forwarded=f"host={evil}",
        )  # fmt: skip
        yield f"own host {evil}", refuses(sent)
        sent = of.ask(f"{API}/people", Host=evil, X_Forwarded_Host="localhost")
        yield f"host {evil}", refuses(sent)


FAMILIES: dict[str, Family] = {
    "paths": paths, "bodies": bodies, "heads": heads, "hosts": hosts, "origins": origins,
    "fixation": fixation, "forwarded": forwarded, "guessing": guessing,
}  # fmt: skip


# ---- the server, and one that believes everything -----------------------------------------------


@contextmanager
def attacked(folder: Path) -> Iterator[tuple[Attacked, Okr]]:
    """Serve a log with two people, one of them signed in, who may form teams."""
    url = f"sqlite:///{folder}/okr.db"
    with (
        closing(Okr(url)) as okr,
        closing(Runner(okr)) as runner,
        closing(Sessions(url, okr.clock)) as sessions,
    ):
        sessions.create()
        for person in (ADA, BO):
            okr.execute(RegisterPerson("Somebody", id=person), Context(ADA))
        by_operator = Context(ADA, "Runs this machine.", origin="cli")
        okr.execute(GrantRole(ADA, Role.ADMINISTRATOR), by_operator)
        app = create_app(okr, Queries(okr, runner), sessions=sessions, mode=Mode.SIGN_IN)
        links = Links(sessions)
        reached = answering_to(Hosts(), app.wsgi_app, plain_from_others=False)
        with serving(reached, Limits()) as at:
            of = Attacked(at, lambda: links.make(ADA, Purpose.SIGN_IN))
            _, said = of.sign_in()
            of.link = lambda: links.make(BO, Purpose.SIGN_IN)  # of one person few sessions go on
            of.cookie = re.findall(rb"set-cookie: ([^;]+)", said)[0].decode()
            _, said = of.ask(f"{API}/sessions")
            of.token = re.findall(rb'"csrf_token":"([^"]+)"', said)[0].decode()
            of.head = okr.log.head()
            yield of, okr


def believing(environ: dict[str, Any], start: Any) -> list[bytes]:
    """Answer everything, as somebody would who believes all that is sent."""
    name = "__Host-a" if "HTTP_X_FORWARDED_PROTO" in environ else "a"
    body = b'{"people":[]}'
    start("200 OK", [("Set-Cookie", f"{name}=1"), ("Content-Length", str(len(body)))])
    return [body]


def tried(of: Attacked, family: Family, cases: int, seed: int = 1) -> tuple[int, list[str]]:
    """Try a family; return how many requests that were, and what was wrong."""
    found = list(family(of, random.Random(seed), cases))
    return len(found), [what for what, is_right in found if not is_right]


def goes_on(of: Attacked, okr: Okr) -> list[str]:
    """What is wrong afterwards: own pages can send, and nothing came of what the others sent."""
    wrong = []
    before, own = okr.log.head(), f"http://localhost:{of.at.port}"
    body = b'{"name": "Team %d"}' % before
    if of.ask(f"{API}/teams", "POST", body, Origin=own)[0] != 201:
        wrong.append("an own page cannot send")
    if before != of.head:
        wrong.append("something was recorded")
    of.head = okr.log.head()
    refused = sum(each.what == "sign_in_refused" for each in okr.access_log.search())
    return wrong + ([] if refused <= MOST_RECORDED else [f"{refused} refusals were recorded"])


def control() -> dict[str, tuple[int, list[str]]]:
    """Try all families at the server that believes everything."""
    app: WSGIApplication = believing  # type: ignore[assignment]
    with serving(app, Limits()) as at:
        of = Attacked(at, lambda: "a", "a=1", "token")
        return {name: tried(of, family, 5) for name, family in FAMILIES.items()}


def main(cases: int) -> int:
    """Try all families; write them into build/faults.json."""
    from tests.faults.results import report

    found: dict[str, dict[str, Any]] = {}
    with (
        tempfile.TemporaryDirectory(prefix="okr-es-abuse-") as folder,
        attacked(Path(folder)) as (of, okr),
    ):
        for name, family in FAMILIES.items():
            number, wrong = tried(of, family, cases)
            wrong += goes_on(of, okr)
            print(*wrong[:20], sep="\n", file=sys.stderr)
            found[f"access.abuse.{name}"] = {
                "tried": number, "wrong": len(wrong), "holds": not wrong
            }  # fmt: skip
    blind = [name for name, (_, wrong) in control().items() if not wrong]
    print(*blind, file=sys.stderr)
    found["access.abuse.control"] = {
        "tried": len(FAMILIES), "wrong": len(FAMILIES) - len(blind), "holds": not blind
    }  # fmt: skip
    return report("access.abuse: what nobody sends by mistake", found)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 300))
