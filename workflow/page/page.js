"use strict";
// The table sorts, charts are drawn when they come into view, and items are listed for the model that is chosen. Whatever
// was read from files is put into the page as text, never as HTML.
(() => {
  const make = (tag, attributes = {}, ...content) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...content);
    return element;
  };
  const bdi = (text) => make("bdi", {}, text);

  // --- Sorting: within each part of the table; what has no figure stays last ---
  const sortBy = (table, column, ascending) => {
    for (const body of table.tBodies) {
      const rows = [...body.rows].filter((row) => !row.classList.contains("part"));
      const value = (row) => row.cells[column].dataset.value;
      const areNumbers = rows.every((row) => value(row) === "" || !isNaN(Number(value(row))));
      rows.sort((one, other) => {
        const [a, b] = [value(one), value(other)];
        if (a === "" || b === "") return (a === "") - (b === "");
        const by = areNumbers ? Number(a) - Number(b) : a < b ? -1 : a > b ? 1 : 0;
        return ascending ? by : -by;
      });
      body.append(...rows);
    }
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
      // Of figures, the largest first.
      const before = head.getAttribute("aria-sort");
      const ascending = before === "none" ? column < 2 : before === "descending";
      heads.forEach((other) => other.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      sortBy(table, column, ascending);
    }));
  }

  const holder = document.getElementById("data");
  if (!holder) return;
  const data = JSON.parse(holder.textContent);

  // --- Charts ---
  const isDark = () => matchMedia("(prefers-color-scheme: dark)").matches && !matchMedia("print").matches;
  const draw = async (figure) => {
    const name = figure.dataset.figure;
    if (figure.dataset.drawn === name) return;
    figure.dataset.drawn = name;
    const chart = data.charts[name];
    const panels = figure.querySelector(".panels");
    panels.setAttribute("aria-label", `${chart.title}. ${chart.description}`);
    const caption = figure.querySelector("figcaption");
    caption.replaceChildren(chart.description, " As files: ");
    for (const kind of ["png", "svg", "tsv"]) {
      caption.append(make("a", { href: `figures/${encodeURIComponent(name)}.${kind}` }, kind.toUpperCase()), " ");
    }
    const places = chart.panels.map(() => make("div", { class: "panel" }));
    panels.replaceChildren(...places);
    const config = structuredClone(data.config);
    if (innerWidth < 640) config.axisY.labelLimit = 140;
    // Their blue is lost on a dark page.
    if (isDark()) config.range.category[0] = "#56B4E9", config.range.category[4] = "#0072B2";
    await Promise.all(chart.panels.map((panel, number) => vegaEmbed(places[number], {
      width: "container",
      ...panel,
      // Vega writes into the rows that it is given.
      data: { values: structuredClone(chart.rows) },
      ...(chart.params.length ? { params: chart.params } : {}),
      background: null,
      config,
    }, { mode: "vega-lite", actions: false, renderer: "svg", tooltip: { theme: isDark() ? "dark" : "light" } })));
    figure.dataset.ready = name;
  };
  const figures = [...document.querySelectorAll("figure[data-figure]")];
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) draw(entry.target);
  }, { rootMargin: "400px" });
  figures.forEach((figure) => seen.observe(figure));
  addEventListener("beforeprint", () => figures.forEach(draw));
  for (const select of document.querySelectorAll("select[data-kind]")) {
    select.addEventListener("change", () => {
      const figure = select.closest("section").querySelector("figure");
      figure.dataset.figure = select.value;
      draw(figure);
    });
  }

  // --- Items ---
  const described = (item, said, isRight) => {
    const entry = make("li", { class: isRight ? "is-right" : "is-wrong", "data-id": said.id }, make("strong", {}, bdi(said.id)));
    const looks = make("div", { class: "looks" });
    if (item.image) looks.append(make("img", { src: item.image, alt: "cover", loading: "lazy" }));
    if (item.spectrogram) looks.append(make("img", { src: item.spectrogram, class: "sound", alt: "spectrogram", loading: "lazy" }));
    if (looks.childNodes.length) entry.append(looks);
    if (item.audio) entry.append(make("audio", { controls: "", preload: "none", src: item.audio, "aria-label": `sound of ${said.id}` }));
    if (item.words) entry.append(make("p", { class: "words" }, bdi(item.words)));
    entry.append(make("dl", {}, make("dt", {}, "truth"), make("dd", {}, bdi(said.truth || "none")),
      make("dt", {}, isRight ? "said, rightly" : "said, wrongly"), make("dd", {}, bdi(said.predicted || "none")),
      make("dt", {}, "scores"), make("dd", {}, bdi(said.scores.map(([name, score]) => `${name} ${score.toFixed(3)}`).join(", ")))));
    return entry;
  };
  const model = document.getElementById("model");
  if (model) {
    const right = document.getElementById("right");
    const list = () => {
      const said = data.shown.models[model.value];
      const entries = said.wrong.map((one) => described(data.shown.items[one.item], one, false));
      if (right.checked) entries.push(...said.right.map((one) => described(data.shown.items[one.item], one, true)));
      document.getElementById("items").replaceChildren(...entries);
      const rest = (shown, total) => shown < total ? `, of which the first ${shown} are listed` : "";
      document.getElementById("counted").textContent =
        `${said.wrong_total} wrong${rest(said.wrong.length, said.wrong_total)}; ${said.right_total} right` +
        (right.checked ? rest(said.right.length, said.right_total) : "") + `. All are in predictions_${model.value}.tsv.`;
    };
    model.addEventListener("change", list);
    right.addEventListener("change", list);
    list();
  }

  // --- Lists for listeners ---
  const listModel = document.getElementById("list-model");
  if (listModel) {
    const ranked = (lines) => make("ol", {}, ...lines.map(([name, score, isPlayed]) =>
      make("li", {}, bdi(name), ` ${score.toFixed(3)}${isPlayed ? " ✓" : ""}`)));
    const list = () => {
      const said = data.lists[listModel.value];
      document.getElementById("users").replaceChildren(...said.users.map((user) =>
        make("li", {}, make("strong", {}, bdi(user.user)), ranked(user.first),
          make("p", { class: "words" }, "played: ", bdi(user.played.join(", ")), user.more ? ` and ${user.more} more` : ""))));
      document.getElementById("nearest").replaceChildren(...said.nearest.map((item) =>
        make("li", {}, make("strong", {}, bdi(item.item)), ranked(item.first))));
    };
    listModel.addEventListener("change", list);
    list();
  }
})();
