"""DEMO, the synthesised world: its size, its meaning, and that it is the same everywhere."""

import re
import runpy
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image
from tartarus.base import files
from tartarus.base.errors import TartarusError
from tartarus.items import demo, tables, targets
from tartarus.plan import config

from tests.paths import ROOT, SHIPPED

DIGESTS = ROOT / "tests/data"


@pytest.fixture(scope="module")
def shipped() -> list[demo.Row]:
    """The rows of the dataset as it is shipped."""
    settings = config.read_yaml(SHIPPED / "datasets" / "DEMO.yaml")["synthesis"]
    return demo.rows(tracks_per_artist=settings["tracks_per_artist"])


@pytest.fixture(scope="module")
def maker() -> dict[str, Callable]:
    """The program that made the digests of the small world."""
    return runpy.run_path(str(DIGESTS / "make_demo_digest.py"), run_name="imported")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, maker: dict[str, Callable]) -> Path:
    """A small world in files."""
    folder = tmp_path_factory.mktemp("demo")
    demo.write(folder, **maker["WORLD"])
    return folder


# --- What there is ---------------------------------------------------------------------------------------


def test_the_world_is_as_large_as_it_says(shipped: list[demo.Row]) -> None:
    assert len(shipped) >= 96
    assert len({row["id"] for row in shipped}) == len(shipped)
    assert Counter(row["genre"] for row in shipped) == dict.fromkeys(demo.GENRES, len(shipped) // 4)
    assert len(demo.GENRES) == 4
    labels = {label for row in shipped for label in row["labels"].split("|")}
    assert labels == set(demo.LABELS)
    assert len(demo.LABELS) == 12
    assert len({row["group"] for row in shipped}) == 24
    assert len({row["album"] for row in shipped}) >= 12


def test_its_listing_in_the_configuration_is_true(shipped: list[demo.Row]) -> None:
    settings = config.read_yaml(SHIPPED / "datasets" / "DEMO.yaml")
    tracks, seconds, genres, labels, artists, albums, listeners, names = map(int, re.findall(r"\d+", settings["holds"]))
    assert (tracks, genres, labels) == (len(shipped), len(demo.GENRES), len(demo.LABELS))
    assert artists == len({row["group"] for row in shipped})
    assert names == len(demo.gazetteer())
    assert albums == len({row["album"] for row in shipped})
    assert (seconds, listeners) == (settings["synthesis"]["seconds"], settings["synthesis"]["listeners"])


def test_every_artist_is_in_one_set_and_every_genre_in_all(shipped: list[demo.Row]) -> None:
    sets, genres = defaultdict(set), defaultdict(set)
    for row in shipped:
        sets[row["group"]].add(row["set"])
        genres[row["genre"]].add(row["set"])
    assert all(len(found) == 1 for found in sets.values())
    assert all(found == {"train", "val", "test"} for found in genres.values())
    assert Counter(next(iter(found)) for found in sets.values()) == {"train": 12, "val": 4, "test": 8}


def test_an_album_is_of_one_artist(shipped: list[demo.Row]) -> None:
    artists = defaultdict(set)
    for row in shipped:
        artists[row["album"]].add(row["group"])
    assert all(len(found) == 1 for found in artists.values())


def test_every_track_has_its_genre_and_at_least_one_mood_of_it(shipped: list[demo.Row]) -> None:
    for row in shipped:
        labels = row["labels"].split("|")
        assert labels[0] == row["genre"]
        assert len(labels) == len(set(labels)) >= 2
        assert set(labels) <= set(demo.LABELS)


def test_the_listeners_play_more_of_the_genre_that_they_love(shipped: list[demo.Row]) -> None:
    played = demo.plays(shipped, listeners=200, seed=1)
    assert len({row["user"] for row in played}) == 200
    assert {row["item"] for row in played} <= {row["id"] for row in shipped}
    assert len({(row["user"], row["item"]) for row in played}) == len(played)
    assert all(int(row["count"]) >= 1 for row in played)
    genre = {row["id"]: row["genre"] for row in shipped}
    shares = []
    for user in {row["user"] for row in played}:
        counts = Counter(genre[row["item"]] for row in played if row["user"] == user)
        shares.append(max(counts.values()) / sum(counts.values()))
    # Of 36 tracks of each genre 14.4 of the loved, 5.4 of the liked and 1.4 of the others are expected.
    assert np.mean(shares) == pytest.approx(14.4 / (14.4 + 5.4 + 1.44), abs=0.05)


# --- What the senses tell --------------------------------------------------------------------------------

ALIKE = {("disco", "house"): "sound", ("house", "rock"): "words", ("rock", "ambient"): "cover"}


def senses(genre: str, id_: str, seed: int = 1) -> dict[str, bytes]:
    """Make the same track in a genre, as every sense perceives it."""
    return {
        "sound": demo.sound(genre, id_, "artist", seconds=0.5, seed=seed).tobytes(),
        "words": demo.lyric(genre, id_, seed=seed).encode(),
        "cover": demo.cover(genre, "album", seed=seed).tobytes(),
    }


@pytest.mark.parametrize("pair", ALIKE, ids="-".join)
def test_one_sense_confuses_two_genres_and_the_others_tell_them_apart(pair: tuple[str, str]) -> None:
    for id_ in ("D001", "D002", "D004"):
        first, second = (senses(genre, id_) for genre in pair)
        for sense, perceived in first.items():
            assert (perceived == second[sense]) == (sense == ALIKE[pair])


def test_genres_that_no_sense_confuses_differ_in_all() -> None:
    for first, second in (("disco", "rock"), ("disco", "ambient"), ("house", "ambient")):
        one, two = senses(first, "D001"), senses(second, "D001")
        assert all(one[sense] != two[sense] for sense in one)


def test_about_one_track_in_sixteen_is_not_typical() -> None:
    # An untypical track sounds the same whatever its genre is said to be.
    ids = [f"D{number}" for number in range(1000)]
    untypical = [
        np.array_equal(*(demo.sound(genre, id_, "artist", seconds=0.05, seed=1) for genre in ("rock", "ambient")))
        for id_ in ids
    ]
    # Four deviations of a binomial distribution.
    assert abs(sum(untypical) - 1000 / 16) < 4 * np.sqrt(1000 * 1 / 16 * 15 / 16)


def words(genre: str) -> Counter[str]:
    """Count the words of many lyrics of a genre."""
    return Counter(word for number in range(200) for word in demo.lyric(genre, f"X{number}", seed=1).lower().split())


def test_every_kind_of_words_has_its_vocabulary_and_a_common_one() -> None:
    # disco: night; house and rock: road; ambient: sea.
    vocabularies = {genre: set(words(genre)) for genre in demo.GENRES}
    assert vocabularies["house"] == vocabularies["rock"]
    common = vocabularies["disco"] & vocabularies["house"] & vocabularies["ambient"]
    own = {genre: vocabularies[genre] - common for genre in ("disco", "house", "ambient")}
    assert {genre: len(found) for genre, found in own.items()} == {"disco": 20, "house": 20, "ambient": 20}
    assert not own["disco"] & own["house"]
    assert not own["house"] & own["ambient"]
    assert not own["disco"] & own["ambient"]
    for genre, word in (("disco", "night"), ("house", "road"), ("ambient", "sea")):
        assert word in own[genre]
        counts = words(genre)
        share = sum(counts[found] for found in own[genre]) / counts.total()
        assert share == pytest.approx(0.25, abs=0.02)


def test_lyrics_have_6_to_12_lines_of_4_to_7_words() -> None:
    lengths, widths = set(), set()
    for number in range(300):
        text = demo.lyric("rock", f"X{number}", seed=1)
        if text:
            assert text.endswith("\n")
            lines = text.splitlines()
            lengths.add(len(lines))
            widths |= {len(line.split()) for line in lines}
    assert lengths == set(range(6, 13))
    assert widths == set(range(4, 8))


def test_an_instrumental_track_is_labelled_so_and_has_no_words(shipped: list[demo.Row]) -> None:
    for row in shipped:
        assert ("instrumental" in row["labels"].split("|")) == (demo.lyric(row["genre"], row["id"], seed=1) == "")
        assert (demo.lyric(row["genre"], row["id"], seed=1) == "") == (demo.text(row, seed=1) == "")


def mentioned(row: demo.Row) -> list[demo.Row]:
    """List the rows of the gazetteer whose name is in each of the last lines of a track's text."""
    words, text = demo.lyric(row["genre"], row["id"], seed=1), demo.text(row, seed=1)
    assert text.startswith(words)
    lines = text.removeprefix(words).splitlines()
    return [
        next(entry for entry in demo.gazetteer() if f" {entry['entity']} " in line or f" {entry['aliases']} " in line)
        for line in lines
    ]


def test_every_lyric_mentions_names_that_no_other_artist_knows(shipped: list[demo.Row]) -> None:
    artists = defaultdict(set)
    for row in shipped:
        found = mentioned(row)
        assert len(found) == (0 if "instrumental" in row["labels"].split("|") else 3)
        for entry in found:
            artists[entry["entity"]].add(row["group"])
    assert all(len(groups) == 1 for groups in artists.values())
    # What names are made of, beside what all of a kind have in common, stands in no other name.
    words = Counter(word for entry in demo.gazetteer() for word in set(entry["entity"].split()))
    assert {word for word, count in words.items() if count > 1} == {"Quartet", "Port", "Harp"}


def test_what_names_are_tells_house_from_rock_in_most_tracks_only(shipped: list[demo.Row]) -> None:
    guitars = {"guitar groups", "cities with garages", "string instruments"}
    shares: dict[str, list[int]] = defaultdict(list)
    for row in shipped:
        found = [bool(guitars & set(entry["categories"].split("|"))) for entry in mentioned(row)]
        if found:
            shares[row["genre"]].append(sum(found) >= 2)
    means = {genre: np.mean(found) for genre, found in shares.items()}
    # Of three names of which three quarters are typical, most are in 27 of 32 cases. Three deviations.
    for genre, expected in (("house", 5 / 32), ("disco", 1 / 2), ("ambient", 1 / 2), ("rock", 27 / 32)):
        assert abs(means[genre] - expected) < 3 * np.sqrt(expected * (1 - expected) / len(shares[genre])), means


def test_dance_music_has_two_beats_a_second() -> None:
    # Four to the floor at 114 to 126 beats a minute: the energy of the lowest tones comes back with the beat.
    for id_ in ("D001", "D002", "D003", "D005"):
        samples = demo.sound("disco", id_, "artist", seconds=8, seed=1).astype(float)
        low = samples[: len(samples) // 441 * 441].reshape(-1, 441).mean(axis=1)  # 50 values a second
        energy = low**2 - (low**2).mean()
        echo = np.correlate(energy, energy, "full")[len(energy) :]
        beat = 20 + np.argmax(echo[19:31])  # between 0.4 and 0.6 s
        assert 60 / 126 - 0.02 <= beat / 50 <= 60 / 114 + 0.02


def test_sounds_are_neither_silent_nor_clipped(shipped: list[demo.Row]) -> None:
    for row in shipped[::12]:
        samples = demo.sound(row["genre"], row["id"], row["group"], seconds=1, seed=1)
        assert samples.dtype == np.int16
        assert len(samples) == demo.SAMPLE_RATE
        loudness = np.sqrt((samples.astype(float) ** 2).mean()) / 32768
        assert 0.01 < loudness < 0.7
        assert (np.abs(samples.astype(int)) == 32767).mean() < 0.01


# --- Files -----------------------------------------------------------------------------------------------


def test_the_files_are_those_that_are_announced(small: Path, maker: dict[str, Callable]) -> None:
    rows = demo.rows(tracks_per_artist=maker["WORLD"]["tracks_per_artist"])
    found = {path.relative_to(small).as_posix() for path in small.rglob("*") if path.is_file()}
    assert found == set(demo.files(rows))


def test_the_table_is_a_table_of_items(small: Path) -> None:
    items = tables.read_items(small / "items.tsv", label_column="genre")
    assert len(items) == 48
    assert targets.classes_of(items, source="x") == sorted(demo.GENRES)
    for item in items:
        assert all((small / item.path(modality)).is_file() for modality in ("audio", "text", "image"))
    # As the other column has it, an item has several classes.
    assert any(len(item.labels) > 2 for item in tables.read_items(small / "items.tsv"))


def test_the_files_can_be_read_by_others(small: Path, maker: dict[str, Callable]) -> None:
    row = demo.rows(tracks_per_artist=2)[0]
    world = maker["WORLD"]
    samples, rate = soundfile.read(small / row["audio"], dtype="int16")
    assert rate == 22050
    expected = demo.sound(row["genre"], row["id"], row["group"], seconds=world["seconds"], seed=world["seed"])
    np.testing.assert_array_equal(samples, expected)
    with Image.open(small / row["image"]) as image:
        np.testing.assert_array_equal(np.array(image), demo.cover(row["genre"], row["album"], seed=world["seed"]))
    text = (small / row["text"]).read_text(encoding="utf-8")
    assert text == demo.text(row, seed=world["seed"])
    assert tables.read_rows(small / "gazetteer.tsv") == demo.gazetteer()


def test_the_same_seed_makes_the_same_bytes_and_another_others(
    small: Path, tmp_path: Path, maker: dict[str, Callable]
) -> None:
    for name, seed in (("same", 1), ("other", 2)):
        demo.write(tmp_path / name, **{**maker["WORLD"], "seed": seed})
    first, same, other = (maker["digests"](folder) for folder in (small, tmp_path / "same", tmp_path / "other"))
    assert first == same
    # Of the tables, that of the items does not depend on the seed, but that of the plays does.
    assert not set(first.values()) & set(other.values())
    assert (small / "items.tsv").read_bytes() == (tmp_path / "other" / "items.tsv").read_bytes()


@pytest.mark.parametrize("kind", ["audio", "text", "image", "tables"])
def test_the_world_is_the_same_on_every_machine(small: Path, maker: dict[str, Callable], kind: str) -> None:
    lines = (DIGESTS / "demo.sha256").read_text(encoding="utf-8").splitlines()
    committed = dict(reversed(line.split("  ")) for line in lines)
    assert set(committed) == {"audio", "text", "image", "tables"}
    assert maker["digests"](small)[kind] == committed[kind]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full, the disk that is always full")
@pytest.mark.parametrize("name", ["audio/D001.wav", "text/D001.txt"])
def test_a_full_disk_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True)
    files.temporary(tmp_path / name).symlink_to("/dev/full")
    with pytest.raises(TartarusError, match=f"{name}: the disk is full, nothing was written"):
        demo.write(tmp_path, tracks_per_artist=1, seconds=1, listeners=1, seed=1)
