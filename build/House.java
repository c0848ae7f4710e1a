import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.ThrowTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Measures the sources: sizes of files and methods, what kinds of types there are, how many are
 * documented, how many messages have a value. {@code java build/House.java [FOLDER]} prints tables
 * in Markdown, then the largest files and the longest methods.
 */
final class House {
  private static final int SHOWN = 8;
  private static final Pattern TO_DO = Pattern.compile("\\b(TODO|FIXME|XXX)\\b");

  private final List<Integer> fileLines = new ArrayList<>();
  private final List<Integer> methodLines = new ArrayList<>();
  private final Map<String, Integer> packages = new TreeMap<>();
  private final Map<String, Integer> files = new TreeMap<>();
  private final Map<String, Integer> methods = new TreeMap<>();
  private long lines;
  private long longLines;
  private long commentLines;
  private int records;
  private int sealed;
  private int enums;
  private int classes;
  private int finals;
  private int publicTypes;
  private int documented;
  private int todos;
  private int withoutText;
  private int fixedText;
  private int withValue;
  private int otherThrows;

  public static void main(String[] arguments) throws IOException {
    Path root = Path.of(arguments.length > 0 ? arguments[0] : ".");
    House main = new House();
    House test = new House();
    Map<String, House> modules = new TreeMap<>();
    for (Path file : javaFiles(root)) {
      String path = root.relativize(file).toString();
      House module =
          modules.computeIfAbsent(path.substring(0, path.indexOf('/')), _ -> new House());
      if (path.contains("/src/main/")) {
        main.add(root, file);
        module.add(root, file);
      } else {
        test.add(root, file);
      }
    }
    System.out.println(
        "| | files | lines | file med | p75 | p95 | max | method med | p95 | p99 | files per"
            + " package med | max |");
    System.out.println("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    modules.forEach((name, module) -> module.sizes(name));
    main.sizes("**all that ships**");
    test.sizes("tests");
    System.out.println();
    System.out.println(
        "| | records / sealed / enums | final / all classes | comment : code | public types with"
            + " Javadoc | TODO | throws: no text / fixed / with a value |");
    System.out.println("| --- | --- | --- | --- | --- | --- | --- |");
    main.language("all that ships");
    System.out.printf(
        Locale.ROOT, "%nTest lines to main lines: %.2f%n", (double) test.lines / main.lines);
    largest("Largest files that ship", main.files);
    largest("Longest methods that ship", main.methods);
    largest("Largest test files", test.files);
  }

  private static List<Path> javaFiles(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(
              file -> root.relativize(file).toString().matches("loupe-[a-z]+/src/.*\\.java"))
          .filter(file -> !file.endsWith("package-info.java"))
          .sorted()
          .toList();
    }
  }

