package dev.loupe.figure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A document with every kind of mark, as large as a report of a small suite. Always the same. */
final class SampleDocument {
  private static final List<String> SITES = List.of("R", "A", "M", "TC");
  private static final Axis LAYER = Axis.linear("layer", "");

  private final Random random = new Random(7);

  private SampleDocument() {}

  static Document create() {
    SampleDocument sample = new SampleDocument();
    SequencedMap<String, String> definitions = new LinkedHashMap<>();
    definitions.put("L0", "mean number of features that fire per counted token");
    definitions.put(
        "explained variance", "mean over tokens of 1 − ‖x − x̂‖² / ‖x‖² (the paper's equation 6)");
    definitions.put(
        "Δ loss", "loss with the dictionary spliced in, less the loss without, in nats");
    SequencedMap<String, String> settings = new LinkedHashMap<>();
    settings.put("model", "demo (6 layers, D = 256)");
    settings.put("corpus", "demo:books=0.7,demo:wordnet=0.3, held out");
    settings.put("tokens", "200,000; losses on 20,000");
    settings.put("seed", "42");
    return Document.of(
        "The demo suite in figures",
        "24 dictionaries of demo, trained together on 600,000 tokens over 6 layers; what Llama"
            + " Scope shows of its 256, measured in the same way on this suite.",
        List.of(
            new Section(
                "quality",
                "How well dictionaries rebuild what they read",
                List.of(
                    new Paragraph(
                        "Each number carries a 95 % interval over documents. A band is drawn"
                            + " where it is wide enough to be seen."),
                    sample.tradeOff(),
                    sample.overLayers(),
                    sample.grid(),
                    sample.table())),
            new Section(
                "features",
                "What features do",
                List.of(
                    sample.frequencies(),
                    sample.cosines(),
                    sample.scores(),
                    sample.scatter(),
                    sample.largeScatter())),
            new Section("learning", "Training", List.of(sample.training()))),
        definitions,
        settings);
  }

  private Figure tradeOff() {
    Axis l0 = Axis.log("L0", "");
    Axis variance = Axis.linear("explained variance", "");
    Axis loss = Axis.linear("Δ loss", "nats");
    List<Panel> panels = new ArrayList<>();
    for (int layer : List.of(1, 3, 5)) {
      panels.add(Panel.of("L" + layer + "R", l0, variance, tradeOffs(0.93 - 0.03 * layer, 0.25)));
    }
    for (int layer : List.of(1, 3, 5)) {
      panels.add(Panel.of("", l0, loss, tradeOffs(0.02 + 0.01 * layer, -0.15)));
    }
    return Figure.of(
        "trade-off",
        "Sparsity against quality in three layers",
        "Explained variance (top) and Δ loss (bottom) against L0. Each line is a kind of"
            + " dictionary at one width; its points differ in K, or in the sparsity penalty.",
        "./loupe report runs/demo --figures trade-off",
        panels);
  }

  private List<Mark> tradeOffs(double end, double fall) {
    List<Mark> marks = new ArrayList<>();
    int kind = 0;
    for (String name : List.of("TopK 8x", "TopK 32x", "Vanilla 8x", "Vanilla 32x")) {
      double shift = kind++ * 0.12;
      List<Mark.At> points =
          IntStream.of(10, 25, 50, 100, 200)
              .mapToObj(k -> {
                double y = end - fall * (1 + shift) * Math.exp(-k / (30 * (1 + shift)));
                double half = 0.006 + 0.01 * random.nextDouble();
                return new Mark.At(k * (1 + shift), Estimate.of(y, y - half, y + half));
              })
              .toList();
      marks.add(new Mark.Line(name, points));
    }
    return marks;
  }

  private Figure overLayers() {
    Panel panel =
        Panel.of("", LAYER, Axis.linear("explained variance", ""), layers(0.92, 0.05))
            .with(ReferenceLine.horizontal(0.8, "released L15R-8x"));
    return Figure.of(
        "over-layers",
        "Explained variance over layers",
        "One line a site. The third layer of M was not measured, and is a gap.",
        "./loupe evaluate runs/demo --model demo --corpus demo --tokens 200K --out report.json",
        List.of(panel));
  }

  private List<Mark> layers(double start, double fall) {
    List<Mark> lines = new ArrayList<>();
    for (String site : SITES) {
      List<Mark.At> points = new ArrayList<>();
      double y = start - 0.05 * lines.size();
      for (int layer = 0; layer < 6; layer++) {
        double half = 0.004 + 0.03 * random.nextDouble();
        boolean measured = !(site.equals("M") && layer == 2);
        points.add(
            new Mark.At(layer, measured ? Estimate.of(y, y - half, y + half) : Estimate.NONE));
        y -= fall * random.nextDouble();
      }
      lines.add(new Mark.Line(site, points));
    }
    return lines;
  }

