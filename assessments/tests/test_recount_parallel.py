"""Two who save work of one class and subject in the same moment: neither's scores are missing from the totals."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connections, transaction

from assessments.models import Score, SubjectTotal
from assessments.recounting import recount_totals
from assessments.services import save_category
from assessments.tests.entries import place, typed
from assessments.tests.factories import AssessmentFactory
from assessments.tests.recounts import assert_kept, kept_totals
from attendance.tests.test_parallel import post_together
from students.tests.factories import SubjectFactory

TOGETHER = 8


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
class TestTogether:
    def test_saves_of_different_work_of_one_class_and_subject_all_count(self, cast, sign_in):
        subject = SubjectFactory()
        works = [AssessmentFactory(school_class=cast.class_7a, subject=subject) for _number in range(TOGETHER)]
        ana = cast.ana.user
        posts = [(sign_in(ana), place(work), typed({cast.amina: "17", cast.bo: "M"})) for work in works]
        assert post_together(posts) == [302] * TOGETHER
        assert Score.objects.count() == 2 * TOGETHER
        assert kept_totals()[cast.amina.pk, cast.class_7a.pk, subject.pk][1] == TOGETHER
        assert_kept()
        assert recount_totals(repair=False) == []

    def test_a_save_beside_a_new_weight_waits_for_it_and_counts_with_it(self, cast, sign_in):
        work = AssessmentFactory(school_class=cast.class_7a)
        browser, category = sign_in(cast.ana.user), work.category
        category.weight = Decimal(3)

        def save() -> int:
            try:
                return browser.post(place(work), typed({cast.amina: "17", cast.bo: "M"})).status_code
            finally:
                connections.close_all()

        with ThreadPoolExecutor(1) as threads:
            with transaction.atomic():
                save_category(by=cast.office, category=category)
                answer = threads.submit(save)
                with pytest.raises(TimeoutError):
                    answer.result(timeout=1)
            assert answer.result(timeout=30) == 302
        assert kept_totals()[cast.bo.pk, *work.pair] == (0, 0, 1, 0)
        assert SubjectTotal.objects.get(student=cast.bo).weight == 300
        assert_kept()
