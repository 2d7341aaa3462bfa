"""A network for small data: patches that are drawn anew in every epoch, and the mean of its seeds."""

import json

import yaml

from .conftest import House

FAMILY = {
    "title": "Networks for small data",
    "experiments": {
        "fresh": {
            "extends": "mini/mini",
            "inputs": ["patches"],
            "network": {
                "name": "cnn",
                "filters": [4, 4],
                "kernels": [[4, 96], [4, 1]],
                "pools": [[2, 1], [2, 1]],
                "norm": True,
                "channel_dropout": 0.1,
                "pooling": "both",
            },
            "output": "softmax",
            "loss": "categorical_crossentropy",
            "optimizer": {"learning_rate": 0.01, "weight_decay": 0.01, "schedule": "cosine"},
            "monitor": "f1",
            "keep": "last",
            "learn_from": "all",
            "label_smoothing": 0.1,
            "class_weights": "balanced",
            "augmentation": {
                "fresh": True,
                "transpose": 2,
                "frame_mask": 0.2,
                "bin_mask": 0.1,
                "gain": 3,
                "mixup": 0.2,
            },
            "evaluation": {"ensemble": True},
        }
    },
}


def test_patches_drawn_anew_give_the_same_model_on_one_core_and_on_two(finished: House) -> None:
    path = finished.path / "config/experiments/small.yaml"
    path.write_text(yaml.safe_dump(FAMILY), encoding="utf-8")
    table = "results/small/table.tsv"
    assert finished.planned(table) == {
        "train_small_fresh small fresh",
        "predict small fresh",
        "evaluate small fresh",
        "table small",
    }
    finished.run(table, cores=2)
    rows = [line.split("\t")[:2] for line in (finished.path / table).read_text(encoding="utf-8").splitlines()[1:]]
    assert {tuple(row) for row in rows} == {("fresh", ""), ("fresh", "ensemble")}
    assert finished.planned(table) == set()

    result = json.loads((finished.path / "results/small/fresh.json").read_text(encoding="utf-8"))
    assert result["items"]["learned_from"] == "all"

    models = [finished.path / f"data/models/small/fresh/seed-{seed}/model.keras" for seed in (1, 2)]
    histories = [model.with_name("history.csv") for model in models]
    before = [file.read_bytes() for file in (*models, *histories)]
    assert histories[0].read_text(encoding="utf-8").startswith("epoch,categorical_accuracy,loss,val_loss,val_f1")
    for file in (*models, *histories):
        file.unlink()
    finished.run(str(models[0].relative_to(finished.path)), cores=1)
    assert [file.read_bytes() for file in (*models, *histories)] == before
