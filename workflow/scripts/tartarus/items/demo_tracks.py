"""Which tracks DEMO has, and what is hidden in each: what its sound, its words and its cover then show.

Everything hidden follows from an id and the seed, so that no track depends on another.
"""

import numpy as np
from tartarus.base.hashing import stable_hash

GENRES = ("disco", "house", "rock", "ambient")
ARTISTS = 6  # of each genre
LABELS = (*GENRES, "dance", "calm", "loud", "warm", "bright", "nature", "everyday", "instrumental")
BRIGHTEST = 100
TOPICS = ("rain", "kitchen", "garden", "money", "school", "winter", "wedding", "forest")

_MOOD = {"disco": "dance", "house": "dance", "rock": "loud", "ambient": "calm"}
_NATURE = ("rain", "garden", "winter", "forest")
_WARM_BELOW, _BRIGHT_ABOVE = 40, 60
_TRACKS_OF_ALBUM = 3

Row = dict[str, str]


def rows(*, tracks_per_artist: int, seed: int) -> list[Row]:
    """List the items of DEMO, without making their files.

    Six artists of each genre, three of them for training, one for validation, two for testing. An artist has an album
    for every three tracks, and two at least.

    Parameters
    ----------
    tracks_per_artist : int, at least 2
        24 times as many tracks in all.
    seed : int
        Of what is hidden in each, which some labels tell.

    Returns
    -------
    list of dict
        The rows of items.tsv, in the format of `tartarus.items.item_tables`, with a column `genre`.
    """
    table: list[Row] = []
    albums = max(2, tracks_per_artist // _TRACKS_OF_ALBUM)
    for genre in GENRES:
        for artist in range(ARTISTS):
            group = f"{genre}-artist-{artist + 1}"
            set_ = ("train", "train", "train", "val", "test", "test")[artist]
            for track in range(tracks_per_artist):
                id_ = f"D{len(table) + 1:03d}"
                album = f"{group}-album-{1 + track % albums}"
                table.append(
                    {
                        "id": id_,
                        "audio": f"audio/{id_}.wav",
                        "text": f"text/{id_}.txt",
                        "image": f"image/{album}.png",
                        "genre": genre,
                        "labels": "|".join(_labels(genre, id_, album, seed=seed)),
                        "set": set_,
                        "group": group,
                        "album": album,
                    }
                )
    return table


def _labels(genre: str, id_: str, album: str, *, seed: int) -> list[str]:
    """Label a track with what its sound tells, and with what its words tell, so that neither tells all."""
    bright = brightness(album, seed=seed)
    of_sound = ["warm"] if bright < _WARM_BELOW else ["bright"] if bright > _BRIGHT_ABOVE else []
    of_words = "nature" if topic(id_, seed=seed) in _NATURE else "everyday"
    return [genre, _MOOD[genre], *of_sound, "instrumental" if is_instrumental(id_) else of_words]


def is_instrumental(id_: str) -> bool:
    """Tell whether a track has no words: about one in fourteen."""
    return stable_hash(f"{id_} instrumental") % 14 == 0


def artist_number(group: str) -> int:
    """Tell the number of an artist among all of them, from 0."""
    genre, _, number = group.split("-")[:3]
    return GENRES.index(genre) * ARTISTS + int(number) - 1


def brightness(album: str, *, seed: int) -> int:
    """Tell how bright an album sounds and looks, from 0 to `BRIGHTEST`; its genre does not matter.

    Steps by the golden section spread the albums evenly, all of them and those of each genre and set.
    """
    step = 2 * artist_number(album) + int(album.rsplit("-", 1)[1])
    return (stable_hash("brightness", seed=seed) + 38 * step) % (BRIGHTEST + 1)


def topic(id_: str, *, seed: int) -> str:
    """Tell what the words of a track are about, one of `TOPICS`; its genre does not matter."""
    return TOPICS[stable_hash(f"topic {id_}", seed=seed) % len(TOPICS)]


def rng_of(what: str, *, seed: int) -> np.random.Generator:
    """Make the random numbers of one thing."""
    return np.random.Generator(np.random.PCG64(stable_hash(what, seed=seed)))
