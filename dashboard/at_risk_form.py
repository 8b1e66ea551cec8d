"""The filters of the list of students at risk, with thresholds for one look."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from dashboard.risk import Rule
from dashboard.scope import ScopeForm, SeenYear
from dashboard.threshold_form import PercentField


class AtRiskForm(ScopeForm):
    """Class, grade level and rule; attendance and performance stand in for the thresholds in force."""

    rule = forms.ChoiceField(
        label=gettext_lazy("Rule"), required=False, choices=[("", gettext_lazy("All rules")), *Rule.choices]
    )
    attendance = PercentField(label=gettext_lazy("Attendance up to (%)"), required=False)
    performance = PercentField(label=gettext_lazy("Average below (%)"), required=False)

    def __init__(self, query: QueryDict, *, seen: SeenYear | None) -> None:
        super().__init__(query, seen=seen)
        self.use_required_attribute = False

    @property
    def chosen_rule(self) -> Rule | None:
        return Rule(self.cleaned_data["rule"]) if self.cleaned_data["rule"] else None

    @property
    def overrides(self) -> dict[str, Decimal | None]:
        """The thresholds for this look, by the names of Thresholds."""
        return {"attendance": self.cleaned_data["attendance"], "average": self.cleaned_data["performance"]}


class AlertsForm(AtRiskForm):
    """The same where the alerts of each rule are a list of their own."""

    rule = None  # type: ignore[assignment]
