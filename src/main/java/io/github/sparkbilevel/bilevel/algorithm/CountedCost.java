package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.pass.Work;

/**
 * What iterations cost, as the ledger counted it.
 *
 * @param passes passes over the partitions
 * @param gradients gradients in θ, of G or F, full or sampled
 * @param products Hessian products, full or sampled
 * @param rows rows touched
 */
public record CountedCost(int passes, long gradients, long products, long rows) {

  /** Everything booked under the outer iterations so far. */
  static CountedCost outer(PassLedger ledger) {
    Work work = ledger.work(PassLedger.Phase.OUTER);
    return new CountedCost(
        ledger.passes(PassLedger.Phase.OUTER), work.gradients(), work.products(), work.rows());
  }

  /** The difference. */
  CountedCost minus(CountedCost before) {
    return new CountedCost(
        passes - before.passes,
        gradients - before.gradients,
        products - before.products,
        rows - before.rows);
  }
}
