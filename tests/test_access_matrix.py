"""Every route × verb × person, with the status written by hand. A route that is missing here fails the build.

Order of refusal: signed out 302 to the sign-in, role 403, verb 405, row 404. All rows are Amina's and 7A's: Ana
teaches her and Mariam is her mother; Ben teaches 7B and Nils is Cleo's father; Fay's access to Amina ended
yesterday; Gus taught 7A and is deactivated, with a session that was open.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.tokens import create_token
from tests.routes import address, walk
from tests.test_api_matrix import API_ROUTES

PEOPLE = ("anonymous", "office", "ana", "ben", "mariam", "nils", "former", "gone")
TABLE = """
route                                 verb  anonymous office ana ben mariam nils former gone
home                                  GET   302       302    302 302 302    302  302    302
home                                  POST  302       405    405 405 405    405  405    302
healthz                               GET   200       200    200 200 200    200  200    200
readyz                                GET   200       200    200 200 200    200  200    200
accounts:profile                      GET   302       200    200 200 200    200  200    302
accounts:profile                      POST  302       404    404 404 422    422  422    302
dashboard:home                        GET   302       200    200 200 403    403  403    302
dashboard:home                        POST  302       405    405 405 403    403  403    302
dashboard:high_performers             GET   302       200    200 200 403    403  403    302
dashboard:high_performers             POST  302       405    405 405 403    403  403    302
dashboard:student_performance         GET   302       302    302 404 403    403  403    302
dashboard:student_performance         POST  302       405    405 405 403    403  403    302
dashboard:student                     GET   302       200    200 404 403    403  403    302
dashboard:student                     POST  302       405    405 405 403    403  403    302
dashboard:changes                     GET   302       200    403 403 403    403  403    302
dashboard:changes                     POST  302       405    403 403 403    403  403    302
dashboard:report_home                 GET   302       200    200 200 302    302  200    302
dashboard:report_home                 POST  302       405    405 405 405    405  405    302
dashboard:report                      GET   302       200    200 404 200    404  404    302
dashboard:report                      POST  302       405    405 405 405    405  405    302
dashboard:opened                      GET   302       200    404 404 200    404  404    302
dashboard:opened                      POST  302       405    405 405 405    405  405    302
dashboard:card                        GET   302       200    200 404 200    404  404    302
dashboard:card                        POST  302       405    405 405 405    405  405    302
dashboard:class_cards                 GET   302       200    403 403 403    403  403    302
dashboard:class_cards                 POST  302       405    403 403 403    403  403    302
dashboard:class_cards_pdf             GET   302       200    403 403 403    403  403    302
dashboard:class_cards_pdf             POST  302       405    403 403 403    403  403    302
dashboard:write_note                  GET   302       405    405 405 403    403  403    302
dashboard:write_note                  POST  302       422    422 404 403    403  403    302
dashboard:withdraw_note               GET   302       405    405 405 403    403  403    302
dashboard:withdraw_note               POST  302       302    404 404 403    403  403    302
dashboard:at_risk                     GET   302       200    200 200 403    403  403    302
dashboard:at_risk                     POST  302       405    405 405 403    403  403    302
dashboard:thresholds                  GET   302       200    403 403 403    403  403    302
dashboard:thresholds                  POST  302       422    403 403 403    403  403    302
dashboard:note_follow_up              GET   302       405    405 405 403    403  403    302
dashboard:note_follow_up              POST  302       422    422 404 403    403  403    302
dashboard:withdraw_follow_up          GET   302       405    405 405 403    403  403    302
dashboard:withdraw_follow_up          POST  302       302    404 404 403    403  403    302
students:list                         GET   302       200    200 200 403    403  403    302
students:list                         POST  302       405    405 405 403    403  403    302
students:new                          GET   302       200    200 200 403    403  403    302
students:new                          POST  302       422    422 422 403    403  403    302
students:edit                         GET   302       200    200 404 403    403  403    302
students:edit                         POST  302       422    422 404 403    403  403    302
students:class                        GET   302       200    200 404 403    403  403    302
students:class                        POST  302       405    405 405 403    403  403    302
students:class_print                  GET   302       200    200 404 403    403  403    302
students:class_print                  POST  302       405    405 405 403    403  403    302
attendance:today                      GET   302       200    200 200 403    403  403    302
attendance:today                      POST  302       405    405 405 403    403  403    302
attendance:register                   GET   302       200    200 404 403    403  403    302
attendance:register                   POST  302       422    422 404 403    403  403    302
attendance:undo                       GET   302       405    405 405 403    403  403    302
attendance:undo                       POST  302       302    302 404 403    403  403    302
attendance:absent_today               GET   302       200     200 200 403    403  403    302
attendance:absent_today               POST  302       422     422 422 403    403  403    302
attendance:late_desk                  GET   302       200     200 200 403    403  403    302
attendance:late_desk                  POST  302       422     422 422 403    403  403    302
attendance:cover                      GET   302       200     403 403 403    403  403    302
attendance:cover                      POST  302       422     403 403 403    403  403    302
attendance:planned                    GET   302       200     200 200 403    403  403    302
attendance:planned                    POST  302       405     405 405 403    403  403    302
attendance:plan                       GET   302       200     200 200 403    403  403    302
attendance:plan                       POST  302       422     422 422 403    403  403    302
attendance:edit_planned               GET   302       200     200 404 403    403  403    302
attendance:edit_planned               POST  302       422     422 404 403    403  403    302
attendance:withdraw_planned           GET   302       200     200 404 403    403  403    302
attendance:withdraw_planned           POST  302       422     422 404 403    403  403    302
attendance:print                      GET   302       200    200 404 403    403  403    302
attendance:print                      POST  302       405    405 405 403    403  403    302
attendance:records                    GET   302       200    200 200 403    403  403    302
attendance:records                    POST  302       405    405 405 403    403  403    302
attendance:not_taken                  GET   302       200    200 200 403    403  403    302
attendance:not_taken                  POST  302       405    405 405 403    403  403    302
assessments:book                      GET   302       200    200 200 403    403  403    302
assessments:book                      POST  302       405    405 405 403    403  403    302
assessments:records                   GET   302       200    200 200 403    403  403    302
assessments:records                   POST  302       405    405 405 403    403  403    302
assessments:statistics                GET   302       200    200 200 403    403  403    302
assessments:statistics                POST  302       405    405 405 403    403  403    302
assessments:new                       GET   302       200    200 200 403    403  403    302
assessments:new                       POST  302       422    422 422 403    403  403    302
assessments:edit                      GET   302       200    200 404 403    403  403    302
assessments:edit                      POST  302       422    422 404 403    403  403    302
assessments:delete                    GET   302       200    200 404 403    403  403    302
assessments:delete                    POST  302       422    422 404 403    403  403    302
assessments:publish                   GET   302       200    200 404 403    403  403    302
assessments:publish                   POST  302       422    422 404 403    403  403    302
assessments:scores                    GET   302       200    200 404 403    403  403    302
assessments:scores                    POST  302       422    422 404 403    403  403    302
assessments:undo                      GET   302       405    405 405 403    403  403    302
assessments:undo                      POST  302       302    302 404 403    403  403    302
behavior:list                         GET   302       200    200 200 403    403  403    302
behavior:list                         POST  302       405    405 405 403    403  403    302
behavior:new                          GET   302       200    200 200 403    403  403    302
behavior:new                          POST  302       422    422 422 403    403  403    302
behavior:undo                         GET   302       405    405 405 403    403  403    302
behavior:undo                         POST  302       302    302 302 403    403  403    302
behavior:edit                         GET   302       200    200 404 403    403  403    302
behavior:edit                         POST  302       422    422 404 403    403  403    302
behavior:withdraw                     GET   302       200    200 404 403    403  403    302
behavior:withdraw                     POST  302       422    422 404 403    403  403    302
participation:list                    GET   302       200    200 200 403    403  403    302
participation:list                    POST  302       405    405 405 403    403  403    302
participation:events                  GET   302       200    200 200 403    403  403    302
participation:events                  POST  302       405    405 405 403    403  403    302
participation:new                     GET   302       200    200 200 403    403  403    302
participation:new                     POST  302       422    422 422 403    403  403    302
participation:event                   GET   302       200    200 404 403    403  403    302
participation:event                   POST  302       422    422 404 403    403  403    302
participation:undo                    GET   302       405    405 405 403    403  403    302
participation:undo                    POST  302       302    302 404 403    403  403    302
participation:edit                    GET   302       200    200 404 403    403  403    302
participation:edit                    POST  302       422    422 404 403    403  403    302
participation:delete                  GET   302       200    200 404 403    403  403    302
participation:delete                  POST  302       422    422 404 403    403  403    302
api:docs                              GET   302       200    200 200 200    200  200    302
api:docs                              POST  302       405    405 405 405    405  405    302
account_login                         GET   200       302    302 302 302    302  302    200
account_login                         POST  200       302    302 302 302    302  302    200
account_inactive                      GET   200       200    200 200 200    200  200    200
account_signup                        GET   200       302    302 302 302    302  302    200
account_signup                        POST  200       302    302 302 302    302  302    200
account_reset_password                GET   200       200    200 200 200    200  200    200
account_reset_password                POST  200       200    200 200 200    200  200    200
account_reset_password_done           GET   200       200    200 200 200    200  200    200
account_reset_password_from_key       GET   200       200    200 200 200    200  200    200
account_reset_password_from_key       POST  200       200    200 200 200    200  200    200
account_reset_password_from_key_done  GET   200       200    200 200 200    200  200    200
account_logout                        GET   302       200    200 200 200    200  200    302
account_logout                        POST  302       302    302 302 302    302  302    302
account_reauthenticate                GET   302       200    200 200 200    200  200    302
account_reauthenticate                POST  302       200    200 200 200    200  200    302
account_change_password               GET   302       200    200 200 200    200  200    302
account_change_password               POST  302       200    200 200 200    200  200    302
account_set_password                  GET   302       302    302 302 302    302  302    302
account_set_password                  POST  302       302    302 302 302    302  302    302
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()[1:]]
ROUTES = sorted({row[0] for row in ROWS})


