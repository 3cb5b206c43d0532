"""What a refusal says about who has a right."""

from okr_es.access.in_words import NOT_ALLOWED, in_words
from okr_es.access.rights import About, Line, Part


def test_that_a_role_is_not_enough_for_oneself_is_said() -> None:
    said = in_words(NOT_ALLOWED, Line.DIRECTORY, About(part=Part.GRANT), "en")
    assert said == (
        "You have no right to change people, teams, grants and keys here. This is for an "
        "administrator (not for themself)."
    )


def test_who_needs_another_is_called_so_beside_those_who_do_not() -> None:
    said = in_words(NOT_ALLOWED, Line.PERSONAL, About(part=Part.READ), "en")
    assert said.endswith("HR, an auditor of it or an administrator (with another).")


def test_all_who_have_a_right_are_one_list() -> None:
    said = in_words(NOT_ALLOWED, Line.REVIEWS, About(), "sv")
    assert said.endswith(
        "Den rätten har den vars eget det är, den som leder teamet eller ett ovanför, HR eller den "
        "som granskar det."
    )
