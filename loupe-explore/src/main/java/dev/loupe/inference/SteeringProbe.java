package dev.loupe.inference;

import dev.loupe.dictionary.Codes;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.kernel.CodeRows;
import dev.loupe.model.Hook;
import dev.loupe.model.Probe;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Makes edits in a pass of the model, over a whole context or going on position by position: x +
 * dose · Δ · d at the positions that count. Where nothing is to be changed, the activation is
 * handed on as it is, so that dose 0 changes no bit. For one sequence; several edits of one
 * dictionary see the activations before any of them.
 */
final class SteeringProbe implements Probe {
  private static final Hook FIRST = new Hook(0, Hook.Point.RESID_PRE);

  private final SuiteModel model;
  private final Map<DictionaryName, List<Edit>> edits;
  private final double dose;
  private final IntPredicate counts;
  private final Map<DictionaryName, CodeRows> codes = new HashMap<>(); // of the current pass
  private final Map<Edit, Map<Integer, Double>> changes = new HashMap<>();
  private int start; // position of the first one in this pass
  private int length;

  /**
   * @param counts whether a position is a counted token
   */
  SteeringProbe(SuiteModel model, List<Edit> edits, double dose, IntPredicate counts) {
    this.model = model;
    this.dose = dose;
    this.counts = counts;
    this.edits = edits.stream().collect(Collectors.groupingBy(edit -> edit.feature().dictionary()));
    this.edits.forEach((name, each) -> {
      Dictionary dictionary = model.dictionary(name);
      each.forEach(edit -> OwnText.check(dictionary, edit.feature()));
    });
  }

  /** By how many d an edit changed a position: dose · Δ, 0 where it did not. */
  double change(Edit edit, int position) {
    return changes.getOrDefault(edit, Map.of()).getOrDefault(position, 0.0);
  }

  @Override
  public Tensor at(Hook hook, Tensor activation) {
    if (hook.equals(FIRST)) {
      start += length;
      length = Math.toIntExact(activation.size(1));
    }
    if (dose == 0) {
      return activation;
    }
    Tensor current = activation;
    for (Map.Entry<DictionaryName, List<Edit>> each : edits.entrySet()) {
      DictionaryName name = each.getKey();
      if (hook.equals(name.site().hookIn(name.layer()))) {
        encode(name, activation);
      }
      if (hook.equals(name.site().hookOut(name.layer()))) {
        current = changed(name, each.getValue(), current);
      }
    }
    return current;
  }

  private void encode(DictionaryName name, Tensor activation) {
    try (TensorScope _ = TensorScope.open();
        Codes found = model.dictionary(name).encode(activation.select(0, 0))) {
      codes.put(name, found.rows());
    }
  }

  private Tensor changed(DictionaryName name, List<Edit> wanted, Tensor activation) {
    List<Integer> rows = new ArrayList<>();
    List<Long> features = new ArrayList<>();
    List<Float> sizes = new ArrayList<>();
    for (Edit edit : wanted) {
      for (int row = 0; row < length; row++) {
        double change = change(name, edit, row);
        if (change != 0) {
          rows.add(row);
          features.add((long) edit.feature().feature());
          sizes.add((float) change);
          changes.computeIfAbsent(edit, _ -> new HashMap<>()).put(start + row, change);
        }
      }
    }
    return rows.isEmpty() ? activation : added(name, rows, features, sizes, activation);
  }

  private double change(DictionaryName name, Edit edit, int row) {
    int position = start + row;
    if (position == 0 || !counts.test(position) || !edit.isAt(position)) {
      return 0;
    }
    return dose * edit.change(OwnText.value(codes.get(name), row, edit.feature().feature()));
  }

  /** The activation with so much of some decoder columns added at some rows. */
  private Tensor added(
      DictionaryName name,
      List<Integer> rows,
      List<Long> features,
      List<Float> sizes,
      Tensor activation) {
    int n = rows.size();
    float[] factors = new float[n];
    IntStream.range(0, n).forEach(i -> factors[i] = sizes.get(i));
    Tensor index = Tensors.of(features.stream().mapToLong(f -> f).toArray(), n);
    Tensor columns =
        Indexing.rows(model.dictionary(name).weights().decoder(), index.to(activation.device()));
    Tensor parts = Arithmetic.multiply(columns, Tensors.of(factors, n, 1).to(activation.device()));
    Tensor all = activation.copy();
    Tensor places = Tensors.of(rows.stream().mapToLong(r -> r).toArray(), n);
    Indexing.addRowsInPlace(all.select(0, 0), places.to(activation.device()), parts);
    return all;
  }
}
