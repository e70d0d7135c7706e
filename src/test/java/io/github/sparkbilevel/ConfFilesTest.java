package io.github.sparkbilevel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.internal.config.ConfigEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The files of conf/, which people edit before they use them: they must be whole to begin with. */
class ConfFilesTest {
  private static final Path CONF = Script.ROOT.resolve("conf");

  /** Of the keys that modules know which are not on the class path, those that Spark documents. */
  private static final Set<String> OF_OTHER_MODULES =
      Set.of(
          "spark.yarn.queue",
          "spark.yarn.maxAppAttempts",
          "spark.kubernetes.namespace",
          "spark.kubernetes.container.image",
          "spark.kubernetes.authenticate.driver.serviceAccountName",
          "spark.kubernetes.driver.podTemplateFile",
          "spark.kubernetes.executor.podTemplateFile",
          "spark.kubernetes.driver.podTemplateContainerName",
          "spark.kubernetes.executor.podTemplateContainerName",
          "spark.kubernetes.submission.waitAppCompletion");

  /** Settings of Spark's own that it does not keep as entries. */
  private static final Set<String> NAMELESS =
      Set.of(
          "spark.master",
          "spark.app.name",
          "spark.driver.defaultJavaOptions",
          "spark.executor.defaultJavaOptions");

  /** Keys that hold a name of the user's or of a resource. */
  private static final Pattern WITH_A_NAME =
      Pattern.compile(
          "spark\\.(executorEnv|yarn\\.appMasterEnv|kubernetes\\.driverEnv)\\.[A-Z_]+"
              + "|spark\\.executor\\.resource\\.gpu\\.(amount|vendor|discoveryScript)"
              + "|spark\\.task\\.resource\\.gpu\\.amount");

  /** The settings of a file, those that are commented out too. */
  private static Properties settings(Path file) throws IOException {
    List<String> lines =
        Files.readAllLines(file).stream()
            .map(line -> line.replaceFirst("^# (?=spark\\.)", ""))
            .toList();
    Properties properties = new Properties();
    try (BufferedReader reader =
        new BufferedReader(new java.io.StringReader(String.join("\n", lines)))) {
      properties.load(reader);
    }
    return properties;
  }

  @ParameterizedTest
  @ValueSource(strings = {"yarn.conf", "kubernetes/spark.conf"})
  void everySettingIsOneOfSparks(String name) throws IOException {
    assertNotNull(org.apache.spark.internal.config.package$.MODULE$);
    Properties settings = settings(CONF.resolve(name));
    assertTrue(settings.size() > 10, settings::toString);
    for (String key : settings.stringPropertyNames()) {
      ConfigEntry<?> entry = ConfigEntry.findEntry(key);
      if (entry == null) {
        assertTrue(
            OF_OTHER_MODULES.contains(key)
                || WITH_A_NAME.matcher(key).matches()
                || NAMELESS.contains(key),
            "no setting of Spark: " + key);
      } else {
        // Throws where the value is none of this setting.
        assertNotNull(new SparkConf(false).set(key, settings.getProperty(key)).get(entry), key);
      }
    }
  }

  @Test
  void everySinkOfTheMetricsIsOneOfSparks() throws Exception {
    Properties sinks = new Properties();
    try (BufferedReader reader =
        Files.newBufferedReader(CONF.resolve("metrics.properties.template"))) {
      sinks.load(reader);
    }
    for (String key : sinks.stringPropertyNames()) {
      assertTrue(key.startsWith("driver.sink."), key);
      if (key.endsWith(".class")) {
        assertNotNull(Class.forName(sinks.getProperty(key)), key);
      }
    }
  }

  @Test
  void gpusAreAskedForByAllSettingsTogether() throws IOException {
    for (String name : List.of("yarn.conf", "kubernetes/spark.conf")) {
      Set<String> gpu =
          settings(CONF.resolve(name)).stringPropertyNames().stream()
              .filter(key -> key.contains(".gpu."))
              .filter(key -> !key.endsWith(".vendor"))
              .collect(Collectors.toCollection(TreeSet::new));
      assertEquals(
          Set.of(
              "spark.executor.resource.gpu.amount",
              "spark.executor.resource.gpu.discoveryScript",
              "spark.task.resource.gpu.amount"),
          gpu);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"driver", "executor"})
  void podsHaveTheContainerThatSparkCompletes(String role) throws IOException {
    Object pod;
    try (BufferedReader reader =
        Files.newBufferedReader(CONF.resolve("kubernetes/" + role + "-pod.yaml"))) {
      pod = new Yaml(new SafeConstructor(new LoaderOptions())).load(reader);
    }
    assertEquals("v1", at(pod, "apiVersion"));
    assertEquals("Pod", at(pod, "kind"));
    assertEquals(role, at(pod, "metadata", "labels", "role"));
    List<?> containers = assertInstanceOf(List.class, at(pod, "spec", "containers"));
    assertEquals(1, containers.size());
    Properties settings = settings(CONF.resolve("kubernetes/spark.conf"));
    assertEquals(
        settings.getProperty("spark.kubernetes." + role + ".podTemplateContainerName"),
        at(containers.get(0), "name"));
    List<?> mounts = assertInstanceOf(List.class, at(containers.get(0), "volumeMounts"));
    List<?> volumes = assertInstanceOf(List.class, at(pod, "spec", "volumes"));
    assertEquals(at(volumes.get(0), "name"), at(mounts.get(0), "name"));
    Path template =
        Script.ROOT.resolve(settings.getProperty("spark.kubernetes." + role + ".podTemplateFile"));
    assertTrue(Files.exists(template), template::toString);
  }

  private static Object at(Object node, String... keys) {
    Object here = node;
    for (String key : keys) {
      here = assertInstanceOf(Map.class, here, key).get(key);
    }
    return here;
  }

  @Test
  void theImageCopiesWhatThereIs() throws IOException {
    List<String> copied =
        Files.readAllLines(CONF.resolve("kubernetes/Containerfile")).stream()
            .filter(line -> line.startsWith("COPY "))
            .map(line -> line.split(" ")[1])
            .toList();
    String pom = Files.readString(Script.ROOT.resolve("pom.xml"));
    String version = pom.replaceFirst("(?s).*?<version>([^<]+)</version>.*", "$1");
    assertTrue(copied.contains("target/spark-bilevel-" + version + ".jar"), copied::toString);
    for (String file : copied) {
      assertTrue(file.startsWith("target/") || Files.exists(Script.ROOT.resolve(file)), file);
    }
  }

  @Test
  void noFileNamesAFolderOfOneMachine() throws IOException {
    Pattern home = Pattern.compile("(^|[^A-Za-z0-9_.])/(home|root|Users|work/[a-z]+/)");
    try (Stream<Path> files = Files.walk(CONF)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertFalse(home.matcher(Files.readString(file)).find(), file::toString);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpu-discovery.sh", "standalone/cluster.sh"})
  void scriptsAreExecutable(String name) {
    assertTrue(Files.isExecutable(CONF.resolve(name)));
  }
}
