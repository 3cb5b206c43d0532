"""Components are what the types of answers say: closed, in order, and every field explained."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal, NotRequired, TypedDict, get_type_hints

import pytest
from flask.testing import FlaskClient
from msgspec import Meta

from okr_es.scoring.formulas import Policy
from projections.goals.answers import KeyResultAnswer
from projections.patterns.answers import KINDS, FindingCounts
from projections.retrospect.answers import PolicyAnswer
from projections.retrospect.replay_answers import THRESHOLDS
from web.api.openapi.components import components
from web.api.openapi.spec import ANSWERS


class Colour(StrEnum):
    """A word of the domain."""

    RED = "red"
    BLUE = "blue"


class Stone(TypedDict):
    """A stone,

    as an answer has it.
    """

    weight: Annotated[str, Meta(description="In grams.", pattern="^[0-9]+$")]
    colour: Colour
    below: Annotated["Stone | None", Meta(description="Null: none.")]
    kind: Annotated[Literal["pebble", "boulder"] | None, Meta(description="Null: unknown.")]


class HeapAnswer(TypedDict):
    """A heap."""

    stones: list[Stone]


def test_an_object_has_its_fields_in_their_order_and_no_others():
    assert components([Stone])["Stone"] == {
        "type": "object",
        "description": "A stone, as an answer has it.",
        "required": ["weight", "colour", "below", "kind"],
        "properties": {
            "weight": {"type": "string", "description": "In grams.", "pattern": "^[0-9]+$"},
            "colour": {"type": "string", "enum": ["blue", "red"]},
            "below": {
                "description": "Null: none.",
                "anyOf": [{"$ref": "#/components/schemas/Stone"}, {"type": "null"}],
            },
            "kind": {
                "description": "Null: unknown.",
                "anyOf": [{"type": "string", "enum": ["boulder", "pebble"]}, {"type": "null"}],
            },
        },
        "additionalProperties": False,
    }


def test_an_answer_leaves_the_suffix_of_its_type_and_brings_its_parts():
    assert components([HeapAnswer]).keys() == {"Heap", "Stone"}


def test_a_union_is_a_component_of_its_own():
    found = components([KeyResultAnswer])
    assert [each["$ref"].rpartition("/")[2] for each in found["KeyResult"]["anyOf"]] == [
        "LivingKeyResult",
        "DroppedKeyResult",
    ]


def test_a_dataclass_is_written_with_all_of_its_fields():
    @dataclass
    class Receipt:
        """A receipt."""

        id: str
        warnings: tuple[str, ...] = ()

    found = components([Receipt])["Receipt"]
    assert found["required"] == ["id", "warnings"]
    assert found["properties"]["warnings"] == {"type": "array", "items": {"type": "string"}}


class Wrong(TypedDict):
    """What is wrong."""

    title: str
    field: NotRequired[str]


def test_an_object_that_may_lack_a_field_may_have_others():
    found = components([Wrong])["Wrong"]
    assert found["required"] == ["title"]
    assert "additionalProperties" not in found


@pytest.mark.parametrize("name", ["Stone", "StoneAnswer"])
def test_two_types_of_one_name_are_refused(name: str):
    another: Any = TypedDict(name, {"size": int})  # type: ignore[misc]
    another.__doc__ = "Another stone."
    with pytest.raises(ValueError, match="Two types of answers"):
        components([Stone, another])


def test_every_field_of_every_answer_is_explained():
    unexplained = [
        f"{name}.{field}"
        for name, schema in components(ANSWERS).items()
        for field, said in schema.get("properties", {}).items()
        if not said.get("description", "").endswith((".", "…"))
    ]
    assert unexplained == []


def test_no_answer_takes_the_name_of_a_command(client: FlaskClient):
    """The bodies of commands, and their parts, are components as well."""
    client.get("/api/v1/openapi.json")  # only then are they described
    (api,) = client.application.extensions["flask-smorest"]["apis"].values()
    bodies = api["ext_obj"].spec.components.schemas.keys()
    assert {"DraftObjective", "Measure"} <= bodies
    assert not components(ANSWERS).keys() & bodies


def test_lists_of_words_are_those_of_the_code():
    assert list(KINDS) == list(get_type_hints(FindingCounts))
    policy = set(get_type_hints(Policy)) & set(THRESHOLDS)
    assert set(get_type_hints(PolicyAnswer)) == set(THRESHOLDS) == policy
