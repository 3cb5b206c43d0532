"""Before the story begins: who is there, what is watched, and what the year is to bring."""

from __future__ import annotations

from okr_es import commands as c
from okr_es.example.measures import Result, between, number, wanted, zones
from okr_es.example.people import has_no_deputy, is_called, registers, stands_in
from okr_es.example.words import (
    Step,
    check_ins,
    commits_plan,
    defines,
    forms,
    on,
    opens,
    plans,
)

PEOPLE = {
    "lotte": "Lotte Meijer",        # people and culture; enters everyone else
    "mara": "Mara Lindqvist",       # leads the company
    "tomas": "Tomas Bergholt",      # leads marketing
    "yuki": "Yuki Tanabe",          # leads product
    "ines": "Ines Carvalho",        # content
    "dario": "Dario Weiss",         # campaigns; leaves in August
    "priya": "Priya Nandakumar",    # web site
    "olek": "Olek Szymanek",        # web site
    "hanne": "Hanne Dahlgaard",     # lead desk
    "samir": "Samir Haddad",        # reads the numbers off
}  # fmt: skip
LATER = {"noah": "Noah Adeyemi"}  # campaigns, from August on
MISSPELT = "Noah Ademeyi"

YEAR_2025 = ("2025-01-01", "2025-12-31")

STAFF: list[Step] = [
    *on("2024-12-09", "lotte", *(registers(name, called) for name, called in PEOPLE.items())),
    *on(
        "2024-12-10", "lotte",
        forms("company", "Kestrelly", "company"),
        forms("marketing", "Marketing", "department", "company"),
        forms("product", "Product", "department", "company"),
        forms("content", "Content", "team", "marketing"),
        forms("campaigns", "Campaigns", "team", "marketing"),
        forms("web", "Web Site", "team", "product"),
        forms("desk", "Lead Desk", "team", "product"),
    ),
    *on("2025-07-18", "tomas", stands_in("ines", "tomas", "2025-07-21", "2025-08-08")),
    *on("2025-08-04", "tomas", has_no_deputy("tomas")),
    *on("2025-08-04", "lotte", registers("noah", MISSPELT)),
    *on("2025-08-05", "lotte", is_called("noah", LATER["noah"], "noah.adeyemi")),
]  # fmt: skip

KPIS: list[Step] = on(
    "2024-12-12", "samir",
    defines("response", "Lead response time", "decrease", "days", wanted(*YEAR_2025, "2.0"),
            read_off="reporting software", how_often="daily", owner="hanne", whose="desk",
            why="A lead that waits goes elsewhere: down by two days.", baseline="4.0"),
    defines("cost", "Cost per lead", "decrease", "USD", wanted(*YEAR_2025, "2.70"),
            read_off="campaign accounts", how_often="per_project", owner="tomas",
            whose="marketing", why="Down by 0.50 USD, so that reach pays.", baseline="3.20"),
    defines("capacity", "Capacity use", "at_least", "%", wanted(*YEAR_2025, 85),
            read_off="time sheets", how_often="weekly", owner="yuki", whose="product",
            why="People work on what we planned."),
    defines("roi", "Return on investment", "at_least", "%", wanted(*YEAR_2025, 10),
            read_off="project accounts", how_often="per_project", owner="tomas",
            whose="marketing", why="Every project earns what it costs, and a tenth more."),
    defines("customers", "New customers in a month", "increase", "customers",
            wanted("2025-01-01", "2025-06-30", 100), read_off="billing", how_often="monthly",
            owner="mara", whose="company", why="A hundred new customers, month by month."),
    defines("uptime", "Availability of the site", "at_least", "%", wanted(*YEAR_2025, "99.9"),
            read_off="status monitor", how_often="daily", owner="priya", whose="web",
            why="A site that is down wins nobody."),
    defines("budget", "Advertising budget used", "within", "%", between(*YEAR_2025, 90, 105),
            read_off="campaign accounts", how_often="weekly", owner="dario", whose="campaigns",
            why="Spend what was granted, neither less nor more."),
)  # fmt: skip

YEAR: list[Step] = [
    *on("2024-12-16", "mara", opens("2025", "2025-Q1")),
    *on("2024-12-17", "mara", plans(
        "25/lead", "company", "mara",
        "become the market leader in planning software for small firms",
        Result("customers", "4,000 paying customers by the end of the year",
               number(1_800, 4_000, "customers"), weight=2, cadence="quarterly",
               along={"2025-03-31": "0.15", "2025-06-30": "0.35", "2025-09-30": "0.8"}),
        Result("share", "15 % of the market", number(9, 15, "%"), cadence="half_yearly"),
        Result("report", "Our place in the buyers' report of the year",
               zones("listed among the contenders", "named a leader", "ranked first"),
               cadence="yearly"),
        stretch=True,
    )),
    *on("2024-12-17", "tomas", plans(
        "25/reach", "marketing", "tomas", "reach our customers on all digital channels",
        Result("visitors", "100,000 visitors a month on the site",
               number(40_000, 100_000, "visitors"), cadence="quarterly"),
        Result("channels", "Four channels that bring 50 leads a month each",
               number(1, 4, "channels"), cadence="quarterly"),
        aligned_to="25/lead/customers",
    )),
    *on("2024-12-18", "yuki", plans(
        "25/site", "product", "yuki", "run a high-performing web site",
        Result("trials", "3 of 100 visitors start a trial", number("1.2", "3.0", "%"),
               cadence="quarterly"),
        Result("speed", "Pages load in 1.5 seconds", number("4.2", "1.5", "s"),
               cadence="quarterly"),
        aligned_to="25/lead",
    )),
    *on("2025-01-08", "mara", [c.AdoptScoringPolicy()],
        because="We keep to what is usual for the first year."),
    *on("2025-01-10", "mara", commits_plan("2025")),
    *check_ins(("2025-03-31", "2025-06-30", "2025-09-30", "2025-12-31"), {
        "25/lead/customers": ("mara",  "2094@7  2417@6  3325@7  3710@7"),
        "25/lead/share":     ("mara",  "-       10.2@6  -       12.4@8"),
        "25/lead/report":    ("mara",  "-       -       commit@6 target@9"),
        "25/reach/visitors": ("tomas", "49800@6 63900@7 81200@8 94600@9"),
        "25/reach/channels": ("tomas", "2@6     2@6     3@7     4@9"),
        "25/site/trials":    ("yuki",  "1.3@6   1.5@5   2.2@7   2.6@8"),
        "25/site/speed":     ("yuki",  "3.2@7   3.1@6   1.9@8   1.6@9"),
    }),
]  # fmt: skip

STORY = [*STAFF, *KPIS, *YEAR]
