"""What strategists made of the invented residents' comments: themes, approved quotes, hypotheses. For the
demonstration alone."""

from datetime import datetime, timedelta

from django.db import transaction

from indicators.models import Department
from indicators.operations.actor import User
from surveys.models import (
    Comment,
    CommentState,
    CommentTheme,
    HypothesisOrigin,
    HypothesisState,
    Question,
    Survey,
    Theme,
    Wave,
)
from surveys.operations.hypotheses import Beginning, Told, create_hypothesis, move_hypothesis
from surveys.operations.moderation import decide_comment
from surveys.operations.themes import find_themes, name_theme

QUOTES_A_THEME = 2
MONTHS = timedelta(days=120)
# What a strategist would call a theme that begins with the word.
NAMES = {
    "förskolan": "Förskolan", "biblioteket": "Öppettider på biblioteket", "öppet": "Öppettider på biblioteket",
    "bussen": "Bussar och bil", "skräp": "Skräp och återvinning", "cykla": "Hål i gatorna", "personalen": "Personalen",
    "beslut": "Byar som känner sig glömda", "parken": "Parken",
}  # fmt: skip


def store(*, by: User, now: datetime) -> None:
    """Themes and quotes of each invented wave with comments, and three hypotheses; what is there already stays."""
    for wave in Wave.objects.filter(survey__invented=True, comments__isnull=False).distinct().order_by("pk"):
        with transaction.atomic():
            if not wave.themes.exists():
                find_themes(wave_id=wave.pk, by=by)
                _name(wave, by=by)
            if not wave.comments.exclude(state=CommentState.WAITING).exists():
                _approve(wave, by=by)
    for survey in Survey.objects.filter(invented=True, waves__themes__isnull=False).distinct().order_by("pk")[:1]:
        if not survey.hypotheses.exists():
            _suppose(survey, by=by, now=now)


def _name(wave: Wave, *, by: User) -> None:
    for theme in wave.themes.all():
        if theme.words and theme.words[0] in NAMES:
            name_theme(theme_id=theme.pk, title=NAMES[theme.words[0]], hidden=False, by=by)


def _approve(wave: Wave, *, by: User) -> None:
    """The unmasked comments that belong most to each theme may be quoted; a text that came twice once."""
    told: set[str] = set()
    for theme in wave.themes.all():
        links = CommentTheme.objects.filter(theme=theme, comment__masked=0, comment__state=CommentState.WAITING)
        taken = 0
        for link in links.select_related("comment").order_by("-weight", "comment_id"):
            if taken < QUOTES_A_THEME and link.comment.text not in told:
                decide_comment(comment_id=link.comment_id, state=CommentState.QUOTABLE, by=by)
                told.add(link.comment.text)
                taken += 1
    rest = Comment.objects.filter(wave=wave, state=CommentState.WAITING).order_by("pk")
    for comment_id in list(rest.values_list("pk", flat=True)[:10]):
        decide_comment(comment_id=comment_id, state=CommentState.KEPT, by=by)


def _suppose(survey: Survey, *, by: User, now: datetime) -> None:
    """Three hypotheses: from a theme and confirmed, from a gap and being tried, and one of our own."""
    wave = survey.waves.filter(themes__isnull=False).order_by("-period").first()
    assert wave is not None
    themes = Theme.objects.filter(wave=wave, hidden=False).order_by("number")
    theme = themes.filter(title=NAMES["förskolan"]).first() or themes.first()
    departments = Department.objects.order_by("pk")
    department = departments.filter(name_sv__icontains="förskola").first() or departments.first()
    confirmed = create_hypothesis(
        survey_id=survey.pk,
        told=Told(
            title="Föräldrar vill veta i god tid när förskolan stänger eller byter personal",
            text="Få klagar på stängda dagar i sig. Flera skriver att de fick veta det sent.",
            improvement="Meddela stängda dagar minst två månader i förväg, och nya vikarier samma dag.",
            department_id=department.pk if department else None,
            due_on=now.date() + MONTHS,
        ),
        beginning=Beginning(HypothesisOrigin.THEME, wave.pk, theme.pk if theme else None),
        by=by,
    )
    move_hypothesis(
        hypothesis_id=confirmed.pk, state=HypothesisState.CONFIRMED, by=by,
        reason="Vi ringde 20 familjer: 14 av dem hade fått veta om sommarens stängning mindre än en månad före.",
    )  # fmt: skip
    _tried(survey, wave, by=by)
    create_hypothesis(
        survey_id=survey.pk,
        told=Told(
            title="Den som har skickat ett ärende vill se hur långt det har kommit",
            text="Kontaktcenter får ofta samtal från personer som bara undrar om ärendet har kommit fram.",
        ),
        beginning=Beginning(wave_id=wave.pk),
        by=by,
    )


def _tried(survey: Survey, wave: Wave, *, by: User) -> None:
    pair = Question.objects.filter(survey=survey, kind__in=("expectation", "kano")).order_by("-kind", "code").first()
    origin = HypothesisOrigin.OWN
    if pair is not None:
        origin = HypothesisOrigin.KANO if pair.kind == "kano" else HypothesisOrigin.GAP
    trying = create_hypothesis(
        survey_id=survey.pk,
        told=Told(
            title="Människor vill kunna göra ärenden när det passar dem, inte bara på kontorstid",
            text="Svaren visar att möjligheten uppskattas när den finns, fast få har bett om den.",
        ),
        beginning=Beginning(origin, wave.pk, question_id=pair.pk if pair else None),
        by=by,
    )
    move_hypothesis(hypothesis_id=trying.pk, state=HypothesisState.TRYING, reason="", by=by)
