"""What lies around a matter's page and is asked for where it is shown: what was told of it, and the documents handed in for it."""

from __future__ import annotations

from banjie.matters.models import Matter, Notice
from banjie.people.models import Account
from banjie.registers.models import Attachment, Record


def told_of(matter: Matter, *, by: Account | None) -> list[Notice]:
    """The warnings, overdue notices and escalations of a matter, the first first, for whoever may see it."""
    if not Matter.objects.visible_to(by).filter(pk=matter.pk).exists():
        return []
    return list(matter.notices.exclude(step="").select_related("post__organisation", "organisation").order_by("pk"))


def documents_of(matter: Matter, *, by: Account | None) -> list[Attachment]:
    """The files of a matter, and those of the main matter it is a branch of: handed in once, they serve every branch. Those of a
    record that the account may not see are left out; a pack grants VIEW on the main register to whoever handles the branches."""
    own = {matter.record_id, matter.main.record_id if matter.main else matter.record_id}
    seen = Record.objects.visible_to(by).filter(pk__in=own)
    rows = Attachment.objects.filter(record__in=seen.values("pk"), removed_at=None)
    return list(rows.select_related("file", "record").order_by("pk"))
