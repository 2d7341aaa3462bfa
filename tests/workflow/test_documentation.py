"""What the documentation says is true: its commands run, its files exist, its keys are those of the schemas."""

import re
import shlex
from pathlib import Path

import pytest
import yaml
from tartarus import config as configuration

from .conftest import add_mini

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "CONTRIBUTING.md", "config/README.md", "data/README.md")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )


def commands() -> list[str]:
    """The commands of all pages, each once, without what stands behind a pipe."""
    found = []
    for page in PAGES:
        for block in blocks(page, "(?:sh|bash|console)"):
            for line in re.sub(r"\\\n\s*", " ", block).splitlines():
                command = re.sub(r"\s+#.*", "", line).split("|")[0].strip().removeprefix("$ ")
                command = re.sub(r"^[A-Z_]+=\S+ ", "", command)
                if command and command not in found:
                    found.append(command)
    return found


SNAKEMAKE = [command for command in commands() if re.match(r"(\.venv/bin/)?snakemake ", command)]
MAKE = [command for command in commands() if command.startswith("make")]


def test_the_pages_have_commands():
    assert len(SNAKEMAKE) > 10
    assert "make" in MAKE
    assert "make test" in MAKE


@pytest.fixture(scope="module")
def documented(tmp_path_factory):
    """A house with a dataset of one's own that has the name of the README's example."""
    from .conftest import copy_house

    house = copy_house(tmp_path_factory.mktemp("documented") / "house")
    add_mini(house)
    for file in ("config/datasets/MINI.yaml", "config/experiments/mini.yaml", "data/raw/MINI"):
        path = house.path / file
        path.rename(path.with_name(path.name.replace("MINI", "MYMUSIC").replace("mini", "mymusic")))
    house.edit("config/experiments/mymusic.yaml", "MINI", "MYMUSIC")
    return house


# With these Snakemake neither plans nor runs jobs: a dry run cannot be asked for as well.
OTHER = ("--dag", "--rulegraph", "--lint", "--list-rules", "--report", "--unlock", "--summary")


@pytest.mark.parametrize("command", SNAKEMAKE)
def test_a_command_of_the_documentation_is_understood(documented, command):
    words = shlex.split(command)[1:]
    if "slurm" in command:
        words = [word for word in words if "slurm" not in word and word != "--workflow-profile"]
    if "--report" in words:
        pytest.skip("a report needs a finished run: tests/workflow/test_runs.py")
    if not any(word in OTHER for word in words):
        words += ["-n"]
    files = [word for word in words if word.endswith(".yaml") and not (documented.path / word).exists()]
    for file in files:
        (documented.path / file).write_text("{}\n", encoding="utf-8")
    done = documented.snakemake(*words)
    assert done.returncode == 0, done.stderr[-3000:]


def test_the_make_targets_of_the_documentation_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for command in MAKE:
        for word in command.split()[1:]:
            assert "=" in word or word in targets, command


@pytest.mark.parametrize("page", [*PAGES, "CHANGELOG.md"])
def test_the_links_of_a_page_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text):
        assert ((ROOT / page).parent / link).exists(), link


def test_config_readme_explains_every_key():
    text = (ROOT / "config/README.md").read_text(encoding="utf-8")
    keys = set(configuration.schema("config")["properties"]) | set(configuration.schema("dataset")["properties"])
    keys |= set(configuration.schema("experiments")["properties"])
    keys |= set(configuration.schema("experiments")["$defs"]["entry"]["properties"])
    for section in configuration.schema("dataset")["$defs"]["shared"]["properties"].values():
        keys |= set(section.get("properties", {}))
    assert {key for key in keys if f"`{key}`" not in text} == set()


def test_yaml_examples_are_valid():
    for page in ("README.md", "config/README.md"):
        for block in blocks(page, "yaml"):
            assert isinstance(yaml.safe_load(block), dict)


def test_nothing_tells_of_a_machine_or_a_registry():
    import subprocess

    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    files = listed.stdout.split() or [str(path.relative_to(ROOT)) for path in ROOT.glob("*.md")]
    for name in files:
        path = ROOT / name
        if path.suffix in (".png", ".svg") or not path.is_file() or name.startswith("tests/"):
            continue
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"/root/|/home/\w|pypi\.org|files\.pythonhosted", text), name
