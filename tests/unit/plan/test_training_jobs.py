"""Which trainings there are."""

import re

import pytest
from tartarus.plan import config, requests
from tartarus.plan.jobs import Jobs

from tests.unit.plan.worlds import folded, world


def test_seeds_that_fill_several_jobs_make_several_rules() -> None:
    planned = list(Jobs(world({"a": {"seeds": [4, 5, 6], "seeds_per_job": 2}, "b": {}}, {})).trainings())
    assert [(training.rule, training.seeds) for training in planned] == [
        ("train_mine_a_from_seed_4", [4, 5]),
        ("train_mine_a_from_seed_6", [6]),
        ("train_mine_b", [1, 2, 3]),
    ]


def test_one_job_trains_all_folds_with_its_seeds() -> None:
    known = folded()
    options = {"seeds": [1, 2, 3], "seeds_per_job": 2}
    for experiment in known.families["family"]["experiments"].values():
        experiment.update(options)
    found = {training.rule: training for training in Jobs(known).trainings()}
    both = [("fold-1/", 1), ("fold-1/", 2), ("fold-2/", 1), ("fold-2/", 2)]
    assert found["train_family_text_from_seed_1"].runs == both
    assert found["train_family_text_from_seed_3"].runs == [("fold-1/", 3), ("fold-2/", 3)]
    assert found["train_family_text_from_seed_1"].folds == 2
    assert found["train_family_elsewhere_from_seed_1"].runs == [("", 1), ("", 2)]


def test_models_of_an_experiment_are_not_those_of_a_longer_name() -> None:
    planned = Jobs(world({"rec": {}, "rec_multi": {}, "rec-x": {}}, {}))
    own = re.compile(planned.models_pattern("mine", "rec"))
    assert own.fullmatch("rec")
    assert own.fullmatch("rec_bow_audio")
    assert own.fullmatch("rec_multiple")  # a setting of that name
    for other in ("rec_multi", "rec_multi_bow", "rec-x", "recx", "re"):
        assert not own.fullmatch(other), other


@pytest.mark.parametrize(
    ("offered", "awaited"),
    [
        ("model_audio-pred_dense1", {"model_audio"}),  # not `model`, nor `mod`
        ("model_bow-pred_dense1", {"model"}),
        ("model-pred_dense1", {"model"}),
        ("modelled-pred_dense1", set()),
        ("bow", set()),
    ],
)
def test_others_wait_for_the_very_experiment_whose_layer_is_offered(offered: str, awaited: set[str]) -> None:
    planned = Jobs(world({"mod": {}, "model": {}, "model_audio": {}}, {"x": offered}))
    assert {training.experiment for training in planned.trainings() if training.is_awaited} == awaited


def test_every_shipped_training_has_a_rule_of_its_own_that_makes_its_models(shipped: config.Config) -> None:
    planned = list(Jobs(shipped).trainings())
    assert len({training.rule for training in planned}) == len(planned)
    for family in shipped.families:
        for request in requests.requests_of(shipped, family, on_demand=True):
            fitting = {
                training.experiment
                for training in planned
                if training.family == family and re.fullmatch(training.models, request.name)
            }
            assert fitting == {request.experiment}
