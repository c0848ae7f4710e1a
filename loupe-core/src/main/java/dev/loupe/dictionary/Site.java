package dev.loupe.dictionary;

import dev.loupe.model.Hook;
import java.util.Locale;

/** Where a dictionary reads and writes in a block (paper, section 3.2). */
public enum Site {
  /** Residual stream after the block. */
  R(Hook.Point.RESID_POST, Hook.Point.RESID_POST),
  /** Attention output. */
  A(Hook.Point.ATTN_OUT, Hook.Point.ATTN_OUT),
  /** MLP output. */
  M(Hook.Point.MLP_OUT, Hook.Point.MLP_OUT),
  /** Transcoder: normalised residual in, MLP output out. */
  TC(Hook.Point.LN2_NORMALIZED, Hook.Point.MLP_OUT);

  private final Hook.Point in;
  private final Hook.Point out;

  Site(Hook.Point in, Hook.Point out) {
    this.in = in;
    this.out = out;
  }

  public Hook hookIn(int layer) {
    return new Hook(layer, in);
  }

  public Hook hookOut(int layer) {
    return new Hook(layer, out);
  }

  /** A transcoder reads one place and writes another. */
  public boolean isTranscoder() {
    return in != out;
  }

  static Site of(Hook in, Hook out) {
    for (Site site : values()) {
      if (site.in == in.point() && site.out == out.point() && in.layer() == out.layer()) {
        return site;
      }
    }
    throw new IllegalArgumentException(
        "expected the hooks of a site R, A, M or TC of one layer, got " + in + " and " + out);
  }

  public static Site parse(String name) {
    try {
      return valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("expected a site R, A, M or TC, got '" + name + "'", e);
    }
  }
}
