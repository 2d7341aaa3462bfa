"""Which jobs there are, and what each is given."""

import re
from pathlib import Path

import numpy as np
import pytest
from tartarus.base.errors import TartarusError
from tartarus.features import store
from tartarus.plan import archives, config, jobs, report_jobs, requests, schemas
from tartarus.plan.jobs import Jobs

from tests.unit.plan.worlds import world

# --- Trainings -------------------------------------------------------------------------------------------


def test_seeds_that_fill_several_jobs_make_several_rules() -> None:
    planned = list(Jobs(world({"a": {"seeds": [4, 5, 6], "seeds_per_job": 2}, "b": {}}, {})).trainings())
    assert [(training.rule, training.seeds) for training in planned] == [
        ("train_mine_a_from_seed_4", [4, 5]),
        ("train_mine_a_from_seed_6", [6]),
        ("train_mine_b", [1, 2, 3]),
    ]


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


# --- Features that nothing makes -------------------------------------------------------------------------


def test_vectors_of_one_s_own_are_taken_where_they_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    known = world({"a": {}}, {"mine": "myvectors"})
    folder = tmp_path / "data/train_data"
    folder.mkdir(parents=True)
    (folder / "X_test_myvectors_SONGS.npz").touch()
    request = requests.find(known, "mine", "a_mine")
    assert Jobs(known).files(request, "train") == ["data/train_data/X_train_myvectors_SONGS.npz"]


@pytest.mark.parametrize(
    ("features", "meant"), [("w2w", "w2v"), ("myvektors", "myvectors"), ("patches_1_sec", "patches_<n>_<sec>")]
)
def test_features_that_nothing_makes_are_answered_with_what_exists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, features: str, meant: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data/train_data").mkdir(parents=True)
    (tmp_path / "data/train_data/X_test_myvectors_SONGS.npz").touch()
    (tmp_path / "data/train_data/X_test_others_OTHER.npz").touch()
    known = world({"a": {}}, {"x": features})
    with pytest.raises(TartarusError) as error:
        Jobs(known).files(requests.find(known, "mine", "a_x"), "train")
    text = str(error.value)
    assert f"nothing makes the features '{features}'" in text
    assert f"did you mean '{meant}'?" in text
    assert "others" not in text
    assert "myvectors" in text


def test_features_of_an_archive_are_not_looked_for_before_it_is_checked(shipped: config.Config) -> None:
    request = requests.find(shipped, "ismir", "logistic_multilabel_bi_audio_text")
    assert len(Jobs(shipped).files(request, "train")) == 2


# --- Families --------------------------------------------------------------------------------------------


def test_results_that_lack_files_are_left_out_with_what_they_lack(shipped: config.Config) -> None:
    planned = Jobs(shipped)
    assert planned.archives_of("tismir") == ["MSD-I"]
    status = {
        entry.path: {"path": entry.path, "status": "missing" if entry.kind == "patches" else "ok", "message": ""}
        for entry in archives.expected(shipped, "MSD-I")
    }
    built, left_out = planned.sorted_requests("tismir", status)
    assert list(left_out) == ["single-label-audio"]
    assert {path.rsplit("/", 1)[1] for path in left_out["single-label-audio"]} == {
        f"patches_{set_}_MSD-I_1_15.hdf5" for set_ in ("train", "val", "test")
    }
    assert [request.name for request in built] == [
        request.name for request in requests.requests_of(shipped, "tismir") if request.name != "single-label-audio"
    ]
    assert jobs.results(built)[0] == f"results/tismir/{built[0].name}.json"
    seeds = sum(len(request.options["seeds"]) for request in built)
    assert len(jobs.histories(built)) == seeds
    assert len(planned.training_benchmarks(built)) <= seeds


def test_a_family_of_which_nothing_can_be_built_is_refused(shipped: config.Config) -> None:
    status = {
        entry.path: {"path": entry.path, "status": "missing", "message": ""}
        for entry in archives.expected(shipped, "MSD-I")
    }
    built, left_out = Jobs(shipped).sorted_requests("tismir", status)
    assert built == []
    assert list(left_out) == [request.name for request in requests.requests_of(shipped, "tismir")]
    with pytest.raises(TartarusError, match="tismir: nothing can be built: every experiment lacks files"):
        jobs.refuse_nothing("tismir", built, left_out)
    with pytest.raises(TartarusError, match="networks: nothing can be built: no experiment says with which settings"):
        jobs.refuse_nothing("networks", [], {})


