"""`python -m tests.support.openapi_document` prints the description of the API, of this code."""

import sys
import tempfile
from contextlib import closing

import msgspec

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
        page = client.get(f"{PREFIX}/openapi.json").data
        sys.stdout.write(msgspec.json.format(page, indent=1).decode())


if __name__ == "__main__":
    main()
