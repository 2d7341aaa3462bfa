"""What the documentation says is true: commands run, links lead somewhere, examples work, every key is explained."""

import ast
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from functools import cache

import pytest
import yaml
from tartarus.plan import config as configuration

from tests.paths import ROOT

from .conftest import House, add_mini, copy_house

MANUAL = tuple(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))
OWN = "docs/own-data.md"
PAGES = ("README.md", *MANUAL, "config/README.md", "data/README.md", "CONTRIBUTING.md", "CHANGELOG.md")
CODE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)


@cache
def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, *languages: str) -> list[str]:
    """The code blocks of a page in some languages, those within lists too."""
    return [textwrap.dedent(code) for _, language, code in CODE.findall(read(page)) if language in languages]


# --- Commands --------------------------------------------------------------------------------------------


def commands() -> dict[str, str]:
    """The commands in the blocks and in the text, without what stands behind a pipe, and the first page of each."""
    found: dict[str, str] = {}
    for page in PAGES:
        lines = re.findall(r"`((?:snakemake|make) [^`]+)`", read(page))
        for block in blocks(page, "sh", "bash"):
            lines += re.sub(r"\\\n\s*", " ", block).splitlines()
        for line in lines:
            for part in re.sub(r"\s+#.*", "", line).split("&&"):
                command = re.sub(r"^[A-Z_]+=\S+ ", "", part.split("|")[0].strip()).split(" > ")[0]
                if command:
                    found.setdefault(command, page)
    return found


COMMANDS = commands()
SNAKEMAKE = [command for command in COMMANDS if command.startswith("snakemake ")]
MAKE = [command for command in COMMANDS if re.match(r"make( |$)", command)]
# Commands of nothing but targets are tried together: a start of Snakemake takes seconds.
PLAIN = [command for command in SNAKEMAKE if re.fullmatch(r"snakemake( -n| --cores \d+)?( (?!-)[\w./-]+)+", command)]
# With these Snakemake neither plans nor runs jobs: a dry run cannot be asked for as well.
OTHER = ("--dag", "--rulegraph", "--lint", "--list-rules", "--report", "--unlock", "--summary")


@pytest.fixture(scope="module")
def documented(tmp_path_factory) -> House:
    """A house with what the reader of docs/own-data.md has written, and an inbox."""
    house = copy_house(tmp_path_factory.mktemp("documented") / "house")
    add_mini(house)
    (house.path / "data/raw/MINI").rename(house.path / "data/raw/MyMusic")
    for path, block in files_of_own_data():
        if (house.path / path).exists():  # the block is to stand at the end of a file of experiments
            block = (house.path / path).read_text(encoding="utf-8") + textwrap.indent(block, "  ")
        # The reader's labels are two; these are twelve.
        (house.path / path).write_text(block.replace("dim: 2\n", "dim: 12\n"), encoding="utf-8")
    (house.path / "data/inbox/NEW").mkdir(parents=True)
    (house.path / "data/inbox/NEW/song.mp3").write_bytes(b"")
    return house


def files_of_own_data() -> Iterator[tuple[str, str]]:
    """What docs/own-data.md tells its reader to write: a block of YAML is for the file that is named last before it."""
    page = read(OWN)
    for found in CODE.finditer(page):
        if found[2] == "yaml":
            named = re.findall(r"config/(?:datasets|experiments)/[\w-]+\.yaml", page[: found.start()])
            yield named[-1], textwrap.dedent(found[3])


def test_the_pages_have_commands():
    assert len(PLAIN) > 15
    assert len(SNAKEMAKE) > len(PLAIN) + 5
    assert {"make", "make test"} <= set(MAKE)
    for page in ("README.md", "docs/own-data.md", "docs/papers.md", "docs/running.md", "config/README.md"):
        assert page in COMMANDS.values()


def test_the_targets_of_the_documentation_can_be_planned(documented):
    targets = {word for command in PLAIN for word in command.split()[1:] if not re.fullmatch(r"-.*|\d+", word)}
    done = documented.snakemake("-n", *sorted(targets))
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-3000:]


