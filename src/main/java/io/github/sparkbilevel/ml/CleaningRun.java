package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.Cleaning;
import io.github.sparkbilevel.bilevel.CleaningResult;
import io.github.sparkbilevel.bilevel.CleaningSettings;
import io.github.sparkbilevel.bilevel.ErrorScale;
import io.github.sparkbilevel.bilevel.Finished;
import io.github.sparkbilevel.bilevel.OuterCourse;
import io.github.sparkbilevel.bilevel.VotedRows;
import io.github.sparkbilevel.data.Notice;
import io.github.sparkbilevel.data.NumericsException;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.ml.prepare.RunListener;
import io.github.sparkbilevel.ml.prepare.RunMemory;
import io.github.sparkbilevel.ml.prepare.RunTelling;
import io.github.sparkbilevel.ml.prepare.Trouble;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.fit.Comparisons;
import io.github.sparkbilevel.problem.fit.Judge;
import io.github.sparkbilevel.problem.fit.JudgingRule;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.snapshot.Checkpoints;
import io.github.sparkbilevel.problem.snapshot.Generation;
import io.github.sparkbilevel.solve.Status;
import io.github.sparkbilevel.spark.SparkEngine;
import io.github.sparkbilevel.spark.checkpoint.CheckpointPlan;
import io.github.sparkbilevel.spark.checkpoint.SparkCheckpoints;
import io.github.sparkbilevel.spark.rows.DataRow.Part;
import io.github.sparkbilevel.spark.rows.PartitionedData;
import io.github.sparkbilevel.spark.score.Ranking;
import io.github.sparkbilevel.spark.score.RowInfluence;
import io.github.sparkbilevel.spark.score.RowScore;
import io.github.sparkbilevel.spark.score.RowScorer;
import io.github.sparkbilevel.spark.score.ScoreBlock;
import io.github.sparkbilevel.spark.transfer.CachedRows;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;

/** The outcome of a cleaning run; holds cached rows until it is closed. */
public final class CleaningRun extends EstimatorRun {
  private final CleaningResult result;
  private final Cleaning.WeightRule rule;
  private final Scored scored;
  private final Voted voted;
  private final Map<String, Double> attackSuccess;

  private CleaningRun(
      Setup setup, Means means, Voted voted, Cleaning.Learned learned, Found found) {
    super(setup, means);
    this.result = found.result;
    this.rule = learned.rule();
    this.scored = found.scored;
    this.voted = voted;
    this.attackSuccess = found.attackSuccess;
  }

  /** What a run found of the rows. */
  private record Found(CleaningResult result, Scored scored, Map<String, Double> attackSuccess) {}

  /**
   * The rows that are learned from.
   *
   * @param given over the rows as they were given, on which annotators voted; the same as the other
   *     where they have labels
   * @param labelled over the rows with labels
   * @param settings those of the run, with the models that votes need
   */
  private record Voted(
      SparkEngine given,
      SparkEngine labelled,
      CleaningSettings settings,
      List<VotedRows.Annotator> annotators) {

    static Voted of(SparkEngine engine, CleaningSettings settings, RunListener listener) {
      if (settings.annotators() == 0) {
        return new Voted(engine, engine, settings, List.of());
      }
      listener.stage("weighing the votes");
      VotedRows.Learned learned = new VotedRows(settings, engine).learn();
      return new Voted(
          engine,
          engine.over(learned.labels()),
          settings.joinedBy(learned.models()),
          learned.annotators());
    }
  }

  /**
   * Scores of the training rows.
   *
   * @param blocks the scores of the training rows by block, cached, made when first read
   * @param rows the same row by row
   * @param withSoftLabels the same with soft labels of the selected model, made whenever read
   * @param judgeOf for each model the index of its judgement in {@link RowScore#quality()}; index 0
   *     is the selected model's
   * @param rule how the selected model judges
   */
  public record Scored(
      JavaRDD<ScoreBlock> blocks,
      JavaRDD<RowScore> rows,
      JavaRDD<RowScore> withSoftLabels,
      Map<String, Integer> judgeOf,
      JudgingRule rule) {}

  /**
   * How a run goes.
   *
   * @param plain models that were fitted before on the same rows, by their names; null where they
   *     are to be fitted
   * @param checkpoints where checkpoints go, or null
   * @param loadSeconds spent before it
   */
  public record Course(
      Map<String, Finished> plain,
      CheckpointPlan checkpoints,
      double loadSeconds,
      RunListener listener) {}

