package io.github.sparkbilevel.job.config;

import java.util.Optional;

/**
 * When and where the state of the iteration is kept.
 *
 * @param path a Hadoop path; empty for no checkpoints
 * @param interval iterations from one checkpoint to the next
 * @param resume whether to go on from the last checkpoint
 */
public record CheckpointConfig(Optional<String> path, int interval, boolean resume) {}
