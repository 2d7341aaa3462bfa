"""What DEMO is made to show: fusions beat what they join, and what is found among all is found far above chance."""

import json

import pytest

from .conftest import House

ALONE = ("demo/dummy_audio", "demo/dummy_text_vsm_bow")
LABELS = ("demo-labels/tags_audio", "demo-labels/tags_text_VSM-SEM", "demo-labels/tags_covers")
# Measure, what joins, and what is joined.
FUSIONS = (
    ("accuracy", "demo/dummy_multimodal_audio_bow", ALONE),
    ("accuracy", "demo-modalities/single-label-bi_audio_text", ALONE),
    (
        "accuracy",
        "demo-modalities/single-label-bi_audio_visual",
        ("demo/dummy_audio", "demo-modalities/single-label-covers"),
    ),
    ("accuracy", "demo-modalities/single-label-tri_audio_text_visual", (*ALONE, "demo-modalities/single-label-covers")),
    *(("roc_auc", f"demo-labels/{loss}_multilabel_bi_audio_text", LABELS[:2]) for loss in ("logistic", "cosine")),
    *(("roc_auc", f"demo-labels/{loss}_multilabel_tri_audio_text_visual", LABELS) for loss in ("logistic", "cosine")),
    *(
        (
            measure,
            "demo-listeners/rec_multi_audio_text",
            ("demo-listeners/rec_audio", "demo-listeners/rec_sparse_VSM-SEM"),
        )
        for measure in ("map@500", "roc_auc")
    ),
)
SPACE = "demo-modalities/space_timbre_visual"


@pytest.mark.slow
def test_fusions_beat_their_inputs_and_what_is_found_is_far_above_chance(fresh: House) -> None:
    wanted = {SPACE, *(name for _, fusion, joined in FUSIONS for name in (fusion, *joined))}
    page = "results/demo/index.html"
    fresh.run("--quiet", "all", "--", page, *sorted(f"results/{name}.json" for name in wanted))
    assert (fresh.path / page).stat().st_size < 5_000_000
    measures = {
        name: json.loads((fresh.path / f"results/{name}.json").read_text(encoding="utf-8"))["measures"]
        for name in wanted
    }
    for measure, fusion, joined in FUSIONS:
        best = max(measures[name][measure]["mean"] for name in joined)
        assert measures[fusion][measure]["mean"] > best, (fusion, best)
    for direction in ("first_to_second", "second_to_first"):
        recall = measures[SPACE][f"recall@10_{direction}"]
        assert recall["mean"] >= 3 * recall["chance"], direction
    cold = measures["demo-listeners/rec_multi_audio_text"]["map@500"]
    assert cold["mean"] >= 10 * cold["chance"]
