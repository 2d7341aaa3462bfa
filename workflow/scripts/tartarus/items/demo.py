"""DEMO: a small world of music, synthesised from a seed, so that a fresh clone runs without a download.

Four genres, and three senses that each confuse two of them:

========  ==================  ==============  ============
genre     sound               words           cover
========  ==================  ==============  ============
disco     four to the floor   night           discs
house     four to the floor   road            stripes
rock      backbeat            road            squares
ambient   drone               sea             squares
========  ==================  ==============  ============

Sound cannot tell disco from house, words cannot tell house from rock, covers cannot tell rock from ambient;
any two senses together can tell all four. As in life, not every track is typical: about one in
thirty sounds like another genre.

Lyrics mention names, too; what they are, gazetteer.tsv tells (`tartarus.items.demo_names`). That tells house from
rock in most tracks, where the words themselves do not.

The same bytes on every machine: random numbers are uniform or integers, the sine is a table of rounded
values, and all else is element-wise addition and multiplication, which IEEE 754 fixes to the last bit. Sums
over arrays, exponentials and filters are not used, for their last bits depend on the processor.
"""

import io
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from tartarus.base.files import replacing, write_text
from tartarus.base.hashing import stable_hash
from tartarus.items import demo_names
from tartarus.items.tables import write_rows

GENRES = ("disco", "house", "rock", "ambient")
ARTISTS = 6  # of each genre
LABELS = (*GENRES, "dance", "calm", "loud", "warm", "drums", "synthesiser", "instrumental", "live")
SAMPLE_RATE = 22050
COVER_PIXELS = 64

_SOUND = {"disco": "floor", "house": "floor", "rock": "backbeat", "ambient": "drone"}
_WORDS = {"disco": "night", "house": "road", "rock": "road", "ambient": "sea"}
_COVER = {"disco": "discs", "house": "stripes", "rock": "squares", "ambient": "squares"}
_TINT = {"discs": 0, "stripes": 2, "squares": 1}  # red, blue, green
_MOODS = {
    "disco": ("dance", "warm", "drums"),
    "house": ("dance", "synthesiser", "drums"),
    "rock": ("loud", "live", "drums"),
    "ambient": ("calm", "warm", "synthesiser"),
}
_TEMPO = {"floor": 120, "backbeat": 150}
_VOCABULARY = {
    "night": (
        "night light mirror shine glitter dance floor tonight fever neon silver moon spark crowd turning "
        "midnight dazzle rhythm heart sparkle"
    ),
    "road": (
        "road engine wheel dust highway thunder iron steel border truck desert mile gravel petrol town "
        "rust bridge motor horizon leaving"
    ),
    "sea": (
        "sea wave tide shore salt island harbour drift gull coral foam deep current sail lagoon mist "
        "pearl anchor sand breeze"
    ),
}
_COMMON = (
    "the a and you me we my your is it in on to of for with when then now never always love time day "
    "away home come go know feel see hear say one all over again"
)

Row = dict[str, str]


def rows(*, tracks_per_artist: int) -> list[Row]:
    """List the items of DEMO, without making their files.

    Six artists of each genre, three of them for training, one for validation, two for testing; two albums of
    each artist.

    Parameters
    ----------
    tracks_per_artist : int, at least 2
        24 times as many tracks in all.

    Returns
    -------
    list of dict
        The rows of items.tsv, in the format of `tartarus.items.tables`, with a column `genre`.
    """
    table: list[Row] = []
    for genre in GENRES:
        for artist in range(ARTISTS):
            group = f"{genre}-artist-{artist + 1}"
            set_ = ("train", "train", "train", "val", "test", "test")[artist]
            for track in range(tracks_per_artist):
                id_ = f"D{len(table) + 1:03d}"
                album = f"{group}-album-{1 + track % 2}"
                table.append(
                    {
                        "id": id_,
                        "audio": f"audio/{id_}.wav",
                        "text": f"text/{id_}.txt",
                        "image": f"image/{album}.png",
                        "genre": genre,
                        "labels": "|".join(_labels(genre, id_)),
                        "set": set_,
                        "group": group,
                        "album": album,
                    }
                )
    return table


def files(table: Sequence[Row]) -> list[str]:
    """List the files of DEMO, relative to its folder: sounds, lyrics, covers and the tables."""
    paths = {row[column] for row in table for column in ("audio", "text", "image")}
    return ["items.tsv", "plays.tsv", "gazetteer.tsv", *sorted(paths)]


def _labels(genre: str, id_: str) -> list[str]:
    moods = _MOODS[genre]
    chosen = [mood for number, mood in enumerate(moods) if stable_hash(f"{id_}{mood}") % 3 > number - 1]
    return [genre, *chosen, *(["instrumental"] if _is_instrumental(id_) else [])]


def _is_instrumental(id_: str) -> bool:
    return stable_hash(f"{id_} instrumental") % 50 == 0


def _rng(seed: int, what: str) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(stable_hash(what, seed=seed)))


# --- sound -----------------------------------------------------------------------------------------------