class Browsers(dict):
    """A browser per person, signed in when first asked for; Gus was deactivated after he had signed in."""

    def __init__(self, cast, sign_in):
        self.sign_in = sign_in
        self.users = {
            "office": cast.office,
            "ana": cast.ana.user,
            "ben": cast.ben.user,
            "mariam": cast.mariam.user,
            "nils": cast.nils.user,
            "former": cast.former.user,
            "gone": cast.gone,
        }

    def __missing__(self, person):
        if person == "anonymous":
            return Client()
        user = self.users[person]
        User.objects.filter(pk=user.pk).update(is_active=True)
        self[person] = self.sign_in(user)
        User.objects.filter(pk=user.pk).update(is_active=person != "gone")
        return self[person]


@pytest.fixture
def browsers(cast, sign_in):
    return Browsers(cast, sign_in)


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]}-{row[1]}" for row in ROWS])
def test_each_person_gets_the_answer_of_the_table(row, cast, browsers):
    route, verb, *expected = row
    url = address(route, cast.class_7a, cast.amina)
    answers = [getattr(browsers[person], verb.lower())(url).status_code for person in PEOPLE]
    assert dict(zip(PEOPLE, answers, strict=True)) == dict(zip(PEOPLE, map(int, expected), strict=True))


@pytest.mark.parametrize("route", [route for route in ROUTES if ":" in route])
@pytest.mark.parametrize("verb", ["put", "patch", "delete", "options"])
def test_no_page_answers_another_verb(route, verb, cast, browsers):
    url = address(route, cast.class_7a, cast.amina)
    assert getattr(browsers["office"], verb)(url).status_code == 405


