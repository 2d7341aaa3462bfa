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

Two things do not depend on the genre. How bright an album is, both its sound and its cover tell: so one of them can be
found by the other, among albums of the same genre too. What a track is about, its words alone tell. Labels tell of
both: so sound knows some of them, words know others, and only both know all. Listeners love tracks of one genre, about
one of two topics and about as bright as they like: who knows all three knows what they will play.

The same bytes on every machine: random numbers are uniform or integers, the sine is a table of rounded
values, and all else is element-wise addition and multiplication, which IEEE 754 fixes to the last bit.
"""

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tartarus.base.files import replacing, write_text
from tartarus.items import demo_covers, demo_listeners, demo_sound, demo_tracks, demo_words
from tartarus.items.demo_tracks import Row
from tartarus.items.tables import write_rows


def files(*, tracks_per_artist: int) -> list[str]:
    """List the files of DEMO, relative to its folder: sounds, lyrics, covers and the tables."""
    table = demo_tracks.rows(tracks_per_artist=tracks_per_artist, seed=0)  # no name depends on it
    paths = {row[column] for row in table for column in ("audio", "text", "image")}
    return ["items.tsv", "plays.tsv", "gazetteer.tsv", *sorted(paths)]


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
    table = demo_tracks.rows(tracks_per_artist=tracks_per_artist, seed=seed)

    def write_track(row: Row) -> None:
        genre, id_ = row["genre"], row["id"]
        samples = demo_sound.sound(genre, id_, row["album"], seconds=seconds, seed=seed)
        wav = io.BytesIO()  # libsndfile does not say that a disk is full
        soundfile.write(wav, samples, demo_sound.SAMPLE_RATE, format="WAV", subtype="PCM_16")
        with replacing(folder / row["audio"]) as part:
            part.write_bytes(wav.getvalue())
        write_text(folder / row["text"], demo_words.text(row, seed=seed))

    with ThreadPoolExecutor(workers) as pool:
        for _ in progress(pool.map(write_track, table), total=len(table), what="DEMO tracks"):
            pass
    for image, row in {row["image"]: row for row in table}.items():
        with replacing(folder / image) as part:
            # Uncompressed, for compressors differ between processors.
            picture = Image.fromarray(demo_covers.cover(row["genre"], row["album"], seed=seed))
            picture.save(part, format="PNG", compress_level=0)
    write_rows(folder / "gazetteer.tsv", demo_words.gazetteer())
    write_rows(folder / "plays.tsv", demo_listeners.plays(table, listeners=listeners, seed=seed))
    write_rows(folder / "items.tsv", table)
