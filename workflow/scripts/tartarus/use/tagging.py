"""Tagging: what trained models say of files that nobody has labelled, for some files at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tartarus.base.threads import in_threads
from tartarus.evaluation import multilabel
from tartarus.features.sound.deformation import Deformation
from tartarus.items.inbox import Found
from tartarus.learning import prediction
from tartarus.use import inputs
from tartarus.use.hearing import Heard, hear
from tartarus.use.loading import Chain, Door
from threadpoolctl import threadpool_limits

FILES_AT_ONCE = 64
# Of windows, in memory at a time: 120 MB of 15 s and 96 bins.
WINDOWS_AT_ONCE = 1024


@dataclass(frozen=True)
class Said:
    """What the models say of a file.

    Attributes
    ----------
    heard : Heard
        The file, without its windows.
    scores : np.ndarray [shape=(n_outputs,)] or None
        The mean over windows, then over the seeds; None if it cannot be told.
    timeline : np.ndarray [shape=(n_windows, n_outputs)] or None
        The same for every window by itself, if it was asked for.
    begins : list of float
        Where these windows begin, in seconds.
    window : float
        How long they are, in seconds.
    """

    heard: Heard
    scores: np.ndarray | None
    timeline: np.ndarray | None = None
    begins: Sequence[float] = ()
    window: float = 0.0


def say(
    chain: Chain,
    files: Iterable[Found],
    *,
    trim: float,
    hop: float,
    workers: int = 1,
    timeline: bool = False,
    keep_spectrogram: bool = False,
) -> Iterator[Said]:
    """Tell what models say of files, in the order of the files and in flat memory.

    Parameters
    ----------
    chain : Chain
        The models.
    files : iterable of Found
        The files.
    trim, hop : float
        Of the windows; see `patches.windows`.
    workers : int
        Threads that decode, while the network runs.
    timeline : bool
        Whether to tell what is said of every window too.
    keep_spectrogram : bool
        As `tartarus.use.hearing.hear` takes it.

    Yields
    ------
    Said
        Of every file; what fails has a status and no scores.
    """
    windows: dict[str, Any] = {"trim": trim, "hop": hop}
    for group in in_groups(chain.doors, files, workers=workers, keep_spectrogram=keep_spectrogram, **windows):
        yield from _say_of_group(chain, group, timeline=timeline)


def embed(
    door: Door, files: Iterable[Found], *, trim: float, hop: float, workers: int = 1
) -> Iterator[tuple[Heard, np.ndarray | None]]:
    """Make the vectors of files that a dataset has of its items, in their order and in flat memory.

    Parameters
    ----------
    door : Door
        What makes them: of whole files, or a layer of models; see `tartarus.use.loading`.
    files, trim, hop, workers
        As in `say`.

    Yields
    ------
    heard : Heard
        Of every file, without its windows; what fails has a status.
    vector : np.ndarray [shape=(n_dimensions,)] or None
        Of a layer the mean over windows, as a dataset has it of patches; None if it cannot be told.
    """
    for group in in_groups([door], files, workers=workers, trim=trim, hop=hop):
        made = inputs.of_door(door, {str(number): one for number, one in enumerate(group)})
        found = dict(zip(made.index.tolist(), made.rows(np.arange(len(made.index))), strict=True))
        for number, one in enumerate(group):
            one.forget()
            yield one, found.get(str(number))


def in_groups(
    doors: Sequence[Door],
    files: Iterable[Found],
    *,
    workers: int,
    deform: Callable[[str], Deformation] | None = None,
    **how: Any,
) -> Iterator[list[Heard]]:
    """Make what models need of files, some at a time, in threads: while the network runs, the next are decoded.

    Parameters
    ----------
    doors : sequence of Door
        What is needed.
    files, workers
        As in `say`.
    deform : callable, optional
        Id to what is done to the sound of that item first.
    **how
        The rest as `tartarus.use.hearing.hear` takes them.
    """
    needs = [need for door in doors for need in door.needs()]

    def heard(one: Found) -> Heard:
        return hear(one, needs, deform=deform(one.id) if deform else None, **how)

    with threadpool_limits(1, user_api="blas"):
        yield from _groups(in_threads(heard, files, workers=workers))


def _groups(heard: Iterable[Heard]) -> Iterator[list[Heard]]:
    group: list[Heard] = []
    for one in heard:
        group.append(one)
        n_windows = sum(len(windows) for each in group for windows in each.windows.values())
        if len(group) == FILES_AT_ONCE or n_windows >= WINDOWS_AT_ONCE:
            yield group
            group = []
    if group:
        yield group


def _say_of_group(chain: Chain, group: Sequence[Heard], *, timeline: bool) -> Iterator[Said]:
    names = [str(number) for number in range(len(group))]
    scores = dict(zip(*_scores(chain, dict(zip(names, group, strict=True))), strict=True))
    apart = _window_by_window(chain, dict(zip(names, group, strict=True))) if timeline else {}
    for name, heard in zip(names, group, strict=True):
        begins: Sequence[float] = ()
        length = 0.0
        if name in apart:
            begins = next(iter(heard.begins.values())).tolist()
            length = next(iter(heard.windows.values())).shape[2] * heard.seconds_per_frame
        heard.forget()
        yield Said(heard, scores.get(name), apart.get(name), begins, length)


def _window_by_window(chain: Chain, group: dict[str, Heard]) -> dict[str, np.ndarray]:
    """Tell what is said of every window, as if it were a file of its own with text and cover of the whole."""
    parts: dict[str, Heard] = {}
    for name, heard in group.items():
        # Front ends whose windows are of another length have another number of them.
        if len({len(windows) for windows in heard.windows.values()}) == 1:
            for number in range(len(next(iter(heard.windows.values())))):
                own = {key: windows[number : number + 1] for key, windows in heard.windows.items()}
                parts[f"{name} {number}"] = Heard(heard.found, windows=own, wholes=heard.wholes, text=heard.text)
    found: dict[str, list[np.ndarray]] = {}
    for name, scores in zip(*_scores(chain, parts), strict=True):
        found.setdefault(name.split()[0], []).append(scores)
    return {name: np.stack(scores) for name, scores in found.items()}


def _scores(chain: Chain, group: dict[str, Heard]) -> tuple[list[str], np.ndarray]:
    """Compute the mean scores over the seeds [shape=(n_files, n_outputs)] of those files that have all inputs."""
    names, scores = of_every_seed(chain, group)
    if chain.factors is not None and names:
        scores = multilabel.class_scores(scores, chain.factors)
    return names, scores.mean(axis=0)


def of_every_seed(chain: Chain, group: dict[str, Heard]) -> tuple[list[str], np.ndarray]:
    """Compute what every model says [shape=(n_seeds, n_files, n_outputs)] of those files that have all inputs."""
    given, names = inputs.of_all_doors(chain, group)
    if not names:
        return [], np.zeros((len(chain.models), 0, chain.n_outputs), np.float32)
    runs = [prediction.predict(model, given, names, what="tags") for model in chain.models]
    return runs[0][0], np.stack([np.concatenate(list(blocks)) for _, blocks in runs])
