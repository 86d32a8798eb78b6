"""The calculation of a clock that was paused or extended, one sentence for each stretch of time, in its order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING

from banjie.lib.clock import LOCAL
from banjie.lib.text import Text
from banjie.places.calendar import midnight
from banjie.places.deadline import NOT_COUNTED, Line

if TYPE_CHECKING:
    from banjie.matters.clocks import Explained, Pause

ONE_DAY, HOUR = timedelta(days=1), timedelta(hours=1)
EXTENDED = Text("{at} 批准延长{amount}，期限合计{whole}", "extended by {amount} at {at}: {whole} in all")
PAUSED = Text("暂停计时{basis}，不计", "suspended{basis}, not counted")
STILL_PAUSED = Text("暂停计时中{basis}，恢复后继续计算", "still suspended{basis}: what is left runs on when it is resumed")
NO_DAY_LOST = Text(
    "{begins} 至 {ends} 曾暂停计时{basis}，没有占去应计的日子，期限不变",
    "suspended{basis} from {begins} to {ends}: no day was lost to that, and the term stays",
)
MOVED = Text("末日顺延，不计", "moved past a day off or a suspension, not counted")
PARTLY = Text("当日曾暂停，不足一整天，公告期不计", "suspended for part of the day: it is not whole and does not count")


def explain(found: Explained) -> tuple[Line, ...]:
    """One line for each extension and each pause that cost no day, which by themselves move nothing; then the stretches, without
    a gap."""
    stretches = _in_days(found) if found.term.counts_days else _in_hours(found)
    return (*_extensions(found), *_short_pauses(found), *stretches, *_end(found))


def _extensions(found: Explained) -> Iterator[Line]:
    for event in found.extensions:
        if event.amount is not None:
            says = EXTENDED.format(at=clock_face(event.at.astimezone(LOCAL)), amount=event.amount.title, whole=found.term.title)
            yield Line(found.start, found.start, Fraction(0), says)


def _short_pauses(found: Explained) -> Iterator[Line]:
    """Whoever was asked for something, and answered the same day, looks for that in the calculation too."""
    for pause in found.pauses if found.term.counts_days else ():
        if pause.ends is None or (found.moment is not None and found.moment <= pause.begins):
            continue
        within = range((pause.ends.date() - pause.begins.date()).days + 1)
        days = [day for n in within if (day := pause.begins.date() + ONE_DAY * n) > found.start.date()]
        if not any(found.takes_away(pause, day) for day in days):
            begins, ends = clock_face(pause.begins), clock_face(pause.ends)
            yield Line(found.start, found.start, Fraction(0), NO_DAY_LOST.format(begins=begins, ends=ends, basis=_basis(pause)))


def _end(found: Explained) -> Iterator[Line]:
    if found.moment is None:
        pause = next(p for p in found.pauses if p.ends is None)
        at = max(pause.begins, found.start)
        yield Line(at, at, Fraction(0), STILL_PAUSED.format(basis=_basis(pause)))
    elif found.at_least:
        says = Text(
            f"须届满：{clock_face(found.moment)} 起方可进行下一步",
            f"must have run: the next step is allowed from {clock_face(found.moment)}",
        )
        yield Line(found.moment, found.moment, Fraction(0), says)
    else:
        yield Line(
            found.moment, found.moment, Fraction(0), Text(f"截止 {clock_face(found.moment)}", f"due {clock_face(found.moment)}")
        )


# --- hours -------------------------------------------------------------------------------------------------------


def _in_hours(found: Explained) -> Iterator[Line]:
    """Each stretch in which the clock ran, and each in which it stood still."""
    at, so_far = found.start, timedelta()
    for pause in found.pauses:
        if found.moment is not None and found.moment <= pause.begins:
            break
        so_far += _ran(found, at, pause.begins)
        yield _stretch(found, at, pause.begins, so_far)
        if pause.ends is None:
            return
        yield Line(
            pause.begins, pause.ends, Fraction(0), _join(_span(pause.begins, pause.ends), PAUSED.format(basis=_basis(pause)))
        )
        at = pause.ends
    if found.moment is not None:
        so_far += _ran(found, at, found.moment)
        yield _stretch(found, at, found.moment, so_far)


def _ran(found: Explained, begins: datetime, ends: datetime) -> timedelta:
    return found.calendar.work_between(begins, ends) if found.term.unit == "working_hours" else ends - begins


def _stretch(found: Explained, begins: datetime, ends: datetime, so_far: timedelta) -> Line:
    ran = _ran(found, begins, ends)
    what = Text("工作时间", "of office hours") if found.term.unit == "working_hours" else Text("", "")
    says = Text(
        f"计{what.zh} {_length(ran).zh}，累计 {_length(so_far).zh}",
        f"{_length(ran).en} {what.en}".rstrip() + f", {_length(so_far).en} so far",
    )
    return Line(
        begins, ends, Fraction(ran // timedelta.resolution, HOUR // timedelta.resolution), _join(_span(begins, ends), says)
    )


# --- days --------------------------------------------------------------------------------------------------------


def _in_days(found: Explained) -> Iterator[Line]:
    """The day of the event; then each run of days of one nature."""
    first = found.start.date() + ONE_DAY
    ends = found.moment if found.moment is not None else max(midnight(first), midnight(_paused_from(found)))
    if ends <= midnight(first):
        return
    yield Line(
        found.start, midnight(first), Fraction(0), _join(Text(clock_face(found.start), clock_face(found.start)), NOT_COUNTED)
    )
    last = (ends - timedelta.resolution).date()
    days = [first + ONE_DAY * n for n in range((last - first).days + 1)]
    so_far = 0
    for (says, counts), run in groupby(days, key=lambda day: _nature(found, day)):
        stretch = list(run)
        so_far += len(stretch) if counts else 0
        if counts:
            says = Text(f"{says.zh} {len(stretch)} 天，累计 {so_far}", f"{says.en}, {len(stretch)} counted, {so_far} so far")
        till = ends if stretch[-1] == last else midnight(stretch[-1] + ONE_DAY)
        amount = Fraction(len(stretch) if counts else 0)
        yield Line(midnight(stretch[0]), till, amount, _join(_days(stretch[0], stretch[-1]), says))


def _paused_from(found: Explained) -> date:
    """The first day that a pause that lasts takes away."""
    pause = next(p for p in found.pauses if p.ends is None)
    stays = not found.at_least and not found.takes_away(pause, pause.begins.date())
    return pause.begins.date() + (ONE_DAY if stays else timedelta())


def _nature(found: Explained, day: date) -> tuple[Text, bool]:
    """What a day is in the count, and whether it counts."""
    for pause in found.pauses:
        if found.takes_away(pause, day):
            whole = pause.begins.date() < day and (pause.ends is None or day < pause.ends.date())
            return (PAUSED.format(basis=_basis(pause)) if whole or not found.at_least else PARTLY), False
    if found.last_day is not None and day > found.last_day:
        return MOVED, False
    if found.term.unit == "days":
        return Text("自然日", "calendar days"), True
    known = found.calendar.day(day)
    if known.kind == "day_off":
        name = known.name or Text("休息日", "day off")
        return Text(f"{name.zh}，不计", f"{name.en}, not counted"), False
    if known.kind in ("morning", "afternoon"):
        if found.at_least:
            return Text("半天班，公告期不计", "half day, does not count towards a notice"), False
        return Text("半天班，按工作日计", "half day, counts as a workday"), True
    return (Text("调休上班", "make-up workday") if day.weekday() >= 5 else Text("工作日", "workday")), True


# --- words -------------------------------------------------------------------------------------------------------


def _basis(pause: Pause) -> Text:
    return Text(f"（{pause.basis}）", f" ({pause.basis})") if pause.basis else Text("", "")


def _join(when: Text, what: Text) -> Text:
    return Text(f"{when.zh}：{what.zh}", f"{when.en}: {what.en}")


def clock_face(moment: datetime) -> str:
    """A moment in local time, to the minute where that is exact."""
    moment = moment.astimezone(LOCAL)
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment.second else f"{moment:%Y-%m-%d %H:%M}"


def _span(begins: datetime, ends: datetime) -> Text:
    return Text(f"{clock_face(begins)} 至 {clock_face(ends)}", f"{clock_face(begins)} to {clock_face(ends)}")


def _days(first: date, last: date) -> Text:
    return Text(f"{first}", f"{first}") if first == last else Text(f"{first} 至 {last}", f"{first} to {last}")


def _length(length: timedelta) -> Text:
    minutes, seconds = divmod(length // timedelta(seconds=1), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "小时", "h"), (minutes, "分", "min"), (seconds, "秒", "s")]
    shown = [(n, zh, en) for n, zh, en in parts if n] or [(0, "分", "min")]
    return Text("".join(f"{n}{zh}" for n, zh, _ in shown), " ".join(f"{n} {en}" for n, _, en in shown))
