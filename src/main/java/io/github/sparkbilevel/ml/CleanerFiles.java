package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.data.ClassIndex;
import io.github.sparkbilevel.data.GroupIndex;
import io.github.sparkbilevel.data.Labels;
import io.github.sparkbilevel.data.RealLabels;
import io.github.sparkbilevel.ml.score.ModelFiles;
import io.github.sparkbilevel.ml.score.RowJudge;
import io.github.sparkbilevel.ml.score.Scorer;
import io.github.sparkbilevel.ml.score.Summaries;
import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.model.ErrorLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.ScaledLoss;
import io.github.sparkbilevel.problem.JudgedClasses;
import io.github.sparkbilevel.problem.Weighing;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.fit.JudgingRule;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The files of a saved {@link DataCleanerModel}: Spark's metadata; {@code data}, one Parquet row;
 * the classifiers {@code classifier} and, for a weight function, {@code trusted}, {@code current}
 * and, where it knows that, {@code start}, models in their own right; {@code weights} by id, where
 * there are any; {@code summary}.
 */
final class CleanerFiles {
  /** Raised when a reader of the version before could not read, or would misread, the files. */
  static final int FORMAT_VERSION = 6;

  /** The columns of the weights. */
  static final StructType WEIGHTS =
      new StructType()
          .add("id", DataTypes.StringType, false)
          .add("weight", DataTypes.DoubleType, false);

  private static final StructType DATA =
      new StructType()
          .add("formatVersion", DataTypes.IntegerType, false)
          .add("indexedLabels", DataTypes.BooleanType, false)
          .add("groups", DataTypes.createArrayType(DataTypes.StringType, false), false)
          .add("hasNoGroup", DataTypes.BooleanType, false)
          .add("scored", DataTypes.BooleanType, true)
          .add("indicators", DataTypes.IntegerType, true)
          .add("mean", DataTypes.createArrayType(DataTypes.DoubleType, false), true)
          .add("deviation", DataTypes.createArrayType(DataTypes.DoubleType, false), true)
          .add("lambda", DataTypes.createArrayType(DataTypes.DoubleType, false), true)
          .add("hasWeights", DataTypes.BooleanType, false)
          // Missing in format 1.
          .add("knowsStart", DataTypes.BooleanType, true)
          // Missing in formats 1 and 2.
          .add("unjudged", DataTypes.createArrayType(DataTypes.IntegerType, false), true)
          // Missing in formats 1 to 3.
          .add("confusion", DataTypes.createArrayType(DataTypes.DoubleType, false), true)
          // Missing in formats 1 to 4.
          .add("given", DataTypes.IntegerType, true)
          // Missing in formats 1 to 5, and for classes.
          .add("errorScale", DataTypes.DoubleType, true)
          .add("selectedErrorScale", DataTypes.DoubleType, true);

  private CleanerFiles() {}

  static final class Writer extends MLWriter {
    private final DataCleanerModel model;

    public Writer(DataCleanerModel model) {
      this.model = model;
    }

    @Override
    public void saveImpl(String path) {
      SparkSession spark = sparkSession();
      DefaultParamsWriter.saveMetadata(model, path, spark);
      RowJudge judge = model.judge();
      RowJudge.WeightModels weights = judge.weights();
      Weighing rule = weights == null ? null : weights.weighing();
      WeightFunction function = rule == null ? null : rule.function();
      Row row =
          RowFactory.create(
              FORMAT_VERSION,
              judge.labels() instanceof ClassIndex classes && classes.isIndexed(),
              judge.groups().given().toArray(new String[0]),
              judge.groups().size() > judge.groups().given().size(),
              function == null ? null : function.scores() > 0,
              function == null ? null : function.groups(),
              rule == null ? null : boxed(rule.mean()),
              rule == null ? null : boxed(rule.deviation()),
              rule == null ? null : boxed(rule.lambda()),
              model.weights() != null,
              function == null ? null : function.scores() == WeightFunction.ALL_SCORES,
              function == null
                  ? null
                  : Arrays.stream(function.judged().others()).boxed().toArray(Integer[]::new),
              judge.rule() instanceof JudgingRule.Posterior posterior
                  ? boxed(posterior.confusion().matrices())
                  : null,
              function == null ? null : function.given(),
              judge.model().loss() instanceof ScaledLoss known ? known.scale() : null,
              judge.rule() instanceof JudgingRule.Tail tail ? tail.scale() : null);
      spark.createDataFrame(List.of(row), DATA).coalesce(1).write().parquet(at(path, "data"));
      try {
        model.predictor().save(at(path, "classifier"));
        if (weights != null) {
          save(model.predictor(), weights.trusted(), at(path, "trusted"));
          save(model.predictor(), weights.current(), at(path, "current"));
          save(model.predictor(), weights.start(), at(path, "start"));
        }
      } catch (IOException e) {
        throw new java.io.UncheckedIOException("the model cannot be saved at " + path, e);
      }
      if (model.weights() != null) {
        model.weights().write().parquet(at(path, "weights"));
      }
      Summaries.save(model.summary(), path, spark);
    }

