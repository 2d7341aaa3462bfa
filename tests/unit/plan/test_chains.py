"""The models that a file passes through, as plain values."""

import pytest
from tartarus.base.documents import read_yaml
from tartarus.base.errors import TartarusError
from tartarus.plan import chains, config, requests

from tests.paths import SHIPPED


@pytest.fixture(scope="module")
def shipped() -> config.Config:
    return config.load(read_yaml(SHIPPED / "config.yaml"), SHIPPED)


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
    ("family", "name", "features"),
    [
        ("demo-modalities", "single-label-vector_timbre", "timbre"),
        ("demo-modalities", "single-label-covers", "pictures"),
        ("ismir", "logistic_multilabel_bi_audio_text", "model_audio"),
    ],
)
def test_what_no_file_of_an_inbox_can_become_is_refused(
    shipped: config.Config, family: str, name: str, features: str
) -> None:
    with pytest.raises(TartarusError, match=f"nothing makes its input '{features}' from a file in an inbox"):
        chains.chain(requests.find(shipped, family, name))
