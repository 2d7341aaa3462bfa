"""The page of a map in a real browser: it opens without an error or a request, tells, plays, and obeys keys."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from tartarus.report import maps
from tartarus.report.maps import Point

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

HOSTILE = '<img src=x onerror="document.title=1"> שלום ' + "x" * 300


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    paths = {"browser": shutil.which("chromium"), "driver": shutil.which("chromedriver")}
    if not all(paths.values()):
        pytest.skip("no chromium with its chromedriver here")
    options = webdriver.ChromeOptions()
    options.binary_location = paths["browser"]
    for argument in ("headless=new", "no-sandbox", "disable-dev-shm-usage", "window-size=1400,1000"):
        options.add_argument(f"--{argument}")
    options.add_argument("--autoplay-policy=no-user-gesture-required")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(paths["driver"]))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def page(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("map")
    soundfile.write(folder / "a b.wav", 0.1 * np.sin(np.arange(22050)), 22050)
    said = {"sound": (["rock"], False)}
    points = [
        Point(HOSTILE, "test", ["rock"], (-1, 0), "a b.wav", said),
        Point("S2", "test", [HOSTILE], (1, 0), "", {"sound": (["jazz"], True)}),
        Point("S3", "train", ["rock"], (1, 1)),
    ]
    (folder / "map.html").write_text(maps.page(points, HOSTILE, note="three"), encoding="utf-8")
    return folder / "map.html"


def told(browser: Any) -> str:
    return browser.find_element(By.ID, "told").text


def test_it_opens_tells_plays_and_is_used_by_keys(browser: Any, page: Path) -> None:
    browser.get(page.as_uri())
    assert browser.find_element(By.TAG_NAME, "h1").text == HOSTILE
    canvas = browser.find_element(By.TAG_NAME, "canvas")
    x, y = browser.execute_script("return place(points[0])")
    width, height = browser.execute_script("return [canvas.clientWidth, canvas.clientHeight]")
    at = ActionChains(browser).move_to_element_with_offset(canvas, round(x - width / 2), round(y - height / 2))
    at.perform()
    assert HOSTILE in told(browser)
    assert "rock: wrong" in told(browser)
    at.click().perform()
    WebDriverWait(browser, 10).until(lambda _: browser.execute_script("return $('audio').currentTime > 0"))
    canvas.send_keys(Keys.ARROW_RIGHT)
    assert told(browser).split("\n")[1] == "S2 (test)"
    assert "not on this machine" in told(browser)
    canvas.send_keys(Keys.ARROW_UP)
    assert told(browser).split("\n")[1] == "S3 (train)"
    canvas.send_keys("+")
    assert browser.execute_script("return view.scale") == 1.5
    canvas.send_keys("0")
    assert browser.execute_script("return view.scale") == 1
    legends = {}
    for choice in ("class", "set", "0", "predicted 0"):
        browser.execute_script(f"$('#by').value = '{choice}'; $('#by').dispatchEvent(new Event('change'))")
        legends[choice] = browser.find_element(By.ID, "legend").text.split("\n")
    assert legends["class"][0] == "rock (2)"
    assert legends["set"] == ["test (2)", "train (1)"]
    assert sorted(legends["0"]) == ["not asked about (1)", "right (1)", "wrong (1)"]
    # S2 is said to be jazz, which is no class of the map.
    assert sorted(legends["predicted 0"]) == ["not asked about (1)", "other classes (1)", "rock (1)"]
    assert [entry["message"] for entry in browser.get_log("browser")] == []
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = {it["params"]["request"]["url"] for it in events if it["method"] == "Network.requestWillBeSent"}
    assert all(url.startswith(("data:", page.parent.as_uri())) for url in asked)
    assert browser.title == HOSTILE


def test_it_fits_a_telephone(browser: Any, page: Path) -> None:
    how = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", how)
    browser.get(page.as_uri())
    browser.execute_script("tell(0)")
    assert browser.execute_script("return document.documentElement.scrollWidth") == 390
    browser.execute_script("canvas.scrollIntoView({block: 'center'})")
    script = "const of = canvas.getBoundingClientRect(), at = place(points[0]); return [of.x + at[0], of.y + at[1]]"
    tap = ActionBuilder(browser)
    tap.pointer_action.move_to_location(*map(round, browser.execute_script(script))).click()
    tap.perform()
    WebDriverWait(browser, 10).until(lambda _: browser.execute_script("return $('audio').currentTime > 0"))
