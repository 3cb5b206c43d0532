"""`python -m bench.rebuilding URL`: rebuild the read model again and again, until it is ended."""

from __future__ import annotations

import sys

from okr_es.application import Okr
from projections.read_model.runner import Runner
from web.cli.read_model import giving_way, unhurried


def main(url: str) -> None:
    """Go on for ever, as `okr-es read-model rebuild` does; a line says that the first begins."""
    with giving_way():
        runner = Runner(Okr(url))
        runner.fresh()
        print("rebuilding", flush=True)
        while True:
            runner.rebuild(unhurried(runner))


if __name__ == "__main__":
    main(*sys.argv[1:])
