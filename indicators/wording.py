"""Statuses, reasons and traces in words, Swedish and English: every status explains itself."""

from django.utils.translation import gettext_lazy as _

STATUS = {
    "met": _("Met"),
    "near": _("Partly met"),
    "partly": _("Partly met"),
    "not_met": _("Not met"),
    "not_assessable": _("Cannot be assessed"),
}
CHANGE = {
    "better": _("better"),
    "worse": _("worse"),
    "unchanged": _("unchanged"),
    "uncertain": _("no certain change"),
}
QUARTER = {
    "best": _("best quarter"),
    "middle": _("middle"),
    "worst": _("worst quarter"),
    "no_difference": _("no difference"),
}
REASON = {
    "context_only": _("followed as context, without a target"),
    "no_target": _("has no target"),
    "no_value": _("no value"),
    "not_yet_due": _("not yet due"),
    "not_applicable": _("not applicable"),
    "confidential": _("confidential"),
    "break": _("the method has changed"),
    "too_few_peers": _("too few municipalities to compare with"),
    "too_few_answers": _("too few answers"),
    "baseline_not_positive": _("the baseline is not above zero"),
    "inside_margin": _("inside the margin of error"),
}
ABSENCE = {
    "missing": _("missing"),
    "not_due": _("not yet due"),
    "not_applicable": _("not applicable"),
    "confidential": _("confidential"),
    "method_changed": _("the method has changed"),
    "too_few_answers": _("too few answers"),
}
