"""`python -m pneumo`: hands the command line to `pneumo.cli`."""

import sys

from pneumo.cli import main

sys.exit(main())
