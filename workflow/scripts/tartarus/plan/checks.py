"""Whether what an experiment says goes together: asked before anything is computed for it."""

import math
from collections.abc import Iterable, Iterator

from tartarus.base.errors import TartarusError
from tartarus.plan import lineage, requests
from tartarus.plan.config import Config, Section
from tartarus.plan.feature_kinds import CONTRAST_FROM, CONTRAST_OCTAVES, DESCRIPTORS, LAYER, kind_of, row_shape
from tartarus.plan.kinds import DATASET_KINDS
from tartarus.plan.network_inputs import kind_of_row, refuse_misfit
from tartarus.plan.network_options import OF_CLASSES, OF_FACTORS, declared
from tartarus.plan.request import Request

# The losses that an output can be trained with: a cosine is of vectors of length 1, which `linear` gives; `factors` are
# of any length.
LOSSES_OF = {
    "softmax": ("categorical_crossentropy", "binary_crossentropy"),
    "sigmoid": ("binary_crossentropy",),
    "linear": ("cosine",),
    "factors": ("mean_squared_error",),
    "space": ("max_margin",),
}
FOR_FACTORS = ("linear", "factors")


def refuse_misfits(request: Request) -> None:
    """Stop if an experiment cannot be trained, or not on its dataset.

    Raises
    ------
    TartarusError
        Naming the experiment, the key and what to write instead.
    """
    section = request.config.dataset(request.dataset)
    shapes = [(name, row_shape(name, section)) for name in request.features]
    inputs = [(name, kind_of_row(shape, are_word_ids=kind_of(name).are_word_ids), shape) for name, shape in shapes]
    try:
        refuse_misfit(request.options["network"], inputs)
        _refuse_other_output(request)
        _refuse_other_reference(request)
        _refuse_other_mean(request)
        _refuse_other_validation(request)
        _refuse_other_fact(request)
        if DESCRIPTORS in map(kind_of, request.features):
            _refuse_other_sound(section["audio"])
        _refuse_other_learning(request)
        _refuse_other_augmentation(request)
        _refuse_watching_what_was_learned(request)
        _refuse_layers_of_what_was_learned(request)
        _refuse_space_in_folds(request)
    except TartarusError as error:
        raise TartarusError(f"{request.family}/{request.name}: {error}") from None


def _refuse_other_reference(request: Request) -> None:
    """Stop if a plain method is to predict what it cannot, or to be fitted again and again with the same outcome."""
    network, output, seeds = (request.options[key] for key in ("network", "output", "seeds"))
    method = network.get("method")
    if method and len(seeds) > 1:
        raise TartarusError(f"method: {method} is fitted once, its seed parts inner folds; write seeds: [{seeds[0]}]")
    if method in OF_FACTORS and output not in FOR_FACTORS:
        raise TartarusError(f"method: {method} predicts factors; write output: factors, or method: logistic-regression")
    if method in OF_CLASSES and output in FOR_FACTORS:
        raise TartarusError(f"method: {method} predicts classes; write output: softmax or sigmoid, or method: ridge")
    if method == "popularity" and request.kind_of_task.has_classes:
        raise TartarusError("method: popularity is for factors of plays (fact: als); write method: most-frequent")
    if network.get("weighted") and (method not in OF_FACTORS or not request.plays_are_known):
        raise TartarusError(
            "weighted: true counts items by who plays them, which is for method: ridge or popularity on plays that are "
            "factorised here; delete it"
        )


def _refuse_other_output(request: Request) -> None:
    output, loss, fact = (request.options[key] for key in ("output", "loss", "fact"))
    if loss not in LOSSES_OF[output]:
        fitting = " or ".join(LOSSES_OF[output])
        raise TartarusError(f"output: {output} cannot be trained with loss: {loss}; write loss: {fitting}")
    if output in ("linear", "space") and request.options.get("output_bias") == "shares":
        raise TartarusError(f"output_bias: shares are of classes, and output: {output} has none; leave it out")
    network = request.options["network"]["name"]
    if output == "space" and (network, fact) != ("space", "class"):
        raise TartarusError(
            f"output: space is for the network space, which learns from items of other classes; found network: "
            f"{network} and fact: {fact}; write network: {{name: space}} and fact: class"
        )
    if output == "factors" and fact == "class":
        raise TartarusError(
            "output: factors is for fact: als or pmi, and this is fact: class; write output: softmax or sigmoid"
        )
    if output == "softmax" and fact == "class" and not request.kind_of_task.one_class:
        raise TartarusError(
            f"output: softmax chooses one class, but the items of {request.dataset} have many (task: {request.task}); "
            f"write output: sigmoid and loss: binary_crossentropy"
        )