  private void add(Path root, Path file) throws IOException {
    String text = Files.readString(file);
    List<String> all = text.lines().toList();
    fileLines.add(all.size());
    files.put(root.relativize(file).toString(), all.size());
    packages.merge(file.getParent().toString(), 1, Integer::sum);
    lines += all.size();
    longLines += all.stream().filter(line -> line.length() > 120).count();
    commentLines += all.stream().filter(line -> line.strip().matches("(/\\*|\\*|//).*")).count();
    todos += (int) TO_DO.matcher(text).results().count();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, manager, _ -> {}, null, null, manager.getJavaFileObjects(file));
      for (CompilationUnitTree unit : task.parse()) {
        new Counter(root.relativize(file), unit, DocTrees.instance(task)).scan(unit, null);
      }
    }
  }

  private void sizes(String name) {
    if (fileLines.isEmpty()) {
      return;
    }
    System.out.printf(
        Locale.ROOT,
        "| %s | %,d | %,d | %d | %d | %d | %d | %d | %d | %d | %d | %d |%n",
        name,
        fileLines.size(),
        lines,
        quantile(fileLines, 0.5),
        quantile(fileLines, 0.75),
        quantile(fileLines, 0.95),
        quantile(fileLines, 1),
        quantile(methodLines, 0.5),
        quantile(methodLines, 0.95),
        quantile(methodLines, 0.99),
        quantile(List.copyOf(packages.values()), 0.5),
        quantile(List.copyOf(packages.values()), 1));
  }

  private void language(String name) {
    int messages = Math.max(1, withoutText + fixedText + withValue + otherThrows);
    System.out.printf(
        Locale.ROOT,
        "| %s | %d / %d / %d | %d / %d | %.2f | %.0f %% of %d | %d | %.0f / %.0f / **%.0f %%** of"
            + " %d |%n",
        name,
        records,
        sealed,
        enums,
        finals,
        classes,
        (double) commentLines / (lines - commentLines),
        100.0 * documented / Math.max(1, publicTypes),
        publicTypes,
        todos,
        100.0 * withoutText / messages,
        100.0 * fixedText / messages,
        100.0 * withValue / messages,
        messages);
    System.out.printf(
        Locale.ROOT, "%nLines above 120 characters: %.2f %%%n", 100.0 * longLines / lines);
  }

  private static int quantile(List<Integer> values, double level) {
    if (values.isEmpty()) {
      return 0;
    }
    List<Integer> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.get((int) Math.min(sorted.size() - 1, Math.floor(level * sorted.size())));
  }

  private static void largest(String title, Map<String, Integer> of) {
    System.out.println("\n" + title + ":\n");
    of.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .limit(SHOWN)
        .forEach(each -> System.out.printf("* %d lines: `%s`%n", each.getValue(), each.getKey()));
  }

  private final class Counter extends TreePathScanner<Void, Void> {
    private final Path file;
    private final CompilationUnitTree unit;
    private final LineMap map;
    private final SourcePositions positions;
    private final DocTrees docs;

    Counter(Path file, CompilationUnitTree unit, DocTrees docs) {
      this.file = file;
      this.unit = unit;
      this.map = unit.getLineMap();
      this.positions = docs.getSourcePositions();
      this.docs = docs;
    }

    @Override
    public Void visitClass(ClassTree type, Void nothing) {
      if (!type.getSimpleName().isEmpty()) {
        switch (type.getKind()) {
          case RECORD -> records++;
          case ENUM -> enums++;
          case CLASS -> {
            classes++;
            finals += type.getModifiers().getFlags().contains(Modifier.FINAL) ? 1 : 0;
          }
          default -> {} // interfaces
        }
        sealed += type.getModifiers().getFlags().contains(Modifier.SEALED) ? 1 : 0;
        boolean top = getCurrentPath().getParentPath().getLeaf() == unit;
        if (top && type.getModifiers().getFlags().contains(Modifier.PUBLIC)) {
          publicTypes++;
          documented +=
              docs.getDocComment(new TreePath(getCurrentPath(), type)) != null
                      || docs.getDocComment(getCurrentPath()) != null
                  ? 1
                  : 0;
        }
      }
      return super.visitClass(type, nothing);
    }

    @Override
    public Void visitMethod(MethodTree method, Void nothing) {
      if (method.getBody() != null) {
        long from = map.getLineNumber(positions.getStartPosition(unit, method.getBody()));
        long end = positions.getEndPosition(unit, method.getBody());
        if (end >= 0) {
          int length = (int) (map.getLineNumber(end) - from + 1);
          methodLines.add(length);
          methods.merge(file + " " + method.getName(), length, Integer::max);
        }
      }
      return super.visitMethod(method, nothing);
    }

    @Override
    public Void visitThrow(ThrowTree thrown, Void nothing) {
      if (thrown.getExpression() instanceof NewClassTree made) {
        count(List.copyOf(made.getArguments()));
      }
      return super.visitThrow(thrown, nothing);
    }

    private void count(List<ExpressionTree> arguments) {
      if (arguments.isEmpty()) {
        withoutText++;
        return;
      }
      ExpressionTree text =
          arguments.stream().filter(House::isText).findFirst().orElse(arguments.getFirst());
      if (!isText(text)) {
        otherThrows++;
      } else if (isFixed(text)) {
        fixedText++;
      } else {
        withValue++;
      }
    }
  }

  private static boolean isText(Tree tree) {
    return tree.toString().contains("\"");
  }

  private static boolean isFixed(Tree tree) {
    return switch (tree) {
      case LiteralTree _ -> true;
      case BinaryTree both -> isFixed(both.getLeftOperand()) && isFixed(both.getRightOperand());
      default -> false;
    };
  }
}
