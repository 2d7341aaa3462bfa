"""File names: the rules make exactly those that the library knows, and the other way round."""

import re

import pytest
from tartarus.base.errors import TartarusError
from tartarus.plan import archives, config, feature_kinds, kinds, names

from tests.paths import ROOT

OUTPUT = re.compile(r"^( +)(?:output|benchmark):\n((?:\1 +.*\n|\n)+)", re.MULTILINE)
# What is synthesised or fetched, file by file.
LISTED = {"data/raw/{dataset}/{file}"}
# What is written when jobs are planned.
PLANNED = {"SETS"}
# What the user writes, or is synthesised with other files.
BROUGHT = {"GAZETTEER", "INBOX", "OWN_ITEMS", "TABLE_OF_PLAYS"}


def made() -> set[str]:
    """The outputs of all rules, as they are written, and the times of trainings."""
    found = set()
    for path in (ROOT / "rules").glob("*.smk"):
        for _, block in OUTPUT.findall(path.read_text(encoding="utf-8")):
            found |= set(
                re.findall(r'"((?:data|results|benchmarks/train)/[^"]+)"', block.replace("{{", "{").replace("}}", "}"))
            )
    return found - LISTED


def fits(pattern: str, name: str) -> bool:
    """Whether a name is one of a pattern: where the pattern has a part to fill in, there may be anything."""
    parts = [re.escape(part) for part in re.split(r"\{\w+\}", pattern)]
    return re.fullmatch("[^/]+".join(parts), name) is not None


PATTERNS = names.all_patterns()
RULES_WRITE_PATTERNS = set(archives.PATTERNS.values())


def test_there_are_outputs_and_names():
    assert len(made()) > 20
    assert len(PATTERNS) > 20


@pytest.mark.parametrize("output", sorted(made()))
def test_an_output_of_a_rule_is_a_known_name(output):
    assert any(fits(pattern, output) for pattern in PATTERNS.values())


@pytest.mark.parametrize("name", sorted(PATTERNS.keys() - PLANNED - BROUGHT))
def test_a_known_name_is_made_by_a_rule(name):
    pattern = PATTERNS[name]
    in_archives = pattern in RULES_WRITE_PATTERNS  # the rules of archives take these very objects
    assert in_archives or any(fits(pattern, output) for output in made())


def test_the_schemas_have_the_kinds_and_tasks_of_the_tables():
    dataset = config.schema("dataset")
    assert dataset["properties"]["kind"]["enum"] == [name for name in kinds.DATASET_KINDS if name != "fold"]
    assert dataset["$defs"]["part"]["properties"]["task"]["enum"] == [
        name for name, task in kinds.TASKS.items() if task.of_dataset
    ]
    assert config.schema("result")["properties"]["task"]["enum"] == list(kinds.TASKS)


@pytest.mark.parametrize(
    ("features", "kind", "file"),
    [
        ("patches_2_5", feature_kinds.PATCHES, "data/patches/patches_val_X_2_5.hdf5"),
        ("bow", feature_kinds.BOW, "data/train_data/X_val_bow_X.npz"),
        ("w2v", feature_kinds.W2V, "data/train_data/X_val_w2v_X.npz"),
        ("pictures", feature_kinds.PICTURES, "data/pictures/pictures_val_X.hdf5"),
        ("colours", feature_kinds.COLOURS, "data/train_data/X_val_colours_X.npz"),
        ("a_b-pred_dense1", feature_kinds.LAYER, "data/train_data/X_val_a_b-pred_dense1_X.npz"),
        ("bow-pred_dense1", feature_kinds.LAYER, "data/train_data/X_val_bow-pred_dense1_X.npz"),
        ("mine", feature_kinds.GIVEN, "data/train_data/X_val_mine_X.npz"),
        ("patches_mean", feature_kinds.GIVEN, "data/train_data/X_val_patches_mean_X.npz"),
    ],
)
def test_the_name_of_features_tells_their_kind_and_file(features, kind, file):
    assert feature_kinds.kind_of(features) is kind
    assert feature_kinds.feature_file(features, "val", "X") == file


@pytest.mark.parametrize(
    "features",
    ["patches_1_0", "patches_0_15", "patches_1_1,5", "patches_01_5", "patches_1_0.50", "patches_1_1.0", "patches_1_.5"],
)
def test_patches_have_a_number_and_a_length_that_are_written_in_one_way(features):
    with pytest.raises(TartarusError, match=r"n patches, 1 or more, of so many seconds, .* write patches_1_15 or"):
        feature_kinds.kind_of(features)


@pytest.mark.parametrize(("seconds", "frames"), [("0.5", 10), ("2.25", 48), ("10.05", 216), ("15", 322)])
def test_patches_may_be_of_parts_of_seconds(seconds, frames):
    features = f"patches_4_{seconds}"
    assert feature_kinds.kind_of(features) is feature_kinds.PATCHES
    assert feature_kinds.feature_file(features, "val", "X") == f"data/patches/patches_val_X_4_{seconds}.hdf5"
    audio = {"type": "cqt", "sample_rate": 22050, "hop": 1024, "bins": 96}
    assert feature_kinds.row_shape(features, {"audio": audio}) == (1, frames, 96)


@pytest.mark.parametrize("kind", feature_kinds.KINDS, ids=lambda kind: kind.name)
def test_what_makes_a_kind_of_features_is_a_rule_with_its_script(kind):
    rules = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "rules").glob("*.smk"))
    assert not kind.made_by or f"\nrule {kind.made_by}:" in rules
    assert not kind.made_by or (ROOT / f"workflow/scripts/{kind.made_by}.py").is_file()
