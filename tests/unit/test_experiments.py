"""The experiments of the papers: by the names of the original's commands, with the settings that matter.

Every figure here is written down from the papers and the original's code, not from the configuration.
"""

from typing import Any

import pytest
from tartarus.plan import config, requests

# --- The original's commands ---------------------------------------------------------------------------

# What its README says to run, by the names of results here.
COMMANDS = {
    "super": ["dummy_audio", "dummy_text_vsm_bow", "dummy_text_w2v_w2v", "dummy_multimodal_audio_bow"],
    "dlrs": ["rec_sparse_sem-bio", "rec_multi_a-sem-emb_audio-emb"],
    "ismir": [
        *("logistic_multilabel_bi_audio_text", "logistic_multilabel_bi_visual_text"),
        *("logistic_multilabel_bi_visual_audio", "logistic_multilabel_tri_audio_text_visual"),
        *("cosine_multilabel_bi_audio_text", "cosine_multilabel_bi_visual_text"),
        *("cosine_multilabel_bi_visual_audio", "cosine_multilabel_tri_audio_text_visual"),
        *("cosine_text_multilabel_VSM", "cosine_text_multilabel_VSM-SEM"),
        *("logistic_text_multilabel_VSM", "logistic_text_multilabel_VSM-SEM"),
    ],
    "tismir": [
        *("single-label-vector_audio", "single-label-multimodal_audio_visual"),
        *("single-label-multimodal_audio_mm-audio", "single-label-all_audio_visual_mm-audio_mm-visual"),
    ],
}


@pytest.mark.parametrize("family", COMMANDS)
def test_every_command_of_the_original_s_readme_has_a_result_that_its_family_builds(
    shipped: config.Config, family: str
) -> None:
    built = {model.name for model in requests.requests_of(shipped, family)}
    assert set(COMMANDS[family]) <= built


def test_the_other_commands_have_files(shipped: config.Config) -> None:
    audio = requests.find(shipped, "super", "dummy_audio")
    assert audio.files("train") == ["data/patches/patches_train_SUPER_1_15.hdf5"]
    for name, file in (("dummy_text_vsm_bow", "bow"), ("dummy_text_w2v_w2v", "w2v")):
        assert requests.find(shipped, "super", name).files("train") == [f"data/train_data/X_train_{file}_SUPER.npz"]
    both = requests.find(shipped, "super", "dummy_multimodal_audio_bow")
    assert both.files("train")[0] == "data/train_data/X_train_dummy_audio-pred_flatten_SUPER.npz"


# --- Settings --------------------------------------------------------------------------------------------

SIGMOID = {"output": "sigmoid", "loss": "binary_crossentropy"}
COSINE = {"output": "linear", "loss": "cosine"}
SOFTMAX = {"output": "softmax", "loss": "categorical_crossentropy"}
DUMMY = {"output": "softmax", "loss": "binary_crossentropy", "fact": "class", "dim": 3, "batch_size": 3}
LOGISTIC_250 = {**SIGMOID, "fact": "class", "dim": 250, "dataset": "MuMu-albums"}
COSINE_50 = {**COSINE, "fact": "pmi", "dim": 50, "dataset": "MuMu-albums"}
ALS_200 = {**COSINE, "fact": "als", "dim": 200, "validation": "cut"}
ONE_OF_15 = {**SOFTMAX, "fact": "class", "dim": 15, "dataset": "MSD-I", "seeds": [1, 2, 3]}
WIDE_TEXT = {"name": "mlp", "dense": [2048, 2048], "dropout": 0.5}


def genres(source: str, dim: int) -> dict[str, Any]:
    return {**SIGMOID, "fact": "class", "dim": dim, "dataset": source}


