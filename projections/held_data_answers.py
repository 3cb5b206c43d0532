"""What is held about a person: a line for each thing, of which section it is."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypedDict

from projections.as_of.answers import doc

Section = Literal[
    "heading", "directory", "account", "role", "event", "client_info", "session", "link", "look",
    "own_look", "api_key",
]  # fmt: skip
# What each section holds, on one page: `okr-es people export` prints it.
SECTIONS: dict[str, str] = {
    "heading": "What this is: of whom, up to which event, and since when looks are held, if older "
    "ones were destroyed.",
    "directory": "Name and e-mail address, corrections of them that are still to be recorded, and "
    "what they prefer of pages.",
    "account": "Accounts at providers of identity, by which the person signs in.",
    "role": "Roles that the person was given, from which day to which.",
    "event": "What the person did, was named in, or what was written about them.",
    "client_info": "From which network address and with what the person gave a command.",
    "session": "Sessions of the person, also over ones that were not removed yet.",
    "link": "Links to sign in by that were not used or removed yet.",
    "look": "When somebody looked at something about the person, and for what.",
    "own_look": "What the person looked at themselves.",
    "api_key": "Keys for programs that the person made.",
}


class HeldLine(TypedDict):
    """One thing that is held about a person."""

    section: Annotated[Section, doc("What kind of thing it is.")]
    item: Annotated[
        Any,
        doc(
            "Its fields. Other people are `person 1`, `person 2`: the same number is the same one; "
            "a program is `the api key` and its name."
        ),
    ]
