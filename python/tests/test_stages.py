"""Fits, saves, loads and converts every stage on the digits that the repository ships."""

import glob
import os
import tempfile
import unittest

from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.classification import LogisticRegressionModel
from pyspark.ml.evaluation import MulticlassClassificationEvaluator
from pyspark.ml.feature import VectorAssembler
from pyspark.ml.regression import LinearRegressionModel
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder
from pyspark.sql import SparkSession, functions

import sparkbilevel
from sparkbilevel import (
    ColumnAssembler,
    DataCleaner,
    DataCleanerModel,
    TunedLinearRegression,
    TunedLogisticRegression,
    TunedMultiLabel,
)
from sparkbilevel._params import PARAMS

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def jar():
    """The jar that SPARK_BILEVEL_JAR names, or the one that Maven built."""
    named = os.environ.get("SPARK_BILEVEL_JAR")
    found = [named] if named else glob.glob(os.path.join(ROOT, "target", "spark-bilevel-*.jar"))
    if not found:
        raise FileNotFoundError("target/spark-bilevel-*.jar is missing; run mvn -B -DskipTests package first")
    return max(found, key=os.path.getmtime)


class StagesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.spark = (
            SparkSession.builder.master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.jars", jar())
            .config("spark.sql.shuffle.partitions", "2")
            .getOrCreate()
        )
        raw = cls.spark.read.csv(os.path.join(ROOT, "datasets", "digits.csv"), header=True, inferSchema=True)
        pixels = [name for name in raw.columns if name.startswith("pixel")]
        rows = VectorAssembler(inputCols=pixels, outputCol="features").transform(raw.coalesce(1))
        cls.rows = (
            rows.withColumn("id", functions.monotonically_increasing_id())
            .selectExpr("id", "features", "double(target) as truth", "id < 200 as trusted")
            .withColumn(
                "label",
                functions.expr("if(id >= 200 and pmod(id * 7919, 100) < 40, pmod(truth + 1, 10), truth)"),
            )
            .filter("id < 900")
            .cache()
        )
        cls.clean = cls.rows.filter("id < 400").withColumn("label", functions.col("truth"))

    @classmethod
    def tearDownClass(cls):
        cls.spark.stop()

    def reload(self, stage):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "stage")
            stage.save(path)
            return type(stage).load(path)

    def test_every_stage_has_the_params_and_defaults_of_java(self):
        for name in sparkbilevel.__all__:
            if not name.endswith("Model"):
                stage = getattr(sparkbilevel, name)()
                self.assertEqual(sorted(p.name for p in stage.params), sorted(p[0] for p in PARAMS[name]))
                for param, _, default, _ in PARAMS[name]:
                    java = stage._java_obj.getParam(param)
                    self.assertEqual(stage._java_obj.hasDefault(java), default is not None, param)
                    value = stage._java_obj.getDefault(java).get() if default is not None else None
                    self.assertEqual(list(value) if isinstance(default, list) else value, default, param)

    def test_a_cleaner_finds_wrong_labels_and_is_saved(self):
        cleaner = DataCleaner(idCol="id", trustedCol="trusted", maxIter=8).setBaselines(["noisy"])
        self.assertEqual(self.reload(cleaner).getMaxIter(), 8)
        model = cleaner.fit(self.rows)
        others = self.rows.filter("not trusted")
        judged = model.transform(others)
        right = judged.filter("flagged = (label != truth)").count() / others.count()
        self.assertGreater(right, 0.85)
        self.assertLess(model.cleaned(others).count(), others.count())
        self.assertIsInstance(self.reload(model), DataCleanerModel)
        self.assertEqual(
            judged.select("id", "quality").orderBy("id").collect(),
            self.reload(model).transform(others).select("id", "quality").orderBy("id").collect(),
        )

    def test_columns_of_any_type_become_features(self):
        rows = self.rows.selectExpr("id", "double(id) as age", "if(id % 2 = 0, 'Ulm', 'Bonn') as town")
        columns = ColumnAssembler(inputCols=["age", "town"], kinds=["town=category"], outputCol="made")
        model = columns.fit(rows)
        self.assertEqual(len(model.became()), 2)
        expected = model.transform(rows).select("id", "made").orderBy("id").collect()
        self.assertEqual(
            expected, self.reload(model).transform(rows).select("id", "made").orderBy("id").collect()
        )

    def test_trusted_rows_of_their_own(self):
        model = DataCleaner(maxIter=2, baselines=[]).fitWithTrusted(
            self.rows.filter("not trusted"), self.rows.filter("trusted")
        )
        self.assertEqual(model.summary().run().rows().validation(), 200)

    def test_a_pipeline_with_a_tuned_stage_is_saved_and_loaded(self):
        tuned = TunedLogisticRegression(maxIter=5)
        model = Pipeline(stages=[tuned]).fit(self.clean)
        again = self.reload(model)
        self.assertIsInstance(again, PipelineModel)
        self.assertEqual(len(again.stages[0].penalties()), 64)
        rows = self.clean.limit(50)
        expected = model.transform(rows).select("prediction").collect()
        self.assertEqual(expected, again.transform(rows).select("prediction").collect())
        spark = model.stages[0].toSpark()
        self.assertIsInstance(spark, LogisticRegressionModel)
        self.assertEqual(expected, spark.transform(rows).select("prediction").collect())

    def test_cross_validation(self):
        tuned = TunedLogisticRegression(upperVariables=[])
        grid = ParamGridBuilder().addGrid(tuned.regParam, [1e-3, 10.0]).build()
        evaluator = MulticlassClassificationEvaluator(metricName="accuracy")
        fitted = CrossValidator(
            estimator=tuned, estimatorParamMaps=grid, evaluator=evaluator, numFolds=2, seed=1
        ).fit(self.clean)
        self.assertGreater(max(fitted.avgMetrics), 0.8)

    def test_linear_regression(self):
        model = TunedLinearRegression(maxIter=3).fit(self.clean)
        spark = model.toSpark()
        self.assertIsInstance(spark, LinearRegressionModel)
        self.assertEqual(model.intercept, spark.intercept)
        self.assertEqual(model.coefficients, self.reload(model).coefficients)

    def test_several_labels(self):
        rows = self.clean.selectExpr("features", "int(label % 2) as odd", "label > 4 as high")
        tuned = TunedMultiLabel(labelCols=["odd", "high"], upperVariables=["l2-per-class"], maxIter=3)
        model = tuned.fit(rows)
        self.assertEqual(["odd", "high"], model.labels())
        self.assertEqual({"odd", "high"}, set(model.penalties()))
        self.assertEqual(model.penalties(), self.reload(model).penalties())
        first = model.transform(rows).first()
        self.assertEqual(model.predictProbability(first.features), first.probability)


if __name__ == "__main__":
    unittest.main()
