"""`python -m tests.support.screenshots [NAME…]`: a picture of each page, by language and theme.

They stand in `build/screenshots` under the name of the route. A page that is not there, or has no
picture at the end, is an error.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.progress import track

from tests.support.begun import begin_example
from tests.support.example_pages import ExamplePages, choose, served

OUT = Path("build/screenshots")
PROGRAMS = ("chromium", "chromium-browser")
LOCALES, THEMES = {"en": "en-GB", "sv": "sv-SE"}, ("light", "dark")
SIZE = {"width": 1280, "height": 900}
WHO = "Mara Lindqvist"  # sees most of what there is


def main(names: list[str]) -> int:
    """Take the pictures of all pages, or of those named; return how many are missing."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        Console(stderr=True).print("There is no chromium: apt-get install chromium.")
        return 1
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        url = f"sqlite:///{folder}/okr.db"
        begin_example(url)
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        with served(url) as example:
            wanted = {
                name: at for name, at in example.addresses.items() if not names or name in names
            }
            missing = [
                each
                for variant in product(LOCALES, THEMES)
                for each in taken(browser, example, wanted, *variant)
            ]
        browser.close()
    for each in missing:
        Console(stderr=True).print(f"no picture: {each}")
    Console().print(f"{len(list(OUT.iterdir()))} pictures of {len(wanted)} pages in {OUT}")
    return len(missing)


def taken(
    browser: Browser, example: ExamplePages, wanted: dict[str, str], language: str, theme: str
) -> list[str]:
    """Take the pictures of a language and a theme; return the pages that could not be taken."""
    context = browser.new_context(
        locale=LOCALES[language], viewport=SIZE,  # type: ignore[arg-type]
        color_scheme="dark" if theme == "dark" else "light",
    )  # fmt: skip
    page = context.new_page()
    choose(page, example.at, WHO)
    missing = []
    for name, address in track(wanted.items(), f"{language} {theme}", transient=True):
        answer = page.goto(example.at + address)
        file = OUT / f"{name}.{language}.{theme}.png"
        if answer is None or answer.status != 200:
            missing.append(f"{name}: {address}")
        else:
            page.screenshot(path=file, full_page=True)
    context.close()
    return missing


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
