"""Answers about goals, then and now, line by line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from okr_es.scoring.shown import percent, trimmed
from web.cli.output import number_of, plain
from web.cli.text.values import id_column, stands_at

if TYPE_CHECKING:
    from projections.as_of.answers import AsOf
    from projections.goals.answers import (
        BoardAnswer,
        Branch,
        KeyResultBody,
        ObjectiveBody,
        TreeAnswer,
    )
    from projections.goals.score_answers import Grade
    from projections.retrospect.answers import (
        Marked,
        PublishedObjective,
        ResultsAnswer,
    )

Row = dict[str, Any]
Names = dict[str, str]
Ids = Callable[[Any], str]


def name_of(reference: Mapping[str, object] | None, names: Names) -> str:
    """Return the name in a reference, by default its id; `nobody named` for no reference."""
    if reference is None:
        return "nobody named"
    id_ = str(reference["id"])
    return str(reference.get("name") or reference.get("title") or names.get(id_, id_))


def actors(deed: Mapping[str, Any], names: Names) -> str:
    """Return who acted, and for whom; of what came of a request who asked, and who approved it."""
    if (approver := deed.get("approver")) is not None:
        asked, approved = (name_of(each, names) for each in (deed["requester"], approver))
        return f"{asked}, approved by {approved}"
    whom = deed["on_behalf_of"]
    return name_of(deed["by"], names) + (f" for {name_of(whom, names)}" if whom else "")


# ---- as of ------------------------------------------------------------------------------


def as_of_line(found: AsOf) -> str:
    """Return the position and the day an answer is about, with its time zone, in one line."""
    return f"as known at position {found['position']}, about {found['day']} ({found['zone']})"


def objective_line(
    row: ObjectiveBody | Branch,
    names: Names,
    short: Ids,
    indent: str = "",
    notes: Iterable[str] = (),
) -> str:
    """Return an objective in one line: status, score, pace, id, title, owner, what to note."""
    scores = f"{in_plain_words(row['status']):<13} {share(row['score']):>8} {pace(row['pace']):>7}"
    what = f"{indent}{row['title'] or '(confidential)'}  {name_of(row['owner'], names)}".rstrip()
    return f"{scores}  {short(row)}  {noted(what, [*notes, *parts_of(row)])}"


def parts_of(row: ObjectiveBody | Branch) -> Iterable[str]:
    """Yield how many key results of an objective are off track, and how many not measured."""
    for count, words in ((row["off_track"], "off track"), (row["not_measured"], "not measured")):
        if count and row["key_results"]:
            yield f"{count} of {len(row['key_results'])} {words}"


def ending_of(row: ObjectiveBody) -> Iterable[str]:
    """Yield what came out of an objective, how late, and how many of its readings are overdue."""
    if row["outcome"] is not None:
        yield in_plain_words(row["outcome"])
    if row["late_days"]:
        yield f"{number_of(row['late_days'], 'days')} late"
    if (ended_by := row["ended_by"]) and ended_by != "graded":
        yield in_plain_words(ended_by)
    if row["overdue"]:
        yield f"{row['overdue']} of {len(row['key_results'])} overdue"


def key_result_line(row: KeyResultBody, short: Ids, indent: str = "  · ") -> str:
    """Return a key result in one line: status, progress, pace, id, title, where it stands."""
    status, progress = in_plain_words(row["status"]), share(row["progress"])
    notes = {
        "overdue": row["overdue"],
        "unit or zones changed, no reading since": row["redefined"],
        "not comparable": not row["comparable"],
    }
    if rate := row["hit_rate"]:
        notes[f"{rate['inside']} of {rate['periods']} periods inside"] = True
    title = f"{row['title'] or '(confidential)'}: {stands_at(row)}"
    what = noted(title, [words for words, is_so in notes.items() if is_so])
    return f"{status:<13} {progress:>8} {pace(row['pace']):>7}  {short(row)}  {indent}{what}"


def noted(text: str | None, notes: Collection[str]) -> str:
    """Return a text with notes in brackets, where there are any."""
    return (text or "(confidential)") + (f"  ({', '.join(notes)})" if notes else "")


def in_plain_words(name: str) -> str:
    """Return a name of the API as words: `off_track` as `off track`."""
    return name.replace("_", " ")


def share(value: Any) -> str:
    """Return a share as a percentage, a dash where nothing is measured."""
    return "–" if value is None else percent(value)


def pace(value: Any) -> str:
    """Return a pace, a dash where there is none."""
    return "–" if value is None else trimmed(value, least=2)


HEADING = f"{'status':<13} {'score':>8} {'pace':>7}  id, goal"


def board_lines(found: BoardAnswer, names: Names) -> Iterable[str]:
    """Yield a board: each objective with its key results."""
    yield f"{found['cycle']['name']}, {as_of_line(found)}"
    yield HEADING
    rows = found["objectives"]
    short = id_column([*rows, *(each for row in rows for each in row["key_results"])])
    for row in rows:
        yield from with_key_results(row, names, short)


def with_key_results(row: ObjectiveBody, names: Names, short: Ids) -> Iterable[str]:
    """Yield an objective with its key results."""
    yield objective_line(row, names, short, notes=ending_of(row))
    yield from (key_result_line(each, short) for each in row["key_results"])


def tree_lines(found: TreeAnswer, names: Names) -> Iterable[str]:
    """Yield a tree, each goal indented below what it is aligned to."""
    yield f"{found['cycle']['name']}, {as_of_line(found)}"
    yield HEADING
    yield from branches(found["objectives"], names, id_column(all_of(found["objectives"])), "")


def all_of(rows: list[Branch]) -> Iterable[Branch]:
    """Yield goals and all below them."""
    for row in rows:
        yield row
        yield from all_of(row["aligned"])


def branches(rows: list[Branch], names: Names, short: Ids, indent: str) -> Iterable[str]:
    """Yield goals and those below them."""
    for row in rows:
        yield objective_line(row, names, short, indent)
        yield from branches(row["aligned"], names, short, indent + "  ")


def goal_lines(found: Any, names: Names) -> Iterable[str]:
    """Yield an objective or a key result."""
    yield as_of_line(found)
    if found["status"] == "dropped":
        yield f"dropped  {found['title'] or '(confidential)'}"
        return
    if found["description"]:
        yield found["description"]
    yield HEADING
    short = id_column([found, *found.get("key_results", ())])
    if "key_results" in found:
        yield from with_key_results(found, names, short)
    else:
        yield key_result_line(found, short, indent="")
    requests = found.get("pending_requests", ())
    short = id_column(requests)
    for each in requests:
        asked = f"asked by {name_of(each['requester'], names)} at {each['since']}"
        what = f"{each['what']} {each['goal']['title'] or '(confidential)'}"
        yield f"waits for approval  {short(each)}  {what}  ({asked})"


# ---- marks and results ------------------------------------------------------------------


def marks_of(goal: Marked) -> list[str]:
    """Return what became of a goal since the plan was committed, in words."""
    marks = {"added": goal["added_mid_cycle"], "dropped": goal["dropped_mid_cycle"]}
    return [word for word, is_so in marks.items() if is_so]


def results_lines(found: ResultsAnswer, names: Names) -> Iterable[str]:
    """Yield each closing as published, and the restatement of the last."""
    yield f"{found['cycle']['name']}, {as_of_line(found)}"
    if not found["closings"]:
        yield f"{found['cycle']['name']} was not closed yet."
    for each in found["closings"]:
        who = name_of(each["by"], names)
        yield f"closing {each['number']}: {each['day']} by {who}, position {each['position']}"
        for text in (each["comment"], each["reason"]):
            if text:
                yield f"  {text}"
        for row in each["objectives"]:
            yield f"  {result(row):<22} {row['title'] or '(confidential)'}"
        if each["reopened"]:
            yield f"  reopened on {each['reopened']['day']} – {each['reopened']['reason']}"
    called = {row["id"]: row["title"] for each in found["closings"] for row in each["objectives"]}
    restatement = found["restatement"]
    for other in restatement["objectives"] if restatement else ():
        sides = (share(other[side]["score"]) for side in ("published", "restated"))
        yield f"restated as known now: {' → '.join(sides)}  {called.get(other['id'], other['id'])}"


def result(row: PublishedObjective) -> str:
    """Return the grade of an objective, its score where it has none."""
    return graded(row["grade"]) if row["grade"] else f"not graded {share(row['score'])}"


def graded(grade: Grade) -> str:
    """Return a grade, computed and adjusted."""
    adjusted = f" → {share(grade['adjusted'])}" if grade["adjusted"] is not None else ""
    return f"{in_plain_words(grade['band'] or 'not_measured')} {share(grade['computed'])}{adjusted}"


def shown(value: Any, names: Names) -> str:
    """Return a value as text: references by name, of a reading, grade or hit rate its main part."""
    if not isinstance(value, dict):
        return plain(value) or "–"
    if "periods" in value:
        return f"{value['inside']} of {value['periods']} periods inside"
    if "name" in value or "title" in value:
        return name_of(value, names)
    gist = (value.get(name) for name in ("value", "zone", "as_of", "computed", "adjusted"))
    return " ".join(str(each) for each in gist if each is not None) or plain(value)


# ---- plan against actual ----------------------------------------------------------------


def actual_lines(found: Any, names: Names) -> Iterable[str]:
    """Yield plan against actual: trajectories, readings or progress, and what was changed."""
    yield as_of_line(found)
    for plan in found.get("planned", ()):
        which = "planned" if plan["original"] else "revised"
        bounds = (plan.get(name) for name in ("direction", "target", "minimum", "maximum"))
        to = " ".join(in_plain_words(str(bound)) for bound in bounds if bound is not None)
        yield f"{plan['day']}  {which}: {to or 'steps or zones'} {found['unit'] or ''}".rstrip()
    for each in found.get("readings", ()):
        was, now = each["believed"], each["known"]
        known = "retracted" if now is None else now["value"] or now["zone"]
        believed = was["value"] or was["zone"]
        also = "" if known == believed else f" → {known}"
        yield f"{each['as_of']}  read: {believed}{also} (recorded {each['recorded_on']})"
    for each in found.get("series", ()):
        yield (
            f"{each['day']}  believed {share(each['believed'])}, known {share(each['known'])}, "
            f"planned {share(each['expected_original'])}, "
            f"revised {share(each['expected_revised'])}"
        )
    for each in found["breaks"]:
        yield f"{each['effective']}  a KPI was defined otherwise: not comparable with days before"
    for each in found["markers"]:
        what = f"{in_plain_words(each['what'])} at {each['position']}"
        yield f"{each['day']}  {what}  {actors(each, names)}"