  private Figure grid() {
    List<String> rows = IntStream.range(0, 6).mapToObj(layer -> "L" + layer).toList();
    List<Panel> panels =
        Stream.of("explained variance", "L0")
            .map(name ->
                Panel.of(
                    name,
                    Axis.linear("site", ""),
                    Axis.linear("layer", ""),
                    List.of(heat(rows, SITES, Axis.linear(name, ""), name.equals("L0")))))
            .toList();
    return Figure.of(
        "grid",
        "All dictionaries at a glance",
        "Each cell is a dictionary. A dash: not measured.",
        "./loupe report runs/demo --figures grid",
        panels);
  }

  private Mark.Heat heat(List<String> rows, List<String> columns, Axis value, boolean l0) {
    List<List<Estimate>> values = new ArrayList<>();
    for (int row = 0; row < rows.size(); row++) {
      List<Estimate> cells = new ArrayList<>();
      for (int column = 0; column < columns.size(); column++) {
        double v = l0 ? 50 + 4 * random.nextGaussian() : 0.93 - 0.05 * row * random.nextDouble();
        double half = l0 ? 0.8 : 0.01;
        boolean missing = row == 4 && column == 1;
        cells.add(missing ? Estimate.NONE : Estimate.of(v, v - half, v + half));
      }
      values.add(cells);
    }
    return new Mark.Heat(rows, columns, values, value);
  }

  private FigureTable table() {
    List<List<Cell>> rows = new ArrayList<>();
    for (String site : SITES) {
      double variance = 0.7 + 0.2 * random.nextDouble();
      double loss = 0.02 + 0.1 * random.nextDouble();
      rows.add(
          Cell.row(
              "L3" + site + "-8x",
              50 + random.nextGaussian(),
              Estimate.of(variance, variance - 0.01, variance + 0.012),
              Estimate.of(loss, loss - 0.004, loss + 0.005),
              2048,
              site.equals("TC") ? Estimate.NONE : Estimate.of(0.013 * random.nextDouble())));
    }
    return new FigureTable(
        "layer-three",
        "The dictionaries of layer 3",
        "With 95 % intervals over 312 documents.",
        "./loupe evaluate runs/demo --only L3R-8x,L3A-8x,L3M-8x,L3TC-8x",
        List.of(
            FigureTable.Column.of("dictionary"),
            FigureTable.Column.of("L0"),
            FigureTable.Column.of("explained variance"),
            new FigureTable.Column("Δ loss", "nats"),
            FigureTable.Column.of("features"),
            FigureTable.Column.of("dead")),
        rows);
  }

  private Figure frequencies() {
    Axis rate = Axis.linear("log₁₀ of firing frequency", "").within(-6, 0);
    Axis features = Axis.linear("features", "");
    List<Panel> panels = new ArrayList<>();
    for (int layer : List.of(1, 3, 5)) {
      double middle = -2.6 + 0.1 * layer;
      panels.add(
          Panel.of(
                  "L" + layer + "R",
                  rate,
                  features,
                  List.of(bins("8x", middle, 0.55, 2048), bins("32x", middle - 0.6, 0.7, 8192)))
              .with(ReferenceLine.vertical(-1, "ultra-active")));
    }
    return Figure.of(
        "frequencies",
        "How often features fire",
        "Wider dictionaries have rarer features: K is fixed at 50.",
        "./loupe analyze runs/demo --model demo --corpus demo --tokens 1M",
        panels);
  }

  private Mark.Histogram bins(String name, double mean, double deviation, int features) {
    List<Double> edges = IntStream.rangeClosed(0, 30).mapToObj(i -> -6 + 0.2 * i).toList();
    double[] counts = new double[30];
    for (int i = 0; i < features; i++) {
      double value = mean + deviation * random.nextGaussian();
      int bin = (int) Math.floor((value + 6) / 0.2);
      if (bin >= 0 && bin < 30) {
        counts[bin]++;
      }
    }
    return new Mark.Histogram(
        name, edges, IntStream.range(0, 30).mapToObj(i -> counts[i]).toList());
  }

