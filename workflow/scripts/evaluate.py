"""Measure a model's predictions and write its result."""

from tartarus import arrays, features, files, logs, measures, results, statuses

with logs.job(snakemake.log[0]):
    given, head, options = snakemake.input, dict(snakemake.params.result), snakemake.params.options
    predictions = arrays.read_arrays(given.predictions)
    classes = files.read_lines(given.classes)
    index = {set_: files.read_lines(path) for set_, path in zip(("train", "val", "test"), given.index, strict=True)}
    used = {set_: [features.read_index(path) for path in given.get(set_)] for set_ in index}
    place = {id_: row for row, id_ in enumerate(index["test"])}
    y = arrays.read_array(given.y)[[place[id_] for id_ in predictions["index"].tolist()]]
    evaluation = measures.evaluate_multiclass(
        y, predictions["scores"], classes, **snakemake.params.bootstrap, seed=snakemake.params.seed
    )
    sources = [path for path in given if path not in given.get("statuses")]
    settings = {**options, "features": list(head.pop("features")), "bootstrap": snakemake.params.bootstrap}
    result = {
        **head,
        "items": results.count_items(index, used, statuses.read_all(given.get("statuses"))),
        "classes": len(classes),
        "parameters": int(predictions["parameters"]),
        **evaluation,
        "provenance": results.provenance(settings, sources, snakemake.params.code),
    }
    results.check(result, snakemake.output[0])
    files.write_json(snakemake.output[0], result)
