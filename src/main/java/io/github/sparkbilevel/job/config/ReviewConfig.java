package io.github.sparkbilevel.job.config;

/**
 * What a person is asked to check.
 *
 * @param rows how many training rows; none where it is 0
 */
public record ReviewConfig(int rows) {}
