"""A hash of the code that a script runs, so that Snakemake can tell when a result is older than its code.

Snakemake tracks a script by the time of its file and does not look at the modules that it imports. The
fingerprint covers the script and every local module that it reaches, and leaves out what does not change
results: comments, docstrings, white space.
"""

import ast
import glob
import hashlib
import json
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

from tartarus.base.files import write_text


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if documented and ast.get_docstring(node, clean=False) is not None:  # type: ignore[arg-type]
            node.body = node.body[1:] or [ast.Pass()]  # type: ignore[attr-defined]
    return tree


def _imports(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    # Importing a module runs the packages that it is in.
    return names | {name.rsplit(".", n)[0] for name in names for n in range(1, name.count(".") + 1)}


@cache
def _parsed(path: Path) -> tuple[str, frozenset[str]]:
    """Read the code of a module, without what changes nothing, and what it imports.

    Kept beside Python's own cache, under a hash of the module's content: to parse all takes longer than all else that
    is done before a run.
    """
    content = path.read_bytes()
    name = hashlib.sha256(content + sys.version.encode()).hexdigest()[:32]
    kept = path.parent / "__pycache__" / f"{path.stem}.{name}.fingerprint.json"
    try:
        code, imports = json.loads(kept.read_text(encoding="utf-8"))
    except (OSError, TypeError, ValueError):
        tree = ast.parse(content)
        code, imports = ast.unparse(_without_docstrings(tree)), sorted(_imports(tree))
        with suppress(OSError):  # a folder that may not be written to
            write_text(kept, json.dumps([code, imports]))
            for former in kept.parent.glob(f"{glob.escape(path.stem)}.*.fingerprint.json"):
                if former != kept:
                    former.unlink(missing_ok=True)
    return code, frozenset(imports)


@cache
def _local(name: str, root: Path) -> Path | None:
    stem = root.joinpath(*name.split("."))
    for path in (stem.with_suffix(".py"), stem / "__init__.py"):
        if path.is_file():
            return path
    return None


def modules(script: str | Path) -> list[Path]:
    """List the script and every local module that it imports, directly or not.

    Parameters
    ----------
    script : str or Path
        A script; modules are looked for in its folder.

    Returns
    -------
    list of Path
        Sorted, without repetitions.
    """
    root = Path(script).parent
    found, waiting = set(), [Path(script)]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            locals_ = (_local(name, root) for name in _parsed(path)[1])
            waiting.extend(module for module in locals_ if module)
    return sorted(found)


@cache
def fingerprint(script: str | Path) -> str:
    """Compute the fingerprint of a script and all local code that it reaches, as 16 hexadecimal digits."""
    root = Path(script).parent
    hasher = hashlib.sha256()
    for path in modules(script):
        hasher.update(f"{path.relative_to(root)}\n{_parsed(path)[0]}\n".encode())
    return hasher.hexdigest()[:16]
