"""Who may do what, held against the trail: organisations, posts, grants, duties, appointments, roles, accounts and tokens.

A grant that no entry gives, or an account that is made a superuser by a statement of SQL, is named. Not compared, because no entry
holds it: passwords and second factors, e-mail addresses, and when somebody last logged in. No name of a person is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import Model

from banjie.ledger.comparing import CHUNK, Against, Said, Told, chains_begun, compare_all, personal_values, told
from banjie.ledger.findings import Report
from banjie.ledger.hashing import moment
from banjie.ledger.reading import one_view
from banjie.ledger.verification import Progress
from banjie.lib.text import Text
from banjie.people.actions.entries import facts
from banjie.people.models import Account, Appointment, Duty, Grant, Organisation, Post, Role, Token

NAMES = {"name_zh": Text("中文名称", "the Chinese name"), "name_en": Text("英文名称", "the English name")}
DAYS = {"begins_on": Text("开始日期", "the day it begins"), "ends_on": Text("结束日期", "the day it ends")}
ORGANISATION_PARTS = {
    "id": Text("编号", "its number"), "code": Text("代码", "the code"), "parent_id": Text("上级单位", "the parent"),
    "area_id": Text("地区", "the area"), **NAMES,
}  # fmt: skip
POST_PARTS = {
    "id": Text("编号", "its number"), "code": Text("代码", "the code"), "organisation_id": Text("单位", "the organisation"), **NAMES,
}  # fmt: skip
GRANT_PARTS = {
    "post_id": Text("岗位", "the post"), "verb": Text("权限", "the verb"), "register": Text("登记表", "the register"),
    "area_id": Text("地区", "the area"),
}  # fmt: skip
DUTY_PARTS = {
    "post_id": Text("岗位", "the post"), "role": Text("职责", "the role"), "area_id": Text("地区", "the area"),
    "register": Text("登记表", "the register"), "key": Text("记录", "the record"), **DAYS,
}  # fmt: skip
APPOINTMENT_PARTS = {"account_id": Text("账号", "the account"), "post_id": Text("岗位", "the post"), **DAYS}
ROLE_PARTS = {"title_zh": Text("中文名称", "the Chinese title"), "title_en": Text("英文名称", "the English title")}
ACCOUNT_PARTS = {
    "username": Text("用户名", "the user name"), "superuser": Text("超级管理员标记", "whether it is a superuser"),
    "active": Text("启用状态", "whether it is open"), **NAMES,
}  # fmt: skip
TOKEN_PARTS = {
    "name": Text("用途", "what it is for"), "sha256": Text("密钥", "the secret"), "read_only": Text("只读标记", "whether it only reads"),
    "expires_at": Text("到期时间", "when it expires"), "revoked": Text("撤销状态", "whether it was revoked"),
}  # fmt: skip
ORGANISATION, POST, ROLE, ACCOUNT = (
    Text("单位", "the organisation"),
    Text("岗位", "the post"),
    Text("职责名称", "the role"),
    Text("账号", "the account"),
)
GRANT, DUTY, APPOINTMENT, TOKEN = (
    Text("授权", "the grant"),
    Text("职责", "the duty"),
    Text("任职", "the appointment"),
    Text("令牌", "the token"),
)

Facts = Mapping[str, object]
Entries = dict[str, list[Told]]


def verify_people(progress: Progress | None = None) -> Report:
    """Compare every row about people with its entries."""
    report = Report()
    checks: list[tuple[type[Model], str, Callable[[Report, list[Any], Entries], None]]] = [
        (Organisation, "organisation:", _organisations),
        (Post, "post:", _posts),
        (Role, "role:", _roles),
        (Account, "account:", _accounts),
    ]
    with one_view():
        done, total = 0, sum(model._default_manager.count() for model, _, _ in checks)
        for model, prefix, check in checks:
            for rows in _chunks(model):
                check(report, rows, _entries([prefix + _chain_of(row) for row in rows]))
                done += len(rows)
                if progress:
                    progress(done, total)
            _without_row(report, model, prefix)
    return report


def _chunks(model: type[Model]) -> Iterable[list[Any]]:
    rows: list[Any] = []
    for row in model._default_manager.order_by("pk").iterator(chunk_size=CHUNK):
        rows.append(row)
        if len(rows) == CHUNK:
            yield rows
            rows = []
    if rows:
        yield rows


def _chain_of(row: Any) -> str:
    return str(row.code if isinstance(row, Organisation | Post) else row.pk)


def _entries(chains: list[str]) -> Entries:
    found: defaultdict[str, list[Told]] = defaultdict(list)
    for entry in told(chains):
        found[entry.chain].append(entry)
    return found


def _last(entries: Iterable[Told], *verbs: str) -> Said | None:
    return next((Said(e.entry, e.body) for e in reversed(list(entries)) if e.verb in verbs), None)


def _by_number(entries: Iterable[Told], given: tuple[str, ...], taken: str = "", number: str = "id") -> dict[Any, Said]:
    """What stands of several rows that one chain tells of, by number."""
    found: dict[Any, Said] = {}
    for entry in entries:
        if entry.verb in given:
            found[entry.body.get(number)] = Said(entry.entry, entry.body)
        elif entry.verb == taken:
            found.pop(entry.body.get(number), None)
    return found


def _organisations(report: Report, rows: list[Organisation], entries: Entries) -> None:
    against = Against(report, "organisation", ORGANISATION, ORGANISATION_PARTS)
    for row in rows:
        said = _last(entries.get(f"organisation:{row.code}", []), "organisation.found", "organisation.amend")
        against.compare(row.code, row.code, said, facts(row))
    report.count("people", len(rows))


def _posts(report: Report, rows: list[Post], entries: Entries) -> None:
    posts = [row.pk for row in rows]
    grants = _of(Grant.objects.filter(post__in=posts), "post_id")
    duties = _of(Duty.objects.filter(post__in=posts), "post_id")
    for row in rows:
        chain = entries.get(f"post:{row.code}", [])
        Against(report, "post", POST, POST_PARTS).compare(
            row.code, row.code, _last(chain, "post.create", "post.amend"), facts(row)
        )
        given = _by_number(chain, ("grant.give",), "grant.revoke")
        compare_all(Against(report, "grant", GRANT, GRANT_PARTS), given, grants.get(row.pk, {}), _grant_of(row.code))
        assigned = _by_number(chain, ("duty.assign", "duty.end"))
        compare_all(Against(report, "duty", DUTY, DUTY_PARTS), assigned, duties.get(row.pk, {}), _duty_of(row.code))
        report.count("people", 1 + len(grants.get(row.pk, {})) + len(duties.get(row.pk, {})))


def _roles(report: Report, rows: list[Role], entries: Entries) -> None:
    for row in rows:
        said = _last(entries.get(f"role:{row.pk}", []), "role.name", "role.amend")
        Against(report, "role", ROLE, ROLE_PARTS).compare(row.pk, row.pk, said, facts(row))
    report.count("people", len(rows))


def _accounts(report: Report, rows: list[Account], entries: Entries) -> None:
    numbers = [row.pk for row in rows]
    appointments = _of(Appointment.objects.filter(account__in=numbers), "account_id")
    tokens: defaultdict[int, dict[str, Facts]] = defaultdict(dict)
    for token in Token.objects.filter(account__in=numbers):
        tokens[token.account_id][token.prefix] = _token(token)
    names = _names([f"account:{number}" for number in numbers])
    for row in rows:
        chain = entries.get(f"account:{row.pk}", [])
        said = _account_said(chain, names.get(f"account:{row.pk}", {}))
        Against(report, "account", ACCOUNT, ACCOUNT_PARTS).compare(row.pk, row.username, said, _account(row, said))
        held = appointments.get(row.pk, {})
        appointed = _by_number(chain, ("account.appoint", "account.leave"))
        compare_all(
            Against(report, "appointment", APPOINTMENT, APPOINTMENT_PARTS), appointed, held, _appointment_of(row.username)
        )
        against = Against(report, "token", TOKEN, TOKEN_PARTS)
        _tokens(against, chain, tokens.get(row.pk, {}), row.username)
        report.count("people", 1 + len(held) + len(tokens.get(row.pk, {})))


def _account(row: Account, said: Said | None) -> Facts:
    """A name that was erased from the trail is not compared."""
    held: dict[str, object] = {
        "username": row.username, "superuser": row.is_superuser, "active": row.is_active, "name_zh": row.name_zh,
        "name_en": row.name_en,
    }  # fmt: skip
    return {part: value for part, value in held.items() if said is None or part in said.facts}


def _account_said(chain: Iterable[Told], names: Facts) -> Said | None:
    made: Said | None = None
    for entry in chain:
        if entry.verb == "account.create":
            kept = entry.body.get("personal") or {}
            empty = {name: "" for name in NAMES if name not in kept}
            made = Said(entry.entry, entry.body | {"active": True} | empty | dict(names))
        elif made and entry.verb in ("account.open", "account.close"):
            made = Said(entry.entry, {**made.facts, "active": entry.verb == "account.open"})
    return made


def _names(chains: list[str]) -> dict[str, dict[str, object]]:
    found: defaultdict[str, dict[str, object]] = defaultdict(dict)
    for chain, _, path, value in personal_values(chains):
        if path in NAMES and isinstance(value, dict):
            found[chain][path] = value.get("after")
    return found


def _tokens(against: Against, chain: list[Told], held: Mapping[str, Facts], username: str) -> None:
    said = _by_number(chain, ("token.create",), number="prefix")
    revoked = {e.body.get("prefix") for e in chain if e.verb == "token.revoke"}
    for prefix, known in list(said.items()):
        said[prefix] = Said(known.entry, {**known.facts, "revoked": prefix in revoked})
    for prefix, row in held.items():
        known_parts = said[prefix].facts if prefix in said else row
        against.compare(prefix, username, said.get(prefix), {part: v for part, v in row.items() if part in known_parts})
    for prefix in said.keys() - held.keys():
        against.gone(prefix, username, said[prefix].entry)


def _token(row: Token) -> Facts:
    return {
        "name": row.name, "sha256": row.digest, "read_only": row.read_only, "expires_at": moment(row.expires_at),
        "revoked": row.revoked_at is not None,
    }  # fmt: skip


def _of(rows: Iterable[Any], owner: str) -> dict[int, dict[int, Facts]]:
    found: defaultdict[int, dict[int, Facts]] = defaultdict(dict)
    for row in rows:
        found[getattr(row, owner)][row.pk] = facts(row)
    return found


def _grant_of(post: str) -> Callable[[Facts], str]:
    return lambda f: f"{post}: {f.get('verb')} {f.get('register')} {f.get('area_id')}"


def _duty_of(post: str) -> Callable[[Facts], str]:
    return lambda f: f"{post}: {f.get('role')} {f.get('area_id') or ''}{f.get('register') or ''} {f.get('key') or ''}".strip()


def _appointment_of(username: str) -> Callable[[Facts], str]:
    return lambda f: f"{username}: {f.get('post') or f.get('post_id')}"


def _without_row(report: Report, model: type[Model], prefix: str) -> None:
    """The chains that were begun and have no row. One that only ever told of something else, such as ``account:`` of a login, is none."""
    by = "code" if model in (Organisation, Post) else "pk"
    began = {"organisation:": "organisation.found", "post:": "post.create", "role:": "role.name", "account:": "account.create"}[
        prefix
    ]
    kind, title = prefix.rstrip(":"), {"organisation:": ORGANISATION, "post:": POST, "role:": ROLE, "account:": ACCOUNT}[prefix]
    for chains in chains_begun(prefix):
        wanted: dict[Any, int | None] = {_key(chain.removeprefix(prefix), model): entry for chain, entry in chains}
        there = set(
            model._default_manager.filter(**{f"{by}__in": [k for k in wanted if k is not None]}).values_list(by, flat=True)
        )
        missing = [key for key in wanted if key is not None and key not in there]
        for chain in {t.chain for t in told([f"{prefix}{key}" for key in missing], [began])}:
            key = _key(chain.removeprefix(prefix), model)
            Against(report, kind, title, {}).gone(key, str(key), wanted[key])


def _key(said: str, model: type[Model]) -> Any:
    if model is not Account:
        return said
    return int(said) if said.isdecimal() else None
