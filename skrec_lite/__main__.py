"""``python -m skrec_lite``: comparisons from the command line."""

import sys

from skrec_lite.experiment.headless.cli import main

if __name__ == "__main__":
    sys.exit(main())
