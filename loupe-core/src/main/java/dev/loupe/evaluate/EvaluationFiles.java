package dev.loupe.evaluate;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.loupe.files.Checksums;
import dev.loupe.model.Hook;
import dev.loupe.safetensors.SafetensorsFile;
import dev.loupe.safetensors.SafetensorsWriter;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Sums of a part of an evaluation as safetensors files in its folder: {@code rates-000000} and so
 * on for the groups of tokens, {@code losses-000000} for the batches, {@code firings}.
 */
final class EvaluationFiles implements EvaluationSums {
  /** What was evaluated: {@link SubjectLabel}s. */
  static final String SUBJECTS = "subjects.json";

  private static final String RATES = "rates-";
  private static final String LOSSES = "losses-";
  private static final String FIRINGS = "firings";
  private static final String DOCUMENTS = "documents";
  private static final String COLUMN = "sum.";
  private static final String TARGET = "target.";
  private static final String ALL = ".all";
  private static final String FIRST = ".first";
  private static final Map<String, String> FORMAT = Map.of("format", "loupe evaluation 1");

  private final Path folder;
  private int groups;
  private int batches;

  /** Into a folder that exists. */
  EvaluationFiles(Path folder) {
    this.folder = folder;
  }

  @Override
  public void addRates(GroupSums group) {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    group.targets().forEach((hook, sums) -> tensors.put(TARGET + hook, sums));
    write(RATES + "%06d".formatted(groups++), group.sums(), tensors);
  }

  @Override
  public void addLosses(DocumentSums batch) {
    write(LOSSES + "%06d".formatted(batches++), batch, new LinkedHashMap<>());
  }

  @Override
  public void addFirings(Map<String, Firings> firings) {
    try (TensorScope _ = TensorScope.open()) {
      SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
      firings.forEach((name, counts) -> {
        tensors.put(name + ALL, Tensors.of(counts.all(), counts.all().length));
        tensors.put(name + FIRST, Tensors.of(counts.first(), counts.first().length));
      });
      SafetensorsWriter.write(file(FIRINGS), tensors, FORMAT);
    }
  }

  private void write(String name, DocumentSums sums, SequencedMap<String, Tensor> tensors) {
    try (TensorScope _ = TensorScope.open()) {
      tensors.put(DOCUMENTS, Tensors.of(sums.documents(), sums.documents().length));
      sums.columns()
          .forEach(
              (column, values) -> tensors.put(COLUMN + column, Tensors.of(values, values.length)));
      SafetensorsWriter.write(file(name), tensors, FORMAT);
    }
  }

  private Path file(String name) {
    return folder.resolve(name + ".safetensors");
  }

  /** Hands over what parts have, in the order of the corpus. */
  static void read(List<Path> folders, EvaluationSums to) {
    forEach(
        folders,
        RATES,
        file -> {
          try (GroupSums group = new GroupSums(sums(file), targets(file))) {
            to.addRates(group);
          }
        });
    forEach(folders, FIRINGS, file -> to.addFirings(firings(file)));
    forEach(folders, LOSSES, file -> to.addLosses(sums(file)));
  }

  private static void forEach(List<Path> folders, String name, Consumer<SafetensorsFile> action) {
    for (Path folder : folders) {
      for (Path path : Checksums.listed(folder)) {
        if (path.getFileName().toString().startsWith(name)) {
          try (SafetensorsFile file = SafetensorsFile.open(path)) {
            action.accept(file);
          }
        }
      }
    }
  }

  private static DocumentSums sums(SafetensorsFile file) {
    DocumentSums sums = DocumentSums.of(file.view(DOCUMENTS).toArray(JAVA_INT));
    for (String name : file.entries().keySet()) {
      if (name.startsWith(COLUMN)) {
        double[] values = file.view(name).toArray(JAVA_DOUBLE);
        double[] column = sums.column(name.substring(COLUMN.length()));
        System.arraycopy(values, 0, column, 0, column.length);
      }
    }
    return sums;
  }

  private static Map<Hook, Tensor> targets(SafetensorsFile file) {
    Map<Hook, Tensor> targets = new TreeMap<>();
    for (String name : file.entries().keySet()) {
      if (name.startsWith(TARGET)) {
        targets.put(
            Hook.parse(name.substring(TARGET.length())), TensorScope.release(file.read(name)));
      }
    }
    return targets;
  }

  private static Map<String, Firings> firings(SafetensorsFile file) {
    Map<String, Firings> firings = new LinkedHashMap<>();
    for (String name : file.entries().keySet()) {
      if (name.endsWith(ALL)) {
        String dictionary = name.substring(0, name.length() - ALL.length());
        firings.put(
            dictionary,
            new Firings(
                file.view(name).toArray(JAVA_LONG),
                file.view(dictionary + FIRST).toArray(JAVA_LONG)));
      }
    }
    return firings;
  }
}