@pytest.mark.parametrize("command", [command for command in SNAKEMAKE if command not in PLAIN])
def test_a_command_of_the_documentation_is_understood(documented, command):
    words = shlex.split(command)[1:]
    if "--report" in words:
        pytest.skip("a report needs a finished run: tests/workflow/test_runs.py")
    if "slurm" in command:
        words = [word for word in words if "slurm" not in word and word != "--workflow-profile"]
    if "--sdm" in words and not shutil.which("conda"):
        words = [word for word in words if word not in ("--sdm", "conda")]
    for word in words:
        if word.endswith(".yaml") and not (documented.path / word).exists():
            (documented.path / word).write_text("{}\n", encoding="utf-8")
    if not any(word in OTHER for word in words):
        words = ["-n", *words]
    done = documented.snakemake(*words)
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-3000:]


def test_the_make_targets_of_the_documentation_exist():
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    for command in MAKE:
        for word in command.split()[1:]:
            assert "=" in word or word in targets, command


# What stands in the first column of a table is asked for by name, and in docs/original.md in the second.
TARGET = re.compile(r"^\|(?:[^|]*\|)? `((?:data|results)/[\w./-]+\.[a-z]\w+)`", re.MULTILINE)


def test_the_files_in_the_tables_of_targets_can_be_planned(documented):
    targets = {target for page in ("docs/original.md", "docs/results.md") for target in TARGET.findall(read(page))}
    assert len(targets) > 25
    done = documented.snakemake("-n", *sorted(targets))
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-3000:]


# --- Links -----------------------------------------------------------------------------------------------


@cache
def anchors(page: str) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", CODE.sub("", read(page)), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_the_links_of_a_page_lead_somewhere(page):
    # Neither blocks nor pieces of code hold links.
    text = re.sub(r"`[^`\n]*`", "", CODE.sub("", read(page)))
    for link in re.findall(r"\]\((?!https?:|mailto:)([^)]+)\)", text):
        path, _, anchor = link.partition("#")
        target = ((ROOT / page).parent / path).resolve() if path else ROOT / page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(str(target.relative_to(ROOT))), link


def test_every_page_of_the_manual_is_linked_from_the_readme():
    for page in PAGES[1:]:
        assert f"]({page})" in read("README.md"), page
    for page in MANUAL:
        assert "](../README.md#the-manual)" in read(page), page


def test_the_readme_fits_one_reading():
    assert len(read("README.md").splitlines()) <= 150


# --- The README's table and picture ----------------------------------------------------------------------


def demo_table() -> dict[str, tuple[float, float, float]]:
    """The README's table of DEMO: result to accuracy and the ends of its interval."""
    table = read("README.md").split("<!-- demo table -->")[1].split("<!-- /demo table -->")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()]
    assert all(len(row) == 3 for row in rows)
    figures = {}
    for name, _, accuracy in rows[2:]:
        mean, low, high = (float(value) for value in re.findall(r"\d\.\d{3}", accuracy))
        figures[name] = (mean, low, high)
    return figures


def test_the_demo_table_has_the_experiments_of_demo():
    known = configuration.load(yaml.safe_load(read("config/config.yaml")), ROOT / "config")
    built = {
        "_".join([name, *settings])
        for name, entry in known.family("demo")["experiments"].items()
        for settings in entry.get("settings", [[]])
    }
    assert set(demo_table()) == built


def test_the_picture_of_the_readme_is_what_its_script_draws(tmp_path):
    subprocess.run([sys.executable, ROOT / "docs/make_overview.py", tmp_path], check=True)
    assert (tmp_path / "overview.svg").read_bytes() == (ROOT / "docs/overview.svg").read_bytes()


# --- Examples --------------------------------------------------------------------------------------------

LIBRARY = ROOT / "workflow/scripts"