def test_pictures_are_drawn_of_models_and_of_sound(shipped: config.Config) -> None:
    built, planned = requests.requests_of(shipped, "demo"), Jobs(shipped)
    charts = ["table", "classes", *(f"{kind}_{one.name}" for one in built for kind in ("confusion", "learning"))]
    assert planned.charts(built) == [f"results/demo/figures/{figure}.json" for figure in charts]
    assert planned.pictures(built) == [
        f"results/demo/figures/{figure}.png" for figure in ("spectrograms_DEMO", "chain")
    ]
    assert planned.figures(built) == [f"results/demo/figures/{figure}.png" for figure in charts] + planned.pictures(
        built
    )


def test_items_are_shown_of_datasets_with_files_and_maps_of_the_layers_that_are_learned_from(
    shipped: config.Config,
) -> None:
    built, planned = requests.requests_of(shipped, "demo"), Jobs(shipped)
    assert planned.predicted_items(built) == [f"results/demo/predictions_{request.name}.tsv" for request in built]
    assert planned.datasets_of_shown(built) == ["DEMO"] * len(built)
    assert planned.shown_items(built) == ["data/predictions/demo/shown_items.json"]
    layers = ("dummy_audio-pred_flatten", "dummy_text_vsm_bow-pred_dense2")
    assert planned.maps(built) == [f"results/demo/figures/map_{layer}.html" for layer in layers]
    archived = requests.requests_of(shipped, "ismir")
    assert planned.shown_items(archived) == planned.predicted_items(archived) == planned.maps(archived) == []


def test_lists_are_shown_of_recommendation_alone(shipped: config.Config) -> None:
    for family in ("dlrs", "demo-listeners"):
        built = requests.requests_of(shipped, family)
        expected = [
            f"data/predictions/{family}/{one.name}/shown_lists.json" for one in built if one.task == "recommendation"
        ]
        assert report_jobs.shown_lists(built) == expected != []
    assert report_jobs.shown_lists(requests.requests_of(shipped, "demo")) == []


def test_sources_tell_whom_to_cite_of_an_archive_too(shipped: config.Config) -> None:
    planned = Jobs(shipped)
    (demo,) = planned.sources(requests.requests_of(shipped, "demo"))
    assert (demo["name"], demo["licence"]) == ("DEMO", "MIT, as this repository")
    for source in planned.sources(requests.requests_of(shipped, "ismir")):
        assert source["doi"] == "10.5281/zenodo.831189"
        assert "Oramas" in source["citation"]


def test_spectrograms_depend_on_what_their_type_knows(shipped: config.Config) -> None:
    found = Jobs(shipped).spectral_options({"dataset": "DEMO"})
    assert list(found) == ["bins", "bins_per_octave", "hop", "sample_rate", "type"]
    assert list(Jobs(shipped).spectral_options({"dataset": "DEMO"}, "min_seconds"))[3] == "min_seconds"
    shared = {"type", "sample_rate", "hop"}
    for type_, own, foreign in (("mel", {"bins", "n_fft"}, "bins_per_octave"), ("stft", {"n_fft"}, "bins")):
        assert shared | own <= set(schemas.spectral_keys(type_))
        assert foreign not in schemas.spectral_keys(type_)


# --- Names that are made here ----------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "length"), [("timbre", 48), ("colours", 256)])
def test_vectors_of_ones_own_called_as_what_is_made_here_are_not_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, length: int
) -> None:
    monkeypatch.chdir(tmp_path)
    known = world({"heard": {"inputs": [name]}}, {name: name})
    request = requests.find(known, "mine", "heard")
    expected = [f"data/train_data/X_train_{name}_SONGS.npz"]
    assert Jobs(known).files(request, "train") == expected  # not there yet: a rule makes them
    own = tmp_path / f"data/train_data/X_test_{name}_SONGS.npz"
    own.parent.mkdir(parents=True)
    np.savez(own, features=np.zeros((1, 2)), index=np.array(["S1"]))
    with pytest.raises(TartarusError, match=rf"X_test_{name}_SONGS\.npz: vectors of your own, .* rename the files"):
        Jobs(known).files(request, "train")
    store.write_vectors(own, np.zeros((1, length)), ["S1"], {"kind": name, "hop": 1})
    assert Jobs(known).files(request, "train") == expected


def test_models_of_sound_alone_are_asked_about_deformed_sound(shipped: config.Config) -> None:
    found = jobs.deformed_results(requests.requests_of(shipped, "demo"))
    models = ("dummy_audio", "dummy_multimodal_audio_bow")
    assert found == [f"data/predictions/demo/{model}/deformed.json" for model in models]
    with pytest.raises(TartarusError, match="ismir: no model of sound, of a dataset with files"):
        jobs.deformed_results(requests.requests_of(shipped, "ismir"))
