"""Every control of the screens on which one works is found and used, and nothing breaks."""

import pytest

from skrec_lite.experiment import ESTIMATORS
from tests.browser.exercise import Exercises
from tests.browser.spared import SPARED
from tests.browser.test_playground import pick
from tests.browser.tour import Tour


def tour_of(screen, folder, **options):
    screen.show_at(1440, 900)
    return Tour(screen, Exercises(screen, folder), tuple(SPARED), **options)


@pytest.mark.parametrize("title", ["Train", "Playground", "Runs"])
def test_every_control_can_be_used(finished, title, tmp_path):
    tour = tour_of(finished, tmp_path, unfolds_last=title != "Playground")
    tour.go(lambda: finished.go_to(title))
    print(f"\n{title}: used {len(tour.used)} controls")
    assert tour.missed == []
    assert {name.split()[0] for name in tour.used} >= {"expander", "choice"} - (
        {"choice"} if title == "Runs" else set()
    )


def test_every_ranker_can_be_chosen_with_what_it_can_be_told(finished):
    finished.show_at(1440, 900)
    finished.go_to("Train")
    finished.open_expanders()
    names = [option.label for option in ESTIMATORS.values()]
    told = {}
    for name in [*names[1:], names[0]]:
        pick(finished, "train_estimator", name)
        field = finished.key("train_estimator").find_element("css selector", "input")
        finished.until(lambda field=field, name=name: field.get_attribute("value") == name, name)
        assert finished.exceptions() == [], name
        assert finished.sideways_overflow() <= 0, name
        told[name] = finished.main_text()
    assert len(set(told.values())) == len(names) == 8


def test_every_control_of_every_section_of_compare_can_be_used(finished, tmp_path):
    tour = tour_of(finished, tmp_path)
    finished.go_to("Compare")
    sections = []
    for section in finished.sections():
        tour.go(lambda section=section: enter_section(finished, section))
        sections.append(section)
    print(f"\nCompare: used {len(tour.used)} controls")
    assert len(sections) == 10
    assert tour.missed == []
    assert {"chart", "table", "choice", "select", "number", "download", "copy"} <= {
        name.split()[0] for name in tour.used
    }


def enter_section(screen, section):
    if screen.heading() != "Compare":
        screen.go_to("Compare")
    screen.open_section(section)


def test_every_control_of_data_can_be_used(open_screen, tmp_path):
    screen = open_screen().open("your-data")
    heading = screen.heading()

    def enter():
        if screen.heading() != heading:
            screen.driver.back()  # From where a link led: the other links are still there.
            screen.settle()
        else:
            # In a session of its own each time: what one repair has mended, another is not offered for.
            screen.open("your-data")

    tour = tour_of(screen, tmp_path)
    tour.go(enter)
    print(f"\nData: used {len(tour.used)} controls")
    assert tour.missed == []
    assert "switch" in {name.split()[0] for name in tour.used}, "the uploaded file's own choices were met"
