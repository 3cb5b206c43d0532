"""Idioms that a reader with school English has to guess: in no page, docstring or comment."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tests.house import source
from tests.house.source import Module

FOLDERS = ("okr_es", "projections", "web")

IDIOMS = (
    "whoever", "anew", "is told", "are told", "tells", "the door", "the trip", "whereabouts",
    "as it stood", "hang", "hangs", "hung", "come along", "comes along",
    "handed out", "hand out", "vouch", "worth an auditor's eye", "worth a look", "for good",
    "what there is to say",
)  # fmt: skip
ANY_OF_THEM = re.compile(rf"\b(?:{'|'.join(IDIOMS)})\b")
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def idioms_in(text: str) -> list[str]:
    """The idioms in a text, in any case and across its lines."""
    return ANY_OF_THEM.findall(" ".join(text.lower().split()))


def idioms(root: Path) -> list[str]:
    """No docstring and no comment has an idiom."""
    modules = [each for folder in FOLDERS for each in source.modules(root, folder)]
    if not any(text for each in modules for _, text in prose_of(each)):
        return ["There are neither docstrings nor comments: nothing to check."]
    return [
        f"{each.name}:{line} has an idiom: {idiom}."
        for each in modules
        if may_have_one(each)
        for line, text in prose_of(each)
        for idiom in idioms_in(text)
    ]


def may_have_one(module: Module) -> bool:
    """Whether an idiom stands anywhere in a module, be it in code: most need no closer look.

    What is written with a backslash may stand for something else.
    """
    return "\\" in module.text or bool(idioms_in(module.text.replace("#", " ")))


def prose_of(module: Module) -> Iterator[tuple[int, str]]:
    """The docstrings of a module, and its comments: those on adjoining lines are one text."""
    for node in module.nodes:
        if isinstance(node, DOCUMENTED) and (text := ast.get_docstring(node)):
            yield node.body[0].lineno, text
    first, lines = 0, []
    for token in tokenize.generate_tokens(io.StringIO(module.text).readline):
        if token.type != tokenize.COMMENT:
            continue
        if first + len(lines) != token.start[0]:
            yield first, " ".join(lines)
            first, lines = token.start[0], []
        lines.append(token.string.lstrip("# "))
    yield first, " ".join(lines)
