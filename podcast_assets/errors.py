"""The errors that a person is meant to read: each says what was wrong, where, and what to do.

The command line prints them as one line and turns them into its exit codes; anything else that escapes is a defect.
"""


class PodcastAssetsError(Exception):
    """Something failed that the user can do something about (exit code 1)."""


class ConfigError(PodcastAssetsError):
    """The configuration or the command line is wrong (exit code 2)."""


class TooManyFailuresError(PodcastAssetsError):
    """So many rows of one stage failed that the cause is the machine or the network, not the input."""


class RefusedError(PodcastAssetsError):
    """A request or a file access that the rules on untrusted input forbid."""
