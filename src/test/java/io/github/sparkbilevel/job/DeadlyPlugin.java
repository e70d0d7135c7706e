package io.github.sparkbilevel.job;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;

/** Ends every executor that begins a task while there is a file of the name {@link #MARKER}. */
public final class DeadlyPlugin implements SparkPlugin {
  /** The Spark setting with the path of the file. */
  public static final String MARKER = "spark.deadly.marker";

  /** Called by Spark. */
  public DeadlyPlugin() {}

  @Override
  public DriverPlugin driverPlugin() {
    return null;
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new ExecutorPlugin() {
      private Path marker;

      @Override
      public void init(PluginContext context, Map<String, String> extra) {
        marker = Path.of(context.conf().get(MARKER));
      }

      @Override
      public void onTaskStart() {
        if (Files.exists(marker)) {
          Runtime.getRuntime().halt(9);
        }
      }
    };
  }
}