@pytest.mark.parametrize("route", [route for route in ROUTES if ":" in route])
def test_signed_out_people_are_led_to_the_sign_in(route, cast):
    url = address(route, cast.class_7a, cast.amina)
    assert Client().get(url).headers["Location"] == f"{reverse('account_login')}?next={url}"


# What the office gets by GET on each page of the Django admin, by model: list, add, change, delete, history.
# Everybody else is refused before any of it: see the two tests below.
ADMIN_TABLE = """
model                         changelist add change delete history
accounts_user                 200        200 200    200    200
accounts_teacher              200        200 200    200    200
accounts_parent               200        200 200    200    200
accounts_accesslog            200        403 200    403    200
accounts_apitoken             200        200 200    403    200
students_student              200        200 200    200    200
students_schoolclass          200        200 200    200    200
students_enrolment            200        200 200    200    200
students_teachingassignment   200        200 200    200    200
students_studentparentlink    200        200 200    200    200
students_guardian             200        200 200    200    200
students_emergencycontact     200        200 200    200    200
students_subject              200        200 200    200    200
students_academicyear         200        200 200    200    200
students_term                 200        200 200    200    200
students_closure              200        200 200    200    200
students_school               302        403 200    403    200
attendance_register           200        403 200    403    200
attendance_attendancerecord   200        403 200    403    200
attendance_plannedabsence     200        200 200    200    200
assessments_assessmentcategory 200       200 200    200    200
assessments_gradescale        200        200 200    200    200
assessments_assessment        200        200 200    200    200
assessments_score             200        403 200    403    200
behavior_behaviorcategory     200        200 200    200    200
behavior_behaviorrecord       200        403 200    403    200
participation_event           200        200 200    200    200
participation_participationrecord 200    403 200    403    200
dashboard_familynote        200        403 200    403    200
"""
ADMIN_ROWS = {line.split()[0]: list(map(int, line.split()[1:])) for line in ADMIN_TABLE.strip().splitlines()[1:]}
ADMIN_VIEWS = ("changelist", "add", "change", "delete", "history")
OTHER_ADMIN_PAGES = {
    "admin:index",
    "admin:login",
    "admin:logout",
    "admin:password_change",
    "admin:password_change_done",
    "admin:autocomplete",
    "admin:jsi18n",
    "admin:view_on_site",
    "admin:app_list",
    "admin:auth_user_password_change",
    "admin:students_academicyear_next",
    "admin:students_academicyear_undo",
    "admin:[(?P<url>.*)$]",
    "admin:[<path:object_id>/]",
}


