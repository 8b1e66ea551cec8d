"""The same form sent many times in one second, each in a thread with a connection of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from behavior.models import BehaviorRecord
from behavior.tests.noting import NEW, send, typed
from tests.cast import pupil

pytestmark = [pytest.mark.parallel, pytest.mark.django_db(transaction=True)]
TIMES = 10


def test_ten_identical_saves_at_one_moment_note_one_record_of_each_student(cast, sign_in):
    students = [cast.amina, cast.bo, *(pupil(f"Pupil{number}", "More", cast.class_7a) for number in range(10))]
    sent = typed(students, class_id=cast.class_7a.pk)
    start = Barrier(TIMES)

    def save(browser):
        try:
            start.wait(timeout=60)
            return send(browser, NEW, sent).status_code
        finally:
            connections.close_all()

    browsers = [sign_in(cast.ana.user) for _time in range(TIMES)]
    with ThreadPoolExecutor(TIMES) as threads:
        answers = list(threads.map(save, browsers))
    assert answers == [302] * TIMES
    assert sorted(BehaviorRecord.objects.values_list("student", flat=True)) == sorted(each.pk for each in students)
    assert BehaviorRecord.history.count() == len(students)
