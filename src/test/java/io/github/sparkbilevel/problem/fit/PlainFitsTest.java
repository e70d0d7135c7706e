package io.github.sparkbilevel.problem.fit;

import static io.github.sparkbilevel.DenseReference.distance;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Rows;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.linalg.KroneckerFactors;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.sampling.Folds;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several plain fits in one objective are the separate fits, each on its own rows. */
class PlainFitsTest {
  private static final double L2 = 0.03;
  private static final Folds FOLDS = new Folds(3, 5, 2);

  /** Training and trusted rows in one, with the weights of one fit; divided by their sum. */
  private static final class Single {
    final DenseReference reference;
    final double[] s;
    final double total;

    Single(Data data, FitRows fit, List<Judge> judges) {
      Rows train = data.train();
      Rows trusted = concatenated(data.upper(), data.heldOut());
      Rows all = concatenated(train, trusted);
      reference = new DenseReference(data.model(), all);
      s = new double[all.count()];
      for (int i = 0; i < s.length; i++) {
        boolean inTrain = i < train.count();
        boolean heldOut = i >= train.count() + data.upper().count();
        s[i] = weight(data, fit, judges, all, i, inTrain, heldOut);
      }
      total = Arrays.stream(s).sum();
      for (int i = 0; i < s.length; i++) {
        s[i] *= all.count() / total;
      }
    }

    private static double weight(
        Data data,
        FitRows fit,
        List<Judge> judges,
        Rows all,
        int i,
        boolean inTrain,
        boolean heldOut) {
      double w = all.weights()[i];
      if (fit instanceof FitRows.Noisy) {
        return inTrain ? w : 0;
      }
      if (fit instanceof FitRows.WithoutFold without) {
        return inTrain && FOLDS.of(all.ids()[i]) != without.fold() ? w : 0;
      }
      if (fit instanceof FitRows.Trusted trusted) {
        boolean left =
            trusted.without() != null && (heldOut || all.groups()[i] == trusted.without());
        return inTrain || left ? 0 : w;
      }
      if (fit instanceof FitRows.Upper) {
        return inTrain || heldOut ? 0 : w;
      }
      if (!inTrain) {
        return heldOut ? 0 : w;
      }
      DenseReference reference = new DenseReference(data.model(), data.train());
      double label = all.labels()[i];
      if (fit instanceof FitRows.Believed) {
        double first = probability(predicted(reference, judges.get(0), i), label);
        double second = probability(predicted(reference, judges.get(1), i), label);
        double odds = Math.pow((first + second) / (2 - first - second), 2);
        return w * odds / (1 + odds);
      }
      double[] p = predicted(reference, judges.get(0), i);
      int preferred = p.length == 1 ? (p[0] > 0.5 ? 1 : 0) : 0;
      for (int k = 1; k < p.length; k++) {
        preferred = p[k] > p[preferred] ? k : preferred;
      }
      return preferred == label ? w : 0;
    }

    private static double[] predicted(DenseReference reference, Judge judge, int row) {
      return reference.prediction(reference.outputs(judge.theta()[0], row));
    }

    private static double probability(double[] p, double label) {
      return p.length > 1 ? p[(int) label] : label == 1 ? p[0] : 1 - p[0];
    }

    private static Rows concatenated(Rows a, Rows b) {
      double[][] x = Arrays.copyOf(a.x(), a.count() + b.count());
      System.arraycopy(b.x(), 0, x, a.count(), b.count());
      int[] groups = new int[x.length];
      for (int i = 0; i < x.length; i++) {
        int[] of = i < a.count() ? a.groups() : b.groups();
        groups[i] = of == null ? 0 : of[i < a.count() ? i : i - a.count()];
      }
      long[] ids = Arrays.copyOf(a.ids(), x.length);
      System.arraycopy(b.ids(), 0, ids, a.count(), b.count());
      return new Rows(
          x, joined(a.labels(), b.labels()), joined(a.weights(), b.weights()), groups, ids, null);
    }

    private static double[] joined(double[] a, double[] b) {
      double[] all = Arrays.copyOf(a, a.length + b.length);
      System.arraycopy(b, 0, all, a.length, b.length);
      return all;
    }
  }

  private static final List<FitRows> FITS =
      List.of(
          new FitRows.Noisy(),
          new FitRows.Trusted(null),
          new FitRows.Trusted(1),
          new FitRows.WithoutFold(FOLDS, 2),
          new FitRows.Upper(),
          new FitRows.Kept(0),
          new FitRows.Believed(List.of(0, 1)));

