"""Inheritance: experiments that take what they do not say from others, sections that are laid over others."""

from collections.abc import Mapping
from typing import Any

from tartarus.base.errors import TartarusError, suggestion
from tartarus.plan.origins import Origins

Section = dict[str, Any]
# In the name of what is extended: the task of the experiment's dataset.
TASK = "{task}"
_DEEPEST = 50  # entries in a row, each extending the next


def merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> Section:
    """Lay `own` over `base`, key by key; mappings are merged, everything else is replaced.

    A mapping with a `name` of its own that differs from the base's describes another thing (another
    network, another optimiser): it replaces the base's mapping whole.
    """
    result = dict(base)
    for key, value in own.items():
        former = result.get(key)
        same = isinstance(value, Mapping) and isinstance(former, Mapping)
        if same and value.get("name", former.get("name")) == former.get("name"):  # type: ignore[union-attr]
            result[key] = merged(former, value)  # type: ignore[arg-type]
        else:
            result[key] = value
    return result


class Inheritance:
    """The experiments of all families, with what they inherit.

    Parameters
    ----------
    families : mapping
        Name to family, as it stands in its file.
    defaults : dict
        What every experiment starts from.
    origins : Origins
        For messages.
    tasks : mapping
        Name of a dataset to its task, which takes the place of ``{task}`` in what an entry extends.
    """

    def __init__(
        self, families: Mapping[str, Section], defaults: Section, origins: Origins, tasks: Mapping[str, str]
    ) -> None:
        self._families = families
        self._defaults = defaults
        self._origins, self._tasks = origins, tasks
        # By full name and task, without the defaults. Each once: else an entry that extends one twice, which extends
        # another twice, and so on, would take for ever.
        self._resolved: dict[tuple[str, str], Section] = {}

    def of_family(self, family: str) -> dict[str, Section]:
        """Resolve all experiments of a family.

        Raises
        ------
        TartarusError
            If one extends what there is not, itself, or too many in a row.
        """
        return {
            name: merged(self._defaults, self._of_experiment(f"{family}/{name}"))
            for name in self._families[family]["experiments"]
        }

    def _of_experiment(self, full: str) -> Section:
        """Resolve an experiment: first without what depends on the task, which its dataset tells."""
        dataset = self._resolve(full, (), "").get("dataset")
        return self._resolve(full, (), self._tasks.get(dataset or "", ""))

    def _resolve(self, full: str, seen: tuple[str, ...], task: str) -> Section:
        """Resolve the experiment or template `family/name`, which those `seen` extend, for a task."""
        if (full, task) not in self._resolved:
            family = full.partition("/")[0]
            own = dict(self._look_up(full, seen))
            parents = own.pop("extends", [])
            result: Section = {}
            for parent in [parents] if isinstance(parents, str) else parents:
                if TASK in parent and not task:
                    continue
                inherited = (parent if "/" in parent else f"{family}/{parent}").replace(TASK, task)
                result = merged(result, self._resolve(inherited, (*seen, full), task))
            self._resolved[full, task] = merged(result, own)
        return self._resolved[full, task]

    def _look_up(self, full: str, seen: tuple[str, ...]) -> Section:
        family, _, name = full.partition("/")
        source = self._origins.of_entry("experiments", family)
        if full in seen:
            raise TartarusError(f"{source}: {name}: extends itself ({' -> '.join((*seen, full))})")
        if len(seen) == _DEEPEST:
            raise TartarusError(
                f"{source}: {name}: {seen[0]} extends more than {_DEEPEST} entries in a row; shorten that"
            )
        if family not in self._families:
            source = self._origins.of_entry("experiments", seen[-1].partition("/")[0])
            raise TartarusError(f"{source}: '{seen[-1]}' extends '{full}': {suggestion(family, self._families)}")
        entries = self._families[family].get("templates", {}) | self._families[family]["experiments"]
        if name not in entries:
            raise TartarusError(f"{source}: no entry '{name}' to extend; {suggestion(name, entries)}")
        entry: Section = entries[name]
        return entry
