package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.problem.oracle.Tally;

/** How one model does on the rows that no model is fitted to by its own kind. */
public record ModelFigures(Tally upper, Tally heldOut, Tally test) {}
