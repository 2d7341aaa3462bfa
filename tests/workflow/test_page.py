"""The page of a family in a real browser: it opens without an error or a request, sorts, tells, and plays."""

import functools
import http.server
import json
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tartarus.report import comparison, family_charts, model_charts, page, shown_items, tabulate, templates

from tests.unit.report import test_comparison
from tests.unit.report.test_page import HOSTILE, result

from .conftest import House

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="no browser: install chromium and chromium-driver")
SIZES = pytest.mark.parametrize("browser", [390, 1400], indirect=True)


@pytest.fixture
def browser(request: pytest.FixtureRequest) -> Iterator:
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--mute-audio"):
        options.add_argument(argument)
    options.add_argument("--autoplay-policy=no-user-gesture-required")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    width = getattr(request, "param", 1400)
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    yield driver
    driver.quit()


@pytest.fixture
def address(finished_house: House) -> str:
    return (finished_house.path / "results/mini/index.html").as_uri()


def until(driver, condition: str, *arguments: object) -> object:
    """Wait until a script gives something."""
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(driver, 30).until(lambda _: driver.execute_script(condition, *arguments))


def draw_all(driver) -> None:
    """Bring every chart into view."""
    for figure in driver.find_elements("css selector", "figure[data-figure]"):
        driver.execute_script("arguments[0].scrollIntoView()", figure)
        until(driver, "return arguments[0].dataset.ready", figure)


def requested(driver) -> set[str]:
    """What the page asked for, but for what it holds itself."""
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = {its["params"]["request"]["url"] for its in events if its["method"] == "Network.requestWillBeSent"}
    return {url for url in asked if not url.startswith("data:")}


@SIZES
def test_the_page_opens_without_an_error_or_a_request_and_fits(browser, address) -> None:
    browser.get(address)
    draw_all(browser)
    assert browser.get_log("browser") == []
    folder = address.removesuffix("results/mini/index.html")
    assert {url.removeprefix(folder).split("/")[0] for url in requested(browser)} <= {"results", "data"}
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    assert len(browser.find_elements("css selector", ".panel svg")) > 5
    # A model whose chart was not drawn at first.
    select = browser.find_element("css selector", "select[data-kind=learning]")
    other = select.find_elements("css selector", "option")[1].get_attribute("value")
    browser.execute_script(
        "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('change'))", select, other
    )
    until(browser, f"return document.querySelector('#learning figure').dataset.ready === '{other}'")
    assert browser.get_log("browser") == []


@SIZES
def test_the_table_sorts_by_mouse_and_by_keyboard(browser, address) -> None:
    browser.get(address)
    rows = "[...document.querySelectorAll('.sortable tbody tr:not(.part)')]"
    column = f"return {rows}.map(row => Number(row.cells[4].dataset.value))"
    heads = browser.find_elements("css selector", ".sortable thead th")
    button = heads[4].find_element("tag name", "button")
    browser.execute_script("arguments[0].scrollIntoView({inline: 'center', block: 'center'})", button)
    button.click()
    found = browser.execute_script(column)
    assert found == sorted(found, reverse=True)
    assert len(set(found)) > 1
    assert heads[4].get_attribute("aria-sort") == "descending"
    button.send_keys("\ue007")  # Enter
    assert browser.execute_script(column) == sorted(found)
    assert [head.get_attribute("aria-sort") for head in heads].count("none") == len(heads) - 1


@SIZES
def test_what_is_pointed_at_tells_its_numbers(browser, address) -> None:
    from selenium.webdriver import ActionChains

    browser.get(address)
    draw_all(browser)
    bar = browser.find_element("css selector", "#table .mark-rect path")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", bar)
    ActionChains(browser).move_to_element(bar).perform()
    told = until(browser, "return document.querySelector('#vg-tooltip-element.visible')?.innerText")
    assert "result" in str(told)
    assert "value" in str(told)


