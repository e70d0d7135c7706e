package io.github.sparkbilevel.model;

import java.io.Serializable;

/**
 * How often the labels of a group are right.
 *
 * @param mean the probability that a label is right
 * @param low that probability is below this with probability .025
 * @param high that probability is above this with probability .025
 */
public record Reliability(double mean, double low, double high) implements Serializable {}
