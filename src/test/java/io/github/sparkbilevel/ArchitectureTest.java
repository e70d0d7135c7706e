package io.github.sparkbilevel;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.onlyDependOnClassesThat;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.members;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apiguardian.api.API;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The shape of the code: which package may use which, and that no test is switched off. */
class ArchitectureTest {
  private static final String ROOT = "io.github.sparkbilevel";

  /**
   * Each package and the packages it may use directly. What those use it may use too: an algorithm
   * that holds a problem may hold the problem's blocks.
   */
  private static final Map<String, List<String>> MAY_USE =
      Map.ofEntries(
          Map.entry("linalg", List.of()),
          Map.entry("block", List.of("linalg")),
          Map.entry("backend", List.of("linalg", "block")),
          Map.entry("model", List.of("linalg", "block", "backend")),
          Map.entry("problem", List.of("model", "block", "linalg")),
          Map.entry("solve", List.of("linalg")),
          Map.entry("curvature", List.of("problem", "solve")),
          Map.entry("bilevel", List.of("problem", "solve", "curvature")),
          Map.entry("spark", List.of("problem", "block", "backend", "model")),
          Map.entry("data", List.of("block")),
          Map.entry("settings", List.of("data", "problem")),
          Map.entry("ml", List.of("bilevel", "spark", "settings")),
          Map.entry("job", List.of("ml", "bilevel")),
          Map.entry("examples", List.of("ml", "data")));

