package dev.loupe.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.dictionary.Suite;
import dev.loupe.files.ChildJvm;
import dev.loupe.files.FolderFiles;
import dev.loupe.files.Json;
import dev.loupe.files.SmallDisk;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that fills up under a server: pages stay, notes are refused with the reason. */
@Tag("faults")
final class FullDiskTest {
  private static final int MEGABYTES = 64;
  private static final String FEATURE = "L1R-1x/2";

  @TempDir private Path at;

  /** A server in a process of its own. */
  private record Serving(Process process, String url, String token) implements AutoCloseable {
    static Serving open(SmallDisk disk, Path at) throws IOException {
      FolderFiles.copy(ServedSuite.suite().directory(), disk.seenFromOutside());
      Process process =
          disk.inside(ChildJvm.brief(Child.class, at.toString()))
              .redirectErrorStream(false)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      BufferedReader said = process.inputReader(StandardCharsets.UTF_8);
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        if (line.startsWith("serves ")) {
          String[] words = line.split(" ", -1);
          return new Serving(process, words[1], words[2]);
        }
      }
      throw new IllegalStateException("expected a server to start, got none");
    }

    HttpResponse<String> get(String path) {
      return ServedSuite.send(HttpRequest.newBuilder(URI.create(url + path)).build());
    }

    HttpResponse<String> note(String text) {
      String body =
          "{\"feature\":\"%s\",\"kind\":\"note\",\"text\":\"%s\"}".formatted(FEATURE, text);
      return ServedSuite.send(
          HttpRequest.newBuilder(URI.create(url + "api/notes"))
              .header("Content-Type", "application/json")
              .header("X-Loupe-Token", token)
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build());
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  @Test
  void pagesStayAndNotesAreRefused() throws IOException {
    try (SmallDisk disk = SmallDisk.open(at, MEGABYTES);
        Serving server = Serving.open(disk, at)) {
      assertThat(server.note("before").statusCode()).isEqualTo(200);
      disk.fill();
      HttpResponse<String> refused = server.note("meanwhile " + "x".repeat(5000));
      assertThat(refused.statusCode()).as(refused.body()).isEqualTo(500);
      assertThat(refused.body()).contains("no space left");
      for (String path :
          List.of("", "api/suite", "api/dictionaries/L1R-1x", "api/notes/" + FEATURE)) {
        HttpResponse<String> answer = server.get(path);
        assertThat(answer.statusCode()).as(path + answer.body()).isEqualTo(200);
      }
      disk.free();
      assertThat(server.note("after").statusCode()).isEqualTo(200);
      HttpResponse<String> notes = server.get("api/notes/" + FEATURE);
      assertThat(Json.mapper().readTree(notes.body()).findValuesAsText("text"))
          .contains("before", "after")
          .noneMatch(text -> text.startsWith("meanwhile"));
    }
  }

  /** The JVM that serves. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) {
      Suite suite = Suite.open(Path.of(arguments[0]));
      PageServer server =
          PageServer.start(new ServeSetup(suite, Optional.empty(), Reach.local(false)));
      System.out.println("serves " + server.url() + " " + server.token());
    }
  }
}