def admin_routes():
    return {f"admin:{model}_{view}" for model in ADMIN_ROWS for view in ADMIN_VIEWS}


def test_no_route_is_missing_from_the_tables():
    known = set(ROUTES) | set(API_ROUTES) | admin_routes() | OTHER_ADMIN_PAGES
    found = set(walk())
    assert found - known == set(), "put the new route into the table, with who may call it"
    assert known - found == set(), "the table names routes that are gone"


@pytest.fixture
def admin_rows(cast):
    """One row of every model of the admin, by its name in the table."""
    from accounts.tests.factories import AccessLogFactory
    from assessments.models import AssessmentCategory, GradeScale
    from assessments.tests.factories import AssessmentFactory, ScoreFactory
    from attendance.tests.factories import AttendanceRecordFactory, PlannedAbsenceFactory, RegisterFactory
    from behavior.tests.factories import BehaviorRecordFactory
    from dashboard.models import FamilyNote
    from participation.tests.factories import EventFactory, ParticipationRecordFactory
    from students.models import Enrolment, School, StudentParentLink, TeachingAssignment
    from students.tests.factories import (
        ClosureFactory,
        EmergencyContactFactory,
        GuardianFactory,
        SubjectFactory,
        TermFactory,
    )

    work = AssessmentFactory(school_class=cast.class_7a)
    event = EventFactory(school_class=cast.class_7a)
    record = BehaviorRecordFactory(student=cast.amina)
    rows = {
        "accounts_user": cast.ana.user,
        "accounts_teacher": cast.ana,
        "accounts_parent": cast.mariam,
        "accounts_accesslog": AccessLogFactory(reader=cast.ana.user),
        "accounts_apitoken": create_token(by=cast.office, name="timetable", valid_for=timedelta(days=1))[0],
        "students_student": cast.amina,
        "students_schoolclass": cast.class_7a,
        "students_enrolment": Enrolment.objects.first(),
        "students_teachingassignment": TeachingAssignment.objects.first(),
        "students_studentparentlink": StudentParentLink.objects.first(),
        "students_guardian": GuardianFactory(student=cast.amina),
        "students_emergencycontact": EmergencyContactFactory(student=cast.amina),
        "students_subject": SubjectFactory(),
        "students_academicyear": cast.year,
        "students_term": TermFactory(academic_year=cast.year),
        "students_closure": ClosureFactory(),
        "students_school": School.current(),
        "attendance_register": RegisterFactory(school_class=cast.class_7a),
        "attendance_attendancerecord": AttendanceRecordFactory(student=cast.amina, school_class=cast.class_7a),
        "attendance_plannedabsence": PlannedAbsenceFactory(student=cast.amina, entered_by=cast.office),
        "assessments_assessmentcategory": AssessmentCategory.objects.first(),
        "assessments_gradescale": GradeScale.objects.filter(in_use=False).first(),
        "assessments_assessment": work,
        "assessments_score": ScoreFactory(student=cast.amina, assessment=work),
        "behavior_behaviorcategory": record.category,
        "behavior_behaviorrecord": record,
        "participation_event": event,
        "dashboard_familynote": FamilyNote.objects.create(student=cast.amina, text="x", written_by=cast.office),
        "participation_participationrecord": ParticipationRecordFactory(student=cast.amina, event=event),
    }
    return {model: row.pk for model, row in rows.items()}


