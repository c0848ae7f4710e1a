package dev.loupe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.files.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * A command as a user types it, in this process, and what became of it.
 *
 * @param code its exit code
 */
record Run(int code, String out, String err) {
  static Run loupe(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Loupe.commandLine(arguments)
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    return new Run(code, out.toString(), err.toString());
  }

  /** What it printed, if it went well. */
  JsonNode json() throws IOException {
    assertThat(code).as(err).isZero();
    return Json.mapper().readTree(out);
  }
}
