"""The introduction of the API's description, and what each of its parts is about."""

from __future__ import annotations

INTRODUCTION = """\
An event-sourced backend for goals: objectives, key results, KPIs, readings. Every change is an
event of a log that is never changed; every past day can be asked about.

## Who calls

A program sends its api key: `Authorization: Bearer okres_…`. A person has a session in a cookie;
with it every command needs the header `CSRF-Token`, from `GET /sessions`. In development mode the
header `Okr-Actor` names the person by their id. Roles decide who may do and see what; 403
`not-allowed` says which role is missing.

## Moments

Most questions take `known_at` (what was known by then) and `at` (the day the answer is about). A
moment is an instant, a date, a position of the log, or a word of a cycle such as
`2025-Q3:published`. Every answer says which `position` of the log it is based on, and you see
your own writes at once. An answer has a tag, `ETag`; send it in `If-None-Match`, and it is 304 as
long as it is the same.

## Commands, once

Each change is a `POST`. Send `Idempotency-Key`, any text of your own: the same command sent twice
is carried out once, and answered with the same receipt. `If-Match`, with the tag of what you
decided on, or `expected_version` refuse it where somebody changed that meanwhile. `"dry_run":
true` says what would be recorded, and records nothing. What a body leaves out stays; `null` takes
it away. Where somebody else has to approve it, the answer is 202 with the request.

## Errors

Every error is `application/problem+json` (RFC 9457). `type` is an address of this server that
explains it; its last word never changes. `field` and `errors` name the fields to blame. 409 and
412: look at it again, and decide again. 503: send it again, with the same key, after
`Retry-After` seconds.

## In which order

Register people, form teams, open a cycle; draft objectives with their key results and commit
them; commit the plan of the cycle. Then record readings of KPIs and check in on key results. At
its end grade the objectives and close the cycle; what goes on is carried over into the next one.

## What may change

Within `v1` addresses, fields and words stay; fields and words are added, so ignore those you do
not know. What is to go is announced with `Deprecation` and `Sunset` headers, at least six months
before.
"""

TAGS = {
    "access-log": "Who read what about people, and who exported evidence.",
    "approvals": "Requests that wait for somebody else, and what became of them.",
    "audit-log": "Who changed what, when and why.",
    "calendar": "Time zone, working days, holidays, periods, grace.",
    "check-ins": "What is to be read in a week.",
    "checkpoints": "Signed states of the log.",
    "clock": "The clock of the server, where it was far ahead.",
    "commands": "Receipts of commands, by their ids.",
    "compare": "What differs between two moments or cycles.",
    "cycles": "The periods goals live in: boards, plans, reviews, results.",
    "events": "What is recorded, to follow it, and proofs of single events.",
    "evidence": "Bundles for auditors, and the program that verifies them.",
    "goals": "The history of an objective, key result or KPI.",
    "grants": "Who has which role, where, from when to when.",
    "imports": "What an import of a file would record.",
    "key-results": "How objectives are measured, with check-ins.",
    "keys": "The api keys of programs.",
    "kpis": "Health numbers beside the goals, with readings.",
    "objectives": "What is wanted, from the draft to the grade.",
    "people": "Who owns and acts: names are erasable.",
    "people-figures": "Which figures there are for each person.",
    "readings": "Values about a day: in bulk, and their corrections.",
    "retention": "For how many years what is about people is kept.",
    "scoreboard": "Cycles side by side: what was promised, what came out.",
    "scoring-policy": "Thresholds of pace and of grades.",
    "sessions": "Who is signed in, and where.",
    "signing-keys": "The keys that checkpoints are signed with.",
    "teams": "The organisation as a tree.",
    "templates": "How an OKR and a KPI are written.",
    "texts": "Texts of events that are made unreadable.",
    "who-could": "Who could do what, by the table of rights.",
}
