"""2025-Q4: twenty inbound leads, stricter bands, and the end of the year."""

from __future__ import annotations

from decimal import Decimal

from okr_es import commands as c
from okr_es.example.measures import Result, number, steps, zones
from okr_es.example.naming import kpi
from okr_es.example.words import (
    Step,
    carries,
    check_ins,
    checks_in,
    closes,
    commits_plan,
    drops,
    every_other_friday,
    grades,
    hands_over,
    on,
    opens,
    plans,
    retargets,
    reweights,
)

PLAN: list[Step] = [
    *on("2025-09-15", "mara", opens("2025-Q4")),
    *on("2025-10-01", "mara", [c.AdoptScoringPolicy(at_risk=Decimal("0.75"))],
        because="Goals at 70 % of their pace were called at risk too late all year."),
    *on("2025-10-06", "mara", plans(
        "25Q4/customers", "company", "mara", "keep what we won, and win on",
        Result("new", "400 new customers", number(0, 400, "customers"), weight=2),
        Result("lost", "Of 100 customers no more than 2 leave in a quarter",
               number("2.7", "2.0", "%"), cadence="monthly"),
        aligned_to="25/lead/customers",
    )),
    *on("2025-10-06", "mara", commits_plan("2025-Q4", "company", alone=True)),
    *on("2025-10-06", "hanne", plans(
        "25Q4/inbound", "desk", "hanne", "let customers come to us",
        Result("leads", "20 inbound leads a day by the end of the fourth quarter",
               number(8, 20, "leads"), along={"2025-10-31": "0.2", "2025-11-30": "0.7"}),
        Result("response", "A lead waits 2 days", number("2.4", "2.0", "days"),
               cadence="daily", fed_by="response"),
        aligned_to="25/reach/channels",
    )),
    *on("2025-10-06", "tomas", plans(
        "25Q4/name", "marketing", "tomas", "be a name that buyers know",
        Result("report", "Our place in the buyers' report of the year",
               zones("listed among the contenders", "named a leader", "ranked first"), weight=2),
        Result("asked", "30 of 100 buyers asked know our name", number(18, 30, "%"),
               cadence="monthly"),
        aligned_to="25/lead/report",
    )),
    *on("2025-10-07", "ines", plans(
        "25Q4/content", "content", "ines", "be where a search begins",
        Result("visitors", "95,000 visitors a month", number(81_000, 95_000, "visitors")),
        Result("videos", "Ten videos that explain a plan", number(0, 10, "videos")),
        aligned_to="25/reach/visitors",
    )),
    *on("2025-10-07", "noah", plans(
        "25Q4/earn", "content", "noah", "run campaigns that earn their money",
        Result("roi", "Each campaign earns 10 % more than it costs", number(4, 10, "%"),
               cadence="per_project", fed_by="roi"),
        Result("leads", "2,200 leads from campaigns", number(0, 2_200, "leads")),
        Result("webinars", "Six webinars", number(0, 6, "webinars")),
        aligned_to="25Q4/customers/new",
    )),
    *on("2025-10-07", "tomas", commits_plan("2025-Q4", "marketing")),
    *on("2025-10-07", "priya", plans(
        "25Q4/speed", "web", "priya", "make version 2.0 the fastest site of its kind",
        Result("load", "Pages load in 1.5 seconds", number("1.9", "1.5", "s")),
        Result("regions", "Served from three regions", steps("Europe", "America", "Asia")),
        aligned_to="25/site/speed",
    )),
    *on("2025-10-08", "mara", commits_plan("2025-Q4")),
]  # fmt: skip

COURSE: list[Step] = [
    *on("2025-10-22", "samir", [c.ReplaceKpiSource(kpi("roi"), "project accounts, new ledger")]),
    *on("2025-10-29", "hanne",
        retargets("25Q4/inbound/leads", number(8, 20, "leads"),
                  {"2025-10-31": "0.1", "2025-11-30": "0.5"}),
        because="The new contact form goes live two weeks later than planned."),
    *on("2025-11-12", "noah", drops("25Q4/earn/webinars"),
        because="One webinar brought four leads; the time is better spent on campaigns."),
    *on("2025-11-13", "noah", reweights("25Q4/earn/leads", 2),
        because="It carries what the webinars were meant to bring."),
    *on("2025-11-19", "yuki", hands_over("25Q4/speed", owner="olek"),
        because="The owner is on parental leave until spring."),
]  # fmt: skip

CHECK_INS: list[Step] = check_ins(every_other_friday("2025-10-10"), {
    "25Q4/customers/new":      ("mara",  "38@7    101@7   166@7   232@7   297@7   362@8"),
    "25Q4/customers/lost":     ("mara",  "-       2.6@6   -       2.5@5   -       2.4@4"),
    "25Q4/inbound/leads":      ("hanne", "8@6     9@5     10@5    13@6    16@6    19@7"),
    "25Q4/inbound/response":   ("hanne", "@7      @7      @7      @7      @7      @8"),
    "25Q4/name/report":        ("tomas", "none@6  none@6  commit@6 commit@7 target@9 target@9"),
    "25Q4/name/asked":         ("tomas", "-       20@6    -       24@6    -       27@7"),
    "25Q4/content/visitors":   ("ines",  "82100@7 84300@7 86900@7 89400@7 91800@7 94100@8"),
    "25Q4/content/videos":     ("ines",  "0@7     2@7     4@7     6@8     8@8     10@9"),
    "25Q4/earn/roi":           ("noah",  "@5      @5      @6      @6      @6      @7"),
    "25Q4/earn/leads":         ("noah",  "180@6   510@6   820@6   1190@6  1570@6  1900@6"),
    "25Q4/earn/webinars":      ("noah",  "0@5     1@4     1@3"),
    "25Q4/speed/load":         ("priya", "1.9@7   1.8@7   1.8@7"),
    "25Q4/speed/regions":      ("priya", "1@8     1@8     1@7"),
})  # fmt: skip

TAKEN_OVER: list[Step] = check_ins(("2025-11-21", "2025-12-05", "2025-12-19"), {
    "25Q4/speed/load":    ("olek", "1.7@7 1.7@6 1.6@7"),
    "25Q4/speed/regions": ("olek", "2@7   2@7   2@5"),
})  # fmt: skip

RESULT: list[Step] = [
    *on("2026-01-05", "hanne", checks_in("25Q4/inbound/leads", "21", "9", about="2025-12-31")),
    *on("2026-01-05", "mara", checks_in("25Q4/customers/new", "385", "8", about="2025-12-31")),
    *on("2026-01-07", "mara", carries("25/lead", "26/lead", with_reached=True),
        comment="A leader in the report, not yet in the market."),
    *on("2026-01-08", "mara", grades("25Q4/customers", "25Q4/inbound", "25Q4/name",
                                     "25Q4/content", "25Q4/earn")),
    *on("2026-01-09", "mara", grades("25Q4/speed", adjusted="0.8"),
        because="The third region waits for a permit that nobody of us can hurry."),
    *on("2026-01-12", "mara", closes("2025-Q4")),
    *on("2026-01-13", "mara", grades("25/lead", "25/reach", "25/site")),
    *on("2026-01-14", "mara", closes("2025")),
]  # fmt: skip

STORY = [*PLAN, *COURSE, *CHECK_INS, *TAKEN_OVER, *RESULT]