    private static void save(Predictor like, Scorer scorer, String path) throws IOException {
      if (scorer != null) {
        like.with(Identifiable.randomUID("classifier"), scorer).save(path);
      }
    }
  }

  static final class Reader extends MLReader<DataCleanerModel> {
    @Override
    public DataCleanerModel load(String path) {
      SparkSession spark = sparkSession();
      DefaultParamsReader.Metadata metadata =
          DefaultParamsReader.loadMetadata(path, spark, DataCleanerModel.class.getName());
      Row row = spark.read().schema(DATA).parquet(at(path, "data")).first();
      ModelFiles.requireReadable(row.getInt(0), FORMAT_VERSION, path);
      Predictor predictor = Predictor.load(at(path, "classifier"));
      RowJudge judge =
          new RowJudge(
              model(predictor.model(), row),
              predictor.scorer(),
              rule(predictor.model().loss(), row),
              row.isNullAt(4) ? null : weights(row, path),
              labels(predictor, row.getBoolean(1)),
              GroupIndex.of(row.getList(2), row.getBoolean(3)));
      Dataset<Row> weights =
          row.getBoolean(9) ? spark.read().schema(WEIGHTS).parquet(at(path, "weights")) : null;
      DataCleanerModel model =
          new DataCleanerModel(
              metadata.uid(),
              predictor,
              judge,
              weights,
              Summaries.load(CleaningSummary.class, path, spark));
      metadata.getAndSetParams(model, metadata.getAndSetParams$default$2());
      return model;
    }
  }

  /** The model with the loss that weights know. */
  private static Model model(Model saved, Row row) {
    return row.isNullAt(14)
        ? saved
        : saved.with(new ScaledLoss((ErrorLoss) saved.loss(), row.getDouble(14)));
  }

  private static JudgingRule rule(Loss loss, Row row) {
    if (!row.isNullAt(15)) {
      return new JudgingRule.Tail(row.getDouble(15));
    }
    double[] confusion = numbers(row, 12);
    return confusion == null
        ? new JudgingRule.Preferred()
        : new JudgingRule.Posterior(Confusion.ofMatrices(loss.classes(), confusion));
  }

  private static Labels labels(Predictor predictor, boolean indexed) {
    if (predictor.model().loss().classes() == 0) {
      return new RealLabels();
    }
    List<String> labels = predictor.classifier().labels();
    return indexed ? ClassIndex.indexed(labels) : ClassIndex.of(labels);
  }

  private static RowJudge.WeightModels weights(Row row, String path) {
    Weighing weighing =
        new Weighing(function(row), numbers(row, 8), numbers(row, 6), numbers(row, 7));
    boolean scored = weighing.variable().logOdds() > 0;
    boolean knowsStart = weighing.variable().logOdds() == WeightFunction.ALL_SCORES;
    return new RowJudge.WeightModels(
        weighing,
        scored ? Predictor.load(at(path, "trusted")).scorer() : null,
        scored ? Predictor.load(at(path, "current")).scorer() : null,
        knowsStart ? Predictor.load(at(path, "start")).scorer() : null);
  }

  private static WeightFunction function(Row row) {
    boolean knowsStart = !row.isNullAt(10) && row.getBoolean(10);
    int scores = knowsStart ? WeightFunction.ALL_SCORES : WeightFunction.WITHOUT_START;
    int[] unjudged =
        row.isNullAt(11)
            ? new int[0]
            : row.<Integer>getList(11).stream().mapToInt(Integer::intValue).toArray();
    return new WeightFunction(
        row.getBoolean(4) ? scores : 0,
        row.isNullAt(13) ? 0 : row.getInt(13),
        row.getInt(5),
        JudgedClasses.allBut(unjudged));
  }

  private static String at(String path, String name) {
    return new Path(path, name).toString();
  }

  private static Double[] boxed(double[] values) {
    return values == null ? null : Arrays.stream(values).boxed().toArray(Double[]::new);
  }

  private static double[] numbers(Row row, int at) {
    if (row.isNullAt(at)) {
      return null;
    }
    List<Double> values = new ArrayList<>(row.getList(at));
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
