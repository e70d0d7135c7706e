package io.github.sparkbilevel.job.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.bilevel.PassPlan;
import io.github.sparkbilevel.problem.pass.PassLedger.Phase;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunBarTest {
  private static final PassPlan PLAN =
      new PassPlan(10, 0, Map.of(Phase.WARM_UP, 20, Phase.OUTER, 40, Phase.BASELINES, 100));

  private final RunBar bar = new RunBar();

  /** Prepared in 5 s, by the second 10; every pass takes a second. */
  private double runs(Phase phase, int iteration, double from, int passes) {
    for (int i = 1; i <= passes; i++) {
      bar.passEnded(phase, iteration, from + i);
    }
    return from + passes;
  }

  @Test
  void leftIsWhatIsPlannedAtThePaceSoFar() {
    bar.planned(PLAN, 5, 10);
    double now = runs(Phase.WARM_UP, 0, 10, 4);
    assertEquals(Double.NaN, bar.left(now));
    now = runs(Phase.WARM_UP, 0, now, 1);
    assertEquals(15 + 40 + 100 + 10, bar.left(now), 1e-9);
    now = runs(Phase.OUTER, 1, now, 3);
    assertEquals(37 + 100 + 10, bar.left(now), 1e-9);
    // Iterations that are done count for themselves: this one took 6 s, and 9 are left.
    now = runs(Phase.OUTER, 1, now, 2);
    now = runs(Phase.OUTER, 2, now, 1);
    assertEquals(9 * 6 + 100 + 10, bar.left(now), 1e-9);
    now = runs(Phase.BASELINES, 0, now, 30);
    assertEquals(70 + 10, bar.left(now), 1e-9);
    // A long pass runs, and a phase may take more than is planned.
    assertEquals(70 + 10 - 7, bar.left(now + 7), 1e-9);
    now = runs(Phase.BASELINES, 0, now, 90);
    assertEquals(10, bar.left(now), 1e-9);
    bar.writes(now);
    assertEquals(4, bar.left(now + 6), 1e-9);
    bar.writes(now + 6);
    assertEquals(0, bar.left(now + 60), 1e-9);
  }

  @Test
  void iterationsWithoutPlannedPassesAreKnownByTheFirst() {
    bar.planned(PassPlan.ofTuning(5, 0), 1, 1);
    double now = runs(Phase.OUTER, 1, 1, 5);
    assertEquals(Double.NaN, bar.left(now));
    now = runs(Phase.OUTER, 2, now, 1);
    assertTrue(bar.left(now) > 4 * 4, "of four iterations");
  }

  @Test
  void searchesTakeWhatSoManyIterationsTake() {
    bar.planned(PassPlan.ofTuning(5, 20), 1, 0);
    runs(Phase.OUTER, 1, 0, 6);
    double now = runs(Phase.OUTER, 2, 6, 1); // An iteration takes 7 s.
    RunBar alone = new RunBar();
    alone.planned(PassPlan.ofTuning(5, 0), 1, 0);
    for (int i = 1; i <= 7; i++) {
      alone.passEnded(Phase.OUTER, i / 7 + 1, i);
    }
    assertEquals(20 * 7, bar.left(now) - alone.left(now), 1e-9);
    now = runs(Phase.BASELINES, 0, now, 50);
    assertEquals(20 * 7 - 50 + 2, bar.left(now), 1e-9);
    assertEquals(2, bar.left(runs(Phase.BASELINES, 0, now, 100)), 1e-9);
  }

  @Test
  void theLineSaysWhatIsKnown() {
    assertEquals("0:03  reading the rows", bar.line("reading the rows", 3));
    bar.planned(PLAN, 5, 10);
    assertEquals("0:10  warm-up", bar.line("warm-up", 10));
    double now = runs(Phase.WARM_UP, 0, 10, 40);
    assertEquals(
        "[##--------] 25 %  0:50, at most 2:30 left  pass 40: warm-up",
        bar.line("pass 40: warm-up", now));
    // Slower passes lower no share.
    for (int i = 1; i <= 5; i++) {
      bar.passEnded(Phase.OUTER, 1, now + 9 * i);
    }
    assertTrue(bar.line("", now + 45).startsWith("[##--------] 25 %"), bar.line("", now + 45));
    bar.writes(900);
    assertEquals("[#########-] 98 %  15:00  writing scores/", bar.line("writing scores/", 900));
  }

  @ParameterizedTest
  @CsvSource({"0, 0:00", "59.6, 1:00", "3599, 59:59", "3600, 1:00:00", "90061, 25:01:01"})
  void clocksShowHoursWhereThereAreSome(double seconds, String expected) {
    assertEquals(expected, RunBar.clock(seconds));
  }
}
