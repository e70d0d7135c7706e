package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.bilevel.CleaningSettings.Baseline;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.Reliability;
import io.github.sparkbilevel.problem.fit.FitRows;
import io.github.sparkbilevel.problem.fit.VoteEstimates;
import io.github.sparkbilevel.problem.fit.VoteModel;
import io.github.sparkbilevel.problem.fit.VotedLabels;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.training.Training;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * From votes to labels, before anything else is learned.
 *
 * <p>With trusted rows, these alone tell how reliable each annotator is: of his n_j votes on them
 * r_j are right, and {@link Reliabilities} draws the rate of one who voted on few of them to that
 * of all. The label of a training row is the likeliest class by its votes and by a linear model of
 * the trusted rows, at the temperature that suits that model on the fold that it did not see.
 *
 * <p>The rates are not learned from the training rows, as EM would. Rules and people who err by
 * what is in a row, and not by its class, agree with each other where they are wrong, and EM takes
 * agreement for truth: on the TREC questions, with 100 trusted rows, a classifier of labels by
 * Dawid and Skene's EM is right in .28 of the test rows, one of labels made like this in .81. For
 * the same reason an annotator has one rate and not one for each class: a rule that only ever votes
 * for one class is right by how often it fires wrongly, which a matrix by true class cannot say.
 *
 * <p>Without trusted rows, or votes on them, EM is all there is: one rate for each annotator.
 *
 * <p>The rows held out take no part, so that what follows can still be judged by them.
 */
public final class VotedRows {
  /** The name of {@link Baseline#DAWID_SKENE} among the candidates. */
  static final String DAWID_SKENE = "dawidSkene";

  /** The rate that EM starts from, for all alike: the posterior begins as a soft majority. */
  private static final double FIRST_RATE = 0.7;

  /** What is added to each count: a vote is never impossible. */
  private static final double LEAST_COUNT = 0.1;

  private static final int ROUNDS = 50;
  private static final double TOLERANCE = 1e-3;

  private final BlockKernel kernel;
  private final BlockKernel linear;
  private final PassEngine engine;
  private final CleaningSettings settings;
  private final VoteEstimates estimates;
  private final int classes;

  /** Sets up; costs no pass. */
  public VotedRows(CleaningSettings settings, PassEngine engine) {
    Model model = settings.problem().model();
    this.kernel = BlockKernel.of(model, settings.backend());
    this.linear =
        model.isLinear()
            ? kernel
            : BlockKernel.of(
                new LinearModel(model.loss(), model.features(), true), settings.backend());
    this.engine = engine;
    this.settings = settings;
    this.classes = model.loss().classes();
    this.estimates = new VoteEstimates(engine, settings.annotators(), classes);
  }

  private PlainModels.How how(Training training) {
    return new PlainModels.How(settings.l2(), Curvature.CG, training, settings.seed(), 1);
  }

  /**
   * What became of the votes.
   *
   * @param labels gives the training rows their labels
   * @param annotators in the order of their indices; their agreement is still to be counted
   * @param models the baseline that needs the votes, where it is asked for
   */
  public record Learned(
      VotedLabels labels, List<Annotator> annotators, Map<String, Finished> models) {}

  /**
   * What is known of an annotator.
   *
   * @param votes on training rows
   * @param agreeing how many of them are the labels that were made of all votes
   * @param checked votes on trusted rows that were not held out
   * @param reliability how often a vote is right
   */
  public record Annotator(long votes, long agreeing, long checked, Reliability reliability) {}

  /**
   * Learns; costs 1 pass for the counts of the trusted rows and those of a few small models, or 1
   * for each round of EM.
   */
  public Learned learn() {
    engine.ledger().enter(PassLedger.Phase.WARM_UP);
    double[] known =
        settings.isGuided()
            ? estimates.trusted().votes()
            : new double[settings.annotators() * classes * classes];
    List<Reliability> reliabilities =
        Arrays.stream(known).sum() > 0 ? Reliabilities.of(classes, known) : reliabilitiesByEm();
    VoteModel votes = VoteModel.oneCoin(classes, rates(reliabilities));
    VotedLabels labels =
        settings.isGuided() ? judged(votes) : new VotedLabels(votes, linear, null, 1);
    Map<String, Finished> models =
        settings.baselines().contains(Baseline.DAWID_SKENE)
            ? Map.of(DAWID_SKENE, dawidSkene(known))
            : Map.of();
    return new Learned(labels, annotators(labels, known, reliabilities), models);
  }

