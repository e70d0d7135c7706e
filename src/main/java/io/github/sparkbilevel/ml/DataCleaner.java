package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.PassPlan;
import io.github.sparkbilevel.data.DatasetRows;
import io.github.sparkbilevel.data.Notice;
import io.github.sparkbilevel.data.NumericsException;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.ml.param.CleanedColumns;
import io.github.sparkbilevel.ml.param.HasCleanedColumns;
import io.github.sparkbilevel.ml.param.InputColumns;
import io.github.sparkbilevel.ml.prepare.Preparation;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.ml.prepare.RunListener;
import io.github.sparkbilevel.ml.score.StageReader;
import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.problem.BuiltInVariable;
import io.github.sparkbilevel.settings.Keys;
import io.github.sparkbilevel.settings.Stage;
import io.github.sparkbilevel.settings.Use;
import io.github.sparkbilevel.spark.checkpoint.CheckpointPlan;
import java.util.Optional;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Finds the rows whose labels are wrong, guided by a small set of trusted rows, and fits a
 * classifier without them.
 *
 * <p>The trusted rows are given as a Dataset of their own, {@link #fit(Dataset, Dataset)}, or, in a
 * pipeline, marked by {@code trustedCol}. Where {@code trustedCol} is not set, {@link
 * #fit(Dataset)} learns a noise model from the training rows alone, which nothing verifies. Labels
 * are numbers or text; those that Spark's StringIndexer made keep its names. The same rows with the
 * same seed give the same bits, in any partitions where {@code idCol} has whole numbers, otherwise
 * in the same order.
 *
 * <p>With {@code probabilityCols}, a model of the user judges labels beside those of the run: its
 * probabilities are a feature of the weight function, and confident learning goes by them.
 *
 * <p>With {@code votesCols}, labels are made of the votes of annotators. Then {@code labelCol} is
 * read of trusted rows alone, and may be null elsewhere.
 *
 * <p>Costs the passes that docs/architecture.md lists: 2 + T for each iteration of the weight
 * function, T = {@code products}. Nothing stays cached after a fit. {@code example-weights} needs a
 * checkpoint folder of the Spark context, where the learned weights stay.
 */
public final class DataCleaner extends NetworkParams<DataCleanerModel, DataCleaner>
    implements HasCleanedColumns<DataCleaner>, DefaultParamsWritable {
  private static final long serialVersionUID = 1L;

  private boolean guided = true;

  /** An estimator with a uid of its own. */
  public DataCleaner() {
    this(Identifiable.randomUID("dataCleaner"));
  }

  /** An estimator with a given uid. */
  public DataCleaner(String uid) {
    super(uid, Stage.CLEANER);
  }

  @Override
  boolean isNetwork() {
    return Keys.NETWORKS.contains(getFamily());
  }

  /** The params for real labels, and those without trusted rows, have defaults of their own. */
  @Override
  Use use() {
    boolean real = getFamily().equals(Keys.LINEAR);
    Use use = real ? stage().use(Keys.LINEAR) : super.use();
    return guided ? use : use.unguided();
  }

  /** Whether there are trusted rows. */
  boolean isGuided() {
    return guided;
  }

  /** This estimator without trusted rows. */
  private DataCleaner unguided() {
    DataCleaner copy = copy(ParamMap.empty());
    copy.guided = false;
    return copy;
  }

  /** This estimator for tables with trusted rows, or the one for tables without. */
  private DataCleaner forTables(PreparedTables tables) {
    return tables.validation() == null ? unguided() : this;
  }

  /**
   * Learns from rows of which {@code trustedCol} marks the trusted ones, or without any.
   *
   * @throws IllegalArgumentException for params or columns that do not fit
   * @throws io.github.sparkbilevel.block.DataException for rows that do not fit
   * @throws NumericsException when the run diverges
   */
  @Override
  public DataCleanerModel fit(Dataset<?> rows) {
    if (getTrustedCol().isEmpty()) {
      unguided().transformSchema(rows.schema());
      return fitTables(rows.toDF(), null);
    }
    transformSchema(rows.schema());
    Column trusted =
        functions.coalesce(
            functions.col(DatasetRows.quote(getTrustedCol())).cast(DataTypes.BooleanType),
            functions.lit(false));
    return fitTables(rows.toDF().filter(functions.not(trusted)), rows.toDF().filter(trusted));
  }

  /**
   * Learns from training rows and trusted rows.
   *
   * @param trusted rows whose labels are right; of their columns those of the features, the label
   *     and the id are read, and that of the weights where they have it
   * @throws IllegalArgumentException for params or columns that do not fit
   * @throws io.github.sparkbilevel.block.DataException for rows that do not fit
   * @throws NumericsException when the run diverges
   */
  public DataCleanerModel fit(Dataset<?> train, Dataset<?> trusted) {
    columns(train.schema());
    InputColumns columns = new InputColumns(trusted.schema());
    columns.requireVector("featuresCol", getFeaturesCol());
    columns.requireScalar("labelCol", getLabelCol());
    columns.requireScalar("idCol", getIdCol());
    return fitTables(train.toDF(), trusted.toDF());
  }

  /** Learns from training rows and trusted rows, the latter null where there are none. */
  private DataCleanerModel fitTables(Dataset<Row> train, Dataset<Row> trusted) {
    SparkSession spark = train.sparkSession();
    if (new Settings(this).weights() == BuiltInVariable.EXAMPLE_WEIGHTS
        && spark.sparkContext().getCheckpointDir().isEmpty()) {
      throw new IllegalStateException(
          "example-weights keeps a weight for each row in a checkpoint folder, found none; call"
              + " spark.sparkContext().setCheckpointDir(folder) first");
    }
    Settings settings = new Settings(this);
    if (settings.weights() == BuiltInVariable.EXAMPLE_WEIGHTS && getIdCol().isEmpty()) {
      RunListener.LOG.notice(
          Notice.of(
              Notice.Code.KEY_WITHOUT_EFFECT,
              "example-weights without idCol: the model cannot tell rows apart and gives each its"
                  + " quality in place of its learned weight; set idCol"));
    }
    PreparedTables tables =
        PreparedTables.load(
            spark,
            new PreparedTables.Request(
                settings.table("the training data", getBaseWeightCol(), getTruthCol()),
                trusted == null ? null : settings.trustedTable(getBaseWeightCol()),
                null,
                null,
                getSeed(),
                use().isOfClasses()),
            new PreparedTables.Given(train, trusted, null, false));
    try (CleaningRun run = run(tables, RunListener.LOG)) {
      DataCleanerModel model = DataCleanerModel.of(uid(), run, this);
      run.removeCheckpoints();
      return copyValues(model, ParamMap.empty()).setParent(this);
    }
  }

  /**
   * Learns from tables that were read and checked; frees their caches, also when it fails.
   *
   * @param listener told how the run goes
   */
  public CleaningRun run(PreparedTables tables, RunListener listener) {
    return run(tables, listener, Resumption.plan(this, listener));
  }

  /**
   * The same with checkpoints that are another's to plan.
   *
   * @param checkpoints where checkpoints go, and what they must be of; null for none
   */
  public CleaningRun run(PreparedTables tables, RunListener listener, CheckpointPlan checkpoints) {
    long start = System.nanoTime();
    tables.notices().forEach(listener::notice);
    PreparedData data = prepare(tables);
    data.notices().forEach(listener::notice);
    new TrustedClasses(tables).notices().forEach(listener::notice);
    try {
      CleaningPlan plan = plan(data);
      double load = (System.nanoTime() - start) / 1e9;
      listener.prepared(data, plan.settings().problem(), plan.curvature());
      listener.planned(PassPlan.of(plan.settings()));
      CleaningRun run =
          CleaningRun.of(data, plan, new CleaningRun.Course(null, checkpoints, load, listener))
              .requireUsable();
      NoiseNotices.of(tables, run.result()).forEach(listener::notice);
      return run;
    } catch (Throwable e) {
      data.close();
      throw e;
    }
  }

  /** The rows as blocks; frees the caches of the tables, also when it fails. */
  public PreparedData prepare(PreparedTables tables) {
    DataCleaner how = forTables(tables);
    try {
      how.checkParams();
      if (getFamily().equals("logistic")) {
        tables.classes().requireTwo(tables.train().origin());
      }
      new TrustedClasses(tables).requireEnough();
      requireFewAnnotators(tables);
    } catch (RuntimeException e) {
      tables.close();
      throw e;
    }
    Settings params = new Settings(how);
    boolean folded =
        params.weights() == BuiltInVariable.WEIGHT_FUNCTION
            || !tables.annotators().isEmpty()
            || use().isOfRealLabels();
    return PreparedData.of(
        tables,
        params.preparation(
            new Preparation.Cut(getHeldOut(), folded ? new CleaningPlanner(how).folds(tables) : 1),
            Preparation.Centering.CENTERED),
        Optional.ofNullable(how.layers(false)));
  }

  private static void requireFewAnnotators(PreparedTables tables) {
    int annotators = tables.annotators().size();
    int classes = tables.classes().size();
    if (annotators > 1 && Confusion.matrices(annotators, classes) < annotators) {
      throw new IllegalArgumentException(
          "got %,d annotators of %,d classes, more than a matrix for each can be kept of; name fewer columns of annotators"
              .formatted(annotators, classes));
    }
  }

  /** What is to be done with the rows. */
  public CleaningPlan plan(PreparedData data) {
    return new CleaningPlanner(forTables(data.tables())).plan(data);
  }

  private void checkParams() {
    new Settings(this).check();
  }

  /** Checks params and columns; adds the columns of the model. */
  @Override
  public StructType transformSchema(StructType schema) {
    columns(schema);
    if (!getTrustedCol().isEmpty()) {
      new InputColumns(schema).requireIndicator("trustedCol", getTrustedCol());
    }
    return CleanedColumns.append(schema, this, use().isOfRealLabels());
  }

  private void columns(StructType schema) {
    checkParams();
    InputColumns columns = new Settings(this).columns(schema);
    columns.requireScalar("labelCol", getLabelCol());
    columns.requireNumber("baseWeightCol", getBaseWeightCol());
    columns.requireScalar("truthCol", getTruthCol());
    for (String annotator : getVotesCols()) {
      columns.requireScalar("votesCols", annotator);
    }
    for (String column : getProbabilityCols()) {
      columns.requireNumber("probabilityCols", column);
    }
  }

  @Override
  public DataCleaner copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  /** Reads what {@code write()} wrote. */
  public static MLReader<DataCleaner> read() {
    return new StageReader<>(DataCleaner.class);
  }

  /** Reads the estimator saved at a path. */
  public static DataCleaner load(String path) {
    return read().load(path);
  }

  public String getFamily() {
    return value("family");
  }

  public DataCleaner setFamily(String value) {
    return with("family", value);
  }

  public String getLoss() {
    return value("loss");
  }

  public DataCleaner setLoss(String value) {
    return with("loss", value);
  }

  public String getTrustedCol() {
    return value("trustedCol");
  }

  public DataCleaner setTrustedCol(String value) {
    return with("trustedCol", value);
  }

  public String getTruthCol() {
    return value("truthCol");
  }

  public DataCleaner setTruthCol(String value) {
    return with("truthCol", value);
  }

  public String getBaseWeightCol() {
    return value("baseWeightCol");
  }

  public DataCleaner setBaseWeightCol(String value) {
    return with("baseWeightCol", value);
  }

  public String[] getVotesCols() {
    return value("votesCols");
  }

  public DataCleaner setVotesCols(String[] value) {
    return with("votesCols", value);
  }

  public String[] getProbabilityCols() {
    return value("probabilityCols");
  }

  public DataCleaner setProbabilityCols(String[] value) {
    return with("probabilityCols", value);
  }

  public String getSelectionMetric() {
    return value("selectionMetric");
  }

  public DataCleaner setSelectionMetric(String value) {
    return with("selectionMetric", value);
  }

  public double getHeldOut() {
    return value("heldOut");
  }

  public DataCleaner setHeldOut(double value) {
    return with("heldOut", value);
  }

  public int getRefreshInterval() {
    return value("refreshInterval");
  }

  public DataCleaner setRefreshInterval(int value) {
    return with("refreshInterval", value);
  }
}
