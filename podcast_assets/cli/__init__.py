"""The command line ``podcast-assets``: thin commands over the packages, and the one place where exit codes are made.

0 done (also with fewer insights than wanted, said plainly), 1 a failure, 2 wrong usage or configuration. Dagster is
imported only by the commands that run something.
"""

import sys

import click

from podcast_assets import __version__
from podcast_assets.cli import show
from podcast_assets.cli.feeds import feeds
from podcast_assets.cli.read import search, top5
from podcast_assets.cli.rerank import rerank
from podcast_assets.cli.run import dev, run
from podcast_assets.errors import ConfigError, PodcastAssetsError
from podcast_assets.text import UNSEEN, one_line

LONGEST_ERROR = 1000  # characters


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="podcast-assets")
def cli() -> None:
    """Scans podcasts and finds the day's five best insights.

    The configuration is podcasts.toml in this folder, or the file that PODCAST_ASSETS_CONFIG names.

    \b
    Example:
      podcast-assets feeds add https://example.org/feed.xml
      podcast-assets run
      podcast-assets search "interest rates"
    """


for command in (run, top5, feeds, search, rerank, dev):
    cli.add_command(command)


def main() -> None:
    """Runs the command line, and turns errors that are meant to be read into one line and an exit code."""
    try:
        if any(not argument.isascii() and UNSEEN.search(argument) for argument in sys.argv[1:]):
            raise ConfigError("an argument holds bytes that are no UTF-8, or characters that cannot be seen")
        cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (KeyboardInterrupt, click.Abort):
        sys.exit("interrupted; nothing is lost: run the same command again")
    except PodcastAssetsError as error:
        _complain(error)
        sys.exit(2 if isinstance(error, ConfigError) else 1)
    except OSError as error:  # a full disk, a file of another user: the error names it
        _complain(error)
        sys.exit(1)


def _complain(error: Exception) -> None:
    show.notes().print(f"Error: {one_line(error, LONGEST_ERROR)}", soft_wrap=True)
