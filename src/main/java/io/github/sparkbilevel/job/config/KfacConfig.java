package io.github.sparkbilevel.job.config;

/**
 * What Kronecker factors are made of, and how they are used.
 *
 * @param fisher {@code exact}, {@code monte-carlo} or {@code empirical}
 * @param samples labels drawn for each row
 * @param decay share of the old factors in the average
 * @param damping {@code exact} or {@code per-factor}
 * @param sharing {@code expand} or {@code reduce}
 * @param refresh iterations between two computations
 */
public record KfacConfig(
    String fisher, int samples, double decay, String damping, String sharing, int refresh) {}