EXPERIMENTS: dict[tuple[str, str], dict[str, Any]] = {
    ("super", "dummy_audio"): {
        **DUMMY,
        "features": ("patches_1_15",),
        "network": {
            "name": "cnn", "filters": [64, 128], "kernels": [[4, 96], [4, 1]], "pools": [[4, 1], [2, 1]], "dropout": 0,
        },
    },
    ("super", "dummy_text_vsm_bow"): {**DUMMY, "network": {"name": "mlp", "dense": [128, 128], "dropout": 0.5}},
    ("super", "dummy_text_w2v_w2v"): {
        **DUMMY,
        "network": {"name": "text-cnn", "filters": 150, "widths": [2, 3], "dense": 128, "dropout": [0.5, 0.8]},
    },
    ("super", "dummy_multimodal_audio_bow"): {
        **DUMMY,
        **SIGMOID,
        "features": ("dummy_audio-pred_flatten", "dummy_text_vsm_bow-pred_dense2"),
        "network": {"name": "fusion", "dense": [], "dropout": 0},
    },
    ("dlrs", "rec_sparse_sem-bio"): {**ALS_200, "dataset": "MSD-A-artists", "network": WIDE_TEXT},
    ("dlrs", "rec_dense_a-sem-emb"): {**ALS_200, "dataset": "MSD-A-artists", "network": WIDE_TEXT},
    ("dlrs", "rec_multi_a-sem-emb_audio-emb"): {
        **ALS_200,
        "dataset": "MSD-A-songs",
        "features": ("a-sem-emb", "audio-emb"),
        "network": {"name": "fusion", "dense": [512], "dropout": 0.7},
    },
    ("ismir", "logistic_multilabel_vector_audio"): {
        **LOGISTIC_250, "features": ("model_audio",), "network": {"name": "mlp", "dense": [], "dropout": 0},
    },
    ("ismir", "audio_logistic_timbre-mlp"): {
        **LOGISTIC_250, "dataset": "MuMu-tracks", "features": ("timbre",), "network": {"name": "mlp"},
    },
    ("ismir", "image_logistic_resnet"): {
        **LOGISTIC_250,
        "features": ("pictures",),
        "network": {"name": "resnet", "depth": 101},
        "batch_size": 50, "epochs": 90, "optimizer": {"name": "adam", "learning_rate": 1e-4},
    },
    ("ismir", "logistic_multilabel_bi_audio_text"): {
        **LOGISTIC_250,
        "features": ("model_audio", "model_text"),
        "network": {"name": "fusion", "dense": [], "dropout": 0},
    },
    ("ismir", "logistic_multilabel_tri_audio_text_visual"): {
        **LOGISTIC_250,
        "features": ("model_audio", "model_text", "model_visual"),
        "network": {"name": "fusion", "dense": [], "dropout": 0},
    },
    ("ismir", "cosine_multilabel_vector_text"): {
        **COSINE_50, "features": ("model_text",), "network": {"name": "mlp", "dense": [], "dropout": 0.7},
    },
    ("ismir", "cosine_multilabel_bi_visual_text"): {
        **COSINE_50,
        "features": ("model_visual", "model_text"),
        "network": {"name": "fusion", "dense": [], "dropout": 0.7},
    },
    ("ismir", "cosine_multilabel_tri_audio_text_visual"): {
        **COSINE_50, "network": {"name": "fusion", "dense": [], "dropout": 0.7},
    },
    ("ismir", "logistic_text_multilabel_VSM"): {**LOGISTIC_250, "features": ("VSM",), "network": WIDE_TEXT},
    ("ismir", "logistic_text_multilabel_VSM-SEM"): {**LOGISTIC_250, "features": ("VSM-SEM",), "network": WIDE_TEXT},
    ("ismir", "cosine_text_multilabel_VSM"): {**COSINE_50, "network": WIDE_TEXT},
    ("ismir", "cosine_text_multilabel_VSM-SEM"): {**COSINE_50, "network": WIDE_TEXT},
    ("tismir", "single-label-audio"): {
        **ONE_OF_15,
        "features": ("patches_1_15",),
        "network": {
            "name": "cnn", "filters": [64, 128, 256], "kernels": [[4, 96], [4, 1], [4, 1]],
            "pools": [[4, 1], [4, 1], [2, 1]], "dense": [], "dropout": 0.5,
        },
    },
    ("tismir", "single-label-vector_mm-audio"): {
        **ONE_OF_15, "features": ("mm-audio",), "network": {"name": "mlp", "dense": [], "dropout": 0.5},
    },
    ("tismir", "single-label-multimodal_mm-audio_mm-visual"): {
        **ONE_OF_15,
        "features": ("mm-audio", "mm-visual"),
        "network": {"name": "fusion", "dense": [], "dropout": 0.5},
    },
    ("tismir", "single-label-all_audio_visual_mm-audio_mm-visual"): {
        **ONE_OF_15,
        "features": ("audio", "visual", "mm-audio", "mm-visual"),
        "network": {"name": "fusion", "dense": [], "dropout": 0.5},
    },
    ("acousticbrainz", "genres_allmusic"): {
        **genres("allmusic", 766),
        "features": ("patches_1_1",),
        "network": {"name": "mixed", "units": 2048, "dense": [1024], "dropout": 0.5},
    },
    **{
        ("acousticbrainz", f"genres_{source}"): {
            **genres(source, dim),
            "features": ("patches_1_1",),
            "network": {"name": "mlp", "dense": [256], "dropout": 0.5},
        }
        for source, dim in (("discogs", 315), ("lastfm", 327), ("tagtraum", 296))
    },
    ("acousticbrainz", "genres_discogs_singlemodal_discogs"): {
        **genres("discogs", 315),
        "features": ("genres_discogs-pred_dense1",),
        "network": {"name": "mlp", "dense": [], "dropout": 0.5},
    },
    **{
        ("acousticbrainz", f"genres_{source}_multimodal"): {
            **genres(source, dim),
            "features": tuple(f"genres_{of}-pred_dense1" for of in ("allmusic", "discogs", "lastfm", "tagtraum")),
            "network": {"name": "fusion", "dense": [], "dropout": 0.5},
        }
        for source, dim in (("allmusic", 766), ("discogs", 315), ("lastfm", 327), ("tagtraum", 296))
    },
}  # fmt: skip

