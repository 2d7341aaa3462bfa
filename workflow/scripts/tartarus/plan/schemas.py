"""Schemas: what may stand in a file, and what is wrong with one."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError, relevance
from tartarus.base.documents import read_yaml
from tartarus.base.errors import TartarusError, suggestion
from tartarus.plan import network_options

Section = dict[str, Any]
SCHEMAS = Path(__file__).parents[3] / "schemas"
# JSON schema takes 3.0 for an integer; Python does not.
_Validator = validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ),
)


@cache
def schema(name: str) -> Section:
    """Read workflow/schemas/<name>.schema.yaml, and fill in what others know: the networks and their options."""
    whole = read_yaml(SCHEMAS / f"{name}.schema.yaml")
    if name == "experiments":
        networks = network_options.schemas()
        # A template may say a part of it, and another the name: here any option of any network will do.
        every: Section = {option: {} for network in networks.values() for option in network["properties"]}
        whole["$defs"]["network"]["properties"] = {**every, "name": {"enum": list(networks)}}
        whole["$defs"].update(networks)
    return whole


def validate(value: Any, schema_name: str, *, part: str | None = None, source: str) -> None:
    """Check a value against a schema.

    Parameters
    ----------
    value : object
        What was read.
    schema_name : str
        Which schema of workflow/schemas.
    part : str, optional
        A definition within the schema (``$defs``) instead of the whole.
    source : str
        The file, and where in it; for the message.

    Raises
    ------
    TartarusError
        Naming source and key, what is wrong, and for an unknown word the nearest known one.
    """
    fault = fault_of(value, schema_name, part=part)
    if fault:
        told = fault.place[: len(fault.place) - fault.untold]
        raise TartarusError("".join(f"{key}: " for key in (source, *told)) + fault.message)


@dataclass(frozen=True)
class Fault:
    """What is wrong with a value.

    Attributes
    ----------
    place : tuple of str or int
        The keys that lead to what is wrong.
    untold : int
        How many of them the message tells itself, from the end.
    message : str
        What is wrong.
    """

    place: tuple[str | int, ...]
    untold: int
    message: str


def fault_of(value: Any, schema_name: str, *, part: str | None = None) -> Fault | None:
    """Say what is wrong with a value; None if nothing is. See `validate`."""
    whole = schema(schema_name)
    wanted = {"$ref": f"#/$defs/{part}", "$defs": whole["$defs"]} if part else whole
    errors = sorted(_Validator(wanted).iter_errors(value), key=relevance)
    if not errors:
        return None
    error = errors[-1]
    place = tuple(error.absolute_path)
    if error.validator == "additionalProperties" and isinstance(error.schema, dict):
        known = error.schema.get("properties", {})
        key = min(key for key in error.instance if key not in known)
        return Fault((*place, key), 1, f"unknown key '{_short(key)}'; {suggestion(_short(key), known)}")
    if "propertyNames" in error.absolute_schema_path:
        return Fault((*place, error.instance), 1, _explain(error))
    return Fault(place, 0, _explain(error))


def _explain(error: ValidationError) -> str:
    if error.validator == "enum" and isinstance(error.validator_value, list):
        return f"'{_short(error.instance)}'; {suggestion(_short(error.instance), map(str, error.validator_value))}"
    if error.validator == "pattern" and isinstance(error.schema, dict) and "description" in error.schema:
        return f"'{_short(error.instance)}' is not {error.schema['description']}"
    words = {"yes": "true", "on": "true", "no": "false", "off": "false"}
    if error.validator_value == "boolean" and error.instance in words:
        return f"'{error.instance}' is a word; write {words[error.instance]}"
    return _short(error.message)


def _short(text: object) -> str:
    """Cut a text that may be of any length."""
    return str(text) if len(str(text)) <= 300 else f"{str(text)[:300]} ..."


def spectral_keys(type_: str) -> list[str]:
    """List the keys of the section audio that spectrograms of a type depend on, as the schema says."""
    keys = schema("dataset")["$defs"]["shared"]["properties"]["audio"]["properties"]
    return [key for key, rule in keys.items() if type_ in rule.get("spectrograms", ())]
