package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.Cleaning.WeightRule;
import io.github.sparkbilevel.data.ClassIndex;
import io.github.sparkbilevel.data.DatasetRows;
import io.github.sparkbilevel.data.Example;
import io.github.sparkbilevel.data.RealLabels;
import io.github.sparkbilevel.ml.param.CleanedColumns;
import io.github.sparkbilevel.ml.param.HasCleanedColumns;
import io.github.sparkbilevel.ml.param.InputColumns;
import io.github.sparkbilevel.ml.param.NamedModel;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.ml.score.RawFeatures;
import io.github.sparkbilevel.ml.score.RowJudge;
import io.github.sparkbilevel.ml.score.Scorer;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.problem.fit.JudgingRule;
import io.github.sparkbilevel.settings.Stage;
import io.github.sparkbilevel.spark.score.ScoredRows;
import io.github.sparkbilevel.spark.transfer.CachedRows;
import java.util.List;
import java.util.UUID;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.api.java.UDF4;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;
import scala.collection.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What a {@link DataCleaner} learned, for the rows it saw and for any others.
 *
 * <p>{@link #transform} adds four columns to rows with features and labels: the learned weight, the
 * quality, whether the row is flagged, and the label that the model prefers; where {@code
 * softLabelsCol} is set, a fifth with the probability of each class to be the true one. A weight
 * function and group weights are computed for any row; a weight beside a row is looked up by {@code
 * idCol}, and a row that has none gets its quality. A label that is none of the classes has quality
 * 0 and is flagged; of a row without a label only the suggestion is known. Where annotators voted
 * on the training rows and their columns are there, quality and suggestion know their votes. No
 * column is a pass: rows are judged where they are, also in a stream.
 */
public final class DataCleanerModel extends NamedModel<DataCleanerModel>
    implements HasCleanedColumns<DataCleanerModel>, MLWritable {
  private static final long serialVersionUID = 1L;

  private final Predictor predictor;
  private final RowJudge judge;

  /** Id (text) and weight of each row that was trained on; null where weights follow from rows. */
  private final transient Dataset<Row> weights;

  private final transient CleaningSummary summary;

  DataCleanerModel(
      String uid,
      Predictor predictor,
      RowJudge judge,
      Dataset<Row> weights,
      CleaningSummary summary) {
    super(uid, Stage.CLEANER_MODEL);
    this.predictor = predictor;
    this.judge = judge;
    this.weights = weights;
    this.summary = summary;
  }

  /** The model of a run, which may be closed afterwards. */
  static DataCleanerModel of(String uid, CleaningRun run, DataCleaner params) {
    PreparedData data = run.data();
    WeightRule rule = run.rule();
    Model model = run.problem().model();
    boolean isOfClasses = model.loss().classes() > 0;
    Predictor predictor = run.predictor();
    ClassIndex classes = data.tables().classes();
    int levels = predictor.model().loss().classes();
    RowJudge judge =
        new RowJudge(
            isOfClasses ? predictor.model() : model,
            predictor.scorer(),
            run.scored().rule() instanceof JudgingRule.Posterior posterior
                ? new JudgingRule.Posterior(
                    posterior.confusion().withClassesAt(classes::level, levels))
                : run.scored().rule(),
            rule == null ? null : weights(rule, model, data),
            classes.isIndexed() ? ClassIndex.indexed(classes.levels()) : data.tables().labels(),
            data.tables().groups());
    Dataset<Row> weights =
        run.problem().hasExampleWeights() && !params.getIdCol().isEmpty() ? weights(run) : null;
    return new DataCleanerModel(uid, predictor, judge, weights, CleaningSummary.of(run));
  }

  private static RowJudge.WeightModels weights(WeightRule rule, Model model, PreparedData data) {
    return new RowJudge.WeightModels(
        rule.weighing().withClassesAt(data.tables().classes()::level),
        scorer(rule.trusted(), model, data),
        scorer(rule.current(), model, data),
        scorer(rule.start(), model, data));
  }

  private static Scorer scorer(double[] theta, Model model, PreparedData data) {
    return theta == null ? null : Predictor.of(model, theta, data).scorer();
  }

  /** The learned weights by id, in checkpoint files, so that nothing has to stay cached. */
  private static Dataset<Row> weights(CleaningRun run) {
    JavaPairRDD<Long, String> names =
        run.data().tables().train().examples().mapToPair(DataCleanerModel::named);
    JavaRDD<Row> rows =
        ScoredRows.of(run.data().blocks(), names, run.scored().rows())
            .map(pair -> RowFactory.create(pair.row(), pair.score().weight()));
    rows.persist(StorageLevel.MEMORY_AND_DISK());
    try {
      rows.checkpoint();
      rows.count();
    } finally {
      CachedRows.unpersist(rows);
    }
    return run.data().tables().train().session().createDataFrame(rows, CleanerFiles.WEIGHTS);
  }

  private static Tuple2<Long, String> named(Example row) {
    return new Tuple2<>(row.id(), row.displayId());
  }

  /**
   * The classifier that was selected on the held-out trusted rows, as a stage of its own.
   *
   * @throws IllegalStateException where labels are real
   */
  public ClassifierModel<?> classifier() {
    return predictor.classifier();
  }

  /**
   * The same for real labels.
   *
   * @throws IllegalStateException where labels are classes
   */
  public LinearRegressorModel regressor() {
    return predictor.regressor();
  }

  Predictor predictor() {
    return predictor;
  }

  /** How the model came about. */
  public CleaningSummary summary() {
    return summary;
  }

  public RowJudge judge() {
    return judge;
  }

  Dataset<Row> weights() {
    return weights;
  }

  /** Adds the columns. */
  @Override
  public Dataset<Row> transform(Dataset<?> rows) {
    transformSchema(rows.schema());
    SparkSession spark = rows.sparkSession();
    List<String> annotators = annotators(rows.schema());
    Broadcast<RowJudge> shared =
        JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(judge(annotators));
    Column votes = functions.array(votes(rows.schema(), annotators));
    UDF4<Vector, String, String, Seq<String>, Row> said =
        (row, label, group, vote) -> shared.value().judge(row, label, group, list(vote));
    StructField label = rows.schema().apply(getLabelCol());
    StructField suggested =
        CleanedColumns.append(rows.schema(), this, suggestsNumbers()).apply(getSuggestedLabelCol());
    Column group =
        getGroupCol().isEmpty() || !hasColumn(rows.schema(), getGroupCol())
            ? functions.lit(null).cast(DataTypes.StringType)
            : DatasetRows.text(rows.schema().apply(getGroupCol()));
    // One name that no user has, so that the row is judged once and not once for each column.
    String said1 = "judged_" + UUID.randomUUID().toString().replace("-", "");
    Dataset<Row> judged =
        rows.toDF()
            .withColumn(
                said1,
                functions
                    .udf(said, RowJudge.SCHEMA)
                    .asNondeterministic()
                    .apply(
                        functions.col(DatasetRows.quote(getFeaturesCol())),
                        DatasetRows.text(label),
                        group,
                        votes));
    Column weight = functions.col(said1 + ".weight");
    String looked = said1 + "_weight";
    if (weights != null) {
      judged = lookUp(judged, said1 + "_id", looked);
      weight = functions.coalesce(functions.col(looked), weight);
    }
    judged =
        judged
            .withColumn(getWeightCol(), weight)
            .withColumn(getQualityCol(), functions.col(said1 + ".quality"))
            .withColumn(getFlaggedCol(), functions.col(said1 + ".flagged"))
            .withColumn(
                getSuggestedLabelCol(),
                functions
                    .col(said1 + ".suggested")
                    .cast(suggested.dataType())
                    .as(getSuggestedLabelCol(), suggested.metadata()))
            .drop(said1, said1 + "_id", looked);
    if (getSoftLabelsCol().isEmpty()) {
      return judged;
    }
    UDF4<Vector, String, String, Seq<String>, Vector> soft =
        (row, given, source, vote) -> shared.value().softLabels(row, given, source, list(vote));
    return judged.withColumn(
        getSoftLabelsCol(),
        functions
            .udf(soft, SQLDataTypes.VectorType())
            .apply(
                functions.col(DatasetRows.quote(getFeaturesCol())),
                DatasetRows.text(label),
                group,
                votes));
  }

  /** The columns of votes, where rows have some of them. */
  private List<String> annotators(StructType schema) {
    return summary.annotators().keySet().stream().filter(name -> hasColumn(schema, name)).toList();
  }

  private RowJudge judge(List<String> annotators) {
    double[] right =
        annotators.stream()
            .mapToDouble(name -> summary.annotators().get(name).reliability().mean())
            .toArray();
    return right.length == 0 ? judge : judge.withVotes(right);
  }

  private static Column[] votes(StructType schema, List<String> annotators) {
    return annotators.stream()
        .map(name -> DatasetRows.text(schema.apply(name)))
        .toArray(Column[]::new);
  }

  private static List<String> list(Seq<String> votes) {
    return CollectionConverters.asJava(votes);
  }

  private boolean suggestsNumbers() {
    return judge.labels() instanceof RealLabels;
  }

  private Dataset<Row> lookUp(Dataset<Row> rows, String id, String weight) {
    Dataset<Row> known =
        weights.select(functions.col("id").as(id), functions.col("weight").as(weight));
    UDF1<String, String> spelled = RowJudge::canonical;
    Column given = DatasetRows.text(rows.schema().apply(getIdCol()));
    return rows.withColumn(id, functions.udf(spelled, DataTypes.StringType).apply(given))
        .join(known, CollectionConverters.asScala(List.of(id)).toSeq(), "left");
  }

  /**
   * The rows that are not flagged, with their learned weight; a row without a label is not kept.
   */
  public Dataset<Row> cleaned(Dataset<?> rows) {
    return transform(rows)
        .filter(functions.not(functions.col(DatasetRows.quote(getFlaggedCol()))))
        .drop(getQualityCol(), getFlaggedCol(), getSuggestedLabelCol());
  }

  /** Checks the columns; adds those of {@link #transform}. */
  @Override
  public StructType transformSchema(StructType schema) {
    InputColumns columns = new InputColumns(schema);
    columns.requireVector("featuresCol", getFeaturesCol());
    new RawFeatures(predictor.stage().numFeatures(), predictor.featureNames())
        .requireFits(schema, getFeaturesCol());
    columns.requireScalar("labelCol", getLabelCol());
    if (weights != null) {
      columns.requireScalar("idCol", getIdCol());
    }
    for (String annotator : annotators(schema)) {
      columns.requireScalar("votesCols", annotator);
    }
    return CleanedColumns.append(schema, this, suggestsNumbers());
  }

  private static boolean hasColumn(StructType schema, String name) {
    return java.util.Arrays.asList(schema.fieldNames()).contains(name);
  }

  @Override
  public DataCleanerModel copy(ParamMap extra) {
    DataCleanerModel copy = new DataCleanerModel(uid(), predictor, judge, weights, summary);
    return copyValues(copy, extra).setParent(parent());
  }

  @Override
  public MLWriter write() {
    return new CleanerFiles.Writer(this);
  }

  /** Reads what {@link #write()} wrote. */
  public static MLReader<DataCleanerModel> read() {
    return new CleanerFiles.Reader();
  }

  /** Reads the model saved at a path. */
  public static DataCleanerModel load(String path) {
    return read().load(path);
  }
}
