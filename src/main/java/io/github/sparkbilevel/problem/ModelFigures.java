package io.github.sparkbilevel.problem;

/** How one model does on the rows that no model is fitted to by its own kind. */
public record ModelFigures(Tally upper, Tally heldOut, Tally test) {}
