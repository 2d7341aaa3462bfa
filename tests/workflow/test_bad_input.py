"""Bad input: what the command line says, and that nothing is lost or half-written."""

import os
import re
import time
from pathlib import Path

import pytest
import yaml

from .conftest import add_mini


def said(text: str) -> str:
    """What was said, on one line, for messages are broken where the screen ends."""
    return re.sub(r"\s+", " ", text)


@pytest.fixture
def raw(fresh):
    """A house with a dataset of one's own, in which nothing was run."""
    add_mini(fresh)
    return fresh


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("results/demo/dummy_adio.json", "no such experiment; did you mean 'dummy_audio'? Known: dummy_audio,"),
        ("results/demo/dummy_text_vsm_bwo.json", "the dataset DEMO has no setting 'bwo'; did you mean 'bow'? Known:"),
        (
            "results/demo/dummy_text_vsm.json",
            "takes 1 settings in its name, found 0; the settings of DEMO are: VSM-SEM, audio,",
        ),
        ("results/demmo/dummy_audio.json", "no family 'demmo' in config/experiments; did you mean 'demo'?"),
        (
            "data/patches/patches_train_DEMO_1_0.50.hdf5",
            "'patches_1_0.50': patches_<n>_<sec> are n patches, 1 or more",
        ),
        ("data/train_data/X_train_bow_DEMMO.npz", "no dataset 'DEMMO' in config/datasets; did you mean 'DEMO'?"),
        ("data/train_data/X_train_dummy_adio-pred_flatten_DEMO.npz", "no experiment 'dummy_adio' on DEMO"),
    ],
)
def test_an_unknown_name_in_a_target_lists_what_exists(fresh, target, message):
    text = said(fresh.fails("-n", target))
    assert message in text
    assert "Traceback (most recent call last)" not in text


@pytest.mark.parametrize(
    ("file", "keys", "message"),
    [
        ("config.yaml", ["audio", "hopp"], "config.yaml: audio: unknown key 'hopp'; did you mean 'hop'?"),
        ("datasets/DEMO.yaml", ["clases"], "DEMO.yaml: unknown key 'clases'; did you mean 'classes'?"),
        (
            "experiments/super.yaml",
            ["experiments", "dummy_audio", "network", "filter"],
            "super.yaml: experiments: dummy_audio: network: unknown key 'filter'; did you mean 'filters'?",
        ),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_known_one(fresh, file, keys, message):
    path = fresh.path / "config" / file
    values = yaml.safe_load(path.read_text(encoding="utf-8"))
    inner = values
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = 1
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    text = said(fresh.fails("-n"))
    assert message in text
    assert "Traceback (most recent call last)" not in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\nseed: 2\n", "the key 'seed' stands twice"),
        ("\nlaughs: &a [*a]\n", "an alias within what it stands for"),
        ("\nmirror_: 2024-02-30\n", "'2024-02-30' is no date that can be used"),
    ],
)
def test_config_yaml_is_checked_before_snakemake_reads_it(fresh, text, message):
    path = fresh.path / "config/config.yaml"
    before = path.read_text(encoding="utf-8")
    path.write_text(before + text, encoding="utf-8")
    told = said(fresh.fails("-n"))
    assert f"config.yaml: line {before.count(chr(10)) + 2}: {message}" in told
    assert "Traceback (most recent call last)" not in told


def test_an_overlay_is_named_where_it_is_wrong(fresh, overlay):
    path = overlay({"audio": {"hop": 0}})
    assert f"{path}: audio: hop: 0 is less than the minimum of 1" in said(fresh.fails("-n", "--configfile", path))


def _append(house, row: str) -> None:
    with (house.path / "data/raw/MINI/items.tsv").open("a", encoding="utf-8") as file:
        file.write(row + "\n")


GOOD = "X1\taudio/D001.wav\ttext/D001.txt\t\tdisco\tdisco\ttrain\tanybody\tnone"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (GOOD.replace("X1", "D001"), "items.tsv: row 50: id 'D001' stands in row 2 already; ids must be unique"),
        (
            GOOD.replace("anybody", "disco-artist-6"),
            "group 'disco-artist-6' is in two sets: id 'D011' in test, id 'X1' in train",
        ),
    ],
)
def test_a_bad_row_of_the_table_is_named(raw, row, message):
    _append(raw, row)
    text = said(raw.fails("-n", "mini"))
    assert message in text
    assert "Traceback (most recent call last)" not in text


def test_a_column_by_another_name_stops_before_anything_runs(raw):
    raw.edit("data/raw/MINI/items.tsv", "\tset\t", "\tsplit\t")
    text = said(raw.fails("-n", "mini"))
    assert "items.tsv: row 1: the column 'split' would not be used; rename it to 'set'" in text
    assert "Traceback (most recent call last)" not in text


def test_columns_that_are_not_used_are_told_once(raw):
    raw.edit("data/raw/MINI/items.tsv", "\talbum\n", "\tyear\n")
    text = said(raw.run("data/splits/items_index_train_MINI.tsv"))
    assert text.count("data/raw/MINI/items.tsv: columns that are not used: labels, year") == 1


def test_a_missing_table_is_named_with_what_to_do(raw):
    (raw.path / "data/raw/MINI/items.tsv").unlink()
    assert "data/raw/MINI/items.tsv: not found; put the table of the dataset there" in said(raw.fails("-n", "mini"))


def test_a_sound_dated_in_the_future_is_named_before_anything_is_computed(raw):
    path = raw.path / "data/raw/MINI/audio/D001.wav"
    os.utime(path, (time.time() + 7200,) * 2)
    text = said(raw.fails("-n", "mini"))
    assert "data/raw/MINI/audio/D001.wav: dated 2.0 hours in the future; correct the clock, or touch the file" in text