@pytest.mark.parametrize("model", ADMIN_ROWS)
def test_the_office_gets_the_admin_pages_of_the_table(model, cast, browsers, admin_rows):
    for view, expected in zip(ADMIN_VIEWS, ADMIN_ROWS[model], strict=True):
        args = [] if view in {"changelist", "add"} else [admin_rows[model]]
        url = reverse(f"admin:{model}_{view}", args=args)
        assert (view, browsers["office"].get(url).status_code) == (view, expected)


@pytest.mark.parametrize("model", ADMIN_ROWS)
def test_nobody_else_gets_any_admin_page(model, cast, browsers, admin_rows):
    for view in ADMIN_VIEWS:
        args = [] if view in {"changelist", "add"} else [admin_rows[model]]
        url = reverse(f"admin:{model}_{view}", args=args)
        for person in PEOPLE:
            if person == "office":
                continue
            refused = 302 if person in {"anonymous", "gone"} else 403
            answers = (browsers[person].get(url).status_code, browsers[person].post(url, {}).status_code)
            assert (view, person, answers) == (view, person, (refused, refused))


def test_the_other_admin_pages_are_for_the_office(cast, browsers):
    urls = [
        reverse("admin:index"),
        reverse("admin:password_change"),
        reverse("admin:password_change_done"),
        reverse("admin:autocomplete"),
        reverse("admin:jsi18n"),
        reverse("admin:app_list", args=["students"]),
        reverse("admin:view_on_site", args=[1, 1]),
        reverse("admin:students_academicyear_next"),
        reverse("admin:students_academicyear_undo", args=[cast.year.pk]),
        reverse("admin:login"),
        reverse("admin:logout"),
        "/admin/no/such/page/",
    ]
    for url in urls:
        for person in ("ana", "mariam"):
            assert (url, person, browsers[person].get(url).status_code) == (url, person, 403)
            assert (url, person, browsers[person].post(url).status_code) == (url, person, 403)
        assert (url, browsers["anonymous"].get(url).status_code) == (url, 302)


def test_every_model_of_the_admin_is_in_its_table():
    registered = {f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry}
    assert registered == set(ADMIN_ROWS)
