"""2026-Q1: open and running when the story stops on 13 February 2026."""

from __future__ import annotations

from datetime import date

from okr_es import commands as c
from okr_es.domain.values import Aggregation, PeopleFigures, Role
from okr_es.example.measures import Result, at_most, number, steps, wanted, zones
from okr_es.example.naming import kpi
from okr_es.example.people import has_role, has_role_no_more, has_role_until, holds, releases
from okr_es.example.words import (
    Step,
    check_ins,
    checks_in,
    commits,
    commits_plan,
    drafts,
    drops,
    every_other_friday,
    meant,
    on,
    opens,
    plans,
    realigns,
    retargets,
)

LEAD = "25/lead/customers > 26/lead"

YEAR: list[Step] = [
    *on("2025-12-15", "mara", opens("2026", "2026-Q1")),
    *on("2026-01-08", "mara",
        retargets(LEAD, number(3_710, 6_000, "customers")),
        retargets("25/lead/share > 26/lead", number("12.4", 18, "%")),
        commits("26/lead")),
    *on("2026-01-08", "samir", [
        c.SetKpiTarget(kpi("response"), wanted("2026-01-01", "2026-12-31", "1.5")),
        c.SetKpiTarget(kpi("cost"), wanted("2026-01-01", "2026-12-31", "2.60")),
        c.SetKpiTarget(kpi("capacity"), wanted("2026-01-01", "2026-12-31", 85)),
        c.SetKpiTarget(kpi("roi"), wanted("2026-01-01", "2026-12-31", 10)),
        c.SetKpiTarget(kpi("customers"), wanted("2026-01-01", "2026-12-31", 1_800)),
        c.SetKpiTarget(kpi("uptime"), wanted("2026-01-01", "2026-12-31", "99.95")),
    ]),
    *on("2026-01-08", "samir",
        [c.RedefineKpi(kpi("customers"), "Who paid a first invoice in the month, no renewals.",
                       Aggregation.SUM, date(2026, 1, 1))],
        because="A year's target is about the customers of all its months together."),
    *on("2026-01-09", "mara", commits_plan("2026")),
]  # fmt: skip

PLAN: list[Step] = [
    *on("2026-01-09", "mara", plans(
        "26Q1/customers", "company", "mara", "grow where we are known already",
        Result("new", "500 new customers", number(0, 500, "customers"), weight=2),
        Result("lost", "Of 100 customers no more than 2 leave in a quarter",
               at_most("2.0", "2.4", "%"), cadence="monthly"),
        aligned_to=LEAD,
    )),
    *on("2026-01-09", "tomas", plans(
        "26Q1/abroad", "marketing", "tomas", "be found in a second language",
        Result("pages", "40 pages in French", number(0, 40, "pages")),
        Result("visitors", "5,000 visitors a month from France", number(300, 50_000, "visitors")),
        Result("press", "What the French trade press says of us",
               zones("it names us", "it tests us", "it recommends us"), cadence="monthly"),
        aligned_to="26Q1/customers/new", stretch=True,
    )),
    *on("2026-01-09", "noah", plans(
        "26Q1/campaigns", "content", "noah", "run campaigns that pay in both languages",
        Result("cost", "A lead costs 2.60 USD", number("2.75", "2.60", "USD"),
               cadence="per_project", fed_by="cost"),
        Result("leads", "2,600 leads from campaigns", number(0, 2_600, "leads"), weight=2),
        aligned_to="26Q1/customers/new",
    )),
    *on("2026-01-12", "hanne", plans(
        "26Q1/desk", "desk", "hanne", "answer within a day and a half",
        Result("response", "A lead waits 1.5 days", number("2.0", "1.5", "days"),
               cadence="daily", fed_by="response"),
        Result("french", "Leads are answered in French too",
               steps("two people hired", "texts translated", "first leads answered")),
        aligned_to="26Q1/customers",
    )),
    *on("2026-01-12", "olek", plans(
        "26Q1/platform", "web", "olek", "let the site stand on three regions",
        Result("regions", "Served from three regions", steps("Europe", "America", "Asia")),
        Result("uptime", "The site is up 99.95 % of the time", number("99.90", "99.95", "%"),
               cadence="daily", fed_by="uptime"),
        Result("load", "Pages load in 1.3 seconds", number("1.6", "1.3", "s")),
        aligned_to="26/lead",
    )),
    *on("2026-01-13", "mara", commits_plan("2026-Q1")),
]  # fmt: skip