# Sound: kernels and pools of the four layers, and the filters.
SHAPES = {
    "4x96": {"kernels": [[4, 96], [4, 1], [4, 1], [1, 1]], "pools": [[4, 1], [4, 1], [4, 1], [1, 1]]},
    "4x70": {"kernels": [[4, 70], [4, 6], [4, 1], [1, 1]], "pools": [[4, 4], [4, 1], [4, 1], [1, 1]]},
    "3x3": {"kernels": [[3, 3]] * 4, "pools": [[2, 4], [2, 4], [4, 1], [4, 1]]},
}
FILTERS = {"low": [64, 128, 128, 64], "high": [256, 512, 1024, 1024]}
LOSSES = {
    "logistic": {**SIGMOID, "fact": "class", "dim": 250, "dataset": "MuMu-tracks"},
    "cosine": {**COSINE, "fact": "pmi", "dim": 50, "dataset": "MuMu-tracks"},
}
for loss, outcome in LOSSES.items():
    for size, filters in FILTERS.items():
        for shape, layers in SHAPES.items():
            dropout = 0.5 if (size, loss) == ("high", "cosine") else 0
            EXPERIMENTS["ismir", f"audio_{loss}_{size}-{shape}"] = {
                **outcome,
                "features": ("patches_1_15",),
                "network": {"name": "cnn", "filters": filters, **layers, "dense": [], "dropout": dropout},
            }
EXPERIMENTS["ismir", "logistic_audio_multilabel"] = EXPERIMENTS["ismir", "audio_logistic_low-4x70"]
EXPERIMENTS["ismir", "cosine_audio_multilabel"] = EXPERIMENTS["ismir", "audio_cosine_high-4x70"]

# What a network is without a word about it.
DEFAULTS = {"dense": [], "dropout": 0}
ALL = {
    "fact": "class",
    "validation": "file",
    "optimizer": {"name": "adam", "learning_rate": 0.001},
    "batch_size": 32,
    "epochs": 100,
    "patience": 4,
}


def test_there_are_twelve_networks_of_spectrograms_and_one_of_timbre() -> None:
    assert sum(name.startswith("audio_") for _, name in EXPERIMENTS) == 12 + 1


@pytest.mark.parametrize(("family", "name"), EXPERIMENTS)
def test_an_experiment_has_the_settings_of_its_paper(shipped: config.Config, family: str, name: str) -> None:
    model, expected = requests.find(shipped, family, name), {**ALL, **EXPERIMENTS[family, name]}
    network = expected.pop("network")
    features = expected.pop("features", model.features)
    assert model.features == features
    assert {key: model.options[key] for key in expected} == expected
    assert {**{key: DEFAULTS[key] for key in network if key in DEFAULTS}, **model.options["network"]} == network
    assert model.task == {"super": "multiclass", "tismir": "multiclass", "dlrs": "recommendation"}.get(
        family, "multilabel"
    )


def test_nothing_of_the_papers_families_is_unknown_here(shipped: config.Config) -> None:
    listed = {(family, requests.find(shipped, family, name).experiment) for family, name in EXPERIMENTS}
    listed.add(("dlrs", "rec_songs"))  # the inputs of rec_multi, each alone
    for family in ("super", "dlrs", "ismir", "tismir", "acousticbrainz"):
        for experiment in shipped.family(family)["experiments"]:
            assert (family, experiment) in listed


