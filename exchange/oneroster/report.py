"""The words in which an import reports itself."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exchange.oneroster.importing import Outcome
from exchange.oneroster.problems import RefusedBundleError

MOST_PROBLEMS = 100
MOST_NAMES = 10


def refusal(error: RefusedBundleError) -> str:
    """All problems, a line each; of very many the first hundred."""
    number = len(error.problems)
    title = ngettext(
        "%(number)s problem was found. Nothing was imported.",
        "%(number)s problems were found. Nothing was imported.",
        number,
    )
    lines = [title % {"number": number}, *(f"  {problem}" for problem in error.problems[:MOST_PROBLEMS])]
    if number > MOST_PROBLEMS:
        lines.append("  " + _("… and %(number)s more") % {"number": number - MOST_PROBLEMS})
    if all(problem.key is not None for problem in error.problems):
        lines.append(_("All are in the marks: --skip-invalid leaves out these rows and imports the rest."))
    return "\n".join(lines)


def summary(outcome: Outcome, *, dry_run: bool) -> str:
    """What is new, changed and unchanged, what was left out and why, and who cannot be invited."""
    return "\n".join(_lines(outcome, dry_run=dry_run))


def _lines(outcome: Outcome, *, dry_run: bool) -> Iterator[str]:
    words = {"version": outcome.bundle.version, "school": outcome.school}
    yield _("OneRoster %(version)s, %(school)s") % words
    yield ""
    yield f"  {'':24}{_('new'):>10}{_('changed'):>10}{_('unchanged'):>11}"
    for part in outcome.plan.changes:
        kind = capfirst(str(part.model._meta.verbose_name_plural))
        yield f"  {kind:24}{len(part.new):>10}{len(part.changed):>10}{part.unchanged:>11}"
    yield ""
    if outcome.bundle.left_out:
        yield _("Files that are not read yet: %(names)s") % {"names": ", ".join(outcome.bundle.left_out)}
    if outcome.skipped:
        yield _left_out(len({(problem.file, problem.row) for problem in outcome.skipped}))
        yield from (f"  {problem}" for problem in outcome.skipped)
    for sentence, names in outcome.notes.names.items():
        yield f"{sentence}: {_listed(names)}"
    if outcome.plan.uninvitable:
        yield _("Cannot be invited: no e-mail: %(people)s") % {"people": _listed(outcome.plan.uninvitable)}
    yield _("Dry run: nothing was written.") if dry_run else _("The import is complete.")


def _left_out(number: int) -> str:
    title = ngettext(
        "%(number)s row of the gradebook was left out:", "%(number)s rows of the gradebook were left out:", number
    )
    return title % {"number": number}


def _listed(names: list[str]) -> str:
    """ "3 (Ana Silva, Rui Costa, …)"; the rest of a long list as a number."""
    more = _(" and %(number)s more") % {"number": len(names) - MOST_NAMES} if len(names) > MOST_NAMES else ""
    return f"{len(names)} ({', '.join(names[:MOST_NAMES])}{more})"
