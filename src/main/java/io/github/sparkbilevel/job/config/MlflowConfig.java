package io.github.sparkbilevel.job.config;

import io.github.sparkbilevel.ml.tracking.MlflowServer;
import java.util.Optional;

/**
 * What is told of the run, and to whom.
 *
 * @param server an MLflow tracking server; empty for none
 */
public record MlflowConfig(Optional<MlflowServer> server) {}
