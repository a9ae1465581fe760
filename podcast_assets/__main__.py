"""``python -m podcast_assets``: the command line."""

from podcast_assets.cli import main

if __name__ == "__main__":
    main()
