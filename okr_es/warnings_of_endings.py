"""The warnings of what ends while other things need it: see `warning_catalogue`."""

from __future__ import annotations

from okr_es.warning_kind import WarningKind

# In the order of the alphabet.
ENDINGS = {
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
}
