"""Sharing items out among sets, or folds, where their table does not tell: seeded, groups whole, each class alike.

Iterative stratification (Sechidis, Tsoumakas, Vlahavas 2011, "On the stratification of multi-label data") of whole
groups: class by class, the rarest first, every group goes to the set that lacks most of the class. Some orders of the
groups are tried, and the one that comes closest to the shares is taken.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from tartarus.base.hashing import stable_hash

SHARES = {"train": 0.8, "val": 0.1, "test": 0.1}
# A class in fewer groups cannot be in every set.
FEWEST_GROUPS = len(SHARES)
# One of fewer items cannot be shared out 80/10/10.
FEWEST_ITEMS = 10
# An order is good enough if every share is as near as this, or as one item. A large collection needs few orders.
NEAR = 0.02
ORDERS, ORDERED_GROUPS = 20, 20_000

# How many items have each class; and how many there are in all, under ITEMS, which is no class.
Counts = Counter[str]
ITEMS = "\0"


def share_out(
    groups: Sequence[str],
    labels: Sequence[Sequence[str]],
    *,
    seed: int,
    shares: Mapping[str, float] = SHARES,
    single: bool = False,
    kept: Sequence[str] | None = None,
) -> list[str]:
    """Share items out among sets, groups whole, each class alike.

    The order of the items does not matter.

    Parameters
    ----------
    groups : sequence of str [shape=(n_items,)]
        The group of every item.
    labels : sequence of sequence of str [shape=(n_items,)]
        The classes of every item.
    seed : int
        Another seed, another split.
    shares : mapping
        Set to the share of the items that it gets; they add up to 1.
    single : bool
        Whether an item has one class: then a class of as many groups as there are sets, or more, is in every set, and
        a group with a rarer class is in the first of them, for training.
    kept : sequence of str [shape=(n_items,)], optional
        The set in which an item is already; empty for a new one. Where the items of a group are in several sets, for
        they have become a group since, all go where most of them are.

    Returns
    -------
    list of str [shape=(n_items,)]
        The set of every item.
    """
    counts: dict[str, Counts] = defaultdict(Counter)
    former: dict[str, Counts] = defaultdict(Counter)
    for group, own, set_ in zip(groups, labels, kept or [""] * len(groups), strict=True):
        counts[group].update([ITEMS, *(set(own) or [""])])
        if set_:
            former[group][set_] += 1
    settled = {group: max(shares, key=sets.__getitem__) for group, sets in former.items()}
    sizes = {group: own[ITEMS] for group, own in counts.items() if group not in settled}
    if not sizes:
        return [settled[group] for group in groups]
    task = _Stratification(counts, settled, shares, single)
    best, least = settled, float("inf")
    for order in _orders(sizes, seed):
        sides = task.solve(order)
        distance = task.distance(sides)
        if distance < least:
            best, least = sides, distance
        if not distance:
            break
    return [best[group] for group in groups]


def _orders(sizes: Mapping[str, int], seed: int) -> Iterator[list[str]]:
    """Put groups into several orders by chance, so that their size decides nothing; in the last, the largest first."""
    for number in range(min(ORDERS, ORDERED_GROUPS // len(sizes))):
        hashes = {group: stable_hash(f"{number}:{group}", seed=seed) for group in sizes}
        yield sorted(sizes, key=lambda group: (hashes[group], group))
    yield sorted(sizes, key=lambda group: (-sizes[group], stable_hash(group, seed=seed), group))


class _Stratification:
    """The groups to be shared out, and how well that was done.

    Parameters
    ----------
    counts : mapping
        Group to the counts of its items.
    settled : mapping
        Group to its set, of those that have one already.
    shares : mapping
        Set to its share.
    single : bool
        Whether every item has one class.
    """

    def __init__(
        self, counts: Mapping[str, Counts], settled: Mapping[str, str], shares: Mapping[str, float], single: bool
    ) -> None:
        self._counts, self._settled, self._shares, self._single = counts, settled, shares, single
        self._total: Counts = Counter()
        self._groups: Counts = Counter()
        for own in counts.values():
            self._total.update(own)
            self._groups.update(own.keys())

    def solve(self, order: Sequence[str]) -> dict[str, str]:
        """Give every group a set; `order` holds the groups that have none."""
        sides = dict(self._settled)
        have: dict[str, Counts] = {set_: Counter() for set_ in self._shares}
        for group, set_ in sides.items():
            have[set_].update(self._counts[group])
        members: dict[str, list[str]] = defaultdict(list)
        items: Counts = Counter()  # not yet in a set
        for group in order:
            items.update(self._counts[group])
            for label in self._counts[group]:
                members[label].append(group)
        groups = {label: len(members[label]) for label in members}  # not yet in a set
        del members[ITEMS]
        rarest = [(items[label], label) for label in members]
        heapq.heapify(rarest)
        while rarest:
            # A label stands there once for every count that it has had: the smallest, its latest, comes first.
            _, label = heapq.heappop(rarest)
            for group in members.pop(label, []):
                if group not in sides:
                    sides[group] = set_ = self._choose(group, label, have, groups[label])
                    have[set_].update(self._counts[group])
                    for own, count in self._counts[group].items():
                        items[own] -= count
                        groups[own] -= 1
                        if own in members:
                            heapq.heappush(rarest, (items[own], own))
        return sides

    def _choose(self, group: str, label: str, have: Mapping[str, Counts], groups_left: int) -> str:
        """Choose the set that lacks most of a class; `groups_left`, this one included, have it and no set."""
        every = list(self._shares)
        if self._single and any(self._groups[own] < len(every) for own in self._counts[group]):
            return every[0]
        lack = {set_: share * self._total[label] - have[set_][label] for set_, share in self._shares.items()}
        room = {set_: share * self._total[ITEMS] - have[set_][ITEMS] for set_, share in self._shares.items()}
        sets = every
        if not self._single and self._total[label] < FEWEST_ITEMS:
            # Else every item with a rare label would be for training: of many such labels, nearly all items.
            sets = [set_ for set_ in every if room[set_] > 0] or every
        without = [set_ for set_ in sets if not have[set_][label]]
        if self._groups[label] >= len(every) and groups_left <= len(without):
            sets = without
        return max(sets, key=lambda set_: (lack[set_], room[set_]))

    def distance(self, sides: Mapping[str, str]) -> float:
        """Measure how far the shares are from what is wanted; 0 if all are near."""
        have: dict[str, Counts] = {set_: Counter() for set_ in self._shares}
        for group, set_ in sides.items():
            have[set_].update(self._counts[group])
        return sum(
            max(0.0, (abs(have[set_][label] - share * total) - 1) / total - NEAR) ** 2
            for label, total in self._total.items()
            if self._groups[label] >= len(self._shares)
            for set_, share in self._shares.items()
        )
