"""Write envs/*.yaml: what the scripts of each import, and all that needs in turn, as the locks pin it.

PYTHONPATH=workflow/scripts .venv/bin/python envs/make_environments.py

The hashes stand in the files themselves. A file cannot name another beside it, for Snakemake copies it before conda
reads it; and an environment is built anew only if its own file is another.
"""

import ast
import functools
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tartarus.base.fingerprint import modules

ROOT = Path(__file__).parents[1]
# An entry of a lock: name, version and marker, then hashes, then what needs it.
ENTRY = re.compile(
    r"^(?P<name>[a-z0-9._-]+)==(?P<rest>.+?) \\\n(?P<hashes>(?:    --hash.*\n)+)(?P<needed_by>(?:    #.*\n)*)", re.M
)
# The environment and the script of a rule.
RULE = re.compile(r'^ *conda:\s+(?:"\.\./envs/(\S+)\.yaml"|TENSORFLOW)\n.*?^ *script:\s+"\.\./(\S+\.py)"', re.M | re.S)
# Where the name of the import is not that of the distribution. TensorFlow's depends on the machine.
DISTRIBUTIONS = {
    "PIL": ["pillow"],
    "ahocorasick": ["pyahocorasick"],
    "faiss": ["faiss-cpu"],
    "google": ["protobuf"],
    "sklearn": ["scikit-learn"],
    "vl_convert": ["vl-convert-python"],
    "yaml": ["pyyaml"],
    "tensorflow": ["tensorflow", "tensorflow-cpu"],
}
# PyTorch is another backend, and Essentia is under the AGPL: whoever wants them installs them.
NOT_HELD = {"essentia", "tartarus", "torch"}
# What scripts run as a command: Snakemake, whose reports need pygments.
COMMANDS = {"analysis": ["snakemake", "pygments"]}
# Extras, with locks of their own, and the environments that hold what is in them.
EXTRAS = {"mirdata": ["mirdata"], "onnx": ["onnx"], "tensorflow": ["onnx"]}
HEAD = """\
# Made by envs/make_environments.py from {lock}: all that these scripts of workflow/scripts need.
# {scripts}
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python=3.11
  - pip
  - pip:
"""


@dataclass(frozen=True)
class Pin:
    """What a lock says of a package: the version and, if not for all machines, for which; hashes; what needs it."""

    requirement: str
    hashes: tuple[str, ...]
    needed_by: frozenset[str]


def pins(lock: str) -> dict[str, Pin]:
    """Read a lock: name of a package to its pin."""
    return {
        entry["name"]: Pin(
            f"{entry['name']}=={entry['rest']}",
            tuple(re.findall(r"--hash=\S+", entry["hashes"])),
            frozenset(re.findall(r"^    #  *(?:via )?([a-z0-9._-]+)$", entry["needed_by"], re.M)),
        )
        for entry in ENTRY.finditer((ROOT / lock).read_text(encoding="utf-8"))
    }


def scripts() -> dict[str, set[Path]]:
    """Pair environments and scripts, as the rules do."""
    pairs = defaultdict(set)
    for path in (ROOT / "rules").glob("*.smk"):
        for environment, script in RULE.findall(path.read_text(encoding="utf-8")):
            pairs[environment or "tensorflow"].add(ROOT / script)
    return dict(pairs)


def run_time(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes, but for what only a type checker reads."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node
            yield from run_time(node)


def imported(script: Path) -> set[str]:
    """Find the distributions that a script imports, itself or through the library."""
    names = set()
    for path in modules(script):
        for node in run_time(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.split(".")[0])
    foreign = names - set(sys.stdlib_module_names) - NOT_HELD
    return {distribution for name in foreign for distribution in DISTRIBUTIONS.get(name, [name])}


def with_needs(names: set[str], known: dict[str, Pin]) -> set[str]:
    """Add to packages all that they need, in turn."""
    more = {name for name, pin in known.items() if pin.needed_by & names} - names
    return with_needs(names | more, known) if more else names


def combined(known: dict[str, Pin], others: dict[str, Pin]) -> dict[str, Pin]:
    """Take from two locks the pins of the second where both have one; what needs a package, both tell."""
    shared = {
        name: replace(pin, needed_by=pin.needed_by | known[name].needed_by) if name in known else pin
        for name, pin in others.items()
    }
    return known | shared


def environment(locks: list[str], of: set[Path], held: dict[str, Pin]) -> str:
    """Write the text of an environment."""
    text = HEAD.format(lock=" and ".join(locks), scripts=", ".join(sorted(script.stem for script in of)))
    for _, pin in sorted(held.items()):
        text += f"      - >-\n        {pin.requirement}\n"
        text += "".join(f"        {hash_}\n" for hash_ in pin.hashes)
    return text


def environments() -> dict[str, str]:
    """Write the text of every environment, by name."""
    main, cuda = pins("requirements.lock"), pins("requirements-cuda.lock")
    texts = {}
    for name, of in scripts().items():
        extras = [f"requirements-{extra}.lock" for extra in EXTRAS.get(name, [])]
        known = functools.reduce(combined, map(pins, extras), main)
        needed = set().union(*map(imported, of), COMMANDS.get(name, []))
        held = {package: known[package] for package in with_needs(needed, known)}
        texts[name] = environment([*extras, "requirements.lock"], of, held)
        if name == "tensorflow":
            others = {
                package: known[package] for package in with_needs(needed - {"tensorflow", "tensorflow-cpu"}, known)
            }
            locks = ["requirements-cuda.lock", *extras, "requirements.lock"]
            texts["tensorflow-cuda"] = environment(locks, of, others | cuda)
    return texts


if __name__ == "__main__":
    for name, text in environments().items():
        (ROOT / "envs" / f"{name}.yaml").write_text(text, encoding="utf-8")
