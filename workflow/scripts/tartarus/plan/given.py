"""What the jobs of a request are given: a rule asks, and these functions answer in plain values and names of files."""

from collections.abc import Callable
from typing import Any

from tartarus.base.errors import TartarusError
from tartarus.plan import chains, names, pretrained, requests, weights
from tartarus.plan.config import Section, ordered
from tartarus.plan.feature_kinds import PATCHES, PRETRAINED, kind_of
from tartarus.plan.request import Request

# Options of an experiment on which only the last bits depend.
COMPUTING = ("threads", "precision")


def training_options(request: Request) -> Section:
    """Give what a training depends on, whatever the names of its files."""
    apart = ("seeds", "seeds_per_job", *COMPUTING, "settings", "features", "inputs", "evaluation")
    said = ordered({**request.options, "dim": request.dim})
    options = {key: value for key, value in said.items() if key not in apart}
    begun, heard_by = weights.described(request.options["network"]), _pretrained(request)
    return {**options, **({"weights": begun} if begun else {}), **({"pretrained": heard_by} if heard_by else {})}


def _pretrained(request: Request) -> Section:
    """Tell of the pretrained networks that a result rests on, by features: their files by checksum, licence."""
    return {
        features: ordered(pretrained.described(features, request.config.dataset(request.home_of(features))))
        for features in sorted(requests.raw_features(request))
        if kind_of(features) is PRETRAINED
    }


def weights_file(request: Request) -> str | list[str]:
    """Name the file of the weights that a training begins from; an empty list if it begins at random."""
    return weights.file_of(request.options["network"]) or []


def weighing_plays(request: Request) -> list[str]:
    """List the table that tells how many users played each item, if a plain method weighs the items by that."""
    return play_statuses(request) if request.options["network"].get("weighted") else []


def computing(request: Request, device: str) -> Section:
    """Give what the backend is started with: the last bits depend on it."""
    return {"device": device, **options_of_computing(request)}


def options_of_computing(request: Request) -> Section:
    """Give what the backend is started with, wherever it runs."""
    return {key: request.options[key] for key in COMPUTING}


def models_of_chain(request: Request) -> list[str]:
    """List all models that a file passes through on its way to the scores of a request, each once."""
    return list(dict.fromkeys(chains.models(chains.chain(request))))


def refuse_other_than_classes(request: Request, said: str) -> None:
    """Stop if a model does not predict classes; the message begins with what is `said` of them."""
    task = request.kind_of_task
    if not task.has_classes:
        does = "predicts what listeners like; ask for results/listeners/..., or top_<n>_above_<score>_<model>.tsv"
    elif not task.of_dataset:
        does = "finds one of its inputs by the other; ask for its result, or for a model that learns from its layers"
    else:
        return
    raise TartarusError(f"{request.family}/{request.name}: {said}, but this model {does}")


def models_of_test_items(request: Request) -> list[str]:
    """List all files that the test items pass through, besides their sound, on their way to a request's scores."""
    return list(dict.fromkeys(chains.models(chains.of_test_items(request))))


def deformations(request: Request) -> dict[str, Section]:
    """Give what is done to the sound of the test items of a request, by name; and nothing, ``none``.

    Raises
    ------
    TartarusError
        If nothing is to be done.
    """
    asked = request.config.dataset(request.dataset)["deform"]
    found = {name: ordered(options) for name, options in sorted(asked.items()) if options}
    if not found:
        raise TartarusError(f"{request.dataset}: deform: nothing in it; write what is to be done to the sound")
    return {"none": {}, **found}


def usage(request: Request) -> str:
    """Name what the use of the models needs besides themselves; TartarusError if what they predict is no classes."""
    refuse_other_than_classes(request, "tags are classes")
    return names.USAGE.format(family=request.family, model=request.name)


def truth_of_tags(request: Request, count_classes: Callable[[str], int]) -> dict[str, Any]:
    """Name what scores are told as classes by, and for many labels what thresholds are chosen on.

    `count_classes` tells how many classes a dataset has.

    Raises
    ------
    TartarusError
        If what is predicted is no classes.
    """
    task = request.kind_of_task
    refuse_other_than_classes(request, "tags are classes")
    request = request.folds()[0]
    truth = request.truth_files(count_classes(request.dataset))
    given: dict[str, Any] = {key: truth[key] for key in ("classes", "class_factors") if key in truth}
    if "val" in task.scored_sets:
        scored = names.PREDICTIONS.format(family=request.family, model=request.name, set="val")
        given |= {"y_val": truth["y_val"], "predictions": scored, "index": request.index_files()}
    return given


def thresholds(request: Request, asked: str | float) -> Section:
    """Tell how thresholds of tags are found: as the experiment says, or one for all."""
    rule = request.options.get("evaluation", {}).get("threshold", "per_class") if asked == "learned" else asked
    fold = {"fold": request.fold} if request.fold else {}
    return {"validation": request.options["validation"], "threshold": rule, **fold}


def model_to_look_at(request: Request) -> dict[str, str]:
    """Name the model whose filters or words are drawn, its first seed (of the first fold), and what its classes are.

    Raises
    ------
    TartarusError
        If it sees neither patches nor words alone, or tells no classes by words.
    """
    request = request.folds()[0]
    kinds, has_classes = [kind_of(features) for features in request.features], request.options["fact"] == "class"
    has_classes = has_classes and request.kind_of_task.has_classes and request.kind_of_task.of_dataset
    if PATCHES not in kinds and not (len(kinds) == 1 and kinds[0].has_vocabulary and has_classes):
        raise TartarusError(
            f"{request.family}/{request.name}: what is drawn of a model is the filters of its first convolution over "
            f"patches, or the words that speak for each class, but this one has {', '.join(request.features)} as "
            f"inputs and learns {'classes' if has_classes else 'no classes'}; ask for another"
        )
    classes = {"classes": request.truth_files()["classes"]} if has_classes else {}
    return {"model": request.models()[0], **classes}


def option(request: Request, key: str) -> Any:
    """Give one option of an experiment; an empty mapping if it says nothing."""
    return ordered(request.options.get(key, {}))


def listeners(request: Request) -> dict[str, str]:
    """Name the factors of the users who are asked about, and the table that tells who they are, if there is one.

    Raises
    ------
    TartarusError
        If the task is another than recommendation.
    """
    if request.kind_of_task.has_classes:
        raise TartarusError(
            f"{request.name}: lists are for recommendation, the task of {request.dataset} is {request.task}"
        )
    return {name: path for name, path in request.truth_files().items() if name in ("user_factors", "users")}


def known_plays(request: Request) -> dict[str, str]:
    """Name who played which item for test, and these items, where plays were factorised here: lists leave them out.

    Those of an archive are lists as in the paper, of all items.
    """
    if not request.plays_are_known:
        return {}
    return {"plays": request.truth_files()["plays"], "index": request.index_file("test")}


def play_statuses(request: Request) -> list[str]:
    """List the table that tells what became of the plays of every item, if there is one."""
    truth = {} if request.kind_of_task.has_classes else request.truth_files()
    return [truth["played"]] if "played" in truth else []
