package dev.loupe.interpret;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.files.Json;
import dev.loupe.files.LineLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * What people said in blind tests of explanations of one dictionary: {@code
 * SUITE/explanations/NAME.ratings.jsonl}, a rating a line, to which lines are only added. Each
 * method first reads what other processes have added. What {@link #add} has returned from survives
 * a kill. Thread-safe; holds no file open. FileFormatException as {@link Explanations}.
 */
public final class Ratings {
  private static final int MAX_BYTES = 1 << 16;

  private final LineLog<Line> log;
  private final InstantSource clock;
  private final List<Rating> ratings = new ArrayList<>();

  private record Line(String time, Rating rating) {
    static Line parse(byte[] bytes) {
      try {
        return Json.mapper().readValue(bytes, Line.class);
      } catch (JsonProcessingException e) {
        throw new IllegalArgumentException(
            "expected JSON of a rating, got: " + e.getOriginalMessage(), e);
      } catch (IOException e) {
        throw new IllegalArgumentException("expected JSON of a rating, got: " + e.getMessage(), e);
      }
    }

    byte[] bytes() throws IOException {
      return Json.mapper().writeValueAsBytes(this);
    }
  }

  private Ratings(Path file, InstantSource clock) {
    this.log = new LineLog<>(file, MAX_BYTES, Line::parse);
    this.clock = clock;
  }

  /** Reads what there is of a dictionary; none yet is none. Writes nothing before the first. */
  public static Ratings open(Path suite, DictionaryName name, InstantSource clock) {
    Path file = suite.resolve(Explanations.FOLDER).resolve(name + ".ratings.jsonl");
    Ratings ratings = new Ratings(file, clock);
    ratings.readNew();
    return ratings;
  }

  private void readNew() {
    log.readNew(line -> keep(line.rating()));
  }

  private synchronized boolean keep(Rating rating) {
    return ratings.add(rating);
  }

  /** All of them, in the order in which they were given. */
  public List<Rating> all() {
    readNew();
    synchronized (this) {
      return List.copyOf(ratings);
    }
  }

  /** Adds one, durably. */
  public void add(Rating rating) {
    log.alone(() -> {
      readNew();
      String time = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
      log.append(List.of(new Line(time, rating).bytes()));
      return keep(rating);
    });
  }
}
