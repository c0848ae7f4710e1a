package dev.loupe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.AccessFlag;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What programs can use of the libraries is what docs/surface lists, so that a change of it is seen
 * in a diff. {@code build/surface} says which changes break programs.
 */
final class SurfaceTest {
  private static final Path LISTS = Path.of("../docs/surface");

  @ParameterizedTest
  @ValueSource(strings = {"loupe-core", "loupe-explore"})
  void isWhatIsListed(String module) throws IOException {
    String surface = surface(module);
    Path list = LISTS.resolve(module + ".txt");
    if (System.getProperty("surface", "").equals("write")) {
      Files.writeString(list, surface);
    }
    assertThat(Files.readString(list))
        .as("-Dtest=SurfaceTest -Dsurface=write writes it anew")
        .isEqualTo(surface);
  }

  private static String surface(String module) throws IOException {
    StringBuilder surface = new StringBuilder();
    for (Class<?> type : publicTypes(Path.of("..", module, "src/main/java"))) {
      surface.append(type.toGenericString()).append('\n');
      new TreeSet<>(members(type))
          .forEach(member -> surface.append("  ").append(member).append('\n'));
    }
    return surface.toString();
  }

  /** With those inside others, by name. */
  private static List<Class<?>> publicTypes(Path sources) throws IOException {
    List<Class<?>> types = new ArrayList<>();
    try (Stream<Path> files = Files.walk(sources)) {
      List<String> names =
          files
              .map(file -> sources.relativize(file).toString())
              .filter(file -> file.endsWith(".java") && !file.contains("-info"))
              .map(file -> file.replace(".java", "").replace('/', '.'))
              .sorted()
              .toList();
      for (String name : names) {
        add(Class.forName(name, false, SurfaceTest.class.getClassLoader()), types);
      }
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
    return types;
  }

  private static void add(Class<?> type, List<Class<?>> types) {
    if (Modifier.isPublic(type.getModifiers())) {
      types.add(type);
      Arrays.stream(type.getDeclaredClasses())
          .sorted((a, b) -> a.getName().compareTo(b.getName()))
          .forEach(inner -> add(inner, types));
    }
  }

  private static List<String> members(Class<?> type) {
    List<String> members = new ArrayList<>();
    for (Field field : type.getDeclaredFields()) {
      if (isSeen(field.accessFlags())) {
        members.add(name(field.getGenericType()) + " " + field.getName());
      }
    }
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      if (isSeen(constructor.accessFlags())) {
        members.add("new" + parameters(constructor));
      }
    }
    for (Method method : type.getDeclaredMethods()) {
      if (isSeen(method.accessFlags()) && !isOfEveryType(method)) {
        String kind = Modifier.isStatic(method.getModifiers()) ? "static " : "";
        members.add(
            kind
                + name(method.getGenericReturnType())
                + " "
                + method.getName()
                + parameters(method));
      }
    }
    return members;
  }

  private static boolean isSeen(Set<AccessFlag> flags) {
    return flags.contains(AccessFlag.PUBLIC)
        && !flags.contains(AccessFlag.SYNTHETIC)
        && !flags.contains(AccessFlag.BRIDGE);
  }

  private static boolean isOfEveryType(Method method) {
    return switch (method.getName()) {
      case "equals", "hashCode", "toString" -> true;
      case "values", "valueOf" -> method.getDeclaringClass().isEnum();
      default -> false;
    };
  }

  private static String parameters(Executable of) {
    return Arrays.stream(of.getGenericParameterTypes())
        .map(SurfaceTest::name)
        .collect(Collectors.joining(", ", "(", ")"));
  }

  private static String name(Type type) {
    return type.getTypeName().replaceAll("java\\.(?:lang|util|nio\\.file)\\.(?=[A-Z])", "");
  }
}
