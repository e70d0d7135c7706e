package io.github.sparkbilevel.ml.tracking;

import java.util.regex.Pattern;

/**
 * Where runs are told of.
 *
 * @param uri the address of an MLflow tracking server, as in {@code http://host:5000}, or {@code
 *     databricks}; user and password come from the environment variables of MLflow
 * @param experiment the name of the experiment that its runs are put in; made if it is not there
 */
public record MlflowServer(String uri, String experiment) {
  private static final Pattern ADDRESS = Pattern.compile("https?://[^\\s]+|databricks(://.*)?");

  /**
   * Checks both.
   *
   * @throws IllegalArgumentException for an address that is none, or no name
   */
  public MlflowServer {
    if (!ADDRESS.matcher(uri).matches()) {
      throw new IllegalArgumentException(
          "uri = %s is no address of an MLflow server; try http://localhost:5000".formatted(uri));
    }
    if (experiment.isBlank()) {
      throw new IllegalArgumentException("experiment is empty; expected a name, try spark-bilevel");
    }
  }
}
