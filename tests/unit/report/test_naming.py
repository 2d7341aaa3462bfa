"""How results and measures are called and ordered."""

from tartarus.report import markdown, naming, tabulate

from tests.unit.examples import RESULT
from tests.unit.report.small_tables import PAPER, lines_of, other, unpublished


def test_results_stand_in_the_order_of_the_paper_and_others_behind_in_their_own() -> None:
    results = [unpublished("z"), RESULT, unpublished("a"), other()]
    assert [naming.name_of(result) for result in naming.in_order(results, PAPER)] == [
        "dummy_audio", "dummy_multimodal_audio_bow", "z", "a"
    ]  # fmt: skip
    assert naming.in_order(results) == results
    # What was not made stands where the paper has it.
    names = list(lines_of(markdown.table("Small world", results, paper=PAPER)))
    assert names[2:] == ["timbre", "dummy_audio", "dummy_text_bow", "dummy_multimodal_audio_bow", "visual", "z", "a"]
    found = [
        "_".join(filter(None, (row["experiment"], row["settings"]))) for row in tabulate.rows(results, paper=PAPER)
    ]
    assert list(dict.fromkeys(found)) == names[2:]


def test_measures_come_in_the_order_of_the_literature_whatever_that_of_the_file() -> None:
    result = unpublished(**{"map@500": 1, "f1_macro": 1, "ndcg@1": 1, "accuracy": 1, "roc_auc": 1, "recall_macro": 1})
    expected = ["accuracy", "recall_macro", "f1_macro", "roc_auc", "ndcg@1", "map@500"]
    assert naming.measure_names([result]) == expected
    assert [row["measure"] for row in tabulate.rows([result])] == expected


def test_of_rankings_a_page_has_the_main_measures_only() -> None:
    names = ("precision_macro", "f1_macro", "roc_auc", "precision@1", "precision@3", "ndcg@1", "ndcg@5", "adiv@3")
    names += ("subset_accuracy", "precision_micro", "recall_micro", "f1_micro", "roc_auc_micro")
    result = unpublished(**dict.fromkeys(names, 0.5))
    main = ["f1_macro", "roc_auc", "precision@1", "ndcg@5", "adiv@3"]
    assert naming.measure_names([result], main=True) == main
    assert lines_of(markdown.table("Small world", [result]))["experiment"][4:] == main
    # Without rankings, macro averages are main measures.
    result = unpublished(accuracy=0.5, precision_macro=0.5, recall_macro=0.5)
    assert naming.measure_names([result], main=True) == ["accuracy", "precision_macro", "recall_macro"]
