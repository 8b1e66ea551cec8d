"""/api/attendance/: the marks, one or many at once, and the rate of a student."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import Http404
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import ANY_ROLE
from accounts.api_access import ApiView, api_allow
from accounts.api_fields import read_body
from accounts.api_lists import filtered, listed, read_query
from accounts.api_schema import describe, many
from accounts.api_tags import may_replace_with, refusal_of, refusal_with_tag, tag_of
from accounts.reading import note_reading
from accounts.roles import Role
from attendance.api_shapes import (
    MarkItem,
    MarkSaved,
    MarksSaved,
    RateItem,
    SentMarks,
    SentMarkShape,
    as_mark,
    as_rate,
)
from attendance.filters import AttendanceFilter, RateForm
from attendance.mark_services import MarksClash, MarksRefused, SentMark, record_marks
from attendance.metrics import student_attendance
from attendance.models import AttendanceRecord
from students.calendar import load_calendar, year_began_on
from students.models import Student

STAFF = (Role.ADMIN, Role.TEACHER)
# The columns of a MarkItem: of 500 marks and their students the others would take a third of the time.
OF_AN_ITEM = ("student__student_id", "school_class", "date", "status", "minutes_late", "note")


class MarksRoute(ApiView):
    @describe("The marks that you may read.", many(MarkItem), query=AttendanceFilter)
    @api_allow(*ANY_ROLE)
    def get(self, request: Request) -> Response:
        marks = AttendanceRecord.objects.visible_to(request.user).select_related("student").only(*OF_AN_ITEM)
        marks = filtered(request, AttendanceFilter, marks, user=request.user)
        answer = listed(request, marks.order_by("-date", "pk"), MarkItem)
        note_reading(request)
        return answer

    @describe(
        "Mark a student. The same mark again changes nothing; another one needs If-Match.",
        {201: MarkSaved, 200: MarkSaved},
        body=SentMarkShape,
        tagged=True,
    )
    @api_allow(*STAFF)
    def post(self, request: Request) -> Response:
        mark = as_mark(read_body(SentMarkShape, request.data))
        try:
            record, is_new = save(request, [mark])[0]
        except MarksRefused as refused:
            raise ValidationError(refused.by_place[0]) from refused
        said = _("The mark is saved.")
        answer = Response({"message": said, "attendance_id": record.pk}, status=201 if is_new else 200)
        answer["ETag"] = tag_of(MarkItem(record).data)
        return answer


class BatchRoute(ApiView):
    @describe(
        "Mark many students at once: all or none. Other marks are replaced only with If-Match: *.",
        {201: MarksSaved},
        body=SentMarks,
        tagged=True,
    )
    @api_allow(*STAFF)
    def post(self, request: Request) -> Response:
        sent = read_body(SentMarks, request.data)
        try:
            saved = save(request, [as_mark(each) for each in sent["records"]])
        except MarksRefused as refused:
            by_index = {str(place): errors for place, errors in refused.by_place.items()}
            raise ValidationError({"records": by_index}) from refused
        number = len(saved)
        said = ngettext("%(number)d mark is saved.", "%(number)d marks are saved.", number) % {"number": number}
        return Response({"message": said, "count": number}, status=201)


def save(request: Request, marks: Sequence[SentMark]) -> list[tuple[AttendanceRecord, bool]]:
    """Save marks. Where others are stored: 409 with them; with If-Match only what it names is replaced, else 412."""
    may_replace = may_replace_with(request, MarkItem)
    try:
        return record_marks(by=request.user, school=request.school, marks=marks, may_replace=may_replace)
    except MarksClash as clash:
        stored = {place: MarkItem(record).data if record else None for place, record in clash.stored.items()}
    if len(marks) == 1:
        raise refusal_with_tag(request, stored[0])
    errors = {str(place): {"status": [_("Another mark is stored here.")]} for place in stored}
    current = {str(place): item for place, item in stored.items()}
    raise refusal_of(request, current, fields={"records": errors})


class RateRoute(ApiView):
    @describe(
        "How often a student was there, from the start of the school year unless days are given.",
        RateItem,
        query=RateForm,
    )
    @api_allow(*ANY_ROLE)
    def get(self, request: Request) -> Response:
        asked = read_query(request, RateForm(request.query_params))
        students = Student.objects.with_records_for(request.user, "attendance")
        student = students.filter(student_id=asked["student_id"].upper()).first()
        if student is None:
            raise Http404
        today = request.school.today()
        first = asked["start_date"] or year_began_on(today)
        calendar = load_calendar(request.school, first, min(asked["end_date"] or today, today))
        attendance = student_attendance(calendar, student)
        note_reading(request, [student.student_id])
        return Response(RateItem(as_rate(student.student_id, attendance)).data)


urlpatterns = [
    path("", MarksRoute.as_view(), name="attendance"),
    path("batch/", BatchRoute.as_view(), name="attendance_batch"),
    path("rate/", RateRoute.as_view(), name="attendance_rate"),
]
