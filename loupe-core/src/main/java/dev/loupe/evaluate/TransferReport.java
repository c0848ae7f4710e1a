package dev.loupe.evaluate;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.SequencedMap;

/**
 * A suite on the model that it was trained on and on a fine-tuned one, on texts of both: {@code
 * reports/transfer.json}.
 *
 * @param format version of this file's form
 * @param cells the four evaluations, by {@link Cell#label}
 * @param shifts for each dictionary the features whose rates differ most between the models on the
 *     tuned model's text, the surest first
 */
public record TransferReport(
    int format, SequencedMap<String, Report> cells, SequencedMap<String, List<Shift>> shifts) {
  public static final int FORMAT = 1;

  public TransferReport {
    if (format != FORMAT) {
      throw new IllegalArgumentException(
          "expected a report of format " + FORMAT + ", got " + format);
    }
  }

  /** A model on a text. */
  public enum Cell {
    BASE_MODEL_BASE_TEXT(false, false),
    BASE_MODEL_TUNED_TEXT(false, true),
    TUNED_MODEL_BASE_TEXT(true, false),
    TUNED_MODEL_TUNED_TEXT(true, true);

    private final boolean tunedModel;
    private final boolean tunedText;

    Cell(boolean tunedModel, boolean tunedText) {
      this.tunedModel = tunedModel;
      this.tunedText = tunedText;
    }

    boolean isTunedModel() {
      return tunedModel;
    }

    boolean isTunedText() {
      return tunedText;
    }

    /** As the file has it. */
    public String label() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /**
   * A feature whose rate differs.
   *
   * @param rates share of counted tokens on which it fires, in the order of {@link Cell}
   * @param z difference of the models on the tuned model's text, in standard errors of two
   *     independent shares: what ranks; tokens of a document are not independent, so that it is no
   *     test
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Shift(int feature, List<Double> rates, double z) {
    public Shift {
      rates = List.copyOf(rates);
    }

    /** The share of a cell's counted tokens on which it fires. */
    public double rate(Cell cell) {
      return rates.get(List.of(Cell.values()).indexOf(cell));
    }
  }

  /** The evaluation of a cell. */
  public Report cell(Cell cell) {
    Report report = cells.get(cell.label());
    if (report == null) {
      throw new IllegalArgumentException(
          "expected an evaluation of %s, got %s".formatted(cell.label(), cells.keySet()));
    }
    return report;
  }

  /** Writes the file whole or not at all. */
  public void write(Path file) {
    AtomicFile.writeJson(file, this);
  }

  /** Reads what {@link #write} wrote; FileFormatException where it is something else. */
  public static TransferReport read(Path file) {
    return Json.read(file, TransferReport.class);
  }
}