COURSE: list[Step] = [
    *on("2026-01-19", "tomas", meant("26Q1/abroad/visitors", number(300, 5_000, "visitors")),
        because="A nought too many: the title has said 5,000 from the start."),
    *on("2026-01-28", "tomas", retargets("26Q1/abroad/pages", number(0, 30, "pages")),
        because="The translator starts in February, not in January."),
    *on("2026-02-02", "samir",
        [c.RetargetKpi(kpi("capacity"), wanted("2026-02-02", "2026-12-31", 82))],
        because="From February on everybody has an hour a day to learn."),
    *on("2026-02-04", "olek", realigns("26Q1/platform", "26Q1/abroad", "0.5"),
        because="The nearer region is what visitors from France notice."),
    *on("2026-02-06", "hanne", checks_in("26Q1/desk/french", "1", "5", about="2026-02-05"),
        comment="The second contract was signed yesterday."),
    *on("2026-02-10", "yuki", drafts(
        "26Q1/mobile", "product", "yuki", "let customers plan on the way",
        Result("app", "A first version in the hands of ten customers",
               steps("chosen", "built", "tried")),
        aligned_to="26/lead",
    )),
    *on("2026-02-11", "mara", drops("25/lead/report > 26/lead"),
        because="The report comes out every second year from now on."),
]  # fmt: skip

CHECK_INS: list[Step] = check_ins(every_other_friday("2026-01-16", 3), {
    "26Q1/customers/new":    ("mara",  "62@7    148@7   236@8"),
    "26Q1/customers/lost":   ("mara",  "-       2.4@5   2.4@4"),
    "26Q1/abroad/pages":     ("tomas", "0@6     2@5     7@5"),
    "26Q1/abroad/visitors":  ("tomas", "320@5   410@4   620@4"),
    "26Q1/campaigns/cost":   ("noah",  "@6      @6      @7"),
    "26Q1/campaigns/leads":  ("noah",  "380@7   790@7   1230@8"),
    "26Q1/desk/response":    ("hanne", "@6      @6      @6"),
    "26Q1/platform/regions": ("olek",  "2@7     2@7     2@6"),
    "26Q1/platform/uptime":  ("olek",  "@7      @7      @7"),
    "26Q1/platform/load":    ("olek",  "1.6@6"),
})  # fmt: skip

# Who left in August wants to be forgotten, and a claim that is still open keeps it from being done.
HOLDS: list[Step] = [
    *on(
        "2026-01-19",
        "mara",
        holds("dario", "claim 2026-004"),
        because="Overtime of last summer is being claimed.",
    ),
    *on("2026-02-11", "mara", releases("dario", "claim 2026-004"), because="The claim is settled."),
]

FIGURES: list[Step] = [
    *on(
        "2026-01-07",
        "lotte",
        [c.ChoosePeopleFigures(PeopleFigures.OWN_AND_LEADS)],
        because="Agreed with the works council for the first year.",
    ),
    *on(
        "2026-01-15",
        "lotte",
        [c.ChoosePeopleFigures(PeopleFigures.HR_TOO)],
        because="Agreed with the works council: people and culture reviews each quarter.",
    ),
]

# Samir keeps the machine, and so makes himself the first administrator there.
ROLES: list[Step] = [
    *on(
        "2026-02-11",
        "samir",
        has_role("samir", Role.ADMINISTRATOR),
        has_role("olek", Role.ADMINISTRATOR),
        has_role("lotte", Role.HR),
        has_role("mara", Role.LEAD, "company"),
        has_role("tomas", Role.LEAD, "marketing"),
        has_role("yuki", Role.LEAD, "product"),
        has_role("hanne", Role.LEAD, "desk"),
        has_role("ines", Role.AUDITOR, purpose="review of 2025"),
        because="Decided at the meeting of the year: who does what is written down from now on.",
    ),
    *on("2026-02-12", "samir", has_role_until("hanne", Role.LEAD, "2026-06-30"),
        because="The lead desk joins the web site in the summer."),
    *on("2026-02-12", "samir", has_role_no_more("hanne", Role.LEAD, "2026-04-01"),
        because="The lead desk joins the web site in April already."),
]  # fmt: skip

STORY = [*YEAR, *PLAN, *COURSE, *CHECK_INS, *HOLDS, *FIGURES, *ROLES]
