package dev.loupe.evaluate;

import dev.loupe.model.Capture;
import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.model.Probe;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.Set;

/**
 * Runs the rest of a model with another output at one hook, from the residual that a forward pass
 * captured in its layer. Borrows everything.
 *
 * @param capture of a forward pass, with the hooks of {@link #needed}
 * @param counted places of the counted tokens in the batch read row by row, I64
 */
record Splice(Llama model, Capture capture, Tensor counted) {

  /** What must be captured to replace a hook: itself, and the residual that it is added to. */
  static Set<Hook> needed(Hook out) {
    return switch (out.point()) {
      case ATTN_OUT -> Set.of(out, new Hook(out.layer(), Hook.Point.RESID_PRE));
      case MLP_OUT -> Set.of(out, new Hook(out.layer(), Hook.Point.RESID_MID));
      case RESID_POST -> Set.of(out);
      case RESID_PRE, RESID_MID, LN2_NORMALIZED -> throw notAnOutput(out);
    };
  }

  /** The counted tokens' activations at a hook, [n, d]; the caller's. */
  Tensor rows(Hook hook) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor all = capture.get(hook);
      return scope.keep(Indexing.rows(all.reshape(-1, all.size(-1)), counted));
    }
  }

  /** Residual after the last block with these rows [n, d] at counted positions; the caller's. */
  Tensor replaced(Hook out, Tensor rows) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor all = capture.get(out);
      Tensor flat = all.reshape(-1, all.size(-1)).copy();
      Indexing.assignRowsInPlace(flat, counted, rows.to(all.device()));
      return scope.keep(resume(out, flat.reshape(all.shape())));
    }
  }

  /** As {@link #replaced}, with one row [d] at all counted positions. */
  Tensor replacedBy(Hook out, Tensor row) {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(replaced(out, row.reshape(1, -1).expand(counted.elements(), -1)));
    }
  }

  /** As {@link #replaced}, with zeros at every position; the caller's. */
  Tensor zeroedEverywhere(Hook out) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor all = capture.get(out);
      return scope.keep(resume(out, Tensors.zeros(DType.F32, all.device(), all.shape())));
    }
  }

  /** As {@link #replaced}, with zeros. */
  Tensor zeroed(Hook out) {
    try (TensorScope scope = TensorScope.open()) {
      long d = capture.get(out).size(-1);
      return scope.keep(replacedBy(out, Tensors.zeros(DType.F32, counted.device(), d)));
    }
  }

  private Tensor resume(Hook out, Tensor output) {
    return switch (out.point()) {
      case ATTN_OUT -> resume(out, Hook.Point.RESID_PRE, Hook.Point.RESID_MID, output);
      case MLP_OUT -> resume(out, Hook.Point.RESID_MID, Hook.Point.RESID_POST, output);
      case RESID_POST -> model.resume(out, output, Probe.NONE);
      case RESID_PRE, RESID_MID, LN2_NORMALIZED -> throw notAnOutput(out);
    };
  }

  private Tensor resume(Hook out, Hook.Point before, Hook.Point after, Tensor output) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor residual = Arithmetic.add(capture.get(new Hook(out.layer(), before)), output);
      return scope.keep(model.resume(new Hook(out.layer(), after), residual, Probe.NONE));
    }
  }

  private static IllegalArgumentException notAnOutput(Hook out) {
    return new IllegalArgumentException(
        "expected an output hook_attn_out, hook_mlp_out or hook_resid_post to splice at, got "
            + out);
  }
}
