"""What an entry of the ledger says of a place: plain values, so that it can be read when the row is gone."""

from __future__ import annotations

import hashlib
import json

from banjie.places.models import Area, Boundary, CalendarDay, CalendarYear


def area_facts(area: Area | None) -> dict[str, object]:
    if area is None:
        return {}
    return {
        "code": area.code,
        "parent": area.parent_id,
        "level": area.level,
        "name": area.name.as_dict(),
        "valid_from": area.valid_from.isoformat(),
        "valid_to": area.valid_to.isoformat() if area.valid_to else None,
    }


def outline_facts(boundary: Boundary | None) -> dict[str, object] | None:
    if boundary is None:
        return None
    digest = hashlib.sha256(json.dumps(boundary.geojson, sort_keys=True).encode()).hexdigest()
    return {"sha256": digest, "source": boundary.source, "schematic": boundary.schematic}


def day_facts(day: CalendarDay | None) -> dict[str, object] | None:
    if day is None:
        return None
    name = {"zh": day.name_zh, "en": day.name_en}
    return {"date": day.date.isoformat(), "kind": day.kind, "name": name, "source": day.source}


def year_facts(year: CalendarYear | None) -> dict[str, object] | None:
    return None if year is None else {"year": year.year, "status": year.status, "source": year.source}
