"""The tests; without PySpark they say so in one line and end with exit code 77."""

import importlib.util
import sys

NOT_INSTALLED = 77

if importlib.util.find_spec("pyspark") is None:
    print("error: no test was run: pyspark is not installed; try pip install pyspark==4.1.0", file=sys.stderr)
    sys.exit(NOT_INSTALLED)
