package dev.loupe.interpret;

import dev.loupe.analyze.Analysis;
import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.analyze.TestSuite;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.Checksums;
import dev.loupe.files.DamagedFiles;
import dev.loupe.files.FolderFiles;
import dev.loupe.notes.NewEntry;
import dev.loupe.notes.Notebook;
import dev.loupe.store.FeatureStore;
import dev.loupe.text.DemoSample;
import dev.loupe.text.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was found out about features, damaged in thousands of ways: read, or refused. */
final class DamagedStoresTest {
  @TempDir private static Path folder;
  private static Suite suite;

  @BeforeAll
  static void analyse() {
    suite = TestSuite.trainSmall(folder.resolve("suite"));
    Analysis.run(
        TestSuite.setup(
            suite,
            AnalysisSetup.features(suite),
            DemoSample.wordnet(),
            4_000,
            TestSuite.MAIN.toString()),
        Progress.NONE,
        () -> false);
  }

  @Test
  void featureStore() throws IOException {
    Path store = AnalysisSetup.features(suite).resolve(TestSuite.MAIN.toString());
    for (Path file : FolderFiles.of(store)) {
      boolean sums = file.endsWith(Checksums.FILE);
      DamagedFiles.read(file, 60, () -> read(store, sums));
    }
  }

  private static void read(Path folder, boolean sums) {
    if (sums) {
      Checksums.verify(folder);
    }
    try (FeatureStore store = FeatureStore.open(folder)) {
      store.columns();
      store.features("true", "maximum", 10);
      for (int feature : new int[] {0, 17}) {
        store.feature(feature);
        store.histogram(feature);
        store.logits(feature);
        store.neighbours(feature);
        store.texts(feature);
      }
    }
  }

  @Test
  void notes() throws IOException {
    Path place = folder.resolve("noted");
    Notebook notes = Notebook.open(place, false, InstantSource.system());
    for (int feature = 0; feature < 12; feature++) {
      FeatureName name = new FeatureName(TestSuite.MAIN, feature);
      notes.append(NewEntry.explanation("Ada", name, "whales, größer than %d".formatted(feature)));
      notes.append(NewEntry.tag("Bob", name, "whales"));
    }
    notes.append(NewEntry.undo("Ada", new FeatureName(TestSuite.MAIN, 3), 7));
    DamagedFiles.read(
        place.resolve("notes/notes.jsonl"),
        600,
        () -> {
          Notebook read = Notebook.open(place, true, InstantSource.system());
          if (read.tornBytes() > 0) {
            throw new IllegalArgumentException("without the end");
          }
          read.all();
        });
  }

  @Test
  void explanations() throws IOException {
    Interpretation.run(
        new InterpretSetup(
            suite,
            TestSuite.MAIN,
            List.of(new RuleExplainer()),
            List.of(new RuleScorer(CorpusWindows.NONE)),
            Optional.empty(),
            12,
            0,
            2),
        Progress.NONE,
        () -> false);
    Path file = suite.directory().resolve(Explanations.FOLDER).resolve(TestSuite.MAIN + ".jsonl");
    long whole =
        Explanations.open(suite.directory(), TestSuite.MAIN, InstantSource.system()).features();
    DamagedFiles.read(
        file,
        400,
        () -> {
          Explanations read =
              Explanations.open(suite.directory(), TestSuite.MAIN, InstantSource.system());
          if (read.features() < whole) {
            throw new IllegalArgumentException("without the end");
          }
        });
  }
}
