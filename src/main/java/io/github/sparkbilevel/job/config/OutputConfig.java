package io.github.sparkbilevel.job.config;

import java.util.Optional;

/**
 * Where the outputs go.
 *
 * @param path a Hadoop path
 * @param format {@code parquet} or {@code csv}
 * @param cleaned what is written of the rows that are kept: {@code rows}, {@code ids} or {@code
 *     none}
 * @param overwrite whether outputs of an earlier job at that path are replaced
 * @param softLabels whether cleaned rows have soft labels
 * @param onnx whether the model is written as an ONNX file too
 * @param weights whether its weights are written in the format safetensors
 * @param refit the rows that a tuned model is fitted on in the end: {@code all} or {@code train}
 * @param sensitivity whether it is found how the validation loss depends on each penalty
 * @param regularizationPath number of models to fit by their penalty; empty for none
 */
public record OutputConfig(
    String path,
    String format,
    String cleaned,
    boolean overwrite,
    boolean softLabels,
    boolean onnx,
    boolean weights,
    String refit,
    boolean sensitivity,
    Optional<Integer> regularizationPath) {}
