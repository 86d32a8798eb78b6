"""Everything that can be done with a matter. Keyword-only after the matter, ``by`` the actor (None: the system), atomic, one entry
in the record's chain each. ``version`` is the matter's version that the actor saw: who comes second gets a Conflict.

A refusal (NotPermitted, NotFound, Invalid, Conflict) says why in both languages, and nothing has changed.
"""

from banjie.matters.actions.advancing import advance, close
from banjie.matters.actions.applying import hand_in, rate, supply
from banjie.matters.actions.deadlines import ask_extension, decide_extension, urge
from banjie.matters.actions.ending import reopen, take_back, withdraw
from banjie.matters.actions.endpoints import add_endpoint, retire_endpoint
from banjie.matters.actions.handing import accept, answer_invitation, hand_over, invite
from banjie.matters.actions.migrating import migrate_matters, undo_migration
from banjie.matters.actions.noticing import mark_seen, put_away_closed
from banjie.matters.actions.opening import open_matter
from banjie.matters.actions.posting import put_up, take_down
from banjie.matters.actions.tasks import complete_task, return_task
from banjie.matters.actions.voting import (
    cast_vote,
    close_ballot,
    extend_ballot,
    issue_code,
    issue_codes,
    open_ballot,
    record_paper,
    to_vote_in,
)
from banjie.matters.actions.waiting import resume, return_for_more, suspend
from banjie.matters.actions.waiving import waive_expected

__all__ = [
    "accept",
    "add_endpoint",
    "advance",
    "answer_invitation",
    "ask_extension",
    "cast_vote",
    "close",
    "close_ballot",
    "complete_task",
    "decide_extension",
    "extend_ballot",
    "hand_in",
    "hand_over",
    "invite",
    "issue_code",
    "issue_codes",
    "mark_seen",
    "migrate_matters",
    "open_ballot",
    "open_matter",
    "put_away_closed",
    "put_up",
    "rate",
    "record_paper",
    "reopen",
    "resume",
    "retire_endpoint",
    "return_for_more",
    "return_task",
    "supply",
    "suspend",
    "take_back",
    "take_down",
    "to_vote_in",
    "undo_migration",
    "urge",
    "waive_expected",
    "withdraw",
]
