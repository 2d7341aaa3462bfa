"""Which jobs there are, and what each is given."""

from pathlib import Path

import numpy as np
import pytest
from tartarus.base.errors import TartarusError
from tartarus.features import store
from tartarus.plan import archives, config, jobs, report_jobs, requests, schemas
from tartarus.plan.jobs import Jobs

from tests.unit.plan.worlds import world

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
    assert report_jobs.results(built)[0] == f"results/tismir/{built[0].name}.json"
    seeds = sum(len(request.options["seeds"]) for request in built)
    assert len(report_jobs.histories(built)) == seeds
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
