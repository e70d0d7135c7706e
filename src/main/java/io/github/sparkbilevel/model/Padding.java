package io.github.sparkbilevel.model;

/**
 * What a layer does with the steps of a sequence that are padding: where a row has fewer steps than
 * its shape, the others hold nothing.
 */
public enum Padding {
  /** Says which steps of y are padding ({@link Tape#mask}); y is 0 there. A first layer only. */
  TELLS,
  /** Has the steps of x, and no other step of y is made of what x has at padding. */
  KEEPS,
  /** Makes y of all steps but padding. */
  SKIPS,
  /** Takes what x has at padding for numbers like all others. */
  COUNTS
}
