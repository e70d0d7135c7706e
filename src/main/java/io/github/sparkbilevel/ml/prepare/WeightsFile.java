package io.github.sparkbilevel.ml.prepare;

import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.data.Names;
import io.github.sparkbilevel.data.Safetensors;
import io.github.sparkbilevel.model.Network;
import io.github.sparkbilevel.model.ParameterTensor;
import io.github.sparkbilevel.model.Start;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;

/**
 * Weights from outside for some layers of a network.
 *
 * @param path a file in the format safetensors; empty for none
 * @param names what the tensors of a layer are called in the file, by {@link
 *     ParameterTensor#layerName}, without {@code .weight} and {@code .bias}; several that stand one
 *     below the other make up one. Empty for all layers that the file has by the names of layers
 * @param frozen how many of the first layers stay as they are
 */
public record WeightsFile(Optional<String> path, Map<String, List<String>> names, int frozen) {

  /**
   * The same network with what the file has to start from.
   *
   * @throws IllegalArgumentException for a layer that the network has not
   * @throws DataException where the file lacks a tensor, or has one of another shape
   */
  Network into(Network network, Configuration conf) {
    if (path.isEmpty()) {
      return network;
    }
    List<ParameterTensor> tensors = network.layer().tensors();
    try (Safetensors file = Safetensors.open(path.get(), conf)) {
      Map<String, List<String>> sources = sources(tensors, file);
      List<Start.Given> given = new ArrayList<>();
      for (ParameterTensor tensor : tensors) {
        if (sources.containsKey(tensor.layerName())) {
          given.add(given(tensor, sources.get(tensor.layerName()), file));
        }
      }
      return network.with(new Start(given));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The names in the file for each layer that takes its weights from there. */
  private Map<String, List<String>> sources(List<ParameterTensor> tensors, Safetensors file) {
    List<String> layers = tensors.stream().map(ParameterTensor::layerName).distinct().toList();
    for (String layer : names.keySet()) {
      if (!layers.contains(layer)) {
        throw new IllegalArgumentException(
            "got the weights of %s, expected some of %s; layers without weights are not counted"
                .formatted(Names.quote(layer), String.join(", ", layers)));
      }
    }
    if (!names.isEmpty()) {
      return names;
    }
    Map<String, List<String>> sources = new HashMap<>();
    for (ParameterTensor tensor : tensors) {
      if (file.names().contains(tensor.name())) {
        sources.put(tensor.layerName(), List.of(tensor.layerName()));
      }
    }
    if (sources.isEmpty()) {
      throw new DataException(
          "the file %s has the tensors %s, expected %s; say by model.weightNames what layers take"
              .formatted(
                  path.get(),
                  Names.shortList(file.names()),
                  Names.shortList(tensors.stream().map(ParameterTensor::name).toList())));
    }
    return sources;
  }

  private Start.Given given(ParameterTensor tensor, List<String> prefixes, Safetensors file) {
    List<String> parts = prefixes.stream().map(prefix -> prefix + "." + tensor.kind()).toList();
    for (String part : parts) {
      if (!file.names().contains(part)) {
        throw new DataException(
            "the file %s has no tensor %s, expected one for %s; it has %s, so try model.weightNames"
                .formatted(
                    path.get(), Names.quote(part), tensor.name(), Names.shortList(file.names())));
      }
    }
    requireShape(tensor, parts, file);
    double[] numbers = new double[tensor.size()];
    int at = 0;
    for (String part : parts) {
      double[] some = file.numbers(part);
      System.arraycopy(some, 0, numbers, at, some.length);
      at += some.length;
    }
    return new Start.Given(tensor, numbers);
  }

  private void requireShape(ParameterTensor tensor, List<String> parts, Safetensors file) {
    List<List<Integer>> shapes = parts.stream().map(file::shape).toList();
    boolean fit =
        shapes.stream()
            .allMatch(shape -> !shape.isEmpty() && inputs(shape).equals(inputs(tensor.shape())));
    long outputs = fit ? shapes.stream().mapToLong(shape -> shape.get(0)).sum() : -1;
    if (outputs != tensor.shape().get(0)) {
      throw new DataException(
          "the file %s has the shape %s of %s, expected %s for %s; try other layers, or leave it out of model.weightNames"
              .formatted(
                  path.get(),
                  shapes.stream().map(List::toString).collect(Collectors.joining(" and ")),
                  parts.stream().map(Names::quote).collect(Collectors.joining(" and ")),
                  tensor.shape(),
                  tensor.name()));
    }
  }

  /** The extents behind the outputs; a window of one pixel is none. */
  private static List<Integer> inputs(List<Integer> shape) {
    return shape.subList(1, shape.size()).stream().filter(extent -> extent != 1).toList();
  }

  /** Throws unless all of the first layers that have weights take them from the file. */
  void requireFrozen(Network network, int parameters) {
    Set<String> taken =
        network.start().given().stream()
            .map(given -> given.tensor().layerName())
            .collect(Collectors.toSet());
    for (ParameterTensor tensor : network.layer().tensors()) {
      if (tensor.at() < parameters && !taken.contains(tensor.layerName())) {
        throw new IllegalArgumentException(
            "model.frozen = %d freezes %s, which %s gives no weights; expected weights for it, try model.weightNames"
                .formatted(frozen, tensor.layerName(), path.orElse("no file")));
      }
    }
  }
}