def test_more_lost_tracks_than_allowed_stop_the_run_and_are_named(finished, overlay):
    strict = overlay({"datasets": {"MINI": {"max_missing": 0.01}}})
    patches = "data/patches/patches_train_MINI_2_2.hdf5"
    text = said(finished.fails(patches, "--configfile", strict))
    assert "2 of 24 train tracks of MINI" in text
    assert "D002 (missing), D003 (undecodable)" in text
    assert "mend them, or raise max_missing" in text
    assert not (finished.path / patches).exists()


def test_an_item_without_its_modality_is_named_in_the_log(finished):
    text = "".join(
        path.read_text(encoding="utf-8") for path in (finished.path / "logs/spectrograms").glob("*train*.log")
    )
    assert "track D002 is missing: no audio in the table" in text
    assert "track D003 is undecodable: data/raw/MINI/audio/D003.wav:" in text


@pytest.mark.original
def test_a_truncated_mp3_is_left_out_and_named(finished, mirror):
    whole = (mirror / "SUPER/audio/berlina.mp3").read_bytes()
    (finished.path / "data/raw/MINI/audio/D001.mp3").write_bytes(whole[: len(whole) // 3])
    finished.edit("data/raw/MINI/items.tsv", "audio/D001.wav", "audio/D001.mp3")
    shards = [f"data/spectrograms/tracks_MINI_train-{number}.tsv" for number in (0, 1)]
    text = said(finished.run(*shards))
    assert "track D001 is undecodable: data/raw/MINI/audio/D001.mp3: truncated: it breaks off after 10.0 s" in text
    rows = "".join((finished.path / shard).read_text(encoding="utf-8") for shard in shards)
    assert re.search(r"^D001\tundecodable\t", rows, re.MULTILINE)


def test_a_text_that_is_not_utf8_is_named(finished):
    (finished.path / "data/raw/MINI/text/D005.txt").write_bytes("canción".encode("latin-1"))
    text = said(finished.fails("data/texts/texts_MINI.jsonl"))
    assert "data/raw/MINI/text/D005.txt: not UTF-8 (byte 0xf3 at position 5); convert it" in text
    assert "iconv" in text


def test_a_layer_that_the_model_lacks_lists_the_layers(finished):
    target = "data/train_data/X_train_dummy_audio-pred_flaten_MINI.npz"
    text = said(finished.fails(target))
    assert "has no layer 'flaten'; did you mean 'flatten'?" in text
    assert "standardise, channels-last, conv1, pool1, dropout1, conv2, pool2, dropout2, flatten, output" in text
    assert not (finished.path / target).exists()


def test_the_wrong_dimension_is_named_with_the_right_one(finished, overlay):
    wrong = overlay({"experiments": {"mini": {"experiments": {"dummy_audio": {"dim": 5}}}}})
    text = said(finished.fails("-n", "data/models/mini/dummy_audio/seed-1/model.keras", "--configfile", wrong))
    assert "the dataset has 4 classes, but the experiment says dim: 5; write dim: 4" in text


NOWHERE = {"fetch": {"plain_http": True}, "datasets": {"SUPER": {"url": "http://127.0.0.1:9/dummy-data"}}}


def test_no_network_and_no_mirror_says_which_file_to_put_where(fresh, overlay):
    # Nothing listens on the port of the discard service.
    nowhere = overlay(NOWHERE)
    text = said(fresh.fails("data/raw/SUPER/items.tsv", "--configfile", nowhere))
    assert re.search(r"Put the file at a folder <mirror>/SUPER/\S+ and name the mirror in TARTARUS_MIRROR", text)
    assert not (fresh.path / "data/raw/SUPER/audio").exists() or not any(
        (fresh.path / "data/raw/SUPER/audio").iterdir()
    )


@pytest.mark.original
def test_a_wrong_checksum_in_the_mirror_is_named(fresh, mirror, tmp_path):
    import shutil

    bad = tmp_path / "mirror"
    shutil.copytree(mirror / "SUPER", bad / "SUPER")
    file = bad / "SUPER/text/berlina.txt"
    file.chmod(0o644)
    file.write_text("another song", encoding="utf-8")
    text = said(fresh.fails("data/raw/SUPER/items.tsv", mirror=bad))
    assert re.search(r"SUPER/text/berlina.txt: wrong checksum: SHA-256 \w{64}, expected \w{64}; replace the file", text)
    assert not (fresh.path / "data/raw/SUPER/text/berlina.txt").exists()


def test_features_of_another_vocabulary_are_refused(finished):
    # Trained on other words: as if somebody had put another archive's features into place.
    import json

    import numpy as np

    path = finished.path / "data/train_data/X_test_bow_MINI.npz"
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    signature = json.loads(str(arrays["signature"]))
    arrays["signature"] = np.array(json.dumps({**signature, "vocabulary": "0" * 64}))
    np.savez(path, **arrays)
    (finished.path / "data/predictions/mini/dummy_text_vsm_bow/test.npz").unlink()
    text = said(
        finished.fails(
            "data/predictions/mini/dummy_text_vsm_bow/test.npz",
            "--allowed-rules",
            "predict",
            "--rerun-triggers",
            "mtime",
        )
    )
    assert "X_test_bow_MINI.npz: not the features of this model: vocabulary is '0000" in text


def test_a_stopped_fetch_leaves_no_half_written_file(fresh, overlay):
    nowhere = overlay(NOWHERE)
    fresh.fails("data/raw/SUPER/items.tsv", "--configfile", nowhere)
    left = [path for path in Path(fresh.path / "data/raw").rglob("*") if path.is_file()]
    assert left == []
