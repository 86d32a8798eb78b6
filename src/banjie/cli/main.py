"""``banjie``: the command line. Each command lives in a module of its own and is loaded when it is asked for."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.metadata import version

import click
import django

from banjie.cli.failures import REFUSED, told
from banjie.cli.misuse import ABORTED, misused
from banjie.lib.environment import flag, keep_private
from banjie.lib.errors import Refusal
from banjie.lib.text import Language, reading_in

# name → where it is. Loading a command needs Django set up first, so none is imported above.
COMMANDS = {
    "demo": "banjie.cli.demo:demo",
    "serve": "banjie.cli.serve:serve",
    "work": "banjie.cli.work:work",
    "migrate": "banjie.cli.migrate:migrate",
    "restored": "banjie.cli.migrate:restored",
    "account": "banjie.cli.account:account",
    "token": "banjie.cli.token:token",
    "endpoint": "banjie.cli.endpoint:endpoint",
    "packs": "banjie.cli.packs:packs",
    "import": "banjie.cli.importing:import_",
    "export": "banjie.cli.exporting:export",
    "erase": "banjie.cli.erasing:erase",
    "move": "banjie.cli.moving:move",
    "figure": "banjie.cli.figure:figure",
    "publish": "banjie.cli.figure:publish",
    "fill": "banjie.cli.filling:fill_",
    "bulletin": "banjie.cli.bulletin:bulletin",
    "due": "banjie.cli.due:due",
    "draw": "banjie.cli.draws:draw",
    "verify": "banjie.cli.verify:verify",
}


class LazyGroup(click.Group):
    """Loads a command's module when the command is named, not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


def _language() -> Language:
    """``BANJIE_LANGUAGE`` where given, else English only where the terminal's language is English."""
    wanted = os.environ.get("BANJIE_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "en" if wanted.lower().startswith("en") else "zh"


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--traceback", is_flag=True, help="程序出错时显示全部详情 · show the whole of a fault (also BANJIE_DEBUG=1)")
@click.version_option(version("banjie"), prog_name="banjie")
def group(traceback: bool) -> None:
    """办结 Banjie：每一件事都有负责人、期限、依据和结果 · every matter has an owner, a deadline, evidence and an ending."""


def main() -> None:
    """Run a command. What could not be done is said in one line on standard error; the exit statuses are in `failures`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banjie.settings")
    whole = "--traceback" in sys.argv[1:] or flag(os.environ.get("BANJIE_DEBUG"))
    with reading_in(_language()):
        try:
            keep_private()
            django.setup()
            sys.exit(group(prog_name="banjie", standalone_mode=False) or 0)
        except click.exceptions.NoArgsIsHelpError as help:
            click.echo(help.format_message(), err=True)
            sys.exit(help.exit_code)
        except click.Abort:
            click.echo(f"✗ {ABORTED}", err=True)
            sys.exit(REFUSED)
        except click.ClickException as wrong:
            click.echo(f"✗ {misused(wrong)}", err=True)
            sys.exit(wrong.exit_code)
        except Exception as error:
            if whole and not isinstance(error, Refusal):
                raise
            says, status = told(error)
            click.echo(f"✗ {says}", err=True)
            sys.exit(status)


if __name__ == "__main__":
    main()
