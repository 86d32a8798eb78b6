"""The rows of the room."""

from banjie.matters.models.ballots import Ballot, Elector, Turnout
from banjie.matters.models.clocks import Clock, ClockEvent, Extension
from banjie.matters.models.matters import ENDINGS, LIVE, STATES, Invitation, Matter, Task
from banjie.matters.models.notices import Attempt, Delivery, Endpoint, Notice
from banjie.matters.models.obligations import Expected, ObligationVersion
from banjie.matters.models.processes import CalendarSnapshot, ProcessVersion, Relocation

__all__ = [
    "ENDINGS",
    "LIVE",
    "STATES",
    "Attempt",
    "Ballot",
    "CalendarSnapshot",
    "Clock",
    "ClockEvent",
    "Delivery",
    "Elector",
    "Endpoint",
    "Expected",
    "Extension",
    "Invitation",
    "Matter",
    "Notice",
    "ObligationVersion",
    "ProcessVersion",
    "Relocation",
    "Task",
    "Turnout",
]