  /** The rooms of large packages: each may use those before it, and not those behind it. */
  private static final List<List<String>> ROOMS =
      List.of(
          List.of(
              "problem",
              "problem.snapshot",
              "problem.pass",
              "problem.sampling",
              "problem.training",
              "problem.oracle",
              "problem.fit"),
          List.of(
              "spark.transfer",
              "spark.rows",
              "spark.gpu",
              "spark.event",
              "spark",
              "spark.checkpoint",
              "spark.score"),
          List.of("ml.score", "ml.param", "ml.prepare", "ml", "ml.arena"),
          List.of("job.config", "job.output", "job.report", "job.run", "job.clean", "job"),
          List.of("job.run", "job.tune", "job"),
          List.of("job.run", "job.compare", "job"));

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  private static final JavaClasses TESTS =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.ONLY_INCLUDE_TESTS)
          .importPackages(ROOT);

  static Stream<String> packages() {
    return MAY_USE.keySet().stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("packages")
  void dependsOnlyDownward(String name) {
    Set<String> allowed = new TreeSet<>(Set.of(name));
    collectBelow(name, allowed);
    String[] patterns = allowed.stream().map(ArchitectureTest::in).toArray(String[]::new);
    check(
        classes()
            .that(resideInAnyPackage(in(name)))
            .should(
                onlyDependOnClassesThat(
                    resideInAnyPackage(patterns)
                        .or(DescribedPredicate.not(resideInAnyPackage(ROOT + "..")))))
            .as(name + " uses, of this project, only " + allowed));
  }

  @Test
  void roomsUseThoseBelow() {
    for (List<String> rooms : ROOMS) {
      for (int i = 0; i < rooms.size(); i++) {
        String[] above =
            rooms.subList(i + 1, rooms.size()).stream()
                .map(name -> ROOT + "." + name)
                .toArray(String[]::new);
        if (above.length > 0) {
          check(
              noClasses()
                  .that()
                  .resideInAPackage(ROOT + "." + rooms.get(i))
                  .should()
                  .dependOnClassesThat()
                  .resideInAnyPackage(above));
        }
      }
    }
    SlicesRuleDefinition.slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(MAIN);
  }

  /** A user knows by its package whether a class is for him, and how long it stays. */
  @Test
  void everyPackageSaysHowStableItIs() {
    Set<String> silent = new TreeSet<>();
    MAIN.stream()
        .map(JavaClass::getPackage)
        .filter(room -> room.tryGetAnnotationOfType(API.class).isEmpty())
        .forEach(room -> silent.add(room.getName()));
    assertEquals(Set.of(), silent);
  }

  @Test
  void everyClassHasALayer() {
    String[] patterns = MAY_USE.keySet().stream().map(ArchitectureTest::in).toArray(String[]::new);
    check(classes().should().resideInAnyPackage(patterns));
  }

  @Test
  void sparkStaysInItsPackages() {
    check(
        noClasses()
            .that(outside("spark", "data", "ml", "job", "examples"))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.spark.."));
  }

  @Test
  void nd4jStaysInItsPackage() {
    check(
        noClasses()
            .that(outside("backend.nd4j"))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.nd4j.."));
    check(
        noClasses()
            .that(outside("backend"))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.bytedeco.."));
    check(
        noClasses()
            .that(outside("backend"))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.sun.jna.."));
  }

  @Test
  void mlflowStaysInItsPackage() {
    check(
        noClasses()
            .that(outside("ml.tracking"))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.mlflow.."));
  }

  /** What passes and their results travel in is Spark's own traffic; no file is read so. */
  @Test
  void noFileIsDeserialised() {
    check(
        noClasses()
            .that(
                describe(
                    "are not what passes travel in",
                    c -> !c.getName().startsWith(ROOT + ".spark.transfer.Shipped")))
            .should()
            .callConstructorWhere(
                describe(
                    "of a stream that makes objects",
                    call ->
                        call.getTargetOwner().isAssignableTo(java.io.ObjectInputStream.class)
                            || call.getTargetOwner().isAssignableTo(java.beans.XMLDecoder.class))));
    check(
        noClasses()
            .should()
            .callMethodWhere(
                describe(
                    "of Spark that reads objects from files",
                    call ->
                        call.getTargetOwner().getName().startsWith("org.apache.spark.")
                            && call.getName().equals("objectFile"))));
  }

  @Test
  void commandLineAndJobFilesStayInJob() {
    check(
        noClasses()
            .that(outside("job", "examples"))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("picocli.."));
    check(
        noClasses()
            .that(outside("job"))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.typesafe.config.."));
  }

  @Test
  void noBreezeOrScalaInPublicSignatures() {
    check(
        members()
            .that(
                describe(
                    "are public or protected, in a public class, and written by hand",
                    ArchitectureTest::isFace))
            .should(haveNoTypeFrom("scala", "breeze")));
  }

  @Test
  void noTestIsSwitchedOff() {
    DescribedPredicate<JavaClass> switches =
        describe(
            "a switch that turns tests off",
            c ->
                c.getPackageName().equals("org.junit.jupiter.api.condition")
                    || c.getName().equals("org.junit.jupiter.api.Disabled")
                    || c.getName().equals("org.junit.jupiter.api.Assumptions")
                    || c.getName().equals("net.jqwik.api.Disabled"));
    noClasses().should().dependOnClassesThat(switches).check(TESTS);
  }

  private static void collectBelow(String name, Set<String> below) {
    for (String used : MAY_USE.get(name)) {
      below.add(used);
      collectBelow(used, below);
    }
  }

  private static String in(String name) {
    return ROOT + "." + name + "..";
  }

  private static DescribedPredicate<JavaClass> outside(String... names) {
    return DescribedPredicate.not(
        resideInAnyPackage(Stream.of(names).map(ArchitectureTest::in).toArray(String[]::new)));
  }

  /** A layer that has no classes yet breaks no rule. */
  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(MAIN);
  }

  private static boolean isFace(JavaMember member) {
    return reachable(member.getModifiers())
        && !member.getModifiers().contains(JavaModifier.SYNTHETIC)
        && !member.getModifiers().contains(JavaModifier.BRIDGE)
        && isFace(member.getOwner());
  }

  private static boolean isFace(JavaClass owner) {
    return reachable(owner.getModifiers())
        && owner.getEnclosingClass().map(ArchitectureTest::isFace).orElse(true);
  }

  private static boolean reachable(Set<JavaModifier> modifiers) {
    return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
  }

  private static ArchCondition<JavaMember> haveNoTypeFrom(String... packages) {
    return new ArchCondition<>("have no type from " + String.join(" or ", packages)) {
      @Override
      public void check(JavaMember member, ConditionEvents events) {
        for (JavaType type : signature(member)) {
          for (JavaClass involved : type.getAllInvolvedRawTypes()) {
            if (resideIn(involved.getBaseComponentType().getPackageName(), packages)) {
              events.add(
                  SimpleConditionEvent.violated(
                      member, member.getDescription() + " has " + involved.getName()));
            }
          }
        }
      }
    };
  }

  private static List<JavaType> signature(JavaMember member) {
    if (member instanceof JavaField field) {
      return List.of(field.getType());
    }
    JavaCodeUnit unit = (JavaCodeUnit) member;
    return Stream.concat(unit.getParameterTypes().stream(), Stream.of(unit.getReturnType()))
        .toList();
  }

  private static boolean resideIn(String name, String... packages) {
    return Stream.of(packages).anyMatch(p -> name.equals(p) || name.startsWith(p + "."));
  }
}
