"""The page of a student sent with bad input: refused with the reason, what was typed still there, nothing changed.

Each case names the rule that it attacks; without that rule's code it fails.
"""

import pytest
from pytest_django.asserts import assertContains

from students.tests.factories import EmergencyContactFactory, GuardianFactory
from students.tests.posted import everything_stored, people, student_form

NEW = "/students/new/"
REQUIRED = "This field is required."
UNPRINTABLE = "This holds characters that cannot be printed. Type it again on one line."
DAY = "Give the day as year-month-day, such as 2026-09-14."
BIRTH = "Give a date of birth between 1900 and today."
SCHOOL_LIFE = "Give a date between 1900 and two years from now."
BORN_LATER = "The date of birth is not before the day of joining. Correct one of the two."
NOT_OFFERED = "Select a valid choice. That choice is not one of the available choices."
INCOMPLETE = "This page came back incomplete. Load it again and type the change anew."
TOO_MANY = "Give at most 12 people here. Clear the others."
STRANGER = "This person is not noted for this student any more. Load the page again to see who is."
NUL = "Null characters are not allowed."


def too_long(most: int, typed: int) -> str:
    return f"Ensure this value has at most {most} characters (it has {typed})."


def guardian(**typed):
    return people("guardians", {"name": "Mia", **typed})


def crowd(prefix: str, number: int):
    return people(prefix, *[{"name": f"Aunt {count}"} for count in range(number)])


