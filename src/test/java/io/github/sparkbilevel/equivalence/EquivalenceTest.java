package io.github.sparkbilevel.equivalence;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.data.NumericsException;
import io.github.sparkbilevel.equivalence.Transformation.Base;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Equal rows have equal answers: transformations of the rows that must not change what a problem
 * has for an answer.
 *
 * <p>Transformations are tried several at once, and for one problem those that are left each by
 * itself; {@code -Dequivalence.all=true} tries all by themselves, {@code
 * -Dequivalence.only=TUNE_.*} some problems. A new problem is one more constant of {@link
 * JobProblem} or {@link EstimatorProblem}, a new kind of files one more of {@link Layout.Format}
 * and a line in {@link StorageTransformations}.
 */
class EquivalenceTest {
  private record Solved(Problem problem, Base base) {}

  /** Whether every transformation is tried for every problem, which takes many minutes. */
  private static final boolean ALL = Boolean.getBoolean("equivalence.all");

  /** A pattern for the problems to try. */
  private static final String ONLY = System.getProperty("equivalence.only", "");

  /** The problem for which transformations have runs of their own: an exact and cheap one. */
  private static final Problem ONE_BY_ONE = JobProblem.GRADIENT_OF_SPARSE_ROWS;

  @TempDir static Path folder;

  private final Map<Solved, Answer> expected = new HashMap<>();
  private int runs;

  private static Stream<Problem> problems() {
    Stream<Problem> all =
        Stream.concat(Stream.of(JobProblem.values()), Stream.of(EstimatorProblem.values()));
    return all.filter(problem -> problem.name().matches(".*(" + ONLY + ").*"));
  }

  @TestFactory
  Stream<DynamicContainer> equalRowsHaveEqualAnswers() {
    return problems().map(problem -> dynamicContainer(problem.name(), tests(problem)));
  }

  private Stream<DynamicTest> tests(Problem problem) {
    Stream<Transformation> few =
        Stream.concat(
            Transformations.together(problem),
            problem == ONE_BY_ONE ? Transformations.alone(problem) : Stream.empty());
    return (ALL ? Transformations.each(problem) : few)
        .map(
            transformation ->
                dynamicTest(transformation.name(), () -> check(problem, transformation)));
  }

  private void check(Problem problem, Transformation transformation) throws Exception {
    Solved solved = new Solved(problem, transformation.base());
    Answer answer = expected.get(solved);
    if (answer == null) {
      answer = solve(problem, transformation.base().of(problem));
      expected.put(solved, answer);
    }
    Setup changed = transformation.change().apply(transformation.base().of(problem));
    Answer found;
    try {
      found = solve(problem, changed).renamed(transformation.keys());
    } catch (DataException | NumericsException e) {
      String word = transformation.refusable();
      if (word == null) {
        throw e;
      }
      assertTrue(e.getMessage().contains(word), () -> "no " + word + " in: " + e.getMessage());
      return;
    }
    List<String> differences = found.differencesFrom(answer, transformation.toleranceFor(problem));
    assertTrue(differences.isEmpty(), () -> String.join("\n", differences));
  }

  private Answer solve(Problem problem, Setup setup) throws Exception {
    Path own = Files.createDirectory(folder.resolve("run" + runs++));
    try {
      return problem.solve(setup, own);
    } finally {
      Store.forget(own);
    }
  }
}