  private static double[] strengths(Data data) {
    double[] c = new double[data.model().size()];
    for (int j = 0; j < c.length; j++) {
      c[j] = data.model().isIntercept(j) ? 0 : L2;
    }
    return c;
  }

  @ParameterizedTest
  @CsvSource({"2, DENSE_64", "2, CSR_SHIFTED", "4, DENSE_64", "4, CSR"})
  void valueGradientAndProductsAreThoseOfTheSeparateFits(int classes, Storage storage) {
    Loss loss = classes == 2 ? new LogisticLoss() : new SoftmaxLoss(classes);
    Data data = TestProblems.of(loss).storage(storage).make();
    BlockKernel kernel = BlockKernel.of(data.model(), "auto");
    int d = data.model().size();
    List<Judge> judges =
        List.of(
            Judge.preferring(TestProblems.vector(31, d, 1)),
            Judge.preferring(TestProblems.vector(34, d, 1)));
    double[] c = strengths(data);
    double[] theta = TestProblems.vector(32, d * FITS.size(), 0.8);
    double[] v = TestProblems.vector(33, d * FITS.size(), 0.8);
    Ridge penalty = Ridge.of(data.model(), L2);
    LocalEngine engine = data.engine();
    try (PlainFits fits = new PlainFits(kernel, engine, penalty, FITS, judges)) {
      assertEquals(1, engine.ledger().passes());
      PlainFits.Fitted at = fits.at(theta, Extra.NONE);
      double[] product = at.hessian(0.2).apply(v);
      assertEquals(3, engine.ledger().passes());
      double value = 0;
      for (int f = 0; f < FITS.size(); f++) {
        Single single = new Single(data, FITS.get(f), judges);
        assertEquals(single.total, fits.totals()[f], 1e-11);
        double[] one = Vectors.slice(theta, f * d, d);
        value += single.reference.value(one, single.s, c);
        assertClose(
            single.reference.gradient(one, single.s, c), Vectors.slice(at.gradient(), f * d, d));
        double[] direction = Vectors.slice(v, f * d, d);
        double[][] h = single.reference.hessian(one, single.s, c);
        assertClose(
            Vectors.plus(DenseReference.times(h, direction), 0.2, direction),
            Vectors.slice(product, f * d, d));
        assertClose(one, at.theta(f));
      }
      assertEquals(value, at.value(), 1e-12 * value);
      assertNull(at.factors());
      assertNull(at.denseHessian());
    }
  }

  private static void assertClose(double[] expected, double[] got) {
    assertTrue(distance(got, expected) <= 1e-11, "" + distance(got, expected));
  }

  @Test
  void sharedFactorsAreThoseOfAllRowsThatAnyFitUses() {
    Data data = TestProblems.of(new SoftmaxLoss(3)).weighted(false).make();
    BlockKernel kernel = BlockKernel.of(data.model(), "auto");
    Ridge penalty = Ridge.of(data.model(), L2);
    double[] theta = TestProblems.vector(5, data.model().size(), 1);
    try (PlainFits fits =
        new PlainFits(kernel, data.engine(), penalty, List.of(new FitRows.Noisy()), List.of())) {
      KroneckerFactors factors = fits.at(theta, Extra.KRONECKER).factors().get(0);
      DenseReference reference = new DenseReference(data.model(), data.train());
      double[] ones = DenseReference.filled(data.train().count(), 1);
      assertClose(flat(reference.inputFactor(ones)), factors.inputs());
      assertClose(flat(reference.outputFactor(theta, ones)), factors.outputs());
    }
  }

  @Test
  void fitWithoutARowHasThePenaltyAlone() {
    Data data = TestProblems.of(new LogisticLoss()).rows(30, 0, 0, 0).make();
    BlockKernel kernel = BlockKernel.of(data.model(), "auto");
    Ridge penalty = Ridge.of(data.model(), L2);
    double[] theta = TestProblems.vector(5, data.model().size(), 1);
    try (PlainFits fits =
        new PlainFits(kernel, data.engine(), penalty, List.of(new FitRows.Upper()), List.of())) {
      PlainFits.Fitted at = fits.at(theta, Extra.NONE);
      double expected = Penalty.fixed(data.model(), L2, false).penalty(theta, new double[0]);
      assertEquals(expected, at.value(), 1e-15);
    }
  }

  private static double[] flat(double[][] symmetric) {
    return Arrays.stream(symmetric).flatMapToDouble(Arrays::stream).toArray();
  }
}
