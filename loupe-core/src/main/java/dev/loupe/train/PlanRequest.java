package dev.loupe.train;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.model.LlamaConfig;
import dev.loupe.tensor.DType;
import java.util.List;
import java.util.OptionalInt;

/**
 * What decides how much a run needs.
 *
 * @param modelName for people
 * @param model its shape; weights are not needed
 * @param names which dictionaries
 * @param passes of the model over the corpus; absent for as few as fit
 * @param tokens to train on
 * @param buffer how activations are kept
 * @param lmDtype what the language model computes in
 * @param step implementation of the training step
 */
public record PlanRequest(
    String modelName,
    LlamaConfig model,
    Recipes recipes,
    List<DictionaryName> names,
    OptionalInt passes,
    long tokens,
    BufferSetup buffer,
    DType lmDtype,
    StepKind step) {
  public PlanRequest {
    names = List.copyOf(names);
    // what training would refuse, before anything is reckoned
    var all = new TrainingRequest(recipes, names, tokens, 0, recipes.shared().bufferTokens());
    SuiteTrainer.checkNames(all, model);
    if (passes.isPresent()) {
      var _ = Passes.split(names, passes.getAsInt());
    }
  }

  /** What all dictionaries have in common. */
  Recipe recipe() {
    return recipes.shared();
  }

  /** The same in so many passes. */
  public PlanRequest withPasses(OptionalInt other) {
    return new PlanRequest(modelName, model, recipes, names, other, tokens, buffer, lmDtype, step);
  }

  PlanRequest withBufferBytes(long bytes) {
    return with(buffer.withBytes(bytes));
  }

  PlanRequest withBufferDtype(DType dtype) {
    return with(new BufferSetup(buffer.bytes(), dtype, buffer.cache()));
  }

  private PlanRequest with(BufferSetup other) {
    return new PlanRequest(modelName, model, recipes, names, passes, tokens, other, lmDtype, step);
  }

  PlanRequest withLmDtype(DType dtype) {
    return new PlanRequest(modelName, model, recipes, names, passes, tokens, buffer, dtype, step);
  }

  /** Counted tokens that the corpus gives, those after training included. */
  long corpusTokens() {
    return TrainingRequest.tokensNeeded(recipe(), tokens);
  }

  /** Padded tokens of one forward pass of the model. */
  int modelBatch() {
    return Passes.modelBatch(recipe(), model);
  }
}
