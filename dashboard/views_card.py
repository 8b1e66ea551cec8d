"""Report cards as PDF: of one child for whoever may open the report, of a class for the office."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.access import ANY_ROLE, allow
from accounts.reading import note_reading
from accounts.roles import Role
from accounts.scoping import visible_or_404
from core.export import as_download
from dashboard.card import child_card
from dashboard.card_words import words_of
from dashboard.class_cards import class_cards as cards_of
from dashboard.period import Kind, PeriodForm
from dashboard.typeset import typeset
from dashboard.views import SECTIONS, find_child
from students.middleware import SchoolRequest
from students.models import SchoolClass, Student


@allow(*ANY_ROLE)
def card(request: SchoolRequest, student_id: str) -> HttpResponse:
    """The report of a child on paper: the same rows, sections and periods."""
    child, sections = find_child(request, student_id)
    chooser = PeriodForm(request.GET, today=request.school.today())
    note_reading(request, [student_id])
    if not chooser.is_valid():
        return render(request, "dashboard/card_refused.html", {"child": child, "chooser": chooser}, status=400)
    found = child_card(request.school, child, sections=sections, chooser=chooser)
    moment = timezone.now()
    title = _("Report card: %(name)s") % {"name": child.full_name}
    file = typeset(title, request.school.name, [words_of(found, moment)], moment)
    return pdf_response(f"card-{student_id}.pdf", file)


@allow(Role.ADMIN)
def class_cards(request: SchoolRequest, class_id: int) -> HttpResponse:
    """Says how many cards the file of a class will hold, and lets the office choose the period."""
    school_class, roster = find_class(request, class_id)
    chooser = PeriodForm(request.GET or {"period": Kind.YEAR}, today=request.school.today())
    note_reading(request)
    return class_page(request, school_class, roster, chooser)


@allow(Role.ADMIN)
def class_cards_pdf(request: SchoolRequest, class_id: int) -> HttpResponse:
    """The cards of all who are in the class today, by name, in one file."""
    school_class, roster = find_class(request, class_id)
    chooser = PeriodForm(request.GET, today=request.school.today())
    if not roster:
        return redirect("dashboard:class_cards", class_id=class_id)
    if not chooser.is_valid():
        return class_page(request, school_class, roster, chooser)
    cards = cards_of(request.school, roster, sections=SECTIONS, chooser=chooser)
    note_reading(request, [student.student_id for student in roster])
    moment = timezone.now()
    title = _("Report cards: %(class)s") % {"class": school_class.name}
    file = typeset(title, request.school.name, [words_of(card, moment) for card in cards], moment)
    return pdf_response(f"cards-{slugify(school_class.name) or class_id}.pdf", file)


def find_class(request: SchoolRequest, class_id: int) -> tuple[SchoolClass, list[Student]]:
    """A class, and who is in it today by name."""
    school_class = visible_or_404(SchoolClass.objects.select_related("academic_year"), request.user, pk=class_id)
    roster = Student.objects.visible_to(request.user).enrolled_on(school_class, request.school.today())
    return school_class, list(roster)


def class_page(
    request: SchoolRequest, school_class: SchoolClass, roster: list[Student], chooser: PeriodForm
) -> HttpResponse:
    """The page before the file, with what is to be corrected in the period."""
    context = {"school_class": school_class, "roster": roster, "chooser": chooser}
    return render(request, "dashboard/class_cards.html", context, status=400 if chooser.errors else 200)


def pdf_response(filename: str, file: bytes) -> HttpResponse:
    """A download. Browsers that show it themselves would do so under the portal's strict policy, and fail."""
    return HttpResponse(file, content_type="application/pdf", headers=as_download(filename))
