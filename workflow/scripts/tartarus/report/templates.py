"""Pages from templates: what is filled in is escaped, for titles, ids and labels may hold anything."""

import base64
import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
import vl_convert
from tartarus.plan.schemas import Section
from tartarus.report.naming import short

# The templates, their style and their script, beside the schemas.
FOLDER = Path(__file__).parents[3] / "page"


def fill(template: str, page: Section, **more: Any) -> str:
    """Fill a template of the folder with what its page says, with the style and the script that all share."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {
        "short": short,
        "signed": lambda value: f"{value:+.3f}",
        "thousands": lambda value: "" if value is None else f"{value:,.0f}".replace(",", "\N{NARROW NO-BREAK SPACE}"),
        "link": quote,
    }
    parts = {
        name: (FOLDER / f"page.{kind}").read_text(encoding="utf-8")
        for name, kind in (("style", "css"), ("script", "js"))
    }
    defaults: Section = {"only_table": False, "data": "", "bundle": ""}
    return environment.get_template(template).render(page=page, **{**defaults, **parts, **more})


def in_script(value: Any) -> str:
    """Write values as JSON that may stand within a script element: nothing in it ends the element or a line."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def embedded(path: str | Path) -> str:
    """Write a PNG as the address of an image that holds it."""
    return f"data:image/png;base64,{base64.b64encode(Path(path).read_bytes()).decode()}"


@cache
def scripts_of_vega() -> str:
    """Bundle the scripts that draw charts; within a script element, nothing may look like its end."""
    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return bundle.replace("</script", "<\\/script").replace("<!--", "<\\!--")
