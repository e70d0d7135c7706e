"""The stages: each holds the Java stage of the same name; params, doc and defaults are in _params.py."""

from pyspark.ml.classification import LinearSVCModel, LogisticRegressionModel
from pyspark.ml.param import Param, Params, TypeConverters
from pyspark.ml.regression import GeneralizedLinearRegressionModel, LinearRegressionModel
from pyspark.ml.util import JavaMLReadable, JavaMLReader, JavaMLWritable
from pyspark.ml.wrapper import JavaEstimator, JavaModel
from pyspark.sql import DataFrame

from sparkbilevel._params import PARAMS

_JAVA_PACKAGE = "io.github.sparkbilevel.ml."


class _Reader(JavaMLReader):
    """Looks for the Java class in its own package, not in Spark's."""

    @classmethod
    def _java_loader_class(cls, clazz):
        return _JAVA_PACKAGE + clazz.__name__


class _Saved(JavaMLReadable, JavaMLWritable):
    """A stage that is saved and loaded by its Java class."""

    @classmethod
    def read(cls):
        """What loads this stage: read().load(path), or load(path)."""
        return _Reader(cls)


def _getter(name):
    def get(self):
        return self.getOrDefault(name)

    get.__name__ = "get" + name[0].upper() + name[1:]
    get.__doc__ = "The value of the param %s." % name
    return get


def _setter(name):
    def set_value(self, value):
        return self._set(**{name: value})

    set_value.__name__ = "set" + name[0].upper() + name[1:]
    set_value.__doc__ = "Sets the param %s; returns this stage." % name
    return set_value


def _with_params(stage):
    """Gives a class the params of its Java stage, with a getter and a setter for each."""
    for name, converter, _, doc in PARAMS[stage.__name__]:
        setattr(
            stage,
            name,
            Param(Params._dummy(), name, doc, typeConverter=getattr(TypeConverters, converter)),
        )
        for method in (_getter(name), _setter(name)):
            setattr(stage, method.__name__, method)
    return stage


def _set_defaults(stage):
    """Sets the defaults, which are those of Java."""
    params = PARAMS[type(stage).__name__]
    stage._setDefault(**{name: value for name, _, value, _ in params if value is not None})


class _Estimator(JavaEstimator, _Saved):
    def __init__(self, **params):
        super().__init__()
        self._java_obj = self._new_java_obj(_JAVA_PACKAGE + type(self).__name__, self.uid)
        _set_defaults(self)
        self.setParams(**params)

    def setParams(self, **params):
        """Sets params by name; returns this stage."""
        return self._set(**params)


class _Model(JavaModel, _Saved):
    def __init__(self, java_model=None):
        super().__init__(java_model)
        _set_defaults(self)
        if java_model is not None:
            self._transfer_params_from_java()

    def summary(self):
        """How the model came about: the Java record, whose parts are methods, as in summary().selected()."""
        return self._call_java("summary")

    def _portable(self):
        return self._java_obj

    def writeOnnx(self, path):
        """Writes the model as an ONNX file: raw features in, probabilities or predictions out."""
        self._portable().writeOnnx(path)

    def writeWeights(self, path):
        """Writes the weights in the format safetensors."""
        self._portable().writeWeights(path)


@_with_params
class ColumnAssembler(_Estimator):
    """Makes a vector of features of columns of any type: numbers with blanks, categories, dates, texts."""

    def _create_model(self, java_model):
        return ColumnAssemblerModel(java_model)


@_with_params
class ColumnAssemblerModel(JavaModel, _Saved):
    """What a ColumnAssembler learned: transform adds the features; became() says what columns became."""

    def __init__(self, java_model=None):
        super().__init__(java_model)
        _set_defaults(self)
        if java_model is not None:
            self._transfer_params_from_java()

    def became(self):
        """What each column became, and why, a list."""
        return list(self._call_java("became"))


@_with_params
class DataCleaner(_Estimator):
    """Finds the rows whose labels are wrong, guided by trusted rows.

    fit(rows) takes those that trustedCol marks; fitWithTrusted(train, trusted) a DataFrame of their own.
    Without trustedCol, fit(rows) learns a noise model from the labels alone, which nothing verifies.
    """

    def _create_model(self, java_model):
        return DataCleanerModel(java_model)

    def fitWithTrusted(self, train, trusted):
        """Learns from training rows and trusted rows; returns a DataCleanerModel."""
        self._transfer_params_to_java()
        java_model = self._java_obj.fit(train._jdf, trusted._jdf)
        return self._copyValues(self._create_model(java_model))


