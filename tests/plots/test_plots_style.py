"""Lines, bars and files: told apart in grey, written the same each time."""

from __future__ import annotations

from itertools import combinations
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from matplotlib.colors import to_rgb
from matplotlib.image import imread

from retsim import plots
from retsim.plots.forces import FORCES, _tint
from retsim.plots.page import _apart, _width, wrapped
from retsim.plots.saving import PICTURES, save_figure
from retsim.plots.style import HATCHES, families, style
from retsim.plots.words import heads, listed, number


def grey(colour):
    red, green, blue = to_rgb(colour)
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_styles_differ_without_colour():
    looks = [style(k) for k in range(35)]
    assert len({(look.dashes, look.marker) for look in looks}) == 35
    for one, other in combinations(looks[:5], 2):
        assert one.dashes != other.dashes
        assert one.marker != other.marker
        assert one.hatch != other.hatch


def test_colours_are_seen_on_white_and_differ():
    colours = [style(k).colour for k in range(7)]
    assert len(set(colours)) == 7
    assert all(grey(colour) < 0.7 for colour in colours)
    assert abs(grey(colours[0]) - grey(colours[1])) > 0.1, "the usual pair differs in grey by shade, too"


def test_forces_differ_without_colour():
    assert len(set(HATCHES[: len(FORCES)])) == len(FORCES)
    tints = [_tint(k) for k in range(len(FORCES))]
    assert len(set(tints)) == len(FORCES)


def test_families():
    assert families()[0] == "DejaVu Sans"


def test_a_font_for_chinese_is_found_although_matplotlib_made_its_list_before(monkeypatch):
    from matplotlib import font_manager

    known, paths = ["DejaVu Sans"], ["/f/DejaVuSans.ttf", "/f/NotoSansCJK-Bold.ttc", "/f/NotoSansCJK-Regular.ttc"]
    added = []
    manager = SimpleNamespace(
        get_font_names=lambda: known, addfont=lambda path: (added.append(path), known.append("Noto Sans CJK JP"))
    )
    monkeypatch.setattr(font_manager, "fontManager", manager)
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: paths)
    assert families.__wrapped__() == ["DejaVu Sans", "Noto Sans CJK JP"]
    assert added == ["/f/NotoSansCJK-Bold.ttc", "/f/NotoSansCJK-Regular.ttc"]


@pytest.mark.parametrize("text", ["one two three four five six seven", "unbreakable" * 9, "a " + "b" * 80, ""])
def test_wrapped(text):
    room = 100.0
    lines = wrapped(text, room, 8.0).split("\n")
    assert all(sum(_width(word, 8.0, False) for word in one.split()) <= room for one in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_percent_sign_stays_with_its_number():
    for room in range(40, 200, 10):
        assert "\n%" not in wrapped("the interval of 95 % and of 90 % of all", float(room), 8.0)


def test_labels_move_apart_as_little_as_possible():
    gap = dict.fromkeys("abc", 1.0)
    assert _apart({"a": 0.0, "b": 5.0, "c": 9.0}, gap) == {"a": 0.0, "b": 5.0, "c": 9.0}
    moved = _apart({"c": 5.2, "b": 5.0, "a": 0.0}, gap)
    assert moved == pytest.approx({"a": 0.0, "b": 4.6, "c": 5.6})
    assert _apart({}, {}) == {}


def test_minus_signs_are_typeset():
    assert number(-12345.6, "profit", sign=True) == "\u221212,346"
    assert number(-0.0097, "retention_rate", sign=True) == "\u22120.97 pts"
    assert number(12.3, "profit") == "12.30"


def test_words():
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert (heads(0.25), heads(3.0), heads(12.4), heads(12345.0)) == ("0.2", "3", "12", "12,345")


def test_every_picture_applies_to_an_ordinary_study(single):
    assert set(PICTURES) == set(plots.__all__) - {
        "answers",
        "breakeven",
        "claims",
        "figure_digest",
        "save_all",
        "tracking",
    }
    assert all(picture.applies(single) for picture in PICTURES.values())


def test_save_all(single, tmp_path):
    names = ("differences", "switching_flows")
    written = plots.save_all(single, tmp_path / "new" / "pictures", pictures=names)
    assert [path.name for path in written] == [f"{name}.{kind}" for name in names for kind in ("png", "svg")]
    for path in written:
        if path.suffix == ".png":
            # 160 mm at 200 dots an inch.
            assert abs(imread(path).shape[1] - 160 / 25.4 * 200) <= 1
        else:
            assert ElementTree.parse(path).getroot().tag.endswith("svg")


def test_the_same_picture_is_the_same_file(two, tmp_path):
    once, again = (plots.save_all(two, tmp_path / name, pictures=["survival"]) for name in ("once", "again"))
    assert [path.name for path in once] == ["survival.png", "survival.svg"]
    assert [path.read_bytes() for path in once] == [path.read_bytes() for path in again]


def test_each_file_is_one_drawing(two, tmp_path, monkeypatch):
    """The layout is found once, when the page is finished; drawing is what takes the time."""
    figure = plots.survival(two)
    assert figure.get_layout_engine() is None
    drawings = []
    draw = type(figure).draw

    def counted(self, renderer):
        drawings.append(renderer)
        return draw(self, renderer)

    monkeypatch.setattr(type(figure), "draw", counted)
    save_figure(figure, tmp_path / "survival")
    assert len(drawings) == 2


def test_no_such_picture(two, tmp_path):
    with pytest.raises(ValueError, match="'profits', must be one of profit_paths"):
        plots.save_all(two, tmp_path / "x", pictures=["survival", "profits"])
    assert not (tmp_path / "x").exists()


def test_save_all_leaves_out_what_there_is_nothing_of(still, tmp_path):
    written = plots.save_all(still.part(["one"]), tmp_path)
    assert {path.stem for path in written} == {"profit_paths", "customers", "cohort_retention"}
    with pytest.raises(TypeError, match="must be a Study"):
        plots.save_all("study", tmp_path)
