"""The sets, the kinds of datasets, and the tasks: one row for each, with all that is asked about it elsewhere."""

from dataclasses import dataclass

SETS = ("train", "val", "test")
# In the place of a set: the items that a user has put files of beside an archive, whose index tells their sets.
OWN = "own"
# In the place of a set: all items of a dataset with folds, for in each fold they are in other sets.
ALL = "all"


@dataclass(frozen=True)
class DatasetKind:
    """What there is to know of a kind of datasets.

    Attributes
    ----------
    has_raw_files : bool
        Whether its items have files of sound, words or pictures, which features are made from.
    takes_own_files : bool
        Whether the user may put such files beside what is published, with a table that names them.
    has_table : bool
        Whether its items are in a table, items.tsv.
    is_users_table : bool
        Whether the user writes that table, or has it made before jobs are planned; else a rule makes it.
    known_beforehand : bool
        Whether its items are known before anything is fetched.
    has_albums : bool
        Whether its table may tell the album of every track.
    has_views : bool
        Whether there may be views of it.
    """

    has_raw_files: bool = False
    takes_own_files: bool = False
    has_table: bool = False
    is_users_table: bool = False
    known_beforehand: bool = False
    has_albums: bool = False
    has_views: bool = False


DATASET_KINDS = {
    # Made here from a seed.
    "synthetic": DatasetKind(
        has_raw_files=True, has_table=True, known_beforehand=True, has_albums=True, has_views=True
    ),
    # Fetched, in the layout of the original's test data.
    "original": DatasetKind(has_raw_files=True, has_table=True),
    # The user's own.
    "table": DatasetKind(
        has_raw_files=True,
        has_table=True,
        is_users_table=True,
        known_beforehand=True,
        has_albums=True,
        has_views=True,
    ),
    # The user's files, and a loader of mirdata that makes the table of them.
    "mirdata": DatasetKind(
        has_raw_files=True,
        has_table=True,
        is_users_table=True,
        known_beforehand=True,
        has_albums=True,
        has_views=True,
    ),
    # The albums of a dataset of tracks.
    "albums": DatasetKind(has_table=True, known_beforehand=True, has_views=True),
    # The items, sets and features of another dataset, for another task.
    "view": DatasetKind(has_table=True, known_beforehand=True, has_albums=True),
    # The items and features of a dataset with folds, in the sets of one of these: not written by anybody.
    "fold": DatasetKind(known_beforehand=True),
    # A part of a published archive: features and splits come with it.
    "archive": DatasetKind(takes_own_files=True),
}


@dataclass(frozen=True)
class Task:
    """What there is to know of a task.

    Attributes
    ----------
    scored_sets : tuple of str
        Whose scores a result is made from: thresholds are chosen on the validation set.
    facts : tuple of str
        What models may be taught: class, or factors (pmi: of the classes, als: of plays).
    has_classes : bool
        Whether classes are predicted; else what users like.
    of_dataset : bool
        Whether a dataset says it; else an experiment does, by its output, and whatever the dataset's classes.
    one_class : bool
        Whether each item has exactly one class.
    draws_items : bool
        Whether intervals are over items; else they are over users.
    pictures : tuple of str
        What is drawn of a result.
    """

    scored_sets: tuple[str, ...]
    facts: tuple[str, ...]
    has_classes: bool = True
    of_dataset: bool = True
    one_class: bool = False
    draws_items: bool = True
    pictures: tuple[str, ...] = ()

    @property
    def side(self) -> str:
        """Tell whose factors there are beside those of the items: of users, or of classes."""
        return "class" if self.has_classes else "user"


TASKS = {
    "multiclass": Task(("test",), ("class",), one_class=True, pictures=("confusion",)),
    "multilabel": Task(("test", "val"), ("class", "pmi"), pictures=("precision-recall",)),
    "recommendation": Task(("test",), ("als",), has_classes=False, draws_items=False),
    # An item's second input is looked for by its first, and the other way round.
    "retrieval": Task(("test",), ("class",), of_dataset=False),
}
