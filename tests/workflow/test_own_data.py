"""Names in the texts of a dataset of one's own, and the check of its table."""

import csv

import numpy as np
from tartarus.items.tables import read_rows

from tests.workflow.conftest import House

SEM = [f"data/train_data/X_{set_}_sem_MINI.npz" for set_ in ("train", "val", "test")]
CHECK = "data/raw/MINI/CHECK.tsv"


def check_of(house: House) -> list[dict[str, str]]:
    with (house.path / CHECK).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, dialect="excel-tab"))


def test_names_in_texts_become_words_and_another_gazetteer_other_features(finished: House) -> None:
    finished.run(*SEM)
    with np.load(finished.path / "data/train_data/vocabulary_sem_MINI.npz") as vocabulary:
        words = set(vocabulary["words"].tolist())
    assert {"guitar_groups", "cities_with_clubs"} <= words
    assert finished.planned(*SEM) == set()
    finished.edit("data/raw/MINI/gazetteer.tsv", "guitar groups", "bands")
    assert finished.planned(*SEM) == {"sem MINI"}
    (finished.path / "data/raw/MINI/gazetteer.tsv").unlink()
    assert "no names are known of these texts; write gazetteer.tsv beside the table of items" in finished.fails(*SEM)


def test_texts_in_a_table_with_commas_are_those_of_the_files(finished: House) -> None:
    folder, vectors = finished.path / "data/raw/MINI", "data/train_data/X_test_bow_MINI.npz"
    with np.load(finished.path / vectors) as former:
        before = {key: former[key] for key in former.files}
    rows = [
        {**row, "words": (folder / row["text"]).read_text(encoding="utf-8") or " ", "text": ""}
        for row in read_rows(folder / "items.tsv")
    ]
    with (folder / "items.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    assert "which of the two counts? delete the other one" in finished.fails("-n", vectors)
    (folder / "items.tsv").unlink()
    finished.run(vectors)
    with np.load(finished.path / vectors) as now:
        assert set(now.files) == set(before)
        for key, values in before.items():
            np.testing.assert_array_equal(now[key], values)
    assert finished.planned(vectors) == set()
    finished.edit("data/raw/MINI/items.csv", rows[0]["words"].split()[0], "elsewhere")
    assert {"texts MINI", "bow MINI"} == finished.planned(vectors)


def test_the_check_tells_all_that_is_wrong_though_nothing_can_be_planned(finished: House) -> None:
    finished.edit("data/raw/MINI/items.tsv", "D006\taudio/D006.wav", "D005\taudio/D006.wav")
    finished.edit("data/raw/MINI/items.tsv", "audio/D008.wav", "audio/gone.wav")
    finished.edit("data/raw/MINI/items.tsv", "audio/D011.wav", "audio/D001.wav")
    assert "row 7: id 'D005' stands in row 6 already" in finished.fails("-n", "mini")
    # Of an item that is no longer there.
    played = [
        str(number)
        for number, row in enumerate(read_rows(finished.path / "data/raw/MINI/plays.tsv"), start=2)
        if row["item"] == "D006"
    ]
    folder = finished.path / "data/raw/MINI"
    wordless = [
        str(number)
        for number, row in enumerate(read_rows(folder / "items.tsv"), start=2)
        if not (folder / row["text"]).read_text(encoding="utf-8").strip()
    ]
    assert played
    assert "5" in wordless  # and instrumentals
    said = finished.run(CHECK)
    found = [(row["status"], row["row"], row["column"]) for row in check_of(finished)]
    assert found == [
        ("wrong", "7", "id"),
        ("wrong", "4", "audio"),  # noise instead of sound
        ("wrong", "9", "audio"),
        *(("wrong", number, "item") for number in played),
        *(("odd", number, "text") for number in wordless),
        ("odd", "", ""),
        ("odd", "12", "audio"),  # the same as that of D001, which is in another set
        ("odd", "", "item"),  # played by nobody
    ]
    assert f"CHECK.tsv: {3 + len(played)} wrong" in said
    assert finished.planned(CHECK) == set()
    (finished.path / "data/raw/MINI/audio/gone.wav").write_bytes(
        (finished.path / "data/raw/MINI/audio/D008.wav").read_bytes()
    )
    assert finished.planned(CHECK) == {"check_table MINI"}
    finished.run(CHECK)
    assert [row["row"] for row in check_of(finished) if row["status"] == "wrong"] == ["7", "4", *played]
