"""The page Classroom: a room full of students reads films before the networks speak."""

from pneumo import CasebookError, Settings, read_settings
from pneumo.ui.classroom.place import Place, current_place
from pneumo.ui.classroom.room import current_room
from pneumo.ui.widgets.classroom_door import show_door
from pneumo.ui.widgets.classroom_instructor import show_instructor
from pneumo.ui.widgets.classroom_outage import end_outage, wait_out
from pneumo.ui.widgets.classroom_student import show_student


def _show(place: Place, settings: Settings) -> None:
    room = current_room(settings)
    if place.steer:
        show_instructor(room, place, settings)
    elif place.seat:
        show_student(room, place, settings)
    else:
        show_door(room, place, settings)


def _page() -> None:
    settings, place = read_settings(), current_place()
    try:
        _show(place, settings)
    except CasebookError as error:
        wait_out(error, place)
    else:
        end_outage()


_page()
