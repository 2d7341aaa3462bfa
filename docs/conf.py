"""Sphinx: the manual as a site, from the pages as they stand in the repository, and from the library's docstrings.

The pages link to each other as files, so that their links lead somewhere on GitHub too; the order is that of the
README's table. A reader's browser fetches nothing from elsewhere: styles and the search are in the site, fonts are
the system's.
"""

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from pygments.lexers import PythonLexer

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).parents[1]
LIBRARY = "docs/library"

project = "Tartarus"
release = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
html_title = f"{project} {release}"

extensions = ["myst_parser", "autoapi.extension", "sphinx.ext.napoleon"]
root_doc = "README"
include_patterns = ["*.md", "docs/*.md", "config/README.md", "data/README.md", f"{LIBRARY}/**"]
# Folders that may be large are not looked through.
exclude_patterns = [".*", "data/*/**", "results", "logs", "benchmarks", "tests", "workflow", "docs/_build"]
# Anchors are those of GitHub.
myst_heading_anchors = 4

# The library is read, not imported: nothing but Sphinx needs to be installed.
autoapi_dirs = [str(ROOT / "workflow/scripts/tartarus")]
autoapi_root = LIBRARY
autoapi_options = ["members", "show-inheritance", "show-module-summary"]
autoapi_add_toctree_entry = False
autoapi_ignore = ["*/lookalike/*"]
# It wonders about imported constants, which have comments in the place of docstrings. A word that could mean several
# objects, such as the name of an attribute, is no link of ours.
suppress_warnings = ["autoapi.python_import_resolution", "ref.python"]
# What stands in the place of a type, a shape or a range, is text and no name to be linked.
napoleon_use_ivar = True
napoleon_use_param = False
napoleon_use_rtype = False
# In the docstrings, what stands between single backquotes is code.
default_role = "code"

html_theme = "furo"
templates_path = ["templates"]
html_additional_pages = {"index": "to_readme.html"}
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False


def pages() -> list[str]:
    """Read from the README's table which pages there are, and their order."""
    table = (ROOT / "README.md").read_text(encoding="utf-8").split("## The manual")[1].split("\n## ")[0]
    return [*re.findall(r"\]\(([\w/-]+)\.md\)", table), f"{LIBRARY}/tartarus/index"]


def with_contents(_: "Sphinx", name: str, source: list[str]) -> None:
    """Give the README the site's table of contents, which GitHub would show as text."""
    if name == root_doc:
        source[0] += "\n".join(["\n```{toctree}", ":hidden:", "", *pages(), "```", ""])


def setup(app: "Sphinx") -> None:
    """Tell Sphinx what is done here."""
    app.add_lexer("snakemake", PythonLexer)
    app.connect("source-read", with_contents)
