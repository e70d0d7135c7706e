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
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Equal rows have equal answers: every transformation for every problem that it applies to. */
class EquivalenceTest {
  private record Solved(Problem problem, Base base) {}

  @TempDir static Path folder;

  private final Map<Solved, Answer> expected = new HashMap<>();
  private int runs;

  /** Whether every transformation is tried for every problem, which takes many minutes. */
  private static final boolean ALL = Boolean.getBoolean("equivalence.all");

  /** A pattern for the problems to try. */
  private static final String ONLY = System.getProperty("equivalence.only", "");

  /** The problems for which every transformation has a run of its own. */
  private static final Set<Problem> ONE_BY_ONE =
      Set.of(
          JobProblem.CLEAN_BY_WEIGHT_FUNCTION,
          JobProblem.GRADIENT_OF_L2_PER_FEATURE,
          JobProblem.GRADIENT_OF_SPARSE_ROWS);

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
    boolean each = ALL || ONE_BY_ONE.contains(problem);
    return (each ? Transformations.each(problem) : Transformations.together(problem))
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
    return problem.solve(setup, own);
  }
}
