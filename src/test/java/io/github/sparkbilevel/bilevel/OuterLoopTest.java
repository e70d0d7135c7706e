package io.github.sparkbilevel.bilevel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.WatchedEngine;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.ExampleWeights;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.oracle.BilevelOracle;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.Query;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.snapshot.Checkpoints;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the loop does around the steps of an algorithm that follows a script. */
class OuterLoopTest {
  private static final IterationRecord.Step FIGURES = new IterationRecord.Step(2, 3, 0.5);

  private record State(int iteration, Evaluation point) implements OuterState {}

  private final Data data = TestProblems.of(new LogisticLoss()).make();
  private final WatchedEngine engine = new WatchedEngine(data.engine());
  private final BilevelProblem problem =
      new BilevelProblem(
          data.model(), new ExampleWeights(0), Penalty.fixed(data.model(), 1, false));
  private final BlockOracle oracle = new BlockOracle(problem, engine, "auto", data.train().count());
  private final List<String> events = new ArrayList<>();

  /** Writes down what is asked of it. */
  private final class Noted implements Checkpoints {
    @Override
    public void offer(int iteration, Snapshot state) {
      events.add("offer " + iteration + " of " + state.integer("spent"));
    }

    @Override
    public void end(int iteration, Snapshot state) {
      events.add("end " + iteration + " " + state.in("script").text("status"));
    }

    @Override
    public void cut() {
      events.add("cut");
    }
  }

  /** A letter for each step: next, again at the same iterate, end, fail. */
  private final class Script implements OuterAlgorithm<State> {
    private final String letters;
    private int at;

    Script(String letters) {
      this.letters = letters;
    }

    @Override
    public String name() {
      return "script";
    }

    @Override
    public OuterStep<State> step(BilevelOracle on, State state) {
      events.add("step of " + on.ledger().iteration());
      return switch (letters.charAt(at++)) {
        case 'n' -> OuterStep.to(new State(state.iteration() + 1, evaluate()), FIGURES);
        case 'a' -> OuterStep.within(new State(state.iteration(), evaluate()));
        case 'x' -> OuterStep.end(new State(state.iteration() + 1, evaluate()), Status.NOT_FINITE);
        case 'e' -> OuterStep.end(state, Status.STALLED);
        default -> throw new IllegalStateException("as the script says");
      };
    }

    @Override
    public int spent(State state) {
      return at;
    }

    @Override
    public int budget() {
      return letters.length();
    }

    @Override
    public void save(State state, Snapshot own) {
      // It has no state.
    }

    @Override
    public State restore(int iteration, Evaluation point, Snapshot own) {
      return new State(iteration, point);
    }
  }

  private Evaluation evaluate() {
    return oracle.evaluate(Query.at(new double[data.model().size()], new double[0]));
  }

  private OuterLoop.Result<State> run(String script, Set<Integer> preferred, StoppingRule stop) {
    OuterContext context =
        new OuterContext(
            oracle,
            new NewtonSystem(Curvature.CG, 0, 1),
            record -> events.add("told " + record.iteration()),
            new Noted());
    var loop =
        new OuterLoop<>(
            context,
            new Script(script),
            (State newer) -> preferred.contains(newer.iteration()),
            stop);
    State start = new State(0, evaluate());
    return loop.run(OuterStep.to(start, new IterationRecord.Step(0, 0, 1)));
  }

  private static Status never(List<IterationRecord> history, int chosen) {
    return Status.BUDGET_SPENT;
  }

  @Test
  void offersEachIterateOnceAndHoldsTheChosenOneAlone() {
    var result = run("nnan", Set.of(1), OuterLoopTest::never);
    assertEquals(
        List.of(
            "told 0",
            "offer 0 of 0",
            "step of 1",
            "told 1",
            "offer 1 of 1",
            "step of 2",
            "told 2",
            "offer 2 of 2",
            "step of 3",
            "step of 3",
            "told 3",
            "end 3 BUDGET_SPENT"),
        events);
    assertEquals(1, result.course().bestIteration());
    assertEquals(3, result.last().iteration());
    assertEquals(Status.BUDGET_SPENT, result.course().status());
    IterationRecord last = result.course().history().get(3);
    assertEquals(2, last.step().hypergradientNorm());
    assertEquals(3, last.step().products());
    assertEquals(0.5, last.step().stepLength());
    assertEquals(4, last.spent().evaluations());
    assertEquals(1, engine.held());
    result.best().release();
    assertEquals(0, engine.held());
  }

  @Test
  void chosenIterateThatIsEvaluatedAgainIsTheNewEvaluation() {
    var result = run("na", Set.of(1), OuterLoopTest::never);
    assertSame(result.last().point(), result.best());
    assertEquals(1, engine.held());
    result.best().release();
    assertEquals(0, engine.held());
  }

  @Test
  void endThatIsNotUsableIsNeitherToldNorSaved() {
    var result = run("nx", Set.of(1), OuterLoopTest::never);
    assertEquals(Status.NOT_FINITE, result.course().status());
    assertEquals(1, result.course().bestIteration());
    assertEquals("step of 2", events.get(events.size() - 1));
    assertEquals(2, result.course().history().size());
    assertEquals(1, engine.held());
  }

  @Test
  void stoppingRuleSeesTheHistoryAndTheChoice() {
    List<String> seen = new ArrayList<>();
    var result =
        run(
            "nnnn",
            Set.of(1),
            (history, chosen) -> {
              seen.add(history.size() + " " + chosen);
              return history.size() < 4 ? Status.BUDGET_SPENT : Status.CONVERGED;
            });
    assertEquals(List.of("2 1", "3 1", "4 1"), seen);
    assertEquals(Status.CONVERGED, result.course().status());
    assertEquals("end 3 CONVERGED", events.get(events.size() - 1));
  }

  @Test
  void stepThatEndsTheRunKeepsTheState() {
    var result = run("ne", Set.of(), OuterLoopTest::never);
    assertEquals(Status.STALLED, result.course().status());
    assertEquals(0, result.course().bestIteration());
    assertEquals("end 1 STALLED", events.get(events.size() - 1));
    assertEquals(1, engine.held());
  }

  @Test
  void stepThatThrowsCutsTheCheckpoints() {
    assertThrows(IllegalStateException.class, () -> run("nf", Set.of(1), OuterLoopTest::never));
    assertEquals("cut", events.get(events.size() - 1));
  }
}
