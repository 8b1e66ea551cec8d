"""The filters of the dashboard: classes, a term, and how far back the trend reaches."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from dashboard.scope import TermScopeForm
from dashboard.trends import Period
from students.record_filters import LENGTH_OF_ID


class TrendPeriodForm(forms.Form):
    """The period of the trend: 30 days where nothing is chosen."""

    period = forms.ChoiceField(label=gettext_lazy("Trend"), choices=Period.choices, required=False)

    @property
    def chosen_period(self) -> Period:
        """Call only on a valid form."""
        return Period(self.cleaned_data["period"] or Period.MONTH)


class DashboardForm(TrendPeriodForm, TermScopeForm):
    """As every page over many students, with the period of the trend."""


class TrendForm(TrendPeriodForm):
    """The trend of one student; of everybody seen where none is named."""

    student_id = forms.CharField(label=gettext_lazy("Student id"), max_length=LENGTH_OF_ID, required=False)
