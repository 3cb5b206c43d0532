"""The warnings of what ends while other things need it: see `warning_catalogue`."""

from __future__ import annotations

from okr_es.warning_kind import WarningKind

# In the order of the alphabet.
ENDINGS = {
    "aligned_to_what_ended": WarningKind(
        "what it is aligned to",
        en="What it is aligned to has ended: it rolls up nowhere until it is re-aligned.",
        sv="Det som målet stöder har upphört: det räknas inte uppåt förrän det kopplas om.",
    ),
    "aligned_to_what_ends": WarningKind(
        "the objectives",
        en=(
            "An objective is aligned to what ends here: it rolls up nowhere now; re-align it.",
            "{count} objectives are aligned to what ends here: they roll up nowhere now.",
        ),
        sv=(
            "Ett mål stöder det som upphör: det räknas inte uppåt längre; koppla om det.",
            "{count} mål stöder det som upphör: de räknas inte uppåt längre; koppla om dem.",
        ),
    ),
    "aligned_to_what_moves": WarningKind(
        "the objectives",
        en=(
            "An objective is aligned to the key result: it rolls up to the other objective now.",
            "{count} objectives are aligned to the key result: they roll up to the other one now.",
        ),
        sv=(
            "Ett mål stöder nyckelresultatet: det räknas nu in i det andra målet.",
            "{count} mål stöder nyckelresultatet: de räknas nu in i det andra målet.",
        ),
    ),
    "kpis_stay_with_it": WarningKind(
        "the KPIs",
        en=("A KPI stays with the team.", "{count} KPIs stay with the team."),
        sv=("Ett nyckeltal blir kvar hos teamet.", "{count} nyckeltal blir kvar hos teamet."),
    ),
    "nothing_measures_it_now": WarningKind(
        "the objective",
        en="Nothing measures the objective now: no key result of its own has a weight.",
        sv="Inget mäter målet längre: inget av dess nyckelresultat har någon vikt.",
    ),
    "objectives_stay_with_it": WarningKind(
        "the objectives",
        en=(
            "An objective of an open cycle stays with the team.",
            "{count} objectives of open cycles stay with the team.",
        ),
        sv=(
            "Ett mål i en öppen cykel blir kvar hos teamet.",
            "{count} mål i öppna cykler blir kvar hos teamet.",
        ),
    ),
    "predecessor_does_not_return": WarningKind(
        "what it was carried over from",
        en="What it was carried over from does not count again in its place.",
        sv="Det mål som det fördes över från räknas inte igen i dess ställe.",
    ),
    "requests_name_it": WarningKind(
        "the requests",
        en=(
            "A request that waits for approval names it; it may only be refused now.",
            "{count} requests that wait for approval name it; they may only be refused now.",
        ),
        sv=(
            "En begäran som väntar på godkännande nämner det; den kan kanske bara avslås.",
            "{count} begäranden som väntar på godkännande nämner det; de kan kanske bara avslås.",
        ),
    ),
    "values_end": WarningKind(
        "the key results",
        en=(
            "A key result that runs takes its values from the KPI: it gets no more; link it anew.",
            "{count} key results that run take their values from the KPI: they get no more.",
        ),
        sv=(
            "Ett pågående nyckelresultat får sina värden från nyckeltalet: det får inga fler.",
            "{count} pågående nyckelresultat får sina värden från nyckeltalet: de får inga fler.",
        ),
    ),
}
