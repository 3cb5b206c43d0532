"""`python -m bench.rebuilding URL`: rebuild the read model again and again, until it is ended."""

from __future__ import annotations

import sys

from okr_es.application import Okr
from projections.read_model.runner import Runner


def main(url: str) -> None:
    """Go on for ever; a line says that the first rebuild begins."""
    runner = Runner(Okr(url))
    runner.fresh()
    print("rebuilding", flush=True)
    while True:
        runner.rebuild()


if __name__ == "__main__":
    main(*sys.argv[1:])
