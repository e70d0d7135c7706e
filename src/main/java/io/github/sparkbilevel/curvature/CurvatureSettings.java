package io.github.sparkbilevel.curvature;

/**
 * The settings of curvature methods.
 *
 * @param refresh solves between two computations of what a preconditioner is made of
 * @param sketchColumns columns of the sketch of {@code nystrom-cg}
 * @param factors how Kronecker factors are averaged and damped
 */
public record CurvatureSettings(int refresh, int sketchColumns, KroneckerSettings factors) {}
