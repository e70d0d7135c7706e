"""The estimators of spark-bilevel for PySpark; see the README.md of this folder."""

import sys as _sys

from sparkbilevel._stages import (
    ColumnAssembler,
    ColumnAssemblerModel,
    DataCleaner,
    DataCleanerModel,
    MultiLabelModel,
    TunedLinearRegression,
    TunedLinearRegressionModel,
    TunedLogisticRegression,
    TunedLogisticRegressionModel,
    TunedMultiLabel,
)

__all__ = [
    "ColumnAssembler",
    "ColumnAssemblerModel",
    "DataCleaner",
    "DataCleanerModel",
    "MultiLabelModel",
    "TunedLinearRegression",
    "TunedLinearRegressionModel",
    "TunedLogisticRegression",
    "TunedLogisticRegressionModel",
    "TunedMultiLabel",
]

# PySpark finds the wrapper of a stage of a loaded pipeline by importing the package of its Java class.
_sys.modules.setdefault("io.github.sparkbilevel.ml", _sys.modules[__name__])
