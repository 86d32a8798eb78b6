"""``banjie verify``: recompute what can be recomputed, and name the first thing that does not hold."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from banjie.bulletins.publications import verify_all as verify_bulletins
from banjie.figures import publications
from banjie.figures.verifying import verify_figures
from banjie.ledger import verification
from banjie.ledger.findings import Report
from banjie.ledger.verification import Progress
from banjie.lib.text import Text
from banjie.matters.verifying import verify_matters
from banjie.matters.verifying_ballots import verify_ballots
from banjie.matters.verifying_definitions import verify_processes
from banjie.matters.verifying_obligations import verify_expected
from banjie.people.verifying import verify_people
from banjie.places.verifying import verify_places
from banjie.registers.verifying import verify_records
from banjie.registers.verifying_definitions import verify_registers
from banjie.registers.verifying_files import verify_files

Verifier = Callable[[Progress | None], Report]

# What is verified, in this order. A room that signs or chains something adds its verifier here.
VERIFIERS: list[tuple[Text, Verifier]] = [
    (Text("台账", "the ledger"), verification.verify),
    (Text("登记表定义", "the registers"), verify_registers),
    (Text("流程定义", "the processes"), verify_processes),
    (Text("指标定义", "the figures"), verify_figures),
    (Text("登记的记录", "the records"), verify_records),
    (Text("附件", "the files"), verify_files),
    (Text("事项", "the matters"), verify_matters),
    (Text("表决", "the ballots"), verify_ballots),
    (Text("应报事项", "the expected items"), verify_expected),
    (Text("人员和授权", "people and grants"), verify_people),
    (Text("区划和日历", "areas and the calendar"), verify_places),
    (Text("已发布数据", "published figures"), publications.verify_all),
    (Text("已发布通报", "published bulletins"), verify_bulletins),
]
COUNTED = {
    "entries": Text("记录条目", "entries"),
    "chains": Text("链", "chains"),
    "personal_values": Text("个人信息", "personal values"),
    "sealed": Text("已封存条目", "sealed entries"),
    "checkpoints": Text("检查点", "checkpoints"),
    "definitions": Text("定义", "definitions"),
    "records": Text("登记的记录", "records"),
    "attachments": Text("附件", "attachments"),
    "files": Text("文件", "files"),
    "matters": Text("事项", "matters"),
    "ballots": Text("表决", "ballots"),
    "expected": Text("应报事项", "expected items"),
    "people": Text("人员和授权", "rows about people and grants"),
    "areas": Text("区划", "areas"),
    "figures": Text("已发布数据", "published figures"),
    "bulletins": Text("已发布通报", "published bulletins"),
}
SHOWN = 20  # findings listed without --all


@click.command()
@click.option("--json", "as_json", is_flag=True, help="机器可读 · machine-readable")
@click.option("--all", "show_all", is_flag=True, help="列出全部发现 · list every finding")
def verify(as_json: bool, show_all: bool) -> None:
    """核验台账、记录和已发布数据 · verify trail, records and figures.

    \b
    台账的哈希链和检查点重新计算；登记的记录、定义、附件及文件内容、事项及其计时和任务、表决、应报事项、
    人员和授权、区划和日历逐行与台账核对；已发布数据重新计算。
    The chains of the trail and its checkpoints are recomputed. Held against it row by row: records, definitions, attachments
    and the content of files, matters with their clocks and tasks, ballots, expected items, people and grants, areas and the
    calendar. Published figures are computed again.

    \b
    不核对（台账中没有记载）：密码和第二验证、邮箱、通知及其发送、被拒绝的操作、下次提醒时间、导入记录。
    Not compared, as no entry tells of it: passwords and second factors, e-mail addresses, notices and deliveries, refused attempts,
    when something is looked at next, runs of imports.

    \b
    退出码 exit status
    0  全部相符 · everything holds
    1  有改动、删除或错位，指出首处 · something was altered, removed or reordered; the first is named
    """
    report = Report()
    for label, verifier in VERIFIERS:
        with _progress(label, quiet=as_json) as progress:
            report.include(verifier(progress))
    if as_json:
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
    else:
        _tell(report, len(report.findings) if show_all else SHOWN)
    sys.exit(0 if report.clean else 1)


def _tell(report: Report, shown: int) -> None:
    for what, number in report.counts.items():
        label = COUNTED.get(what, Text(what, what))
        click.echo(f"{label.zh} {label.en}: {number:,}")
    first = report.first
    for note in report.notes:
        click.echo(f"· {note.zh}\n  {note.en}")
    if first is None:
        click.secho("✓ 未发现改动 · nothing was altered, removed or reordered", fg="green")
        return
    click.secho(f"✗ 首个受损处 · the first damage: {first.subject}", fg="red", bold=True)
    click.echo(f"  {first.says.zh}\n  {first.says.en}")
    rest = sorted(report.findings, key=lambda finding: finding.order)[1:shown]
    for finding in rest:
        click.echo(f"- [{finding.kind.value}] {finding.says.zh} · {finding.says.en}")
    unseen = report.total - 1 - len(rest)
    if unseen > 0:
        click.echo(f"… 另有 {unseen} 处 · {unseen} more")


@contextmanager
def _progress(label: Text, *, quiet: bool) -> Iterator[Progress | None]:
    """A bar on a terminal; nothing where nobody watches."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1, label=f"{label.zh} {label.en}", file=sys.stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield show
