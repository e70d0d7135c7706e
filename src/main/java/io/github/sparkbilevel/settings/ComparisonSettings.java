package io.github.sparkbilevel.settings;

import static io.github.sparkbilevel.settings.Keys.ARENA;
import static io.github.sparkbilevel.settings.Keys.BENCHMARK;
import static io.github.sparkbilevel.settings.Keys.HYPERGRADIENT;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What the jobs compare that are about methods: hypergradient, benchmark and arena. */
public final class ComparisonSettings {
  private static final Group GRAD = new Group("hypergradient.", HYPERGRADIENT);
  private static final Group RACE = new Group("benchmark.", BENCHMARK);
  private static final Group CELL = new Group("arena.", ARENA);

  public static final Setting<List<String>> METHODS =
      GRAD.key(
              "methods",
              Types.name(
                      Stream.concat(Keys.CURVATURES.stream(), Keys.MORE_CURVATURES.stream())
                          .toList())
                  .nonEmptyList(),
              "[exact, cg]")
          .text("How to solve for the adjoint; the first is written out, the others compared");

  public static final Setting<Double> TOLERANCE =
      GRAD.key("tolerance", Types.positive(), "1e-10")
          .text("The lower level is solved until no entry of its gradient is larger");

  public static final Setting<Integer> MOST_PRODUCTS =
      GRAD.key("mostProducts", Types.integer(1), "2000")
          .unit("passes")
          .text("The most Hessian products that a method takes for the adjoint");

  public static final Setting<List<Integer>> PRODUCTS =
      GRAD.key("products", Types.integer(1).list(), "[]")
          .unit("passes")
          .text(
              "Hessian products after which the error of each method is measured as well, as in"
                  + " [1, 3, 5, 10]");

  public static final Setting<String> HESSIAN =
      GRAD.key("hessian", Types.name("exact", "gauss-newton"), "exact")
          .text(
              "What stands for the Hessian of a network; gauss-newton has no negative curvature, and"
                  + " is what cleaning uses");

  public static final Setting<String> PRECISION =
      GRAD.key("precision", Types.name("double", "single"), "double")
          .text("The precision of the features and of the products over them");

  public static final Setting<List<String>> RUNS =
      RACE.key("runs", Types.string().nonEmptyList(), "[lbfgs, nbo, nbo-gd, soba, saba, amigo]")
          .text(
              "The algorithms to compare, each with options of its own, as in \"amigo T=20 Q=20\":"
                  + " T steps on θ, or products of nbo; Q steps for the linear system; share of the"
                  + " rows in a draw; local iterations in a pass; step of λ; points of grid and"
                  + " random");

  public static final Setting<Integer> REPETITIONS =
      RACE.key("repetitions", Types.integer(1), "3")
          .text("Runs of each algorithm, with seeds that follow one another");

  public static final Setting<Integer> ITERATIONS =
      RACE.key("iterations", Types.integer(1), "100000")
          .unit("iterations")
          .text("The most outer iterations of a run; evaluations of Φ by lbfgs");

  public static final Setting<Double> SECONDS =
      RACE.key("seconds", Types.positive(), "20")
          .unit("seconds")
          .text(
              "A run ends when its own clock has reached this; evaluations of Φ are outside it, and"
                  + " grid and random try all their points");

  public static final Setting<List<Double>> TARGETS =
      RACE.key("targets", Types.number().list(), "[]")
          .text("Values of Φ whose first reaching is reported; a run ends at the least of them");

  public static final Setting<List<String>> SCALING =
      RACE.key("scaling", Types.name("rows", "partitions", "cores").list(), "[]")
          .text(
              "What to vary in measuring the job clean on made-up rows, in place of comparing"
                  + " algorithms, for an estimate of its seconds on a cluster; [] compares"
                  + " algorithms");

  public static final Setting<Integer> MADE_ROWS =
      RACE.key("made.rows", Types.integer(1000), "1000000")
          .unit("rows")
          .text("The most rows that {benchmark.scaling} makes up");

  public static final Setting<Integer> MADE_FEATURES =
      RACE.key("made.features", Types.integer(1), "20").unit("columns").text("Their features");

  public static final Setting<Integer> MADE_CLASSES =
      RACE.key("made.classes", Types.integer(2), "5").unit("classes").text("Their classes");

