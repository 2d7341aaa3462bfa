"""What is rebuilt after a change: exactly what depends on it."""

import os
import shutil
import time

import yaml
from tartarus.items.tables import read_rows, write_rows

from .conftest import add_mini

TEXT = ("dummy_text_vsm_bow", "dummy_text_w2v_w2v")
AUDIO, FUSION = "dummy_audio", "dummy_multimodal_audio_bow"
TRAINING = {
    "dummy_audio": "train_mini_dummy_audio",
    "dummy_text_vsm_bow": "train_mini_dummy_text_vsm",
    "dummy_text_w2v_w2v": "train_mini_dummy_text_w2v",
    FUSION: "train_mini_dummy_multimodal",
}
LAYERS = {
    "dummy_audio": "predict_layer dummy_audio flatten MINI",
    "dummy_text_vsm_bow": "predict_layer dummy_text_vsm_bow dense2 MINI",
}


def after_training(*models: str) -> set[str]:
    """The jobs that follow when these models are trained anew."""
    jobs = {"table mini", "plot_classes mini", "shown_items mini", "page mini", "report mini"}
    jobs |= {f"plot_map mini {layer}" for layer in ("dummy_audio-pred_flatten", "dummy_text_vsm_bow-pred_dense2")}
    for model in models:
        jobs |= {f"predict mini {model}", f"evaluate mini {model}"}
        jobs |= {f"plot_confusion mini {model}", f"plot_learning_curves mini {model}", f"item_by_item mini {model}"}
        jobs |= {LAYERS[model]} if model in LAYERS else set()
    return jobs


def training(*models: str) -> set[str]:
    return {f"{TRAINING[model]} mini {model}" for model in models} | after_training(*models)


def test_a_second_run_has_nothing_to_do(finished):
    assert "Nothing to be done" in finished.run("-n", "mini")
    assert finished.planned("mini") == set()


def test_touching_every_file_makes_nothing_stale(finished):
    files = sorted(path for path in finished.path.rglob("*") if path.is_file() and ".snakemake" not in path.parts)
    now = time.time()
    # Backwards through the alphabet and a second apart: many an input becomes newer than its output.
    for number, path in enumerate(reversed(files)):
        os.utime(path, (now - len(files) + number,) * 2)
    assert finished.planned("mini") == set()


def test_editing_a_lyric_rebuilds_the_text_branch_and_the_fusion(finished):
    finished.edit("data/raw/MINI/text/D010.txt", "\n", " moonlight\n")
    expected = {"texts MINI", "bow MINI", "w2v MINI"} | training(*TEXT, FUSION)
    assert finished.planned("mini") == expected


def test_another_sound_rebuilds_its_shard_once(finished):
    tables = [f"data/spectrograms/tracks_MINI_train-{number}.tsv" for number in (0, 1)]
    shutil.copyfile(finished.path / "data/raw/MINI/audio/D005.wav", finished.path / "data/raw/MINI/audio/D001.wav")
    (shard,) = (f"train-{number}" for number in (0, 1) if _has(finished.path / tables[number], "D001"))
    assert finished.planned(*tables) == {f"spectrograms_cqt MINI {shard}"}
    finished.run(*tables)
    assert finished.planned(*tables) == set()


def _has(table, id_: str) -> bool:
    return any(row["id"] == id_ for row in read_rows(table))


def test_adding_a_track_rebuilds_its_shard_its_set_and_what_follows(finished):
    folder = finished.path / "data/raw/MINI"
    shutil.copy2(folder / "audio/D001.wav", folder / "audio/new.wav")
    shutil.copy2(folder / "text/D001.txt", folder / "text/new.txt")
    table = folder / "items.tsv"
    row = next(line for line in table.read_text(encoding="utf-8").splitlines() if line.startswith("D001"))
    assert "\ttrain\t" in row
    with table.open("a", encoding="utf-8") as file:
        file.write(row.replace("D001", "new") + "\n")
    planned = finished.planned("mini")
    shards = {job for job in planned if job.startswith("spectrograms_cqt")}
    assert shards in ({"spectrograms_cqt MINI train-0"}, {"spectrograms_cqt MINI train-1"})
    assert planned - shards == {
        "index train MINI",
        "targets train 4 MINI",
        "patches train MINI 2 2",
        "texts MINI",
        "bow MINI",
        "w2v MINI",
        "plot_spectrograms mini MINI",
    } | training(AUDIO, *TEXT, FUSION)


