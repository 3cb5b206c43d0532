"""`python -m tests.support.openapi_document` prints the description of the API, of this code."""

import json
import sys
import tempfile
from contextlib import closing

from okr_es.application import Okr
from projections.queries import Queries
from web.api.entrance import Mode
from web.app import PREFIX, create_app


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Okr(f"sqlite:///{folder}/okr.db")) as okr,
    ):
        client = create_app(okr, Queries(okr), mode=Mode.OPEN).test_client()
        json.dump(client.get(f"{PREFIX}/openapi.json").json, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
