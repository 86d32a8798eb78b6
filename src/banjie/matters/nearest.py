"""The post that answers for a role nearest to a record."""

from __future__ import annotations

from django.db import connection

from banjie.lib.clock import today
from banjie.matters.statements import run
from banjie.people.models import Organisation, Post


def nearest_post(role: str, *, area: str | None, register: str, key: str) -> Post | None:
    """The first post of ``people.duties.holders`` today, with its organisation, in one query: each step of each matter asks for it."""
    day = today()
    rows = run(_NEAREST, [area, role, day, day, register, register, key])
    if not rows:
        return None
    row = rows[0]
    post = Post.from_db(connection.alias, ["id", "organisation_id", "code", "name_zh", "name_en"], row[:5])
    names = ["id", "code", "parent_id", "area_id", "name_zh", "name_en"]
    post.organisation = Organisation.from_db(connection.alias, names, row[5:])
    return post


_NEAREST = """
    WITH RECURSIVE up(code, parent_id, height) AS (
        SELECT code, parent_id, 0 FROM places_area WHERE code = %s
        UNION ALL
        SELECT area.code, area.parent_id, up.height + 1 FROM places_area area JOIN up ON area.code = up.parent_id
    )
    SELECT post.id, post.organisation_id, post.code, post.name_zh, post.name_en,
           unit.id, unit.code, unit.parent_id, unit.area_id, unit.name_zh, unit.name_en
    FROM people_duty duty
    JOIN people_post post ON post.id = duty.post_id
    JOIN people_organisation unit ON unit.id = post.organisation_id
    LEFT JOIN up ON up.code = duty.area_id
    WHERE duty.role = %s AND duty.begins_on <= %s AND (duty.ends_on IS NULL OR duty.ends_on > %s)
      AND ((up.code IS NOT NULL AND duty.register IN ('', %s))
           OR (duty.area_id IS NULL AND duty.register = %s AND duty.key = %s AND duty.key <> ''))
    ORDER BY CASE WHEN duty.area_id IS NULL THEN -1 ELSE up.height END, duty.register = '', post.code
    LIMIT 1
"""
