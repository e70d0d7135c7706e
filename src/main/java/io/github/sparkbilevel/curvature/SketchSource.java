package io.github.sparkbilevel.curvature;

import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import java.util.Arrays;
import java.util.Optional;

/**
 * Preconditioners from a {@link NystromSketch} of H and the diagonal that it leaves; from the
 * diagonal alone as long as there was no product for a sketch.
 *
 * <p>A sketch costs a product, and is made anew once a solve took half as many products again as
 * the first one behind it.
 */
public final class SketchSource extends DiagonalSource {
  /** The most bytes that the sketch and its products may take on the driver. */
  private static final long MOST_BYTES = 512L << 20;

  /** Solves that take fewer products more than this than at first do not ask for a new sketch. */
  private static final int SPARE_PRODUCTS = 5;

  private static final long SEED = 20260117L;

  private final int columns;
  private NystromSketch sketch;
  private int firstProducts;
  private boolean isOld;

  /** Sets up a source that knows nothing yet. */
  public SketchSource(CurvatureSettings settings) {
    super(settings);
    this.columns = settings.sketchColumns();
  }

  @Override
  Preparation<Preconditioner> make(DampedHessian h, int mostProducts) {
    Preparation<Preconditioner> byDiagonal = super.make(h, mostProducts);
    if (diagonal() == null || byDiagonal instanceof Preparation.Failed) {
      return byDiagonal;
    }
    double[] penalty = h.penalty();
    int products = 0;
    if (mostProducts > 1 && (sketch == null || isOld)) {
      Optional<NystromSketch> made =
          NystromSketch.of(h.wholeOperator(), penalty, h.damping(), columns, SEED);
      if (made.isEmpty()) {
        return notFinite();
      }
      sketch = made.get();
      firstProducts = -1;
      products = 1;
    }
    if (sketch == null) {
      return byDiagonal;
    }
    Optional<Preconditioner> made = sketch.preconditioner(diagonal(), penalty, h.damping());
    return made.isPresent() ? new Preparation.Ready<>(made.get(), products) : notFinite();
  }

  @Override
  void solved(int products) {
    if (sketch != null && firstProducts < 0) {
      firstProducts = products;
    }
    isOld = products > 1.5 * firstProducts + SPARE_PRODUCTS;
  }

  @Override
  void solvedElsewhere(DampedHessian h) {
    // Without a count of products the sketch ages with the diagonal.
    isOld = h.point().dataDiagonal() != null;
  }

  @Override
  void forget() {
    super.forget();
    sketch = null;
  }

  /** Directions, products and the factor B. */
  @Override
  long memory(BilevelProblem problem) {
    return 3L * 8 * problem.model().size() * columns;
  }

  @Override
  Optional<String> objection(BilevelProblem problem) {
    long bytes = memory(problem);
    return bytes <= MOST_BYTES
        ? Optional.empty()
        : Optional.of(
            "would hold a sketch of %s for %,d parameters and solver.sketch = %d; expected at most %,d MiB; use curvature = jacobi-cg or a smaller sketch"
                .formatted(
                    DriverMemory.text(bytes), problem.model().size(), columns, MOST_BYTES >> 20));
  }

  @Override
  boolean takesProduct() {
    return true;
  }

  @Override
  void save(Snapshot snapshot) {
    super.save(snapshot);
    snapshot.put("firstProducts", firstProducts);
    snapshot.put("sketchIsOld", isOld ? 1 : 0);
    if (sketch != null) {
      double[][] kept = sketch.columns();
      snapshot.put("sketch", kept.length);
      for (int c = 0; c < kept.length; c++) {
        snapshot.put("sketch" + c, kept[c]);
      }
    }
  }

  @Override
  void restore(Snapshot snapshot) {
    super.restore(snapshot);
    firstProducts = snapshot.integer("firstProducts");
    isOld = snapshot.number("sketchIsOld") != 0;
    sketch = null;
    if (snapshot.has("sketch")) {
      double[][] kept = new double[snapshot.integer("sketch")][];
      Arrays.setAll(kept, c -> snapshot.numbers("sketch" + c));
      sketch = NystromSketch.ofColumns(kept);
    }
  }
}
