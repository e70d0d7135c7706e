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
  private static final Pattern USER = Pattern.compile("^https?://[^/]*@");

  /**
   * Checks both.
   *
   * @throws IllegalArgumentException for an address that is none or has a password in it, or no
   *     name
   */
  public MlflowServer {
    if (!ADDRESS.matcher(uri).matches()) {
      throw new IllegalArgumentException(
          "uri = %s is no address of an MLflow server; try http://localhost:5000".formatted(uri));
    }
    if (USER.matcher(uri).find()) {
      throw new IllegalArgumentException(
          "uri has a user or a password in it, which MLflow does not read there; try"
              + " MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD in the environment");
    }
    if (experiment.isBlank()) {
      throw new IllegalArgumentException("experiment is empty; expected a name, try spark-bilevel");
    }
  }
}