  public static final Setting<Long> CLUSTER_ROWS =
      RACE.key("cluster.rows", Types.longInteger(1), "1e9")
          .unit("rows")
          .text("The rows that {benchmark.scaling} estimates the seconds for");

  public static final Setting<Optional<Integer>> CLUSTER_FEATURES =
      RACE.key("cluster.features", Types.integer(1).orNone(), "auto")
          .unit("columns")
          .word("auto", use -> Optional.empty())
          .text("Their features; auto has as many as {benchmark.made.features}");

  public static final Setting<Optional<Integer>> CLUSTER_CLASSES =
      RACE.key("cluster.classes", Types.integer(2).orNone(), "auto")
          .unit("classes")
          .word("auto", use -> Optional.empty())
          .text("Their classes; auto has as many as {benchmark.made.classes}");

  public static final Setting<List<Integer>> CLUSTER_EXECUTORS =
      RACE.key("cluster.executors", Types.integer(1).nonEmptyList(), "[10, 100]")
          .unit("executors")
          .text("The clusters of the estimate: executors, each on a machine of its own");

  public static final Setting<Integer> CLUSTER_CORES =
      RACE.key("cluster.coresPerExecutor", Types.integer(1), "4")
          .unit("cores")
          .text("The cores of each of these executors, as fast as those of the measurement");

  public static final Setting<Optional<Integer>> CLUSTER_PARTITIONS =
      RACE.key("cluster.partitions", Types.integer(1).orNone(), "auto")
          .unit("partitions")
          .word("auto", use -> Optional.empty())
          .text("The partitions of the rows, as in {data.partitions}");

  public static final Setting<Double> CLUSTER_NETWORK =
      RACE.key("cluster.networkMbps", Types.positive(), "10000")
          .unit("megabits per second")
          .text("What each of these machines, and that of the driver, sends and receives");

  public static final Setting<List<Map<String, Object>>> DATA =
      CELL.key("data", Types.groups(), "[]")
          .text(
              "The data sets: groups of the keys of data, as in [{ name = digits, train { path ="
                  + " \"a.csv\" } }], that go before those given under data; [] is the one under"
                  + " data alone");

  public static final Setting<List<String>> CORRUPTIONS =
      CELL.key(
              "corruptions",
              Types.name(Keys.DETECTABLE_CORRUPTIONS).nonEmptyList(),
              "[" + String.join(", ", Keys.LABEL_CORRUPTIONS) + "]")
          .text("The ways to spoil labels, as in {data.corrupt.kind}");

  public static final Setting<List<Long>> TRUSTED =
      CELL.key("trusted", Types.longInteger(0).nonEmptyList(), "[0, 30, 100, 300, 1000]")
          .unit("rows")
          .text(
              "How many trusted rows are drawn from the training rows, before labels are spoiled; with"
                  + " 0 the methods that need some are left out");

  public static final Setting<Integer> CELL_REPETITIONS =
      CELL.key("repetitions", Types.integer(1), "5")
          .text(
              "How often each cell is drawn, with seeds that follow one another; tables show means,"
                  + " arena.csv every draw");

  /** The share of the labels that a corruption draws; by-group has its own. */
  public static final Map<String, Setting<Double>> FRACTIONS = fractions();

  private static Map<String, Setting<Double>> fractions() {
    Map<String, Setting<Double>> fractions = new LinkedHashMap<>();
    String[] corruptions = {
      "uniform", "next-class", "class-dependent", "weak-labeller", "backdoor"
    };
    String[] shares = {"0.5", "0.4", "0.4", "0.6", "0.05"};
    for (int i = 0; i < shares.length; i++) {
      fractions.put(
          corruptions[i],
          CELL.key("fraction." + corruptions[i], Types.between(0, 1), shares[i])
              .unit("share of the rows")
              .text("The share of the labels that " + corruptions[i] + " draws"));
    }
    return fractions;
  }

  /** What is read where the job benchmark measures {@link #SCALING}, of its own keys. */
  public static boolean isOfScaling(Setting<?> setting) {
    return setting.path().matches("benchmark[.](scaling|(made|cluster)[.].*)");
  }

  static List<Setting<?>> all() {
    return Stream.of(GRAD, RACE, CELL).flatMap(group -> group.all().stream()).toList();
  }

  private ComparisonSettings() {}
}
