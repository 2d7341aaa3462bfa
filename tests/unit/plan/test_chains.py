"""The models that a file passes through, as plain values."""

import pytest
from tartarus.base.errors import TartarusError
from tartarus.plan import chains, config, requests


def test_a_fusion_leads_back_to_sound_and_words_through_the_first_seeds(shipped: config.Config) -> None:
    found = chains.chain(requests.find(shipped, "demo", "dummy_multimodal_audio_bow"))
    audio, words = found["inputs"]
    assert len(found["models"]) == 3
    assert (audio["model"], audio["layer"], words["layer"]) == ("dummy_audio", "flatten", "dense2")
    assert audio["source"]["models"] == ["data/models/demo/dummy_audio/seed-1/model.keras"]
    assert audio["source"]["inputs"] == [{"kind": "patches_<n>_<sec>", "pad": "floor", "min_seconds": 1.0}]
    assert words["source"]["inputs"] == [{"kind": "bow"}]
    assert list(chains.models(found)) == [
        *(f"data/models/demo/dummy_multimodal_audio_bow/seed-{seed}/model.keras" for seed in (1, 2, 3)),
        "data/models/demo/dummy_audio/seed-1/model.keras",
        "data/models/demo/dummy_text_vsm_bow/seed-1/model.keras",
    ]


@pytest.mark.parametrize(
    ("family", "name", "entry"),
    [
        ("demo-modalities", "single-label-vector_timbre", {"kind": "timbre", "min_seconds": 1.0}),
        ("demo-modalities", "single-label-covers", {"kind": "pictures"}),
        # Of files that the user has put beside an archive.
        ("ismir", "image_logistic_resnet", {"kind": "pictures"}),
        (
            "acousticbrainz",
            "genres_discogs",
            {"kind": "recordings", "columns": "data/raw/AcousticBrainz/made/COLUMNS.tsv", "min_seconds": 1.0},
        ),
    ],
)
def test_what_is_measured_of_sound_and_covers_are_made_from_a_file(
    shipped: config.Config, family: str, name: str, entry: dict[str, object]
) -> None:
    assert chains.chain(requests.find(shipped, family, name))["inputs"] == [entry]


def test_what_no_file_of_an_inbox_can_become_is_refused(shipped: config.Config) -> None:
    with pytest.raises(TartarusError, match="bi_audio_text: nothing makes 'model_audio' from a file in an inbox; what"):
        chains.chain(requests.find(shipped, "ismir", "logistic_multilabel_bi_audio_text"))


def test_of_test_items_the_sound_is_heard_anew_and_all_else_stays(shipped: config.Config) -> None:
    found = chains.of_test_items(requests.find(shipped, "demo", "dummy_multimodal_audio_bow"))
    audio, words = found["inputs"]
    assert len(found["models"]) == 3
    assert words == {
        "kind": "<model>-pred_<layer>",
        "file": "data/train_data/X_test_dummy_text_vsm_bow-pred_dense2_DEMO.npz",
    }
    assert audio["source"]["models"] == ["data/models/demo/dummy_audio/seed-1/model.keras"]
    how = shipped.dataset("DEMO")["patches"]["offsets"]
    count = int(requests.find(shipped, "demo", "dummy_audio").features[0].split("_")[1])
    assert audio["source"]["inputs"] == [
        {
            **{"kind": "patches_<n>_<sec>", "pad": "floor", "min_seconds": 1.0},
            "offsets": {"count": count, "how": how, "seed": shipped.values["seed"]},
        }
    ]
    assert words["file"] in chains.models(found)
    (timbre,) = chains.of_test_items(requests.find(shipped, "demo-modalities", "single-label-vector_timbre"))["inputs"]
    assert timbre == {"kind": "timbre", "min_seconds": 1.0}


@pytest.mark.parametrize(("family", "name"), [("demo", "dummy_text_vsm_bow"), ("ismir", "audio_logistic_high-3x3")])
def test_where_no_files_of_sound_lead_to_a_model_there_is_nothing_to_deform(
    shipped: config.Config, family: str, name: str
) -> None:
    with pytest.raises(TartarusError, match=rf"{family}/{name}: no sound of \S+ leads to it, which could be deformed"):
        chains.of_test_items(requests.find(shipped, family, name))
