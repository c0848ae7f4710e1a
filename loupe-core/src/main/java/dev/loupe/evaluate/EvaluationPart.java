package dev.loupe.evaluate;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.dictionary.DictionaryFolder;
import dev.loupe.dictionary.Screening;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.AtomicFolder;
import dev.loupe.files.Json;
import dev.loupe.files.PartFolders;
import dev.loupe.files.WorkPart;
import dev.loupe.model.ModelOnDemand;
import dev.loupe.tensor.Torch;
import dev.loupe.text.Progress;
import dev.loupe.text.Source;
import dev.loupe.text.Split;
import dev.loupe.text.TokenCorpus;
import dev.loupe.text.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/**
 * A part of an evaluation: what is measured on some groups of tokens, and on some of the batches on
 * which losses are measured. Both are cut the same way whatever the number of parts, and their sums
 * are kept one by one, so that {@link #merge} adds the same numbers in the same order as one
 * process would.
 */
public final class EvaluationPart {
  private EvaluationPart() {}

  /** All that the numbers of a part depend on. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  private record Request(
      int format,
      String model,
      String modelFingerprint,
      String lmDtype,
      List<String> corpus,
      String corpusFingerprint,
      long tokens,
      long lossTokens,
      int context,
      long seed,
      String screening,
      SortedMap<String, String> dictionaries,
      SortedSet<SuiteEvaluation.Beside> beside,
      SortedMap<String, String> versions,
      String machine) {
    private static final int FORMAT = 1;

    static Request of(SuiteEvaluation.Setup setup, String modelFingerprint, TokenCorpus heldOut) {
      SortedMap<String, String> weights = new TreeMap<>();
      setup
          .names()
          .forEach(name ->
              weights.put(
                  name.toString(),
                  DictionaryFolder.readContract(setup.suite().folder(name)).weightsSha256()));
      return new Request(
          FORMAT,
          setup.model().name(),
          modelFingerprint,
          setup.lmDtype().torchName(),
          setup.corpus().sources().stream().map(Source::name).toList(),
          heldOut.fingerprint(),
          setup.tokens(),
          setup.lossTokens(),
          setup.context(),
          setup.seed(),
          Screening.current().label(),
          weights,
          new TreeSet<>(setup.beside()),
          Torch.versions(),
          Torch.machine());
    }
  }

  private static PartFolders folders(Path parts) {
    return new PartFolders(parts, "evaluation");
  }

  /**
   * Measures a part, and writes it in the place of one that may be there, whole or not at all.
   *
   * @param parts the folder in which each part has its own
   * @param stop asked now and then; once true, CancellationException
   * @return the part's folder
   */
  public static Path write(
      SuiteEvaluation.Setup setup,
      WorkPart part,
      Path parts,
      Progress progress,
      BooleanSupplier stop) {
    Path target = folders(parts).of(part);
    AtomicFolder.replace(
        target,
        folder ->
            SuiteEvaluation.with(
                setup,
                part,
                progress,
                on -> {
                  Request request = Request.of(setup, on.model().fingerprint(), on.heldOut());
                  AtomicFile.writeJson(folder.resolve(PartFolders.REQUEST), request);
                  folders(parts).label(folder, part);
                  AtomicFile.writeJson(folder.resolve(EvaluationFiles.SUBJECTS), on.labels());
                  EvaluationFiles to = new EvaluationFiles(folder);
                  Evaluation.measure(on, setup.lossTokens(), part, to, progress, stop);
                  PartFolders.finish(folder);
                  return folder;
                }));
    return target;
  }

  /**
   * The report that {@link SuiteEvaluation#run} would give, to the bit, from the parts that {@link
   * #write} has written; these stay. Neither the model nor a dictionary is loaded.
   *
   * @param setup as for the parts
   * @throws IllegalArgumentException where the parts do not make up what is asked for
   */
  public static Report merge(SuiteEvaluation.Setup setup, Path parts, Progress progress) {
    try (Tokenizer tokenizer = Tokenizer.load(setup.model().directory());
        TokenCorpus heldOut =
            SuiteEvaluation.open(setup, tokenizer, Split.HELD_OUT, setup.tokens(), progress);
        ModelOnDemand model =
            new ModelOnDemand(setup.model().directory(), setup.lmDtype(), setup.device())) {
      Request request = Request.of(setup, model.fingerprint(), heldOut);
      List<Path> folders =
          folders(parts)
              .all(folder ->
                  Json.differences(request, Json.readObject(folder.resolve(PartFolders.REQUEST))));
      Path subjects = folders.getFirst().resolve(EvaluationFiles.SUBJECTS);
      List<SubjectLabel> labels = List.of(Json.read(subjects, SubjectLabel[].class));
      return Evaluation.total(
              labels,
              heldOut,
              model.fingerprint(),
              setup.request(),
              to -> EvaluationFiles.read(folders, to))
          .report()
          .withNames(request.model(), request.corpus());
    }
  }
}
