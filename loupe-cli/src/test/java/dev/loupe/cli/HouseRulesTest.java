package dev.loupe.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules of the house that a machine can check, each with its reason, over all modules. */
final class HouseRulesTest {
  /** The packages of core, bottom up: each uses only those before it. */
  private static final List<String> CORE =
      List.of(
          "tensor",
          "kernel",
          "files",
          "database",
          "safetensors",
          "text",
          "model",
          "activation",
          "dictionary",
          "train",
          "evaluate");

  private static final List<String> EXPLORE =
      List.of(
          "store",
          "analyze",
          "exchange",
          "notes",
          "search",
          "inference",
          "judge",
          "interpret",
          "geometry",
          "probing",
          "figure",
          "report");

  private static final List<String> ORDER =
      Stream.of(CORE, EXPLORE, List.of("web", "cli", "cluster")).flatMap(List::stream).toList();

  private static final String SPARK = "the work of one machine neither needs nor carries it";

  private static final ArchRule NO_CYCLES =
      slices()
          .matching("dev.loupe.(*)..")
          .should()
          .beFreeOfCycles()
          .because("packages that need each other are one package");

  private static final ArchRule NAMES =
      noClasses()
          .should()
          .haveNameMatching(".*(Impl|Utils?|Helper|Manager)(\\$.*)?")
          .because("a class is named by what it is, an implementation by what differs");

  private static final ArchRule NULL_MARKED =
      classes().should(beInNullMarkedPackage()).because("null never crosses a package's edge");

  private static final ArchRule NO_BARE_EXCEPTION =
      noClasses()
          .should()
          .callConstructorWhere(makesBareRuntimeException())
          .because("a caller must be able to tell one failure from another");

  private static final ArchRule NO_EXIT =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("dev.loupe.cli.Loupe")
          .should()
          .callMethod(System.class, "exit", int.class)
          .orShould()
          .callMethod(Runtime.class, "exit", int.class)
          .orShould()
          .callMethod(Runtime.class, "halt", int.class)
          .because("a program that embeds Loupe must not be ended by it");

  private static final JavaClasses HOUSE =
      new ClassFileImporter()
          .withImportOption(location -> !isTest(location))
          .importPackages("dev.loupe");

  private static final JavaClasses FIXTURES =
      new ClassFileImporter().importPackages("dev.loupe.tensor.fixture", "dev.loupe.train.fixture");

  static Stream<ArchRule> rules() {
    return Stream.of(
            onlyPlaces(),
            packageOrder(),
            Stream.of(NO_CYCLES, NAMES, NULL_MARKED, NO_BARE_EXCEPTION, NO_EXIT))
        .flatMap(rules -> rules);
  }

  static Stream<ArchRule> rulesThatTheFixturesBreak() {
    return Stream.of(
        onlyIn("java.sql..", "reason", "store"),
        usesNone("tensor", List.of("train"), "reason"),
        NO_CYCLES,
        NAMES,
        NULL_MARKED,
        NO_BARE_EXCEPTION,
        NO_EXIT);
  }

  @ParameterizedTest
  @MethodSource("rules")
  void holds(ArchRule rule) {
    rule.check(HOUSE);
  }

  @ParameterizedTest
  @MethodSource("rulesThatTheFixturesBreak")
  void canFail(ArchRule rule) {
    assertThat(rule.evaluate(FIXTURES).hasViolation()).isTrue();
  }

  /** Else a rule that names a package by an old name would hold of nothing. */
  @Test
  void everyPackageHasItsPlaceInTheOrder() {
    assertThat(HOUSE)
        .extracting(type -> type.getPackageName().split("\\.", -1)[2])
        .isSubsetOf(ORDER);
  }