BAD_INPUTS = [
    pytest.param({"given_name": ""}, REQUIRED, id="given-name-is-required"),
    pytest.param({"given_name": " \t "}, REQUIRED, id="given-name-is-more-than-spaces"),
    pytest.param({"given_name": "x" * 101}, too_long(100, 101), id="given-name-fits-its-column"),
    pytest.param({"family_name": "x" * 101}, too_long(100, 101), id="family-name-fits-its-column"),
    pytest.param({"given_name": "Da\x00ra"}, NUL, id="given-name-holds-no-nul"),
    pytest.param({"family_name": "Qui\x00st"}, NUL, id="family-name-holds-no-nul"),
    pytest.param({"given_name": "Da\x07ra"}, UNPRINTABLE, id="given-name-holds-no-control-character"),
    pytest.param({"given_name": "Dara\nQuist"}, UNPRINTABLE, id="given-name-is-one-line"),
    pytest.param({"family_name": "Qui\u2028st"}, UNPRINTABLE, id="family-name-is-one-line-in-unicode-too"),
    pytest.param({"family_name": "\u202equist"}, UNPRINTABLE, id="family-name-does-not-turn-the-writing-round"),
    pytest.param({"gender": "unknown"}, "Select a valid choice. unknown is not", id="gender-is-one-of-the-list"),
    pytest.param({"date_of_birth": "2026-03-17"}, BIRTH, id="birth-is-not-in-the-future"),
    pytest.param({"date_of_birth": "1850-01-01"}, BIRTH, id="birth-is-not-before-1900"),
    pytest.param({"date_of_birth": "14/09/2013"}, DAY, id="birth-is-not-guessed-from-another-order"),
    pytest.param({"date_of_birth": "２０１３-09-14"}, DAY, id="birth-is-in-ascii-digits"),
    pytest.param({"date_of_birth": "2013-02-30"}, DAY, id="birth-is-a-day-of-the-calendar"),
    pytest.param({"date_of_birth": "2013-09-14\x00"}, DAY, id="birth-holds-no-nul"),
    pytest.param({"date_of_birth": "2026-03-16"}, BORN_LATER, id="birth-is-before-joining-today"),
    pytest.param(
        {"date_of_birth": "2013-09-14", "enrollment_date": "2013-09-14"}, BORN_LATER, id="birth-is-before-joining"
    ),
    pytest.param({"enrollment_date": "14/09/2026"}, DAY, id="joining-is-not-guessed-from-another-order"),
    pytest.param({"enrollment_date": "2026-09"}, DAY, id="joining-is-a-whole-day"),
    pytest.param({"enrollment_date": "9999-12-31"}, SCHOOL_LIFE, id="joining-is-not-in-the-year-9999"),
    pytest.param({"enrollment_date": "0001-01-01"}, SCHOOL_LIFE, id="joining-is-not-in-the-year-1"),
    pytest.param({"enrollment_date": "2028-03-18"}, SCHOOL_LIFE, id="joining-is-within-two-years"),
    pytest.param({"school_class": "999999"}, NOT_OFFERED, id="class-exists"),
    pytest.param({"school_class": "x"}, NOT_OFFERED, id="class-is-a-number"),
    pytest.param({"school_class": "9" * 40}, NOT_OFFERED, id="class-fits-a-key"),
    pytest.param(guardian(name="", phone="1"), REQUIRED, id="guardian-with-a-phone-has-a-name"),
    pytest.param(guardian(name="x" * 201), too_long(200, 201), id="guardian-name-fits-its-column"),
    pytest.param(guardian(phone="1" * 41), too_long(40, 41), id="guardian-phone-fits-its-column"),
    pytest.param(guardian(phone="1\n2"), UNPRINTABLE, id="guardian-phone-is-one-line"),
    pytest.param(guardian(name="Mi\x00a"), NUL, id="guardian-name-holds-no-nul"),
    pytest.param(guardian(name="Mi\x1ba"), UNPRINTABLE, id="guardian-name-holds-no-control-character"),
    pytest.param(guardian(relationship="x" * 51), too_long(50, 51), id="guardian-relationship-fits-its-column"),
    pytest.param(guardian(relationship="a\rb"), UNPRINTABLE, id="guardian-relationship-is-one-line"),
    pytest.param(guardian(email="mia"), "Enter a valid email address.", id="guardian-email-is-an-address"),
    pytest.param(
        guardian(email="mia@home.example\nBcc: x@x.example"), "Enter a valid email", id="guardian-email-is-one"
    ),
    pytest.param(guardian(address="Lane\x001"), NUL, id="guardian-address-holds-no-nul"),
    pytest.param(crowd("guardians", 13), TOO_MANY, id="guardians-are-twelve-at-most"),
    pytest.param(
        people("emergency", {"name": "", "phone": "1"}), REQUIRED, id="emergency-contact-with-a-phone-has-a-name"
    ),
    pytest.param(crowd("emergency", 13), TOO_MANY, id="emergency-contacts-are-twelve-at-most"),
    pytest.param({"guardians-TOTAL_FORMS": "x"}, INCOMPLETE, id="number-of-blocks-is-a-number"),
    pytest.param({"guardians-TOTAL_FORMS": "-1"}, INCOMPLETE, id="number-of-blocks-is-not-negative"),
    pytest.param({"guardians-TOTAL_FORMS": "100000"}, TOO_MANY, id="number-of-blocks-is-bounded"),
    pytest.param({"guardians-TOTAL_FORMS": "9" * 5000}, INCOMPLETE, id="number-of-blocks-is-short"),
    pytest.param({"guardians-TOTAL_FORMS": None}, INCOMPLETE, id="number-of-blocks-is-there"),
    pytest.param({"emergency-INITIAL_FORMS": None}, INCOMPLETE, id="number-of-stored-blocks-is-there"),
    pytest.param({"guardians-INITIAL_FORMS": "5"}, INCOMPLETE, id="stored-blocks-are-among-the-blocks"),
    pytest.param(guardian() | {"guardians-INITIAL_FORMS": "1"}, STRANGER, id="a-stored-block-says-whose"),
]


def check_refused(response, typed: dict[str, str], said: str) -> None:
    """The page again, as unprocessable, with the sentence and each typed value that a page can hold."""
    assertContains(response, "Not saved.", status_code=422)
    assertContains(response, said, status_code=422)
    form_page = response.context["form_page"]
    shown = {bound.html_name: bound.value() for form in form_page.all_forms for bound in form}
    kept = {name: value for name, value in typed.items() if name in shown}
    assert {name: shown[name] for name in kept} == kept


