"""What goes into a network, and whether anything of it is left behind its convolutions: known before any training."""

from collections.abc import Mapping, Sequence
from typing import Any

from tartarus.base.errors import TartarusError
from tartarus.plan.network_options import declared

# Frames before and after a patch of network 5: 1366 frames become 1440 = 2 * 3 * 4 * 4 * 15, so the pools lose none.
PADDING = 37

# What a network takes: kinds of inputs (the last may be repeated if the flag says so), and what to do otherwise.
TAKES: dict[str, tuple[tuple[str, ...], bool, str]] = {
    "patches": (("patches",), False, "use the network mlp or fusion"),
    "patches and a vector": (("patches", "vector"), False, "give it these two, or use the network cnn or fusion"),
    "a vector": (("vector",), False, "give it bow or the output of a layer"),
    "two vectors": (("vector", "vector"), False, "give it two of bow, outputs of layers and vectors of your own"),
    "vectors": (("vector",), True, "give it bow or the output of a layer"),
    "word ids": (("word ids",), False, "give it w2v"),
    "pictures": (("pictures",), False, "give it pictures"),
}
_CALLED = {
    "patches": "patches of spectrograms",
    "vector": "vectors",
    "word ids": "word ids",
    "pictures": "pictures",
}

# Of an input: its name, its kind and the shape of a row; None where only data tell.
Known = tuple[str, str, tuple[int, ...] | None]
Size = tuple[int, int]


def kind_of_row(shape: tuple[int, ...] | None, *, are_word_ids: bool) -> str:
    """Tell what the rows of an input are; empty if none of these.

    Patches [shape=(1, n_frames, n_bins)], pictures [shape=(n_pixels, n_pixels, 3)], word ids, or a vector.
    """
    if are_word_ids:
        return "word ids"
    if shape is None or len(shape) == 1:
        return "vector"
    if len(shape) == 3 and shape[0] == 1:
        return "patches"
    return "pictures" if len(shape) == 3 and shape[2] == len("RGB") else ""


def refuse_misfit(network: Mapping[str, Any], inputs: Sequence[Known]) -> None:
    """Stop if a network does not take these inputs, or its kernels and pools leave nothing of them.

    Parameters
    ----------
    network : mapping
        Its `name` and its options.
    inputs : sequence of (str, str, tuple or None)
        Name, kind and shape of a row of each.

    Raises
    ------
    TartarusError
        Saying what the network takes, or in which layer nothing is left.
    """
    name = network["name"]
    kinds, is_repeated, remedy = TAKES[declared()[name].takes]
    if len(kinds) > 1:
        _expect_all(name, kinds, inputs, declared()[name].takes.replace("patches", _CALLED["patches"]), remedy)
    else:
        if len(inputs) != 1 and not is_repeated:
            found = ", ".join(entry[0] for entry in inputs)
            raise TartarusError(f"{name} takes 1 input, found {len(inputs)} ({found}); use the network fusion")
        for given, kind, _ in inputs:
            if kind != kinds[0]:
                raise TartarusError(f"{name}: '{given}' are no {_CALLED[kinds[0]]}; {remedy}")
    for _, kind, shape in inputs:
        if kind == "patches" and shape:
            _refuse_nothing_left(network, (shape[1], shape[2]))


def _expect_all(network: str, kinds: Sequence[str], inputs: Sequence[Known], what: str, remedy: str) -> None:
    if sorted(kind for _, kind, _ in inputs) != sorted(kinds):
        found = ", ".join(f"{name} of shape {shape}" if shape else name for name, _, shape in inputs)
        raise TartarusError(f"{network} takes {what}, found {found}; {remedy}")


def _refuse_nothing_left(network: Mapping[str, Any], size: Size) -> None:
    name, options = network["name"], {**declared()[network["name"]].defaults, **network}
    pools, kernels = list(options["pools"]), [*options.get("kernels", [])]
    counts = {"filters": len(options["filters"]), "kernels": len(kernels), "pools": len(pools)}
    if name == "crnn":
        del counts["kernels"]
        size = (size[0] + 2 * PADDING, size[1])
        kernels = [None] * len(pools)
    beside = ""
    if name == "multi-filter-cnn":  # its branches, which leave the size as it is, have a pool too
        counts["pools"] -= 1
        kernels.insert(0, None)
        beside = " after the first"
    if len(set(counts.values())) > 1:
        *first, last = (f"{count} {what}" for what, count in counts.items())
        raise TartarusError(f"{name}: {', '.join(first)} and {last}{beside}; give as many of each")
    for number, (kernel, pool) in enumerate(zip(kernels, pools, strict=True), start=1):
        if kernel and kernel[1] == "all":
            kernel = (kernel[0], size[1])
        size = _size_after(size, pool, f"{name}: layer {number}", kernel=kernel)


def _size_after(size: Size, pool: Sequence[int], layer: str, *, kernel: Sequence[int] | None) -> Size:
    """Tell how many frames and bins a valid convolution, if there is a kernel, and its pool leave."""
    widths = (1, 1) if kernel is None else kernel
    frames, bins = ((length - width + 1) // step for length, width, step in zip(size, widths, pool, strict=True))
    if min(frames, bins) < 1:
        given, steps = (" x ".join(map(str, entry)) for entry in (size, pool))
        after = f"a pool of {steps}; make it"
        if kernel is not None:
            after = f"a kernel of {' x '.join(map(str, kernel))} and a pool of {steps}; make them"
        raise TartarusError(f"{layer}: nothing is left of {given} frames and bins after {after} smaller")
    return frames, bins
