"""HTTP API and command line. The only place that knows Flask, marshmallow and click."""

from importlib import metadata


def version() -> str:
    """Return the version that is installed; 0 when run from a folder without installing."""
    try:
        return metadata.version("okr-es")
    except metadata.PackageNotFoundError:
        return "0"
