"""The page of a wave: its steps from the questionnaire to released results, what is done, next, and in the way."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from indicators.templatetags.figures import number, with_unit
from surveys.compute.waves import response
from surveys.read_models.building import CLOSED, OPEN, PREPARING, count_of_questions


@dataclass(frozen=True)
class Standing:
    """What a wave has come to, counted. `waiting`: answers not mixed yet; `responses`: those that are."""

    state: str
    opens_on: date | None
    closes_on: date | None
    today: date
    link_open: bool
    pages: int
    questions: int
    lacks: int
    frame: bool
    invited: int
    answered: int
    mailings: int
    waiting: int
    responses: int
    imports: int
    comments: int
    draft: bool
    blocked: bool
    released: bool


@dataclass(frozen=True)
class Step:
    """A step of a wave. `state`: done, going, next, waiting (something before it is not done), optional, unused;
    `address`: the name of the page where it is done; `act`: “open” or “close” where it is a button on the wave's own
    page."""

    key: str
    title: str
    text: str
    state: str
    state_word: str
    address: str = ""
    link: str = ""
    act: str = ""
    blocks: tuple[str, ...] = ()


STEP_STATES = {
    "done": pgettext_lazy("step of a wave", "Done"),
    "next": pgettext_lazy("step of a wave", "Next"),
    "going": pgettext_lazy("step of a wave", "Going on"),
    "waiting": pgettext_lazy("step of a wave", "Later"),
    "optional": pgettext_lazy("step of a wave", "If you want"),
    "unused": pgettext_lazy("step of a wave", "Not used"),
}


@dataclass(frozen=True)
class _Plan:
    """A step before it is known which one is next. `needed`: whether the wave cannot go on without it;
    `going`: it goes on now, until its last day."""

    key: str
    title: str
    text: str
    done: bool
    needed: bool = True
    going: bool = False
    address: str = ""
    link: str = ""
    act: str = ""
    blocks: tuple[str, ...] = ()


def steps(standing: Standing) -> list[Step]:
    """The way of a wave from its questionnaire to released results. One step at most is next."""
    plans = [
        _questionnaire(standing), _sample(standing), _letters(standing), _open(standing), _answers(standing),
        _close(standing), _results(standing), _release(standing),
    ]  # fmt: skip
    may = {"close"} if standing.state == OPEN else set()
    found: list[Step] = []
    next_found = False
    for plan in plans:
        if plan.going:
            state, next_found = "going", True
        elif plan.done:
            state = "done"
        elif not plan.needed:
            state = "unused" if standing.state == CLOSED else "optional"
        elif not next_found:
            state, next_found = "next", True
        else:
            state = "waiting"
        act = plan.act if state == "next" or plan.act in may else ""
        found.append(
            Step(
                plan.key, plan.title, plan.text, state, str(STEP_STATES[state]), plan.address, plan.link, act,
                plan.blocks if state == "next" else (),
            )
        )  # fmt: skip
    return found


def _questionnaire(standing: Standing) -> _Plan:
    pages = ngettext("%(n)s page", "%(n)s pages", standing.pages) % {"n": number(standing.pages)}
    text = _("%(questions)s on %(pages)s.") % {
        "questions": count_of_questions(standing.questions),
        "pages": pages,
    }
    if standing.lacks and standing.state == PREPARING:
        lacks = ngettext("%(n)s thing is missing.", "%(n)s things are missing.", standing.lacks)
        text = f"{text} {lacks % {'n': number(standing.lacks)}}"
    return _Plan(
        "questionnaire",
        _("Questionnaire"),
        text,
        done=standing.state != PREPARING or not standing.lacks,
        address="wave-questionnaire",
        link=_("Write the questions") if standing.state == PREPARING else _("Read the questions"),
    )


def _sample(standing: Standing) -> _Plan:
    if standing.invited:
        text = ngettext("%(n)s person is in the sample.", "%(n)s people are in the sample.", standing.invited)
        text %= {"n": number(standing.invited)}
    elif standing.frame:
        text = _("A register has been read in. The sample has not been drawn.")
    elif standing.state == CLOSED:
        text = _("No sample was drawn here.")
    elif standing.link_open:
        text = _("Not needed: anybody may answer by the open link.")
    else:
        text = _("Read in a register and draw a sample, or let anybody answer by an open link.")
    return _Plan(
        "sample",
        pgettext("of a survey", "Sample"),
        text,
        done=bool(standing.invited),
        needed=not _can_go_without_sample(standing),
        address="wave-sample",
        link=_("To the sample"),
    )


def _can_go_without_sample(standing: Standing) -> bool:
    return standing.link_open or standing.state == CLOSED or bool(standing.responses)


def _letters(standing: Standing) -> _Plan:
    if standing.mailings:
        text = ngettext("%(n)s mailing is prepared or sent.", "%(n)s mailings are prepared or sent.", standing.mailings)
        text %= {"n": number(standing.mailings)}
    elif standing.state == CLOSED:
        text = _("No invitations were sent from here.")
    else:
        text = _("Letters with a personal link, or e-mails. Reminders go only to those who have not answered.")
    return _Plan(
        "letters",
        _("Invitations"),
        text,
        done=bool(standing.mailings),
        needed=not _can_go_without_sample(standing),
        address="wave-letters",
        link=_("To the invitations"),
    )


def _open(standing: Standing) -> _Plan:
    opened = standing.state != PREPARING
    if opened and standing.opens_on is None:
        text = _("It was not opened here: the answers were read in from a file.")
    elif opened:
        text = _("Open since %(day)s.") if standing.state == OPEN else _("Opened on %(day)s.")
        text %= {"day": standing.opens_on}
    else:
        text = _("From then on people can answer, and the questions stand as they are.")
    return _Plan(
        "open",
        pgettext("step of a wave", "Open"),
        text,
        done=opened,
        act="open",
        blocks=tuple(_blocks_opening(standing)),
    )


def _blocks_opening(standing: Standing) -> list[str]:
    """What must be settled on other pages before the wave can open."""
    told = []
    if standing.lacks:
        told.append(_("The questionnaire is not complete."))
    if standing.closes_on is None:
        told.append(_("The last day for answers is not set."))
    elif standing.closes_on < standing.today:
        told.append(_("The last day for answers, %(day)s, has passed.") % {"day": standing.closes_on})
    if standing.opens_on is not None and standing.opens_on > standing.today:
        told.append(_("The first day, %(day)s, has not come yet.") % {"day": standing.opens_on})
    return told


def _answers(standing: Standing) -> _Plan:
    came = standing.responses + standing.waiting
    text = ngettext("%(n)s answer has come in.", "%(n)s answers have come in.", came) % {"n": number(came)}
    if standing.invited:
        rate = with_unit(100 * response(standing.answered, standing.invited).rate, 1, "%")
        text += " " + _("Of the sample %(answered)s of %(invited)s have answered: a response rate of %(rate)s.") % {
            "answered": number(standing.answered),
            "invited": number(standing.invited),
            "rate": rate,
        }
    if standing.state == OPEN and standing.closes_on is not None:
        text += " " + _("The last day is %(day)s.") % {"day": standing.closes_on}
    return _Plan(
        "answers",
        _("Answers"),
        text,
        done=bool(came) or standing.state == CLOSED,
        going=standing.state == OPEN and standing.closes_on is not None and standing.today <= standing.closes_on,
        address="wave-imports",
        link=_("Read in answers from a file"),
    )


def _close(standing: Standing) -> _Plan:
    closed = standing.state == CLOSED
    if closed:
        day = standing.closes_on
        text = _("No more answers are taken.") if day is None else _("Closed on %(day)s.") % {"day": day}
    else:
        text = _("No more answers are taken, and the results can be made. A closed wave cannot be opened again.")
    return _Plan("close", pgettext("step of a wave", "Close"), text, done=closed, act="close")


def _results(standing: Standing) -> _Plan:
    if standing.blocked:
        text = _("The results are held back: they could tell what single people answered.")
    elif standing.released:
        text = _("Results have been made.")
    elif standing.draft:
        text = _("A draft of the results is there to look at.")
    else:
        text = _("Estimated from the answers and checked so that nobody can be recognised.")
    return _Plan(
        "results",
        _("Results"),
        text,
        done=standing.draft or standing.released,
        address="wave-results",
        link=_("To the results"),
    )


def _release(standing: Standing) -> _Plan:
    text = (
        _("Everybody can read the results, and they feed the indicators they are linked to.")
        if standing.released
        else _("Shows the results to everybody and carries them over to the indicators.")
    )
    return _Plan(
        "release",
        pgettext("step of a wave", "Release"),
        text,
        done=standing.released,
        address="survey-wave" if standing.released else "wave-results" if standing.draft else "",
        link=_("Read the released results") if standing.released else _("Release the results"),
    )


def comments_text(waiting: int) -> str:
    """How many free texts wait to be read; "" where none do."""
    if not waiting:
        return ""
    return ngettext("%(n)s free text waits to be read.", "%(n)s free texts wait to be read.", waiting) % {
        "n": number(waiting)
    }