  private Figure cosines() {
    Axis cosine = Axis.linear("largest cosine", "").within(0, 1);
    Axis share = Axis.linear("share of features", "");
    Panel panel =
        Panel.of(
            "",
            cosine,
            share,
            List.of(
                cumulative("TopK in Vanilla", 0.7, 0.18),
                cumulative("Vanilla in TopK", 0.62, 0.2),
                cumulative("random directions", 0.24, 0.03)));
    return Figure.of(
        "cosines",
        "Features that two dictionaries share",
        "For each feature the largest cosine of its decoder column with one of the other"
            + " dictionary; cumulative.",
        "./loupe compare L3R-8x L3R-8x-vanilla",
        List.of(panel));
  }

  private Mark.Steps cumulative(String name, double mean, double deviation) {
    double[] values =
        random
            .doubles(2000)
            .map(u -> Math.clamp(mean + deviation * random.nextGaussian(), 0, 1))
            .toArray();
    return Mark.Steps.cumulative(name, values, 300);
  }

  private Figure scores() {
    Axis score = Axis.linear("score", "");
    Axis share = Axis.linear("share of features", "");
    List<Panel> panels =
        Stream.of("L1R", "L3R", "L5R")
            .map(title -> Panel.of(title, score, share, List.of(bars("TopK"), bars("Vanilla"))))
            .toList();
    return Figure.of(
        "scores",
        "How clear features are to a reader",
        "Scores of 1 (no pattern) to 5 (one clear pattern) of 128 features each.",
        "",
        panels);
  }

  private Mark.Bars bars(String name) {
    return new Mark.Bars(
        name,
        IntStream.rangeClosed(1, 5)
            .mapToObj(score -> {
              double value = 0.05 + 0.07 * score + 0.04 * random.nextDouble();
              return new Mark.Bar("" + score, Estimate.of(value, value - 0.03, value + 0.03));
            })
            .toList());
  }

  private Figure scatter() {
    List<Mark> marks = new ArrayList<>();
    for (String site : SITES) {
      List<Mark.Dot> dots = new ArrayList<>();
      for (int layer = 0; layer < 6; layer++) {
        double x = 0.02 + 0.08 * random.nextDouble();
        double y = 0.95 - 2.2 * x + 0.04 * random.nextGaussian();
        dots.add(
            new Mark.Dot(
                Estimate.of(x, x - 0.004, x + 0.005),
                Estimate.of(y, y - 0.012, y + 0.012),
                "L" + layer + site));
      }
      marks.add(new Mark.Points(site, dots));
    }
    Axis loss = Axis.linear("Δ loss", "nats");
    return Figure.of(
        "loss-and-variance",
        "Dictionaries that rebuild better lose less",
        "A point a dictionary, with its intervals.",
        "./loupe report runs/demo --figures loss-and-variance",
        List.of(Panel.of("", loss, Axis.linear("explained variance", ""), marks)));
  }

  private Figure largeScatter() {
    Axis rate = Axis.log("firing frequency", "");
    Axis largest = Axis.log("largest activation", "");
    List<Panel> panels =
        Stream.of("L1R-8x", "L5TC-8x")
            .map(title -> Panel.of(title, rate, largest, List.of(cloud(4000))))
            .toList();
    return Figure.of(
        "largest",
        "Rare features fire strongly",
        "A point a feature. Features that never fired have no place on these axes.",
        "",
        panels);
  }

  private Mark.Points cloud(int features) {
    List<Mark.Dot> dots =
        IntStream.range(0, features)
            .mapToObj(i -> {
              double rate = Math.pow(10, -3 + 0.7 * random.nextGaussian());
              double max = 20 * Math.pow(rate, -0.12) * Math.exp(0.3 * random.nextGaussian());
              return i % 200 == 0 ? Mark.Dot.of(0, 0) : Mark.Dot.of(rate, max);
            })
            .toList();
    return new Mark.Points("features", dots);
  }

  private Figure training() {
    Axis tokens = Axis.linear("tokens", "");
    Axis loss = Axis.log("loss", "");
    List<Panel> panels =
        IntStream.range(0, 8)
            .mapToObj(i ->
                Panel.of(
                    "L" + i / 4 * 3 + SITES.get(i % 4) + "-8x",
                    tokens,
                    loss,
                    List.of(curve("with K annealing", 1), curve("without", 1.4))))
            .toList();
    return Figure.of(
        "training",
        "The loss while training",
        "One panel a dictionary.",
        "./loupe train --model demo --corpus demo --tokens 2M --out runs/demo",
        panels);
  }

  private Mark.Line curve(String name, double scale) {
    return new Mark.Line(
        name,
        IntStream.range(1, 200)
            .mapToObj(i -> {
              double y = scale * (0.004 + 0.1 / i) * Math.exp(0.06 * random.nextGaussian());
              return new Mark.At(i * 10000, Estimate.of(y));
            })
            .toList());
  }
}