@SIZES
def test_a_mistake_can_be_heard_and_the_right_ones_are_shown_on_request(browser, address) -> None:
    browser.get(address)
    items = "return document.querySelectorAll('#items > li').length"
    wrong = browser.execute_script(items)
    browser.execute_script("document.getElementById('right').scrollIntoView({block: 'center'})")
    browser.find_element("id", "right").click()
    assert browser.execute_script(items) > wrong
    sound = browser.find_element("css selector", "#items audio")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'}); arguments[0].play()", sound)
    assert until(browser, "return arguments[0].currentTime > 0.2", sound)
    assert browser.execute_script("return arguments[0].error", sound) is None
    assert browser.execute_script("return document.querySelector('#items img.sound').naturalWidth") == 160


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_names_may_hold_anything(browser, tmp_path: Path, text: str) -> None:
    # Names, labels, classes and what is said of an item: all of it is shown, and none of it runs.
    hostile = result(text, dataset=text)
    hostile["per_class"] = [{"class": text, "support": 3, "precision": 1.0, "recall": 0.5, "f1": 0.5}]
    one = {"id": text, "item": text, "truth": text, "predicted": text, "scores": [[text, 0.5]]}
    shown = {
        "models": {text: {"wrong": [one], "right": [], "wrong_total": 1, "right_total": 0}},
        "items": {text: {"words": text}},
    }
    drawn = {"table": family_charts.intervals([hostile], text), "classes": family_charts.classes([hostile], text)}
    users = [{"user": text, "first": [[text, 0.5, True]], "played": [text], "more": 2}]
    lists = {text: {"users": users, "nearest": [{"item": text, "first": [[text, 0.5]]}]}}
    whole = page.content(text, [hostile], tabulate.rows([hostile]), drawn=drawn, shown=shown, lists=lists)
    (tmp_path / "index.html").write_text(page.write(whole), encoding="utf-8")
    browser.get((tmp_path / "index.html").as_uri())
    draw_all(browser)
    assert browser.get_log("browser") == []
    assert browser.execute_script("return document.querySelector('#items strong').textContent") == text
    for place in ("h1", "#users strong", "#users li li bdi", "#nearest strong", "#nearest li li bdi"):
        assert browser.execute_script("return document.querySelector(arguments[0]).textContent", place) == text
    assert browser.execute_script("return document.querySelectorAll('script').length") == 3
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")


@SIZES
def test_a_comparison_opens_without_an_error_or_a_request_and_fits(browser, tmp_path: Path) -> None:
    name = '<script>alert("x")</script> שלום ' + "x" * 300
    sides = [test_comparison.side(side, test_comparison.result(name, 0.5)) for side in (name, "now")]
    made = comparison.content(comparison.lines(sides))
    (tmp_path / "compare.html").write_text(templates.fill("compare.html", made), encoding="utf-8")
    browser.get((tmp_path / "compare.html").as_uri())
    assert name in browser.find_element("tag name", "body").text
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    assert browser.get_log("browser") == []
    assert requested(browser) == {(tmp_path / "compare.html").as_uri()}


def test_the_page_is_the_same_behind_a_server(browser, finished_house: House) -> None:
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(finished_house.path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser.get(f"http://127.0.0.1:{server.server_port}/results/mini/index.html")
        draw_all(browser)
        errors = browser.get_log("browser")
        server.shutdown()
    assert errors == []


@pytest.mark.slow
def test_a_large_family_is_small_and_opens_at_once(browser, tmp_path: Path) -> None:
    """12 networks with 3 seeds, 250 classes, 15 000 test items."""
    rng = np.random.default_rng(1)
    names, results, drawn, models, items = [f"class {number}" for number in range(250)], [], {}, {}, {}
    seen = shown_items.thumbnail(rng.normal(size=(1000, 96)))  # noise: as large as it can be
    for number in range(12):
        one = result(f"network-{number}", number / 20, seeds=[1, 2, 3])
        truth, said = rng.integers(250, size=(2, 15_000))
        one["per_class"] = [
            {
                "class": name,
                "support": int((truth == place).sum()),
                "precision": 0.123456,
                "recall": rng.random(),
                "f1": 0.5,
            }
            for place, name in enumerate(names)
        ]
        results.append(one)
        rows = [
            {"epoch": n, "loss": rng.random(), "val_loss": rng.random(), "val_accuracy": rng.random()}
            for n in range(100)
        ]
        drawn[f"learning_{number}"] = model_charts.learning_curves(
            {f"seed {seed}": rows for seed in range(3)}, "Learning"
        )
        counts = np.zeros((250, 250), int)
        np.add.at(counts, (truth, said), 1)
        drawn[f"confusion_{number}"] = model_charts.confusion_matrix(counts, names, "Confusion")
        scores = [(f"class {place}", 0.5) for place in range(3)]
        listed = [
            {"id": str(n), "item": f"{number}/{n}", "truth": "a", "predicted": "b", "scores": scores} for n in range(60)
        ]
        models[f"network-{number}"] = {
            "wrong": listed[:48],
            "right": listed[48:],
            "wrong_total": 14_000,
            "right_total": 1000,
        }
        items |= {entry["item"]: {"words": "word " * 30, "spectrogram": seen} for entry in listed}
    drawn |= {"table": family_charts.intervals(results, "Large"), "classes": family_charts.classes(results, "Classes")}
    shown = {"models": models, "items": items}
    whole = page.write(page.content("Large", results, tabulate.rows(results), drawn=drawn, shown=shown))
    size = len(whole.encode())
    assert size < 15_000_000
    (tmp_path / "index.html").write_text(whole, encoding="utf-8")
    begin = time.perf_counter()
    browser.get((tmp_path / "index.html").as_uri())
    until(browser, "return document.querySelector('#table figure').dataset.ready")
    assert time.perf_counter() - begin < 3
    draw_all(browser)
    assert browser.get_log("browser") == []
