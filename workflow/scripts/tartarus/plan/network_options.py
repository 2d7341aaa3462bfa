"""Which options a network takes, as JSON schemas: read from the signature of its function.

Networks are functions in tartarus/learning/networks, marked with ``@network(takes=...)``; their keyword-only arguments
are what a YAML file may say. The functions are read, not imported: Keras takes four seconds to import, and every start
of Snakemake checks the configuration.
"""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

NETWORKS = Path(__file__).parents[1] / "learning" / "networks"

# The plain methods that a reference may be.
METHODS = (
    *("most-frequent", "nearest-neighbours", "logistic-regression", "linear-svm", "svm-rbf", "ridge"),
    "popularity",
)
# Of these, those that predict factors of plays or of classes, and those that predict classes.
OF_FACTORS = ("ridge", "popularity")
OF_CLASSES = ("logistic-regression", "linear-svm", "svm-rbf")

_COUNT = {"type": "integer", "minimum": 1}
_SHARE = {"type": "number", "minimum": 0, "exclusiveMaximum": 1}


def _list(of: dict[str, Any], **limits: int) -> dict[str, Any]:
    return {"type": "array", "items": of, **limits}


_PAIR = _list(_COUNT, minItems=2, maxItems=2)
_COUNT_OR_ALL = {"type": ["integer", "string"], "minimum": 1, "if": {"type": "string"}, "then": {"enum": ["all"]}}
# The types of learning/networks/blocks.py.
TYPES: dict[str, dict[str, Any]] = {
    "int": _COUNT,
    "Units": _list(_COUNT),
    "SomeUnits": _list(_COUNT, minItems=1),
    "Pairs": _list(_PAIR),
    "Kernels": _list({**_PAIR, "prefixItems": [_COUNT, _COUNT_OR_ALL], "items": False}),
    "SomePairs": _list(_PAIR, minItems=1),
    "Branches": _list(_list(_COUNT, minItems=3, maxItems=3), minItems=1),
    "Share": _SHARE,
    "Shares": _list(_SHARE, minItems=2, maxItems=2),
    "Pooling": {"enum": ["flatten", "mean", "max", "both", "attention"]},
    "Method": {"enum": [*METHODS]},
    "bool": {"type": "boolean"},
    "Depth": {"enum": [50, 101]},
    "Weights": {"type": "string", "pattern": "^[^{}]+$", "description": "imagenet, none, or a path without braces"},
}


@dataclass(frozen=True)
class Declared:
    """What the function of a network says of it.

    Attributes
    ----------
    takes : str
        Its inputs, a key of `tartarus.plan.network_inputs.TAKES`.
    schema : dict
        The JSON schema of its options.
    defaults : dict
        Of those options that have one written out.
    """

    takes: str
    schema: dict[str, Any]
    defaults: dict[str, Any]


@cache
def declared() -> dict[str, Declared]:
    """Read what every network declares, by its name.

    Raises
    ------
    KeyError
        If an option's annotation is none of `TYPES`: a fault in the code of a network.
    """
    found = {}
    for path in sorted(NETWORKS.glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            for mark in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
                if isinstance(node, ast.FunctionDef) and isinstance(mark, ast.Call):
                    takes = ast.literal_eval(mark.keywords[0].value)
                    found[node.name.replace("_", "-")] = Declared(takes, _schema(node), _defaults(node))
    return found


def schemas() -> dict[str, dict[str, Any]]:
    """Give the schema of every network's options, by the name of the network."""
    return {name: entry.schema for name, entry in declared().items()}


def _defaults(function: ast.FunctionDef) -> dict[str, Any]:
    given = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    return {option.arg: ast.literal_eval(value) for option, value in given if value and not isinstance(value, ast.Name)}


def _schema(function: ast.FunctionDef) -> dict[str, Any]:
    given = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    options = {option.arg: (ast.unparse(option.annotation or option), default is None) for option, default in given}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [name for name, (_, required) in options.items() if required],
        "properties": {"name": {"const": function.name.replace("_", "-")}}
        | {name: TYPES[annotation] for name, (annotation, _) in options.items()},
    }
