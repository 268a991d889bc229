"""The page Classroom: a room full of students reads films before the networks speak."""

from pneumo import read_settings
from pneumo.ui.classroom.place import current_place
from pneumo.ui.classroom.room import current_room
from pneumo.ui.widgets.classroom_door import show_door
from pneumo.ui.widgets.classroom_instructor import show_instructor
from pneumo.ui.widgets.classroom_student import show_student


def _page() -> None:
    settings = read_settings()
    room, place = current_room(settings), current_place()
    if place.steer:
        show_instructor(room, place, settings)
    elif place.seat:
        show_student(room, place, settings)
    else:
        show_door(room, place, settings)


_page()
