package dev.loupe.cli;

import dev.loupe.files.FolderFiles;
import java.io.IOException;
import java.lang.reflect.AccessFlag;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
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
    Path list = LISTS.resolve(module + ".txt");
    MadeFile.isUpToDate(list, surface(module), SurfaceTest.class, "surface");
  }

  private static String surface(String module) {
    StringBuilder surface = new StringBuilder();
    for (Class<?> type : publicTypes(Path.of("..", module, "src/main/java"))) {
      surface.append(type.toGenericString()).append('\n');
      new TreeSet<>(members(type))
          .forEach(member -> surface.append("  ").append(member).append('\n'));
    }
    return surface.toString();
  }

  /** With those inside others, by name. */
  private static List<Class<?>> publicTypes(Path sources) {
    List<Class<?>> types = new ArrayList<>();
    FolderFiles.of(sources).stream()
        .map(file -> sources.relativize(file).toString())
        .filter(file -> file.endsWith(".java") && !file.contains("-info"))
        .map(file -> file.replace(".java", "").replace('/', '.'))
        .sorted()
        .forEach(name -> add(type(name), types));
    return types;
  }

  private static Class<?> type(String name) {
    try {
      return Class.forName(name, false, SurfaceTest.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void add(Class<?> type, List<Class<?>> types) {
    if (Modifier.isPublic(type.getModifiers())) {
      types.add(type);
      Arrays.stream(type.getDeclaredClasses())
          .sorted(Comparator.comparing(Class::getName))
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