def _refuse_other_mean(request: Request) -> None:
    """Stop if what is to be averaged is no score, or is averaged again and again with the same outcome."""
    if request.options["network"]["name"] != "mean":
        return
    for name in request.features:
        if kind_of(name) is not LAYER or LAYER.parts(name)["layer"] != "output":
            raise TartarusError(f"mean averages scores, found '{name}'; give it <model>-pred_output")
    if request.options.get("standardise"):
        raise TartarusError("mean averages scores as they are; leave standardise out")
    if len(request.options["seeds"]) > 1:
        raise TartarusError(f"mean has nothing random in it; write seeds: [{request.options['seeds'][0]}]")


def _refuse_other_validation(request: Request) -> None:
    kind = request.config.dataset(request.dataset)["kind"]
    if request.options["validation"] == "cut" and DATASET_KINDS[kind].has_table:
        raise TartarusError(
            f"validation: cut is for archives without a set val, and {request.dataset} has one; write validation: file"
        )


def _refuse_space_in_folds(request: Request) -> None:
    if request.options["output"] == "space" and request.numbers_of_folds():
        raise TartarusError(
            f"output: space is measured among all test items, but each fold of {request.dataset} has its own space; "
            f"write a dataset without folds"
        )


def _refuse_other_fact(request: Request) -> None:
    fact, facts = request.options["fact"], request.kind_of_task.facts
    if fact not in facts:
        raise TartarusError(
            f"fact: {fact} is not for the task of {request.dataset}, {request.task}; write fact: {' or '.join(facts)}"
        )


def _refuse_other_sound(audio: Section) -> None:
    """Stop if the octaves of the spectral contrast, one of the descriptors, have no room or no bins."""
    rate, highest = audio["sample_rate"], CONTRAST_FROM * 2**CONTRAST_OCTAVES
    if rate <= highest:
        raise TartarusError(
            f"descriptors have octaves up to {highest:.0f} Hz, and audio: sample_rate: {rate} must be above that; "
            f"raise it, or write timbre in their place"
        )
    if rate / audio["n_fft"] > CONTRAST_FROM:
        raise TartarusError(
            f"descriptors need bins of at most {CONTRAST_FROM:.0f} Hz, and audio: n_fft: {audio['n_fft']} gives bins "
            f"of {rate / audio['n_fft']:.0f} Hz; write {2 ** math.ceil(math.log2(rate / CONTRAST_FROM))} or more"
        )


def _refuse_other_learning(request: Request) -> None:
    """Stop if a training is to be watched by what its outputs do not have, or weighs classes where there are none."""
    options, monitor = request.options, request.options.get("monitor", "loss")
    if monitor != "loss" and options["fact"] != "class":
        raise TartarusError(f"monitor: {monitor} is of classes, found fact: {options['fact']}; write monitor: loss")
    if monitor == "accuracy" and not request.kind_of_task.one_class:
        raise TartarusError("monitor: accuracy is for items of one class each; write monitor: roc_auc, f1 or loss")
    if options["output"] == "space" and "monitor" in options:
        raise TartarusError("monitor: a space is watched by its loss; leave it out")
    if options["output"] == "space" and options.get("evaluation", {}).get("ensemble"):
        raise TartarusError("evaluation: ensemble: the spaces of two seeds have nothing in common; leave it out")
    if not options["loss"].endswith("crossentropy"):
        for key in ("class_weights", "label_smoothing"):
            if options.get(key, "none") not in ("none", 0):
                raise TartarusError(f"{key} is for cross-entropy, found loss: {options['loss']}; leave it out")
    if options.get("evaluation", {}).get("ensemble") and len(options["seeds"]) < 2:
        raise TartarusError("evaluation: ensemble: true is the mean of several seeds; write two seeds or more")


