"""The columns of a table of items, and what other collections call them."""

import difflib
import re
from collections.abc import Iterator, Sequence

from tartarus.items.faults import Fault

# The text itself, which may hold anything, such as line breaks; not the path of one.
WORDS = "words"
COLUMNS = ("id", "audio", "text", WORDS, "entities", "image", "labels", "set", "group", "album")
MODALITIES = ("audio", "text", "image")
# Whose cells are paths.
PATHS = ("audio", "text", "entities", "image")
# Any of these has the text of an item.
TEXTS = ("text", WORDS, "entities")

# Column to what others call it: without it, its meaning would be lost, and with `set` and `group` the user's own split.
# No word is here that a table may well have beside the column that is meant, such as title or year.
_CALLED = {
    "id": "identifier item item_id track track_id song song_id uid uuid",
    "audio": "path file filename file_name filepath file_path audio_path audio_file wav mp3 flac sound",
    "text": "text_path text_file lyrics_path lyrics_file",
    WORDS: "word lyrics lyric",
    "entities": "annotations annotation entities_path entities_file",
    "image": "cover artwork picture image_path image_file cover_path",
    "labels": "label genre genres tag tags class classes category categories style styles",
    "set": "split fold folds subset partition dataset_split data_split set_name",
    "group": "artist artists artist_id artist_name artistid performer performers performer_id band",
    "album": "album_id albumid album_name release_id",
}
MEANT = {other: column for column, others in _CALLED.items() for other in others.split()}


def faults(
    header: Sequence[str], *, label_column: str, needs_labels: bool = True, has_folds: bool = False
) -> Iterator[Fault]:
    """Tell which columns a table lacks, has twice, or has by a name that is probably meant for one of ours.

    With `has_folds`, a column `fold` is one of ours.

    Yields
    ------
    Fault
        Naming the column, the one that was probably meant, and the remedy.
    """
    for column in dict.fromkeys(header):
        if header.count(column) > 1:
            yield Fault(f"the column '{column}' stands twice", "delete or rename one", 1, column)
    for needed in ("id", label_column) if needs_labels else ("id",):
        if needed not in header:
            what = f"no column '{needed}'; the columns are: {', '.join(header)}"
            yield Fault(what, _candidates(header, needed), 1, needed)
    known = {*COLUMNS, label_column, *(["fold"] if has_folds else [])}
    for column in dict.fromkeys(header):
        if column in known:
            continue
        # Not for `words`: a table may well have a column such as n_words.
        close = difflib.get_close_matches(column.lower(), sorted(known - {WORDS}), n=1, cutoff=0.8)
        meant = MEANT.get(_plain(column), "")
        if close and close[0] not in header:
            yield Fault(f"unknown column '{column}'", f"did you mean '{close[0]}'?", 1, column)
        elif meant and meant not in header and meant != "labels" and not (meant == WORDS and "text" in header):
            what = f"the column '{column}' would not be used"
            remedy = f"rename it to '{meant}', or, if it is not meant as {_MEANINGS[meant]}, to another name"
            if column == "fold":
                remedy += "; or, if there are to be such folds, write how many as 'folds' into the dataset's YAML"
            yield Fault(what, remedy, 1, column)


def unused(header: Sequence[str], *, label_column: str, has_folds: bool = False) -> list[str]:
    """List the columns of a table that mean nothing to us."""
    known = {*COLUMNS, label_column, *(["fold"] if has_folds else [])} - (
        {"labels"} if label_column != "labels" else set()
    )
    return [column or "one without a name" for column in header if column not in known]


_MEANINGS = {
    "id": "the name of the item",
    "audio": "the path of its sound",
    "text": "the path of its text",
    WORDS: "its text itself (its path: 'text')",
    "entities": "the path of its text with the names in it",
    "image": "the path of its picture",
    "labels": "its classes",
    "set": "its set (train, val or test)",
    "group": "a group that must be in one set",
    "album": "its album",
}


def _plain(column: str) -> str:
    return re.sub(r"[\s_-]+", "_", column.strip().lower())


def _candidates(header: Sequence[str], needed: str) -> str:
    found = [column for column in header if MEANT.get(_plain(column)) == needed]
    if not found:
        return ""
    remedy = f"if '{found[0]}' is meant, rename it"
    return remedy + (f", or write label_column: {found[0]} into the dataset's YAML" if needed == "labels" else "")