  /** Learns, compares and scores; what fails leaves nothing of its own cached. */
  public static CleaningRun of(PreparedData data, CleaningPlan plan, Course course) {
    RunMemory.require(data, plan.settings());
    SparkEngine given = engine(data, plan);
    RunTelling telling = new RunTelling(given.events(), course.listener());
    try {
      telling.prepared(data, plan.settings().problem(), plan.curvature());
      long start = System.nanoTime();
      Voted voted = Voted.of(given, plan.settings(), course.listener());
      SparkEngine engine = voted.labelled;
      CleaningSettings settings =
          ErrorScale.learn(voted.settings, engine, data.blocks().rows().get(Part.TRAIN));
      SparkCheckpoints checkpoints =
          course.checkpoints() == null
              ? null
              : SparkCheckpoints.open(course.checkpoints(), engine, data.blocks());
      Cleaning cleaning =
          new Cleaning(
              settings,
              engine,
              data.blocks().rows().get(Part.TRAIN),
              telling::iteration,
              checkpoints == null ? Checkpoints.NONE : checkpoints);
      Cleaning.Learned learned = cleaning.learn();
      double solve = (System.nanoTime() - start) / 1e9;
      course.listener().stage("fitting the models to compare with");
      CleaningResult result =
          course.plain() == null
              ? cleaning.compare(learned)
              : cleaning.compare(learned, course.plain());
      double baselines = (System.nanoTime() - start) / 1e9 - solve;
      Map<String, Double> attackSuccess = BackdoorAttack.success(data, plan, result);
      Scored scored = score(engine, cleaning, settings, learned, result);
      // The learned weights are at hand; what they were computed from need not stay cached.
      cleaning.oracle().close();
      telling.ended(result.course().status());
      return new CleaningRun(
          new Setup(data, plan.upper(), settings.problem(), plan.curvature()),
          new Means(
              engine, checkpoints, new RunSummary.Seconds(course.loadSeconds(), solve, baselines)),
          voted,
          learned,
          new Found(result, scored, attackSuccess));
    } catch (Throwable e) {
      given.events().failed(e);
      given.close();
      throw e;
    }
  }

  public static SparkEngine engine(PreparedData data, CleaningPlan plan) {
    return engine(data, data.blocks(), plan);
  }

  /** An engine over other blocks of these data. */
  static SparkEngine engine(PreparedData data, PartitionedData blocks, CleaningPlan plan) {
    JavaSparkContext context =
        JavaSparkContext.fromSparkContext(data.tables().train().session().sparkContext());
    SparkEngine engine = new SparkEngine(context, blocks, plan.checkpointInterval());
    try {
      return plan.placement().place(engine, plan.settings().problem().model());
    } catch (RuntimeException e) {
      engine.close();
      throw e;
    }
  }

  /** Models, history and choice. */
  public CleaningResult result() {
    return result;
  }

  /** How the weight of any row follows from its label; null for weights beside the rows. */
  public Cleaning.WeightRule rule() {
    return rule;
  }

  /** What is known of each annotator, by its column; none where rows have labels. */
  public Map<String, VotedRows.Annotator> annotators() {
    Map<String, VotedRows.Annotator> annotators = new LinkedHashMap<>();
    for (VotedRows.Annotator annotator : voted.annotators) {
      annotators.put(data().tables().annotators().get(annotators.size()), annotator);
    }
    return annotators;
  }

  /**
   * The share of the test rows of other classes that each model takes for the target of the
   * backdoor once they carry its trigger, by the names of the models; empty where training rows
   * have no backdoor or there are no such rows.
   */
  public Map<String, Double> attackSuccess() {
    return attackSuccess;
  }

  /** The scores of the training rows. */
  public Scored scored() {
    return scored;
  }

  @Override
  public OuterCourse course() {
    return result.course();
  }

  /** Whether there were trusted rows. */
  public boolean isGuided() {
    return data().tables().validation() != null;
  }

  /** The first entries of the driver's λ, by name; none where no trusted rows moved it. */
  public Map<String, Double> lambda(int most) {
    List<String> names = names();
    double[] values = isGuided() ? result.learned().lambda() : new double[0];
    Map<String, Double> lambda = new LinkedHashMap<>();
    for (int j = 0; j < Math.min(values.length, most); j++) {
      lambda.put(names.get(j), values[j]);
    }
    return lambda;
  }

  /** This run; one whose outer loop failed is freed, but for the rows, and refused. */
  public CleaningRun requireUsable() {
    Status status = result.course().status();
    if (!status.isUsable()) {
      Trouble.Where where =
          new Trouble.Where(status, result.learned().lambda(), result.learned().theta());
      NumericsException trouble =
          new Trouble(data(), upper(), problem())
              .failure(isGuided() ? "the outer loop ended early" : "EM ended early", where);
      release();
      // What they lead to is known now.
      removeCheckpoints();
      throw trouble;
    }
    return this;
  }

