package dev.loupe.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules of the house hold here, too, and the JVM's flags are those that Spark asks for. */
final class ClusterRulesTest {
  private static JavaClasses house;

  /** Without the classes that ours use: of Spark and Scala they are thousands. */
  @BeforeAll
  static void read() {
    ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
    try {
      house =
          new ClassFileImporter()
              .withImportOption(location -> !location.contains("test-classes"))
              .importPackages("dev.loupe.cluster");
    } finally {
      ArchConfiguration.get().reset();
    }
  }

  @ParameterizedTest
  @MethodSource("dev.loupe.cli.HouseRulesTest#rules")
  void holds(ArchRule rule) {
    rule.allowEmptyShould(true).check(house);
  }

  /** Nothing would hold of nothing. */
  @Test
  void theRulesSeeThisModule() {
    assertThat(house.contain(ClusterSession.class)).isTrue();
  }

  @Test
  void theFlagsAreThoseOfSpark() throws IOException {
    List<String> own = Files.readAllLines(Path.of("jvm-flags"));
    List<String> launcher = List.of("--add-modules=", "--enable-native-access=");
    List<String> ofSpark =
        Arrays.stream(JavaModuleOptions.defaultModuleOptionArray())
            .filter(flag -> launcher.stream().noneMatch(flag::startsWith))
            .filter(flag -> !flag.contains("sun.security.action")) // JDK 25 has no such package
            .toList();
    assertThat(own).isEqualTo(ofSpark);
  }
}
