package dev.loupe.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.model.ModelFolder;
import dev.loupe.text.CorpusCount;
import dev.loupe.text.CorpusException;
import dev.loupe.text.CorpusFile;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.Tokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Corpora by address, here of Hadoop's file system of local files. */
final class HadoopStorageTest {
  @TempDir private Path folder;

  @BeforeEach
  void write() throws IOException {
    Files.writeString(
        folder.resolve("b.jsonl"), "{\"text\": \"One and two.\"}\n{\"text\": \"é\"}\n");
    try (OutputStream out = Files.newOutputStream(folder.resolve("a.jsonl.gz"));
        OutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write("{\"text\": \"Three.\"}\n".getBytes(StandardCharsets.UTF_8));
    }
    Files.writeString(folder.resolve("c.txt"), "Four and five, six.");
    Files.writeString(folder.resolve("d.csv"), "no corpus");
  }

  private String address(String name) {
    return "file://" + folder.resolve(name);
  }

  private static List<String> names(String corpus) {
    return CorpusSpec.parse(corpus).sources().getFirst().files().stream()
        .map(CorpusFile::name)
        .toList();
  }

  @Test
  void filesFoldersAndGlobsAreFound() {
    assertThat(names(address("b.jsonl"))).containsExactly("b.jsonl");
    assertThat(names("file://" + folder)).containsExactly("a.jsonl.gz", "b.jsonl", "c.txt");
    assertThat(names(address("{a,b}.jsonl*"))).containsExactly("a.jsonl.gz", "b.jsonl");
    CorpusSpec mixture = CorpusSpec.parse(address("b.jsonl") + "=0.7," + address("c.txt") + "=0.3");
    assertThat(mixture.sources()).extracting("share").containsExactly(0.7, 0.3);
    assertThatThrownBy(() -> CorpusSpec.parse(address("none.jsonl")))
        .isInstanceOf(CorpusException.class)
        .hasMessageContaining("got none in");
  }

  /** What is read from an address is what is read from a path, so that fingerprints agree, too. */
  @Test
  void countsAreThoseOfLocalFiles() {
    try (Tokenizer tokenizer = Tokenizer.load(ModelFolder.resolve("demo").directory())) {
      List<CorpusFile> there = CorpusSpec.parse("file://" + folder).sources().getFirst().files();
      List<CorpusFile> here = CorpusSpec.parse(folder.toString()).sources().getFirst().files();
      CorpusCount whole = CorpusCount.of(here, tokenizer, false);
      assertThat(whole.documents()).isEqualTo(4);
      assertThat(whole.characters()).isEqualTo(12 + 1 + 6 + 19);
      assertThat(whole.tokens())
          .isEqualTo(
              tokenizer
                  .encode(List.of("One and two.", "é", "Three.", "Four and five, six."))
                  .stream()
                  .mapToLong(encoding -> encoding.length())
                  .sum());
      assertThat(CorpusCount.of(there, tokenizer, false)).isEqualTo(whole);
      CorpusCount parts =
          there.stream()
              .map(file -> CorpusCount.of(List.of(file), tokenizer, false))
              .reduce(CorpusCount.NOTHING, CorpusCount::plus);
      assertThat(parts).isEqualTo(whole);
    }
  }

  /** Sizes around those of its blocks. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, (1 << 18) - 1, 1 << 18, (1 << 18) + 1, 9_000_001})
  void allIsReadAhead(int bytes) throws IOException {
    byte[] all = new byte[bytes];
    new Random(7).nextBytes(all);
    try (ReadAhead in = new ReadAhead(new ByteArrayInputStream(all))) {
      int first = in.read();
      assertThat(first).isEqualTo(bytes == 0 ? -1 : all[0] & 0xff);
      byte[] rest = in.readAllBytes();
      assertThat(rest).hasSize(Math.max(0, bytes - 1)).isEqualTo(tail(all));
      assertThat(in.read()).isEqualTo(-1);
    }
  }

  private static byte[] tail(byte[] all) {
    return all.length == 0 ? all : Arrays.copyOfRange(all, 1, all.length);
  }

  @Test
  void aFailureComesAfterWhatWasReadBeforeIt() throws IOException {
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("connection reset");
          }

          @Override
          public int read(byte[] target, int offset, int length) throws IOException {
            return read();
          }
        };
    byte[] good = new byte[1 << 18];
    try (ReadAhead in =
        new ReadAhead(new SequenceInputStream(new ByteArrayInputStream(good), broken))) {
      assertThat(in.readNBytes(good.length)).isEqualTo(good);
      assertThatIOException().isThrownBy(in::read).withMessage("connection reset");
    }
  }
}