  private static Scored score(
      SparkEngine engine,
      Cleaning cleaning,
      CleaningSettings settings,
      Cleaning.Learned learned,
      CleaningResult result) {
    JavaSparkContext context = engine.context();
    engine.ledger().enter(PassLedger.Phase.SCORES);
    Map<String, Integer> judgeOf = new LinkedHashMap<>();
    List<Judge> judges = new ArrayList<>();
    judges.add(result.selectedModel().ownJudge());
    result
        .models()
        .forEach(
            (name, candidate) -> {
              judgeOf.put(name, judges.size());
              judges.add(candidate.judge() != null ? candidate.judge() : candidate.ownJudge());
            });
    BlockKernel kernel = BlockKernel.of(settings.problem().model(), settings.backend());
    List<Judge> scaled = new Comparisons(kernel, engine).scaled(judges);
    Broadcast<List<Judge>> shared = context.broadcast(scaled);
    RowScorer.Weight weight =
        settings.problem().shapesLoss() ? RowScorer.Weight.QUALITY : RowScorer.Weight.LEARNED;
    Broadcast<RowInfluence> influence =
        cleaning
            .adjoint(learned)
            .map(
                u ->
                    context.broadcast(
                        new RowInfluence(
                            cleaning.oracle().weighing(learned.evaluation().lambda()),
                            learned.evaluation().theta(),
                            u,
                            cleaning.oracle().rows())))
            .orElse(null);
    RowScorer scorer = new RowScorer(kernel, shared, weight, influence, RowScorer.Labels.SUGGESTED);
    Generation<PartitionState> states = cleaning.oracle().states(result.learned());
    JavaRDD<ScoreBlock> blocks =
        engine
            .rows(states, scorer)
            .setName("spark-bilevel scores")
            .persist(StorageLevel.MEMORY_AND_DISK());
    return new Scored(
        blocks,
        RowScorer.rows(blocks),
        RowScorer.rows(engine.rows(states, scorer.withSoftLabels())),
        judgeOf,
        scaled.get(0).rule());
  }

  /**
   * How well scores rank the bad rows before the good ones, where the truth is known; two Spark
   * jobs over the scores, or three where very many rows are ranked.
   *
   * @return the selected model's quality, the weight, and each model's own quality, by {@link
   *     DetectionReport#QUALITY}, {@link DetectionReport#WEIGHT} and the model's name
   */
  public DetectionReport detection() {
    int classes = data().tables().classes().size();
    ScoreFigures figures =
        engine().described("scores: counts", () -> ScoreFigures.of(scored.rows(), classes));
    Map<String, Ranking> rankings = new LinkedHashMap<>();
    if (figures.counts().bad() > 0) {
      List<String> models = new ArrayList<>(scored.judgeOf().keySet());
      int[] judges = models.stream().mapToInt(scored.judgeOf()::get).toArray();
      List<Ranking> ranked =
          engine()
              .described(
                  "scores: rankings",
                  () ->
                      Ranking.of(
                          scored.rows().filter(row -> !Double.isNaN(row.truth())),
                          figures.counts().known(),
                          row -> scoresOf(row, judges),
                          RowScore::bad,
                          2 + judges.length));
      rankings.put(DetectionReport.QUALITY, ranked.get(0));
      rankings.put(DetectionReport.WEIGHT, ranked.get(1));
      for (int m = 0; m < models.size(); m++) {
        rankings.put(models.get(m), ranked.get(2 + m));
      }
    }
    return new DetectionReport(figures, rankings);
  }

  private static double[] scoresOf(RowScore row, int[] judges) {
    double[] values = new double[2 + judges.length];
    values[0] = row.quality()[0];
    values[1] = row.weight();
    for (int m = 0; m < judges.length; m++) {
      values[2 + m] = row.quality()[judges[m]];
    }
    return values;
  }

  @Override
  public List<Notice> notices() {
    List<Notice> notices = super.notices();
    notices.addAll(new TrustedClasses(data().tables()).notices());
    notices.addAll(NoiseNotices.of(data().tables(), result));
    return notices;
  }

  /** The selected model as a stage. */
  Predictor predictor() {
    return Predictor.of(problem().model(), result.selectedModel().theta(), data());
  }

  /** The selected model as a Spark ML stage that takes features as they were read. */
  public PortableModel trained() {
    return predictor().portable();
  }

  @Override
  public void release() {
    CachedRows.unpersist(scored.blocks());
    result.learned().release();
    super.release();
    voted.given.close();
  }
}
