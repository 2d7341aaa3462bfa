"""The picture of what is made from what."""

from collections.abc import Sequence

import networkx as nx
import numpy as np
from matplotlib.figure import Figure


def graph(edges: Sequence[tuple[str, str]], title: str) -> Figure:
    """Draw a directed graph from left to right, each node as early as it can be.

    Parameters
    ----------
    edges : sequence of (str, str)
        From, to.
    title : str
        Of the figure.
    """
    # Without the arrows that say what a longer way says already; sorted again, for sets come in any order.
    forward, back = _without_circles(edges)
    graph_ = nx.DiGraph(sorted(nx.transitive_reduction(forward).edges))
    layers = [sorted(layer) for layer in nx.topological_generations(graph_)]
    place: dict[str, tuple[float, float]] = {}
    for x, layer in enumerate(layers):
        # A node goes near the mean height of what it is made from.
        height = {
            node: float(np.mean([place[former][1] for former in graph_.predecessors(node)] or [0])) for node in layer
        }
        layer.sort(key=lambda node: (-height[node], node))
        for rank, node in enumerate(layer):
            place[node] = (float(x), (len(layer) - 1) / 2 - rank)
    tallest = max(map(len, layers))
    figure = Figure(figsize=(1.6 * len(layers), 0.9 * tallest + 1), layout="constrained")
    axis = figure.subplots()
    for number, (source, target) in enumerate([*graph_.edges, *back]):
        # Arrows over several columns, or back, are bent, so that they do not hide behind what is between.
        span = place[target][0] - place[source][0]
        bend = 0.0 if span in (0, 1) else (0.18 if number % 2 else -0.18)
        style = {"arrowstyle": "->", "color": "0.65", "shrinkA": 18, "shrinkB": 18}
        axis.annotate("", place[target], place[source], arrowprops={**style, "connectionstyle": f"arc3,rad={bend}"})
    for node, (across, up) in place.items():
        box = {"boxstyle": "round", "facecolor": "#e8eef7", "edgecolor": "#4a6fa5"}
        axis.text(across, up, node.replace("_", "\n"), ha="center", va="center", fontsize=7, bbox=box)
    axis.set(xlim=(-0.6, len(layers) - 0.4), ylim=(-tallest / 2 - 0.3, tallest / 2 + 0.3), title=title)
    axis.axis("off")
    return figure


def _without_circles(edges: Sequence[tuple[str, str]]) -> tuple[nx.DiGraph, list[tuple[str, str]]]:
    """Part the arrows that lead back: a rule takes layers of models, of which some have learned from such layers."""
    forward, back = nx.DiGraph(), []
    for source, target in sorted(edges):
        forward.add_nodes_from((source, target))
        if nx.has_path(forward, target, source):
            back.append((source, target))
        else:
            forward.add_edge(source, target)
    return forward, back
