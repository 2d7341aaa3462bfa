"""Asking Snakemake about a workflow."""

from pathlib import Path

import pytest
from tartarus.base.errors import TartarusError
from tartarus.report import snakemake_command

# As `snakemake --rulegraph` prints it; of the nodes of --dag, the rule's name is the first line.
DOT = r"""digraph snakemake_dag {
    graph[bgcolor=white, margin=0];
    node[shape=box, style=rounded, fontname=sans,                 fontsize=10, penwidth=2];
    edge[penwidth=2, color=grey];
	0[label = "all", color = "0.00 0.6 0.85", style="rounded"];
	1[label = "make_b", color = "0.33 0.6 0.85", style="rounded"];
	12[label = "make_a\nn: 1", color = "0.17 0.6 0.85", style="dashed"];
	1 -> 0
	12 -> 1
	12 -> 0
}            
"""  # noqa: W291
WORKFLOW = """
rule all:
    input: "b.txt", "c.txt"
rule make_a:
    output: "a.txt"
    shell: "touch {output}"
rule make_b:
    input: "a.txt"
    output: "b.txt"
    shell: "touch {output}"
rule make_c:
    input: "a.txt"
    output: config["name"]
    shell: "touch {output}"
"""


def test_edges_between_rules_are_read() -> None:
    assert snakemake_command.rule_edges(DOT) == [("make_b", "all"), ("make_a", "make_b"), ("make_a", "all")]


def test_a_graph_of_one_rule_has_no_edges() -> None:
    assert snakemake_command.rule_edges('digraph x {\n\t0[label = "all", color = "0"];\n}') == []


def test_snakemake_tells_the_graph_of_a_real_workflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Snakefile").write_text(WORKFLOW)
    monkeypatch.chdir(tmp_path)
    # The configuration is passed on: without it there would be no c.txt.
    dot = snakemake_command.snakemake(["--rulegraph"], snakefile="Snakefile", config={"name": "c.txt"})
    assert set(snakemake_command.rule_edges(dot)) == {
        ("make_a", "make_b"),
        ("make_a", "make_c"),
        ("make_b", "all"),
        ("make_c", "all"),
    }
    assert not list(tmp_path.glob("*.txt"))


def test_what_snakemake_says_when_it_fails_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Snakefile").write_text("rule all:\n    input: 'nowhere.txt'\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TartarusError, match=r"(?s)snakemake --rulegraph: .*nowhere\.txt"):
        snakemake_command.snakemake(["--rulegraph"], snakefile="Snakefile", config={})
