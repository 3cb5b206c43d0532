"""Keys for servers, on this machine: taken, checked, kept for the user alone, and forgotten."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path

import click

from web.cli.output import print_text
from web.cli.remote import Address, Remote, address_of

FILE = "keys.json"
FOR_THE_USER = 0o600
MISSING, REFUSED = 401, 403


@click.command()
@click.argument("url")
def login(url: str) -> None:
    """Take a key for a server, by hand or from standard input, and keep it for the user alone.

    URL is where the server is, as https://okr.example.org; plain http only on this machine. It is
    asked whether it knows the key. `okr-es --server URL …` sends it.
    """
    address = address_of(url)
    if sys.stdin.isatty():
        key = click.prompt("Key", hide_input=True).strip()
    else:
        key = sys.stdin.readline().strip()
    require_known(Remote(address, key))
    keep(address, key)
    print_text(f"the key for {address.url} is kept in {place()}")


@click.command()
@click.argument("url")
def logout(url: str) -> None:
    """Forget the key for a server here; the server knows it still, until it is revoked."""
    address = address_of(url)
    keys = kept()
    if keys.pop(address.url, None) is None:
        raise click.ClickException(f"There is no key for {address.url} here.")
    write(keys)
    print_text(f"the key for {address.url} is forgotten here")


def require_known(server: Remote) -> None:
    """Refuse a key that is none, or that the server does not know, whatever it may do there."""
    if server.acts is None:
        raise click.ClickException("That is no key: one begins with okres_ and has 71 characters.")
    if server.status_of("/cycles") not in {200, REFUSED}:
        server.get("/cycles")


def place() -> Path:
    """Return the file of keys, in the user's own folder of settings."""
    return Path(click.get_app_dir("okr-es")) / FILE


def kept() -> dict[str, str]:
    """Return the keys that are kept, by the address of their servers."""
    try:
        found: dict[str, str] = json.loads(place().read_text())
    except FileNotFoundError:
        return {}
    except ValueError:
        raise click.ClickException(f"{place()} is no list of keys.") from None
    return found


def key_for(address: Address) -> str | None:
    """Return the key that is kept for a server; None where there is none."""
    return kept().get(address.url)


def keep(address: Address, key: str) -> None:
    """Keep the key of a server, in the place of one that was there."""
    write(kept() | {address.url: key})


def write(keys: dict[str, str]) -> None:
    """Write the file of keys, which nobody but the user can read at any moment; all or nothing."""
    file = place()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = file.with_name(f"{FILE}.{os.getpid()}")
    try:
        with os.fdopen(
            os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FOR_THE_USER), "w"
        ) as new:
            json.dump(keys, new)
        beside.replace(file)
    finally:
        with suppress(FileNotFoundError):
            beside.unlink()


def add_to(group: click.Group) -> None:
    """Add both commands to a group."""
    group.add_command(login)
    group.add_command(logout)
