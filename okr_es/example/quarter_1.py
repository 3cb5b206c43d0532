"""2025-Q1: the first quarter. A target moved down, an outage, a number nobody trusted."""

from __future__ import annotations

from okr_es.example.goal_data import (
    describes,
    describes_result,
    drops_by_mistake,
    expects_in_full,
    gives_result,
    reads_as_often,
    retitles_result,
    takes_back_a_due_day,
)
from okr_es.example.measures import Result, number, steps, zones
from okr_es.example.words import (
    Step,
    check_ins,
    checks_in,
    closes,
    commits_plan,
    corrects,
    drops,
    every_other_friday,
    grades,
    on,
    plans,
    realigns,
    retargets,
    reweights,
)

PLAN: list[Step] = [
    *on("2025-01-07", "tomas", plans(
        "25Q1/reach", "marketing", "tomas", "be found on every channel our customers use",
        Result("visitors", "55,000 visitors a month", number(40_000, 55_000, "visitors")),
        Result("networks", "Run campaigns on three networks",
               steps("LinkedIn", "Instagram", "YouTube"), cadence="weekly"),
        aligned_to="25/reach",
    )),
    *on("2025-01-07", "ines", plans(
        "25Q1/content", "content", "ines", "become the place to read about planning work",
        Result("articles", "24 articles", number(0, 24, "articles")),
        Result("readers", "3,500 readers of the newsletter", number(2_000, 3_500, "readers")),
        Result("guides", "Where our guides stand in search",
               zones("on the second page", "on the first page", "among the first three")),
        aligned_to="25Q1/reach/visitors",
    )),
    *on("2025-01-08", "dario", plans(
        "25Q1/campaigns", "campaigns", "dario", "make paid campaigns pay",
        Result("cost", "A lead costs 2.95 USD", number("3.20", "2.95", "USD"),
               cadence="per_project", fed_by="cost"),
        Result("leads", "900 leads from campaigns", number(0, 900, "leads")),
        aligned_to="25Q1/reach", weight="0.5",
    )),
    *on("2025-01-08", "priya", plans(
        "25Q1/speed", "web", "priya", "make the site fast for everyone",
        Result("load", "Pages load in 3 seconds", number("4.2", "3.0", "s")),
        Result("errors", "1 % of visits see an error", number("2.4", "1.0", "%")),
        Result("audit", "Pass the accesibility audit",
               steps("keyboard", "contrast", "screen reader", "report accepted")),
        aligned_to="25/site/speed",
    )),
    *on("2025-01-09", "yuki", plans(
        "25Q1/prepare", "product", "yuki", "know what version 2.0 of the site must do",
        Result("talks", "12 talks with customers", number(0, 12, "talks")),
        Result("prototype", "A prototype that customers have tried",
               steps("sketched", "built", "tried by five customers"), weight=2),
        aligned_to="25/site", stretch=True,
    )),
    *on("2025-01-09", "hanne", plans(
        "25Q1/desk", "desk", "hanne", "answer every lead while it is warm",
        Result("response", "A lead waits 3 days", number("4.0", "3.0", "days"),
               cadence="daily", fed_by="response"),
        Result("backlog", "No more than 40 open leads", number(140, 40, "leads"),
               along={"2025-01-31": "0.1", "2025-02-28": "0.4"}),
        aligned_to="25/lead",
    )),
    *on("2025-01-10", "tomas", reads_as_often("25Q1/reach/networks", "monthly")),
    *on("2025-01-10", "ines", drops_by_mistake("25Q1/content/guides")),
    *on("2025-01-10", "priya", [
        *retitles_result("25Q1/speed/audit", "Pass the accessibility audit"),
        *gives_result("25Q1/speed/audit", "olek"),
    ]),
    *on("2025-01-10", "yuki", expects_in_full("25Q1/prepare")),
    *on("2025-01-10", "hanne", [
        *describes("25Q1/desk", "A lead is warm for about three days."),
        *describes_result("25Q1/desk/backlog", "Leads that nobody has answered yet."),
        *takes_back_a_due_day("25Q1/desk", "2025-03-14"),
    ]),
    *on("2025-01-10", "mara", commits_plan("2025-Q1")),
]  # fmt: skip