def defined(module: str) -> set[str]:
    """The names that a module defines, or a package holds, without importing it."""
    path, names = LIBRARY / module.replace(".", "/"), set()
    if path.is_dir():
        names, path = {inner.stem for inner in path.iterdir()}, path / "__init__"
    for node in ast.parse(path.with_suffix(".py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


@pytest.mark.parametrize("block", [block for page in PAGES for block in blocks(page, "python")])
def test_the_names_in_a_python_example_exist(block):
    tree = ast.parse(block)
    modules = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "tartarus":
            for alias in node.names:
                assert alias.name in defined(node.module), f"{node.module}: {alias.name}"
                modules[alias.name] = f"{node.module}.{alias.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            assert node.attr in defined(modules[node.value.id]), ast.unparse(node)


def test_the_packages_in_the_table_of_the_library_exist():
    section = read("docs/results.md").split("## As a library")[1]
    packages = re.findall(r"^\| (`tartarus\.[^|]+) \| ([^|]+) \|$", section, re.MULTILINE)
    assert len(packages) >= 7
    for names, parts in packages:
        for name in re.findall(r"`([\w.]+)`", names):
            assert (LIBRARY / name.replace(".", "/")).is_dir(), name
            assert set(re.findall(r"`(\w+)`", parts)) <= defined(name), name


@pytest.mark.parametrize("block", [block for page in PAGES for block in blocks(page, "yaml")])
def test_a_yaml_example_is_valid(block):
    assert isinstance(yaml.safe_load(block), dict)


# --- The configuration -----------------------------------------------------------------------------------


def keys_of(schema: dict) -> set[str]:
    """All keys of a schema and of what is within, without those that users choose."""
    found = set()
    for key, inner in schema.get("properties", {}).items():
        found |= {key} | keys_of(inner)
    return found


SHARED = configuration.schema("dataset")["$defs"]["shared"]
ENTRY = configuration.schema("experiments")["$defs"]["entry"]
# Of an experiment, config.yaml says what it has a default for, and what belongs to that.
INHERITED = set(yaml.safe_load(read("config/config.yaml"))["experiment"]) | {"evaluation"}


def explained_in_config_yaml() -> dict[str, bool]:
    """The keys of config.yaml, those too that are only shown in a comment, and whether a comment explains them."""
    found: dict[str, bool] = {}
    key = re.compile(r" *(?:# )?([a-z_0-9]+):(?: [^#]*)?(#.*)?")
    lines = read("config/config.yaml").splitlines()
    for above, line in zip(["", *lines], lines, strict=False):
        if match := key.fullmatch(line):
            has_comment = bool(match[2]) or (above.lstrip().startswith("# ") and not key.fullmatch(above))
            found[match[1]] = has_comment or found.get(match[1], False)
    return found


def test_config_yaml_explains_every_key():
    keys = keys_of(configuration.schema("config")) - {"datasets", "experiments"}
    keys |= keys_of(SHARED) | INHERITED
    keys |= keys_of({"properties": {key: ENTRY["properties"][key] for key in INHERITED}})
    explained = explained_in_config_yaml()
    # Sections are their keys' headings.
    sections = {"experiment", "optimizer", "unpack", "patches", "users", "name"}
    assert {key for key in keys - sections if not explained.get(key)} == set()


def test_config_readme_explains_every_other_key():
    text = read("config/README.md")
    keys = set(configuration.schema("dataset")["properties"])
    keys |= set(configuration.schema("dataset")["$defs"]["part"]["properties"])
    keys |= set(configuration.schema("experiments")["properties"]) | (set(ENTRY["properties"]) - INHERITED)
    published = configuration.schema("published")["properties"]
    keys |= set(published) | set(published["rows"]["additionalProperties"]["properties"])
    assert {key for key in keys if f"`{key}`" not in text} == set()


def test_a_key_is_explained_in_one_place():
    rows = re.findall(r"^\| (`[^|]+) \|", read("config/README.md"), re.MULTILINE)
    once = keys_of({"properties": {key: ENTRY["properties"][key] for key in INHERITED}})
    for section in SHARED["properties"].values():
        once |= keys_of(section)
    once -= set(SHARED["properties"])  # the sections: one has the name of another's key
    assert {row for row in rows if once & set(re.findall(r"`(\w+)`", row))} == set()


# --- Language --------------------------------------------------------------------------------------------

USERS = ("README.md", *MANUAL, "config/README.md", "data/README.md", "CHANGELOG.md", "config/config.yaml")


@pytest.mark.parametrize("page", USERS)
def test_a_page_for_users_has_plain_words(page):
    # In code it may be a class: house music.
    text = re.sub(r"\s+", " ", re.sub(r"`[^`]*`", "", read(page))).lower()
    assert re.findall(r"for want of|midst|com(?:es?|ing) to lie|came to lie|\bhouse\b", text) == []


def test_nothing_tells_where_it_was_written():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    files = listed.stdout.split() or [str(path.relative_to(ROOT)) for path in ROOT.glob("*.md")]
    for name in files:
        path = ROOT / name
        if path.suffix in (".png", ".svg") or not path.is_file() or name.startswith("tests/"):
            continue
        text = path.read_text(encoding="utf-8")
        assert str(ROOT) not in text, name
