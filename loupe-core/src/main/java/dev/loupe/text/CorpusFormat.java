package dev.loupe.text;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The kinds of corpus files, told apart by the end of the name. */
enum CorpusFormat {
  JSON_LINES(".jsonl"),
  JSON_LINES_GZIP(".jsonl.gz"),
  JSON_LINES_ZSTD(".jsonl.zst"),
  PLAIN_TEXT(".txt"),
  PARQUET(".parquet");

  private final String suffix;

  CorpusFormat(String suffix) {
    this.suffix = suffix;
  }

  static Optional<CorpusFormat> of(String name) {
    return Arrays.stream(values()).filter(each -> name.endsWith(each.suffix)).findFirst();
  }

  static String suffixes() {
    return Arrays.stream(values()).map(each -> each.suffix).collect(Collectors.joining(", "));
  }

  RowReader reader() {
    return switch (this) {
      case JSON_LINES, JSON_LINES_GZIP, JSON_LINES_ZSTD -> new JsonLinesReader(this);
      case PLAIN_TEXT -> new PlainTextReader();
      case PARQUET -> new ParquetReader();
    };
  }
}