@_with_params
class DataCleanerModel(_Model):
    """What a DataCleaner learned: transform adds weight, quality, flagged and suggestedLabel to any rows."""

    def _portable(self):
        return self._java_obj.classifier()

    def cleaned(self, dataset):
        """The rows that are not flagged, with their learned weight."""
        self._transfer_params_to_java()
        return DataFrame(self._java_obj.cleaned(dataset._jdf), dataset.sparkSession)


class _TunedModel(_Model):
    @property
    def numFeatures(self):
        """The number of features."""
        return self._call_java("numFeatures")

    def predict(self, features):
        """The prediction for one vector."""
        return self._call_java("predict", features)

    def penalties(self):
        """The tuned penalties by name, a dict."""
        return dict(self._java_obj.penalties())


@_with_params
class TunedLogisticRegression(_Estimator):
    """Logistic regression with penalties that are tuned by the loss of validation rows."""

    def _create_model(self, java_model):
        return TunedLogisticRegressionModel(java_model)


@_with_params
class TunedLogisticRegressionModel(_TunedModel):
    """A logistic regression whose penalties were tuned."""

    @property
    def numClasses(self):
        """The number of classes."""
        return self._call_java("numClasses")

    @property
    def coefficientMatrix(self):
        """The coefficients, a row for each class or one row for two classes."""
        return self._call_java("coefficientMatrix")

    @property
    def interceptVector(self):
        """The intercepts."""
        return self._call_java("interceptVector")

    def predictRaw(self, features):
        """The margin of each class for one vector."""
        return self._call_java("predictRaw", features)

    def predictProbability(self, features):
        """The probability of each class for one vector."""
        return self._call_java("predictProbability", features)

    def toSpark(self):
        """The same model as PySpark's own LogisticRegressionModel, which needs no jar of this library."""
        self._transfer_params_to_java()
        return LogisticRegressionModel._from_java(self._java_obj.toSpark())

    def toSparkSvc(self):
        """A model with the loss squared-hinge as PySpark's own LinearSVCModel."""
        self._transfer_params_to_java()
        return LinearSVCModel._from_java(self._java_obj.toSparkSvc())


@_with_params
class TunedMultiLabel(_Estimator):
    """Logistic regressions of several labels of a row, with penalties for all or for each."""

    def _create_model(self, java_model):
        return MultiLabelModel(java_model)


@_with_params
class MultiLabelModel(_Model):
    """A logistic regression for each of several labels of a row."""

    @property
    def numFeatures(self):
        """The number of features."""
        return self._call_java("numFeatures")

    def labels(self):
        """The names of the labels, a list."""
        return list(self._call_java("labels"))

    @property
    def coefficientMatrix(self):
        """The coefficients, a row for each label."""
        return self._call_java("coefficientMatrix")

    @property
    def interceptVector(self):
        """The intercepts."""
        return self._call_java("interceptVector")

    def predictProbability(self, features):
        """The probability of each label for one vector."""
        return self._call_java("predictProbability", features)

    def penalties(self):
        """The tuned penalties by name, a dict; empty for a model that a job saved."""
        return dict(self._java_obj.penalties())

    def summary(self):
        """How the model came about, the Java record; None for a model that a job saved."""
        return self._java_obj.summary().orElse(None)


@_with_params
class TunedLinearRegression(_Estimator):
    """Linear regression with penalties that are tuned by the loss of validation rows."""

    def _create_model(self, java_model):
        return TunedLinearRegressionModel(java_model)


@_with_params
class TunedLinearRegressionModel(_TunedModel):
    """A linear regression whose penalties were tuned."""

    @property
    def coefficients(self):
        """The coefficients."""
        return self._call_java("coefficients")

    @property
    def intercept(self):
        """The intercept."""
        return self._call_java("intercept")

    def toSpark(self):
        """The same model as PySpark's own LinearRegressionModel, which needs no jar of this library."""
        self._transfer_params_to_java()
        return LinearRegressionModel._from_java(self._java_obj.toSpark())

    def toSparkGeneralized(self):
        """A model with the loss poisson, gamma or tweedie as PySpark's own."""
        self._transfer_params_to_java()
        return GeneralizedLinearRegressionModel._from_java(self._java_obj.toSparkGeneralized())