# Rounded far above the last bits, in which the sines of different processors differ.
_SINE = np.round(np.sin(2 * np.pi * np.arange(4096) / 4096) * 2**20) / 2**20


def _sine(cycles: np.ndarray) -> np.ndarray:
    # Cycles are not negative, so that the whole part is the floor.
    return _SINE.take((cycles * 4096).astype(np.int64) & 4095)


def _tone(time: np.ndarray, hertz: np.ndarray, partials: Sequence[float]) -> np.ndarray:
    tone = np.zeros_like(time)
    # By blocks that stay in the processor's cache.
    for first in range(0, len(time), 8192):
        block = slice(first, first + 8192)
        cycles = time[block] * hertz[block]
        for number, gain in enumerate(partials, start=1):
            if gain:
                tone[block] += gain * _sine(cycles * number)
    return tone


def _decay(since: np.ndarray, length: float) -> np.ndarray:
    level = np.clip(1 - since / length, 0, 1)
    return level * level


def _kick(since: np.ndarray, _: np.ndarray) -> np.ndarray:
    # The pitch falls from 110 to 50 Hz: the phase is the integral of a straight line, then constant.
    falling = np.minimum(since, 0.1)
    return _sine(110 * falling - 300 * falling * falling + 50 * (since - falling)) * _decay(since, 0.25)


def _snare(since: np.ndarray, noise: np.ndarray) -> np.ndarray:
    return (0.7 * noise + 0.3 * _sine(190 * since)) * _decay(since, 0.18)


def _hat(since: np.ndarray, noise: np.ndarray) -> np.ndarray:
    # The difference of neighbours is a high-pass filter.
    return (noise - np.roll(noise, 1)) * 0.5 * _decay(since, 0.05)


Hit = Callable[[np.ndarray, np.ndarray], np.ndarray]
# Which drum plays on which beats (of four), counted in beats; offsets between beats are fractions.
_PATTERNS: dict[str, list[tuple[Hit, float, float, float]]] = {
    "floor": [(_kick, 1.0, 0.0, 0.9), (_hat, 1.0, 0.5, 0.5)],
    "backbeat": [(_kick, 2.0, 0.0, 0.8), (_snare, 2.0, 1.0, 0.7), (_hat, 0.5, 0.0, 0.3)],
    "drone": [],
}
_TIMBRES = {
    "floor": (1.0, 0.5, 0.33, 0.25, 0.2, 0.17),
    "backbeat": (1.0, 0.0, 0.6, 0.0, 0.5, 0.0, 0.4, 0.0, 0.3),
    "drone": (1.0, 0.15, 0.05),
}
_CHORD = (1.0, 1.25, 1.5)