  private static double[] rates(List<Reliability> reliabilities) {
    return reliabilities.stream().mapToDouble(Reliability::mean).toArray();
  }

  /** A model of the trusted rows that are not held out judges beside the annotators. */
  private VotedLabels judged(VoteModel votes) {
    int folds = settings.trustedFolds();
    List<FitRows> fits = new ArrayList<>();
    for (int j = 0; j < folds; j++) {
      fits.add(new FitRows.Trusted(j));
    }
    fits.add(new FitRows.Upper());
    double[] all = new PlainFitter(linear, engine, how(null)).fit(fits, List.of(), null);
    int d = linear.model().size();
    double[][] withoutFold = new double[folds][];
    Arrays.setAll(withoutFold, j -> Vectors.slice(all, j * d, d));
    double temperature = folds > 1 ? estimates.temperature(linear, withoutFold) : 1;
    return new VotedLabels(votes, linear, Vectors.slice(all, folds * d, d), temperature);
  }

  private List<Reliability> reliabilitiesByEm() {
    VoteModel end = em(votes -> VoteModel.oneCoin(classes, rates(expected(votes))));
    return expected(end);
  }

  private List<Reliability> expected(VoteModel votes) {
    return Reliabilities.of(classes, estimates.expected(votes).votes());
  }

  /** Goes from annotators who are all alike on to where a round moves no probability by much. */
  private VoteModel em(UnaryOperator<VoteModel> round) {
    double[] rates = new double[settings.annotators()];
    Arrays.fill(rates, FIRST_RATE);
    VoteModel votes = VoteModel.oneCoin(classes, rates);
    double moved = Double.POSITIVE_INFINITY;
    for (int r = 0; r < ROUNDS && moved > TOLERANCE; r++) {
      VoteModel next = round.apply(votes);
      moved = greatestDifference(next.annotators().matrices(), votes.annotators().matrices());
      votes = next;
    }
    return votes;
  }

  private static double greatestDifference(double[] a, double[] b) {
    double most = 0;
    for (int j = 0; j < a.length; j++) {
      most = Math.max(most, Math.abs(a[j] - b[j]));
    }
    return most;
  }

  /**
   * EM over a confusion matrix for each annotator and the shares of the classes (Dawid and Skene,
   * Applied Statistics, 1979), and a model of the labels that come out.
   *
   * @param known counts of trusted rows, which stay
   */
  private Finished dawidSkene(double[] known) {
    VotedLabels labels = new VotedLabels(em(known), linear, null, 1);
    Training training = settings.networks() == null ? null : settings.networks().plain();
    double[] theta =
        new PlainFitter(kernel, engine.over(labels), how(training))
            .fit(List.of(new FitRows.Noisy()), List.of(), null);
    return Finished.fitted(theta, theta);
  }

  /** The annotators by EM, with counts that stay. */
  VoteModel em(double[] known) {
    return em(
        votes -> {
          VoteEstimates.Counts counts = estimates.expected(votes);
          double[] all = Vectors.plus(counts.votes(), 1, known);
          Arrays.setAll(all, at -> all[at] + LEAST_COUNT);
          double rows = Arrays.stream(counts.rows()).sum() + classes * LEAST_COUNT;
          return new VoteModel(
              Confusion.ofCounts(classes, all),
              Arrays.stream(counts.rows()).map(n -> (n + LEAST_COUNT) / rows).toArray());
        });
  }

  private List<Annotator> annotators(
      VotedLabels labels, double[] known, List<Reliability> reliabilities) {
    double[] labelled =
        new VoteEstimates(engine.over(labels), settings.annotators(), classes).labelled().votes();
    int square = classes * classes;
    List<Annotator> all = new ArrayList<>();
    for (int j = 0; j < reliabilities.size(); j++) {
      double[] of = Vectors.slice(labelled, j * square, square);
      double agreeing = 0;
      for (int k = 0; k < classes; k++) {
        agreeing += of[k * classes + k];
      }
      all.add(
          new Annotator(
              Math.round(Arrays.stream(of).sum()),
              Math.round(agreeing),
              Math.round(Arrays.stream(known, j * square, (j + 1) * square).sum()),
              reliabilities.get(j)));
    }
    return all;
  }
}
