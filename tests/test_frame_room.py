"""The calls of a request never ask the system for memory over and over, however deep they lie."""

import resource
import sys

from sptrack.frame_room import with_room

DEPTHS, CALLS = 250, 400


def deep(depth, loop):
    return deep(depth - 1, loop) if depth else loop()


def called(number):
    return number


def many_calls():
    for number in range(CALLS):
        called(number)


def most_pages(_environ=None, _start_response=None):
    """The pages of memory asked for by the loop at the depth where it asks for most."""
    asked = []
    for depth in range(DEPTHS):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        deep(depth, many_calls)
        asked.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
    return max(asked)


def test_no_depth_of_calls_asks_for_memory_at_each_call():
    assert with_room(most_pages)(None, None) < CALLS // 4


def test_without_the_room_one_depth_does():
    """Else the test above could not fail: true of each Python that keeps no chunk of frames in reserve."""
    mended = sys.version_info >= (3, 13)
    assert mended or most_pages() >= CALLS


def test_what_the_application_answers_is_handed_on():
    answered = with_room(lambda environ, start: (environ, start))("environ", "start")
    assert answered == ("environ", "start")