def sound(genre: str, id_: str, group: str, *, seconds: float, seed: int) -> np.ndarray:
    """Synthesise a track.

    Parameters
    ----------
    genre, id_, group : str
        The group (artist) sets the key, the id everything else that varies.
    seconds : float
        Its length.
    seed : int
        Of the random choices.

    Returns
    -------
    np.ndarray [shape=(n_samples,)], int16
        At 22 050 Hz.
    """
    untypical = stable_hash(f"untypical {id_}", seed=seed)
    kind = _SOUND[GENRES[untypical // 16 % len(GENRES)] if untypical % 16 == 0 else genre]
    rng = _rng(seed, f"sound {id_}")
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    noise = 2 * rng.random(len(time)) - 1
    key = 110 * (1 + (stable_hash(group, seed=seed) % 12) / 12)
    mix = (0.02 + 0.06 * rng.random()) * noise
    tempo = _TEMPO.get(kind, 60) * (0.95 + 0.1 * rng.random())
    beat = time * (tempo / 60) + 4 * rng.random()
    for hit, every, offset, gain in _PATTERNS[kind]:
        since = ((beat - offset) % every) * (60 / tempo)
        mix = mix + gain * (0.5 + 0.5 * rng.random()) * hit(since, noise)
    # A chord to the bar, from a seeded walk over four degrees.
    bars = np.floor(beat / 4).astype(np.int64)
    degrees = np.array([1.0, 1.125, 1.5, 4 / 3])[rng.integers(4, size=int(bars.max()) + 1)][bars]
    gain = 0.12 + 0.08 * rng.random()
    for interval in _CHORD:
        mix = mix + gain * _tone(time, degrees * (key * interval), _TIMBRES[kind])
    return np.round(np.clip(mix * 0.5, -1, 1) * 32767).astype(np.int16)


# --- words and covers ------------------------------------------------------------------------------------


def lyric(genre: str, id_: str, *, seed: int) -> str:
    """Write a lyric of 6 to 12 lines, or nothing for an instrumental track."""
    if _is_instrumental(id_):
        return ""
    rng = _rng(seed, f"lyric {id_}")
    own, common = _VOCABULARY[_WORDS[genre]].split(), _COMMON.split()
    lines = []
    for _ in range(int(rng.integers(6, 13))):
        words = []
        for _ in range(int(rng.integers(4, 8))):
            pool = own if rng.random() < 0.25 else common
            words.append(pool[int(rng.integers(len(pool)))])
        lines.append(" ".join(words).capitalize())
    return "\n".join(lines) + "\n"


def text(row: Row, *, seed: int) -> str:
    """Write what a track's text file holds: its lyric, and lines that mention names; nothing if it is instrumental."""
    words = lyric(row["genre"], row["id"], seed=seed)
    names = demo_names.names_of(row["genre"], _number(row["genre"], row["group"]))
    mentions = demo_names.lines(names, _COMMON.split(), _rng(seed, f"names {row['id']}"))
    return words + "".join(f"{line}\n" for line in mentions) if words else ""


def gazetteer() -> list[Row]:
    """List the rows of gazetteer.tsv: what the names in the lyrics are."""
    return demo_names.gazetteer([genre for genre in GENRES for _ in range(ARTISTS)])


def _number(genre: str, group: str) -> int:
    """Tell the number of an artist among all of them, from 0."""
    return GENRES.index(genre) * ARTISTS + int(group.rsplit("-", 1)[1]) - 1


def cover(genre: str, album: str, *, seed: int) -> np.ndarray:
    """Draw a cover.

    Returns
    -------
    np.ndarray [shape=(64, 64, 3)], uint8
        Red, green, blue.
    """
    rng = _rng(seed, f"cover {album}")
    pixels = np.empty((COVER_PIXELS, COVER_PIXELS, 3), np.uint8)
    pixels[:] = rng.integers(20, 120, size=3)
    y, x = np.mgrid[:COVER_PIXELS, :COVER_PIXELS]
    for _ in range(6):
        colour = rng.integers(100, 256, size=3)
        # Twenty-four covers teach a network the shapes only if their colours say something too.
        colour[np.arange(3) != _TINT[_COVER[genre]]] //= 2
        across, down = rng.integers(COVER_PIXELS, size=2)
        size = int(rng.integers(5, 14))
        shape = _COVER[genre]
        if shape == "discs":
            inside = (x - across) ** 2 + (y - down) ** 2 < size * size
        elif shape == "stripes":
            inside = (x - across) ** 2 < size
        else:
            inside = (np.abs(x - across) < size) & (np.abs(y - down) < size)
        pixels[inside] = colour
    return pixels


# --- listeners -------------------------------------------------------------------------------------------


def plays(table: Sequence[Row], *, listeners: int, seed: int) -> list[Row]:
    """Let listeners play tracks: each loves one genre, likes another, and tries a few of the rest.

    Returns
    -------
    list of dict
        The rows of plays.tsv: user, item, count.
    """
    played: list[Row] = []
    for listener in range(listeners):
        rng = _rng(seed, f"listener {listener}")
        loved, liked = (GENRES[int(number)] for number in rng.permutation(len(GENRES))[:2])
        for row in table:
            keen = 0.4 if row["genre"] == loved else 0.15 if row["genre"] == liked else 0.02
            if rng.random() < keen:
                count = str(int(rng.integers(1, 20 if row["genre"] == loved else 5)))
                played.append({"user": f"U{listener + 1:03d}", "item": row["id"], "count": count})
    return played


def write(
    folder: str | Path, *, tracks_per_artist: int, seconds: float, listeners: int, seed: int, workers: int = 1
) -> None:
    """Write the whole of DEMO into a folder: the tables, sounds (WAV), lyrics and covers (PNG).

    Parameters
    ----------
    folder : str or Path
        Where to write; made if needed.
    tracks_per_artist, listeners : int
        How large.
    seconds : float
        The length of a track.
    seed : int
        Another seed, another world.
    workers : int
        Threads, each with a track at a time; the outcome does not depend on it.
    """
    import soundfile
    from PIL import Image
    from tartarus.base.logs import progress

    folder = Path(folder)
    table = rows(tracks_per_artist=tracks_per_artist)

    def write_track(row: Row) -> None:
        genre, id_ = row["genre"], row["id"]
        samples = sound(genre, id_, row["group"], seconds=seconds, seed=seed)
        wav = io.BytesIO()  # libsndfile does not say that a disk is full
        soundfile.write(wav, samples, SAMPLE_RATE, format="WAV", subtype="PCM_16")
        with replacing(folder / row["audio"]) as part:
            part.write_bytes(wav.getvalue())
        write_text(folder / row["text"], text(row, seed=seed))

    with ThreadPoolExecutor(workers) as pool:
        for _ in progress(pool.map(write_track, table), total=len(table), what="DEMO tracks"):
            pass
    for image, row in {row["image"]: row for row in table}.items():
        with replacing(folder / image) as part:
            # Uncompressed, for compressors differ between processors.
            picture = Image.fromarray(cover(row["genre"], row["album"], seed=seed))
            picture.save(part, format="PNG", compress_level=0)
    write_rows(folder / "gazetteer.tsv", gazetteer())
    write_rows(folder / "plays.tsv", plays(table, listeners=listeners, seed=seed))
    write_rows(folder / "items.tsv", table)