def test_a_family_s_name_builds_all_that_its_paper_lists(shipped: config.Config) -> None:
    for family in ("ismir", "tismir", "dlrs", "acousticbrainz"):
        built = {model.name for model in requests.requests_of(shipped, family)}
        aliases = {"logistic_audio_multilabel", "cosine_audio_multilabel"}
        assert {name for of, name in EXPERIMENTS if of == family} - aliases <= built
        published = shipped.published[family]["rows"]
        assert {name for name, row in published.items() if "not_built" not in row} <= built
        assert not {name for name, row in published.items() if "not_built" in row} & built


# --- Published figures -----------------------------------------------------------------------------------

COUNTS = {"ismir": 26, "tismir": 9, "acousticbrainz": 8, "dlrs": 1}


@pytest.mark.parametrize("family", COUNTS)
def test_every_row_of_a_paper_s_table_is_there(shipped: config.Config, family: str) -> None:
    assert len(shipped.published[family]["rows"]) == COUNTS[family]


# roc_auc, adiv@1, adiv@3, adiv@5; ISMIR 2017, Table 2.
ISMIR = {
    "audio_logistic_timbre-mlp": (0.792, 0.04, 0.14, 0.22),
    "audio_logistic_low-3x3": (0.859, 0.14, 0.34, 0.54),
    "audio_logistic_low-4x70": (0.871, 0.05, 0.16, 0.34),
    "audio_cosine_high-4x96": (0.884, 0.35, 0.59, 0.75),
    "audio_cosine_high-4x70": (0.888, 0.35, 0.60, 0.74),
    "logistic_text_multilabel_VSM": (0.905, 0.08, 0.20, 0.37),
    "logistic_text_multilabel_VSM-SEM": (0.916, 0.10, 0.25, 0.44),
    "cosine_text_multilabel_VSM": (0.901, 0.53, 0.44, 0.90),
    "cosine_text_multilabel_VSM-SEM": (0.917, 0.42, 0.70, 0.85),
    "image_logistic_resnet": (0.743, 0.06, 0.15, 0.27),
    "logistic_multilabel_bi_visual_audio": (0.900, 0.10, 0.38, 0.66),
    "logistic_multilabel_tri_audio_text_visual": (0.936, 0.11, 0.39, 0.66),
    "cosine_multilabel_bi_audio_text": (0.930, 0.43, 0.74, 0.86),
    "cosine_multilabel_tri_audio_text_visual": (0.931, 0.42, 0.72, 0.86),
}


@pytest.mark.parametrize("name", ISMIR)
def test_figures_of_many_genres_are_those_of_the_paper(shipped: config.Config, name: str) -> None:
    figures = shipped.published["ismir"]["rows"][name]["figures"]
    assert figures == dict(zip(("roc_auc", "adiv@1", "adiv@3", "adiv@5"), ISMIR[name], strict=True))


@pytest.mark.parametrize(
    ("name", "parameters", "seconds"),
    [
        ("audio_logistic_timbre-mlp", 0.01e6, 1), ("audio_logistic_low-3x3", 0.5e6, 390),
        ("audio_logistic_high-3x3", 16.5e6, 2280), ("audio_cosine_low-4x96", 0.15e6, 135),
        ("audio_cosine_high-4x70", 6.5e6, 590), ("cosine_text_multilabel_VSM", 25e6, 11),
        ("image_logistic_resnet", 1.7e6, 4009), ("logistic_multilabel_bi_audio_text", 1.5e6, 2),
        ("cosine_multilabel_tri_audio_text_visual", 0.4e6, 2),
    ],
)  # fmt: skip
def test_sizes_and_seconds_are_those_of_the_paper(
    shipped: config.Config, name: str, parameters: float, seconds: int
) -> None:
    row = shipped.published["ismir"]["rows"][name]
    assert (row["parameters"], row["epoch_seconds"]) == (round(parameters), seconds)


# Macro precision, recall and F1, each with the deviation of three runs; TISMIR 2018, Table 2.
TISMIR = {
    "single-label-vector_audio": (0.385, 0.006, 0.341, 0.001, 0.336, 0.002),
    "single-label-vector_visual": (0.291, 0.016, 0.260, 0.006, 0.255, 0.003),
    "single-label-multimodal_audio_visual": (0.485, 0.005, 0.413, 0.005, 0.425, 0.005),
    "single-label-all_audio_visual_mm-audio_mm-visual": (0.477, 0.010, 0.413, 0.002, 0.427, 0.000),
}


