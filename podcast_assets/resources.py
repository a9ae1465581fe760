"""The project's own files that are not Python: the SQL of the warehouse and the like.

They lie beside the package in a checkout and inside it in an installed wheel; only this module knows which.
"""

from pathlib import Path

from podcast_assets.errors import PodcastAssetsError

PACKAGE = Path(__file__).resolve().parent
# The package's own folder first: beside an installed package lie the folders of other packages.
FOLDERS = (PACKAGE / "_bundled", PACKAGE.parent)


def project_file(name: str) -> Path:
    """A file or folder of the project by its path from the project's root, such as ``sql`` or ``dagster.yaml``.

    Raises:
        PodcastAssetsError: the installation lacks it.
    """
    for folder in FOLDERS:
        if (path := folder / name).exists():
            return path
    looked = " and ".join(str(folder) for folder in FOLDERS)
    raise PodcastAssetsError(f"{name}: not among the project's files (looked in {looked}); install podcast-assets anew")
