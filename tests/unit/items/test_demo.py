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
from scipy.stats import spearmanr
from tartarus.base import files
from tartarus.base.errors import TartarusError
from tartarus.items import (
    demo,
    demo_covers,
    demo_listeners,
    demo_sound,
    demo_tracks,
    demo_words,
    item_tables,
    tables,
    targets,
)
from tartarus.plan import config

from tests.paths import ROOT, SHIPPED

DIGESTS = ROOT / "tests/data"
ALBUM = "disco-artist-1-album-1"  # of any genre, to what the senses tell


@pytest.fixture(scope="module")
def shipped() -> list[demo_tracks.Row]:
    """The rows of the dataset as it is shipped."""
    settings = config.read_yaml(SHIPPED / "datasets" / "DEMO.yaml")["synthesis"]
    return demo_tracks.rows(tracks_per_artist=settings["tracks_per_artist"], seed=1)


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


def test_the_world_is_as_large_as_it_says(shipped: list[demo_tracks.Row]) -> None:
    assert len(shipped) >= 96
    assert len({row["id"] for row in shipped}) == len(shipped)
    assert Counter(row["genre"] for row in shipped) == dict.fromkeys(demo_tracks.GENRES, len(shipped) // 4)
    assert len(demo_tracks.GENRES) == 4
    labels = {label for row in shipped for label in row["labels"].split("|")}
    assert labels == set(demo_tracks.LABELS)
    assert len(demo_tracks.LABELS) == 12
    assert len({row["group"] for row in shipped}) == 24
    assert len({row["album"] for row in shipped}) >= 12


@pytest.mark.parametrize("name", ["DEMO", "DEMO-listeners"])
def test_its_listing_in_the_configuration_is_true(name: str) -> None:
    settings = config.read_yaml(SHIPPED / "datasets" / f"{name}.yaml")
    shipped = demo_tracks.rows(tracks_per_artist=settings["synthesis"]["tracks_per_artist"], seed=1)
    tracks, seconds, genres, labels, artists, albums, listeners, names = map(int, re.findall(r"\d+", settings["holds"]))
    assert (tracks, genres, labels) == (len(shipped), len(demo_tracks.GENRES), len(demo_tracks.LABELS))
    assert artists == len({row["group"] for row in shipped})
    assert names == len(demo_words.gazetteer())
    assert albums == len({row["album"] for row in shipped})
    assert (seconds, listeners) == (settings["synthesis"]["seconds"], settings["synthesis"]["listeners"])


def test_every_artist_is_in_one_set_and_every_genre_in_all(shipped: list[demo_tracks.Row]) -> None:
    sets, genres = defaultdict(set), defaultdict(set)
    for row in shipped:
        sets[row["group"]].add(row["set"])
        genres[row["genre"]].add(row["set"])
    assert all(len(found) == 1 for found in sets.values())
    assert all(found == {"train", "val", "test"} for found in genres.values())
    assert Counter(next(iter(found)) for found in sets.values()) == {"train": 12, "val": 4, "test": 8}


def test_an_album_is_of_one_artist(shipped: list[demo_tracks.Row]) -> None:
    artists = defaultdict(set)
    for row in shipped:
        artists[row["album"]].add(row["group"])
    assert all(len(found) == 1 for found in artists.values())


def test_labels_tell_of_the_genre_of_the_sound_and_of_the_words(shipped: list[demo_tracks.Row]) -> None:
    for row in shipped:
        genre, mood, *others = row["labels"].split("|")
        assert (genre, mood == "dance") == (row["genre"], genre in ("disco", "house"))
        bright = demo_tracks.brightness(row["album"], seed=1)
        assert ("warm" in others, "bright" in others) == (bright < 40, bright > 60)
        about = demo_tracks.topic(row["id"], seed=1)
        told = {
            about in ("rain", "garden", "winter", "forest"): "nature",
            demo_tracks.is_instrumental(row["id"]): "instrumental",
        }
        assert others[-1] == told.get(True, "everyday")
        assert len(others) == 1 + (bright < 40) + (bright > 60)


def test_listeners_love_a_genre_two_topics_and_a_brightness() -> None:
    table = demo_tracks.rows(tracks_per_artist=60, seed=1)
    played = demo_listeners.plays(table, listeners=100, seed=1)
    assert len({(row["user"], row["item"]) for row in played}) == len(played)
    rows = {row["id"]: row for row in table}
    shares = defaultdict(list)
    for user in {row["user"] for row in played}:
        counts = {row["item"]: int(row["count"]) for row in played if row["user"] == user}
        assert sum(counts.values()) == demo_listeners.PLAYS
        assert min(counts.values()) >= 1
        of: dict[str, Counter[str]] = {"genre": Counter(), "topic": Counter()}
        bright = []
        for id_, count in counts.items():
            of["genre"][rows[id_]["genre"]] += count
            of["topic"][demo_tracks.topic(id_, seed=1)] += count
            bright += [demo_tracks.brightness(rows[id_]["album"], seed=1)] * count
        for what, found in of.items():
            loved = found.most_common(2 if what == "topic" else 1)
            shares[what].append(sum(count for _, count in loved) / demo_listeners.PLAYS)
        near = np.abs(np.array(bright) - np.median(bright)) < demo_listeners.BREADTH
        shares["brightness"].append(near.mean())
    assert len(shares["genre"]) == 100
    # Of the weights, a thirtieth belongs to any track, and a quarter of the rest to the genre that is liked only.
    assert np.mean(shares["genre"]) == pytest.approx(0.75, abs=0.1)
    assert np.mean(shares["topic"]) == pytest.approx(0.97, abs=0.03)
    assert np.mean(shares["brightness"]) > 0.9


# --- What the senses tell --------------------------------------------------------------------------------

ALIKE = {("disco", "house"): "sound", ("house", "rock"): "words", ("rock", "ambient"): "cover"}


def senses(genre: str, id_: str, seed: int = 1) -> dict[str, bytes]:
    """Make the same track in a genre, as every sense perceives it."""
    return {
        "sound": demo_sound.sound(genre, id_, ALBUM, seconds=0.5, seed=seed).tobytes(),
        "words": demo_words.lyric(genre, id_, seed=seed).encode(),
        "cover": demo_covers.cover(genre, ALBUM, seed=seed).tobytes(),
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
        np.array_equal(*(demo_sound.sound(genre, id_, ALBUM, seconds=0.05, seed=1) for genre in ("rock", "ambient")))
        for id_ in ids
    ]
    # Four deviations of a binomial distribution.
    assert abs(sum(untypical) - 1000 / 16) < 4 * np.sqrt(1000 * 1 / 16 * 15 / 16)


def words(genre: str) -> Counter[str]:
    """Count the words of many lyrics of a genre."""
    lyrics = (demo_words.lyric(genre, f"X{number}", seed=1) for number in range(200))
    return Counter(word for lyric in lyrics for word in lyric.lower().split())


def test_every_kind_of_words_has_its_vocabulary_and_a_common_one() -> None:
    # disco: night; house and rock: road; ambient: sea.
    vocabularies = {genre: set(words(genre)) for genre in demo_tracks.GENRES}
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


def test_a_topic_has_words_of_its_own() -> None:
    topics: dict[str, Counter[str]] = defaultdict(Counter)
    for number in range(1600):
        topics[demo_tracks.topic(f"X{number}", seed=1)].update(
            demo_words.lyric("rock", f"X{number}", seed=1).lower().split()
        )
    assert set(topics) == set(demo_tracks.TOPICS)
    shared = set.intersection(*(set(counts) for counts in topics.values()))
    own = {topic: set(counts) - shared for topic, counts in topics.items()}
    assert all(topic in found and len(found) == 6 for topic, found in own.items())
    assert len(set.union(*own.values())) == 6 * len(topics)
    for topic, counts in topics.items():
        assert sum(counts[word] for word in own[topic]) / counts.total() == pytest.approx(0.15, abs=0.02)


@pytest.mark.parametrize("genre", demo_tracks.GENRES)
def test_an_album_sounds_as_bright_as_it_looks(genre: str) -> None:
    albums = [f"rock-artist-{artist}-album-{album}" for artist in range(1, 7) for album in range(1, 5)]
    bright = np.array([demo_tracks.brightness(album, seed=1) for album in albums])
    assert bright.min() < 20
    assert bright.max() > 80
    grounds, hiss = [], []
    for album in albums:
        colours, counts = np.unique(demo_covers.cover(genre, album, seed=1).reshape(-1, 3), axis=0, return_counts=True)
        grounds.append(colours[counts.argmax()].mean())
        samples = demo_sound.sound(genre, album, album, seconds=2, seed=1).astype(float)
        # Between the beats, what is above all partials: noise.
        spectra = np.abs(np.fft.rfft(samples[: len(samples) // 2048 * 2048].reshape(-1, 2048) * np.hanning(2048)))
        hiss.append(np.quantile(spectra[:, 700:].mean(axis=1), 0.25))
    np.testing.assert_allclose(grounds, 1.2 * bright + 5.5, atol=6)
    assert spearmanr(hiss, bright).statistic > 0.95


def test_brightness_is_spread_evenly_over_the_albums_of_every_genre(shipped: list[demo_tracks.Row]) -> None:
    for genre in demo_tracks.GENRES:
        for set_ in ("train", "test"):
            albums = {row["album"] for row in shipped if (row["genre"], row["set"]) == (genre, set_)}
            bright = sorted(demo_tracks.brightness(album, seed=1) for album in albums)
            assert bright[0] < 25
            assert bright[-1] > 75
            assert 10 < np.diff(bright).min() <= np.diff(bright).max() < 45


def test_the_topic_does_not_tell_the_genre() -> None:
    table = demo_tracks.rows(tracks_per_artist=60, seed=1)
    for genre in demo_tracks.GENRES:
        topics = Counter(demo_tracks.topic(row["id"], seed=1) for row in table if row["genre"] == genre)
        assert all(abs(topics[topic] - 360 / 8) < 4 * np.sqrt(360 * 7 / 64) for topic in demo_tracks.TOPICS)


def test_lyrics_have_6_to_12_lines_of_4_to_7_words() -> None:
    lengths, widths = set(), set()
    for number in range(300):
        text = demo_words.lyric("rock", f"X{number}", seed=1)
        if text:
            assert text.endswith("\n")
            lines = text.splitlines()
            lengths.add(len(lines))
            widths |= {len(line.split()) for line in lines}
    assert lengths == set(range(6, 13))
    assert widths == set(range(4, 8))


def test_an_instrumental_track_is_labelled_so_and_has_no_words(shipped: list[demo_tracks.Row]) -> None:
    for row in shipped:
        assert ("instrumental" in row["labels"].split("|")) == (demo_words.lyric(row["genre"], row["id"], seed=1) == "")
        assert (demo_words.lyric(row["genre"], row["id"], seed=1) == "") == (demo_words.text(row, seed=1) == "")


def mentioned(row: demo_tracks.Row) -> list[demo_tracks.Row]:
    """List the rows of the gazetteer whose name is in each of the last lines of a track's text."""
    words, text = demo_words.lyric(row["genre"], row["id"], seed=1), demo_words.text(row, seed=1)
    assert text.startswith(words)
    entries = demo_words.gazetteer()
    return [
        next(entry for entry in entries if f" {entry['entity']} " in line or f" {entry['aliases']} " in line)
        for line in text.removeprefix(words).splitlines()
    ]


def test_every_lyric_mentions_names_that_no_other_artist_knows(shipped: list[demo_tracks.Row]) -> None:
    artists = defaultdict(set)
    for row in shipped:
        found = mentioned(row)
        assert len(found) == (0 if "instrumental" in row["labels"].split("|") else 3)
        for entry in found:
            artists[entry["entity"]].add(row["group"])
    assert all(len(groups) == 1 for groups in artists.values())
    # What names are made of, beside what all of a kind have in common, stands in no other name.
    words = Counter(word for entry in demo_words.gazetteer() for word in set(entry["entity"].split()))
    assert {word for word, count in words.items() if count > 1} == {"Quartet", "Port", "Harp"}


def test_what_names_are_tells_house_from_rock_in_most_tracks_only(shipped: list[demo_tracks.Row]) -> None:
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
        samples = demo_sound.sound("disco", id_, ALBUM, seconds=8, seed=1).astype(float)
        low = samples[: len(samples) // 441 * 441].reshape(-1, 441).mean(axis=1)  # 50 values a second
        energy = low**2 - (low**2).mean()
        echo = np.correlate(energy, energy, "full")[len(energy) :]
        beat = 20 + np.argmax(echo[19:31])  # between 0.4 and 0.6 s
        assert 60 / 126 - 0.02 <= beat / 50 <= 60 / 114 + 0.02


def test_sounds_are_neither_silent_nor_clipped(shipped: list[demo_tracks.Row]) -> None:
    for row in shipped[::12]:
        samples = demo_sound.sound(row["genre"], row["id"], row["album"], seconds=1, seed=1)
        assert samples.dtype == np.int16
        assert len(samples) == demo_sound.SAMPLE_RATE
        loudness = np.sqrt((samples.astype(float) ** 2).mean()) / 32768
        assert 0.01 < loudness < 0.7
        assert (np.abs(samples.astype(int)) == 32767).mean() < 0.01


# --- Files -----------------------------------------------------------------------------------------------


def test_the_files_are_those_that_are_announced(small: Path, maker: dict[str, Callable]) -> None:
    expected = demo.files(tracks_per_artist=maker["WORLD"]["tracks_per_artist"])
    found = {path.relative_to(small).as_posix() for path in small.rglob("*") if path.is_file()}
    assert found == set(expected)


def test_the_table_is_a_table_of_items(small: Path) -> None:
    items = item_tables.read_items(small / "items.tsv", label_column="genre")
    assert len(items) == 48
    assert targets.classes_of(items, source="x") == sorted(demo_tracks.GENRES)
    for item in items:
        assert all((small / item.path(modality)).is_file() for modality in ("audio", "text", "image"))
    # As the other column has it, an item has several classes.
    assert any(len(item.labels) > 2 for item in item_tables.read_items(small / "items.tsv"))


def test_the_files_can_be_read_by_others(small: Path, maker: dict[str, Callable]) -> None:
    world = maker["WORLD"]
    row = demo_tracks.rows(tracks_per_artist=world["tracks_per_artist"], seed=world["seed"])[0]
    samples, rate = soundfile.read(small / row["audio"], dtype="int16")
    assert rate == 22050
    expected = demo_sound.sound(row["genre"], row["id"], row["album"], seconds=world["seconds"], seed=world["seed"])
    np.testing.assert_array_equal(samples, expected)
    with Image.open(small / row["image"]) as image:
        drawn = demo_covers.cover(row["genre"], row["album"], seed=world["seed"])
        np.testing.assert_array_equal(np.array(image), drawn)
    text = (small / row["text"]).read_text(encoding="utf-8")
    assert text == demo_words.text(row, seed=world["seed"])
    assert tables.read_rows(small / "gazetteer.tsv") == demo_words.gazetteer()


def test_the_same_seed_makes_the_same_bytes_and_another_others(
    small: Path, tmp_path: Path, maker: dict[str, Callable]
) -> None:
    for name, seed in (("same", 1), ("other", 2)):
        demo.write(tmp_path / name, **{**maker["WORLD"], "seed": seed})
    first, same, other = (maker["digests"](folder) for folder in (small, tmp_path / "same", tmp_path / "other"))
    assert first == same
    assert not set(first.values()) & set(other.values())
    # Of the items, labels alone depend on the seed: files, artists and sets are known by the size of the world.
    one, two = (
        [{key: row[key] for key in row if key != "labels"} for row in tables.read_rows(folder / "items.tsv")]
        for folder in (small, tmp_path / "other")
    )
    assert one == two


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
