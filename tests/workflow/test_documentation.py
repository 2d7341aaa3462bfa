"""What the documentation says is true: its commands run, its files exist, its keys are those of the schemas."""

import re
import shlex
import shutil
import subprocess
import textwrap

import pytest
import yaml
from tartarus.plan import config as configuration

from tests.paths import ROOT

from .conftest import add_mini

PAGES = ("README.md", "CONTRIBUTING.md", "config/README.md", "data/README.md")


def blocks(page: str, language: str) -> list[str]:
    """The code blocks of a language, those within lists too."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```", text, re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(block) for _, block in found]


def commands() -> list[str]:
    """The commands of all pages, in blocks and in the text, each once, without what stands behind a pipe."""
    found = []
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        lines = re.findall(r"`((?:snakemake|make) [^`]+)`", text)
        for block in blocks(page, "(?:sh|bash)"):
            lines += re.sub(r"\\\n\s*", " ", block).splitlines()
        for line in lines:
            for part in re.sub(r"\s+#.*", "", line).split("&&"):
                command = re.sub(r"^[A-Z_]+=\S+ ", "", part.split("|")[0].strip()).split(" > ")[0]
                if command and command not in found:
                    found.append(command)
    return found


SNAKEMAKE = [command for command in commands() if command.startswith("snakemake ")]
MAKE = [command for command in commands() if re.match(r"make( |$)", command)]


def test_the_pages_have_commands():
    assert len(SNAKEMAKE) > 10
    assert "make" in MAKE
    assert "make test" in MAKE


@pytest.fixture(scope="module")
def documented(tmp_path_factory):
    """A house with the dataset and the experiments that the README's reader has written."""
    from .conftest import copy_house

    house = copy_house(tmp_path_factory.mktemp("documented") / "house")
    add_mini(house)
    (house.path / "data/raw/MINI").rename(house.path / "data/raw/MyMusic")
    dataset, family, albums, experiment, *_ = blocks("README.md", "yaml")
    (house.path / "config/datasets/MyMusic.yaml").write_text(dataset, encoding="utf-8")
    (house.path / "config/datasets/MyMusic-albums.yaml").write_text(albums, encoding="utf-8")
    (house.path / "config/experiments/mine.yaml").write_text(family, encoding="utf-8")
    # The block is the end of a file of experiments.
    with (house.path / "config/experiments/super.yaml").open("a", encoding="utf-8") as file:
        file.write(textwrap.indent(experiment, "  "))
    return house


# With these Snakemake neither plans nor runs jobs: a dry run cannot be asked for as well.
OTHER = ("--dag", "--rulegraph", "--lint", "--list-rules", "--report", "--unlock", "--summary")


@pytest.mark.parametrize("command", SNAKEMAKE)
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


def test_nothing_tells_where_it_was_written():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    files = listed.stdout.split() or [str(path.relative_to(ROOT)) for path in ROOT.glob("*.md")]
    for name in files:
        path = ROOT / name
        if path.suffix in (".png", ".svg") or not path.is_file() or name.startswith("tests/"):
            continue
        text = path.read_text(encoding="utf-8")
        assert str(ROOT) not in text, name
