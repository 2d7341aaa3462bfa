"""Results of one measure, and texts that would harm a page that does not escape them."""

import copy
from typing import Any

from tests.unit.examples import RESULT

HOSTILE = {
    "script": "</script><script>alert(1)</script>",
    "handler": '"><img src=x onerror=alert(1)>',
    "quotes": 'it\'s "quoted" & `so`',
    "right-to-left": "\u202eمرحبا\u202c \u2028",
    "long": "x" * 300,
    "comment": "<!-- <script>",
}


def result(name: str = "own", mean: float = 0.5, **more: Any) -> dict[str, Any]:
    whole = copy.deepcopy(RESULT) | {"experiment": name, "settings": []} | more
    whole["measures"] = {"accuracy": {"mean": mean, "sd": 0.1, "ci95": [0.25, 0.75], "per_seed": [mean]}}
    return whole


def plain(name: str, mean: float) -> dict[str, Any]:
    whole = result(name, mean)
    whole["provenance"]["settings"] = {"network": {"name": "reference"}}
    return whole