COURSE: list[Step] = [
    *on("2025-02-05", "tomas", retargets("25Q1/reach/visitors", number(40_000, 50_000, "visitors")),
        because="Two of the three networks start a month late; 55,000 is out of reach."),
    *on("2025-02-12", "ines", reweights("25Q1/content/readers", 2),
        because="Readers who stay are worth more to us than articles."),
    *on("2025-02-20", "hanne", realigns("25Q1/desk", "25/reach/channels", "0.5"),
        because="The desk answers what the channels bring; that is what its work is for.",
        comment="Agreed with marketing in the weekly meeting."),
    *on("2025-02-26", "priya", drops("25Q1/speed/errors"),
        because="The error page counts robots; the number tells us nothing."),
    *on("2025-03-18", "ines", corrects("25Q1/content/readers", "2025-03-14", "2980"),
        because="The newsletter tool counted readers twice who changed their address."),
]  # fmt: skip

CHECK_INS: list[Step] = check_ins(every_other_friday("2025-01-17"), {
    "25Q1/reach/visitors":     ("tomas", "40900@7 42100@6 43800@6 45900@6 47700@7 49600@8"),
    "25Q1/reach/networks":     ("tomas", "0@6     1@6     1@5     1@5     2@6     2@4"),
    "25Q1/content/articles":   ("ines",  "3@8     7@8     11@8    15@8    19@8    24@9"),
    "25Q1/content/readers":    ("ines",  "2110@6  2290@6  2480@6  2700@6  3310@7  3140@6"),
    "25Q1/content/guides":     ("ines",  "none@5  none@5  commit@6 commit@6 commit@6 target@8"),
    "25Q1/campaigns/cost":     ("dario", "@6      @6      @5      @6      @6      @7"),
    "25Q1/campaigns/leads":    ("dario", "90@7    210@7   340@6   500@6   680@7   860@8"),
    "25Q1/speed/load":         ("priya", "4.1@7   3.9@7   3.7@7   3.4@7   3.3@7   3.2@7"),
    "25Q1/speed/errors":       ("priya", "2.4@6   2.9@4   2.2@3"),
    "25Q1/speed/audit":        ("olek",  "0@7     1@7     1@7     2@7     3@7     4@9"),
    "25Q1/prepare/talks":      ("yuki",  "1@8     3@8     5@8     8@8     10@8    12@9"),
    "25Q1/prepare/prototype":  ("yuki",  "0@7     1@7     1@7     -       2@7     2@6"),
    "25Q1/desk/response":      ("hanne", "@6      @6      @6      @6      @7      @7"),
    "25Q1/desk/backlog":       ("hanne", "131@6   122@6   104@6   83@6    66@6    52@6"),
})  # fmt: skip

RESULT: list[Step] = [
    *on("2025-04-02", "tomas", checks_in("25Q1/reach/visitors", "49800", "8", about="2025-03-31")),
    *on("2025-04-02", "hanne", checks_in("25Q1/desk/backlog", "48", "6", about="2025-03-31"),
        comment="Eight of them came in on the last day."),
    *on("2025-04-07", "mara", grades("25Q1/reach", "25Q1/content", "25Q1/speed", "25Q1/desk")),
    *on("2025-04-07", "mara", grades("25Q1/campaigns")),
    *on("2025-04-08", "mara", grades("25Q1/prepare", adjusted="0.9"),
        because="The prototype was tried by four customers, and the fifth fell ill on the day."),
    *on("2025-04-09", "mara", closes("2025-Q1")),
]  # fmt: skip

STORY = [*PLAN, *COURSE, *CHECK_INS, *RESULT]
