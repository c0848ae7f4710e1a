package dev.loupe.judge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.Checksums;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.IoFailures;
import dev.loupe.files.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Questions and answers, one readable JSON file each, by what was asked: {@code 3f/3f9a….json}, the
 * SHA-256 of model, parameters and prompt. What is there was paid for and is not asked again. Each
 * file is whole or not there, also after a kill. Thread-safe; several processes may use one folder.
 */
public final class AnswerCache {
  private final Path folder;

  public AnswerCache(Path folder) {
    this.folder = folder;
  }

  /**
   * A question and its answer, as kept.
   *
   * @param model that answered
   * @param schema of the answer
   */
  public record Exchange(
      String model,
      double temperature,
      int maxTokens,
      String system,
      String user,
      String schema,
      Outcome outcome,
      String text,
      Usage usage) {
    /** As who asked got it. */
    public Answer answer(String key) {
      return new Answer(outcome, text, key);
    }
  }

  /** Where a suite keeps what judges were asked, and paid for, with the ledger. */
  public static Path folder(Path suite) {
    return suite.resolve("judge");
  }

  /** The key of a question to a model. */
  public static String key(String model, Question question) {
    ArrayNode asked =
        Json.mapper()
            .createArrayNode()
            .add(model)
            .add(question.temperature())
            .add(question.maxTokens())
            .add(question.shape().name())
            .add(question.shape().schema())
            .add(question.system())
            .add(question.user());
    try {
      byte[] bytes = Json.mapper().writeValueAsBytes(asked);
      return Checksums.sha256(bytes);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a question that is no JSON: " + question, e);
    }
  }

  /**
   * What is kept.
   *
   * @throws FileFormatException for a file that is none of Loupe's
   */
  public Optional<Exchange> find(String key) {
    Path file = file(key);
    return Files.exists(file) ? Optional.of(Json.read(file, Exchange.class)) : Optional.empty();
  }

  /** Keeps an answer. */
  void keep(String key, Exchange exchange) {
    Path file = file(key);
    try {
      Files.createDirectories(file.getParent());
    } catch (IOException e) {
      throw IoFailures.writing(file, e);
    }
    AtomicFile.writeJson(file, exchange);
  }

  private Path file(String key) {
    if (!key.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(
          "expected 64 hexadecimal digits for a question, got '%.80s'".formatted(key));
    }
    return folder.resolve(key.substring(0, 2)).resolve(key + ".json");
  }
}
