package dev.loupe.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CorpusSpecTest {
  @TempDir private Path folder;

  @Test
  void bundledNamesAreMixtures() {
    List<Source> demo = CorpusSpec.parse("demo").sources();
    assertThat(demo).extracting(Source::name).containsExactly("demo:books", "demo:wordnet");
    assertThat(demo.get(0).share()).isCloseTo(0.7, within(1e-12));
    assertThat(CorpusSpec.parse("demo-chat").sources())
        .extracting(Source::name)
        .containsExactly("demo:chat");
  }

  @Test
  void sharesAreNormalisedAndMixturesNest() {
    Path own = TestCorpora.write(folder.resolve("a=b.jsonl"), List.of(TestCorpora.json("a")));
    List<Source> sources = CorpusSpec.parse("demo=2,%s=3,demo:chat=5".formatted(own)).sources();
    assertThat(sources)
        .extracting(Source::name)
        .containsExactly("demo:books", "demo:wordnet", "a=b.jsonl", "demo:chat");
    assertThat(sources.get(0).share()).isCloseTo(0.14, within(1e-12));
    assertThat(sources.get(2).share()).isCloseTo(0.3, within(1e-12));
    assertThat(CorpusSpec.parse(own.toString()).sources().getFirst().share()).isEqualTo(1);
  }

  @Test
  void directoriesAndGlobsAreSortedByName() throws IOException {
    for (String name : List.of("b.jsonl", "a.jsonl.gz", "c.txt", "sub/d.jsonl")) {
      Files.createDirectories(folder.resolve(name).getParent());
      TestCorpora.write(folder.resolve(name), List.of(TestCorpora.json("a")));
    }
    Files.writeString(folder.resolve("README.md"), "no corpus");
    assertThat(names(folder.toString())).containsExactly("a.jsonl.gz", "b.jsonl", "c.txt");
    assertThat(names(folder + "/*.jsonl*")).containsExactly("a.jsonl.gz", "b.jsonl");
    assertThat(names(folder + "/**.jsonl")).containsExactly("b.jsonl", "d.jsonl");
    assertThat(names(folder + "/s*/?.{jsonl,txt}")).containsExactly("d.jsonl");
    assertThat(CorpusSpec.parse(folder + "/*.txt").sources().getFirst().name()).isEqualTo("*.txt");
    assertBad(folder + "/*.parquet", "got none in");
    assertBad(folder + "/nowhere/*.jsonl", "got none in");
  }

  private static List<String> names(String argument) {
    return CorpusSpec.parse(argument).sources().getFirst().files().stream()
        .map(CorpusFile::name)
        .toList();
  }

  /** Storage elsewhere is a matter of what is on the class path. */
  @Test
  void anAddressNeedsAStorage() {
    assertBad("s3a://bucket/a.jsonl", "got the address 's3a://bucket/a.jsonl'");
    assertBad("demo:books=0.5,hdfs://name/*.txt=0.5", "got the address 'hdfs://name/*.txt'");
  }

  @Test
  void faultsAreNamed() throws IOException {
    assertBad(folder + "/none.jsonl", "does not exist");
    Path unknown = Files.writeString(folder.resolve("a.csv"), "text");
    assertBad(unknown.toString(), ".jsonl, .jsonl.gz, .jsonl.zst, .txt, .parquet");
    assertBad(folder.toString(), "got none in");
    Path empty = Files.createFile(folder.resolve("empty.jsonl"));
    assertBad(empty.toString(), "got an empty file: " + empty);
    assertBad(folder.toString(), "got an empty file: " + empty);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"demo=0", "demo=-1,demo-chat=1", "demo=x", "demo=0.5,demo-chat", "=1", "demo=,"})
  void badSharesAreNamed(String argument) {
    assertBad(argument, "'" + argument + "'");
    assertBad(argument, "share above 0");
  }

  private static void assertBad(String argument, String message) {
    assertThatThrownBy(() -> CorpusSpec.parse(argument))
        .isInstanceOf(CorpusException.class)
        .hasMessageContaining(message);
  }
}