@pytest.mark.parametrize(("typed", "said"), BAD_INPUTS)
def test_a_new_student_with_bad_input_is_refused(cast, sign_in, typed, said):
    office = sign_in(cast.office)
    sent = student_form(**typed)
    before = everything_stored()
    check_refused(office.post(NEW, sent), sent, said)
    assert everything_stored() == before


def test_the_same_form_without_bad_input_is_saved(cast, sign_in):
    typed = guardian(phone="+351 210 000 000", email="mia@home.example", relationship="mother", address="Lane 1")
    dates = {"date_of_birth": "2013-09-14", "enrollment_date": "2028-03-17"}
    sent = student_form(gender="female", school_class=cast.class_7a.pk, **dates, **typed)
    assert sign_in(cast.office).post(NEW, sent).status_code == 302


@pytest.fixture
def stored(cast):
    """Amina's guardian and contact, and those of Cleo, who is in another class."""
    return {
        "own": GuardianFactory(student=cast.amina, name="Mia"),
        "own_contact": EmergencyContactFactory(student=cast.amina, name="Gran"),
        "other": GuardianFactory(student=cast.cleo, name="Nils"),
        "other_contact": EmergencyContactFactory(student=cast.cleo, name="Opa"),
    }


BAD_CHANGES = [
    pytest.param("guardians", "other", {"name": "Taken"}, STRANGER, id="guardian-is-of-this-student"),
    pytest.param("emergency", "other_contact", {"name": "Taken"}, STRANGER, id="contact-is-of-this-student"),
    pytest.param("guardians", "own", {"name": ""}, REQUIRED, id="stored-guardian-is-not-emptied"),
    pytest.param("guardians", "own", {"id": "x", "name": "Mia"}, STRANGER, id="stored-guardian-has-a-number"),
    pytest.param("guardians", "own", {"name": "Mia", "email": "x"}, "Enter a valid email", id="stored-email-is-one"),
]


def amina_form(**typed):
    return student_form(given_name="Amina", family_name="Diallo", school_class=None, left_on="", **typed)


@pytest.mark.parametrize("initial", [0, 1], ids=["as-a-new-block", "as-a-stored-block"])
@pytest.mark.parametrize(("prefix", "whose", "typed", "said"), BAD_CHANGES)
def test_a_change_of_people_with_bad_input_is_refused(cast, sign_in, stored, prefix, whose, typed, said, initial):
    ana = sign_in(cast.ana.user)
    blocks = people(prefix, {"id": stored[whose].pk, **typed}) | {f"{prefix}-INITIAL_FORMS": initial}
    sent = amina_form(**blocks)
    before = everything_stored()
    check_refused(ana.post(f"/students/{cast.amina.student_id}/edit/", sent), sent, said)
    assert everything_stored() == before


@pytest.mark.parametrize("initial", [0, 1], ids=["as-a-new-block", "as-a-stored-block"])
@pytest.mark.parametrize(("prefix", "kind"), [("guardians", ""), ("emergency", "_contact")])
def test_only_this_students_people_can_be_removed(cast, sign_in, stored, prefix, kind, initial):
    ana = sign_in(cast.ana.user)

    def remove(whose):
        blocks = people(prefix, {"id": stored[whose + kind].pk, "name": "Gone", "DELETE": "on"})
        typed = amina_form(**blocks | {f"{prefix}-INITIAL_FORMS": initial})
        return ana.post(f"/students/{cast.amina.student_id}/edit/", typed)

    remove("other")
    assert kinds_stored(stored) == ["Gran", "Mia", "Nils", "Opa"]
    assert remove("own").status_code == 302
    assert len(kinds_stored(stored)) == 3


def kinds_stored(stored) -> list[str]:
    """The names of the people who are still noted."""
    return sorted(
        name
        for person in stored.values()
        for name in type(person).objects.filter(pk=person.pk).values_list("name", flat=True)
    )
