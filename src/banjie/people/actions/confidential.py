"""Which registers are read only by whoever was granted them by name."""

from __future__ import annotations

from banjie.people.models import ConfidentialRegister


def keep_confidential(register: str, confidential: bool) -> None:
    """As the register's definition says. Part of its installation, which asks for permission and leaves the entry."""
    if confidential:
        ConfidentialRegister.objects.get_or_create(name=register)
    else:
        ConfidentialRegister.objects.filter(name=register).delete()