  private static Stream<ArchRule> onlyPlaces() {
    String locked = "one connection factory locks the database down";
    return Stream.of(
        onlyIn("org.bytedeco..", "another tensor library must cost one package", "tensor"),
        onlyIn("jdk.incubator.vector..", "the module is optional and will change", "kernel"),
        onlyIn("ai.djl..", "it calls out unless it is configured before its first use", "text"),
        onlyIn("java.sql..", locked, "database", "text", "store"),
        onlyIn("org.duckdb..", locked, "database", "store"),
        onlyIn("dev.langchain4j..", "its model is heavy, and loaded when needed", "search"),
        onlyIn("com.openai..", "what leaves the machine is the matter of one package", "judge"),
        onlyIn("com.fasterxml.jackson.dataformat..", "other files are JSON or Parquet", "figure"),
        onlyIn("nl.cwts..", "what finds clusters is a choice of one package", "geometry"),
        onlyIn("tagbio..", "what draws maps is a choice of one package", "geometry"),
        onlyIn("io.helidon..", "everything but the pages works without a server", "web"),
        onlyIn("picocli..", "an embedding program has no command line", "cli", "cluster"),
        onlyIn("org.apache.spark..", SPARK, "cluster"),
        onlyIn("org.apache.hadoop..", SPARK, "cluster"));
  }

  private static Stream<ArchRule> packageOrder() {
    String order = "data walks through the house in one direction";
    Stream<ArchRule> core =
        IntStream.range(0, CORE.size())
            .mapToObj(i -> usesNone(CORE.get(i), ORDER.subList(i + 1, ORDER.size()), order));
    Stream<ArchRule> explore =
        EXPLORE.stream().map(name -> usesNone(name, List.of("web", "cli", "cluster"), order));
    Stream<ArchRule> others =
        Stream.of(
            usesNone("web", List.of("cli", "cluster"), order),
            usesNone("cli", List.of("cluster"), SPARK),
            usesNone(
                "kernel", List.of("tensor"), "kernels work on plain memory and need no libtorch"),
            usesNone(
                "judge", othersThan("judge", "files", "dictionary"), "a judge knows no stores"),
            usesNone("evaluate", List.of("train"), "published dictionaries were not trained here"),
            usesNone(
                "figure", othersThan("figure", "files"), "a figure is data, wherever it is from"));
    return Stream.of(core, explore, others).flatMap(rules -> rules);
  }

  private static List<String> othersThan(String... names) {
    return ORDER.stream().filter(name -> !List.of(names).contains(name)).toList();
  }

  private static ArchRule onlyIn(String library, String reason, String... places) {
    String[] packages = Stream.of(places).map(HouseRulesTest::packages).toArray(String[]::new);
    return noClasses()
        .that()
        .resideOutsideOfPackages(packages)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .because(reason);
  }

  private static ArchRule usesNone(String user, List<String> others, String reason) {
    String[] packages = others.stream().map(HouseRulesTest::packages).toArray(String[]::new);
    return noClasses()
        .that()
        .resideInAPackage(packages(user))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(packages)
        .because(reason)
        .allowEmptyShould(true); // a package of the design may not be written yet
  }

  private static String packages(String name) {
    return "dev.loupe." + name + "..";
  }

  private static boolean isTest(Location location) {
    return location.contains("/test-classes/") || location.contains("-tests.jar");
  }

  private static DescribedPredicate<JavaConstructorCall> makesBareRuntimeException() {
    return DescribedPredicate.describe(
        "makes a RuntimeException itself, not a subclass",
        call ->
            call.getTargetOwner().isEquivalentTo(RuntimeException.class)
                && !call.getOriginOwner().isAssignableTo(RuntimeException.class));
  }

  private static ArchCondition<JavaClass> beInNullMarkedPackage() {
    return new ArchCondition<>("be in a package whose package-info is @NullMarked") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        if (!type.getPackage().isAnnotatedWith(NullMarked.class)) {
          events.add(SimpleConditionEvent.violated(type, type.getFullName() + " is not"));
        }
      }
    };
  }
}
