"""Which records are mine: those of the duties of my posts, and those whose field names one of my posts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

from django.db.models import Q

from banjie.lib.clock import today
from banjie.packs.workbench import Mine
from banjie.people.duties import duties_of
from banjie.people.models import Account, Appointment, Duty
from banjie.places.models import Area
from banjie.registers.catalogue import catalogue
from banjie.registers.definition import Field, Register
from banjie.registers.models import Record
from banjie.registers.queries import Filter, condition


@dataclass(frozen=True)
class Answerable:
    """An account with the posts and duties that it has today. Two queries, and one for each area it answers for."""

    account: Account
    posts: tuple[str, ...]  # codes
    duties: tuple[Duty, ...]

    @classmethod
    def of(cls, account: Account) -> Self:
        held = Appointment.objects.on(today()).filter(account=account)
        return cls(account, tuple(held.values_list("post__code", flat=True)), tuple(duties_of(account)))

    @cached_property
    def _within(self) -> dict[str, list[str]]:
        return {code: Area.objects.codes_within(code) for code in {d.area_id for d in self.duties if d.area_id}}

    def records(self, declared: Mine, register: Register) -> Q | None:
        """The condition on records of ``register`` that makes them mine; None where the list does not concern me at all."""
        found = [self._by_duty(d, register) for d in self.duties if declared.duty and d.role == declared.duty]
        if declared.post and self.posts:
            found.append(self._by_post(declared.post, register))
        known = [q for q in found if q is not None]
        if not known:
            return None
        whole = known[0]
        for other in known[1:]:
            whole |= other
        return whole

    def _by_duty(self, duty: Duty, register: Register) -> Q | None:
        above = register.parent.register_name if register.parent else None
        if duty.area_id:
            return Q(area_id__in=self._within[duty.area_id]) if duty.register in {"", register.name, above} else None
        if duty.register == register.name:
            return Q(key=duty.key)
        return Q(parent__register=above, parent__key=duty.key) if duty.register == above else None

    def _by_post(self, name: str, register: Register) -> Q | None:
        if name in register.by_name:
            return self._names_a_post(register, register.field(name))
        above = catalogue().register(register.parent.register_name) if register.parent else None
        if above is None or name not in above.by_name:
            return None
        wanted = self._names_a_post(above, above.field(name))
        return wanted and Q(parent_id__in=Record.objects.of(above.name).live().filter(wanted).values("pk"))

    def _names_a_post(self, register: Register, field: Field) -> Q | None:
        options = {o.code for o in register.options(field)}
        codes = [p for p in self.posts if field.type != "choice" or p in options]
        return condition(register, Filter(field.name, "any_of", codes)) if codes else None
