package io.github.sparkbilevel.job.tune;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.ml.TuningRun;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.problem.fit.LabelTally;
import io.github.sparkbilevel.problem.pass.PassLedger.Phase;
import io.github.sparkbilevel.settings.Keys;
import java.util.List;
import java.util.Optional;

/** The figures of each label where a row has several. */
final class LabelFigures {
  private LabelFigures() {}

  /**
   * Those of the saved model; of validation rows before it was fitted on them too, where there is
   * such a model. Costs 1 pass.
   */
  static Optional<ArrayNode> of(TuningRun run, String backend) {
    List<String> names = run.data().tables().labelColumns();
    if (names.isEmpty()) {
      return Optional.empty();
    }
    run.engine().ledger().enter(Phase.EVALUATION);
    List<List<LabelTally>> tallies =
        LabelTally.of(
            BlockKernel.of(run.problem().model(), backend),
            run.selected().solution().theta(),
            run.model().theta(),
            run.engine());
    ArrayNode figures = Json.array();
    for (int k = 0; k < names.size(); k++) {
      LabelTally validation = tallies.get(0).get(k);
      LabelTally test = tallies.get(1).get(k);
      ObjectNode label = figures.addObject().put("name", names.get(k));
      label
          .put("ones", test.ones())
          .put("testAccuracy", test.accuracy())
          .put("testLoss", test.loss());
      // What folds chose was fitted on all rows.
      if (!Keys.BY_FOLDS.contains(run.selected().name())) {
        label
            .put("validationAccuracy", validation.accuracy())
            .put("validationLoss", validation.loss());
      }
    }
    return Optional.of(figures);
  }
}
