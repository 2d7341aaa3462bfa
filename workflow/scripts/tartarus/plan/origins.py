"""Where a value of the configuration comes from: a file of its folder, or what the command line laid over it."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tartarus.base.documents import read_json, read_yaml

Place = Sequence[str | int]
GIVEN = "what was given by --configfile or --config"
_FOLDERS = ("datasets", "experiments", "published")
_ABSENT = object()


class Origins:
    """The files that a configuration is made of, for messages.

    Parameters
    ----------
    folder : Path
        The folder of config.yaml.
    overlays : iterable of str or Path
        The files of --configfile; the later lie over the earlier. Pipes are left alone: they can be read only once.

    Raises
    ------
    TartarusError
        If config.yaml or an overlay is odd; the message names file and line.
    """

    def __init__(self, folder: Path, overlays: Iterable[str | Path]) -> None:
        self._folder = folder
        files = [Path(path) for path in overlays if Path(path).is_file()]
        self._overlays = {path: _read(path) for path in reversed(files)}
        self._homes: dict[Path, Any] = {}
        self._content(folder / "config.yaml")

    def of(self, place: Place, value: Any = _ABSENT, *, untold: int = 0) -> str:
        """Tell which file a value is from, and where in it, as the beginning of a message.

        Parameters
        ----------
        place : sequence of str or int
            The keys that lead to it, in config.yaml with all that was laid over it.
        value : object
            What was found there in the end. Without it, the last file that says anything there is told.
        untold : int
            How many of the keys are left out of the message, from the end.
        """

        def says(content: Any, place: Place) -> bool:
            found = look_up(content, place)
            return found is not _ABSENT and value in (_ABSENT, found)

        told = place[: len(place) - untold]
        for path, content in self._overlays.items():
            if says(content, place):
                return _written(path, told)
        home, rest = self._home(place)
        if says(self._content(home), rest):
            return _written(home, told[len(place) - len(rest) :])
        if len(rest) < len(place) and not home.is_file():
            return _written(GIVEN, told)
        return _written(f"{home} or {GIVEN}", told[len(place) - len(rest) :])

    def of_entry(self, folder: str, name: str) -> str:
        """Tell where a dataset or a family is described: in its file, an overlay, or both."""
        place = (folder, name)
        told = [str(path) for path, content in self._overlays.items() if look_up(content, place) is not _ABSENT]
        home, _ = self._home(place)
        return " with ".join([str(home), *told] if home.is_file() or not told else told)

    def _home(self, place: Place) -> tuple[Path, Place]:
        """Name the file that a value stands in where nothing is laid over it, and where in that file."""
        if len(place) > 1 and place[0] in _FOLDERS:
            return self._folder / str(place[0]) / f"{place[1]}.yaml", place[2:]
        return self._folder / "config.yaml", place

    def _content(self, path: Path) -> Any:
        if path not in self._homes:
            self._homes[path] = read_yaml(path) if path.exists() else _ABSENT
        return self._homes[path]


def _read(path: Path) -> Any:
    return read_json(path) if path.suffix == ".json" else read_yaml(path)


def _written(path: str | Path, place: Place) -> str:
    return "".join(f"{part}: " for part in (path, *place)).removesuffix(": ")


def look_up(content: Any, place: Place) -> Any:
    """Give what stands at a place; something that equals nothing, if there is no such place."""
    for key in place:
        try:
            content = content[key]
        except (LookupError, TypeError):
            return _ABSENT
    return content