def _refuse_watching_what_was_learned(request: Request) -> None:
    """Stop if a training that learns from validation items asks them anything, for they cannot tell it anything new."""
    if not request.learns_from_all:
        return
    options = request.options
    name = options["network"]["name"]
    if name in ("reference", "mean"):
        raise TartarusError(f"learn_from: all is for networks that are trained, found {name}; leave it out")
    if options.get("keep") != "last" or options["patience"] < options["epochs"]:
        raise TartarusError(
            f"learn_from: all leaves nothing to tell which epoch is best; write keep: last and patience: "
            f"{options['epochs']}"
        )
    if options["optimizer"].get("schedule") == "plateau":
        raise TartarusError("learn_from: all leaves nothing to tell a plateau by; write schedule: cosine")
    if _learns_thresholds(request):
        raise TartarusError(
            "learn_from: all leaves nothing to choose thresholds of many labels on; write learn_from: train, or a "
            "number, such as evaluation: {threshold: 0.5}"
        )


def _learns_thresholds(request: Request) -> bool:
    """Tell whether thresholds of many labels are chosen on the validation items."""
    said = request.options.get("evaluation", {}).get("threshold")
    return request.options["output"] == "sigmoid" and not isinstance(said, int | float)


def _refuse_layers_of_what_was_learned(request: Request) -> None:
    """Stop if validation items are to tell something, of which a model that is asked has learned the truth."""
    if request.learns_from_all or (request.options["network"]["name"] == "mean" and not _learns_thresholds(request)):
        return
    for model in _that_learned_from_all(request.config, request.features, request.dataset):
        raise TartarusError(
            f"'{model}' has learned from the validation items (learn_from: all), so that what its layers say of "
            f"them is nothing new here; write learn_from: train there"
        )


def _that_learned_from_all(
    config: Config, features: Iterable[str], dataset: str, *, passed: tuple[str, ...] = ()
) -> Iterator[str]:
    """Go through the models in whose layers is what they have learned from a dataset's validation items.

    A dataset's views, albums and folds have the items of the whole. A mean has learned nothing, but passes on
    what it is of.
    """
    for model in [LAYER.parts(name)["model"] for name in features if kind_of(name) is LAYER]:
        source = requests.find_source(config, model, dataset)
        trained_on = config.family(source.family)["experiments"][source.experiment]["dataset"]
        is_ours = lineage.to_tracks(config, trained_on)[-1] == lineage.to_tracks(config, dataset)[-1]
        if is_ours and source.learns_from_all:
            yield model
        if source.options["network"]["name"] == "mean" and model not in passed:  # one of itself is refused elsewhere
            yield from _that_learned_from_all(config, source.features, source.dataset, passed=(*passed, model))


def _refuse_other_augmentation(request: Request) -> None:
    """Stop if there are no patches that could vary, or no spectrograms to draw them from."""
    augmentation, takes = request.options.get("augmentation", {}), declared()[request.options["network"]["name"]].takes
    if any(augmentation.values()) and takes != "patches":
        name = request.options["network"]["name"]
        raise TartarusError(f"augmentation is for networks of patches alone, {name} takes {takes}; leave it out")
    home = request.home_of(request.features[0])
    shape = row_shape(request.features[0], request.config.dataset(home)) if takes == "patches" else None
    if shape and augmentation.get("transpose", 0) >= shape[-1]:
        raise TartarusError(
            f"augmentation: transpose: {augmentation['transpose']} moves patches of {shape[-1]} bins out of them; "
            f"write fewer bins, such as 2"
        )
    if augmentation.get("fresh"):
        kind = DATASET_KINDS[request.config.dataset(home)["kind"]]
        if not (kind.has_raw_files or kind.takes_own_files):
            raise TartarusError(
                f"augmentation: fresh: true draws patches from spectrograms, which {home} has not; write fresh: false"
            )
