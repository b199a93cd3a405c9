"""`python -m sameperson`."""

import sys

from sameperson.cli.main import main

sys.exit(main())