def test_new_rows_of_a_table_without_sets_move_no_old_row(fresh):
    add_mini(fresh)
    table = fresh.path / "data/raw/MINI/items.tsv"
    rows = [{name: cell for name, cell in row.items() if name != "set"} for row in read_rows(table)]
    write_rows(table, rows)
    indexes = [f"data/splits/items_index_{set_}_MINI.tsv" for set_ in ("train", "val", "test")]

    def sets() -> list[set[str]]:
        return [set((fresh.path / index).read_text(encoding="utf-8").split()) for index in indexes]

    # A dry run writes nothing.
    assert fresh.planned(*indexes) == {f"index {set_} MINI" for set_ in ("train", "val", "test")}
    assert not (fresh.path / "data/splits").exists()
    fresh.run(*indexes)
    assert fresh.planned(*indexes) == set()
    old = sets()
    new = [{**rows[0], "id": f"N{number}", "group": f"artist {number}"} for number in range(20)]
    write_rows(table, new + rows)
    planned = fresh.planned(*indexes)
    fresh.run(*indexes)
    found = sets()
    assert all(before <= after for before, after in zip(old, found, strict=True))
    assert sum(map(len, found)) == len(rows) + 20
    assert planned == {
        job
        for job, before, after in zip(
            ("index train MINI", "index val MINI", "index test MINI"), old, found, strict=True
        )
        if before != after
    }


def test_editing_a_comment_or_a_docstring_makes_nothing_stale(finished):
    file = "workflow/scripts/tartarus/learning/losses.py"
    finished.edit(file, "    ops = keras.ops\n", "    # A remark.\n    ops = keras.ops\n")
    finished.edit(file, '"""Compute the cosine loss', '"""Compute the well-known cosine loss')
    finished.edit("workflow/scripts/train.py", '"""Train', '"""Really train')
    assert finished.planned("mini") == set()


def test_editing_a_function_of_the_losses_retrains(finished):
    finished.edit("workflow/scripts/tartarus/learning/losses.py", "(1 - product) / 2", "(1 - product) * 0.5")
    assert finished.planned("mini") == training(AUDIO, *TEXT, FUSION)


def test_editing_the_spectrograms_rebuilds_the_audio_branch(finished):
    file = "workflow/scripts/tartarus/features/sound/mpeg.py"
    finished.edit(file, "self.count + self.lost < self.announced", "self.announced > self.count + self.lost")
    shards = {f"spectrograms_cqt MINI {set_}-{number}" for set_ in ("train", "val", "test") for number in (0, 1)}
    patches = {f"patches {set_} MINI 2 2" for set_ in ("train", "val", "test")}
    assert finished.planned("mini") == shards | patches | {"plot_spectrograms mini MINI"} | training(AUDIO, FUSION)


def test_changing_the_dropout_retrains_that_experiment_and_its_dependants(finished):
    path = finished.path / "config/experiments/mini.yaml"
    family = yaml.safe_load(path.read_text(encoding="utf-8"))
    family["experiments"]["dummy_text_vsm"]["network"] = {"dropout": 0.25}
    path.write_text(yaml.safe_dump(family), encoding="utf-8")
    assert finished.planned("mini") == training("dummy_text_vsm_bow", FUSION)


def test_reordering_keys_makes_nothing_stale(finished):
    for path in [finished.path / "config/config.yaml", *(finished.path / "config").glob("*/*.yaml")]:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
        path.write_text(yaml.safe_dump(_reversed(values), sort_keys=False), encoding="utf-8")
    assert finished.planned("mini") == set()


def _reversed(values):
    # The order of experiments is that of the table: it means something, and stays.
    if not isinstance(values, dict):
        return values
    return {
        key: values[key] if key in ("experiments", "files") else _reversed(values[key])
        for key in reversed(list(values))
    }


def test_how_the_work_is_shared_out_makes_nothing_stale(finished, overlay):
    shared = overlay({"datasets": {"MINI": {"audio": {"workers": 2}}}})
    assert "Nothing to be done" in finished.run("-n", "mini", "--configfile", shared)


def test_deleting_a_result_evaluates_it_again(finished):
    result = f"results/mini/{AUDIO}.json"
    (finished.path / result).unlink()
    assert finished.planned(result) == {f"evaluate mini {AUDIO}"}
    followers = {f"evaluate mini {AUDIO}", f"plot_confusion mini {AUDIO}", "plot_classes mini", "table mini"}
    followers |= {"page mini", "report mini"}
    assert finished.planned("mini") == followers


def test_a_new_seed_leaves_the_trained_ones_alone(finished):
    path = finished.path / "config/experiments/mini.yaml"
    family = yaml.safe_load(path.read_text(encoding="utf-8"))
    family["experiments"]["dummy_audio"]["seeds"] = [1, 2, 3]
    path.write_text(yaml.safe_dump(family), encoding="utf-8")
    planned = finished.planned(f"data/predictions/mini/{AUDIO}/test.npz")
    assert planned == {f"train_mini_{AUDIO}_from_seed_3 mini {AUDIO}", f"predict mini {AUDIO}"}
