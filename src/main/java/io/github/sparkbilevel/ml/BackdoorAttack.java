package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.CleaningResult;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.problem.fit.Comparisons;
import io.github.sparkbilevel.problem.fit.ModelFigures;
import io.github.sparkbilevel.spark.SparkEngine;
import io.github.sparkbilevel.spark.rows.PartitionedData;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Attacks finished models by the backdoor that was put into their training rows. */
final class BackdoorAttack {
  private BackdoorAttack() {}

  /**
   * The share of the test rows of other classes that a model takes for the target once they carry
   * the trigger, by their base weights. Costs a scan of the test rows and a pass over those, which
   * the ledger of the run does not count.
   *
   * @return by the names of the models; empty where there is no backdoor or no such row
   */
  static Map<String, Double> success(PreparedData data, CleaningPlan plan, CleaningResult result) {
    Optional<PartitionedData> attacked = data.attacked();
    if (attacked.isEmpty()) {
      return Map.of();
    }
    try (PartitionedData blocks = attacked.get();
        SparkEngine engine = CleaningRun.engine(data, blocks, plan)) {
      BlockKernel kernel =
          BlockKernel.of(plan.settings().problem().model(), plan.settings().backend());
      List<double[]> models = new ArrayList<>();
      result.models().values().forEach(model -> models.add(model.theta()));
      List<ModelFigures> figures = new Comparisons(kernel, engine).figures(models);
      Map<String, Double> success = new LinkedHashMap<>();
      for (String name : result.models().keySet()) {
        success.put(name, figures.get(success.size()).test().accuracy());
      }
      return success;
    }
  }
}