@pytest.mark.parametrize("name", TISMIR)
def test_figures_of_single_genres_are_those_of_the_paper(shipped: config.Config, name: str) -> None:
    row, names = shipped.published["tismir"]["rows"][name], ("precision_macro", "recall_macro", "f1_macro")
    assert row["figures"] == dict(zip(names, TISMIR[name][::2], strict=True))
    assert row["deviations"] == dict(zip(names, TISMIR[name][1::2], strict=True))


def test_figures_of_four_sources_are_those_of_the_paper_and_no_yardstick(shipped: config.Config) -> None:
    rows = shipped.published["acousticbrainz"]["rows"]
    sources = ("allmusic", "discogs", "lastfm", "tagtraum")
    assert [rows[f"genres_{name}"]["figures"]["roc_auc"] for name in sources] == [0.6476, 0.7592, 0.8276, 0.8017]
    assert [rows[f"genres_{name}_multimodal"]["figures"]["roc_auc"] for name in sources] == [
        0.8122, 0.8863, 0.9064, 0.8874
    ]  # fmt: skip
    # They were measured on the validation set.
    assert all("roc_auc" in row["no_yardstick"] for row in rows.values())


def test_the_figure_of_songs_is_that_of_a_public_re_run(shipped: config.Config) -> None:
    row = shipped.published["dlrs"]["rows"]["rec_multi_sem-bio_audio-emb"]
    assert row["figures"] == {"map@500": 0.00309}
    assert "map@500" in row["no_yardstick"]


def test_figures_that_cannot_be_are_marked(shipped: config.Config) -> None:
    # Diversity cannot fall with k.
    for name, row in shipped.published["ismir"]["rows"].items():
        rising = row["figures"]["adiv@1"] <= row["figures"]["adiv@3"] <= row["figures"]["adiv@5"]
        assert rising != ("adiv@3" in row.get("no_yardstick", {})), name


def test_every_published_measure_is_one_that_its_task_has(shipped: config.Config) -> None:
    measures = {
        "ismir": {"roc_auc", "pr_auc", *(f"{name}@{k}" for name in ("precision", "ndcg", "adiv") for k in (1, 3, 5))},
        "tismir": {"accuracy", "precision_macro", "recall_macro", "f1_macro", "precision_micro"},
        "dlrs": {"map@500", "roc_auc", "pr_auc"},
        "acousticbrainz": {"roc_auc", "pr_auc"},
    }
    for family, paper in shipped.published.items():
        for name, row in paper["rows"].items():
            for section in ("figures", "deviations", "no_yardstick"):
                assert set(row.get(section, {})) <= measures[family], name
            assert all(0 <= figure <= 1 for figure in row["figures"].values())


# --- Datasets --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("archive", "doi", "records", "datasets"),
    [
        ("MuMu", "10.5281/zenodo.831189", [831189], {"MuMu-albums", "MuMu-tracks"}),
        ("MSD-A", "10.5281/zenodo.831348", [831348], {"MSD-A-artists", "MSD-A-songs"}),
        # The original's README gives the record of MuMu for it, which is a slip.
        ("MSD-I", "10.5281/zenodo.1240485", [1240485], {"MSD-I"}),
        ("AcousticBrainz", "10.5281/zenodo.2553414", [2553414, 2554044], {"allmusic", "discogs", "lastfm", "tagtraum"}),
    ],
)
def test_an_archive_is_the_published_one(
    shipped: config.Config, archive: str, doi: str, records: list[int], datasets: set[str]
) -> None:
    found = shipped.archive(archive)
    assert (found["doi"], found["records"], set(found["datasets"])) == (doi, records, datasets)
    assert all(found[key] for key in ("citation", "licence", "holds"))


@pytest.mark.parametrize(
    ("dataset", "columns"),
    [
        (
            "MuMu-albums",
            {"model_audio": 4096, "model_text": 2048, "model_visual": 2048, "VSM": 10000, "VSM-SEM": 10000},
        ),
        ("MSD-A-artists", {"sem-bio": 10000}),
        ("MSD-A-songs", {"audio-emb": 4096, "sem-bio": 10000}),
        ("MSD-I", {"audio": 2048, "visual": 2048}),
        ("allmusic", {"patches_1_1": 2669}),
        ("tagtraum", {"patches_1_1": 2669}),
    ],
)
def test_features_have_as_many_columns_as_published(
    shipped: config.Config, dataset: str, columns: dict[str, int]
) -> None:
    assert columns.items() <= shipped.dataset(dataset)["columns"].items()
